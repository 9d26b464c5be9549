"""`run --resume`: what a cut run lacks is measured, by the same plan, and only where everything is as it was."""

import json
import os
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as some

from bench.accounting.layers import ORDER
from bench.measure.engine.faults import AT_ONCE
from bench.measure.plan import provenance
from bench.measure.plan.cases import PlannedCase
from bench.records.block import Outcome
from bench.records.catalogue import StrategyInfo, WorkloadInfo
from bench.records.conditions import Conditions
from bench.records.run import Purpose, Work
from bench.sessions.recording import Amounts, plan_of
from bench.sessions.same_again import spent_s
from bench.store.lines import to_line
from bench.store.runs import read
from tests import builders
from tests.builders import ENVIRONMENT, case
from tests.conftest import ROOT, only_run

MINE = "def same(x):\n    return x\ndef odd(x):\n    if x == 3:\n        raise ValueError(x)\n    return x\n"
OWN = ("mine.py:same", "--inputs", "1..4")
RUN = ("run", "mine.py:same", "--inputs", "1..4", "--strategy", "serial,threads,thread_pool", "--rounds", "2")
PLANNED = PlannedCase(
    case("shows_what_goes_wrong"),
    WorkloadInfo("primes", "mine.py", "map", "cpu", ["quick"], ""),
    StrategyInfo("shows_what_goes_wrong", "mine.py", "map", "none", "", demonstration=True),
)


@pytest.fixture
def measured(bench, workload_file, tmp_path):
    """A whole run of 3 x 3 blocks: its path and its lines."""

    def run(*arguments, status=0):
        workload_file(MINE)
        done = bench(*(arguments or (*RUN, "--blocks", "3")))
        assert done.returncode == status, done.stderr
        path = only_run(tmp_path)
        return path, path.read_bytes().splitlines(keepends=True)

    return run


def order(run):
    return [(block.case, block.repetition) for block in run.blocks]


@pytest.mark.long
@pytest.mark.parametrize("kept", [1, 2, 5, 9, 10])
def test_the_missing_blocks_are_measured_and_each_beside_a_block_of_its_base(bench, measured, kept):
    path, lines = measured()
    path.write_bytes(b"".join(lines[:kept]) + lines[kept][: len(lines[kept]) // 2])
    done = bench("run", *OWN, "--resume", path.name[:20])
    assert done.returncode == 0, done.stderr
    run = read(path)
    assert path.read_bytes().startswith(b"".join(lines[:kept])), "what was there stays as it was"
    of_base, *others = (
        {each.repetition for each in run.blocks if each.case == case.key} for case in run.header.plan.cases
    )
    assert all(len(each) == 3 and each <= of_base for each in others)
    assert len(of_base) in (3, 4), "one more where an ensemble was cut"
    assert (run.ending.status, run.notes) == ("complete", [])
    assert f"{kept - 1} of 9 planned blocks are there" in done.stderr


@pytest.mark.long
def test_a_run_that_lacks_nothing_is_left_alone(bench, measured):
    path, lines = measured()
    done = bench("run", *OWN, "--resume", str(path))
    assert (done.returncode, done.stderr.count("\n")) == (2, 1)
    assert "is complete: there is nothing to finish" in done.stderr
    assert path.read_bytes() == b"".join(lines)


@pytest.mark.long
def test_an_interrupted_run_goes_on_behind_its_ending_and_times_add_up(bench, measured):
    path, lines = measured()
    ending = replace(read(path).ending, status="interrupted", wall_s=100.0)
    path.write_bytes(b"".join(lines[:4]) + to_line(ending))
    assert bench("run", *OWN, "--resume", str(path)).returncode == 0
    run = read(path)
    assert len(run.blocks) == 9
    assert run.ending.wall_s > 100
    assert run.ending.rounds_s == pytest.approx(sum(each.wall_s for block in run.blocks for each in block.rounds))


@pytest.mark.parametrize("path", sorted((ROOT / "results" / "reference").glob("*.jsonl")), ids=lambda path: path.stem)
def test_a_run_that_was_killed_has_not_spent_more_than_it_did(path):
    """Cases of an ensemble are there together: what each lasted was added up to twice the time of the run."""
    run = read(path)
    assert spent_s(run) == run.ending.wall_s
    assert 0.6 * run.ending.wall_s < spent_s(replace(run, ending=None)) < run.ending.wall_s


def lasting(case, repetition, wall_s, **changes):
    made = builders.block(case, repetition, **changes)
    return replace(made, whole=replace(made.whole, wall_s=wall_s))


def cut(blocks, cases, **plan):
    return replace(builders.run(blocks, cases, **plan), ending=None)


def test_what_a_killed_run_has_spent_is_what_its_ensembles_lasted():
    cases = [builders.case(), builders.case("pool"), builders.case(workload="other")]
    lasted = [lasting(cases[0], 0, 2.0, rested_s=1.0), lasting(cases[1], 0, 2.5), lasting(cases[2], 0, 5.0),
              lasting(cases[0], 1, 7.0)]  # fmt: skip
    assert spent_s(cut(lasted, cases)) == 3 + 5 + 7
    assert spent_s(cut([], cases)) == 0


def test_faults_are_gone_through_many_at_a_time():
    cases = [builders.case(f"pool{number}", workload="hangs") for number in range(2 * AT_ONCE)]
    works = {"hangs": Work("map", "cpu", "serial", fault="it hangs")}
    made = cut([lasting(each, 0, 10.0) for each in cases], cases, works=works, purpose=Purpose.FAULTS)
    assert spent_s(made) == 20


@pytest.mark.long
def test_a_case_that_failed_is_not_measured_again_and_the_status_says_so(bench, measured, tmp_path):
    path, lines = measured("run", "mine.py:same", "mine.py:odd", "--inputs", "1..4", "--strategy", "serial", "--blocks",
                           "3", "--rounds", "2", status=3)  # fmt: skip
    failed = next(number for number, line in enumerate(lines) if b'"failed"' in line)
    path.write_bytes(b"".join(lines[: failed + 1]))
    assert bench("run", "mine.py:odd", *OWN, "--resume", str(path)).returncode == 3
    assert Counter(block.outcome for block in read(path).blocks) == {Outcome.OK: 3, Outcome.FAILED: 1}


def test_a_run_of_which_nothing_is_there_begins_again(bench, measured):
    path, lines = measured(
        "run", "mine.py:odd", "--inputs", "1..4", "--strategy", "serial,threads", "--budget", "30s", status=3
    )
    path.write_bytes(lines[0])
    assert bench("run", "mine.py:odd", *OWN[1:], "--resume", str(path)).returncode == 3
    assert Counter(block.outcome for block in read(path).blocks) == {Outcome.FAILED: 2}


@pytest.mark.long
def test_a_run_that_its_time_has_cut_is_finished_whatever_that_takes(bench, tmp_path, workload_file):
    workload_file("import time\ndef slow(x):\n    time.sleep(0.2)\n    return x\n")
    own = ("mine.py:slow", "--inputs", "1..2")
    assert bench("run", *own, "--strategy", "serial,threads", "--budget", "2s").returncode == 0
    path = only_run(tmp_path)
    assert read(path).ending.status == "budget"
    done = bench("run", *own, "--resume", str(path))
    assert done.returncode == 0, done.stderr
    run = read(path)
    assert run.ending.status == "complete"
    assert min(Counter(block.case for block in run.blocks).values()) >= 6


def test_other_options_do_not_go_with_it(bench, measured):
    path, _ = measured()
    done = bench("run", "primes", "--resume", str(path), "--blocks", "7")
    assert done.returncode == 2
    assert "take away blocks, primes" in done.stderr


@pytest.mark.many(1)
@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda folder: (folder / "mine.py").write_text(MINE + "# another\n"), "the file of mine.py:same has changed"),
        (lambda folder: (folder / "mine.py").unlink(), "mine.py:same is not here"),
        (lambda folder: (folder / "inputs").write_text("1\n2\n3\n"), "the file of inputs has changed"),
    ],
)
def test_with_other_files_it_is_refused(bench, measured, tmp_path, change, message):
    (tmp_path / "inputs").write_text("1\n2\n")
    path, lines = measured(
        "run", "mine.py:same", "--inputs", "inputs", "--strategy", "serial", "--blocks", "3", "--rounds", "2"
    )
    cut = b"".join(lines[:2])
    path.write_bytes(cut)
    change(tmp_path)
    done = bench("run", "mine.py:same", "--inputs", "inputs", "--resume", str(path))
    assert (done.returncode, done.stderr.count("\n")) == (2, 1), done.stderr
    assert message in done.stderr
    assert path.read_bytes() == cut


@pytest.mark.long
@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("python", "3.99.0", "python was 3.99.0 and is "),
        ("usable_cores", 4096, "usable cores was 4096 and is "),
        ("packages", {"abacus": "0.1"}, "abacus was 0.1 and is absent"),
        ("cpu_model", "Z80", "cpu model was Z80 and is "),
    ],
)
def test_on_another_machine_it_is_refused(bench, measured, field, value, message):
    path, lines = measured()
    header = read(path).header
    other = replace(header, environment=replace(header.environment, **{field: value}))
    path.write_bytes(to_line(other) + lines[1])
    done = bench("run", *OWN, "--resume", str(path))
    assert done.returncode == 2
    assert message in done.stderr
    assert path.read_bytes() == to_line(other) + lines[1]


@pytest.mark.many(1)
@pytest.mark.parametrize("given", [(), OWN[:1], OWN[1:]])
def test_code_of_the_users_own_runs_only_where_they_name_it(bench, measured, given):
    """A run file is data: what it names is imported only if the user says so too."""
    path, lines = measured()
    path.write_bytes(b"".join(lines[:2]))
    done = bench("run", *given, "--resume", str(path))
    assert (done.returncode, done.stderr.count("\n")) == (2, 1)
    assert f"python -m bench run mine.py:same --inputs 1..4 --resume {path}" in done.stderr
    assert path.read_bytes() == b"".join(lines[:2])


def test_what_the_run_did_not_measure_is_not_loaded(bench, measured):
    path, lines = measured()
    path.write_bytes(b"".join(lines[:2]))
    done = bench("run", "mine.py:odd", *OWN, "--resume", str(path))
    assert done.returncode == 2
    assert "mine.py:odd was not measured" in done.stderr


@pytest.mark.long
def test_by_another_version_of_the_tool_it_is_refused(bench, measured):
    path, _ = measured()
    path.write_bytes(to_line(replace(read(path).header, tool="0.0.1")))
    done = bench("run", *OWN, "--resume", str(path))
    assert done.returncode == 2
    assert "concurrency-bench was 0.0.1 and is " in done.stderr


@pytest.mark.long
def test_a_run_of_faults_is_finished_too(bench, tmp_path):
    assert bench("faults", "--fault", "nothing,exits", "--strategy", "serial,process_pool").returncode == 0
    path = only_run(tmp_path)
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join(lines[:2]))
    done = bench("run", "--resume", str(path), "--json")
    assert done.returncode == 0, done.stderr
    assert {cell["kind"] for cell in json.loads(done.stdout)["cells"]} == {"result", "raised", "died"}
    assert len(read(path).blocks) == 4


@given(field=some.sampled_from(["load_1m", "identity", "git_dirty"]))
def test_what_passes_is_no_difference(field):
    assert list(provenance.differences(ENVIRONMENT, replace(ENVIRONMENT, **{field: None}))) == []


@given(
    conditions=some.builds(
        Conditions,
        seed=some.integers(),
        time_limit_s=some.floats(0, 100),
        sample_hz=some.floats(0, 100),
        sampler=some.sampled_from(["auto", "proc", "psutil"]),
        accounting=some.sampled_from(ORDER),
        budget_s=some.just(60.0),
    ),
    inputs=some.none() | some.just("1..4"),
)
def test_a_plan_holds_the_conditions_it_was_made_under(conditions, inputs):
    plan = plan_of(conditions, [PLANNED], Amounts(3, {PLANNED.case.key: 2}), ["package.module:function"], inputs)
    assert plan.conditions == conditions
    assert (plan.cases, plan.blocks, plan.conditions.budget_s) == ([PLANNED.case], 3, 60.0)
    assert list(plan.inputs) == ([] if inputs is None else [inputs])
    assert list(plan.sources) == ["package.module:function"]
    assert plan.demonstrations == ["shows_what_goes_wrong"]


def test_files_are_known_by_what_is_in_them_and_kept_without_their_folders(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("mine.py").write_text("a")
    relative = provenance.fingerprints(["mine.py:f", "package.module:g", "1..7"])
    assert list(relative) == ["mine.py:f", "package.module:g", "1..7"]
    assert [len(each) for each in relative.values()] == [64, 0, 0]
    assert provenance.fingerprints([os.path.abspath("mine.py")]) == {"mine.py": relative["mine.py:f"]}
    assert provenance.found_again(relative, [os.path.abspath("mine.py:f"), "1..7"]) == (
        [os.path.abspath("mine.py:f"), "1..7"],
        [],
    )

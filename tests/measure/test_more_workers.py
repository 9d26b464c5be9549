"""More workers for work that waits: when a run takes on such cases, which, and what its file holds of them."""

import os
import subprocess
import sys
from collections import Counter
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.analysis.loading import load, own_run
from bench.analysis.summary import summarise
from bench.errors import RunFileError
from bench.machine.environment import default_workers
from bench.measure.engine.more_workers import ALL, FEW, MANY, WAITS_BELOW, MoreWorkers, most_of
from bench.measure.engine.together import MOST_HOSTS, MOST_WORKERS, Together
from bench.measure.plan.cases import PlannedCase, Selection
from bench.records.block import Outcome
from bench.records.catalogue import StrategyInfo, WorkloadInfo
from bench.records.run import Addition
from bench.records.use import Method
from bench.store import reading
from bench.store.lines import from_line, to_line
from bench.store.runs import RunWriter, read
from tests import builders
from tests.builders import case
from tests.conftest import environment, only_run

# --- when, and which


def planned(strategy, workers=2, isolation="thread", pattern="map", **facts):
    """A case of a work that may wait."""
    return PlannedCase(
        case(strategy, "waiting", workers),
        WorkloadInfo("waiting", "mine.py", pattern, "io", ["quick"], ""),
        StrategyInfo(strategy, "bench", pattern, isolation, "", takes_workers=workers is not None, **facts),
    )


SERIAL = planned("serial", 1, "none")
THREADS = planned("thread_pool")
PROCESSES = planned("process_pool", isolation="process")


def block(of, *repetition, **changes):
    """A block whose tasks each give the CPU away once, unless its rounds are given."""
    made = builders.block(of, *repetition, **changes)
    given = (
        made.rounds if "rounds" in changes else [replace(each, voluntary_switches=made.tasks) for each in made.rounds]
    )
    return replace(made, rounds=given)


def takes_s(keys):
    """A second and a half a block."""
    return 1.5 * len(keys)


def due(cases, *, cores=0.05, tasks=50, most=ALL, fitting=1000.0, left_s=5000.0, walls=(0.2, 0.1, 0.1), **blocks):
    """What is taken on after a block of each case, the base's with so many cores."""
    plan = replace(builders.run([], [each.case for each in cases]).header.plan, more_workers=most)
    more = MoreWorkers(cases, plan)
    for each in cases:
        changes = {"tasks": tasks, "walls": walls} | blocks.get(each.strategy.name, {})
        more.add(block(each.case, cores=cores, **changes))
    a_pass_s = 1.5 * (len(cases) + fitting)
    keys = [each.case.key for each in cases]
    found = list(more.due(keys, takes_s, a_pass_s, left_s))
    assert not list(more.due(keys, takes_s, a_pass_s, left_s)), "each is told once"
    return found


def test_work_that_waits_gets_a_case_with_as_many_workers_as_there_are_tasks_and_says_why():
    ((addition, added),) = due([SERIAL, THREADS, PROCESSES], tasks=9)
    assert [each.case for each in added] == addition.cases
    assert addition.cases == [replace(THREADS.case, workers=9), replace(PROCESSES.case, workers=9)]
    assert addition.rounds == {each.key: 3 for each in addition.cases}
    assert addition.reason == (
        "waiting spends most of its time waiting (at most 0.06 of a core used): also measuring thread_pool, process_pool with 9 workers"
    )


@pytest.mark.parametrize(("tasks", "workers"), [(3, [3]), (32, [32]), (5000, [MANY]), (2, []), (1, []), (None, [])])
def test_so_many_workers_as_there_are_tasks_but_no_more_than_many_and_more_than_before(tasks, workers):
    assert [each.workers for addition, _ in due([SERIAL, THREADS], tasks=tasks) for each in addition.cases] == workers


@given(st.floats(0, 2))
def test_only_work_that_hardly_uses_a_core_waits(cores):
    assert bool(due([SERIAL, THREADS], cores=cores)) == (cores + 0.002 / 0.2 < WAITS_BELOW)


@pytest.mark.parametrize(("switches", "waits"), [(49, False), (50, True), (51, True), (None, True)])
def test_work_that_is_only_preempted_does_not_wait_however_little_of_a_core_it_gets(switches, waits):
    """On a busy machine."""
    rounds = [replace(builders.window(), cpu_s=0.005, wall_s=0.1, voluntary_switches=switches)] * 2
    assert bool(due([SERIAL, THREADS], tasks=50, serial={"rounds": rounds})) is waits


@pytest.mark.parametrize("below", [None, 0.05])
def test_cpu_without_a_bound_or_with_too_wide_a_one_adds_nothing(below):
    accounting = builders.accounting(cpu=Method("psutil", "", below, 0.01))
    assert due([SERIAL, THREADS], serial={"accounting": accounting}) == []


@pytest.mark.parametrize(
    "changes",
    [
        {"outcome": Outcome.FAILED},
        {"walls": [0.1]},
        {"accounting": None},
        {"rounds": [replace(builders.window(), cpu_s=None)] * 2},
    ],
)
def test_a_base_that_tells_nothing_adds_nothing(changes):
    assert due([SERIAL, THREADS], serial=changes) == []


@pytest.mark.parametrize(
    "other",
    [
        planned("asyncio", None),
        planned("shows_what_goes_wrong", demonstration=True),
        planned("threads_each", per_task=True),
        planned("interpreter_pool", unavailable="needs Python 3.14"),
        planned("large", 64),
    ],
)
def test_only_what_takes_workers_and_may_be_ranked_is_measured_with_more(other):
    ((addition, _),) = due([SERIAL, other, THREADS])
    assert [each.strategy for each in addition.cases] == ["thread_pool"]


def test_what_failed_is_not_measured_with_more():
    assert due([SERIAL, THREADS], thread_pool={"outcome": Outcome.WRONG}) == []


def test_other_patterns_and_works_without_a_base_are_left_alone():
    assert due([planned("one", 1, "none", "serve"), planned("two", pattern="serve")]) == []
    assert due([THREADS, PROCESSES]) == []


@pytest.mark.parametrize(("most", "fitting", "names"), [
    (FEW, 1000, ["thread_pool", "process_pool"]),
    (ALL, -5.0, ["thread_pool", "process_pool"]),
    (ALL, 3.9, ["thread_pool", "pool_of_threads", "process_pool"]),
    (ALL, float("inf"), ["thread_pool", "pool_of_threads", "pool_apply", "process_pool", "pool_map"]),
    (0, 1000, []),
])  # fmt: skip
def test_where_there_is_no_time_for_all_the_most_telling_get_more(most, fitting, names):
    kinds = {"thread_pool": "thread", "pool_of_threads": "thread", "pool_apply": "process", "process_pool": "process"}
    cases = [planned(name, isolation=kind) for name, kind in (kinds | {"pool_map": "process"}).items()]
    slow = {"walls": (0.2, 0.3)}
    found = due([SERIAL, *cases], most=most, fitting=fitting, walls=(0.2, 0.1), pool_apply=slow)
    assert [each.strategy for addition, _ in found for each in addition.cases] == names


@pytest.mark.parametrize(("left_s", "is_time"), [(4.4, False), (4.6, True), (float("inf"), True)])
def test_nothing_is_taken_on_that_would_not_be_measured_once(left_s, is_time):
    """A block of the base and one of each."""
    assert bool(due([SERIAL, THREADS, PROCESSES], left_s=left_s)) == is_time


def test_a_run_that_goes_on_takes_on_nothing_again():
    ((_, added),) = due([SERIAL, THREADS, PROCESSES], most=1)
    assert due([SERIAL, THREADS, *added, PROCESSES], most=1) == []


@pytest.mark.parametrize(("selection", "most"), [
    (Selection(), FEW), (Selection(["primes"]), ALL), (Selection(["primes"], workers=[2]), 0),
    (Selection(scale="article"), 0), (Selection(["downloads"], scale="article"), 0),
])  # fmt: skip
def test_a_user_who_names_workers_gets_these_alone(selection, most):
    assert most_of(selection) == most


@given(st.lists(st.integers(1, 100), max_size=30), st.lists(st.integers(1, 100), min_size=1, max_size=30))
def test_cases_join_the_others_of_their_work_only_where_there_is_room_for_all(before, added):
    others = Together([SERIAL, *(planned(f"before{place}", workers) for place, workers in enumerate(before))])
    were = list(others.cases)
    group = Together([SERIAL, *(planned(f"added{place}", workers) for place, workers in enumerate(added))])
    joined = others.takes_in(group)
    weight = 1 + sum(1 + each for each in (*before, *added))
    assert joined == (1 + len(before) + len(added) <= MOST_HOSTS and weight <= MOST_WORKERS)
    assert others.cases == (were + group.cases[1:] if joined else were)


# --- what the file holds


ONE, TWO = case("serial"), case("thread_pool", workers=2)
MORE = replace(TWO, workers=9)
SHORT = {"walls": [0.5, 0.25], "start": None, "stop": None, "accounting": None}
ADDITION = Addition([MORE], {MORE.key: 3}, "primes waits")


def lines_of(addition=ADDITION, later=(MORE,)):
    """The lines of a run that takes on cases after its first ensemble."""
    made = builders.run([], [ONE, TWO], more_workers=2)
    made = replace(made, header=replace(made.header, plan=replace(made.header.plan, repetitions=0)))
    records = [made.header, block(ONE, **SHORT), block(TWO, **SHORT), addition]
    return [to_line(each) for each in (*records, *(block(each, 1, **SHORT) for each in (ONE, *later)), made.ending)]


def written(folder, lines):
    path = folder / "20260102T030405Z-abcdef.jsonl"
    path.write_bytes(b"".join(lines))
    return path


def test_cases_that_a_run_took_on_are_of_its_plan_and_beside_their_like(tmp_path):
    path = written(tmp_path, lines_of())
    found = read(path)
    assert found.header.plan.cases == [ONE, TWO, MORE]
    assert found.header.plan.rounds == {each.key: 3 for each in (ONE, TWO, MORE)}
    assert Counter(each.case for each in found.blocks) == {ONE.key: 2, TWO.key: 1, MORE.key: 1}
    assert (found.notes, found.ending.status) == ([], "complete")
    assert [(each.case, each.blocks, each.outcome) for each in summarise(found)] == [
        (ONE, 2, Outcome.OK), (TWO, 1, Outcome.OK), (MORE, 1, Outcome.OK),
    ]  # fmt: skip
    stored = load(path)
    assert stored == own_run(found, path)
    assert [each.name for each in stored.cases] == ["primes serial", "primes thread_pool ×2", "primes thread_pool ×9"]


@given(st.lists(st.integers(3, 99), min_size=1, max_size=5, unique=True), st.text(st.characters(codec="utf-8")))
def test_an_addition_is_written_and_read_back_and_its_blocks_count(tmp_path_factory, workers, reason):
    cases = [replace(TWO, workers=each) for each in workers]
    addition = Addition(cases, {each.key: 0 for each in cases}, "")
    assert from_line(to_line(replace(addition, reason=reason)), "here", 6).cases == cases
    assert from_line(to_line(addition), "here", 6) == addition
    found = read(written(tmp_path_factory.mktemp("runs"), lines_of(addition, cases)))
    assert found.header.plan.cases == [ONE, TWO, *cases]
    assert Counter(each.case for each in found.blocks) == Counter([ONE.key, ONE.key, TWO.key, *(c.key for c in cases)])


def test_a_writer_appends_it_like_any_other_record(tmp_path):
    with RunWriter(tmp_path, builders.run([], [ONE, TWO]).header) as writer:
        writer.append(ADDITION)
        writer.append(block(MORE, **SHORT))
    found = read(writer.path)
    assert (found.header.plan.cases, len(found.blocks)) == ([ONE, TWO, MORE], 1)


def test_a_file_that_is_cut_in_or_around_it_reads_up_to_its_last_whole_line(tmp_path):
    lines = lines_of()
    whole, before, behind = b"".join(lines), len(b"".join(lines[:3])), len(b"".join(lines[:4]))
    for cut in [before, before + 1, (before + behind) // 2, behind - 1, behind, behind + 1]:
        found = read(written(tmp_path, [whole[:cut]]))
        assert found.header.plan.cases == ([ONE, TWO, MORE] if cut >= behind else [ONE, TWO])
        assert len(found.blocks) == 2
        assert found.ending is None


def test_what_comes_behind_an_ending_is_no_ending(tmp_path):
    lines = lines_of()
    assert read(written(tmp_path, [*lines[:3], lines[-1], lines[3]])).ending is None


@pytest.mark.parametrize(
    ("addition", "message"),
    [
        (replace(ADDITION, cases=[replace(MORE, strategy="other")]), "the plan has no case of that workload and strategy"),
        (replace(ADDITION, cases=[replace(MORE, workload="other")]), "the plan has no case of that workload and strategy"),
        (replace(ADDITION, cases=[TWO], rounds={TWO.key: 3}), "`cases` has a case twice"),
        (replace(ADDITION, cases=[MORE, MORE]), "`cases` has a case twice"),
        (replace(ADDITION, rounds={}), "field `rounds` lacks the case"),
        (replace(ADDITION, rounds=ADDITION.rounds | {"other": 3}), 'field `rounds` has the case "other"'),
        (replace(ADDITION, rounds={MORE.key: -1}), "`repetitions` or `rounds` is below 0"),
        (Addition([replace(MORE, workers=0)], {replace(MORE, workers=0).key: 3}, ""), "`workers` is 0"),
        (replace(ADDITION, cases=[replace(MORE, scale="a\x1bb")]), "field `rounds`"),
    ],
)  # fmt: skip
def test_an_addition_that_does_not_fit_is_refused_with_its_line(tmp_path, addition, message):
    with pytest.raises(RunFileError, match="line 4: ") as refused:
        read(written(tmp_path, lines_of(addition)))
    assert message in str(refused.value)
    assert "\x1b" not in str(refused.value)


def test_a_name_in_it_that_is_none_is_refused(tmp_path):
    odd = replace(MORE, scale="a\x1bb")
    with pytest.raises(RunFileError, match="line 4: field `scale` has the name"):
        read(written(tmp_path, lines_of(Addition([odd], {odd.key: 3}, ""))))


def test_a_block_before_its_case_was_taken_on_and_one_of_no_case_are_refused(tmp_path):
    lines = lines_of()
    with pytest.raises(RunFileError, match="line 4: field `case` is .*/9/.*, which the plan has not"):
        read(written(tmp_path, [*lines[:3], lines[5], lines[3]]))
    with pytest.raises(RunFileError, match="line 6: field `case` is .*/5/.*, which the plan has not"):
        read(written(tmp_path, lines_of(later=[replace(MORE, workers=5)])))


def test_a_file_of_nothing_but_additions_is_refused_before_it_takes_long(tmp_path, monkeypatch):
    monkeypatch.setattr(reading, "MOST_ADDITIONS", 3)
    header, *_ = lines_of()
    lines = [
        to_line(Addition([more], {more.key: 0}, "")) for more in (replace(MORE, workers=each) for each in range(3, 8))
    ]
    with pytest.raises(RunFileError, match="line 5: more than 3 lines add cases"):
        read(written(tmp_path, [header, *lines]))


# --- real runs

WAITING = (
    "import time\ndef wait(x):\n    time.sleep(0.004)\n    return x\ndef count(x):\n    return sum(range(60_000))\n"
)
OWN = ("mine.py:wait", "--inputs", "1..40")
RUN = ("run", *OWN, "--strategy", "serial,threads,thread_pool", "--rounds", "2", "--blocks", "2")
KEYS = ("serial/1", "threads/-", "thread_pool/2", "thread_pool/32")
few_cpus = pytest.mark.usefixtures("two_cpus")


@pytest.fixture
def two_cpus():
    """No more than two CPUs for what a test starts: the cases that are named here are those of two."""
    allowed = os.sched_getaffinity(0) if hasattr(os, "sched_getaffinity") else set()
    if len(allowed) > 2:
        os.sched_setaffinity(0, sorted(allowed)[:2])
    try:
        if default_workers()[0] != 2:
            pytest.skip("needs two usable CPUs, or a system that keeps a process to two")
        yield
    finally:
        if len(allowed) > 2:
            os.sched_setaffinity(0, allowed)


def counted(run):
    """How many blocks there are of each case, by strategy and workers."""
    return Counter("/".join(each.case.split("/")[2:4]) for each in run.blocks)


@pytest.mark.long
@few_cpus
def test_a_run_of_work_that_waits_takes_on_cases_and_says_so(bench, workload_file, tmp_path):
    workload_file(WAITING)
    done = bench(*RUN)
    assert done.returncode == 0, done.stderr
    (said,) = [each for each in done.stderr.splitlines() if "also measuring" in each]
    assert said.startswith("mine:wait spends most of its time waiting (at most 0.0")
    assert said.endswith(" of a core used): also measuring thread_pool with 32 workers")
    run = read(only_run(tmp_path))
    assert run.ending.status == "complete"
    found = counted(run)
    assert set(found) == set(KEYS)
    assert all(found[each] == 2 for each in KEYS[1:])
    walls = {each.case.workers: each.wall.centre for each in summarise(run) if each.case.strategy == "thread_pool"}
    assert walls[32] < walls[2]
    assert "thread_pool ×32" in done.stdout
    assert "thread_pool ×2 " in done.stdout
    for command in (["report"], ["export", "--format", "pytest-benchmark"]):
        again = bench(*command, str(only_run(tmp_path)))
        assert again.returncode == 0, again.stderr
    compared = bench("compare", str(only_run(tmp_path)), str(only_run(tmp_path)))
    assert "thread_pool ×32" in compared.stdout, compared.stderr
    followed = bench("history", str(tmp_path / "results"))
    assert followed.returncode in (0, 2), followed.stderr


@pytest.mark.long
@few_cpus
@pytest.mark.parametrize("command", [
    ("run", "mine.py:count", *OWN[1:], *RUN[4:]), (*RUN, "--workers", "2"),
])  # fmt: skip
def test_work_that_computes_and_workers_that_are_named_add_nothing(bench, workload_file, tmp_path, command):
    workload_file(WAITING)
    done = bench(*command)
    assert done.returncode == 0, done.stderr
    assert "also measuring" not in done.stderr
    assert b'"kind":"addition"' not in only_run(tmp_path).read_bytes()
    assert counted(read(only_run(tmp_path))) == dict.fromkeys(KEYS[:3], 2)


@pytest.mark.long
@few_cpus
def test_a_run_cut_before_at_or_behind_the_addition_goes_on_to_the_same_cases(bench, workload_file, tmp_path):
    workload_file(WAITING)
    assert bench(*RUN).returncode == 0
    path = only_run(tmp_path)
    lines = path.read_bytes().splitlines(keepends=True)
    at = next(place for place, each in enumerate(lines) if b'"kind":"addition"' in each)
    for kept in (1, at - 1, at, at + 1, at + 2, len(lines) - 2):
        path.write_bytes(b"".join(lines[:kept]) + lines[kept][: len(lines[kept]) // 2])
        done = bench("run", *OWN, "--resume", str(path))
        assert done.returncode == 0, (kept, done.stderr)
        assert path.read_bytes().startswith(b"".join(lines[:kept]))
        assert path.read_bytes().count(b'"kind":"addition"') == 1
        assert ("also measuring" in done.stderr) == (kept <= at)
        run = read(path)
        assert run.ending.status == "complete"
        found = counted(run)
        assert set(found) == set(KEYS)
        assert all(found[each] == 2 for each in KEYS[1:]), kept


@few_cpus
def test_a_run_that_is_interrupted_after_the_addition_keeps_it(workload_file, tmp_path):
    workload_file(WAITING)
    endless = [sys.executable, "-m", "bench", *RUN[:-1], "400"]
    process = subprocess.Popen(endless, cwd=tmp_path, env=environment(), stderr=subprocess.PIPE, text=True)
    try:
        assert process.stderr is not None
        for line in process.stderr:
            if "also measuring" in line:
                break
        process.send_signal(2)
        assert process.wait(60) == 130
    finally:
        process.kill()
        process.stderr.close()
    path = only_run(tmp_path)
    run = read(path)
    assert run.ending.status == "interrupted"
    assert "thread_pool/32" in {"/".join(each.key.split("/")[2:4]) for each in run.header.plan.cases}
    assert "mine:wait thread_pool ×32" in {each.name for each in load(path).cases}

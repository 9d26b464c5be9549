"""Results from a cache: they are found by what they do, never taken for the work, and rounds can get inputs of their own."""

import json
from collections import Counter
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as some

from bench.analysis.comparison import Verdict
from bench.analysis.findings import findings
from bench.analysis.first_rounds import REASON
from bench.analysis.groups import groups
from bench.analysis.judged import judged
from bench.analysis.loading import load
from bench.analysis.summary import summarise
from bench.facts import caching
from bench.measure.engine.agenda import FRESH_ROUNDS
from bench.measure.host.inputs import distinct, part
from bench.records.block import Outcome
from bench.records.gate import Arm, Gate
from bench.records.result import Repeats
from bench.store.runs import read
from tests import builders
from tests.conftest import only_run
from tests.sessions.test_check import check, newest, revisions

EACH_S = 0.004
MEMOISED = f"""
import functools, time

@functools.cache
def parse(x):
    time.sleep({EACH_S})
    return [x]
"""
OWN_DICT = f"""
import time
KNOWN = {{}}

def own(x):
    if x not in KNOWN:
        time.sleep({EACH_S})
        KNOWN[x] = x % 2 == 0
    return KNOWN[x]
"""
NO_CACHE = f"""
import time
TABLE = {{"answer": 42}}

def importing(x):
    import slow_to_load
    return x % 2 == 0

def filling(x):
    if "more" not in TABLE:
        time.sleep(0.2)
        TABLE["more"] = 1
    return TABLE

def working(x):
    time.sleep({EACH_S})
    return True
"""


def found(path):
    """The cases with the finding, by workload and strategy."""
    run = read(path)
    named = {case.key: case for case in run.header.plan.cases}
    made = [each for each in findings(run, groups(summarise(run))) if each.code == "cached_results"]
    return {(named[key].workload, named[key].strategy) for each in made for key in each.cases}, made


# ------------------------------------------------------------------------------------------------- the evidence

CALLS = some.lists(some.floats(1e-7, 1e-2), min_size=3, max_size=64)


@given(CALLS)
def test_where_every_second_call_is_fast_it_is_a_cache(first_s):
    assert caching.are_looked_up(Repeats(first_s, [each / 10 for each in first_s]))


@given(CALLS, some.data())
def test_a_slow_first_call_and_one_more_are_no_cache(again_s, data):
    slow = data.draw(some.integers(1, len(again_s) - 1))
    first_s = [each * (1000 if number in (0, slow) else 1.2) for number, each in enumerate(again_s)]
    assert not caching.are_looked_up(Repeats(first_s, again_s))


def test_of_a_single_input_only_an_object_made_anew_tells():
    assert caching.are_looked_up(Repeats([1.0], [0.001], is_same_object=True))
    assert not caching.are_looked_up(Repeats([1.0], [0.001]))
    assert not caching.are_looked_up(Repeats([1.0], [1.0], is_same_object=True))
    assert not caching.are_looked_up(Repeats([], []))
    assert not caching.are_looked_up(None)


def test_a_case_has_the_finding_only_if_all_its_blocks_were_faster_warm():
    shown = Repeats([1.0] * 4, [0.001] * 4)
    fast, even = builders.block(builders.case(), 0, (1.0, 0.001, 0.001)), builders.block(builders.case(), 1, (1.0, 1.0))
    assert caching.is_cached([replace(fast, repeats=shown), replace(fast, repetition=1)])
    assert not caching.is_cached([replace(fast, repeats=shown), even])
    assert not caching.is_cached([fast])
    failed = replace(even, outcome=Outcome.FAILED, rounds=[])
    assert caching.is_cached([replace(fast, repeats=shown), failed])


# ------------------------------------------------------------------------------------------------- in a run


def test_a_run_finds_caches_in_its_own_process_and_in_workers(bench, tmp_path):
    (tmp_path / "mine.py").write_text(MEMOISED + OWN_DICT)
    words = ("mine.py:parse", "mine.py:own", "--inputs", "1..8", "--strategy", "serial,process_pool", "--workers", "1")
    done = bench("run", *words, "--blocks", "2", "--rounds", "4")
    assert done.returncode == 0, done.stderr
    cases, made = found(only_run(tmp_path))
    assert cases == {(work, name) for work in ("mine:parse", "mine:own") for name in ("serial", "process_pool")}
    assert len(made) == 2, "one of each function"
    assert "cached_results" in done.stdout
    assert "--fresh-inputs" in done.stdout
    blocks = read(only_run(tmp_path)).blocks
    assert {each.repetition for each in blocks if each.repeats is not None} == {0}


@pytest.mark.long
def test_what_is_slow_only_once_is_no_cache_and_small_constants_are_none(bench, tmp_path):
    (tmp_path / "mine.py").write_text(NO_CACHE)
    (tmp_path / "slow_to_load.py").write_text("import time\ntime.sleep(0.2)\n")
    names = ("importing", "filling", "working")
    words = (*(f"mine.py:{each}" for each in names), "--inputs", "1..8", "--strategy", "serial,process_pool")
    done = bench("run", *words, "--blocks", "2", "--rounds", "3")
    assert done.returncode == 0, done.stderr
    assert found(only_run(tmp_path)) == (set(), [])
    looked_at = {each.case.split("/")[0] for each in read(only_run(tmp_path)).blocks if each.repeats is not None}
    assert looked_at >= {"mine:importing", "mine:filling"}


def test_a_single_input_is_told_by_the_object_that_comes_back(bench, tmp_path):
    (tmp_path / "mine.py").write_text(MEMOISED + NO_CACHE)
    (tmp_path / "slow_to_load.py").write_text("import time\ntime.sleep(0.2)\n")
    words = ("mine.py:parse", "mine.py:importing", "--inputs", "7..7", "--strategy", "serial")
    assert bench("run", *words, "--blocks", "2", "--rounds", "3").returncode == 0
    assert found(only_run(tmp_path))[0] == {("mine:parse", "serial")}


# ------------------------------------------------------------------------------------------------- in a check


@pytest.mark.long
def test_a_body_that_got_slower_behind_a_cache_is_a_regression_and_both_first_rounds_are_told(tmp_path):
    folder = revisions(tmp_path / "mine", MEMOISED, MEMOISED.replace(f"{EACH_S}", f"{20 * EACH_S}"))
    done = check(folder, "--base", "HEAD", "mine.py:parse", "--inputs", "1..4", "--budget", "60s")
    assert done.returncode == 1, done.stdout + done.stderr
    (case,) = judged(read(newest(folder))).cases
    assert (case.verdict, case.reason) == (Verdict.REGRESSED, REASON)
    assert case.base >= 4 * EACH_S
    assert case.head >= 80 * EACH_S
    said = " ".join(done.stdout.split())
    assert "results come from a cache, so the first rounds are compared" in said
    assert REASON in said


@pytest.mark.long
@pytest.mark.parametrize("cached_in", ["base", "head"])
def test_a_cache_in_one_arm_is_enough_and_never_an_improvement_by_itself(tmp_path, cached_in):
    plain = MEMOISED.replace("@functools.cache\n", "")
    base, head = (MEMOISED, plain) if cached_in == "base" else (plain, MEMOISED)
    folder = revisions(tmp_path / "mine", base, head)
    words = ("--base", "HEAD", "mine.py:parse", "--inputs", "1..4", "--budget", "1s", "--tolerance", "90%", "--json")
    done = check(folder, *words)
    told = json.loads(done.stdout)
    (case,) = told["cases"]
    assert case["verdict"] in ("equivalent", "inconclusive")
    assert any(f"results of the {cached_in} come from a cache" in note for note in told["notes"])


@pytest.mark.long
@pytest.mark.parametrize("strategy", ["serial", "process_pool"])
def test_a_cached_case_without_a_verdict_says_why_and_passes_only_where_that_is_accepted(tmp_path, strategy):
    folder = revisions(tmp_path / "mine", OWN_DICT, OWN_DICT.replace(f"{EACH_S}", f"{20 * EACH_S}"))
    words = ("--base", "HEAD", "mine.py:own", "--inputs", "1..4", "--strategy", strategy, "--workers", "1")
    done = check(folder, *words, "--budget", "0.1s", "--accept", "none", "--json")
    assert done.returncode == 3, done.stdout + done.stderr
    told = json.loads(done.stdout)
    (case,) = told["cases"]
    assert case["verdict"] == "inconclusive"
    assert case["reason"].endswith(REASON)
    assert case["head"] >= 80 * EACH_S > case["base"] >= 4 * EACH_S


def gate_run(of_arms, repeats=None):
    """A gate of one case: of each pair the walls of base and head."""
    made = builders.case(workload="mine:parse")
    arms = [Arm(name, name, None, {}) for name in ("base", "head")]
    gate = Gate(arms, ["time"], {made.key: 0.02}, 0.01, 60.0, ["inconclusive"])
    blocks = [
        builders.block(made, number, walls, arm=name, repeats=repeats if number == 0 else None)
        for number in range(12)
        for name, walls in zip(("base", "head"), of_arms, strict=True)
    ]
    return judged(builders.run(blocks, [made], gate=gate))


def test_first_rounds_that_differ_are_told_where_warm_ones_are_compared():
    made = gate_run(((0.5, 0.1, 0.1), (5.0, 0.1, 0.1)))
    assert [each.verdict for each in made.cases] == [Verdict.EQUIVALENT]
    (note,) = made.notes
    assert "first rounds took 500 ms in the base and 5.00 s in the head" in note
    assert gate_run(((0.5, 0.1, 0.1), (0.5, 0.1, 0.1))).notes == []
    assert gate_run(((0.5, 0.1, 0.1), (5.0, 1.0, 1.0))).notes == [], "the verdict tells it"


def test_who_reads_the_run_later_compares_the_first_rounds_too():
    made = gate_run(((0.5, 0.001), (10.0, 0.001)), Repeats([0.1] * 5, [0.0001] * 5))
    (case,) = made.cases
    assert (case.verdict, [case.base, case.head]) == (Verdict.REGRESSED, pytest.approx([0.5, 10.0], rel=1e-12))
    assert "500 ms in the base and 10.0 s in the head" in made.notes[0]


ON_DISK = f"""
import os, time

def disk(x):
    path = os.path.join(os.environ["KEPT"], f"{{BODY_S}}-{{x}}")
    if not os.path.exists(path):
        time.sleep(BODY_S)
        open(path, "w").close()
    return x

BODY_S = {EACH_S}
"""


@pytest.mark.long
def test_results_that_the_first_process_of_all_left_on_disk_are_told(tmp_path):
    (tmp_path / "kept").mkdir()
    folder = revisions(tmp_path / "mine", ON_DISK, ON_DISK.replace(f"= {EACH_S}", f"= {20 * EACH_S}"))
    words = ("--base", "HEAD", "mine.py:disk", "--inputs", "1..4", "--budget", "20s", "--json")
    done = check(folder, *words, env={"KEPT": str(tmp_path / "kept")})
    assert done.returncode == 0, done.stdout + done.stderr
    (note,) = [each for each in json.loads(done.stdout)["notes"] if "first process of all" in each]
    assert "if that is results, the verdict is of looking them up" in note
    base, head, *later = read(newest(folder)).blocks
    assert base.rounds[0].wall_s >= 4 * EACH_S
    assert head.rounds[0].wall_s >= 80 * EACH_S
    assert [each.repeats is not None for each in (base, head, *later)] == [True, True, *[False] * len(later)]
    assert not any(caching.are_looked_up(each.repeats) for each in (base, head)), "by then all is on disk"


# ------------------------------------------------------------------------------------------------- inputs of their own

JSON = some.recursive(
    some.none() | some.booleans() | some.integers(0, 9) | some.sampled_from([0.0, 1.0, 2.5, "a", "b"]),
    lambda inner: some.lists(inner, max_size=2) | some.dictionaries(some.sampled_from("ab"), inner, max_size=2),
    max_leaves=3,
)


@given(some.lists(JSON, max_size=40), some.integers(2, 7))
def test_parts_are_disjoint_and_equal_in_size_and_leave_out_less_than_a_turn(inputs, rounds):
    parts = [part(inputs, rounds, number) for number in range(rounds)]
    assert len({len(each) for each in parts}) == 1
    every = [each for one in parts for each in one]
    assert not any(one == other for number, one in enumerate(every) for other in every[:number])
    assert len(distinct(inputs)) - len(every) < rounds


def test_a_range_is_dealt_out_in_turns():
    assert [list(part(range(1, 15), 4, number)) for number in range(4)] == [
        [1, 5, 9],
        [2, 6, 10],
        [3, 7, 11],
        [4, 8, 12],
    ]


NOTING = """
import os, time
KNOWN = {}

def noted(x):
    with open(os.environ["NOTED"], "a") as file:
        file.write(f"{os.getpid()} {x}\\n")
    if x not in KNOWN:
        time.sleep(0.004)
        KNOWN[x] = x
    return KNOWN[x]
"""


def test_every_round_of_a_block_gets_inputs_it_has_not_seen(bench, tmp_path, monkeypatch):
    noted = tmp_path / "noted"
    monkeypatch.setenv("NOTED", str(noted))
    (tmp_path / "mine.py").write_text(NOTING)
    words = ("mine.py:noted", "--inputs", "1..14", "--strategy", "serial,thread_pool", "--workers", "1")
    done = bench("run", *words, "--blocks", "3", "--rounds", "4", "--fresh-inputs")
    assert done.returncode == 0, done.stderr
    assert "each of 4 rounds gets 3 inputs of its own; left out: 2 of 14" in done.stderr
    run = read(only_run(tmp_path))
    assert run.header.plan.conditions.fresh_rounds == 4
    assert [(each.outcome, each.tasks, len(each.rounds)) for each in run.blocks] == [(Outcome.OK, 3, 4)] * 6
    assert all(window.wall_s >= 3 * 0.004 for each in run.blocks for window in each.rounds), (
        "all is made, nothing found"
    )
    assert found(only_run(tmp_path))[0] == set()
    assert {each.compared for each in run.blocks if "thread_pool" in each.case and each.repetition == 0} == {3}
    calls = Counter(line.split()[0] for line in noted.read_text().splitlines())
    assert list(calls.values()).count(12) >= 5, "12 of 14 inputs, each once; a plain loop comes once"
    assert {line.split()[1] for line in noted.read_text().splitlines()} == {str(each) for each in range(1, 13)}


LATE = """
from contextlib import contextmanager

def same(x):
    return x

@strategy("mixes_up", isolation="none")
@contextmanager
def mixes_up():
    yield lambda task, inputs: [task(each) for each in inputs][:: -1 if 2 in inputs else 1]
"""


def test_the_results_of_each_round_are_checked(bench, workload_file, tmp_path):
    workload_file(LATE)
    words = ("mine.py:same", "--inputs", "1..12", "--strategy", "serial,mine.py", "--blocks", "2", "--rounds", "4")
    done = bench("run", *words, "--fresh-inputs")
    assert done.returncode == 3, done.stderr
    outcomes = {each.case.split("/")[2]: each.outcome for each in read(only_run(tmp_path)).blocks}
    assert outcomes == {"serial": Outcome.OK, "mixes_up": Outcome.WRONG}, "only the second of four rounds is wrong"


SEEDED = """
def registered(inputs):
    return workload(inputs=inputs, scales={"quick": 4, "standard": 4}, expect=lambda inputs: [2 * each for each in inputs])

@registered(lambda size, rng: [rng.getrandbits(62) for _ in range(size)])
def drawn(x):
    return 2 * x

@registered(lambda size, rng: list(range(size)))
def fixed(x):
    return 2 * x

@registered(lambda size, rng: [rng.getrandbits(62) for _ in range(rng.randrange(1, 2000))])
def uneven(x):
    return 2 * x
"""


def test_a_workload_that_draws_its_inputs_draws_others_for_each_round(bench, workload_file, tmp_path):
    workload_file(SEEDED)
    done = bench(
        "run", "drawn", "--workload", "mine.py", "--strategy", "serial,threads", "--blocks", "2", "--fresh-inputs"
    )
    assert done.returncode == 0, done.stderr
    run = read(only_run(tmp_path))
    assert {(each.outcome, len(each.rounds), each.tasks) for each in run.blocks} == {(Outcome.OK, FRESH_ROUNDS, 4)}


@pytest.mark.many(2)
@pytest.mark.parametrize(
    ("words", "said"),
    [
        (
            ("fixed", "--workload", "mine.py", "--strategy", "serial"),
            "fixed makes inputs for round 2 that earlier rounds had",
        ),
        (("uneven", "--workload", "mine.py", "--strategy", "serial"), "all rounds need as many"),
        (("counter", "--strategy", "owner_process"), "counter is of the pattern share"),
        (
            ("mine.py:registered", "--inputs", "1..5"),
            "takes at least 6 inputs, one for each round of a block, and --inputs 1..5 has 5",
        ),
        (("mine.py:registered", "--inputs", "same.jsonl", "--rounds", "3"), "takes at least 3 inputs"),
    ],
)
def test_where_rounds_cannot_get_inputs_of_their_own_it_is_one_line(bench, workload_file, tmp_path, words, said):
    workload_file(SEEDED)
    (tmp_path / "same.jsonl").write_text("1\n1.0\n2\n2\n")
    done = bench("run", *words, "--fresh-inputs", "--blocks", "1")
    assert (done.returncode, len(done.stderr.splitlines())) == (2, 1), done.stderr
    assert said in done.stderr
    assert "Traceback" not in done.stderr
    assert not list((tmp_path / "results").glob("*.jsonl")), "nothing was measured"


@pytest.mark.long
def test_where_nothing_is_named_those_that_cannot_are_left_out(bench, workload_file, tmp_path):
    done = bench(
        "run", "--pattern", "map", "--strategy", "serial", "--quick", "--blocks", "1", "--rounds", "2", "--fresh-inputs"
    )
    assert done.returncode == 0, done.stderr
    assert "left out: primes makes inputs for round 2 that earlier rounds had" in done.stderr
    measured = {each.workload for each in read(only_run(tmp_path)).header.plan.cases}
    assert measured >= {"downloads_uneven", "big_results"}
    assert "primes" not in measured


@pytest.mark.long
def test_a_run_that_is_resumed_goes_on_with_inputs_of_their_own(bench, tmp_path):
    (tmp_path / "mine.py").write_text(OWN_DICT)
    own = ("mine.py:own", "--inputs", "1..12")
    words = (*own, "--strategy", "serial,thread_pool", "--workers", "1", "--blocks", "3", "--fresh-inputs")
    assert bench("run", *words).returncode == 0
    path = only_run(tmp_path)
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join(lines[:3]))
    refused = bench("run", *own, "--fresh-inputs", "--resume", str(path))
    assert refused.returncode == 2
    assert "take away fresh-inputs" in refused.stderr
    done = bench("run", *own, "--resume", str(path))
    assert done.returncode == 0, done.stderr
    run = read(path)
    assert run.ending.status == "complete"
    assert {(each.tasks, len(each.rounds)) for each in run.blocks} == {(2, FRESH_ROUNDS)}
    assert len(run.blocks) == 6
    assert all(window.wall_s >= 2 * EACH_S for each in run.blocks for window in each.rounds)


@pytest.mark.long
def test_a_check_with_inputs_of_their_own_compares_warm_rounds(tmp_path):
    folder = revisions(tmp_path / "mine", MEMOISED, MEMOISED.replace(f"{EACH_S}", f"{20 * EACH_S}"))
    words = ("--base", "HEAD", "mine.py:parse", "--inputs", "1..13", "--fresh-inputs")
    done = check(folder, *words, "--budget", "60s")
    assert done.returncode == 1, done.stdout + done.stderr
    assert "each of 6 rounds gets 2 inputs of its own; left out: 1 of 13" in done.stderr
    run = read(newest(folder))
    (case,) = judged(run).cases
    assert (case.verdict, case.reason) == (Verdict.REGRESSED, "")
    assert case.base >= 2 * EACH_S
    assert {(tuple(each.calls), each.tasks) for each in run.blocks} == {((1,) * FRESH_ROUNDS, 2)}
    assert all(each.result is None or each.result.varies == "" for each in run.blocks)
    few = check(folder, *words[:-2], "1..5", "--fresh-inputs")
    assert (few.returncode, few.stderr.count("\n")) == (2, 1), few.stderr
    assert "takes at least 6 inputs" in few.stderr


def test_a_check_says_where_an_arm_makes_the_same_inputs_for_all_rounds(tmp_path):
    text = "from bench import workload\n@workload(inputs=lambda n, rng: list(range(n)), scales={'standard': 3})\ndef f(x):\n    return x\n"
    folder = revisions(tmp_path / "mine", text, text + "\n")
    done = check(folder, "--base", "HEAD", "mine.py", "--fresh-inputs")
    assert done.returncode == 2, done.stderr
    assert done.stderr.splitlines()[-1].startswith("error: --fresh-inputs is not possible: f makes inputs for round 2")
    assert not list((folder / "results").glob("*.jsonl"))


# ------------------------------------------------------------------------------------------------- stored runs


def test_stored_runs_are_no_series_with_those_of_fresh_inputs_and_say_where_a_cache_is(tmp_path):
    made = builders.case(workload="mine:parse")
    cached = [
        builders.block(made, number, (1.0, 0.001, 0.001), repeats=Repeats([1.0] * 4, [0.001] * 4))
        for number in range(3)
    ]
    plain = load(builders.stored(builders.run(cached, [made]), tmp_path / "plain"))
    fresh = load(builders.stored(builders.run([builders.block(made)], [made], fresh_rounds=3), tmp_path / "fresh"))
    assert [each.limits for each in plain.cases] == [
        "results come from a cache: in warm rounds some or all are only looked up"
    ]
    assert [each.limits for each in fresh.cases] == [""]
    assert [each.name for each in fresh.cases] == [f"{plain.cases[0].name} fresh inputs"]
    assert fresh.cases[0].key != plain.cases[0].key

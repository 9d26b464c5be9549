"""Results that are no results, differ from call to call, or cannot be compared: what `run` and `check` make of them."""

import json
import subprocess
import sys

import numpy as np
import pytest

from bench.analysis.comparison import Verdict
from bench.analysis.results import unequal_results, varying
from bench.errors import WrongResult
from bench.measure.results import judge
from bench.plugins.registry import Workload, plain_workload
from bench.records.result import Result
from bench.store.runs import read
from tests import builders
from tests.conftest import environment, only_run
from tests.sessions.test_check import check, newest, revisions, verdicts

FUNCTIONS = """
import contextlib, math, os, random, sqlite3, time
from dataclasses import dataclass

def generator(x):
    for each in range(x):
        yield each

def held(x): return {"rows": [map(str, range(x))]}

def coroutine(x):
    async def inner():
        return x
    return inner()

async def streaming(x):
    async def inner():
        yield x
    return inner()

def nameless(x): return lambda: x

class Refusing:
    def __reduce_ex__(self, protocol):
        raise TypeError("cannot pickle this")

def refusing(x): return Refusing()

def row(x):
    with contextlib.closing(sqlite3.connect(":memory:")) as connection:
        connection.row_factory = sqlite3.Row
        return connection.execute("select ? as a", (x,)).fetchone()

@dataclass
class Record:
    inner: object
    names: frozenset

def unordered(x): return Record((math.nan, {str(each) for each in range(50)}), frozenset("abcdefgh"))

def noisy(x): return {"scores": [x, {"mean": x + random.random() * 1e-12}]}
"""


@pytest.fixture(scope="module")
def measured(tmp_path_factory):
    """Every function under a plain loop and in threads; blocks by function and strategy."""
    folder = tmp_path_factory.mktemp("functions")
    (folder / "mine.py").write_text(FUNCTIONS)
    names = ("generator", "held", "coroutine", "nameless", "refusing", "row", "unordered", "noisy")
    words = [f"mine.py:{name}" for name in names]
    done = run(folder, *words, "--strategy", "serial,threads")
    blocks = read(only_run(folder)).blocks
    assert done.returncode == 3, done.stderr
    return {(block.case.split("/")[0].split(":")[1], block.case.split("/")[2]): block for block in blocks}


def run(folder, *words):
    return subprocess.run(
        [sys.executable, "-m", "bench", "run", *words, "--inputs", "1..3", "--blocks", "1", "--rounds", "2", "--sample-hz", "0"],
        cwd=folder, env=environment(), capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip


LAZY = "nothing of the work was done but its creation"
IN_A_LOOP = "have the function go through it, for instance with list()"


@pytest.mark.parametrize("strategy", ["serial", "threads"])
@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("generator", f"input 0 gave a generator: {LAZY}; {IN_A_LOOP}"),
        ("held", f"input 0 gave a result that holds an iterator (map): {LAZY}; {IN_A_LOOP}"),
        ("coroutine", f"input 0 gave a coroutine: {LAZY}; await it in the function (`async def`)"),
    ],
)
def test_lazy_results_are_refused_with_the_reason_under_any_strategy(measured, strategy, name, reason):
    block = measured[name, strategy]
    assert (block.outcome, block.reason) == ("wrong", reason)


def test_an_asynchronous_iterator_is_refused_too(tmp_path):
    (tmp_path / "mine.py").write_text(FUNCTIONS)
    done = run(tmp_path, "mine.py:streaming", "--strategy", "serial")
    assert done.returncode == 3
    assert f"input 0 gave an asynchronous iterator (async_generator): {LAZY}; have an `async def` go" in done.stderr


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        (
            "nameless",
            "input 0 gave <function nameless.<locals>.<lambda>> twice, and the two cannot be compared: it is a",
        ),
        ("refusing", "input 0 gave <mine.Refusing object> twice, and the two cannot be compared: it does not pickle"),
        ("noisy", "input 0: result['scores'][1]['mean'] is 1.0"),
    ],
)
def test_what_is_not_a_plain_loops_result_is_wrong_with_the_way_to_it(measured, name, reason):
    block = measured[name, "threads"]
    assert block.outcome == "wrong"
    assert block.reason.startswith(reason)


@pytest.mark.parametrize("name", ["row", "unordered"])
def test_right_results_are_never_wrong_by_chance(measured, name):
    assert {measured[name, strategy].outcome for strategy in ("serial", "threads")} == {"ok"}


def test_floats_may_be_apart_where_that_is_asked_for_and_a_resumed_run_knows(tmp_path):
    (tmp_path / "mine.py").write_text(FUNCTIONS)
    done = run(tmp_path, "mine.py:noisy", "--strategy", "threads", "--close", "1e-9")
    assert done.returncode == 0, done.stderr
    assert read(only_run(tmp_path)).header.plan.conditions.close == 1e-9


@pytest.mark.parametrize("share", ["0", "-1e-9", "1", "nan", "much"])
def test_a_tolerance_that_is_none_is_refused(tmp_path, share):
    (tmp_path / "mine.py").write_text(FUNCTIONS)
    done = run(tmp_path, "mine.py:noisy", "--close", share)
    assert done.returncode == 2
    assert "a share above 0 and below 1, such as 1e-9" in done.stderr


# ------------------------------------------------------------------------------------------------ two revisions

BASE = """
import os, random, time
from bench import workload

def w(**more):
    return workload(inputs=lambda size, rng: [1, 2], scales={"standard": 1}, **more)

class Refusing:
    def __reduce_ex__(self, protocol):
        raise TypeError("cannot pickle this")

def agree(inputs, results):
    return all(type(each) is Refusing for each in results)

@w()
def refusing(x): return [Refusing()]
@w()
def nameless(x): return lambda: x
@w(check=agree)
def agreed(x): return Refusing()
@w()
def lazy(x): return (each for each in range(x))
@w()
def chance(x): return random.random()
@w()
def process(x): return os.getpid()
@w()
def moment(x): return {"at": time.time()}
@w()
def newly(x): return x
@w()
def sums(x): return {"mean": 0.1 + 0.2, "n": x}
@w(check=lambda inputs, results: False)
def refused(x): return x
@w(check=lambda inputs, results: 0)
def passed(x): return x
"""
HEAD = BASE.replace("[Refusing()]", "[Refusing() for _ in range(2)][:1]").replace(
    "def newly(x): return x", "def newly(x): return os.urandom(9)"
)
HEAD = HEAD.replace("lambda: x", "lambda: x + 1").replace("0.1 + 0.2", "0.3").replace("return random", "return -random")


@pytest.fixture(scope="module")
def checked(tmp_path_factory):
    folder = revisions(tmp_path_factory.mktemp("checked") / "mine", BASE, HEAD)
    return check(folder, "--base", "HEAD", "mine.py", "--budget", "100ms", "--json")


@pytest.mark.parametrize(
    ("name", "verdict", "reason"),
    [
        ("refusing", "incomparable", "the results of the two sides cannot be compared: input 0: result[0]: it does not pickle"),
        ("nameless", "incomparable", "the results of the two sides cannot be compared: input 0 gave <function nameless"),
        ("agreed", "inconclusive", "1 pair"),
        ("lazy", "failed", f"base: wrong: input 0 gave a generator: {LAZY}"),
        ("chance", "inconclusive", "1 pair"),
        ("process", "inconclusive", "2 pairs"),
        ("moment", "inconclusive", "1 pair"),
        ("newly", "failed", "the head gives other results from call to call ("),
        ("sums", "failed", "the base gives [{'mean': 0.30000000000000004, "),
        ("refused", "failed", "base: wrong: the workload's check gave back False; raise WrongResult in it to say what is"),
        ("passed", "inconclusive", "1 pair"),
    ],
)  # fmt: skip
def test_what_a_check_says_of_results(checked, name, verdict, reason):
    found = verdicts(checked)[name, "time"]
    assert found[0] == verdict
    assert found[1].startswith(reason)


def test_results_that_differ_in_each_arm_are_no_difference_between_revisions_and_that_is_said(checked):
    notes = json.loads(checked.stdout)["notes"]
    for name in ("chance", "process", "moment"):
        (note,) = [each for each in notes if each.startswith(name)]
        assert "results differ from call to call on both sides (" in note
        assert note.endswith("so those of the two were not compared; state with `check` what must hold")
    assert sum("from call to call" in each for each in notes) == 3


@pytest.mark.long
def test_two_revisions_may_be_a_little_apart_where_that_is_asked_for(tmp_path):
    folder = revisions(tmp_path / "mine", BASE, HEAD)
    words = ("--base", "HEAD", "mine.py:sums", "--budget", "100ms", "--json")
    assert verdicts(check(folder, *words, "--close", "1e-9"))["sums", "time"][0] == "inconclusive"
    assert read(newest(folder)).blocks[0].result.numbers == [0.1 + 0.2, 1, 0.1 + 0.2, 2]
    assert verdicts(check(folder, *words, "--close", "1e-17"))["sums", "time"][0] == "failed"


def blocks(base, head):
    case = builders.case()
    return [builders.block(case, arm=arm, result=result) for arm, result in (("base", base), ("head", head))]


def kept(digest, numbers, count=None, frame="frame"):
    return Result(digest, "[…", frame=frame, numbers=numbers, count=len(numbers) if count is None else count)


@pytest.mark.parametrize(
    ("base", "head", "verdict"),
    [
        (kept("a", [1.0, 2]), kept("b", [1 + 1e-10, 2.0]), None),
        (kept("a", [1.0, 2]), kept("b", [1 + 1e-8, 2]), Verdict.FAILED),
        (kept("a", [10**12]), kept("b", [10**12 + 1]), Verdict.FAILED),
        (kept("a", [1.0]), kept("b", [1.0], frame="other"), Verdict.FAILED),
        (kept("a", [1.0], 2), kept("b", [1.0], 2), Verdict.INCOMPARABLE),
        (kept("a", [1.0], 2), kept("a", [1.0], 2), None),
        (kept("a", [1.0], 2), kept("b", [2.0], 2), Verdict.FAILED),
    ],
)
def test_numbers_that_are_kept_decide_what_is_close(base, head, verdict):
    found = unequal_results(*blocks(base, head), 1e-9)
    assert (found and found[0]) == verdict
    assert not varying(*blocks(base, head), 1e-9)


@pytest.mark.parametrize("word", [None, True, 0, "", [], 1])
def test_any_other_word_of_a_check_says_nothing(word):
    judge.check(with_check(lambda inputs, results: word), "quick", [1], [1])


@pytest.mark.parametrize("word", [False, np.False_])
def test_false_is_wrong(word):
    with pytest.raises(WrongResult, match="the workload's check gave back False"):
        judge.check(with_check(lambda inputs, results: word), "quick", [1], [1])


def test_a_check_that_is_a_coroutine_has_checked_nothing():
    async def check(inputs, results):
        raise AssertionError

    with pytest.raises(WrongResult, match="the workload's check gave back a coroutine, so it has checked nothing"):
        judge.check(with_check(check), "quick", [1], [1])


def with_check(check):
    plain = plain_workload("mine:f", abs, "mine")
    return Workload(**{each: getattr(plain, each) for each in Workload.__slots__} | {"check": check})

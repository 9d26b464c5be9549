"""Every built-in strategy passes the suite of its pattern, and the suite catches strategies that are wrong."""

import _multiprocessing
import multiprocessing
import os
import subprocess
import sys
import time
from contextlib import contextmanager
from functools import partial
from multiprocessing import resource_tracker
from multiprocessing.shared_memory import SharedMemory
from secrets import token_hex

import pytest

from bench import Unavailable, strategy
from bench.plugins import registry, sources
from bench.strategies import BUILT_IN
from bench.testing import leftovers, suite
from tests.commands import until

for family in BUILT_IN:
    sources.load(family)

STRATEGIES = {
    name: each for name, each in registry.strategies.items() if each.module in BUILT_IN and not each.demonstration
}
LONG = ("many_inputs", "echo_connects", "large_inputs_and_results")
CHECKS = [
    pytest.param(name, check, {}, id=f"{name}-{label}", marks=[pytest.mark.long] if label in LONG else [])
    for name, each in STRATEGIES.items()
    for label, check in suite.checks(each).items()
]
SMALL = {"map": "small_jobs", "stream": "small_messages", "share": "one_slot", "sync": "in_turn", "start": "one"}
START_METHODS = [
    pytest.param(
        name,
        suite.checks(each)[SMALL[each.pattern]],
        {"start_method": method},
        id=f"{name}-{method}",
        marks=pytest.mark.long,
    )
    for name, each in STRATEGIES.items()
    if "start_method" in each.options and each.pattern in SMALL
    for method in multiprocessing.get_all_start_methods()
    if method != each.options["start_method"]
]


@pytest.mark.parametrize(("name", "check", "options"), CHECKS + START_METHODS)
def test_built_in_strategies_conform(name, check, options, monkeypatch):
    if STRATEGIES[name].per_task and STRATEGIES[name].isolation == "process":
        monkeypatch.setattr(
            suite, "MANY_INPUTS", 120
        )  # more than are alive at once; each takes 0.1 s of a large process
    if STRATEGIES[name].unavailable:
        pytest.skip(STRATEGIES[name].unavailable)
    try:
        suite.hold(check, partial(STRATEGIES[name].bind, suite.WORKERS, options))
    except Unavailable as reason:
        pytest.skip(str(reason))


@pytest.fixture
def mended(monkeypatch):
    """Wrong strategies are registered for one test only, and what they leave need not be waited for."""
    monkeypatch.setattr(registry, "strategies", {})
    monkeypatch.setattr("bench.testing.leftovers.GRACE_S", 0.2)


def failing(opened):
    """The checks that a strategy for `map` does not pass, with what they say."""
    found = {}
    for label, check in suite.MAP_CHECKS.items():
        try:
            suite.hold(check, opened)
        except AssertionError as error:
            found[label] = str(error)
    return found


@contextmanager
def right():
    yield lambda task, inputs: [task(each) for each in inputs]


@contextmanager
def reversing():
    yield lambda task, inputs: [task(each) for each in inputs][::-1]


@contextmanager
def forgetful():
    def call(task, inputs):
        results = []
        for each in inputs:
            try:
                results.append(task(each))
            except LookupError:
                results.append(None)
        return results

    yield call


@contextmanager
def leaking():
    process = multiprocessing.get_context("fork").Process(target=time.sleep, args=(60,), daemon=True)
    process.start()
    yield lambda task, inputs: [task(each) for each in inputs]


@contextmanager
def leaking_descriptors():
    os.pipe()
    yield lambda task, inputs: [task(each) for each in inputs]


def test_a_plain_loop_passes(mended):
    assert failing(right) == {}


def test_a_strategy_that_loses_order_is_caught(mended):
    found = failing(reversing)
    assert set(found) == {"small_jobs", "many_inputs", "large_inputs_and_results", "late_task_keeps_its_place"}
    assert found["small_jobs"].splitlines()[0] == "result 0 of 2 in the first round is 2, not 0"


def test_a_strategy_that_swallows_an_exception_is_caught(mended):
    assert failing(forgetful) == {
        "exception_reaches_the_caller": "a task raised LookupError('three'), and nothing reached the caller"
    }


def test_a_strategy_that_leaves_a_process_is_caught_and_the_process_ended(mended):
    before = multiprocessing.active_children()
    found = failing(leaking)
    assert set(found) == set(suite.MAP_CHECKS)
    assert all("left behind:" in said and "process " in said for said in found.values())
    assert multiprocessing.active_children() == before


def test_a_strategy_that_leaves_descriptors_is_caught(mended):
    before = set(os.listdir("/proc/self/fd"))
    try:
        assert all("descriptor" in said for said in failing(leaking_descriptors).values())
    finally:
        for each in set(os.listdir("/proc/self/fd")) - before:
            try:
                os.close(int(each))
            except OSError:
                continue


@pytest.mark.parametrize("is_theirs", [True, False])
def test_shared_memory_counts_where_it_is_left_each_time(mended, monkeypatch, is_theirs):
    monkeypatch.setattr(leftovers, "GRACE_S", 0.05)
    made = []

    @contextmanager
    def beside():
        if not (is_theirs and made):
            made.append(SharedMemory(create=True, size=1))
            made[-1].close()
        yield lambda task, inputs: [task(each) for each in inputs]

    resource_tracker.ensure_running()  # or the first segment starts it, which is told from other processes once it has its program
    until(leftovers._helpers, "no tracker")
    try:
        if is_theirs:
            suite.hold(suite.MAP_CHECKS["small_jobs"], beside)
        else:
            with pytest.raises(AssertionError, match="^left behind: /dev/shm/psm_"):
                suite.hold(suite.MAP_CHECKS["small_jobs"], beside)
    finally:
        for each in made:
            each.unlink()


LEAVES_A_SEMAPHORE = """
import _multiprocessing
_multiprocessing.SemLock(1, 1, 1, {name!r}, False)  # whoever made it was killed before it removed the name
print(end="done")
"""


def test_a_semaphore_counts_where_this_process_made_it(monkeypatch):
    monkeypatch.setattr(leftovers, "GRACE_S", 0.05)
    before, theirs = leftovers.present(), f"/mp-{token_hex(4)}"
    left_by_another = [sys.executable, "-c", LEAVES_A_SEMAPHORE.format(name=theirs)]
    ended = subprocess.run(left_by_another, check=True, capture_output=True, text=True)
    mine = multiprocessing.get_context("spawn").Lock()
    try:
        left = {each for each in leftovers.left_behind(before) if "/sem." in each}
        assert left == {f"/dev/shm/sem.{mine._semlock.name.removeprefix('/')}"}
        assert ended.stdout == "done"
        assert f"-{os.getpid()}-" in mine._semlock.name  # joblib, where it is imported, has names of its own
    finally:
        _multiprocessing.sem_unlink(theirs)


def test_a_strategy_that_hangs_is_caught(mended, monkeypatch):
    @contextmanager
    def hanging():
        yield lambda task, inputs: time.sleep(600)

    monkeypatch.setattr(suite, "DEADLINE_S", 0.2)
    with pytest.raises(TimeoutError, match="it hangs"):
        suite.hold(suite.MAP_CHECKS["small_jobs"], hanging)


def test_a_third_party_gets_a_test_function_of_every_check(mended):
    mine = strategy("mine", isolation="none")(right)
    test_mine = suite.conformance(mine)
    (mark,) = test_mine.pytestmark
    assert mark.kwargs["ids"] == list(suite.MAP_CHECKS)
    for check in mark.args[1]:
        test_mine(check)


def test_only_what_is_offered_is_asked_for(mended):
    strategy("mine", isolation="none", provides=("coroutines",))(right)
    assert "coroutines" in suite.checks(registry.strategies["mine"])
    strategy("other", pattern="stream", isolation="none", provides=("many_producers",))(reversing)
    assert set(suite.checks(registry.strategies["other"])) == {
        "small_messages",
        "large_messages",
        "one_message",
        "many_producers",
        "an_error",
    }


def test_what_is_not_a_strategy_is_refused():
    with pytest.raises(TypeError, match="decorate it with"):
        suite.conformance(len)

"""Every primitive hands a right on, in turn or to whoever comes first; and what holds it twice is found out."""

import threading
from contextlib import nullcontext
from random import Random

import pytest

from bench import WrongResult
from bench.patterns.sync import PATTERN, HandOffs, Passed
from bench.plugins import registry
from bench.strategies.crew import ThreadCrew
from bench.strategies.turns import Number, Table, Visits, compete
from tests.families import each_start_method, fitting, load, named, nothing_left, opened

load(["locks"], ["hand_offs"])

KINDS = ["lock", "rlock", "semaphore", "bounded_semaphore", "event", "condition", "barrier"]
EXCLUDING = [name for name in named("sync") if "exclusion" in registry.strategies[name].provides]
JOBS = [(name, in_turn) for name in named("sync") for in_turn in ([True, False] if name in EXCLUDING else [True])]


@pytest.fixture(autouse=True)
def leaves_nothing(monkeypatch):
    with nothing_left():
        yield


def nothing():
    pass


class Failing:
    """A task that fails at its third call in a process."""

    calls = 0

    def __call__(self):
        self.calls += 1
        if self.calls == 3:
            raise LookupError("third")


def leave():
    raise SystemExit(5)


def test_there_is_one_of_each_kind_for_threads_and_for_processes():
    assert set(named("sync")) == {f"{where}_{kind}" for where in ("thread", "process") for kind in KINDS}
    assert {name.partition("_")[2] for name in named("sync")} - {name.partition("_")[2] for name in EXCLUDING} == {
        "event",
        "barrier",
    }


@pytest.mark.parametrize(("name", "workload_name"), fitting("sync"))
@pytest.mark.parametrize("workers", [1, 3])
def test_all_passes_are_made_one_at_a_time_round_after_round(name, workload_name, workers):
    workload = registry.workloads[workload_name]
    job = workload.inputs(100, Random(1))
    with opened(name, workers) as call:
        for _ in range(2):
            passed = call(workload.task, job)
            PATTERN.check(workload.task, job, passed)
            assert len(passed.by_actor) == workers


@pytest.mark.many(6)
@pytest.mark.parametrize(("name", "method"), each_start_method("sync"))
def test_it_works_however_processes_start(name, method):
    with opened(name, start_method=method) as call:
        PATTERN.check(nothing, HandOffs(11, in_turn=True), call(nothing, HandOffs(11, in_turn=True)))


@pytest.mark.parametrize("name", named("sync"))
def test_turns_go_round_from_the_first_actor_whatever_was_before(name):
    with opened(name, 3) as call:
        for passes, by_actor in ((1, [1, 0, 0]), (2, [1, 1, 0]), (7, [3, 2, 2])):
            if name in EXCLUDING:
                PATTERN.check(nothing, HandOffs(20, in_turn=False), call(nothing, HandOffs(20, in_turn=False)))
            assert call(nothing, HandOffs(passes, in_turn=True)) == Passed(by_actor, passes - 1, passes)


@pytest.mark.parametrize("name", [name for name in named("sync") if name.startswith("thread")])
def test_turns_of_threads_are_strict(name):
    order = []
    with opened(name, 3) as call:
        call(lambda: order.append(threading.get_ident()), HandOffs(30, in_turn=True))
    assert len(set(order[:3])) == 3
    assert order == order[:3] * 10


@pytest.mark.parametrize(("name", "in_turn"), JOBS)
def test_an_exception_in_the_task_reaches_the_caller_and_the_next_round_is_right(name, in_turn):
    job = HandOffs(30, in_turn)
    with opened(name, 3) as call:
        with pytest.raises(LookupError, match="third"):
            call(Failing(), job)
        PATTERN.check(nothing, job, call(nothing, job))


@pytest.mark.parametrize("name", [name for name in named("sync") if name.startswith("process")])
def test_an_actor_that_ends_is_reported_and_the_others_do_not_wait_for_it(name):
    """As `os._exit` would, `SystemExit` ends a process; here after the others had their turns."""
    with opened(name, 3) as call, pytest.raises(ChildProcessError, match="exit code 5"):
        call(leave, HandOffs(30, in_turn=True))


def test_two_that_hold_the_right_at_once_are_found_out():
    """Without a lock, and a task that waits until two are in it, both read the counter before one writes."""
    meeting = threading.Barrier(2, timeout=30)
    table = Table([nullcontext()], Number(), Number(-1))
    job = HandOffs(2, in_turn=False)
    with ThreadCrew(2, table) as crew:
        answers = crew.run([(compete, meeting.wait, job, actor, 2) for actor in range(2)])
    passed = Passed([made for made, _ in answers], 1, table.counter.value)
    with pytest.raises(WrongResult, match="passes"):
        PATTERN.check(meeting.wait, job, passed)


def test_a_write_over_anothers_shows_in_the_counter():
    table = Table([], Number(), Number(-1))
    outer = Visits(table, Visits(table, nothing, 1).visit, 0)
    outer.visit()
    with pytest.raises(WrongResult, match="says 1 after 2 passes: two held it at once"):
        PATTERN.check(nothing, HandOffs(2, in_turn=False), Passed([1, 1], 1, table.counter.value))


@pytest.mark.parametrize(
    ("passed", "said"),
    [
        (Passed([5, 4], 8, 9), "made 9 passes, not 10"),
        (Passed([6, 5], 9, 10), "made 11 passes, not 10"),
        (Passed([6, 4], 9, 10), "did not take turns"),
    ],
)
def test_passes_that_are_missing_too_many_or_out_of_turn_are_found_out(passed, said):
    with pytest.raises(WrongResult, match=said):
        PATTERN.check(nothing, HandOffs(10, in_turn=True), passed)


def test_fairness_is_one_for_all_alike_and_less_where_one_has_most():
    assert PATTERN.observe(Passed([5, 5], 9, 10)).fairness == 1
    assert PATTERN.observe(Passed([10, 0], 0, 10)).fairness == 0.5
    assert PATTERN.observe(Passed([0, 0], 0, 0)).fairness is None
    assert PATTERN.observe(Passed([5, 5], 3, 10)).handed_over == 3


def test_hand_overs_are_counted_where_one_actor_follows_another():
    table = Table([nullcontext()], Number(), Number(-1))
    first, second = Visits(table, nothing, 0), Visits(table, nothing, 1)
    for visits in (first, first, second, first, first):
        visits.visit()
    assert (first.finish(), second.finish()) == ((4, 1), (1, 1))

"""No update of a shared state is lost, whatever holds it; and a lost one is found out."""

import threading
from random import Random
from types import SimpleNamespace

import pytest

from bench import WrongResult
from bench.patterns.share import PATTERN, Sharing, final_state
from bench.plugins import registry
from bench.strategies import shared_states
from bench.strategies.shared_states import SLOTS
from tests.families import each_start_method, fitting, load, named, nothing_left, opened

load(["sharing"], ["counting"])

DEMONSTRATIONS = ["value_unlocked", "threads_unlocked", "global_variable"]
SOME = Sharing(60, 3)


@pytest.fixture(autouse=True)
def leaves_nothing(monkeypatch):
    with nothing_left():
        yield


def by_turns(number):
    return number % 3, number - 20


def fail_at_seven(number):
    if number == 7:
        raise LookupError("seven")
    return 0, 1


def leave(number):
    raise SystemExit(5)


def test_the_strategies_are_there_and_those_that_lose_updates_are_demonstrations():
    assert set(named("share")) == {
        "value", "array", "manager_dict", "manager_list", "manager_value", "shared_memory_lock", "locked_threads",
        "owner_process", *DEMONSTRATIONS,
    }  # fmt: skip
    assert [name for name in named("share") if registry.strategies[name].demonstration] == DEMONSTRATIONS


@pytest.mark.many(14)
@pytest.mark.parametrize(("name", "workload_name"), fitting("share"))
@pytest.mark.parametrize("workers", [1, 3])
def test_no_update_is_lost_and_each_round_begins_at_nought(name, workload_name, workers):
    workload = registry.workloads[workload_name]
    job = workload.inputs(200, Random(1))
    with opened(name, workers) as call:
        for _ in range(2):
            state = call(workload.task, job)
            assert len(state) == job.slots
            PATTERN.check(workload.task, job, state)


@pytest.mark.many(6)
@pytest.mark.parametrize(("name", "method"), each_start_method("share"))
def test_it_works_however_processes_start(name, method):
    with opened(name, start_method=method) as call:
        state = call(by_turns, SOME)
        if name not in DEMONSTRATIONS:
            PATTERN.check(by_turns, SOME, state)


@pytest.mark.parametrize("name", [name for name in named("share") if name not in DEMONSTRATIONS])
def test_more_workers_than_updates_and_jobs_of_another_shape(name):
    with opened(name, 4) as call:
        for job in (Sharing(2, 3), Sharing(50, SLOTS), Sharing(1, 1), SOME):
            PATTERN.check(by_turns if job.slots > 2 else fail_at_seven, job,
                          call(by_turns if job.slots > 2 else fail_at_seven, job))  # fmt: skip


@pytest.mark.parametrize("name", named("share"))
def test_an_exception_in_the_task_reaches_the_caller_and_the_next_round_begins_at_nought(name):
    with opened(name) as call:
        with pytest.raises(LookupError, match="seven"):
            call(fail_at_seven, Sharing(20))
        state = call(by_turns, SOME)
        if name not in DEMONSTRATIONS:
            PATTERN.check(by_turns, SOME, state)


@pytest.mark.parametrize("name", ["value", "manager_dict", "shared_memory_lock"])
def test_a_worker_that_ends_is_reported_and_nothing_is_left(name):
    with opened(name) as call, pytest.raises(ChildProcessError, match="exit code 5"):
        call(leave, SOME)


def test_more_slots_than_there_are_is_an_error():
    with opened("value") as call, pytest.raises(ValueError, match=f"17 slots, and these states have {SLOTS}"):
        call(by_turns, Sharing(1, SLOTS + 1))


def test_a_global_variable_is_not_shared():
    with opened("global_variable") as call:
        state = call(by_turns, SOME)
    assert state == [0, 0, 0]
    with pytest.raises(WrongResult, match="100% of it is lost"):
        PATTERN.check(by_turns, SOME, state)


def test_threads_that_come_between_reading_and_writing_lose_updates(monkeypatch):
    meeting = threading.Barrier(2, timeout=30)
    monkeypatch.setattr(shared_states, "time", SimpleNamespace(sleep=lambda _: meeting.wait()))
    with opened("threads_unlocked", 2) as call:
        assert call(lambda _: (0, 1), Sharing(20)) == [10]


def test_one_worker_alone_loses_nothing_without_a_lock():
    for name in ("value_unlocked", "threads_unlocked"):
        with opened(name, 1) as call:
            PATTERN.check(by_turns, SOME, call(by_turns, SOME))


@pytest.mark.parametrize(
    ("state", "said"),
    [
        ([0, 0], "100% of it is lost"),
        ([30, 29], "2% of it is lost"),
        ([30, 31], "updates went elsewhere"),
        ([31, 29], "updates went elsewhere"),
        ([60], "updates went elsewhere"),
    ],
)
def test_lost_doubled_and_misled_updates_are_found_out(state, said):
    def task(number):
        return number % 2, 1

    job = Sharing(60, 2)
    PATTERN.check(task, job, [30, 30])
    with pytest.raises(WrongResult, match=said):
        PATTERN.check(task, job, state)


def test_a_histogram_uses_all_slots_and_amounts_that_differ():
    workload = registry.workloads["histogram"]
    job = workload.inputs(2_000, Random(1))
    assert job.slots == SLOTS
    assert len(set(final_state(workload.task, job))) == SLOTS
    assert all(final_state(workload.task, job))

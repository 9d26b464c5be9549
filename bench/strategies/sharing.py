"""Ways for workers to update one state together: shared memory, managers, a process that owns it, and ways that fail.

The workers and the state are made on entering. All slots are 0 at the beginning of each round.
"""

import multiprocessing
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from functools import partial
from multiprocessing.shared_memory import SharedMemory
from typing import Any

from bench.patterns.share import Sharing, Task
from bench.plugins.registry import strategy
from bench.strategies.crew import Crew, ProcessCrew, ThreadCrew
from bench.strategies.processes import DEFAULT_START_METHOD, START_METHOD_CHOICES
from bench.strategies.shared_states import (
    ITEM_BYTES,
    SLOTS,
    GlobalItems,
    InterruptedItems,
    Items,
    SharedBytes,
    State,
    Values,
)

Call = Callable[[Task, Sharing], list[int]]


@strategy("value", pattern="share", isolation="process", choices=START_METHOD_CHOICES)
@contextmanager
def value(workers: int, start_method: str = DEFAULT_START_METHOD) -> Iterator[Call]:
    """A `multiprocessing.Value` for each slot, updated under its own lock."""
    context = multiprocessing.get_context(start_method)
    values = [context.Value("q", 0) for _ in range(SLOTS)]
    with _sharing(partial(ProcessCrew, context), workers, Values(values, [each.get_lock() for each in values])) as call:
        yield call


@strategy("array", pattern="share", isolation="process", choices=START_METHOD_CHOICES)
@contextmanager
def array(workers: int, start_method: str = DEFAULT_START_METHOD) -> Iterator[Call]:
    """A `multiprocessing.Array` of all slots, updated under its lock."""
    context = multiprocessing.get_context(start_method)
    shared = context.Array("q", SLOTS)
    with _sharing(partial(ProcessCrew, context), workers, Items(shared, shared.get_lock())) as call:
        yield call


@strategy(
    "manager_dict", pattern="share", isolation="process", default_workloads=("counter",), choices=START_METHOD_CHOICES
)
@contextmanager
def manager_dict(workers: int, start_method: str = DEFAULT_START_METHOD) -> Iterator[Call]:
    """`Manager().dict()` under a `Manager().Lock()`: four calls to the manager's process for each update."""
    with _managed(workers, start_method, lambda manager: Items(manager.dict(), manager.Lock())) as call:
        yield call


@strategy(
    "manager_list", pattern="share", isolation="process", default_workloads=("counter",), choices=START_METHOD_CHOICES
)
@contextmanager
def manager_list(workers: int, start_method: str = DEFAULT_START_METHOD) -> Iterator[Call]:
    """`Manager().list()` under a `Manager().Lock()`: four calls to the manager's process for each update."""
    with _managed(workers, start_method, lambda manager: Items(manager.list([0] * SLOTS), manager.Lock())) as call:
        yield call


@strategy(
    "manager_value", pattern="share", isolation="process", default_workloads=("counter",), choices=START_METHOD_CHOICES
)
@contextmanager
def manager_value(workers: int, start_method: str = DEFAULT_START_METHOD) -> Iterator[Call]:
    """A `Manager().Value` for each slot, under a `Manager().Lock()` because it has none of its own."""

    def state(manager: Any) -> State:
        return Values([manager.Value("q", 0) for _ in range(SLOTS)], [manager.Lock()] * SLOTS)

    with _managed(workers, start_method, state) as call:
        yield call


@strategy("shared_memory_lock", pattern="share", isolation="process", choices=START_METHOD_CHOICES)
@contextmanager
def shared_memory_lock(workers: int, start_method: str = DEFAULT_START_METHOD) -> Iterator[Call]:
    """Bytes in `multiprocessing.shared_memory`, updated under a `Lock`."""
    context = multiprocessing.get_context(start_method)
    memory = SharedMemory(create=True, size=SLOTS * ITEM_BYTES)
    try:
        with _sharing(partial(ProcessCrew, context), workers, SharedBytes(memory, context.Lock())) as call:
            yield call
    finally:
        memory.close()
        memory.unlink()


@strategy("locked_threads", pattern="share", isolation="thread")
@contextmanager
def locked_threads(workers: int) -> Iterator[Call]:
    """Threads that update a list under a `threading.Lock`."""
    with _sharing(ThreadCrew, workers, Items([0] * SLOTS, threading.Lock())) as call:
        yield call


@strategy("owner_process", pattern="share", isolation="process", choices=START_METHOD_CHOICES)
@contextmanager
def owner_process(workers: int, start_method: str = DEFAULT_START_METHOD) -> Iterator[Call]:
    """One more process owns the state; the others send it their updates through a `Queue`."""
    context = multiprocessing.get_context(start_method)
    updates = context.Queue()
    with ProcessCrew(context, workers + 1, updates) as crew:

        def call(task: Task, job: Sharing) -> list[int]:
            orders = [(send_updates, task, job, number, workers) for number in range(workers)]
            state: list[int] = crew.run([*orders, (own, job, workers)])[-1]
            return state

        yield call
    updates.close()


@strategy("value_unlocked", pattern="share", isolation="process", demonstration=True, choices=START_METHOD_CHOICES)
@contextmanager
def value_unlocked(workers: int, start_method: str = DEFAULT_START_METHOD) -> Iterator[Call]:
    """A `RawValue` for each slot and no lock: updates get lost."""
    context = multiprocessing.get_context(start_method)
    state = Values([context.RawValue("q", 0) for _ in range(SLOTS)], [nullcontext()] * SLOTS)
    with _sharing(partial(ProcessCrew, context), workers, state) as call:
        yield call


@strategy("threads_unlocked", pattern="share", isolation="thread", demonstration=True)
@contextmanager
def threads_unlocked(workers: int) -> Iterator[Call]:
    """Threads that read, give way and write, without a lock: updates get lost."""
    with _sharing(ThreadCrew, workers, InterruptedItems()) as call:
        yield call


@strategy("global_variable", pattern="share", isolation="process", demonstration=True, choices=START_METHOD_CHOICES)
@contextmanager
def global_variable(workers: int, start_method: str = DEFAULT_START_METHOD) -> Iterator[Call]:
    """A module's variable that processes change: each changes its own copy, and all is lost."""
    context = multiprocessing.get_context(start_method)
    with _sharing(partial(ProcessCrew, context), workers, GlobalItems()) as call:
        yield call


def make_updates(state: State, task: Task, job: Sharing, worker: int, workers: int) -> None:
    """What a worker does in a round."""
    update = state.update
    for number in range(worker, job.updates, workers):
        slot, amount = task(number)
        update(slot, amount)


def send_updates(updates: Any, task: Task, job: Sharing, worker: int, workers: int) -> None:
    """What a worker does where another process owns the state; None says that it is through."""
    try:
        for number in range(worker, job.updates, workers):
            updates.put(task(number))
    finally:
        updates.put(None)


def own(updates: Any, job: Sharing, workers: int) -> list[int]:
    """What the owner does: update its state until all workers are through."""
    state = [0] * job.slots
    error: Exception | None = None
    for _ in range(workers):
        for slot, amount in iter(updates.get, None):  # to the end also after an error: no worker must wait forever
            try:
                state[slot] += amount
            except IndexError as caught:
                error = caught
    if error is not None:
        raise error
    return state


@contextmanager
def _managed(workers: int, start_method: str, state_of: Callable[[Any], State]) -> Iterator[Call]:
    context = multiprocessing.get_context(start_method)
    with context.Manager() as manager, _sharing(partial(ProcessCrew, context), workers, state_of(manager)) as call:
        yield call


@contextmanager
def _sharing(crew_of: Callable[[int, State], Crew], workers: int, state: State) -> Iterator[Call]:
    """The call of the strategies whose state the caller can read itself."""
    with crew_of(workers, state) as crew:

        def call(task: Task, job: Sharing) -> list[int]:
            if job.slots > SLOTS:
                raise ValueError(f"the job has {job.slots} slots, and these states have {SLOTS}")
            state.reset()
            crew.run([(make_updates, task, job, number, workers) for number in range(workers)])
            return state.read()[: job.slots]

        yield call

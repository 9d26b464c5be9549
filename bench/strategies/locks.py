"""Each synchronisation primitive of `threading` and `multiprocessing`, as what actors hand a right to each other with.

The actors and the primitives are made on entering. What they do in a round is in `bench.strategies.turns`.
"""

import multiprocessing
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from functools import partial
from typing import Any

from bench.patterns.sync import HandOffs, Passed
from bench.plugins.registry import strategy
from bench.strategies import turns
from bench.strategies.crew import Crew, ProcessCrew, ThreadCrew
from bench.strategies.processes import DEFAULT_START_METHOD, START_METHOD_CHOICES

Call = Callable[[Callable[[], object], HandOffs], Passed]
Opened = AbstractContextManager[Call]

EXCLUSION = ("exclusion",)


def _free_the_first(primitives: list[Any]) -> None:
    for each in primitives:
        each.acquire(False)
    primitives[0].release()


def _set_the_first(events: list[Any]) -> None:
    for each in events:
        each.clear()
    events[0].set()


@dataclass(frozen=True, slots=True)
class Use:
    """How a kind of primitive is used."""

    take_turns: Callable[..., tuple[int, int]]
    """What actors do in turn; where they are not, they all `compete` for the first primitive."""
    one_each: bool = False
    lay_out: Callable[[list[Any]], object] = lambda _: None
    """Makes the primitives what they are to be before a round."""


BATONS = Use(turns.release_the_next, one_each=True, lay_out=_free_the_first)
EVENTS = Use(turns.set_the_next, one_each=True, lay_out=_set_the_first)
RETRIES = Use(turns.try_again)
NOTICES = Use(turns.notify_all)
MEETINGS = Use(turns.meet)


@strategy("thread_lock", pattern="sync", isolation="thread", provides=EXCLUSION)
def thread_lock(workers: int) -> Opened:
    """`threading.Lock`: in turn, one each, and whoever had a turn releases the next one's."""
    return _in_threads(workers, BATONS, threading.Lock)


@strategy("thread_rlock", pattern="sync", isolation="thread", provides=EXCLUSION)
def thread_rlock(workers: int) -> Opened:
    """`threading.RLock`: nobody can release another's; in turn, each takes it, looks, and tries again."""
    return _in_threads(workers, RETRIES, threading.RLock)


@strategy("thread_semaphore", pattern="sync", isolation="thread", provides=EXCLUSION)
def thread_semaphore(workers: int) -> Opened:
    """`threading.Semaphore`: in turn, one each, and whoever had a turn releases the next one's."""
    return _in_threads(workers, BATONS, threading.Semaphore)


@strategy("thread_bounded_semaphore", pattern="sync", isolation="thread", provides=EXCLUSION)
def thread_bounded_semaphore(workers: int) -> Opened:
    """`threading.BoundedSemaphore`: as the semaphore; one release too many would be an error."""
    return _in_threads(workers, BATONS, threading.BoundedSemaphore)


@strategy("thread_event", pattern="sync", isolation="thread")
def thread_event(workers: int) -> Opened:
    """`threading.Event`: one each, cleared by its owner, set by the one whose turn was before."""
    return _in_threads(workers, EVENTS, threading.Event)


@strategy("thread_condition", pattern="sync", isolation="thread", provides=EXCLUSION)
def thread_condition(workers: int) -> Opened:
    """`threading.Condition`: `wait_for` one's turn, then `notify_all`."""
    return _in_threads(workers, NOTICES, threading.Condition)


@strategy("thread_barrier", pattern="sync", isolation="thread")
def thread_barrier(workers: int) -> Opened:
    """`threading.Barrier`: all meet before each pass, and the one whose turn it is makes it."""
    return _in_threads(workers, MEETINGS, partial(threading.Barrier, workers))


@strategy("process_lock", pattern="sync", isolation="process", provides=EXCLUSION, choices=START_METHOD_CHOICES)
def process_lock(workers: int, start_method: str = DEFAULT_START_METHOD) -> Opened:
    """`multiprocessing.Lock`: in turn, one each, and whoever had a turn releases the next one's."""
    return _in_processes(workers, BATONS, start_method, "Lock")


@strategy("process_rlock", pattern="sync", isolation="process", provides=EXCLUSION, choices=START_METHOD_CHOICES)
def process_rlock(workers: int, start_method: str = DEFAULT_START_METHOD) -> Opened:
    """`multiprocessing.RLock`: nobody can release another's; in turn, each takes it, looks, and tries again."""
    return _in_processes(workers, RETRIES, start_method, "RLock")


@strategy("process_semaphore", pattern="sync", isolation="process", provides=EXCLUSION, choices=START_METHOD_CHOICES)
def process_semaphore(workers: int, start_method: str = DEFAULT_START_METHOD) -> Opened:
    """`multiprocessing.Semaphore`: in turn, one each, and whoever had a turn releases the next one's."""
    return _in_processes(workers, BATONS, start_method, "Semaphore")


@strategy(
    "process_bounded_semaphore", pattern="sync", isolation="process", provides=EXCLUSION, choices=START_METHOD_CHOICES
)
def process_bounded_semaphore(workers: int, start_method: str = DEFAULT_START_METHOD) -> Opened:
    """`multiprocessing.BoundedSemaphore`: as the semaphore; one release too many would be an error."""
    return _in_processes(workers, BATONS, start_method, "BoundedSemaphore")


@strategy("process_event", pattern="sync", isolation="process", choices=START_METHOD_CHOICES)
def process_event(workers: int, start_method: str = DEFAULT_START_METHOD) -> Opened:
    """`multiprocessing.Event`: one each, cleared by its owner, set by the one whose turn was before."""
    return _in_processes(workers, EVENTS, start_method, "Event")


@strategy("process_condition", pattern="sync", isolation="process", provides=EXCLUSION, choices=START_METHOD_CHOICES)
def process_condition(workers: int, start_method: str = DEFAULT_START_METHOD) -> Opened:
    """`multiprocessing.Condition`: `wait_for` one's turn, then `notify_all`."""
    return _in_processes(workers, NOTICES, start_method, "Condition")


@strategy("process_barrier", pattern="sync", isolation="process", choices=START_METHOD_CHOICES)
def process_barrier(workers: int, start_method: str = DEFAULT_START_METHOD) -> Opened:
    """`multiprocessing.Barrier`: all meet before each pass, and the one whose turn it is makes it."""
    return _in_processes(workers, MEETINGS, start_method, "Barrier", workers)


def _in_threads(workers: int, use: Use, make: Callable[[], Any]) -> Opened:
    return _handing_on(ThreadCrew, workers, use, make, turns.Number)


def _in_processes(workers: int, use: Use, start_method: str, primitive: str, *arguments: int) -> Opened:
    context = multiprocessing.get_context(start_method)
    make = partial(getattr(context, primitive), *arguments)
    return _handing_on(partial(ProcessCrew, context), workers, use, make, partial(context.RawValue, "q"))


@contextmanager
def _handing_on(
    crew_of: Callable[[int, turns.Table], Crew],
    workers: int,
    use: Use,
    make: Callable[[], Any],
    make_number: Callable[[], Any],
) -> Iterator[Call]:
    """The call of all strategies here."""
    primitives = [make() for _ in range(workers if use.one_each else 1)]
    counter, holder = make_number(), make_number()
    with crew_of(workers, turns.Table(primitives, counter, holder)) as crew:

        def call(task: Callable[[], object], job: HandOffs) -> Passed:
            use.lay_out(primitives)
            counter.value, holder.value = 0, -1
            act = use.take_turns if job.in_turn else turns.compete
            answers = crew.run([(act, task, job, actor, workers) for actor in range(workers)])
            by_actor, taken_over = zip(*answers, strict=True)
            return Passed(list(by_actor), sum(taken_over), counter.value)

        yield call

"""What actors do with a synchronisation primitive: take turns, or compete for it.

In strict turns pass `t` belongs to actor `t % actors`. However the primitive says whose turn it is, each pass reads the
shared counter, calls the task and writes the counter, so that two passes at once would show. An actor keeps an
exception of its task to the end and goes on without calling it, because the others wait for its turns.
"""

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from bench.patterns.sync import HandOffs

Task = Callable[[], object]


@dataclass(slots=True)
class Number:
    """A number for threads; processes have a `RawValue`, which looks the same."""

    value: int = 0


@dataclass(frozen=True, slots=True)
class Table:
    """What the actors share."""

    primitives: Sequence[Any]
    """One for all, or one for each."""
    counter: Any
    """How many passes were made: its `value` is read and written without any lock of its own."""
    holder: Any
    """Who had the last pass, likewise; -1 before the first."""


class Visits:
    """The passes of one actor in one round."""

    def __init__(self, table: Table, task: Task, actor: int) -> None:
        self._counter, self._holder = table.counter, table.holder
        self._task, self._actor = task, actor
        self._made = self._taken_over = 0
        self._error: BaseException | None = None

    def visit(self) -> None:
        """Make a pass; the caller holds the right to it."""
        seen = self._counter.value
        if self._error is None:
            try:
                self._task()
            except BaseException as error:
                self._error = error
        if self._holder.value != self._actor:
            self._taken_over += self._holder.value >= 0
            self._holder.value = self._actor
        self._counter.value = seen + 1
        self._made += 1

    def finish(self) -> tuple[int, int]:
        """How many passes were made, and how many of them followed one of another actor.

        Raises:
            BaseException: what the task raised first.
        """
        error, self._error = self._error, None
        if error is not None:
            raise error
        return self._made, self._taken_over


def release_the_next(table: Table, task: Task, job: HandOffs, actor: int, actors: int) -> tuple[int, int]:
    """In turn, with a lock or semaphore each that is not free: whoever had a turn releases the next actor's."""
    visits = Visits(table, task, actor)
    mine, following = table.primitives[actor], table.primitives[(actor + 1) % actors]
    for _ in range(actor, job.passes, actors):
        mine.acquire()
        visits.visit()
        following.release()
    return visits.finish()


def set_the_next(table: Table, task: Task, job: HandOffs, actor: int, actors: int) -> tuple[int, int]:
    """In turn, with an event each: whoever had a turn sets the next actor's."""
    visits = Visits(table, task, actor)
    mine, following = table.primitives[actor], table.primitives[(actor + 1) % actors]
    for _ in range(actor, job.passes, actors):
        mine.wait()
        mine.clear()
        visits.visit()
        following.set()
    return visits.finish()


def try_again(table: Table, task: Task, job: HandOffs, actor: int, actors: int) -> tuple[int, int]:
    """In turn, with one lock that only its holder can release: take it, see whose turn it is, and try again if not."""
    visits = Visits(table, task, actor)
    lock, counter = table.primitives[0], table.counter
    for turn in range(actor, job.passes, actors):
        waiting = True
        while waiting:
            with lock:
                if counter.value == turn:
                    visits.visit()
                    waiting = False
            if waiting:
                os.sched_yield()  # lets go of the interpreter lock; without it each turn of threads takes 5 ms or more
    return visits.finish()


def notify_all(table: Table, task: Task, job: HandOffs, actor: int, actors: int) -> tuple[int, int]:
    """In turn, with one condition: wait for one's turn, and wake everyone after it."""
    visits = Visits(table, task, actor)
    condition, counter = table.primitives[0], table.counter
    for turn in range(actor, job.passes, actors):
        with condition:
            condition.wait_for(partial(_reached, counter, turn))
            visits.visit()
            condition.notify_all()
    return visits.finish()


def _reached(counter: Any, turn: int) -> bool:
    return bool(counter.value == turn)


def meet(table: Table, task: Task, job: HandOffs, actor: int, actors: int) -> tuple[int, int]:
    """In turn, with a barrier: all meet before each pass, and one of them makes it."""
    visits = Visits(table, task, actor)
    barrier = table.primitives[0]
    for turn in range(job.passes):
        barrier.wait()
        if turn % actors == actor:
            visits.visit()
    return visits.finish()


def compete(table: Table, task: Task, job: HandOffs, actor: int, actors: int) -> tuple[int, int]:
    """Not in turn: whoever gets hold of the primitive has the pass, until all are made."""
    visits = Visits(table, task, actor)
    exclusion, counter = table.primitives[0], table.counter
    while True:
        with exclusion:
            if counter.value >= job.passes:
                return visits.finish()
            visits.visit()

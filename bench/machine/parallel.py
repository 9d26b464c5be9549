"""Work that a command shares out to forked processes, which end with it, however it ends, and have none of its streams."""

import gc
import multiprocessing
import os
import threading
import traceback
from collections.abc import Callable, Iterator, Sequence
from multiprocessing.connection import Connection, wait
from typing import Any, TypeVar

from bench.accounting import kernel
from bench.accounting.affinity import cpus
from bench.processes import interruption

_JOIN_S = 1.0
Result = TypeVar("Result")


def each_of(work: Callable[[int], Result], n: int, least: int = 2) -> Iterator[Result]:
    """`work(0)` to `work(n - 1)`, in order, by a process for each core; here, where those cannot be or are killed.

    Forked processes have all that the work needs already; their garbage collector leaves that alone.

    Args:
        work: need not be pickled, unlike what it gives. What it raises is raised here.
        n: how many there are.
        least: fewer are done here, because processes take longer to start.
    """
    done = 0
    if n >= least and cpus() > 1 and "fork" in multiprocessing.get_all_start_methods():
        try:
            for result in _by_processes(work, n):
                yield result
                done += 1
        except _Lost:  # for want of memory, say, which one process needs less of
            pass
    for number in range(done, n):
        yield work(number)


class _Lost(Exception):  # noqa: N818 - a fact
    """A process ended before it had done what it was to do, or gave what nobody can read."""


class _Helper:
    """A process with a pipe of its own: in one that they share, half of a killed one's result would be waited for, forever."""

    def __init__(self, work: Callable[[int], Any], ends: tuple[int, int]) -> None:
        context = multiprocessing.get_context("fork")
        (numbers, self._numbers), (self.results, results) = context.Pipe(duplex=False), context.Pipe(duplex=False)
        self._process = context.Process(target=_serve, args=(work, numbers, results, os.getpid(), *ends), daemon=True)
        self._process.start()
        numbers.close()
        results.close()  # so that it ends with its process

    def ask(self, number: int) -> None:
        """Have the work done for a number; its result can be read from `results`."""
        try:
            self._numbers.send(number)
        except OSError as error:
            raise _Lost from error

    def answer(self) -> tuple[bool, Any]:
        """Whether the work was done, and its result or what it raised."""
        try:
            told: tuple[bool, Any] = self.results.recv()
        except Exception as error:  # what is raised where it is unpickled may be anything
            raise _Lost from error
        return told

    def kill(self) -> None:
        """End the process at once."""
        self._process.kill()

    def close(self) -> None:
        """Wait for its end, and let go of it."""
        self._process.join(_JOIN_S)
        self._numbers.close()
        self.results.close()


def _by_processes(work: Callable[[int], Result], n: int) -> Iterator[Result]:
    """The results in their order, each by whoever is idle.

    Raises:
        _Lost: where that cannot go on.
    """
    helpers: list[_Helper] = []
    ends = os.pipe()

    def end() -> None:
        for each in helpers:
            each.kill()
        for each in helpers:
            each.close()

    with interruption.undone_by(end):
        try:
            for _ in range(min(n, cpus())):
                helpers.append(_Helper(work, ends))  # noqa: PERF401 - one after another: `end` may be called in between
            yield from _in_order(helpers, n)
        finally:
            end()
            for each in ends:
                os.close(each)


def _in_order(helpers: Sequence[_Helper], n: int) -> Iterator[Any]:
    numbers, idle = iter(range(n)), list(helpers)
    busy: dict[Connection, tuple[_Helper, int]] = {}
    there: dict[int, tuple[bool, Any]] = {}
    for wanted in range(n):
        while wanted not in there:
            while idle and (number := next(numbers, None)) is not None:
                helper = idle.pop()
                busy[helper.results] = helper, number
                helper.ask(number)
            for results in wait(list(busy)):
                assert isinstance(results, Connection)
                helper, number = busy.pop(results)
                there[number] = helper.answer()
                idle.append(helper)
        is_done, result = there.pop(wanted)
        if not is_done:
            raise result
        yield result


def _serve(
    work: Callable[[int], Any], numbers: Connection, results: Connection, parent: int, readable: int, writable: int
) -> None:
    """What a process does: the work for each number that it is sent."""
    _begin(parent, readable, writable)
    while True:
        number = numbers.recv()
        try:
            told = True, work(number)
        except Exception as error:
            error.add_note(traceback.format_exc())  # which no pipe takes with it
            told = False, error
        results.send(told)


def _begin(parent: int, readable: int, writable: int) -> None:
    """What a process does first: it sees to it that it ends with its parent, and lets go of the command's streams."""
    kernel.die_with_parent()
    if os.getppid() != parent:
        os._exit(1)
    os.close(writable)  # the parent alone has it, so that its end is the pipe's
    threading.Thread(target=_end_with, args=(readable,), daemon=True).start()
    nowhere = os.open(os.devnull, os.O_RDWR)
    for descriptor in range(3):
        os.dup2(nowhere, descriptor)
    os.close(nowhere)
    gc.freeze()


def _end_with(readable: int) -> None:
    """End this process when nobody holds the other end of a pipe any more; for where the kernel does not do it."""
    os.read(readable, 1)
    os._exit(1)

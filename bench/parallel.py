"""Work that a command shares out to forked processes, which end with it, however it ends, and have none of its streams."""

import gc
import multiprocessing
import os
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from typing import Any, TypeVar

from bench import interruption
from bench.accounting import kernel

_JOIN_S = 1.0
Result = TypeVar("Result")


def cores() -> int:
    """How many this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def each_of(work: Callable[[int], Result], n: int, least: int = 2) -> Iterator[Result]:
    """`work(0)` to `work(n - 1)`, in order, by a process for each core; here, where those cannot be or are killed.

    Forked processes have all that the work needs already; their garbage collector leaves that alone.

    Args:
        work: need not be pickled, unlike what it gives. What it raises is raised here.
        n: how many there are.
        least: fewer are done here, because processes take longer to start.
    """
    done = 0
    if n >= least and cores() > 1 and "fork" in multiprocessing.get_all_start_methods():
        try:
            for result in _by_processes(work, n):
                yield result
                done += 1
        except _Killed:  # for want of memory, say, which one process needs less of
            pass
    for number in range(done, n):
        yield work(number)


@dataclass(frozen=True, slots=True, eq=False)
class _Helper:
    """The ends of a process's pipes that its parent has."""

    numbers: Connection
    results: Connection


class _Killed(Exception):  # noqa: N818 - a fact
    """A process ended before it had done what it was to do."""


def _by_processes(work: Callable[[int], Result], n: int) -> Iterator[Result]:
    """Each process has a pipe of its own: in one that they share, half of a killed one's result would be waited for, for ever.

    Raises:
        _Killed: where one of them ends.
    """
    context, ends = multiprocessing.get_context("fork"), os.pipe()
    helpers: list[_Helper] = []
    with interruption.undone_by(_end_processes):
        try:
            for _ in range(min(n, cores())):
                (numbers, mine), (results, its) = context.Pipe(duplex=False), context.Pipe(duplex=False)
                helpers.append(_Helper(mine, results))
                process = context.Process(target=_serve, args=(work, numbers, its, os.getpid(), *ends), daemon=True)
                process.start()
                numbers.close()
                its.close()  # so that it ends with its process
            yield from _in_order(helpers, n)
        finally:
            _end_processes()
            for helper in helpers:
                helper.numbers.close()
                helper.results.close()
            for end in ends:
                os.close(end)


def _in_order(helpers: Sequence[_Helper], n: int) -> Iterator[Any]:
    """The results of `n` numbers, in their order, each by whoever is idle."""
    numbers, idle = iter(range(n)), list(helpers)
    busy: dict[Connection, tuple[_Helper, int]] = {}
    there: dict[int, Any] = {}
    for wanted in range(n):
        while wanted not in there:
            while idle and (number := next(numbers, None)) is not None:
                helper = idle.pop()
                busy[helper.results] = helper, number
                _send(helper, number)
            for results in wait(list(busy)):
                assert isinstance(results, Connection)
                helper, number = busy.pop(results)
                there[number] = _received(helper)
                idle.append(helper)
        is_good, result = there.pop(wanted)
        if not is_good:
            raise result
        yield result


def _send(helper: _Helper, number: int) -> None:
    try:
        helper.numbers.send(number)
    except OSError as error:
        raise _Killed from error


def _received(helper: _Helper) -> Any:
    try:
        return helper.results.recv()
    except (EOFError, OSError) as error:
        raise _Killed from error


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


def _end_processes() -> None:
    """What the command does where it leaves while they work."""
    there = multiprocessing.active_children()
    for each in there:
        each.kill()
    for each in there:
        each.join(_JOIN_S)

"""Work that a command shares out to forked processes, which end with it, however it ends, and have none of its streams."""

import gc
import multiprocessing
import os
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
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
        except BrokenProcessPool:  # one was killed: for want of memory, say, which one process needs less of
            pass
    for number in range(done, n):
        yield work(number)


def _by_processes(work: Callable[[int], Result], n: int) -> Iterator[Result]:
    global _work  # noqa: PLW0603 - what is forked is found here, and need not be pickled
    _work = work
    ends = os.pipe()
    try:
        with (
            interruption.undone_by(_end_processes),
            ProcessPoolExecutor(
                min(n, cores()),
                mp_context=multiprocessing.get_context("fork"),
                initializer=_begin,
                initargs=(os.getpid(), *ends),
            ) as pool,
        ):
            yield from pool.map(_do, range(n))
    finally:
        for each in ends:
            os.close(each)


_work: Callable[[int], Any]


def _do(number: int) -> Any:
    return _work(number)


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

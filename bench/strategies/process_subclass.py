"""A subclass of `Process` with its own `run()` for each task, apart from `processes`: a fork copies what its queue loads besides."""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from multiprocessing.context import ForkProcess, ForkServerProcess, SpawnProcess
from multiprocessing.process import BaseProcess
from queue import Empty

from bench.plugins.registry import strategy
from bench.strategies.processes import DEFAULT_START_METHOD, START_METHOD_CHOICES
from bench.strategies.remote_errors import with_traceback

TYPE_CHECKING = False
if TYPE_CHECKING:
    from multiprocessing.queues import Queue
    from typing import Any

    _Answer = tuple[int, bool, Any]
    """A task's number, and (True, result) or (False, exception)."""


@strategy(
    "process_subclass",
    isolation="process",
    per_task=True,
    choices=START_METHOD_CHOICES,
    default_workloads=("downloads",),
)
@contextmanager
def process_subclass(
    start_method: str = DEFAULT_START_METHOD, at_once: int = 100
) -> Iterator[Callable[..., list[Any]]]:
    """A subclass of `Process` with its own `run()` for each task, all results sent through one `Queue`.

    More than `at_once` tasks are not all alive together: one is joined before another starts.
    """
    subclass = _SUBCLASSES[start_method]
    queue: Queue[_Answer] = multiprocessing.get_context(start_method).Queue()

    def call(task: Callable[[Any], Any], inputs: Sequence[Any]) -> list[Any]:
        alive: dict[int, BaseProcess] = {}
        results: list[Any] = [None] * len(inputs)
        try:
            for number, each in enumerate(inputs):
                if len(alive) == at_once:
                    _gather(queue, alive, results)
                process = subclass(queue, number, task, each)
                process.start()
                alive[number] = process
            while alive:
                _gather(queue, alive, results)
        finally:
            while alive:  # only where a task failed
                with suppress(Exception):
                    _gather(queue, alive, results)
        return results

    try:
        yield call
    finally:
        queue.close()


class _Reporting(BaseProcess):
    """A process that does one task and puts its answer into a queue."""

    def __init__(self, queue: Queue[_Answer], number: int, task: Callable[[Any], Any], each: Any) -> None:
        super().__init__()
        self._report = queue, number
        self._work = task, each

    def run(self) -> None:
        """What the child does."""
        queue, number = self._report
        task, each = self._work
        try:
            queue.put((number, True, task(each)))
        except Exception as error:
            queue.put((number, False, with_traceback(error)))


class _Forked(_Reporting, ForkProcess):
    """By the start method `fork`."""


class _Spawned(_Reporting, SpawnProcess):
    """By the start method `spawn`."""


class _Served(_Reporting, ForkServerProcess):
    """By the start method `forkserver`."""


_SUBCLASSES = {"fork": _Forked, "spawn": _Spawned, "forkserver": _Served}
_LOOK_S = 0.1
"""How long nothing may arrive until it is asked whether a process has died."""


def _gather(queue: Queue[_Answer], alive: dict[int, BaseProcess], results: list[Any]) -> None:
    """Take the next result, join its process (after that: a process waits until its result is taken)."""
    number, worked, value = _next_answer(queue, alive)
    process = alive.pop(number)
    process.join()
    process.close()
    if not worked:
        raise value
    results[number] = value


def _next_answer(queue: Queue[_Answer], alive: dict[int, BaseProcess]) -> _Answer:
    while True:
        with suppress(Empty):
            return queue.get(timeout=_LOOK_S)
        ended = [number for number, process in alive.items() if process.exitcode is not None]
        if ended:
            with suppress(Empty):
                return queue.get(block=False)  # one that has sent its result before it ended
            exit_code = alive[ended[0]].exitcode
            failure = ChildProcessError(f"a task's process ended with exit code {exit_code} and no result")
            return ended[0], False, failure

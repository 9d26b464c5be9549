"""A process for each task: nothing is reused, so each task pays for its own start."""

from __future__ import annotations

import multiprocessing
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress

from bench.plugins.registry import strategy
from bench.strategies.remote_errors import with_traceback

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

START_METHODS = multiprocessing.get_all_start_methods()
START_METHOD_CHOICES = {"start_method": START_METHODS}
# asking for the context instead would settle it, and a user's module could not set its own any more
DEFAULT_START_METHOD = multiprocessing.get_start_method(allow_none=True) or START_METHODS[0]


@strategy(
    "processes",
    isolation="process",
    per_task=True,
    choices=START_METHOD_CHOICES,
    aliases=("Process", "multiprocessing.Process"),
)
@contextmanager
def processes(start_method: str = DEFAULT_START_METHOD, at_once: int = 100) -> Iterator[Callable[..., list[Any]]]:
    """A `multiprocessing.Process` for each task, its result sent back through a `Pipe`.

    More than `at_once` tasks are not all alive together: the oldest is joined before another starts.
    """
    context = multiprocessing.get_context(start_method)

    def start(task: Callable[[Any], Any], each: Any) -> Any:
        receiver, sender = context.Pipe(duplex=False)
        process = context.Process(target=_work, args=(sender, task, each))  # type: ignore[attr-defined]
        process.start()
        sender.close()  # so that a child that dies unheard reads as the end of its pipe
        return process, receiver

    def call(task: Callable[[Any], Any], inputs: Sequence[Any]) -> list[Any]:
        alive: deque[Any] = deque()
        results: list[Any] = []
        try:
            for each in inputs:
                if len(alive) == at_once:
                    results.append(_finish(alive))
                alive.append(start(task, each))
            while alive:
                results.append(_finish(alive))
        finally:
            for process, receiver in alive:  # only where a task failed
                with receiver, suppress(EOFError, OSError):
                    receiver.recv_bytes()  # a process ends when its result is taken; a forked one holds both ends
                process.join()
        return results

    yield call


def _work(sender: Any, task: Callable[[Any], Any], each: Any) -> None:
    """What a child does: its answer is (True, result) or (False, exception)."""
    with sender:
        try:
            answer = (True, task(each))
        except Exception as error:
            answer = (False, with_traceback(error))
        try:
            sender.send(answer)
        except Exception as error:  # the result does not pickle, and nothing was sent of it
            sender.send((False, error))


def _finish(alive: deque[Any]) -> Any:
    """The result of the process that was started first."""
    process, receiver = alive.popleft()
    with receiver:
        try:
            worked, value = receiver.recv()
        except EOFError:
            process.join()
            raise ChildProcessError(f"a task's process ended with exit code {process.exitcode} and no result") from None
    process.join()
    if not worked:
        raise value
    return value

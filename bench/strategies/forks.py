"""A forked process for each task, with nothing between it and the system calls.

The child is a copy of the parent at that moment: it knows the task and its input without being sent either.
"""

from __future__ import annotations

import os
import pickle
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from bench.plugins.registry import strategy
from bench.strategies.remote_errors import with_traceback

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, NoReturn


@strategy(
    "fork",
    isolation="process",
    per_task=True,
    default_workloads=("downloads",),
    unavailable="" if hasattr(os, "fork") else "needs os.fork",
)
@contextmanager
def fork(at_once: int = 100) -> Iterator[Callable[..., list[Any]]]:
    """`os.fork` for each task, its result sent back through `os.pipe`, its end waited for by `os.waitpid`.

    More than `at_once` tasks are not all alive together: the oldest is waited for before another starts.
    """
    yield lambda task, inputs: _call(task, inputs, at_once)


def _call(task: Callable[[Any], Any], inputs: Sequence[Any], at_once: int) -> list[Any]:
    alive: deque[tuple[int, int]] = deque()
    results: list[Any] = []
    try:
        for each in inputs:
            if len(alive) == at_once:
                results.append(_finish(*alive.popleft()))
            alive.append(_start(task, each))
        while alive:
            results.append(_finish(*alive.popleft()))
    finally:
        for _, reader in alive:  # only where a task failed: who still writes ends by a broken pipe
            os.close(reader)
        for process_id, _ in alive:
            os.waitpid(process_id, 0)
    return results


def _start(task: Callable[[Any], Any], each: Any) -> tuple[int, int]:
    """Fork; gives back the child's process id and where to read its answer."""
    reader, writer = os.pipe()
    try:
        process_id = os.fork()
    except OSError:
        os.close(reader)
        os.close(writer)
        raise
    if process_id == 0:
        _work(reader, writer, task, each)
    os.close(writer)  # so that a child that dies unheard reads as the end of its pipe
    return process_id, reader


def _work(reader: int, writer: int, task: Callable[[Any], Any], each: Any) -> NoReturn:
    """What a child does: its answer is (True, result) or (False, exception)."""
    exit_code = 1
    try:
        os.close(reader)
        with open(writer, "wb") as pipe:
            pipe.write(_answer(task, each))
        exit_code = 0
    finally:
        os._exit(exit_code)  # the parent's open files, contexts and exit handlers are not the child's to clean up


def _answer(task: Callable[[Any], Any], each: Any) -> bytes:
    try:
        return pickle.dumps((True, task(each)))
    except Exception as error:
        return pickle.dumps((False, with_traceback(error)))


def _finish(process_id: int, reader: int) -> Any:
    """The result of a child, which is reaped whatever it sent."""
    try:
        with open(reader, "rb") as pipe:
            answer = pipe.read()
    finally:
        _, status = os.waitpid(process_id, 0)
    exit_code = os.waitstatus_to_exitcode(status)  # -N where signal N ended it
    if exit_code != 0:
        raise ChildProcessError(f"a task's process ended with exit code {exit_code} and no result")
    worked, value = pickle.loads(answer)  # noqa: S301 - its own child's bytes
    if not worked:
        raise value
    return value

"""Threads of one process: they share memory, and on most builds of Python the interpreter lock."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from threading import Thread

from bench.plugins.registry import strategy

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


@strategy("threads", isolation="thread", per_task=True, aliases=("Thread", "threading", "threading.Thread"))
@contextmanager
def threads(at_once: int = 100) -> Iterator[Callable[..., list[Any]]]:
    """A `Thread` for each task, started together and joined.

    More than `at_once` tasks are not all alive together: the oldest is joined before another starts, so that thousands
    of inputs do not mean thousands of stacks.
    """

    def call(task: Callable[[Any], Any], inputs: Sequence[Any]) -> list[Any]:
        results: list[Any] = [None] * len(inputs)
        errors: list[BaseException] = []

        def work(index: int, each: Any) -> None:
            try:
                results[index] = task(each)
            except BaseException as error:  # raised again below, in the thread that asked
                errors.append(error)

        alive: deque[Thread] = deque()
        for index, each in enumerate(inputs):
            if len(alive) == at_once:
                alive.popleft().join()
            thread = Thread(target=work, args=(index, each))
            thread.start()
            alive.append(thread)
        for thread in alive:
            thread.join()
        if errors:
            raise errors[0]
        return results

    yield call

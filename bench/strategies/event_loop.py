"""One event loop on one thread; what cannot be awaited goes to helper threads."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial
from typing import Any

from bench.plugins.registry import coroutine_of, strategy


@strategy(
    "asyncio",
    isolation="thread",
    per_task=True,
    provides=("coroutines", "event_loop"),
    aliases=("asyncio.TaskGroup", "asyncio.gather", "asyncio.to_thread"),
)
@contextmanager
def event_loop(at_once: int = 100) -> Iterator[Callable[..., list[Any]]]:
    """An `asyncio.TaskGroup` that awaits the workload's coroutine, or else `asyncio.to_thread`.

    No more than `at_once` inputs are under way together. The loop is one for all rounds.
    """
    with asyncio.Runner() as runner:
        runner.get_loop().set_default_executor(ThreadPoolExecutor(at_once))  # the loop shuts it down

        def call(task: Callable[[Any], Any], inputs: Sequence[Any]) -> list[Any]:
            awaitable = coroutine_of(task) or partial(_in_thread, task)
            results: list[Any] = [None] * len(inputs)
            runner.run(_gather(awaitable, inputs, at_once, results))
            return results

        yield call


async def _in_thread(task: Callable[[Any], Any], each: Any) -> Any:
    return await asyncio.to_thread(_finite, task, each)


def _finite(task: Callable[[Any], Any], each: Any) -> Any:
    try:
        return task(each)
    except StopIteration as error:  # no future takes it: Python 3.11 would wait forever
        raise RuntimeError("the task raised StopIteration") from error


async def _gather(
    awaitable: Callable[[Any], Awaitable[Any]], inputs: Sequence[Any], at_once: int, results: list[Any]
) -> None:
    """Fill in the results. Gives back none: Python 3.11's `Runner` writes out what its coroutine gives back as text."""
    free = asyncio.Semaphore(at_once)

    async def work(number: int, each: Any) -> None:
        try:
            results[number] = await awaitable(each)
        finally:
            free.release()

    try:
        async with asyncio.TaskGroup() as group:
            for number, each in enumerate(inputs):
                await free.acquire()
                group.create_task(work(number, each))
    except BaseExceptionGroup as failures:
        first = failures.exceptions[0]
    else:
        return
    raise first  # outside of the handler, so that the task's own exception keeps its own context

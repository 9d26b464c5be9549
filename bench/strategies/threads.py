"""Threads of one process: they share memory, and on most builds of Python the interpreter lock."""

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from threading import Thread
from typing import Any

from bench.registry import strategy


@strategy("threads", isolation="thread", per_task=True)
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


@strategy("thread_pool", isolation="thread")
@contextmanager
def thread_pool(workers: int, *, initializer: Callable[[], object] | None = None) -> Iterator[Callable[..., list[Any]]]:
    """`concurrent.futures.ThreadPoolExecutor.map`."""
    with ThreadPoolExecutor(workers, initializer=initializer) as pool:
        yield lambda task, inputs: list(pool.map(task, inputs))


@strategy("pool_of_threads", isolation="thread", showcase=("primes", "fetch"))
@contextmanager
def pool_of_threads(
    workers: int, *, initializer: Callable[[], object] | None = None
) -> Iterator[Callable[..., list[Any]]]:
    """`multiprocessing.pool.ThreadPool.map`: the interface of `Pool`, with threads."""
    from multiprocessing.pool import ThreadPool  # the other strategies here are measured without it

    with ThreadPool(workers, initializer) as pool:
        yield pool.map
        pool.close()
        pool.join()

"""Processes that are started once and reused for many tasks."""

import multiprocessing
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from typing import Any

from bench.registry import strategy
from bench.strategies.processes import DEFAULT_START_METHOD, START_METHOD_CHOICES

POOL_OFFERS = ("initializer", "tasks_per_child")
"""What workloads may ask of a strategy that hands what they ask to `closing_pool`."""


@contextmanager
def closing_pool(
    start_method: str,
    workers: int,
    initializer: Callable[..., object] | None = None,
    initargs: tuple[Any, ...] = (),
    tasks_per_child: int | None = None,
) -> Iterator[Any]:
    """A pool that ends its tasks when it is left, also by a task's error; it is terminated only by an interruption.

    `Pool.terminate` can hang where workers are sending results at that moment: it did, after a failure in `imap`.
    """
    pool = multiprocessing.get_context(start_method).Pool(workers, initializer, initargs, tasks_per_child)
    try:
        yield pool
    except Exception:
        raise
    except BaseException:
        pool.terminate()
        raise
    finally:
        pool.close()
        pool.join()


@strategy("process_pool", isolation="process", choices=START_METHOD_CHOICES)
@contextmanager
def process_pool(
    workers: int,
    start_method: str = DEFAULT_START_METHOD,
    chunk_size: int = 1,
    *,
    initializer: Callable[[], object] | None = None,
    tasks_per_child: int | None = None,
) -> Iterator[Callable[..., list[Any]]]:
    """`concurrent.futures.ProcessPoolExecutor.map`; it starts its processes in the first round."""
    context = multiprocessing.get_context(start_method)
    with ProcessPoolExecutor(workers, context, initializer, max_tasks_per_child=tasks_per_child) as pool:
        yield lambda task, inputs: list(pool.map(task, inputs, chunksize=chunk_size))


@strategy("pool_map", isolation="process", offers=POOL_OFFERS, choices=START_METHOD_CHOICES)
@contextmanager
def pool_map(
    workers: int, start_method: str = DEFAULT_START_METHOD, chunk_size: str = "auto", **asked: Any
) -> Iterator[Callable[..., list[Any]]]:
    """`multiprocessing.Pool.map`; its own chunk size is a quarter of each worker's share."""
    chunks = None if chunk_size == "auto" else int(chunk_size)
    with closing_pool(start_method, workers, **asked) as pool:
        yield lambda task, inputs: pool.map(task, inputs, chunks)

"""Processes that are started once and reused for many tasks."""

from __future__ import annotations

import multiprocessing.pool  # `multiprocessing` itself would import it in the first start of a pool
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from bench.plugins.registry import strategy
from bench.strategies.processes import DEFAULT_START_METHOD, START_METHOD_CHOICES

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

PROVIDED_BY_POOLS = ("initializer", "tasks_per_child")
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


@strategy(
    "pool_map",
    isolation="process",
    provides=PROVIDED_BY_POOLS,
    choices=START_METHOD_CHOICES,
    aliases=("Pool", "Pool.map", "multiprocessing.Pool", "multiprocessing"),
)
@contextmanager
def pool_map(
    workers: int, start_method: str = DEFAULT_START_METHOD, chunk_size: str = "auto", **asked: Any
) -> Iterator[Callable[..., list[Any]]]:
    """`multiprocessing.Pool.map`; its own chunk size is a quarter of each worker's share."""
    chunks = None if chunk_size == "auto" else int(chunk_size)
    with closing_pool(start_method, workers, **asked) as pool:
        yield lambda task, inputs: pool.map(task, inputs, chunks)

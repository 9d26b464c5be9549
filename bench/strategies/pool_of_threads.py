"""The thread pool of `multiprocessing`, whose import is no part of its start."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from multiprocessing.pool import ThreadPool

from bench.plugins.registry import strategy

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


@strategy(
    "pool_of_threads",
    isolation="thread",
    default_workloads=("primes", "fetch"),
    aliases=("ThreadPool", "ThreadPool.map"),
)
@contextmanager
def pool_of_threads(
    workers: int, *, initializer: Callable[[], object] | None = None
) -> Iterator[Callable[..., list[Any]]]:
    """`multiprocessing.pool.ThreadPool.map`: the interface of `Pool`, with threads."""
    with ThreadPool(workers, initializer) as pool:
        yield pool.map
        pool.close()
        pool.join()

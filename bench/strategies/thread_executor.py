"""The thread pool of `concurrent.futures`. Apart from `threads`, which is measured without what this imports."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

from bench.plugins.registry import strategy

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


@strategy("thread_pool", isolation="thread", aliases=("ThreadPoolExecutor", "concurrent.futures.ThreadPoolExecutor"))
@contextmanager
def thread_pool(workers: int, *, initializer: Callable[[], object] | None = None) -> Iterator[Callable[..., list[Any]]]:
    """`concurrent.futures.ThreadPoolExecutor.map`."""
    with ThreadPoolExecutor(workers, initializer=initializer) as pool:
        yield lambda task, inputs: list(pool.map(task, inputs))

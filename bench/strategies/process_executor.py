"""The process pool of `concurrent.futures`. Apart from `multiprocessing.Pool`, which is measured without what this imports."""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager

from bench.plugins.registry import strategy
from bench.strategies.processes import DEFAULT_START_METHOD, START_METHOD_CHOICES

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


@strategy(
    "process_pool",
    isolation="process",
    choices=START_METHOD_CHOICES,
    aliases=("ProcessPoolExecutor", "concurrent.futures.ProcessPoolExecutor"),
)
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

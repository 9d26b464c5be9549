"""Processes that are started once and reused for many tasks."""

import multiprocessing
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from typing import Any

from bench.registry import strategy
from bench.strategies.processes import DEFAULT_START_METHOD, START_METHODS


@strategy("process_pool", isolation="process", choices={"start_method": START_METHODS})
@contextmanager
def process_pool(
    workers: int, start_method: str = DEFAULT_START_METHOD, chunk_size: int = 1
) -> Iterator[Callable[..., list[Any]]]:
    """`concurrent.futures.ProcessPoolExecutor.map`; it starts its processes in the first round."""
    with ProcessPoolExecutor(workers, mp_context=multiprocessing.get_context(start_method)) as pool:
        yield lambda task, inputs: list(pool.map(task, inputs, chunksize=chunk_size))


@strategy("pool_map", isolation="process", choices={"start_method": START_METHODS})
@contextmanager
def pool_map(
    workers: int, start_method: str = DEFAULT_START_METHOD, chunk_size: str = "auto"
) -> Iterator[Callable[..., list[Any]]]:
    """`multiprocessing.Pool.map`; its own chunk size is a quarter of each worker's share."""
    chunks = None if chunk_size == "auto" else int(chunk_size)
    with multiprocessing.get_context(start_method).Pool(workers) as pool:
        yield lambda task, inputs: pool.map(task, inputs, chunks)
        pool.close()
        pool.join()

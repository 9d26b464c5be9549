"""The ways to hand tasks to a `multiprocessing.Pool` other than `map`."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from queue import SimpleQueue

from bench.plugins.registry import strategy
from bench.strategies.pools import PROVIDED_BY_POOLS, closing_pool
from bench.strategies.processes import DEFAULT_START_METHOD, START_METHOD_CHOICES

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    Call = Callable[..., list[Any]]


@strategy(
    "pool_apply",
    isolation="process",
    provides=PROVIDED_BY_POOLS,
    choices=START_METHOD_CHOICES,
    default_workloads=("primes",),
    aliases=("Pool.apply",),
)
@contextmanager
def pool_apply(workers: int, start_method: str = DEFAULT_START_METHOD, **asked: Any) -> Iterator[Call]:
    """`Pool.apply`: waits for each task before it hands out the next; generally not used."""
    with closing_pool(start_method, workers, **asked) as pool:
        yield lambda task, inputs: [pool.apply(task, (each,)) for each in inputs]


@strategy(
    "pool_apply_async",
    isolation="process",
    provides=PROVIDED_BY_POOLS,
    choices=START_METHOD_CHOICES,
    default_workloads=("downloads_even", "downloads_uneven", "primes"),
    aliases=("Pool.apply_async",),
)
@contextmanager
def pool_apply_async(workers: int, start_method: str = DEFAULT_START_METHOD, **asked: Any) -> Iterator[Call]:
    """`Pool.apply_async` for each task, then `get` of each result in order."""
    with closing_pool(start_method, workers, **asked) as pool:

        def call(task: Callable[[Any], Any], inputs: Sequence[Any]) -> list[Any]:
            pending = [pool.apply_async(task, (each,)) for each in inputs]
            return [each.get() for each in pending]

        yield call


@strategy(
    "pool_apply_callback",
    isolation="process",
    provides=PROVIDED_BY_POOLS,
    choices=START_METHOD_CHOICES,
    default_workloads=("primes",),
)
@contextmanager
def pool_apply_callback(workers: int, start_method: str = DEFAULT_START_METHOD, **asked: Any) -> Iterator[Call]:
    """`Pool.apply_async` with a callback that gathers results as they arrive."""
    with closing_pool(start_method, workers, **asked) as pool:

        def call(task: Callable[[Any], Any], inputs: Sequence[Any]) -> list[Any]:
            arrived: SimpleQueue[tuple[int, bool, Any]] = SimpleQueue()  # callbacks run in a thread of the pool's
            for number, each in enumerate(inputs):
                pool.apply_async(
                    task,
                    (each,),
                    callback=partial(_arrive, arrived, number, True),
                    error_callback=partial(_arrive, arrived, number, False),
                )
            results: list[Any] = [None] * len(inputs)
            for _ in inputs:
                number, worked, value = arrived.get()
                if not worked:
                    raise value
                results[number] = value
            return results

        yield call


def _arrive(arrived: SimpleQueue[tuple[int, bool, Any]], number: int, worked: bool, value: Any) -> None:
    arrived.put((number, worked, value))


@strategy(
    "pool_imap",
    isolation="process",
    provides=PROVIDED_BY_POOLS,
    choices=START_METHOD_CHOICES,
    default_workloads=("primes",),
    aliases=("Pool.imap",),
)
@contextmanager
def pool_imap(
    workers: int, start_method: str = DEFAULT_START_METHOD, chunk_size: int = 1, **asked: Any
) -> Iterator[Call]:
    """`Pool.imap`: an iterator that gives each result in its turn."""
    with closing_pool(start_method, workers, **asked) as pool:
        yield lambda task, inputs: list(pool.imap(task, inputs, chunk_size))


@strategy(
    "pool_imap_unordered",
    isolation="process",
    provides=PROVIDED_BY_POOLS,
    choices=START_METHOD_CHOICES,
    default_workloads=("primes",),
    aliases=("Pool.imap_unordered",),
)
@contextmanager
def pool_imap_unordered(
    workers: int, start_method: str = DEFAULT_START_METHOD, chunk_size: int = 1, **asked: Any
) -> Iterator[Call]:
    """`Pool.imap_unordered`: results as they arrive, numbered so that they can be put in order."""
    with closing_pool(start_method, workers, **asked) as pool:

        def call(task: Callable[[Any], Any], inputs: Sequence[Any]) -> list[Any]:
            results: list[Any] = [None] * len(inputs)
            for number, value in pool.imap_unordered(partial(_numbered, task), enumerate(inputs), chunk_size):
                results[number] = value
            return results

        yield call


def _numbered(task: Callable[[Any], Any], number_and_input: tuple[int, Any]) -> tuple[int, Any]:
    number, each = number_and_input
    return number, task(each)


@strategy(
    "pool_starmap",
    isolation="process",
    provides=PROVIDED_BY_POOLS,
    choices=START_METHOD_CHOICES,
    default_workloads=("primes",),
    aliases=("Pool.starmap",),
)
@contextmanager
def pool_starmap(
    workers: int, start_method: str = DEFAULT_START_METHOD, chunk_size: str = "auto", **asked: Any
) -> Iterator[Call]:
    """`Pool.starmap`: the task gets each tuple as its arguments, here tuples of one."""
    chunks = None if chunk_size == "auto" else int(chunk_size)
    with closing_pool(start_method, workers, **asked) as pool:
        yield lambda task, inputs: pool.starmap(task, [(each,) for each in inputs], chunks)

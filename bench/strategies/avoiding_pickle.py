"""Pools whose inputs do not go through the pool's queue: inherited, given once to each worker, or in shared memory."""

from __future__ import annotations

import os
import pickle
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from functools import partial
from multiprocessing import resource_tracker
from multiprocessing.shared_memory import SharedMemory

from bench.plugins.registry import strategy
from bench.strategies.pools import PROVIDED_BY_POOLS, closing_pool
from bench.strategies.processes import DEFAULT_START_METHOD, START_METHOD_CHOICES, START_METHODS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    Task = Callable[[Any], Any]

DEFAULT_WORKLOADS = ("big_inputs", "big_results")
SEGMENT_BYTES = 64 * 1024
"""Results of bytes from this size on come back in shared memory."""
_job: tuple[Task, Sequence[Any]]
"""The task and the inputs of the round, where workers have them before they get their numbers."""


@strategy(
    "pool_inherited",
    isolation="process",
    default_workloads=DEFAULT_WORKLOADS,
    unavailable="" if "fork" in START_METHODS else "needs the start method fork",
)
@contextmanager
def pool_inherited(workers: int) -> Iterator[Callable[..., list[Any]]]:
    """`Pool.map` over numbers: the pool is forked in each round, when a global holds the inputs."""

    def call(task: Task, inputs: Sequence[Any]) -> list[Any]:
        _keep(task, inputs)
        try:
            with closing_pool("fork", workers) as pool:
                return list(pool.map(_work, range(len(inputs))))
        finally:
            _forget()

    yield call


@strategy("pool_initializer", isolation="process", choices=START_METHOD_CHOICES, default_workloads=DEFAULT_WORKLOADS)
@contextmanager
def pool_initializer(workers: int, start_method: str = DEFAULT_START_METHOD) -> Iterator[Callable[..., list[Any]]]:
    """`Pool.map` over numbers: a pool for each round, all inputs given to each worker by `initargs`."""

    def call(task: Task, inputs: Sequence[Any]) -> list[Any]:
        with closing_pool(start_method, workers, _keep, (task, inputs)) as pool:
            return list(pool.map(_work, range(len(inputs))))

    yield call


def _keep(task: Task, inputs: Sequence[Any]) -> None:
    global _job  # noqa: PLW0603 - a global is what children inherit, and what an initializer can set
    _job = task, inputs


def _forget() -> None:
    global _job  # noqa: PLW0603
    del _job


def _work(number: int) -> Any:
    task, inputs = _job
    return task(inputs[number])


@strategy(
    "pool_shared_memory",
    isolation="process",
    provides=PROVIDED_BY_POOLS,
    choices=START_METHOD_CHOICES,
    default_workloads=DEFAULT_WORKLOADS,
)
@contextmanager
def pool_shared_memory(
    workers: int, start_method: str = DEFAULT_START_METHOD, **asked: Any
) -> Iterator[Callable[..., list[Any]]]:
    """`Pool.map` over places in a `SharedMemory`; big results of bytes come back in another one each."""
    resource_tracker.ensure_running()  # before the workers start, so that all of them tell the same one
    with closing_pool(start_method, workers, **asked) as pool:

        def call(task: Task, inputs: Sequence[Any]) -> list[Any]:
            with _written(inputs) as (name, places):
                try:
                    answers = pool.map(partial(_read_and_work, task, name), places)
                    return [_result(name, number, *answer) for number, answer in enumerate(answers)]
                except BaseException:
                    for number in range(len(inputs)):  # those that nobody has asked for
                        with suppress(FileNotFoundError):
                            _taken(name, number, 0)
                    raise

        yield call


Place = tuple[int, int, int, str]
"""Number of the input, where it begins, how long it is, and what its bytes are: "bytes" or "pickle"."""


@contextmanager
def _written(inputs: Sequence[Any]) -> Iterator[tuple[str, list[Place]]]:
    """A segment with all inputs, for as long as the context lasts; yields its name and what lies where."""
    pieces = [(each, "bytes") if type(each) is bytes else (pickle.dumps(each), "pickle") for each in inputs]
    # named by this process, so that who ends it in the middle of a round knows what is left of it
    name = f"bench-{os.getpid()}-{time.monotonic_ns():x}"
    segment: Any = SharedMemory(name, create=True, size=sum(len(piece) for piece, _ in pieces) or 1)
    try:
        places, begin = [], 0
        for number, (piece, kind) in enumerate(pieces):
            segment.buf[begin : begin + len(piece)] = piece
            places.append((number, begin, len(piece), kind))
            begin += len(piece)
        yield segment.name, places
    finally:
        segment.close()
        segment.unlink()


def _read_and_work(task: Task, name: str, place: Place) -> tuple[str, Any]:
    """What a worker does: its answer is ("value", result), or ("segment", bytes) where the parent finds the result."""
    number, begin, size_bytes, kind = place
    segment: Any = SharedMemory(name)
    try:
        content = bytes(segment.buf[begin : begin + size_bytes])
    finally:
        segment.close()
    result = task(content if kind == "bytes" else pickle.loads(content))  # noqa: S301 - its own parent's bytes
    if type(result) is not bytes or len(result) < SEGMENT_BYTES:
        return "value", result
    segment = SharedMemory(_result_name(name, number), create=True, size=len(result))
    segment.buf[: len(result)] = result
    segment.close()
    return "segment", len(result)


def _result(name: str, number: int, kind: str, value: Any) -> Any:
    return _taken(name, number, value) if kind == "segment" else value


def _taken(name: str, number: int, size_bytes: int) -> bytes:
    """The result that a worker has left in a segment, which is removed."""
    segment: Any = SharedMemory(_result_name(name, number))
    content = bytes(segment.buf[:size_bytes])
    segment.close()
    segment.unlink()
    return content


def _result_name(name: str, number: int) -> str:
    """Known to the parent without being told, so that it can remove what a failed round has left."""
    return f"{name}_{number}"

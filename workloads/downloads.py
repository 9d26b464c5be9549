"""Downloads as the tutorials show them: tasks that only sleep, so all that is measured is the waiting together."""

import time
from random import Random

from bench import workload


def durations(longest_s: float, rng: Random) -> list[float]:
    """Two sleeps, each drawn evenly between half of `longest_s` and all of it; to the microsecond."""
    return [round(rng.uniform(longest_s / 2, longest_s), 6) for _ in range(2)]


def even_durations(each_s: float, _: Random) -> list[float]:
    """Nine sleeps of one length."""
    return [each_s] * 9


def uneven_durations(longest_s: float, rng: Random) -> list[float]:
    """Ten sleeps, each drawn evenly between nothing and `longest_s`; to the microsecond."""
    return [round(rng.random() * longest_s, 6) for _ in range(10)]


async def sleeping(duration_s: float) -> float:
    """The same as each of the tasks, in an event loop."""
    import asyncio  # the other strategies are measured without it

    await asyncio.sleep(duration_s)
    return duration_s


@workload(
    inputs=durations,
    scales={"quick": 0.04, "standard": 0.1, "article": 10.0},
    bound="io",
    expect=list,
    min_task_s=float,
    coroutine=sleeping,
)
def downloads(duration_s: float) -> float:
    """Two downloads that sleep for a drawn time (article: 5-10 s each)."""
    time.sleep(duration_s)
    return duration_s


@workload(
    inputs=even_durations,
    scales={"quick": 0.005, "standard": 0.015, "article": 1.0},
    bound="io",
    expect=list,
    min_task_s=float,
    coroutine=sleeping,
)
def downloads_even(duration_s: float) -> float:
    """Nine downloads that sleep for the same time (article: 1 s each)."""
    time.sleep(duration_s)
    return duration_s


@workload(
    inputs=uneven_durations,
    scales={"quick": 0.008, "standard": 0.04, "article": 3.0},
    bound="io",
    expect=list,
    min_task_s=float,
    coroutine=sleeping,
)
def downloads_uneven(duration_s: float) -> float:
    """Ten downloads that sleep for drawn times (article: up to 3 s each)."""
    time.sleep(duration_s)
    return duration_s

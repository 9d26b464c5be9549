"""Downloads as the tutorials show them: tasks that only sleep, so all that is measured is the waiting together."""

import time
from random import Random

from bench import workload


def durations(longest_s: float, rng: Random) -> list[float]:
    """Two sleeps, each drawn evenly between half of `longest_s` and all of it; to the microsecond."""
    return [round(rng.uniform(longest_s / 2, longest_s), 6) for _ in range(2)]


@workload(
    inputs=durations,
    scales={"quick": 0.04, "standard": 0.16, "article": 10.0},
    bound="io",
    expect=list,
    least_s=float,
)
def downloads(duration_s: float) -> float:
    """Two downloads that sleep for a drawn time (article: 5-10 s each)."""
    time.sleep(duration_s)
    return duration_s

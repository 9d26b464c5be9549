"""Estimates from blocks: a median with an interval of order statistics, and a paired ratio.

Order statistics assume nothing of the shape of a distribution. For n values the interval from the k-th smallest to the
k-th largest covers the median with probability 1 - 2 P(X < k), X binomial(n, 1/2); see David & Nagaraja, Order
Statistics (2003), 7.1.
"""

import math
import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

LEVEL = 0.95


@dataclass(frozen=True, slots=True)
class Estimate:
    """A centre, and an interval where there are values enough for one."""

    centre: float
    low: float | None
    high: float | None
    level: float | None
    """The interval's coverage, at least the one asked for; None without an interval."""
    n: int


def coverage(n: int, rank: int) -> float:
    """How surely the `rank`-th smallest and `rank`-th largest of `n` values have the median between them."""
    return 1.0 - 2.0 * sum(math.comb(n, each) for each in range(rank)) / float(2**n)


def values_needed(level: float = LEVEL) -> int:
    """The fewest values that give an interval of this level: 6 for 95 %."""
    return next(n for n in range(1, 64) if coverage(n, 1) >= level)


def median_estimate(values: Sequence[float], level: float = LEVEL) -> Estimate:
    """The median, and the narrowest interval of order statistics that covers it with at least `level`.

    Raises:
        ValueError: if there are no values.
    """
    ordered = sorted(values)
    n = len(ordered)
    if n == 0:
        raise ValueError("no values to estimate from")
    centre = statistics.median(ordered)
    ranks = [rank for rank in range(1, n // 2 + 1) if coverage(n, rank) >= level]
    if not ranks:
        return Estimate(centre, None, None, None, n)
    rank = ranks[-1]
    return Estimate(centre, ordered[rank - 1], ordered[n - rank], coverage(n, rank), n)


def ratio_estimate(above: Mapping[int, float], below: Mapping[int, float], level: float = LEVEL) -> Estimate | None:
    """`above` / `below`, from pairs measured in the same repetition, by the median of their log ratios.

    Args:
        above, below: a value for each repetition.

    Returns:
        None where no repetition has both.
    """
    logs = [math.log(above[each] / below[each]) for each in above.keys() & below.keys()]
    if not logs:
        return None
    estimate = median_estimate(logs, level)
    return Estimate(
        math.exp(estimate.centre),
        None if estimate.low is None else math.exp(estimate.low),
        None if estimate.high is None else math.exp(estimate.high),
        estimate.level,
        estimate.n,
    )

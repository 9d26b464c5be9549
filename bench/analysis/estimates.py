"""Estimates from blocks: a median with an interval of order statistics, a slope, and a share.

Of times and of their ratios, which are known by their logarithms, `bench.analysis.signed_rank` gives narrower ones.

Order statistics assume nothing of the shape of a distribution. For n values the interval from the k-th smallest to the
k-th largest covers the median with probability 1 - 2 P(X < k), X binomial(n, 1/2); see David & Nagaraja, Order
Statistics (2003), 7.1. A slope has no order statistics: its interval comes from resampled blocks, Efron & Tibshirani, An
Introduction to the Bootstrap (1993), 9.4 and 12.
"""

import math
import random
import statistics
from bisect import bisect_right
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import accumulate

from bench import units

LEVEL = 0.95
"""How surely an interval holds what it is of."""
SURELY = units.percent(LEVEL)
INTERVAL = f"{SURELY} interval"
"""What it is called."""
_ROUNDING = 1e-12
"""A level that is met exactly may come out so much lower."""
_NOTHING = 1e-40
"""Weights below this add nothing to a sum of which the largest is 1."""
_MOST_DRAWS, _LEAST_DRAWS, _VALUES_DRAWN = 2000, 200, 400_000
"""Of the bootstrap: fewer where there are many values, so that no slope takes more than a quarter of a second."""
_MOST_DRAWN_FROM = 2000
"""Values; sums of more are normal, with the spread that draws would have."""


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
    first, below = _below(n)
    return 1.0 - 2.0 * below[rank - first] if rank >= first else 1.0


@lru_cache(maxsize=64)
def _below(n: int) -> tuple[int, list[float]]:
    """P(X < k), X binomial(n, 1/2), for k from some rank on up to n // 2 + 1; that rank. Below it, it is nothing beside 1.

    Each probability follows from its neighbour, from the likeliest in the middle outwards, and all of them add up to 1: so
    nothing overflows, and there are some 20 sqrt(n) of them that count.
    """
    weights, k = [1.0], n // 2
    while k > 0 and weights[-1] > _NOTHING:
        weights.append(weights[-1] * k / (n - k + 1))
        k -= 1
    weights.reverse()
    whole = 2 * math.fsum(weights) - (0.0 if n % 2 else 1.0)
    return k, [each / whole for each in accumulate(weights, initial=0.0)]


def values_needed(level: float = LEVEL) -> int:
    """The fewest values that give an interval of this level: 6 for 95 %."""
    return next(n for n in range(1, 64) if coverage(n, 1) >= level)


def too_few(n: int, level: float = LEVEL, what: str = "{:g} %") -> str:
    """Why so many values give no interval of this level, called `what`; empty where they do."""
    needed = values_needed(level)
    return f"n = {n}; {needed} are needed for {what.format(100 * level)}" if n < needed else ""


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
    rank = bisect_right(range(1, n // 2 + 1), _ROUNDING - level, key=lambda each: -coverage(n, each))
    if rank == 0:
        return Estimate(centre, None, None, None, n)
    return Estimate(centre, ordered[rank - 1], ordered[n - rank], coverage(n, rank), n)


def exp_of(logs: Estimate) -> Estimate:
    """The estimate of a ratio, from that of its logarithm."""
    low, high = (None if each is None else math.exp(each) for each in (logs.low, logs.high))
    return Estimate(math.exp(logs.centre), low, high, logs.level, logs.n)


def scaled(estimate: Estimate, factor: float) -> Estimate:
    """What is so many times as much, `factor` above zero."""
    low, high = (None if each is None else factor * each for each in (estimate.low, estimate.high))
    return Estimate(factor * estimate.centre, low, high, estimate.level, estimate.n)


def inverse(estimate: Estimate, amount: float = 1.0) -> Estimate:
    """`amount` over what was estimated, both above zero: the ends of the interval change places."""
    low, high = (None if each is None else amount / each for each in (estimate.high, estimate.low))
    return Estimate(amount / estimate.centre, low, high, estimate.level, estimate.n)


def quotient(above: Estimate, below: Estimate) -> Estimate:
    """The one over the other, both above zero, as far as both intervals tell: it misses where one of them does."""
    n = min(above.n, below.n)
    centre = above.centre / below.centre
    if above.low is None or above.high is None or below.low is None or below.high is None:
        return Estimate(centre, None, None, None, n)
    level = max(0.0, (above.level or 0.0) + (below.level or 0.0) - 1)
    return Estimate(centre, above.low / below.high, above.high / below.low, level, n)


def around(centre: float, estimate: Estimate) -> Estimate:
    """The same interval about another centre of the same quantity, made wider where it does not hold that."""
    low = None if estimate.low is None else min(estimate.low, centre)
    high = None if estimate.high is None else max(estimate.high, centre)
    return Estimate(centre, low, high, estimate.level, estimate.n)


def slope_estimate(values: Mapping[int, Sequence[float]], seed: int, level: float = LEVEL) -> Estimate | None:
    """How much a value grows with each step of a number: least squares over all values, and a bootstrap interval.

    Values are drawn anew among those of the same number, so each number keeps its share. The interval is that of the
    draws' slopes, made wider by `widening`; of more than 2,000 values, the one that draws of them tend to.

    Args:
        values: what was measured at each number.
        seed: of the draws; the same values and seed give the same interval.
        level: asked of the interval.

    Returns:
        None with fewer than two numbers; without an interval where a number has fewer values than `values_needed`.
    """
    known = {number: list(each) for number, each in values.items() if each}
    if len(known) < 2:
        return None
    n = sum(map(len, known.values()))
    middle = sum(number * len(each) for number, each in known.items()) / n
    spread = sum((number - middle) ** 2 * len(each) for number, each in known.items())
    weights = {number: (number - middle) / spread for number in known}
    centre = sum(weights[number] * sum(each) for number, each in known.items())
    fewest = min(map(len, known.values()))
    if fewest < values_needed(level):
        return Estimate(centre, None, None, None, n)
    wider = widening(fewest, n - len(known), level)
    if n > _MOST_DRAWN_FROM:
        variance = sum(weights[number] ** 2 * len(each) * statistics.pvariance(each) for number, each in known.items())
        half = wider * statistics.NormalDist().inv_cdf((1 + level) / 2) * math.sqrt(variance)
        return Estimate(centre, centre - half, centre + half, level, n)
    drawing, draws = random.Random(seed), max(_LEAST_DRAWS, min(_MOST_DRAWS, _VALUES_DRAWN // n))
    slopes = sorted(
        sum(weights[number] * sum(drawing.choices(each, k=len(each))) for number, each in known.items())
        for _ in range(draws)
    )
    rank = round((1 - level) / 2 * draws)
    low, high = (centre + wider * (each - centre) for each in (slopes[rank], slopes[-1 - rank]))
    return Estimate(centre, low, high, level, n)


def widening(n: int, freedom: int, level: float = LEVEL) -> float:
    """By how much an interval of bootstrap draws is made wider.

    By sqrt(n / (n - 1)), because draws vary less than what they are drawn from, and as Student's t is wider than the
    normal distribution (Abramowitz & Stegun 26.7.5), because their spread is estimated.

    Args:
        n: values that are drawn from, 2 at the least.
        freedom: degrees of freedom of the spread, 1 at the least.
        level: of the interval.
    """
    normal = statistics.NormalDist().inv_cdf((1 + level) / 2)
    return math.sqrt(n / (n - 1)) * (1 + (normal**2 + 1) / (4 * freedom))


def share_estimate(successes: int, n: int, level: float = LEVEL) -> Estimate:
    """How often something happens that happened in `successes` of `n` cases, with Clopper and Pearson's exact interval.

    Biometrika 26 (1934): its ends are the shares under which so many, or so few, would come with (1 - level) / 2.

    Raises:
        ValueError: if there are no cases.
    """
    if n < 1:
        raise ValueError("no cases to estimate from")
    tail = (1 - level) / 2
    ways = [math.lgamma(n + 1) - math.lgamma(k + 1) - math.lgamma(n - k + 1) for k in range(successes + 1)]

    def at_most(k: int, p: float) -> float:
        odds, none = math.log(p / (1 - p)), n * math.log1p(-p)
        return math.fsum(math.exp(way + each * odds + none) for each, way in enumerate(ways[: k + 1]))

    def where(falls_to: Callable[[float], bool]) -> float:
        low, high = 0.0, 1.0
        for _ in range(60):
            middle = (low + high) / 2
            low, high = (low, middle) if falls_to(middle) else (middle, high)
        return low

    low = 0.0 if successes == 0 else where(lambda p: 1 - at_most(successes - 1, p) >= tail)
    high = 1.0 if successes == n else where(lambda p: at_most(successes, p) <= tail)
    return Estimate(successes / n, low, high, level, n)

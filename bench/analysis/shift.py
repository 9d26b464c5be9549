"""By how much two unpaired samples differ: the Hodges-Lehmann shift, with the exact interval of Mann and Whitney's test.

The shift is the median of all differences between a value of the one sample and a value of the other. From the k-th
smallest to the k-th largest of these the interval covers the true shift with probability 1 - 2 P(U < k), where U is
Mann and Whitney's statistic and all orders of the values are as likely (Hollander & Wolfe, Nonparametric Statistical
Methods, 1999, 4.2 and 4.3). Nothing is assumed of the shape of the distributions but that they have the same.
"""

import math
import statistics
from collections.abc import Sequence
from functools import lru_cache
from itertools import accumulate, count

from bench.analysis.differences import Differences
from bench.analysis.estimates import Estimate

_MOST_EXACT = 10_000
"""Up to so many differences orders are counted; beyond, U is taken as normal, which it then is to four digits."""


def shift_estimate(base: Sequence[float], head: Sequence[float], error: float) -> Estimate:
    """`head` - `base`, with the narrowest such interval that misses the shift no more often than `error`.

    Swapped samples give the same with the opposite signs, to the last bit.

    Raises:
        ValueError: if a sample is empty.
    """
    if not base or not head:
        raise ValueError("no values to estimate from")
    differences = Differences(head, base)
    middle = len(differences) // 2
    centre = differences[middle]
    if len(differences) % 2 == 0:
        centre = (differences[middle - 1] + centre) / 2
    rank, covered = interval_rank(len(base), len(head), error)
    fewer = min(len(base), len(head))
    if rank == 0:
        return Estimate(centre, None, None, None, fewer)
    return Estimate(centre, differences[rank - 1], differences[len(differences) - rank], covered, fewer)


def interval_rank(m: int, n: int, error: float) -> tuple[int, float]:
    """How far from the ends of the differences the interval may begin and end, and what it then covers.

    It is 0 where even the whole range of the differences misses the shift more often than `error`.
    """
    if m * n > _MOST_EXACT:
        z = -statistics.NormalDist().inv_cdf(error / 2)
        return max(0, math.floor(m * n / 2 - z * math.sqrt(m * n * (m + n + 1) / 12))), 1 - error
    orders = math.comb(m + n, n)
    rare = [each for each in _cumulated(max(m, n), min(m, n)) if 2 * each <= error * orders]
    return (len(rare), 1 - 2 * rare[-1] / orders) if rare else (0, 0.0)


def blocks_needed(error: float) -> int:
    """The fewest values in each of two equal samples that give an interval: 5 where `error` is 1 %."""
    return next(n for n in count(1) if error * math.comb(2 * n, n) >= 2)


@lru_cache(maxsize=64)
def _cumulated(m: int, n: int) -> list[int]:
    """In how many of the orders of m + n values U is at most 0, 1, 2, … up to half its range.

    The numbers of orders are the coefficients of the Gaussian binomial, the product over i = 1 … n of
    (1 - q^(m + i)) / (1 - q^i) (Andrews, The Theory of Partitions, 1976, 3.2).
    """
    counts = [1] + [0] * (m * n // 2)
    for i in range(1, n + 1):
        for power in range(len(counts) - 1, m + i - 1, -1):
            counts[power] -= counts[power - m - i]
        for power in range(i, len(counts)):
            counts[power] += counts[power - i]
    return list(accumulate(counts))

"""The pseudomedian of paired differences, with the exact interval of Wilcoxon's signed-rank test.

The pseudomedian is the median of all Walsh averages (x_i + x_j) / 2, i <= j (Hodges & Lehmann, Annals of Mathematical
Statistics 34, 1963). From the k-th smallest to the k-th largest of them the interval misses the centre of symmetry with
probability 2 P(T < k), where T is the sum of those of the ranks 1 … n whose signs, all 2^n ways as likely, are positive
(Wilcoxon, Biometrics Bulletin 1, 1945; Hollander & Wolfe, Nonparametric Statistical Methods, 1999, 3.1 to 3.3).

Six values give an interval of 96.9 %, as order statistics of the median do, and from seven on it is narrower than theirs.
What it takes is that values lie symmetrically about their centre. The log ratio of two blocks of equal noise does, however
skewed each is: they can change places. Where the noise of two arms has different shapes, or a single time is skewed, the
interval is that of the pseudomedian and misses it more often than it says; docs/estimates.md tells by how much.

Light as long as there are few values: more than `_MOST_LISTED` load numpy.
"""

import math
import statistics
from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from itertools import accumulate, combinations_with_replacement
from typing import TYPE_CHECKING, Union

from bench.analysis.estimates import LEVEL, Estimate, exp_of

if TYPE_CHECKING:
    from bench.analysis.differences import WalshSums

_MOST_EXACT = 100
"""Values up to which the ways of T are counted; beyond it is taken as normal, whose tails are heavier: the interval misses
less often than asked, by no more than a fifth of that where 0.08 % or more is asked."""
_MOST_LISTED = 200
"""Values of which all averages are put in order; of more, the two or four that are wanted are selected."""


def signed_rank_estimate(values: Sequence[float], miss: float) -> Estimate:
    """The pseudomedian, and the narrowest interval between Walsh averages that misses it no more often than `miss`.

    Raises:
        ValueError: if there are no values.
    """
    if not values:
        raise ValueError("no values to estimate from")
    n = len(values)
    sums = _sums(values)
    last = len(sums) - 1
    centre = (sums[last // 2] + sums[last - last // 2]) / 4
    rank, level = interval_rank(n, miss)
    if rank == 0:
        return Estimate(centre, None, None, None, n)
    return Estimate(centre, sums[rank - 1] / 2, sums[last - rank + 1] / 2, level, n)


def time_estimate(times_s: Iterable[float], miss: float = 1 - LEVEL) -> Estimate:
    """The centre of times, in their unit, by the logarithms: noise delays by parts of a time.

    Raises:
        ValueError: if there are none.
    """
    return exp_of(signed_rank_estimate([math.log(each) for each in times_s], miss))


def ratio_estimate(above: Mapping[int, float], below: Mapping[int, float], miss: float = 1 - LEVEL) -> Estimate | None:
    """`above` / `below`, from pairs measured in one repetition, by the pseudomedian of their log ratios.

    Args:
        above, below: a value for each repetition.
        miss: how often the interval may miss it; see `bench.analysis.looks`.

    Returns:
        None where no repetition has both.
    """
    shared = sorted(above.keys() & below.keys())
    return time_estimate((above[each] / below[each] for each in shared), miss) if shared else None


def interval_rank(n: int, miss: float) -> tuple[int, float]:
    """How far from the ends of the averages of `n` values the interval may begin and end, and what it then covers.

    It is 0 where even the whole range of the values misses the centre more often than `miss`.
    """
    if n > _MOST_EXACT:
        z = -statistics.NormalDist().inv_cdf(miss / 2)
        return max(0, math.floor(n * (n + 1) / 4 - z * math.sqrt(n * (n + 1) * (2 * n + 1) / 24))), 1 - miss
    ways = _cumulated(n)
    rank = bisect_right(ways, miss * 2 ** (n - 1))
    return (rank, 1 - ways[rank - 1] / 2 ** (n - 1)) if rank else (0, 0.0)


@lru_cache(maxsize=_MOST_EXACT)
def _cumulated(n: int) -> list[int]:
    """In how many of the 2^n ways T is at most 0, 1, 2, … up to half of its range."""
    half = n * (n + 1) // 4
    ways = [1] + [0] * half
    for rank in range(1, n + 1):
        for total in range(half, rank - 1, -1):
            ways[total] += ways[total - rank]
    return list(accumulate(ways))


def _sums(values: Sequence[float]) -> Union[list[float], "WalshSums"]:
    """Twice the Walsh averages, in order."""
    if len(values) > _MOST_LISTED:
        from bench.analysis.differences import WalshSums

        return WalshSums(values)
    return sorted(one + other for one, other in combinations_with_replacement(values, 2))

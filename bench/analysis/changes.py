"""Where the level of a series changes: binary segmentation, each split proved by a permutation test.

The test: clipped values are centred, and the largest |partial sum| / sqrt(k (n - k) / n) over all splits k is compared
with that of the same values in random orders (Antoch & Hušková, Permutation tests in change point analysis, Statistics
& Probability Letters 53, 2001). Where runs are independent every order is as likely as any other, whatever the noise,
so the rate of false alarms is held without a model of it; runs that resemble their neighbours are not independent. A
stretch is split where the test says so, and its parts are tested in turn (Vostrikova 1981; so do the E-divisive
methods of Matteson & James 2014). A change that is taken back hides from a test for one split, so a second one looks for
a stretch between two (circular binary segmentation, Olshen et al., Biostatistics 5, 2004); the two share the level.
`docs/history.md` has the measured rates of false alarms and of changes found.

No library does it: apache-otava 0.8.0 wants numpy 2.2.0 exactly and brings clients of BigQuery, PostgreSQL and Slack;
signal-processing-algorithms 2.1.6 wants Python 3.11 and numpy 1; ruptures 1.1.10 says where changes are once it is told
how many or at which penalty, has no test of whether there are any, and excludes Python 3.14.
"""

import math
import random
import statistics
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise
from operator import mul, sub

ALPHA = 0.01
"""How often a series without a change gets one, at the most."""
SHORTEST = 3
"""Runs in a stretch: two in a row may both be disturbed by one neighbour on the machine."""
ROOM = 20
"""Runs from which on two changes at once are looked for: in fewer there is hardly a place for them."""
CLIP = 4.0
"""Values farther from the median than so many robust standard deviations count as that far: outliers are no change."""
_MOST_ORDERS, _LEAST_ORDERS, _VALUES_DRAWN = 9999, 999, 100_000
"""Of the permutation test: fewer where there are many values, so that no test takes more than a few tenths of a second."""
_ROUNDING = 1e-9
_LENGTHS_GROW = 1.25
"""Lengths of a stretch between two changes that the test tries: each so many times the one before."""
_NORMAL = 1.4826
"""Standard deviation of a normal distribution by its median absolute deviation."""


@dataclass(frozen=True, slots=True)
class Change:
    """A place where the level changes."""

    at: int
    """The number of the first value after it, from 0."""
    p: float
    """How often values without a change, in random order, look as much like one; by the permutation test."""


def runs_after(n: int, alpha: float = ALPHA) -> int | None:
    """The fewest values at either end of `n` that can be told from the others; None where no split of `n` can.

    The clearest split has its k values on one side of all others: 2 of the n! / (k! (n - k)!) ways to place them look so.
    """
    level = _level(n, alpha)
    return next((k for k in range(SHORTEST, n // 2 + 1) if 2 / math.comb(n, k) <= level), None)


def _level(n: int, alpha: float) -> float:
    """Of each test: there are two of them where there is room."""
    return alpha / 2 if n >= ROOM else alpha


def fewest_runs(alpha: float = ALPHA) -> int:
    """How many values it takes before any change can be found: 10 at 1 %."""
    return next(n for n in range(2 * SHORTEST, 1000) if runs_after(n, alpha) is not None)


def changes(values: Sequence[float], tolerance: float = 0.0, alpha: float = ALPHA, seed: int = 1) -> list[Change]:
    """The changes of level in a series, in order.

    Args:
        values: in order of time, all above 0: changes are judged by ratios.
        tolerance: a change of the medians by less than this part is none: 0.02 is from 1 / 1.02 to 1.02.
        alpha: the rate of false alarms for each stretch without a change.
        seed: of the random orders; the same values and seed give the same changes.

    Raises:
        ValueError: if a value is not above 0.
    """
    logs = [math.log(each) for each in values]
    drawing = random.Random(seed)
    found: list[Change] = []
    waiting = [(0, len(logs))]
    while waiting:
        first, end = waiting.pop()
        cuts = _cuts(logs[first:end], alpha, drawing)
        found += [Change(first + each.at, each.p) for each in cuts]
        if cuts:
            waiting += pairwise([first, *(first + each.at for each in cuts), end])
    return _large(logs, sorted(found, key=lambda each: each.at), math.log1p(tolerance))


def _cuts(logs: Sequence[float], alpha: float, drawing: random.Random) -> list[Change]:
    """Where to cut a stretch, once or twice; nowhere unless a test says that its level changes."""
    n = len(logs)
    if runs_after(n, alpha) is None or max(logs) - min(logs) <= _ROUNDING:
        return []
    scores = _scores(logs)
    weights = [0.0, *(math.sqrt(n / (k * (n - k))) for k in range(1, n))]
    inner = [weight if SHORTEST <= k <= n - SHORTEST else 0.0 for k, weight in enumerate(weights)][1:]

    def largest_split(values: Sequence[float]) -> float:
        largest: float = max(map(mul, map(abs, accumulate(values)), inner))
        return largest

    p = _p_value(scores, largest_split, _level(n, alpha), drawing)
    if p is not None:
        sizes = list(map(mul, map(abs, accumulate(scores)), inner))
        at = sizes.index(max(sizes)) + 1
        return [Change(at, p)] if _stands_out(scores, 0, at) and _stands_out(scores, at, n) else []
    if n < ROOM:
        return []
    lengths = _lengths(n)

    def largest_stretch(values: Sequence[float]) -> float:
        sums = list(accumulate(values, initial=0.0))
        return max(weights[length] * max(map(abs, _sums_of(sums, length))) for length in lengths)

    p = _p_value(scores, largest_stretch, _level(n, alpha), drawing)
    if p is None:
        return []
    begin, end = _best_stretch(scores, weights)
    return [Change(begin, p), Change(end, p)] if _stands_out(scores, begin, end) else []


def _stands_out(scores: Sequence[float], begin: int, end: int) -> bool:
    """Whether every value of a stretch as short as may be is nearer to its level than to that of the others.

    Else it is one or two values that stand out, and a neighbour that made the number full.
    """
    if end - begin > SHORTEST:
        return True
    part = scores[begin:end]
    halfway = (statistics.median(part) + statistics.median([*scores[:begin], *scores[end:]])) / 2
    return min(part) > halfway or max(part) < halfway


def _p_value(
    scores: Sequence[float], statistic: Callable[[Sequence[float]], float], level: float, drawing: random.Random
) -> float | None:
    """How often random orders reach the statistic; None as soon as that is too often."""
    reached = statistic(scores) * (1 - _ROUNDING)
    shuffled = list(scores)
    orders = max(_LEAST_ORDERS, min(_MOST_ORDERS, _VALUES_DRAWN // len(shuffled)))
    most = int(level * (orders + 1) + _ROUNDING)
    count = 1  # the order that was observed is one of them
    for _ in range(orders):
        drawing.shuffle(shuffled)
        count += statistic(shuffled) >= reached
        if count > most:
            return None
    return count / (orders + 1)


def _lengths(n: int) -> list[int]:
    """Of stretches between two changes, from the shortest to the longest."""
    found, longest = [SHORTEST], n - 2 * SHORTEST
    while (following := math.ceil(found[-1] * _LENGTHS_GROW)) <= longest:
        found.append(following)
    return found


def _sums_of(sums: Sequence[float], length: int) -> Iterator[float]:
    """The sums of all stretches of a length that leave room at both ends; `sums` are those of all before."""
    last = len(sums) - SHORTEST
    return map(sub, sums[SHORTEST + length : last], sums[SHORTEST : last - length])


def _best_stretch(scores: Sequence[float], weights: Sequence[float]) -> tuple[int, int]:
    """Where the stretch that stands out most begins and ends, of any length."""
    sums = list(accumulate(scores, initial=0.0))
    _, begin, length = max(
        (weights[length] * abs(each), begin, length)
        for length in range(SHORTEST, len(scores) - 2 * SHORTEST + 1)
        for begin, each in enumerate(_sums_of(sums, length), start=SHORTEST)
    )
    return begin, begin + length


def _scores(logs: Sequence[float]) -> list[float]:
    """Values clipped and centred."""
    middle = statistics.median(logs)
    reach = CLIP * _NORMAL * statistics.median(abs(each - middle) for each in logs)
    clipped = [min(max(each, middle - reach), middle + reach) for each in logs] if reach else list(logs)
    mean = statistics.fmean(clipped)
    return [each - mean for each in clipped]


def _large(logs: Sequence[float], found: list[Change], least: float) -> list[Change]:
    """Without the changes that are too small; the smallest goes first, for its stretches then count as one."""
    while found:
        edges = [0, *(each.at for each in found), len(logs)]
        levels = [statistics.median(logs[first:end]) for first, end in pairwise(edges)]
        steps = [abs(after - before) for before, after in pairwise(levels)]
        if min(steps) > least:
            break
        del found[steps.index(min(steps))]
    return found

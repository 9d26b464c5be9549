"""The rule of the gate: a sign test over pairs of blocks that may be looked at after every pair.

Under identical code the two blocks of a pair can change places, so the log of their ratio is as likely above 0 as below,
however skewed, bimodal or drifting the times are. A bet on the sign of each pair makes money only where that is not so.
With a stake spread over several guesses of the probability (`GUESSES`: the method of mixtures), the log of what n pairs
of which k lie above a limit have won is `log_evidence(n, k)`; if the true median is at or below the limit, it ever reaches
log(1 / c) with a probability of at most c, however often and whenever one looks (Ville 1939; Howard, Ramdas, McAuliffe &
Sekhon, Annals of Statistics 49, 2021; Ramdas, Grünwald, Vovk & Shafer, Statistical Science 38, 2023).

An alarm is confirmed on fresh pairs: evidence of 1 / sqrt(c) raises it, the count begins anew, and the pairs that follow
must reach as much by themselves. The two multiply, so both together come about with a probability of at most c.
"""

import math
from bisect import bisect_left
from collections.abc import Mapping, Sequence
from functools import lru_cache
from itertools import count

from bench.analysis.comparison import Verdict
from bench.analysis.estimates import Estimate, exp_of
from bench.analysis.running_median import RunningMedian

GUESSES = ((0.62, 0.2), (0.75, 0.25), (0.87, 0.2), (0.96, 0.15), (1.0, 0.2))
"""Probabilities that a pair lies above the limit, each with its share of the stake. Chosen by simulation so that pairs of
which 77 % to 100 % lie above are decided soon; any choice keeps the error rate."""
Key = tuple[str, str]
"""A case by its key, and one of the quantities that are compared."""
_MOST_NEEDED = 10_000
"""Pairs that nobody waits for."""


@lru_cache(maxsize=1 << 16)
def log_evidence(n: int, k: int) -> float:
    """The log of what bets of 1 on pairs lying above a limit have become when `k` of `n` do.

    A thousand pairs can win more than a float holds.
    """
    logs = [math.log(share) + k * math.log(2 * p) + _log_lost(p, n - k) for p, share in GUESSES]
    most = max(logs)
    return most + math.log(math.fsum(math.exp(each - most) for each in logs))


def _log_lost(p: float, below: int) -> float:
    """The log of what is left to a guess by so many pairs that do not lie above."""
    if not below:
        return 0.0
    return below * math.log(2 * (1 - p)) if p < 1 else -math.inf


class PairedSeries:
    """The log ratios of one case, in the order in which they were measured."""

    def __init__(self, tolerance: float) -> None:
        """`tolerance` is how much of a change is none: 0.02 is from 1 / 1.02 to 1.02."""
        self._limit = math.log1p(tolerance)
        self.values: list[float] = []
        self._median = RunningMedian()
        self.is_alarmed = False
        """Whether there was an alarm, confirmed or not."""
        self._until_alarm, self._since = _Counts(), _Counts()

    def add(self, log_ratio: float, c: float) -> Verdict | None:
        """Count a pair, and decide if that can be done now.

        Args:
            log_ratio: log of head / base.
            c: the probability of a false verdict on each side.
        """
        self.values.append(log_ratio)
        self._median.add(log_ratio)
        counts = self._since if self.is_alarmed else self._until_alarm
        counts.add(log_ratio, self._limit)
        if not self.is_alarmed and max(counts.won(counts.slower), counts.won(counts.faster)) >= -math.log(c) / 2:
            self.is_alarmed = True
            return None
        return self.verdict(c)

    def verdict(self, c: float) -> Verdict | None:
        """What the pairs so far say; None where they do not decide."""
        before, since = self._until_alarm, self._since
        enough = -math.log(c)
        confirmed = enough / 2
        if since.won(since.slower) >= confirmed and self._won(before.slower, since.slower) >= enough:
            return Verdict.REGRESSED
        if since.won(since.faster) >= confirmed and self._won(before.faster, since.faster) >= enough:
            return Verdict.IMPROVED
        not_slower = self._won(before.not_slower, since.not_slower)
        not_faster = self._won(before.not_faster, since.not_faster)
        return Verdict.EQUIVALENT if min(not_slower, not_faster) >= enough else None

    @property
    def median(self) -> float:
        """Of the log ratios so far, of which there is one at the least."""
        return self._median.value

    def estimate(self, c: float) -> Estimate:
        """The median ratio, and the interval of ratios that nothing speaks against so far.

        At any moment the interval covers the true ratio with a probability of 1 - 2 c. There is none with too few pairs.
        """
        n = len(self.values)
        low, high = self._low(self.values, c), self._low([-each for each in self.values], c)
        if low is None or high is None:
            return exp_of(Estimate(self.median, None, None, None, n))
        return exp_of(Estimate(self.median, low, -high, 1 - 2 * c, n))

    def detectable(self, c: float) -> float | None:
        """The smallest ratio, above 1, that these pairs could have told from the tolerance."""
        half = self._half_width(c)
        return None if half is None else math.exp(self._limit + half)

    def needed(self, c: float) -> int | None:
        """About how many pairs in all it takes to decide, if they go on like this.

        An interval gets narrower with the square root of their number. None where nobody would wait for so many, as when
        the median lies on the limit itself.
        """
        half = self._half_width(c)
        if half is None:
            return max(len(self.values) + 1, fewest(c))
        gap = abs(abs(self.median) - self._limit)
        pairs = len(self.values) * (half / gap) ** 2 if gap else math.inf
        return max(len(self.values) + 1, math.ceil(pairs)) if pairs <= _MOST_NEEDED else None

    def _half_width(self, c: float) -> float | None:
        """From the median to the end of the interval that is further away, in logs."""
        found = self.estimate(c)
        if found.low is None or found.high is None:
            return None
        return max(math.log(found.high / found.centre), math.log(found.centre / found.low))

    def _low(self, values: Sequence[float], c: float) -> float | None:
        """The highest of `values` such that all below it is spoken against; they are in the order of measurement."""
        turn = self._until_alarm.n
        before, since = sorted(values[:turn]), sorted(values[turn:])
        highest_first = sorted(values, reverse=True)

        def won(value: float) -> float:
            return self._won(turn - bisect_left(before, value), len(since) - bisect_left(since, value))

        at = bisect_left(highest_first, -math.log(c), key=won)  # the lower the value, the more lie above it
        return highest_first[at] if at < len(highest_first) else None

    def _won(self, before: int, since: int) -> float:
        """The log of what was won by so many pairs up to the alarm and since that lie beyond a limit."""
        return self._until_alarm.won(before) + self._since.won(since)


class _Counts:
    """Of pairs, and on which side of the limits they lie."""

    def __init__(self) -> None:
        self.n = self.slower = self.faster = self.not_slower = self.not_faster = 0

    def add(self, value: float, limit: float) -> None:
        """Count one."""
        self.n += 1
        self.slower += value > limit
        self.faster += value < -limit
        self.not_slower += value < limit
        self.not_faster += value > -limit

    def won(self, k: int) -> float:
        """The log of what bets on what happened to `k` of them have become."""
        return log_evidence(self.n, k)


@lru_cache
def fewest(c: float) -> int:
    """The fewest pairs that can decide: all of them equivalent."""
    return next(n for n in count(1) if log_evidence(n, n) >= -math.log(c))


class Gate:
    """The series of all cases of a run, with the error rate divided among them by Holm's rule.

    Holm (Scandinavian Journal of Statistics 6, 1979): of m cases the first change is called at alpha / m, and when k have
    been called, the next at alpha / (m - k). Half of alpha goes to each side.
    """

    def __init__(self, tolerances: Mapping[Key, float], alpha: float) -> None:
        """All that is going to be decided, each with its tolerance."""
        self._series = {key: PairedSeries(tolerance) for key, tolerance in tolerances.items()}
        self._alpha = alpha
        self.verdicts: dict[Key, Verdict] = {}
        """What is decided; nothing is added to that any more."""

    @property
    def c(self) -> float:
        """The probability of a false verdict on one side of a case, as things stand."""
        changed = sum(each is not Verdict.EQUIVALENT for each in self.verdicts.values())
        return self._alpha / 2 / max(1, len(self._series) - changed)

    def add(self, key: Key, log_ratio: float) -> None:
        """Count a pair of a case that is not decided."""
        if key not in self.verdicts and (verdict := self._series[key].add(log_ratio, self.c)) is not None:
            self.verdicts[key] = verdict

    def series(self, key: Key) -> PairedSeries:
        """What is known of a case."""
        return self._series[key]

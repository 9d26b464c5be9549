"""The rule of the gate on simulated streams of pairs of blocks: how often it is wrong, and how soon it is right.

Times are drawn round by round on one clock and reduced to a block's log ratio as `bench.analysis.gate.log_ratio` does; the
verdicts are those of `bench.analysis.sequential`, for there is no second implementation of the rule here. Two rules of
other tools are tried on the same streams. What a stream is made of stands in the constants; nothing here is measured.
"""

import math
import statistics
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from itertools import chain
from multiprocessing import get_context

import numpy as np
from numpy.typing import NDArray

from bench.analysis.comparison import Verdict
from bench.analysis.sequential import Gate

KINDS = ("normal", "skewed", "bimodal", "drifting", "autocorrelated")
"""Of streams."""
CASES, MOST_PAIRS, ROUNDS = 20, 60, 21
"""Of a run, of a case, and warm rounds of a block: as many as `bench.measure.shape` gives rounds of 10 ms."""
TOLERANCE, ALPHA = 0.02, 0.01
"""The gate's own, unless the user wishes others."""
ROUND_S, PAIR_S = 0.010, 0.84
"""What a round takes, and a pair of blocks with the start of its hosts, which takes about as long as its rounds."""
LEVEL = 0.95
"""Of the binomial bound, and of pyperf's test."""
PYTEST_BENCHMARK_LIMIT = 0.05
"""Of `--benchmark-compare-fail=mean:5%`."""
CHANGES = frozenset({Verdict.REGRESSED, Verdict.IMPROVED})

_ROUND_SD, _HOST_SD = 0.03, 0.01
_SLOW_MODE, _SLOW_SHARE = math.log(1.08), 0.3
_DELAYED_SHARE, _DELAY = 0.05, 0.5
"""Rounds that something delays, and by how much of their time on average."""
_THIRD = math.log(4 / 3)
_DRIFT_S = 20 * CASES * PAIR_S
"""In which the machine becomes slower by a third: twenty pairs of each case."""
_FAST_S, _SLOW_S = 6.0, 3.0
"""How long a neighbour leaves the machine alone on average, and how long he slows it by a third."""
_LONGEST_S = MOST_PAIRS * CASES * PAIR_S
_MEMORY, _LEVEL_SD = 0.9, 0.05
"""Of an AR(1) process: the correlation of neighbours, and the standard deviation of the machine's level."""
_RUNS_AT_ONCE = 100

Floats = NDArray[np.float64]
Integers = NDArray[np.intp]
_Level = Callable[[Integers, Floats], Floats]
"""Of the machine, in logs: by the numbers of the runs and the seconds since these began."""


@dataclass(frozen=True, slots=True)
class FalseAlarms:
    """Runs in which no case has changed by more than the tolerance, so that no change should be called."""

    kind: str
    effect: float
    """The true change of the head, of all cases: 0 where the code is identical."""
    runs: int
    cases: int
    """Of each run."""
    alarmed_runs: int
    """In which any case was called `regressed` or `improved`."""
    bound: float
    """The true share of such runs is below it, as sure as `LEVEL` (Clopper & Pearson, one-sided)."""
    equivalent: float
    """Share of the cases that were called so."""
    inconclusive: float
    """Share of the cases that were not decided in `MOST_PAIRS` pairs."""
    pairs_median: float | None
    """Of the cases that were decided; None if there were none."""


@dataclass(frozen=True, slots=True)
class Power:
    """Runs in which one case has changed and all others have not."""

    kind: str
    effect: float
    """The true change of that case's head: 0.05 is 5 % slower."""
    runs: int
    cases: int
    regressed: float
    """Share of the runs in which that case was called so."""
    wrong: float
    """Share in which it got a verdict that is not true; at the tolerance itself, any."""
    others_wrong: float
    """Share in which any other case was called changed."""
    pairs_median: float
    """Of the changed case; `MOST_PAIRS` where they did not decide."""
    pairs_90th: float
    """Nine of ten runs needed no more."""


@dataclass(frozen=True, slots=True)
class OtherRule:
    """What a rule of another tool says of the same streams, measured as that tool does: the base's rounds first."""

    rule: str
    kind: str
    effect: float
    """The true change of the head, of all cases."""
    runs: int
    cases: int
    rounds: int
    """Of each arm of a case."""
    slower: float
    """Share of the cases that it called so."""
    faster: float
    """Likewise; 0 for a rule that does not look for it."""
    alarmed: float
    """Share of the runs in which it called any case slower or faster."""


@dataclass(frozen=True, slots=True)
class Simulated:
    """All that was simulated."""

    false_alarms: list[FalseAlarms]
    power: list[Power]
    other_rules: list[OtherRule]


@dataclass(frozen=True, slots=True)
class _Job:
    """Some runs, and the number that makes their random numbers differ from those of other jobs."""

    kind: str
    effects: tuple[float, ...]
    """The true change of each case's head."""
    runs: int
    seed: tuple[int, ...]
    pairs: int = MOST_PAIRS


_Ended = list[tuple[Verdict | None, int]]
"""A run: of each case the verdict, if any, and the pairs that were measured."""


class Stream:
    """Times of rounds in a number of runs, as logs of their ratio to the usual time; of hosts of identical code."""

    def __init__(self, kind: str, runs: int, rng: np.random.Generator) -> None:
        """Of one of `KINDS`."""
        self._kind = kind
        self._rng = rng
        self._level = _LEVELS[kind](runs, rng) if kind in _LEVELS else None

    def hosts(self, *shape: int) -> Floats:
        """What each fresh host is off, all its life."""
        if self._kind == "skewed":
            return np.log1p(self._rng.exponential(_HOST_SD, shape))
        return self._rng.normal(0, _HOST_SD, shape) + self._modes(shape)

    def rounds(self, run: Integers, began_s: Floats, n: int) -> Floats:
        """`n` rounds, one after another from each moment on in its run, by row; what hosts are off is left out."""
        times = self._noise(len(run), n)
        if self._level is not None:
            times += self._level(run, began_s[:, None] + ROUND_S * np.arange(n))
        return times

    def log_ratios(self, run: Integers, began_s: Floats) -> Floats:
        """Of a pair of blocks of identical code, begun at each moment: which arm is first is drawn for each two rounds."""
        times = self.rounds(run, began_s, 2 * ROUNDS).reshape(-1, ROUNDS, 2)
        is_base_first = self._rng.random(times.shape[:2]) < 0.5
        hosts = self.hosts(2, len(run), 1)
        base = np.where(is_base_first, times[..., 0], times[..., 1]) + hosts[0]
        head = np.where(is_base_first, times[..., 1], times[..., 0]) + hosts[1]
        return reduced(base, head)

    def _noise(self, rows: int, n: int) -> Floats:
        """Of rounds, in the order of time."""
        if self._kind == "autocorrelated":
            return _ROUND_SD * _remembering(n, rows, self._rng).T
        noise = self._rng.normal(0, _ROUND_SD, (rows, n))
        if self._kind == "skewed":
            delayed = self._rng.random(noise.shape) < _DELAYED_SHARE
            return np.log1p(_ROUND_SD * np.exp(noise / _ROUND_SD) + delayed * self._rng.exponential(_DELAY, noise.shape))
        return noise + self._modes(noise.shape)

    def _modes(self, shape: tuple[int, ...]) -> Floats | float:
        return _SLOW_MODE * (self._rng.random(shape) < _SLOW_SHARE) if self._kind == "bimodal" else 0.0


def reduced(base: Floats, head: Floats) -> Floats:
    """Log ratios of pairs of blocks from the logs of their rounds, a block a row, as `bench.analysis.gate.log_ratio` does."""
    found: Floats = np.median(head - base, axis=-1)
    return found


def false_alarms(kind: str, runs: int, seed: int, effect: float = 0.0, processes: int = 2) -> FalseAlarms:
    """How often runs without a change raise an alarm; the result does not depend on the number of processes.

    Args:
        effect: of all cases, and no more than the tolerance: at the tolerance itself alarms are likeliest.
    """
    ended = _parallel(_ended, _jobs(kind, (effect,) * CASES, runs, seed), processes)
    cases = list(chain.from_iterable(ended))
    alarmed = sum(any(verdict in CHANGES for verdict, _ in run) for run in ended)
    decided = [pairs for verdict, pairs in cases if verdict is not None]
    return FalseAlarms(
        kind,
        effect,
        runs,
        CASES,
        alarmed,
        upper_bound(alarmed, runs),
        sum(verdict is Verdict.EQUIVALENT for verdict, _ in cases) / len(cases),
        1 - len(decided) / len(cases),
        statistics.median(decided) if decided else None,
    )


def power(kind: str, effect: float, runs: int, seed: int, cases: int = CASES, processes: int = 2) -> Power:
    """How often a change of one of the cases is seen, and after how many pairs; likewise of any number of processes."""
    ended = _parallel(_ended, _jobs(kind, (effect,) + (0.0,) * (cases - 1), runs, seed), processes)
    verdicts = [run[0][0] for run in ended]
    pairs = sorted(run[0][1] for run in ended)
    return Power(
        kind,
        effect,
        runs,
        cases,
        sum(each is Verdict.REGRESSED for each in verdicts) / runs,
        sum(each is not None and each is not _truth(effect) for each in verdicts) / runs,
        sum(any(verdict in CHANGES for verdict, _ in run[1:]) for run in ended) / runs,
        statistics.median(pairs),
        pairs[math.ceil(0.9 * runs) - 1],
    )


def other_rules(kind: str, effect: float, runs: int, seed: int, pairs: int, processes: int = 2) -> list[OtherRule]:
    """Rules of pyperf and pytest-benchmark, with as many rounds of each arm as `pairs` pairs of the gate have."""
    found = _parallel(_called, _jobs(kind, (effect,) * CASES, runs, seed, pairs), processes)
    records = []
    for name in _OTHER_RULES:
        called = np.array([run[name] for run in found])
        slower, faster = float((called > 0).mean()), float((called < 0).mean())
        alarmed = float(called.any(axis=1).mean())
        records.append(OtherRule(name, kind, effect, runs, CASES, pairs * ROUNDS, slower, faster, alarmed))
    return records


def upper_bound(count: int, n: int, level: float = LEVEL) -> float:
    """Below which a share lies that was seen `count` times in `n`: one-sided (Clopper & Pearson, Biometrika 26, 1934)."""
    if count == n:
        return 1.0
    ways = [math.lgamma(n + 1) - math.lgamma(k + 1) - math.lgamma(n - k + 1) for k in range(count + 1)]
    low, high = count / n, 1.0
    while (middle := (low + high) / 2) not in (low, high):
        so_few = math.fsum(
            math.exp(each + k * math.log(middle) + (n - k) * math.log1p(-middle)) for k, each in enumerate(ways)
        )
        low, high = (middle, high) if so_few > 1 - level else (low, middle)
    return high


def _truth(effect: float) -> Verdict | None:
    """The only verdict that is true of an effect; none is at the tolerance itself."""
    if math.isclose(effect, TOLERANCE):
        return None
    return Verdict.REGRESSED if effect > TOLERANCE else Verdict.EQUIVALENT


def _jobs(kind: str, effects: tuple[float, ...], runs: int, seed: int, pairs: int = MOST_PAIRS) -> list[_Job]:
    """All the runs, a number of them at once; seeds differ with everything that is simulated."""
    what = seed, KINDS.index(kind), round(1e6 * effects[0]), len(effects), pairs
    starts = range(0, runs, _RUNS_AT_ONCE)
    return [_Job(kind, effects, min(_RUNS_AT_ONCE, runs - each), (*what, each), pairs) for each in starts]


def _parallel[T](work: Callable[[_Job], list[T]], jobs: Sequence[_Job], processes: int) -> list[T]:
    return []

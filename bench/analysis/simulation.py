"""The rule of the gate on simulated streams of pairs of blocks: how often it is wrong, and how soon it is right.

Times are drawn round by round on one clock and reduced to blocks' log ratios as `bench.analysis.pair_values.log_ratio` does. The
verdicts are those of `bench.analysis.sequential`: there is no second implementation of the rule here. Rules of two other
tools are tried on such streams. All results follow from the seed, and not from the number of processes.
"""

import math
import statistics
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import chain
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from bench.analysis.comparison import Verdict
from bench.analysis.estimates import LEVEL, share_estimate
from bench.analysis.sequential import Gate
from bench.machine import parallel

KINDS = ("normal", "skewed", "bimodal", "drifting", "autocorrelated")
"""Of streams."""
CASES, MOST_PAIRS, ROUNDS = 20, 60, 21
"""Of a run, of a case, and warm rounds of a block: `bench.measure.engine.contest` gives as many where they take 10 ms."""
TOLERANCE, ALPHA = 0.02, 0.01
"""The gate's, unless the user wishes others."""
EFFECTS = (0.02, 0.05, 0.10)
"""That a head is slower by."""

_ROUND_S, _PAIR_S = 0.010, 0.84
"""A round, and a pair of blocks: half of that goes into starting and ending its hosts."""
_ROUND_SD, _HOST_SD, _LEVEL_SD = 0.03, 0.01, 0.05
"""Of the noise of rounds, of fresh hosts, and of the level of an autocorrelated machine; in logs."""
_DELAYED, _DELAY = 0.05, 0.5
"""The share of skewed rounds that something delays, and by how much of their time on average."""
_SLOW_MODE, _IN_SLOW_MODE = math.log(1.08), 0.3
_MEMORY = 0.9
"""The correlation of neighbours in an AR(1) process."""
_THIRD = math.log(4 / 3)
_DRIFT_S = 20 * CASES * _PAIR_S
"""In which a drifting machine becomes slower by a third: twenty pairs of each case."""
_ALONE_S, _DISTURBED_S = 6.0, 3.0
"""How long a neighbour leaves it alone on average, and how long he slows it by a third."""
_RUNS_AT_ONCE = 100

Floats = NDArray[np.floating[Any]]
Numbers = NDArray[np.intp]
_Ended = list[tuple[Verdict | None, int]]
"""A run: the verdict of each case, if there is one, and its pairs."""
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Simulation:
    """What the gate said in simulated runs. The first `changed` of each run's cases have the effect, the others none."""

    kind: str
    effect: float
    """The true change of the head: 0.05 is 5 % slower."""
    changed: int
    cases: int
    runs: int
    false_runs: int
    """In which any case was called `regressed` or `improved` though it is not beyond the tolerance on that side."""
    bound: float
    """Below which the true share of such runs lies, by `upper_bound`."""
    regressed: float
    """Share of the cases with the effect that were called so; and so on."""
    improved: float
    equivalent: float
    inconclusive: float
    """Not decided in `MOST_PAIRS` pairs."""
    pairs_median: float | None
    """Until a case with the effect was decided; None if none was."""
    pairs_90th: int | None
    """Nine of ten that were decided needed no more."""


@dataclass(frozen=True, slots=True)
class OtherRule:
    """What the rule of another tool said of the same streams, the base's rounds measured first, as that tool does."""

    rule: str
    kind: str
    effect: float
    """The true change of the head, of all cases."""
    cases: int
    runs: int
    rounds: int
    """Of each arm of a case."""
    slower: float
    """Share of the cases that it called so."""
    faster: float
    """Likewise; always 0 of a rule that does not look for it."""
    runs_with_any: float
    """Share of the runs in which it called any case slower or faster."""


class Stream:
    """Times of identical code in a number of runs at once, as logs of their ratio to the usual time."""

    def __init__(self, kind: str, runs: int, rng: np.random.Generator) -> None:
        """Of one of `KINDS`."""
        self._kind, self._rng = kind, rng
        slots = MOST_PAIRS * CASES
        if kind == "autocorrelated":
            self._levels = _LEVEL_SD * self._remembering(slots, runs)
        if kind == "drifting":
            longest_s = slots * _PAIR_S
            turns = math.ceil(1.5 * longest_s / (_ALONE_S + _DISTURBED_S))
            turns_s = rng.exponential((_ALONE_S, _DISTURBED_S), (runs, turns, 2)).reshape(runs, -1).cumsum(axis=1)
            self._began_s = (longest_s + 1.0) * np.arange(runs)[:, None]  # one after another: one search is for all
            self._turns_s = (self._began_s + np.minimum(turns_s, longest_s)).ravel()

    def hosts(self, *shape: int) -> Floats:
        """What fresh hosts are off, all their lives."""
        if self._kind == "skewed":
            return self._rng.exponential(_HOST_SD, shape)
        return self._rng.normal(0, _HOST_SD, shape) + self._modes(shape)

    def rounds(self, run: Numbers, at_s: Floats, n: int) -> Floats:
        """`n` rounds one after another from each moment on in its run, a row each, but for what hosts are off."""
        noise = self._noise(len(run), n)
        if self._kind == "autocorrelated":
            noise += self._levels[(at_s / _PAIR_S).astype(int), run][:, None]
        if self._kind == "drifting":
            each_s = at_s[:, None] + _ROUND_S * np.arange(n)
            turns = np.searchsorted(self._turns_s, each_s + self._began_s[run])
            noise += _THIRD * (each_s / _DRIFT_S + turns % 2)
        return noise

    def log_ratios(self, run: Numbers, at_s: Floats) -> Floats:
        """Pairs of blocks that begin at these moments; which arm goes first is drawn for each two rounds."""
        times = self.rounds(run, at_s, 2 * ROUNDS).reshape(-1, ROUNDS, 2)
        is_swapped = self._rng.random(times.shape[:2]) < 0.5
        base, head = self.hosts(2, len(run), 1)
        return reduced(
            base + np.where(is_swapped, times[..., 1], times[..., 0]),
            head + np.where(is_swapped, times[..., 0], times[..., 1]),
        )

    def _noise(self, rows: int, n: int) -> Floats:
        if self._kind == "autocorrelated":
            return _ROUND_SD * self._remembering(n, rows).T
        noise = self._rng.normal(0, _ROUND_SD, (rows, n))
        if self._kind == "skewed":
            delay = self._rng.exponential(_DELAY, noise.shape) * (self._rng.random(noise.shape) < _DELAYED)
            return np.log1p(_ROUND_SD * np.exp(noise / _ROUND_SD) + delay)
        return noise + self._modes(noise.shape)

    def _modes(self, shape: tuple[int, ...]) -> Floats | float:
        return _SLOW_MODE * (self._rng.random(shape) < _IN_SLOW_MODE) if self._kind == "bimodal" else 0.0

    def _remembering(self, n: int, columns: int) -> Floats:
        """AR(1) down each column, of variance 1."""
        values = self._rng.normal(size=(n, columns))
        values[1:] *= math.sqrt(1 - _MEMORY**2)
        for row in range(1, n):
            values[row] += _MEMORY * values[row - 1]
        return values


def reduced(base: Floats, head: Floats) -> Floats:
    """Log ratios of pairs of blocks, by the logs of their rounds in rows, as `bench.analysis.pair_values.log_ratio` has them."""
    found: Floats = np.median(head - base, axis=-1)
    return found


def simulate(runs: int, seed: int, say: Callable[[str], None]) -> Iterator[Simulation | OtherRule]:
    """Everything: of each kind `runs` runs that should give no alarm, and a tenth as many of whatever else is asked."""
    few = max(1, runs // 10)
    for kind in KINDS:
        say(f"simulating streams: {kind}")
        yield (same := false_alarms(kind, runs, seed))
        yield false_alarms(kind, runs, seed, TOLERANCE)
        yield from (power(kind, effect, few, seed, cases) for cases in (1, CASES) for effect in EFFECTS)
        pairs = round(same.pairs_median or MOST_PAIRS)
        for effect in (0.0, *EFFECTS):
            yield from other_rules(kind, effect, few, seed, pairs)


def false_alarms(kind: str, runs: int, seed: int, effect: float = 0.0) -> Simulation:
    """Runs in which all cases have an effect that is no change: none, or just the tolerance, where alarms are likeliest."""
    return _simulation(kind, effect, CASES, CASES, runs, seed)


def power(kind: str, effect: float, runs: int, seed: int, cases: int = CASES) -> Simulation:
    """Runs in which one of the cases has an effect."""
    return _simulation(kind, effect, 1, cases, runs, seed)


def other_rules(kind: str, effect: float, runs: int, seed: int, pairs: int) -> list[OtherRule]:
    """The rules of pyperf and pytest-benchmark with as many rounds as so many pairs have; all cases have the effect."""
    called = np.concatenate(_parallel(partial(_called, kind, effect, pairs), runs, seed))
    return [
        OtherRule(name, kind, effect, CASES, runs, pairs * ROUNDS, *map(float, shares))
        for name, each in zip(_OTHER_RULES, np.moveaxis(called, 1, 0), strict=True)
        for shares in [((each > 0).mean(), (each < 0).mean(), each.any(axis=1).mean())]
    ]


def upper_bound(count: int, n: int) -> float:
    """Below which a share lies, as sure as `LEVEL`, that was seen `count` times in `n` (Clopper and Pearson's interval, one-sided)."""
    return share_estimate(count, n, 2 * LEVEL - 1).high or 0.0


def _simulation(kind: str, effect: float, changed: int, cases: int, runs: int, seed: int) -> Simulation:
    effects = [effect] * changed + [0.0] * (cases - changed)
    ended = list(chain.from_iterable(_parallel(partial(_ended, kind, effects), runs, seed)))
    false_runs = sum(any(map(_is_false, effects, run)) for run in ended)
    looked_at = [case for run in ended for case in run[:changed]]
    pairs = sorted(n for verdict, n in looked_at if verdict is not None)
    told = Counter(verdict for verdict, _ in looked_at)
    regressed, improved, equivalent, inconclusive = (
        told[each] / len(looked_at) for each in (Verdict.REGRESSED, Verdict.IMPROVED, Verdict.EQUIVALENT, None)
    )
    return Simulation(
        kind, effect, changed, cases, runs, false_runs, upper_bound(false_runs, runs),
        regressed, improved, equivalent, inconclusive,
        statistics.median(pairs) if pairs else None, pairs[math.ceil(0.9 * len(pairs)) - 1] if pairs else None,
    )  # fmt: skip


def _is_false(effect: float, case: tuple[Verdict | None, int]) -> bool:
    log, limit = math.log1p(effect), math.log1p(TOLERANCE)
    return (case[0] is Verdict.REGRESSED and log <= limit) or (case[0] is Verdict.IMPROVED and log >= -limit)


def _parallel(work: Callable[[int, Sequence[int]], T], runs: int, seed: int) -> list[T]:
    """Some runs at a time, each time with a seed of its own."""
    starts = range(0, runs, _RUNS_AT_ONCE)
    return list(parallel.each_of(lambda n: work(min(_RUNS_AT_ONCE, runs - starts[n]), (seed, starts[n])), len(starts)))


def _ended(kind: str, effects: Sequence[float], runs: int, seed: Sequence[int]) -> list[_Ended]:
    """Runs by the gate: in each repetition every undecided case gets a pair, in random order."""
    rng = np.random.default_rng(seed)
    stream, logs = Stream(kind, runs, rng), np.log1p(effects)
    keys = [(f"case {number}", "time") for number in range(len(effects))]
    gates = [Gate(dict.fromkeys(keys, TOLERANCE), ALPHA) for _ in range(runs)]
    going, pairs_so_far = np.full((runs, len(keys)), fill_value=True), np.zeros(runs)
    for _ in range(MOST_PAIRS):
        n = going.sum(axis=1)
        order = np.argsort(np.where(going, rng.random(going.shape), np.inf), axis=1)
        run, turn = np.nonzero(np.arange(len(keys)) < n[:, None])
        case = order[run, turn]
        ratios = stream.log_ratios(run, (pairs_so_far[run] + turn) * _PAIR_S) + logs[case]
        pairs_so_far += n
        for r, k, ratio in zip(run.tolist(), case.tolist(), ratios.tolist(), strict=True):
            gates[r].add(keys[k], ratio)
            going[r, k] = keys[k] not in gates[r].verdicts
    return [[(gate.verdicts.get(key), len(gate.series(key).values)) for key in keys] for gate in gates]


def _called(kind: str, effect: float, pairs: int, runs: int, seed: Sequence[int]) -> Floats:
    """1 slower, -1 faster, 0 neither: by run, rule and case. All of the base is measured before the head."""
    rng = np.random.default_rng(seed)
    stream, shape = Stream(kind, runs, rng), (runs, 2, CASES, pairs)
    run, *_ = np.unravel_index(np.arange(math.prod(shape)), shape)
    at_s = np.tile(np.arange(math.prod(shape[1:])), runs) * (_PAIR_S / 2)
    times = stream.rounds(run, at_s, ROUNDS).reshape(*shape, ROUNDS)
    times[:, 1] += math.log1p(effect)
    fresh, one = (np.exp(times + stream.hosts(*shape[:3], n, 1)) for n in (pairs, 1))
    return np.stack([rule(each) for rule, each in zip(_OTHER_RULES.values(), (fresh, one), strict=True)], axis=1)


def _pooled_t(times: Floats) -> Floats:
    """Student's test over all values, as `pyperf._utils.is_significant`; its critical value is the normal one from 200 on."""
    n = times.shape[-1] * times.shape[-2]
    (base, head), spread = np.moveaxis(times.mean(axis=(3, 4)), 1, 0), times.var(axis=(3, 4), ddof=1).mean(axis=1)
    score = (head - base) / np.sqrt(2 * spread / n)
    called: Floats = np.sign(score) * (np.abs(score) >= statistics.NormalDist().inv_cdf((1 + LEVEL) / 2))
    return called


def _mean_5_percent(times: Floats) -> Floats:
    base, head = np.moveaxis(times.mean(axis=(3, 4)), 1, 0)
    called: Floats = np.where(head / base - 1 > 0.05, 1.0, 0.0)
    return called


_OTHER_RULES = {
    "pyperf: pooled t-test over all values, 95 %, fresh processes": _pooled_t,
    "pytest-benchmark: mean:5%, one process": _mean_5_percent,
}

"""How a strategy gains from more workers: its speed-ups, a law fitted to them, and what share of the work stays serial.

Speed-ups are over the strategy's own case with one worker, else over the baseline. Two laws are fitted, Amdahl's (AFIPS
1967) and Gunther's universal scalability law (Guerrilla Capacity Planning, 2007, 4.2), written for what a speed-up S
on p workers falls short by: p / S = 1 + sigma (p - 1) + kappa p (p - 1), with kappa = 0 in Amdahl's. That is linear
in both, so the least squares within 0..1 are found exactly. Relative deviations are what is squared, because the
noise of times is relative.

Workers that have nothing to run on say nothing of the work: where the CPU limits it, no more of them count than there
are usable cores, and none beyond the tasks of a round.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from bench.analysis.base import baseline
from bench.analysis.estimates import LEVEL, Estimate, too_few, widening
from bench.analysis.groups import LEVEL_WITHIN, Group, labels
from bench.analysis.summary import Summary, compared
from bench.records.run import Plan, Run

FEWEST_NUMBERS = 4
"""Of workers, for a fit: two parameters and the base leave one to tell whether the law holds."""
BUSY_CORES = 0.5
"""A base that uses more of a core than this is limited by the CPU, where the workload does not say what limits it."""
_DRAWS = 1000
"""Of the bootstrap."""
Numbers = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Fit:
    """A law of scaling that was fitted to speed-ups."""

    law: str
    """`Amdahl` or `USL`."""
    sigma: Estimate
    """The share of the work that is serial, or waits for others: 0..1."""
    kappa: Estimate | None
    """What each two workers cost to agree with each other: 0..1; None in Amdahl's law, which has no such cost."""

    def speedup(self, workers: float) -> float:
        """By the law, over one worker."""
        return law(workers, self.sigma.centre, 0.0 if self.kappa is None else self.kappa.centre)


@dataclass(frozen=True, slots=True)
class Point:
    """A strategy on a number of workers."""

    workers: int
    summary: Summary
    speedup: Estimate
    """The base's time over this one's, paired by repetition."""
    counts: bool
    """Whether there was something to run on for every worker."""
    superlinear: bool
    """Whether it is certainly faster than what it ran on can explain: a finding, and no law fits it."""
    serial_fraction: Estimate | None
    """Karp and Flatt's, where it says something: with two workers or more, each of which counts, and not superlinear."""


@dataclass(frozen=True, slots=True)
class Curve:
    """A strategy with the same options on several numbers of workers."""

    label: str
    """The strategy, and whatever tells it from other curves of the group."""
    base: Summary
    """What the speed-ups are relative to: the strategy's own case with one worker, else the baseline."""
    points: tuple[Point, ...]
    """Those with a time, by workers."""
    fits: tuple[Fit, ...]
    """Amdahl's law and the USL, or none."""
    fit_absent: str
    """Why there is no fit; empty where there is one."""
    most: float
    """So many workers have something to run on, and something to run: more do not count."""

    @property
    def fit(self) -> Fit | None:
        """The simpler law, unless the cost of agreement is certainly above zero."""
        if not self.fits:
            return None
        amdahl, usl = self.fits
        certain = usl.kappa is not None and usl.kappa.low is not None and usl.kappa.low > 0
        return usl if certain else amdahl

    @property
    def best(self) -> Point:
        """The point with the highest speed-up."""
        return max(self.points, key=lambda each: each.speedup.centre)

    @property
    def gains(self) -> bool:
        """Whether more workers are certainly faster; where there is no interval, whether they are by the medians."""
        best = self.best.speedup
        return (best.centre if best.low is None else best.low) > 1

    @property
    def enough(self) -> Point:
        """The fewest workers than which the best may be no faster, but for what nobody would add workers for."""
        return next(each for each in self.points if _is_level(self.best, each))


def _is_level(best: Point, other: Point) -> bool:
    ratio = compared(other.summary, best.summary)
    return ratio is not None and (ratio.centre if ratio.low is None else ratio.low) <= 1 + LEVEL_WITHIN


def law(workers: float, sigma: float, kappa: float = 0.0) -> float:
    """The speed-up over one worker by the universal scalability law; with `kappa` 0 it is Amdahl's."""
    return workers / (1 + sigma * (workers - 1) + kappa * workers * (workers - 1))


def karp_flatt(workers: int, speedup: float) -> float:
    """The experimentally determined serial fraction of a speed-up: (1/S - 1/p) / (1 - 1/p).

    Karp & Flatt, Measuring Parallel Processor Performance, CACM 33(5), 1990. It is below 0 where the speed-up is above
    the workers, and above 1 where they slow the work down.

    Args:
        workers: two or more.
        speedup: above zero.
    """
    return (1 / speedup - 1 / workers) / (1 - 1 / workers)


def fitted(workers: Sequence[int], speedups: Numbers, *, agreeing: bool) -> Numbers:
    """Sigma and kappa by least squares of relative deviations, each within 0..1.

    Args:
        workers: of each column; one of them above 1 at the least.
        speedups: above zero, a row for each fit.
        agreeing: whether kappa is fitted too; else it is 0.

    Returns:
        A row of sigma and kappa for each row of `speedups`.
    """
    p = np.array(workers, dtype=float)
    short = p / speedups
    one, two = (p - 1) / short, p * (p - 1) / short
    rest = 1 - 1 / short
    of_one, of_two, both = ((a * b).sum(axis=1) for a, b in ((one, one), (two, two), (one, two)))
    to_one, to_two = (one * rest).sum(axis=1), (two * rest).sum(axis=1)
    zero = np.zeros(len(short))

    def sigma_at(kappa: Numbers) -> Numbers:
        return np.asarray(np.clip((to_one - kappa * both) / of_one, 0, 1))

    if not agreeing:
        return np.stack((sigma_at(zero), zero), axis=1)
    with np.errstate(divide="ignore", invalid="ignore"):
        inside = np.stack((to_one * of_two - to_two * both, to_two * of_one - to_one * both)) / (
            of_one * of_two - both**2
        )
    inside = np.where(((inside >= 0) & (inside <= 1)).all(axis=0), inside, 0.0)
    edges = [(sigma_at(zero + kappa), zero + kappa) for kappa in (0, 1)]
    edges += [(zero + sigma, np.clip((to_two - sigma * both) / of_two, 0, 1)) for sigma in (0, 1)]
    tried = np.stack([inside, *(np.stack(each) for each in edges)])  # candidate × parameter × row
    left = rest - tried[:, 0, :, None] * one - tried[:, 1, :, None] * two
    best = (left**2).sum(axis=2).argmin(axis=0)
    found: Numbers = tried[best, :, np.arange(len(short))]
    return found


def curves(group: Group, run: Run) -> list[Curve]:
    """The strategies of a group that were measured with several numbers of workers, in the order of the plan.

    Cases that differ in the work of a round are in no curve: there a time with more workers is of more work.
    """
    plan, environment = run.header.plan, run.header.environment
    found: list[Curve] = []
    for cases in variants(group):
        timed = [each for each in cases if each.wall is not None]
        if len(timed) < 2 or len({each.tasks for each in timed}) > 1:
            continue
        base = _base_of(timed[0], group, plan)
        if base is not None and base.tasks == timed[0].tasks:
            curve = _curve(timed, base, environment.usable_cores, plan.conditions.seed)
            if len(curve.points) > 1:  # some may have no repetition in common with the base
                found.append(curve)
    names = labels([_without_workers(each.points[0].summary) for each in found])
    return [replace(each, label=names[_without_workers(each.points[0].summary).case.key]) for each in found]


def _base_of(fewest: Summary, group: Group, plan: Plan) -> Summary | None:
    """What a curve's speed-ups are over: its case of the fewest workers, if that is one, else the base of the plan, if it has a time."""
    if fewest.case.workers == 1:
        return fewest
    base = baseline(fewest.case, plan)
    return None if base is None else next((each for each in group.ranked if each.case.key == base.key), None)


def variants(group: Group) -> list[list[Summary]]:
    """Cases that differ in the number of workers alone, by that number; those without one, and single ones, left out."""
    found: dict[str, list[Summary]] = {}
    for each in group.cases:
        if each.case.workers is not None:
            found.setdefault(_without_workers(each).case.key, []).append(each)
    return [sorted(each, key=_workers) for each in found.values() if len(each) > 1]


def _without_workers(summary: Summary) -> Summary:
    return replace(summary, case=replace(summary.case, workers=None))


def _workers(summary: Summary) -> int:
    assert summary.case.workers is not None
    return summary.case.workers


def _curve(timed: Sequence[Summary], base: Summary, cores: int, seed: int) -> Curve:
    most = _most_that_count(base, cores)
    points = tuple(_point(each, speedup, most) for each in timed if (speedup := compared(base, each)) is not None)
    counting = [each for each in points if each.counts]
    shared = sorted(set(base.block_walls).intersection(*(each.summary.block_walls for each in counting)))
    absent = _why_no_fit(points, counting, most, len(shared))
    fits = () if absent else _fits(counting, base.block_walls, shared, seed)
    return Curve("", base, points, fits, absent, most)


def _most_that_count(base: Summary, cores: int) -> float:
    """The workers that have something to run on, and something to run."""
    used = base.cost.cores_used
    busy = base.work.bound == "unknown" and used is not None and used > BUSY_CORES
    return min(cores if base.work.bound == "cpu" or busy else math.inf, base.tasks or math.inf)


def _point(summary: Summary, speedup: Estimate, most: float) -> Point:
    workers = _workers(summary)
    surest = speedup.centre if speedup.low is None else speedup.low
    superlinear = surest > min(workers, most) * (1 + LEVEL_WITHIN)
    counts = workers <= most
    fraction = _fraction(workers, speedup) if counts and workers > 1 and not superlinear else None
    return Point(workers, summary, speedup, counts, superlinear, fraction)


def _fraction(workers: int, speedup: Estimate) -> Estimate:
    """Karp and Flatt's of an estimate: it falls with the speed-up, so the interval's ends change places."""
    low, high = (None if each is None else karp_flatt(workers, each) for each in (speedup.high, speedup.low))
    return Estimate(karp_flatt(workers, speedup.centre), low, high, speedup.level, speedup.n)


def _why_no_fit(points: Sequence[Point], counting: Sequence[Point], most: float, n: int) -> str:
    above = [each.workers for each in points if each.superlinear]
    if above:
        return f"superlinear with {', '.join(map(str, above))} workers: a finding that no law explains"
    if len(counting) < FEWEST_NUMBERS:
        beyond = f", those above {most:g} having nothing to run on" if len(counting) < len(points) else ""
        return f"{len(counting)} numbers of workers count{beyond}; a fit needs {FEWEST_NUMBERS}"
    return too_few(n)


def _fits(
    points: Sequence[Point], base_walls: Mapping[int, float], shared: Sequence[int], seed: int
) -> tuple[Fit, ...]:
    """Both laws; intervals by drawing repetitions anew, each with its blocks of all points (Efron & Tibshirani 1993).

    What draws are taken for is by how much their medians lie off, about the speed-ups as they are shown.
    """
    walls = [each.summary.block_walls for each in points]
    logs = np.log([[base_walls[repetition] / each[repetition] for each in walls] for repetition in shared])
    drawn = np.random.default_rng(seed).integers(len(shared), size=(_DRAWS, len(shared)))
    workers = [each.workers for each in points]
    centres = np.array([[each.speedup.centre for each in points]])
    speedups = centres * np.exp(np.median(logs[drawn], axis=1) - np.median(logs, axis=0))
    found = []
    for agreeing in (False, True):
        centre = fitted(workers, centres, agreeing=agreeing)[0]
        spread = fitted(workers, speedups, agreeing=agreeing)
        sigma, kappa = (_bounded(float(centre[each]), spread[:, each], len(shared)) for each in (0, 1))
        found.append(Fit("USL", sigma, kappa) if agreeing else Fit("Amdahl", sigma, None))
    return tuple(found)


def _bounded(centre: float, drawn: Numbers, n: int) -> Estimate:
    """A parameter with the interval of its draws, which is made wider, has the centre in it and stays within 0..1."""
    ends = np.quantile(drawn, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    low, high = (float(np.clip(centre + widening(n, n - 1) * (end - centre), 0, 1)) for end in ends)
    return Estimate(centre, min(low, centre), max(high, centre), LEVEL, n)

"""Which charts of a run tell most: one for each question that most people ask, then the others, work by work.

A chart is told by its kind and by the work that it shows. What it looks like, and whether there is one, its drawing decides.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from bench.analysis.estimates import Estimate, values_needed
from bench.analysis.groups import LEVEL_WITHIN, Group
from bench.analysis.kinds import Kind, has_several_workers, kind_of
from bench.analysis.scaling import curves
from bench.analysis.summary import Summary
from bench.records.run import Run

LATENCIES, OVERVIEW, OVER_TIME, PHASES, RANKING, SCALING, THROUGHPUT, TRADEOFF = (
    "latencies", "speedup", "over-time", "phases", "ranking", "scaling", "throughput", "tradeoff",
)  # fmt: skip
"""The kinds of charts that answer questions."""


@dataclass(frozen=True, slots=True)
class Effect:
    """How large the difference is that a chart shows."""

    ratio: float = 1.0
    """The larger over the smaller: of an interval the end that is nearer to 1."""
    certain: bool = False
    """Whether there were blocks enough for an interval, and it is above 1."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A chart that might be shown."""

    kind: str
    groups: tuple[Group, ...]
    """The work that it shows."""
    works: frozenset[Kind]
    """What kinds of work these are."""
    effect: Effect

    @property
    def is_of_one(self) -> bool:
        """Whether it shows one workload."""
        return len(self.groups) == 1


@dataclass(frozen=True, slots=True)
class Question:
    """What people ask."""

    about: str
    charts: tuple[str, ...]
    """The kinds of charts that answer it, the best first."""
    works: frozenset[Kind]
    """Of what work it is."""
    is_lost: bool | None = None
    """Whether it is of work on which nothing is faster than a plain loop, or of the other; None where that is all one."""

    def is_answered_by(self, chart: Candidate) -> bool:
        """Whether the chart is of a kind that answers it, and all of its work is what is asked about."""
        lost = [self.is_lost is None or each.ranked[0].is_base is self.is_lost for each in chart.groups]
        return chart.kind in self.charts and chart.works <= self.works and all(lost)

    def rank(self, chart: Candidate) -> tuple[int, ...]:
        """The lower, the better the chart answers it."""
        return self.charts.index(chart.kind), not chart.effect.certain


_COMPUTING = frozenset((Kind.PYTHON, Kind.NATIVE, Kind.COMPUTING))
_MAPS = _COMPUTING | {Kind.WAITING, Kind.MIXED, Kind.LARGE_DATA}
_ANY = frozenset(Kind)
QUESTIONS = (
    Question("waiting", (RANKING,), frozenset((Kind.WAITING,)), is_lost=False),
    Question("computing", (SCALING, RANKING), _COMPUTING, is_lost=False),
    Question("the GIL", (OVER_TIME,), frozenset((Kind.PYTHON,))),
    Question("memory", (TRADEOFF,), _ANY - {Kind.STARTS}),
    Question("where a plain loop wins", (RANKING,), _MAPS, is_lost=True),
    Question("messages", (THROUGHPUT, RANKING), frozenset((Kind.MESSAGES,))),
    Question("shared state", (RANKING,), frozenset((Kind.STATE,))),
    Question("locks", (RANKING,), frozenset((Kind.LOCKS,))),
    Question("servers", (LATENCIES, RANKING), frozenset((Kind.SERVERS,))),
    Question("everything at once", (OVERVIEW,), _MAPS),
    Question("what a script pays that does the work once", (PHASES, RANKING), _MAPS | {Kind.STARTS}),
)
"""In the order in which they are answered."""


def candidate(kind: str, groups: Sequence[Group], run: Run) -> Candidate:
    """A chart of this kind of these groups of a run."""
    works = frozenset(kind_of(each) for each in groups)
    return Candidate(kind, tuple(groups), works, effect(kind, groups, run))


def by_telling(charts: Sequence[Candidate]) -> list[Candidate]:
    """All of the charts, the most telling first.

    Each question has one, where one answers it and shows a difference: of work that has no chart so far, of the best kind,
    certain rather than not, and of the largest effect. Then come the others: always of the work that has the fewest charts
    so far, certain rather than not, of the kind that has the fewest, and of the largest effect.
    """
    left, told = list(charts), _Told([])

    def take(found: Sequence[Candidate], rank: Callable[[Candidate], tuple[int, ...]]) -> None:
        best = min(found, key=lambda each: (told.of_work(each), *rank(each), -each.effect.ratio))
        told.charts.append(best)
        left.remove(best)

    for question in QUESTIONS:
        if answers := [each for each in left if each.effect.ratio > 1 + LEVEL_WITHIN and question.is_answered_by(each)]:
            take(answers, question.rank)
    while left:
        take(left, lambda each: (not each.effect.certain, told.of_kind(each)))
    return told.charts


@dataclass(frozen=True, slots=True)
class _Told:
    """The charts that have their place."""

    charts: list[Candidate]

    def of_work(self, chart: Candidate) -> int:
        """How many charts there are of what this one shows; those of several workloads count for none of them."""
        known = Counter((each.groups[0].workload, each.groups[0].scale) for each in self.charts if each.is_of_one)
        return max(known[group.workload, group.scale] for group in chart.groups) if chart.is_of_one else 0

    def of_kind(self, chart: Candidate) -> int:
        """How many there are of its kind."""
        return sum(each.kind == chart.kind for each in self.charts)


def effect(kind: str, groups: Sequence[Group], run: Run) -> Effect:
    """The largest difference that a chart of this kind shows of these groups."""
    found = [_effect(kind, group, run) for group in groups if group.ranked]
    return max(found, key=lambda each: (each.certain, each.ratio), default=Effect())


def _effect(kind: str, group: Group, run: Run) -> Effect:
    ranked = group.ranked
    match kind:
        case "scaling":
            return _of_ratios([each.best.speedup for each in curves(group, run) if each.gains])
        case "tradeoff":
            return _between(ranked, lambda each: each.cost.peak_memory_bytes)
        case "over-time":
            return _between(filter(has_several_workers, ranked), lambda each: each.cost.cores_used)
        case "latencies":
            return _between(ranked, lambda each: each.latencies[0].p99_s if each.latencies else None)
        case "phases":  # what is fastest once it runs is the wrong choice for a script that does the work once
            return _between([ranked[0], min(ranked, key=lambda each: each.one_shot_s)], lambda each: each.one_shot_s)
        case "rounds":
            return Effect()
    return _of_fastest(ranked)


def _of_fastest(ranked: Sequence[Summary]) -> Effect:
    """How many times as fast as the base the fastest case is; where the base is the fastest, as the next one."""
    if not ranked[0].is_base:
        return _of_ratios([] if ranked[0].speedup is None else [ranked[0].speedup])
    ratio = next((each.speedup for each in ranked if not each.is_base and each.speedup is not None), None)
    if ratio is None:
        return Effect()
    highest = ratio.centre if ratio.high is None else ratio.high
    return Effect(max(1 / highest, 1.0), certain=ratio.high is not None and ratio.high < 1)


def _of_ratios(ratios: Iterable[Estimate]) -> Effect:
    """The largest of some ratios by the ends of their intervals that are nearer to 1."""
    made = [
        Effect(max(each.centre, 1.0)) if each.low is None else Effect(max(each.low, 1.0), certain=each.low > 1)
        for each in ratios
    ]
    return max(made, key=lambda each: (each.certain, each.ratio), default=Effect())


def _between(cases: Iterable[Summary], value: Callable[[Summary], float | None]) -> Effect:
    """The largest over the smallest of what is known of some cases; certain where both have blocks enough for an interval."""
    known = [(found, each.blocks) for each in cases if (found := value(each))]
    if len(known) < 2:
        return Effect()
    (least, few), (most, many) = min(known), max(known)
    return Effect(most / least, certain=most > least and min(few, many) >= values_needed())

"""What a run answers for each kind of work: which strategy, whether it is certainly faster, and what to be careful about.

Of the workloads of a kind one is shown: the one whose gain is in the middle, of two in the middle the one with the smaller
gain. The others agree with it or do not. Everything here is data; `bench.report.run.answer_words` has the words.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from bench.analysis.findings.rule import Finding
from bench.analysis.findings.timing import few_blocks
from bench.analysis.groups import Group
from bench.analysis.kinds import Kind, has_several_workers, in_threads, kind_of
from bench.analysis.standing import standing
from bench.analysis.summary import Summary, compared
from bench.records.block import Outcome

MOST_LINES = 6
"""Up to so many workloads are answered one by one; of more, one of each kind."""
MUCH = 2.0
"""So many times as long as the base is worth a warning."""
_SHARED = (Kind.MESSAGES, Kind.STATE, Kind.LOCKS)
"""What threads of one process do in its memory, and processes across."""


class Verdict(StrEnum):
    """What can be said of the fastest case of a group beside its base."""

    FASTER = "faster"
    """It is certainly faster than the base."""
    BASE = "base"
    """The base itself has the lowest time."""
    UNDECIDED = "undecided"
    """Another case has the lowest time, and may by its interval be no faster than the base."""
    FEW = "few"
    """There are too few blocks for an interval."""
    NO_BASE = "no base"
    """The base has no time."""
    NO_TIME = "no time"
    """No case has a time."""


class Care(StrEnum):
    """What to be careful about, each of which is about some cases."""

    BAD = "bad"
    """They failed, hung or gave wrong results, and so have no time."""
    UNSURE = "unsure"
    """A finding speaks against the number that is shown."""
    THREADS = "threads"
    """The fastest case in threads is no faster than the base."""
    WORKERS = "workers"
    """The strategy that is shown, with fewer workers, is certainly slower."""
    PROCESSES = "processes"
    """What is shown works between threads of one process; this is the fastest between processes."""
    SLOWER = "slower"
    """They are certainly slower than the base, the slowest first and by `MUCH`."""


@dataclass(frozen=True, slots=True)
class Caution:
    """A thing to be careful about."""

    care: Care
    cases: Sequence[Summary] = ()
    finding: Finding | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """What a run says of a kind of work."""

    kind: Kind
    group: Group
    """The workload that is shown."""
    verdict: Verdict
    agreeing: Sequence[Group]
    """Others of the kind that have the same verdict, on which the strategy that is shown is the fastest or level with it."""
    differing: Sequence[Group]
    """The rest of the kind."""
    cautions: Sequence[Caution]

    @property
    def best(self) -> Summary | None:
        """The case with the lowest time; None where no case has one."""
        return self.group.ranked[0] if self.group.ranked else None

    @property
    def level(self) -> list[Summary]:
        """Those that the intervals do not tell from it; none where there are no intervals."""
        return [] if self.verdict is Verdict.FEW else self.group.level[1:]


def answers(groups: Sequence[Group], findings: Sequence[Finding]) -> list[Answer]:
    """An answer for each workload of a few, and of more for each kind, in the order of kinds.

    Args:
        groups: of a run.
        findings: of the same run.
    """
    if len(groups) <= MOST_LINES:
        return [answer_of(each, findings) for each in groups]
    kinds: dict[Kind, list[Group]] = {kind: [] for kind in Kind}
    for each in groups:
        kinds[kind_of(each)].append(each)
    return [_answer(kind, mine, findings) for kind, mine in kinds.items() if mine]


def answer_of(group: Group, findings: Sequence[Finding]) -> Answer:
    """The answer of one workload alone; the arguments are those of `answers`."""
    return _answer(kind_of(group), [group], findings)


def verdict_of(group: Group) -> Verdict:
    """What can be said of the fastest case of a group."""
    best = next(iter(group.ranked), None)
    if best is None or best.wall is None:
        return Verdict.NO_TIME
    if best.speedup is None:
        return Verdict.NO_BASE
    if best.wall.low is None or best.speedup.low is None:
        return Verdict.FEW
    if best.is_base:
        return Verdict.BASE
    return Verdict.FASTER if standing(best) == "faster" else Verdict.UNDECIDED


def _answer(kind: Kind, groups: Sequence[Group], findings: Sequence[Finding]) -> Answer:
    timed = sorted((each for each in groups if each.ranked), key=_gain)
    shown = timed[(len(timed) - 1) // 2] if timed else groups[0]
    others = [each for each in groups if each is not shown]
    return Answer(
        kind,
        shown,
        verdict_of(shown),
        [each for each in others if _agree(shown, each)],
        [each for each in others if not _agree(shown, each)],
        list(_cautions(kind, shown, findings)),
    )


def _gain(group: Group) -> float:
    ratio = group.ranked[0].speedup
    return 1.0 if ratio is None else ratio.centre


def _agree(shown: Group, other: Group) -> bool:
    if verdict_of(shown) is not verdict_of(other) or not other.ranked:
        return False
    best = shown.ranked[0].case.strategy
    return any(each.case.strategy == best for each in other.level)


def _cautions(kind: Kind, group: Group, findings: Sequence[Finding]) -> Iterator[Caution]:
    """The graver ones first."""
    if bad := [each for each in group.unranked if each.outcome not in (Outcome.OK, Outcome.UNAVAILABLE)]:
        yield Caution(Care.BAD, bad)
    if not group.ranked:
        return
    best = group.ranked[0]
    for each in findings:
        if best.case.key in each.cases and each.code != few_blocks.code:
            yield Caution(Care.UNSURE, [best], each)
    yield from _of_kind(kind, group, best)
    slower = group.certainly_slower
    if slower and slower[-1].speedup is not None and slower[-1].speedup.centre <= 1 / MUCH:
        yield Caution(Care.SLOWER, slower[::-1])


def _of_kind(kind: Kind, group: Group, best: Summary) -> Iterator[Caution]:
    """What the kind of work makes somebody ask next."""
    if kind is Kind.PYTHON and not in_threads(best):
        yield from _first(
            Care.THREADS, [each for each in group.ranked if in_threads(each) and has_several_workers(each)]
        )
    if kind in _SHARED and in_threads(best):
        yield from _first(Care.PROCESSES, [each for each in group.ranked if not in_threads(each)])
    if kind in (Kind.WAITING, Kind.MIXED):
        yield from _first(Care.WORKERS, [each for each in group.ranked if _has_fewer_workers(each, best)])


def _first(care: Care, cases: Sequence[Summary]) -> Iterator[Caution]:
    if cases:
        yield Caution(care, cases[:1])


def _has_fewer_workers(case: Summary, best: Summary) -> bool:
    """Whether it is of the same strategy with fewer workers, and certainly slower."""
    if case.case.strategy != best.case.strategy or (case.case.workers or 0) >= (best.case.workers or 0):
        return False
    ratio = compared(case, best)
    return ratio is not None and ratio.low is not None and ratio.low > 1

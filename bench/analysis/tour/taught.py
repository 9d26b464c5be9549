"""What a run says of a lesson's claims: a verdict on each, with the numbers it rests on."""

import statistics
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from bench.analysis.estimates import Estimate
from bench.analysis.faults import Cell, Kind, fault_table
from bench.analysis.findings.conduct import is_busy
from bench.analysis.looks import is_fixed, paired_ratio
from bench.analysis.summary import Summary, compared, summarise
from bench.analysis.tour.lessons import Claim, Kept, Lesson, Lost, Met, Part, Pick, Ratio
from bench.patterns.share import lost_of
from bench.records.block import Block, Outcome
from bench.records.machine import Environment
from bench.records.run import Run
from bench.store.runs import read

LITTLE = 1.1
"""Up to so many times as much is no gain worth teaching."""


class Verdict(StrEnum):
    """What was found of a claim."""

    MORE = "more"
    """The ratio is certainly above 1, and may be above `LITTLE`."""
    LEVEL = "level"
    """It is certainly within `LITTLE` of 1."""
    LESS = "less"
    """It is certainly below 1."""
    NO_MORE = "no more"
    """It is certainly not above `LITTLE`, and may be below 1."""
    OPEN = "open"
    """The numbers do not tell."""
    LOST = "lost"
    """Updates were."""
    NONE_LOST = "none lost"
    HANGS = "hangs"
    RAISES = "raises"
    ENDS_OTHERWISE = "ends otherwise"
    """With results, right or wrong, or with the end of the caller."""
    UNMEASURED = "unmeasured"
    """What it is about gave no numbers."""


@dataclass(frozen=True, slots=True)
class Found:
    """A claim, and what was found of it."""

    name: str
    verdict: Verdict
    ratio: Estimate | None = None
    lost: int = 0
    updates: int = 0
    cell: Cell | None = None
    reason: str = ""
    """Why it is unmeasured."""


@dataclass(frozen=True, slots=True)
class Taught:
    """A lesson that was taken, or not."""

    lesson: Lesson
    path: Path | None
    """Of the run file; None where nothing was measured."""
    run: Run | None
    found: tuple[Found, ...] = ()
    reason: str = ""
    """Why nothing was measured."""


def taught(lesson: Lesson, path: Path | None, reason: str = "") -> Taught:
    """What a run file says of a lesson; without one, why there is none.

    Raises:
        RunFileError: if the file is not valid.
    """
    return Taught(lesson, None, None, reason=reason) if path is None else of_run(lesson, path, read(path))


def of_run(lesson: Lesson, path: Path, run: Run) -> Taught:
    """What a run that was read says of a lesson."""
    if not run.blocks:
        return Taught(lesson, None, None, reason="the tour ended before it was measured")
    seen = Seen(lesson, run)
    return Taught(lesson, path, run, tuple(_found(each, seen) for each in lesson.claims))


class Seen:
    """What the run of a lesson holds, by case."""

    def __init__(self, lesson: Lesson, run: Run) -> None:
        """Summarised once."""
        self.run = run
        self.fault = lesson.workload
        self._summaries = [] if lesson.is_of_a_fault else summarise(run)

    def summary(self, pick: Pick) -> Summary | None:
        """Of the case that is meant; None where the run has none."""
        return next((each for each in self._summaries if _is_meant(each, pick)), None)

    def blocks(self, pick: Pick) -> Sequence[Block]:
        """Of that case, in their order."""
        summary = self.summary(pick)
        key = "" if summary is None else summary.case.key
        return [each for each in self.run.blocks if each.case == key]

    def values(self, pick: Pick) -> dict[int, float]:
        """Of its `ok` blocks, by repetition, the seconds of a call in the part that is meant."""
        of = _PARTS[pick.part]
        ok = (each for each in self.blocks(pick) if each.outcome is Outcome.OK and each.warm_rounds)
        return {each.repetition: of(each) for each in ok}


def _is_meant(summary: Summary, pick: Pick) -> bool:
    case = summary.case
    return (
        case.strategy == pick.strategy
        and pick.workers in (None, case.workers)
        and pick.start_method in ("", case.options.get("start_method"))
    )


_PARTS: Mapping[Part, Callable[[Block], float]] = {
    Part.WARM: lambda block: statistics.median(each.wall_s for each in block.warm_rounds),
    Part.FIRST: lambda block: block.per_call[0].wall_s,
}


def _found(claim: Claim, seen: Seen) -> Found:
    match claim:
        case Ratio():
            return _of_ratio(claim, seen)
        case Lost():
            return _of_lost(claim, seen)
        case Kept():
            return _of_kept(claim, seen)
        case Met():
            return _of_met(claim, seen)


def _of_ratio(claim: Ratio, seen: Seen) -> Found:
    """By warm rounds as a report compares them; by pairs of blocks where it has no such times: of first rounds, and of demonstrations."""
    summaries = [seen.summary(each) for each in (claim.above, claim.below)]
    if why := next(filter(None, map(_went_wrong, summaries)), ""):
        return Found(claim.name, Verdict.UNMEASURED, reason=why)
    above, below = summaries
    ratio = None
    if claim.above.part is claim.below.part is Part.WARM and above is not None and below is not None:
        ratio = compared(above, below)
    if ratio is None:
        fixed = is_fixed(seen.run.header.plan)
        ratio = paired_ratio(seen.values(claim.above), seen.values(claim.below), fixed=fixed)
    if ratio is None:
        return Found(claim.name, Verdict.UNMEASURED, reason="the two were not measured beside each other")
    return Found(claim.name, verdict_on(ratio), ratio)


def _of_lost(claim: Lost, seen: Seen) -> Found:
    blocks = seen.blocks(claim.who)
    counts = (lost_of(each.reason) for each in blocks if each.outcome is Outcome.WRONG)
    for lost, updates in filter(None, counts):
        return Found(claim.name, Verdict.LOST, lost=lost, updates=updates)
    if blocks and all(each.outcome is Outcome.OK for each in blocks):
        return Found(claim.name, Verdict.NONE_LOST)
    return Found(claim.name, Verdict.UNMEASURED, reason=_went_wrong(seen.summary(claim.who)))


def _of_kept(claim: Kept, seen: Seen) -> Found:
    summaries = [seen.summary(each) for each in claim.who]
    wrong = [each for each in summaries if each is not None and each.outcome is Outcome.WRONG]
    if wrong:
        return Found(claim.name, Verdict.LOST, reason=wrong[0].reason)
    if why := next(filter(None, map(_went_wrong, summaries)), ""):
        return Found(claim.name, Verdict.UNMEASURED, reason=why)
    return Found(claim.name, Verdict.NONE_LOST)


def _of_met(claim: Met, seen: Seen) -> Found:
    rows = [each for each in fault_table(seen.run).faults if each.name == seen.fault]
    cell = next((each.cells[claim.strategy] for each in rows if claim.strategy in each.cells), None)
    if cell is None:
        blocks = (each for each in seen.run.blocks if claim.strategy in each.case)
        reason = next((each.reason for each in blocks if each.reason), "it was not measured")
        return Found(claim.name, Verdict.UNMEASURED, reason=reason)
    verdicts = {Kind.HANG: Verdict.HANGS, Kind.RAISED: Verdict.RAISES}
    return Found(claim.name, verdicts.get(cell.kind, Verdict.ENDS_OTHERWISE), cell=cell)


def _went_wrong(summary: Summary | None) -> str:
    """Why a case has no numbers; empty where it has."""
    if summary is None:
        return "it was not measured"
    return "" if summary.outcome is Outcome.OK else summary.reason or str(summary.outcome)


def verdict_on(ratio: Estimate) -> Verdict:
    """What an estimate of a ratio tells, by its interval alone."""
    if ratio.low is None or ratio.high is None:
        return Verdict.OPEN
    if ratio.low >= 1 / LITTLE and ratio.high <= LITTLE:
        return Verdict.LEVEL
    if ratio.low > 1:
        return Verdict.MORE
    if ratio.high < 1:
        return Verdict.LESS
    return Verdict.NO_MORE if ratio.high <= LITTLE else Verdict.OPEN


def busy_before(lessons: Sequence[Taught]) -> Environment | None:
    """Where the first lesson was measured, if others used the CPUs then: later ones see the load of the tour itself."""
    environments = [run.header.environment for _, _, run in measured(lessons)]
    return next(filter(is_busy, environments[:1]), None)


def measured(lessons: Sequence[Taught]) -> Iterator[tuple[Taught, Path, Run]]:
    """The lessons of which there is a run, with it."""
    for each in lessons:
        if each.path is not None and each.run is not None:
            yield each, each.path, each.run

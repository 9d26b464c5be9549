"""Cases over many stored runs: a series for each case and machine, cut where its level changes.

Machines are never mixed: runs whose facts differ in anything are series of their own, and so are those of another tool,
which measures in its own way. A run is one point: the median of its blocks' medians.
"""

import math
import statistics
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import pairwise

from bench.analysis.changes import ALPHA, changes, fewest_runs, runs_after
from bench.analysis.estimates import Estimate, median_estimate
from bench.analysis.loading import is_unmeasured
from bench.analysis.stored import StoredCase, StoredRun, chosen, values_of_blocks
from bench.errors import UsageError
from bench.naming import told_apart
from bench.selection import CaseFilter
from bench.units import counted, verb

_MOST_NAMED = 5


@dataclass(frozen=True, slots=True)
class Point:
    """One run of a case."""

    run: str
    """The run's label."""
    at: datetime
    commit: str
    """Of the code that was measured; empty where unknown."""
    value: Estimate
    """The median of the blocks' medians, in the quantity's unit; without an interval where there are few blocks."""


@dataclass(frozen=True, slots=True)
class Stretch:
    """Points between two changes."""

    first: int
    """The number of its first point, from 0."""
    end: int
    """The number after that of its last point."""
    level: float
    """The median of its points."""


@dataclass(frozen=True, slots=True)
class ChangePoint:
    """Where one stretch ends and the next begins."""

    at: int
    """The number of the first point after it."""
    before: float
    """The level of the stretch before it, in the quantity's unit."""
    after: float
    p: float
    """Of the permutation test: how often runs without a change would look as much like one."""

    @property
    def ratio(self) -> float:
        """After / before."""
        return self.after / self.before


@dataclass(frozen=True, slots=True)
class Machine:
    """Where points were measured."""

    label: str
    """A, B, … in the order of their first appearance."""
    facts: dict[str, str]
    """As in `StoredRun`."""


@dataclass(frozen=True, slots=True)
class Series:
    """One case on one machine, in order of time."""

    case: str
    """The case's key, or the name that another tool gave it."""
    name: str
    """For people, as the newest run has it: the key where cases share a name."""
    tool: str
    """Without its version, which may change over a series."""
    machine: Machine
    quantity: str
    """One of `bench.quantities.COMPARED`."""
    points: list[Point]
    stretches: list[Stretch]
    """At least one; one more than there are changes."""
    changes: list[ChangePoint]
    unjudged: str
    """Why no change could be found, in a few words; empty where one could."""
    newest_needed: int | None
    """How many points a change has to have after it, for all that is known since the last one; None where too few are."""

    @property
    def latest(self) -> Point:
        """The last point."""
        return self.points[-1]

    @property
    def since_change(self) -> float | None:
        """The latest value / the median of those before it since the last change point; None without them, or where it is 0."""
        before = [each.value.centre for each in self.points[self.stretches[-1].first : -1]]
        level = statistics.median(before) if before else 0.0
        return self.latest.value.centre / level if level else None


@dataclass(frozen=True, slots=True)
class History:
    """All series of some runs."""

    quantity: str
    tolerance: float
    """How much of a change is none: 0.02 is from 1 / 1.02 to 1.02."""
    alpha: float
    """How often, at the most, a stretch without a change gets one, where runs are independent."""
    runs: int
    machines: list[Machine]
    series: list[Series]
    notes: list[str]
    """What is left out, and why."""


@dataclass(slots=True)
class _Gathered:
    """What the points of a series are to be made of."""

    case: str
    tool: str
    machine: Machine
    measured: list[tuple[datetime, StoredRun, StoredCase]] = field(default_factory=list)


def history(
    runs: Sequence[StoredRun], quantity: str, wanted: CaseFilter, tolerance: float, alpha: float = ALPHA
) -> History:
    """The series of the cases that are wanted, by name and then by machine.

    Args:
        runs: in any order; what does not say when it was measured has no place in time and is left out, with a note.
        quantity: one of `bench.quantities.COMPARED`.
        tolerance: a smaller change than this part is none.

    Raises:
        UsageError: if no case of the runs is wanted.
    """
    dated = [(_moment(run.at_utc), run) for run in chosen(runs, wanted)]
    ordered = sorted(
        ((at, run) for at, run in dated if at is not None), key=lambda each: (each[0], each[1].label, str(each[1].path))
    )
    notes = [f"{run.label} does not say when it was measured and is left out" for at, run in dated if at is None]
    gathered, names, troubles = _gather(ordered, quantity)
    if not gathered:
        why = ["none of them was measured", *notes, *troubles]
        raise UsageError(f"no case has values: {why[-1]}")
    series = [_series(each, names[each.case], quantity, tolerance, alpha) for each in gathered]
    series.sort(key=lambda each: (each.name, each.case, len(each.machine.label), each.machine.label, each.tool))
    notes += _few(troubles)
    machines = {each.machine.label: each.machine for each in gathered}
    return History(quantity, tolerance, alpha, len(ordered), list(machines.values()), series, notes)


def _gather(
    runs: Iterable[tuple[datetime, StoredRun]], quantity: str
) -> tuple[list[_Gathered], dict[str, str], list[str]]:
    """The points of each series, in the order of the runs; the names of cases by key; and those without a point, a line each.

    A line has the reason.
    """
    machines: dict[tuple[tuple[str, str], ...], Machine] = {}
    gathered: dict[tuple[str, str, str], _Gathered] = {}
    names: dict[str, str] = {}
    troubles: list[str] = []
    for at, run in runs:
        facts = tuple(sorted(run.facts.items()))
        for case in run.cases:
            if is_unmeasured(case) or case.kind not in ("", quantity):
                continue
            if not _medians([case], quantity)[0]:
                troubles.append(f"{run.label}: {case.name}: {_why_none(case, quantity)}")
                continue
            machine = machines.setdefault(facts, Machine(_letters(len(machines)), run.facts))
            tool = run.tool.partition(" ")[0]
            found = gathered.setdefault((case.key, tool, machine.label), _Gathered(case.key, tool, machine))
            names[case.key] = case.name
            found.measured.append((at, run, case))
    return list(gathered.values()), told_apart(names), troubles


def _series(found: _Gathered, name: str, quantity: str, tolerance: float, alpha: float) -> Series:
    of_runs = _medians([case for _, _, case in found.measured], quantity)
    points = [
        Point(run.label, at, run.commit, median_estimate(blocks))
        for (at, run, _), blocks in zip(found.measured, of_runs, strict=True)
    ]
    values = [each.value.centre for each in points]
    positive = min(values) > 0
    steps = changes(values, tolerance, alpha) if positive else []
    edges = [0, *(each.at for each in steps), len(values)]
    stretches = [Stretch(first, end, statistics.median(values[first:end])) for first, end in pairwise(edges)]
    found_changes = [
        ChangePoint(step.at, before.level, after.level, step.p)
        for step, (before, after) in zip(steps, pairwise(stretches), strict=True)
    ]
    return Series(
        found.case,
        name,
        found.tool,
        found.machine,
        quantity,
        points,
        stretches,
        found_changes,
        _unjudged(len(values), alpha) if positive else "has values of 0",
        runs_after(stretches[-1].end - stretches[-1].first, alpha),
    )


def _unjudged(n: int, alpha: float) -> str:
    return "" if n >= fewest_runs(alpha) else "too few runs"


def _medians(cases: Sequence[StoredCase], quantity: str) -> list[list[float]]:
    """The median of each block, for each of the cases of a series."""
    return [[each for each in blocks if math.isfinite(each)] for blocks in values_of_blocks(cases, quantity)]


def _why_none(case: StoredCase, quantity: str) -> str:
    """Why the case has no values of the quantity."""
    unknown = case.unknown.get(quantity)
    return case.trouble or (f"{quantity} is unknown: {unknown}" if unknown else f"no {quantity} was measured")


def _moment(text: str) -> datetime | None:
    """When it was; what has no time zone is UTC. None where no calendar has it, as what is before the year 1 there."""
    try:
        found = datetime.fromisoformat(text)
        return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def _letters(number: int) -> str:
    """A, B, …, Z, AA, AB, …."""
    rest, last = divmod(number, 26)
    return (_letters(rest - 1) if rest else "") + chr(ord("A") + last)


def _few(notes: Sequence[str]) -> Iterator[str]:
    """The last of them, for they are the newest; and how many more there are."""
    if len(notes) > _MOST_NAMED:
        more = counted(len(notes) - _MOST_NAMED, "more case")
        yield f"{more} of earlier runs {verb(more, 'has', 'have')} no values"
    yield from notes[-_MOST_NAMED:]

"""The same work on several interpreters: each strategy beside itself on the others, and what it means to move to another one.

Three readings, as people ask for them: what a free-threaded build costs a plain loop (`ALONE`), what threads gain there (`THREADS`),
and whether the fastest there is faster than the fastest on the first (`BEST`). Ratios are of pairs of blocks of one ensemble.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from bench.analysis.estimates import Estimate
from bench.analysis.groups import Group
from bench.analysis.kinds import has_several_workers, in_threads
from bench.analysis.summary import Summary, compared
from bench.records.interpreter import Interpreter

_BUILD = ("compiler", "configured")
"""Facts of a binary besides its version that change how fast it is."""
_FREE_THREADED = "--disable-gil"


class Move(StrEnum):
    """What somebody wants to know who thinks of another interpreter."""

    ALONE = "alone"
    """A plain loop here and there."""
    THREADS = "threads"
    """Threads with the GIL and without, or beside a plain loop where that was not tried."""
    BEST = "best"
    """The fastest of the first and of the last."""


@dataclass(frozen=True, slots=True)
class Step:
    """From one case to another."""

    move: Move
    before: Summary
    after: Summary
    ratio: Estimate | None
    """The time before over the time after; None where nothing relates them."""
    differing: tuple[str, ...]
    """The facts in which the two binaries differ besides what is asked about: `compiler`, `configured`, and `version` where a free-threaded
    build is held against one with the GIL."""


@dataclass(frozen=True, slots=True)
class Row:
    """A strategy with its workers."""

    label: str
    cells: tuple[tuple[Summary | None, Estimate | None], ...]
    """For each interpreter the case, and the time on the first that has one over its own; None where there is none."""


@dataclass(frozen=True, slots=True)
class Across:
    """One work."""

    name: str
    """The workload, with its setting where there are several."""
    interpreters: tuple[Interpreter, ...]
    rows: tuple[Row, ...]
    steps: tuple[Step, ...]


def across(groups: Sequence[Group], interpreters: Sequence[Interpreter]) -> list[Across]:
    """What a run of several interpreters says of each work; nothing where there is but one.

    Args:
        groups: of the run, one for each work and interpreter.
        interpreters: of its plan.
    """
    if len(interpreters) < 2:
        return []
    known = {each.name: each for each in interpreters}
    works: dict[tuple[str, str, str], dict[str, Group]] = {}
    for group in groups:
        first = group.cases[0]
        works.setdefault((group.workload, group.scale, first.setting), {})[group.python] = group
    several = len({setting for *_, setting in works}) > 1
    return [
        Across(
            f"{workload} {setting}".strip() if several else workload,
            tuple(interpreters),
            tuple(_rows([mine.get(each.name) for each in interpreters])),
            tuple(_steps(mine, known)),
        )
        for (workload, _, setting), mine in works.items()
    ]


def _rows(groups: Sequence[Group | None]) -> Iterator[Row]:
    """Each strategy with its workers, in the order of the first interpreter that has it."""
    labels: dict[str, None] = {}
    by_label: list[dict[str, Summary]] = []
    for group in groups:
        mine = {} if group is None else {group.labels[each.case.key]: each for each in group.cases}
        labels |= dict.fromkeys(mine)
        by_label.append(mine)
    for label in labels:
        cases = [mine.get(label) for mine in by_label]
        first = next((each for each in cases if each is not None and each.wall is not None), None)
        yield Row(label, tuple((each, _ratio(first, each)) for each in cases))


def _ratio(first: Summary | None, case: Summary | None) -> Estimate | None:
    if first is None or case is None or case is first:
        return None
    return compared(first, case)


def _steps(groups: Mapping[str, Group], known: Mapping[str, Interpreter]) -> Iterator[Step]:
    """The readings of one work, as far as there are cases for them."""
    timed = {name: group for name, group in groups.items() if group.ranked}
    there = [each for each in known.values() if each.name in timed]
    builds = list(_free_threaded(there))
    for build in builds:
        if reference := _reference(build.first, there):
            yield from _step(Move.ALONE, timed[reference.name].timed_base, timed[build.first.name].timed_base, known)
    for build in builds:
        held = None if build.held is None else timed[build.held.name]
        for each in build.free:
            yield from _threads(timed[each.name], held, known)
    if len(there) > 1:
        first, last = timed[there[0].name], timed[there[-1].name]
        if not builds:
            yield from _step(Move.ALONE, first.timed_base, last.timed_base, known)
        yield from _step(Move.BEST, first.ranked[0], last.ranked[0], known)


@dataclass(frozen=True, slots=True)
class _Build:
    """A free-threaded program, as often as it was measured."""

    held: Interpreter | None
    """With the GIL on, where that was tried."""
    free: Sequence[Interpreter]
    """Otherwise."""

    @property
    def first(self) -> Interpreter:
        """What is read alone: with the GIL where that was tried, so that nothing but the build differs."""
        return self.held or self.free[0]


def _free_threaded(there: Sequence[Interpreter]) -> Iterator[_Build]:
    """The programs among these interpreters, in their order."""
    free = [each for each in there if each.is_free_threaded]
    for binary in dict.fromkeys(each.binary for each in free):
        mine = [each for each in free if each.binary == binary]
        held = [each for each in mine if each.settings.get("gil") == "on"]
        yield _Build(next(iter(held), None), [each for each in mine if each not in held])


def _reference(free: Interpreter, there: Sequence[Interpreter]) -> Interpreter | None:
    """The build with the GIL that a free-threaded one is read against: of its own minor version, else the first."""

    def minor(each: Interpreter) -> str:
        return each.version.rpartition(".")[0]

    others = [each for each in there if not each.is_free_threaded]
    return next((each for each in others if minor(each) == minor(free)), next(iter(others), None))


def _threads(group: Group, held: Group | None, known: Mapping[str, Interpreter]) -> Iterator[Step]:
    """What threads gain without the GIL: beside themselves with it on the same program, or beside a plain loop there."""
    best = next((each for each in group.ranked if in_threads(each) and has_several_workers(each)), None)
    if best is None:
        return
    label = group.labels[best.case.key]
    twin = next((each for each in held.ranked if held.labels[each.case.key] == label), None) if held else None
    yield from _step(Move.THREADS, twin or group.timed_base, best, known)


def _step(
    move: Move, before: Summary | None, after: Summary | None, known: Mapping[str, Interpreter]
) -> Iterator[Step]:
    if before is not None and after is not None and before is not after:
        one, other = known[before.case.python], known[after.case.python]
        asked = () if move is Move.ALONE and one.is_free_threaded != other.is_free_threaded else ("version",)
        apart = tuple(each for each in differing(one, other) if each not in asked)
        yield Step(move, before, after, compared(before, after), apart)


def differing(one: Interpreter, other: Interpreter) -> tuple[str, ...]:
    """The facts in which two binaries differ, besides that one is free-threaded."""

    def of(each: Interpreter) -> dict[str, object]:
        told = {"version": each.version} | {name: each.facts.get(name, "") for name in _BUILD}
        return told | {"configured": set(told["configured"].split()) - {_FREE_THREADED}}

    mine, theirs = of(one), of(other)
    return tuple(name for name in mine if mine[name] != theirs[name])

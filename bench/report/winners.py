"""The fastest case of each workload in a row: what it takes, what it gains over which base, its bound and its cost.

Ratios stand beside both times. What has no value has a note that says why.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from bench import units
from bench.analysis.estimates import Estimate, values_needed
from bench.analysis.groups import Group
from bench.analysis.summary import Summary
from bench.report import words
from bench.report.column import Column, cores, cpu, of_cost
from bench.report.sheets import Cell, Notes
from bench.report.sort_values import sort_value

MOST_NAMED = 3
"""Of cases that are level, in a cell."""


@dataclass(frozen=True, slots=True)
class Winner:
    """A row of the table."""

    number: int
    """Of the workload on the page, from 1."""
    name: str
    scale: str
    who: str
    cells: list[Cell]
    """Empty where no case has a time."""
    why: str
    """Then, why."""


HEADINGS = ("round", "95 % interval", "× base", "its 95 % interval", "base", "bound", "CPU", "cores", "memory")
"""Of the columns after the workload and who is fastest."""


def winners(groups: Sequence[Group], notes: Notes) -> list[Winner]:
    """A row for each workload, in the order of the plan; notes are numbered as they come up."""
    return [_winner(number, group, notes) for number, group in enumerate(groups, 1)]


def _winner(number: int, group: Group, notes: Notes) -> Winner:
    if not group.ranked:
        return Winner(number, group.name, group.scale, "", [], group.headline)
    best = group.ranked[0]
    cells = [
        Cell(text, notes.number(why), why, value)
        for text, why, value in (
            (units.seconds(_centre(best.wall)), "", _centre(best.wall)),
            _interval(best.wall, words.interval),
            *_against_base(best),
            _bound(best),
            *(
                _of_column(column, best)
                for column in (cpu(), cores(), of_cost("memory", "peak_memory_bytes", units.size))
            ),
        )
    ]
    return Winner(number, group.name, group.scale, who(group), cells, "")


def who(group: Group) -> str:
    """The fastest case, and those that the intervals do not tell from it; without intervals the lowest median alone."""
    best = group.ranked[0]
    if best.wall is None or best.wall.low is None:
        return group.labels[best.case.key]
    names = [group.labels[each.case.key] for each in group.level]
    more = len(names) - MOST_NAMED
    return ", ".join(names[:MOST_NAMED]) + (f" and {more} more" if more > 0 else "")


def is_base(summary: Summary) -> bool:
    """Whether the case is of the strategy that others are compared with."""
    return summary.case.strategy == summary.work.baseline


_Told = tuple[str, str, float | None]
"""A text, why it is a dash if it is one, and the number behind it."""


def _centre(estimate: Estimate | None) -> float | None:
    return None if estimate is None else estimate.centre


def few(n: int) -> str:
    """Why so many blocks give no interval."""
    return f"n = {n}; {values_needed()} are needed for a 95 % interval"


def _interval(estimate: Estimate | None, shown: Callable[[Estimate], str]) -> _Told:
    if estimate is None:
        return "–", "there is no estimate", None
    return ("–", few(estimate.n), None) if estimate.low is None else (shown(estimate), "", None)


def _against_base(best: Summary) -> list[_Told]:
    """The ratio, its interval, and the base with its time."""
    base = best.work.baseline
    if is_base(best):
        why = "the base itself is the fastest"
        return [
            ("1", why, 1.0),
            ("–", why, None),
            (f"{base} {units.seconds(_centre(best.wall))}", "", _centre(best.wall)),
        ]
    if best.speedup is None or best.base_wall_s is None:
        why = f"{base}, the base, has no time on the same work"
        return [("–", why, None), ("–", why, None), (base, why, None)]
    return [
        (units.ratio(best.speedup.centre), "", best.speedup.centre),
        _interval(best.speedup, words.ratio_interval),
        (f"{base} {units.seconds(best.base_wall_s)}", "", best.base_wall_s),
    ]


def _bound(best: Summary) -> _Told:
    if best.bound_s is None:
        if best.work.pattern == "map":
            return "–", "its tasks state no time and are too short to be timed one by one, or were not", None
        return "–", "there is a makespan bound only for tasks with inputs (pattern map)", None
    return units.seconds(best.bound_s) + ("" if best.bound_stated else " est."), "", best.bound_s


def _of_column(column: Column, best: Summary) -> _Told:
    return column.text(best), column.why(best), sort_value(column)(best)

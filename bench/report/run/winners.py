"""The fastest case of each workload in a row: what it takes, what it gains over which base, its bound and its cost.

Ratios stand beside both times. What has no value has a note that says why. The terminal shows the columns it has room for.
"""

from collections.abc import Callable, Sequence

from bench import units
from bench.analysis.estimates import INTERVAL, Estimate
from bench.analysis.groups import Group
from bench.analysis.summary import Summary
from bench.quantities import MEMORY, TIME
from bench.report.kit import words
from bench.report.kit.column import bound, cores, cpu, number, of_cost, told_of
from bench.report.kit.headline import headline
from bench.report.kit.table import Cell, Column, Row, Table
from bench.sentences import first_of

MOST_NAMED = 3
"""Of cases that are level, in a cell."""


def winners(groups: Sequence[Group]) -> Table:
    """A row for each workload, in the order of the plan."""
    names = Column("workload", kind="name"), Column("fastest", kind="text"), Column("base", kind="name")
    shown = columns(groups)
    return Table([*names, *shown], [_row(group, shown) for group in groups])


def columns(groups: Sequence[Group]) -> list[Column]:
    """What follows the workload, who is fastest, and the base; intervals only where one of the fastest has one."""
    return told_of([each.ranked[0] for each in groups if each.ranked], _COLUMNS)


def _row(group: Group, shown: Sequence[Column]) -> Row:
    if not group.ranked:
        return Row([Cell(group.name)], Cell(headline(group)))
    names = map(Cell, (group.name, who(group), group.base_name))
    return Row([*names, *(column.cell(group.ranked[0]) for column in shown)])


def who(group: Group) -> str:
    """The fastest case, and those that the intervals do not tell from it; without intervals the one with the lowest time alone."""
    best = group.ranked[0]
    if best.wall is None or best.wall.low is None:
        return group.labels[best.case.key]
    return first_of([group.labels[each.case.key] for each in group.level], MOST_NAMED)


def _between(pick: Callable[[Summary], Estimate | None], shown: Callable[[Estimate], str]) -> Callable[[Summary], str]:
    """An interval as text, `–` where there is none."""

    def text(summary: Summary) -> str:
        estimate = pick(summary)
        return "–" if estimate is None or estimate.low is None else shown(estimate)

    return text


def _why_no_interval(summary: Summary) -> str:
    return words.few(summary.wall.n) if summary.wall is not None and summary.wall.low is None else ""


def _why_no_ratio(summary: Summary) -> str:
    return "" if summary.speedup is not None else words.no_ratio_interval(summary)


def _why_no_ratio_interval(summary: Summary) -> str:
    return "the base itself is the fastest" if summary.is_base else words.no_ratio_interval(summary)


def _ratio_interval(summary: Summary) -> Estimate | None:
    return None if summary.is_base else summary.speedup


def _why_no_bound(summary: Summary) -> str:
    if summary.bound is not None:
        return ""
    if summary.work.pattern == "map":
        return "no bound: tasks too short to time individually"
    return "no bound: there is one for the pattern map alone"


_COLUMNS = (
    number(TIME.heading, "wall.centre", importance=1),
    Column(INTERVAL, _between(lambda each: each.wall, words.interval), 6, why=_why_no_interval),
    number("× base", "speedup.centre", units.ratio, 2, why=_why_no_ratio),
    Column(f"its {INTERVAL}", _between(_ratio_interval, words.ratio_interval), 7, "× interval", _why_no_ratio_interval),
    number("base's round", "base_wall_s", importance=3, why=_why_no_ratio),
    bound(10, _why_no_bound),
    cpu(8),
    cores(9),
    of_cost(MEMORY, 4),
)

"""Workloads by strategies as a table: in each cell how many times as fast as the base, with interval and time."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from bench import units
from bench.analysis.groups import Group
from bench.analysis.summary import Summary
from bench.report import words
from bench.report.charts.overview import chart_name
from bench.report.sheets import standing


@dataclass(frozen=True, slots=True)
class Entry:
    """A cell; all texts are empty where the strategy was not measured on the workload."""

    text: str
    """The ratio, or the outcome of a case without a time."""
    time: str
    interval: str
    standing: str
    value: float | None
    why: str
    """Of an outcome, its reason."""


@dataclass(frozen=True, slots=True)
class Line:
    """A row: a workload, and what its base takes."""

    number: int
    name: str
    base: str
    entries: list[Entry]


@dataclass(frozen=True, slots=True)
class Matrix:
    """A table of the workloads of one pattern."""

    pattern: str
    base: str
    strategies: list[str]
    lines: list[Line]
    variants: bool
    """Whether a cell may be the best of several variants."""
    n: list[int]
    """Block counts that were too few for an interval; empty where all cells have one."""

    @property
    def picture(self) -> str:
        """The name of the chart that draws it."""
        return chart_name(self.pattern)

    @property
    def reasons(self) -> list[str]:
        """Why cases have no time, a line each."""
        return [
            f"{line.name} {strategy} {entry.text}: {entry.why}"
            for line in self.lines
            for strategy, entry in zip(self.strategies, line.entries, strict=True)
            if entry.why
        ]


_NOT_MEASURED = Entry("", "", "", "", None, "")


def matrices(groups: Sequence[Group]) -> Iterator[Matrix]:
    """A table for each pattern, in the order of the plan."""
    numbered = list(enumerate(groups, 1))
    for pattern in dict.fromkeys(group.pattern for group in groups):
        mine = [(number, group) for number, group in numbered if group.pattern == pattern]
        yield _matrix(pattern, mine)


def _matrix(pattern: str, numbered: Sequence[tuple[int, Group]]) -> Matrix:
    base = numbered[0][1].baseline
    best = [group.best_variants for _, group in numbered]
    planned = dict.fromkeys(each.case.strategy for _, group in numbered for each in group.cases)
    strategies = [name for name in planned if name != base]
    lines = [
        Line(
            number,
            group.name,
            _time(row.get(base)) or "no time",
            [_entry(row[name]) if name in row else _NOT_MEASURED for name in strategies],
        )
        for (number, group), row in zip(numbered, best, strict=True)
    ]
    ratios = [row[name].speedup for row in best for name in strategies if name in row]
    return Matrix(
        pattern,
        base,
        strategies,
        lines,
        any(len(row) < len(group.cases) for (_, group), row in zip(numbered, best, strict=True)),
        sorted({each.n for each in ratios if each is not None and each.low is None}),
    )


def _time(summary: Summary | None) -> str:
    return "" if summary is None or summary.wall is None else units.seconds(summary.wall.centre)


def _entry(summary: Summary) -> Entry:
    if summary.wall is None:
        return Entry(str(summary.outcome), "", "", str(summary.outcome), None, summary.reason)
    if summary.speedup is None:
        return Entry("no base", _time(summary), "", standing(summary), None, "")
    ratio = summary.speedup
    return Entry(
        units.ratio(ratio.centre), _time(summary), words.ratio_interval(ratio), standing(summary), ratio.centre, ""
    )

"""Workloads by strategies as a table: in each cell how many times as fast as the base, with interval and time."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from bench import units
from bench.analysis.groups import Group, base_name
from bench.analysis.standing import standing
from bench.analysis.summary import Summary
from bench.naming import strategy_of, workers_of
from bench.records.case import Case
from bench.report.charts.overview import chart_name
from bench.report.kit import words


@dataclass(frozen=True, slots=True)
class Entry:
    """A cell; all texts are empty where the strategy was not measured on the workload."""

    text: str
    """The ratio, or the outcome of a case without a time."""
    time: str
    interval: str
    standing: str
    value: float | None
    why: str = ""
    """Of an outcome, its reason."""
    name: str = ""
    """The strategy with its workers."""
    workers: str = ""
    """Such as `×4`, where cells of the column are of several numbers; else empty."""


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
    strategies: dict[str, str]
    """The headings of the columns by strategy: `thread_pool ×2`, `thread_pool ×2–8` where cells differ."""
    lines: list[Line]
    variants: bool
    """Whether a cell may be the best of several variants."""

    @property
    def picture(self) -> str:
        """The name of the chart that draws it."""
        return chart_name(self.pattern)

    @property
    def reasons(self) -> list[str]:
        """Why cases have no time, a line each."""
        return [
            f"{line.name} {entry.name} {entry.text}: {entry.why}"
            for line in self.lines
            for entry in line.entries
            if entry.why
        ]


_NOT_MEASURED = Entry("", "", "", "", None)


def matrices(groups: Sequence[Group]) -> Iterator[Matrix]:
    """A table for each pattern, in the order of the plan."""
    numbered = list(enumerate(groups, 1))
    for pattern in dict.fromkeys(group.pattern for group in groups):
        mine = [(number, group) for number, group in numbered if group.pattern == pattern]
        yield _matrix(pattern, mine)


def _matrix(pattern: str, numbered: Sequence[tuple[int, Group]]) -> Matrix:
    groups = [group for _, group in numbered]
    cases = [each for group in groups for each in group.cases]
    planned = dict.fromkeys(each.case.strategy for each in cases)
    best = [group.best_variants for group in groups]
    columns = {name: [row[name].case for row in best if name in row] for name in planned if name != groups[0].baseline}
    return Matrix(
        pattern,
        base_name(cases),
        {name: strategy_of(mine) for name, mine in columns.items()},
        _lines(numbered, best, columns),
        any(len(row) < len(group.cases) for group, row in zip(groups, best, strict=True)),
    )


def _lines(
    numbered: Sequence[tuple[int, Group]], best: Sequence[Mapping[str, Summary]], columns: Mapping[str, Sequence[Case]]
) -> list[Line]:
    """A row for each group, with the best variant of each strategy; `columns` has the cases of each strategy but the base."""
    base = numbered[0][1].baseline
    several = {name for name, cases in columns.items() if len({workers_of([each]) for each in cases}) > 1}
    return [
        Line(
            number,
            group.name,
            _time(row.get(base)) or "no time",
            [_entry(row[name], told=name in several) if name in row else _NOT_MEASURED for name in columns],
        )
        for (number, group), row in zip(numbered, best, strict=True)
    ]


def _time(summary: Summary | None) -> str:
    return "" if summary is None or summary.wall is None else units.seconds(summary.wall.centre)


def _entry(summary: Summary, *, told: bool) -> Entry:
    """The cell of a case; `told`: whether it says how many workers it had."""
    ratio = summary.speedup
    if summary.wall is None:
        found = Entry(str(summary.outcome), "", "", str(summary.outcome), None, summary.reason)
    elif ratio is None:
        found = Entry("no base", _time(summary), "", standing(summary), None)
    else:
        text, interval = units.ratio(ratio.centre), words.ratio_interval(ratio)
        found = Entry(text, _time(summary), interval, standing(summary), ratio.centre)
    case = [summary.case]
    return replace(found, name=strategy_of(case), workers=workers_of(case) if told else "")

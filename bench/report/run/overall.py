"""The run at a glance: a row for each workload, who has the lowest time there, against which base, and its memory."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import partial

from rich.console import RenderableType
from rich.text import Text

from bench.analysis.groups import Group, base_name
from bench.report.kit.fitted_table import FittedTable
from bench.report.kit.prose import Prose
from bench.report.kit.results import Results
from bench.report.kit.table import UNKNOWN, Cell, Column, Row, Table
from bench.report.run import winners
from bench.report.run.case_tables import outcome
from bench.report.run.group_table import LONGEST_REASON
from bench.sentences import listed


def overall(results: Results) -> Iterator[RenderableType]:
    """The table and, below it, what is the base of its ratios."""
    timed = [each for each in results.groups if each.ranked]
    best = [each.ranked[0] for each in timed]
    several = len({each.scale for each in results.groups}) > 1
    columns = [
        Column("workload", lambda each: f"{each.name} at {each.scale}" if several else each.name, kind="name"),
        Column("fastest", _fastest, kind="name"),
        *(
            replace(each, text=partial(_of_best, each))
            for each in winners.columns(timed)
            if any(each.text(one) != UNKNOWN for one in best)
        ),
    ]
    if any(each.unranked for each in results.groups):
        columns.append(Column("no time", _without_time, 5))
    rows = [Row([Cell(column.text(each)) for column in columns]) for each in timed]
    rows += [
        Row([Cell(columns[0].text(each))], outcome(each.cases[0], LONGEST_REASON))
        for each in results.groups
        if not each.ranked
    ]
    yield Text("Lowest time of each workload", style="bold")
    yield FittedTable(Table(columns, rows))
    if timed:
        yield Prose(Text(_bases(timed), style="dim"))


def _of_best(column: Column, group: Group) -> str:
    return column.text(group.ranked[0])


def _fastest(group: Group) -> str:
    """The case with the lowest time; with intervals also how many may be as fast."""
    best = group.ranked[0]
    others = len(group.level) - 1 if best.wall is not None and best.wall.low is not None else 0
    return group.labels[best.case.key] + (f" +{others}" if others else "")


def _without_time(group: Group) -> str:
    return f"{len(group.unranked)} of {len(group.cases)}" if group.unranked else ""


def _bases(groups: Sequence[Group]) -> str:
    """What the ratios are relative to, and what a `+` after the fastest means."""
    found: dict[str, list[Group]] = {}
    for each in groups:
        found.setdefault(each.baseline, []).append(each)
    names = [base_name(case for group in mine for case in group.cases) for mine in found.values()]
    patterns = [listed(list(dict.fromkeys(each.pattern for each in mine))) for mine in found.values()]
    bases = [f"{name} for {those}" for name, those in zip(names, patterns, strict=True)]
    level = any(" +" in _fastest(each) for each in groups)
    told = "; +2: two more are level with it, as far as intervals tell" if level else ""
    return f"Base: {names[0] if len(names) == 1 else ', '.join(bases)}{told}."

"""All workloads at once: how many times as fast as the baseline each strategy is."""

from collections.abc import Iterator, Sequence
from typing import Any

from matplotlib.figure import Figure

from bench import units
from bench.analysis.groups import Group, base_name
from bench.analysis.summary import Summary
from bench.naming import strategy_of
from bench.report.charts.bars import draw_bars
from bench.report.charts.heat_map import draw_heat_map
from bench.report.charts.overview_words import evidence, finding, heading
from bench.report.drawing import theme
from bench.report.drawing.chart import (
    Chart,
    identity,
    interval_absent,
    interval_columns,
)
from bench.report.kit.families import by_family
from bench.report.kit.results import Results

OVERVIEW = "speedup"
"""How the names of the overviews begin."""
MOST_ROWS = 14
"""What a slide has room for; the tables have all."""
MOST_BARS = 2
"""So many workloads are bars: cells of two rows would be a slide of colour."""


def chart_name(pattern: str) -> str:
    """The chart's file name, without ending."""
    return OVERVIEW if pattern == "map" else f"{OVERVIEW}-{pattern}"


def overview(results: Results, groups: Sequence[Group]) -> Chart:
    """Workloads of a pattern by strategies: how many times as fast as its baseline; bars for two workloads, cells for more.

    Of several variants of a strategy the best is shown.
    """
    baseline, base = groups[0].baseline, base_name(each for group in groups for each in group.cases)
    title, subtitle = finding(groups, base), evidence(groups)
    shown = groups[:MOST_ROWS]
    cells = [group.best_variants for group in shown]
    figure = theme.slide(title, results.run, subtitle=subtitle)
    found = _bars(figure, shown, cells, baseline) if len(shown) <= MOST_BARS else None
    columns = found or draw_heat_map(figure, groups, cells, baseline, base)
    told = "; ".join(
        f"{group.name} {strategy_of([row[column].case])} {units.speed(row[column].speedup.centre, 3)}"  # type: ignore[union-attr]
        for group, row in zip(shown, cells, strict=True)
        for column in columns
        if column in row and row[column].speedup is not None
    )
    kind = "Bars" if found else "Table, as a heat map,"
    description = f"{kind} of how many times as fast as {base}. {title}. {subtitle}. {told}."
    return Chart(chart_name(groups[0].pattern), title, description, figure, list(_rows(shown, cells, columns)))


def _bars(figure: Figure, groups: Sequence[Group], cells: Sequence[dict[str, Summary]], baseline: str) -> list[str]:
    """Draw bars, the families together; gives back the strategies that are shown."""
    names = by_family(dict.fromkeys(name for row in cells for name in row if name != baseline))[:MOST_ROWS]
    draw_bars(figure, groups, cells, {name: heading(name, cells) for name in names})
    return names


def compared(summary: Summary) -> bool:
    """Whether the case has a ratio to another strategy's."""
    return summary.speedup is not None and not summary.is_base


def _rows(
    groups: Sequence[Group], cells: Sequence[dict[str, Summary]], columns: Sequence[str]
) -> Iterator[dict[str, Any]]:
    """A row for each cell in which something was planned."""
    for group, row in zip(groups, cells, strict=True):
        for name in columns:
            if (each := row.get(name)) is not None:
                variants = sum(one.case.strategy == name for one in group.cases)
                yield (
                    identity(group, each)
                    | {"n_variants": variants}
                    | interval_columns("speedup", "", each.speedup)
                    | {"interval_absent": interval_absent(each.speedup)}
                    | interval_columns("wall", "_s", each.wall)
                    | {"baseline": group.baseline, "base_wall_s": each.base_wall_s}
                )

"""All workloads at once: how many times as fast as the baseline each strategy is."""

import math
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import TwoSlopeNorm

from bench import units
from bench.analysis.groups import Group
from bench.analysis.summary import Summary
from bench.report import theme, words
from bench.report.charts.chart import Chart
from bench.report.results import Results

MOST_COLUMNS = 9
ROOMY_COLUMNS = 7
ROOMY_ROWS = 7
"""Up to so many rows, and so many columns, a cell has room for its interval too."""


def overview(results: Results, groups: Sequence[Group]) -> Chart:
    """Workloads of a pattern by strategies: how many times as fast as its baseline, a number in each cell.

    Of several variants of a strategy the best is shown.
    """
    baseline = groups[0].baseline
    cells = [_best_of_each_strategy(group) for group in groups]
    columns, left_out = _columns(cells, baseline)
    title = _finding(groups, baseline)
    figure = theme.slide(title, results.run)
    names = [theme.wrapped(group.name, 24) for group in groups]
    left = 0.03 + 0.0098 * max(len(line) for name in names for line in name.split("\n"))
    axes = figure.add_axes((left, 0.21, 0.98 - left, 0.53))
    values = np.array([[_log_speedup(row.get(column)) for column in columns] for row in cells])
    reach = max(1.0, float(np.nanmax(np.abs(values)))) if not np.isnan(values).all() else 1.0
    image = axes.imshow(values, cmap="RdBu", norm=TwoSlopeNorm(0, -reach, reach), aspect="auto")
    for y, row in enumerate(cells):
        for x, column in enumerate(columns):
            _draw_cell(axes, x, y, row.get(column), image.to_rgba, roomy=_is_roomy(cells, columns))
    letters = max(6, int(113 * (0.98 - left) / len(columns)))
    _grid(axes, [theme.wrapped(column, letters) for column in columns], names)
    if any(len(piece) >= letters for column in columns for piece in column.split("_")):
        over = 0.0083 * len(columns[-1]) - (0.98 - left) / len(columns) / 2  # of the last name, beyond its column
        axes.set_position((left, 0.21, 0.98 - max(0.0, over) - left, 0.45))
        axes.set_xticks(range(len(columns)), columns, rotation=20, ha="left", rotation_mode="anchor")
    figure.text(
        0.02,
        0.105,
        _note(groups, cells, baseline, left_out, roomy=_is_roomy(cells, columns)),
        color=theme.SOFT,
        linespacing=1.3,
    )
    listed = "; ".join(
        f"{group.name} {column} {units.ratio(row[column].speedup.centre)}"  # type: ignore[union-attr]
        for group, row in zip(groups, cells, strict=True)
        for column in columns
        if column in row and row[column].speedup is not None
    )
    name = "speedup" if groups[0].pattern == "map" else f"speedup-{groups[0].pattern}"
    return Chart(name, title, f"Table of speed-ups over {baseline} as a heat map. {title}. {listed}.", figure)


def compared(summary: Summary) -> bool:
    """Whether the case has a ratio to another strategy's."""
    return summary.speedup is not None and summary.case.strategy != summary.work.baseline


def _columns(cells: Sequence[dict[str, Summary]], baseline: str) -> tuple[list[str], int]:
    """The strategies that the chart has room for, those on most workloads first, and how many are left out."""
    counts = Counter(name for row in cells for name in row if name != baseline)
    kept = {name for name, _ in counts.most_common(MOST_COLUMNS)}
    if len(counts) > MOST_COLUMNS:  # those measured on a showcase would be columns of dashes
        kept = {name for name in kept if 2 * counts[name] >= max(counts.values())}
    return [name for name in counts if name in kept], len(counts) - len(kept)


def _is_roomy(cells: Sequence[dict[str, Summary]], columns: Sequence[str]) -> bool:
    """Whether a cell has room for its interval."""
    return len(cells) <= ROOMY_ROWS and len(columns) <= ROOMY_COLUMNS


def _note(
    groups: Sequence[Group], cells: Sequence[dict[str, Summary]], baseline: str, left_out: int, *, roomy: bool
) -> str:
    """What the numbers are, on two lines at the most."""
    below = [
        "below, the 95 % interval" if roomy else "intervals are in the tables",
        "best of several variants"
        if any(len(row) < len(group.cases) for row, group in zip(cells, groups, strict=True))
        else "",
        f"{left_out} more strategies are in the tables" if left_out else "",
    ]
    note = f"times as fast as {baseline} on the same inputs, a warm round against a warm round"
    return "\n".join(filter(None, (note, "; ".join(filter(None, below)))))


def _best_of_each_strategy(group: Group) -> dict[str, Summary]:
    """The case of each strategy that gained most, or any where none has a ratio; in the order of the plan."""
    found: dict[str, Summary] = {}
    for each in group.cases:
        best = found.get(each.case.strategy)
        if best is None or _gain(each) > _gain(best):
            found[each.case.strategy] = each
    return found


def _gain(summary: Summary) -> float:
    return summary.speedup.centre if summary.speedup is not None else 0.0


def _log_speedup(summary: Summary | None) -> float:
    return math.nan if summary is None or summary.speedup is None else math.log2(summary.speedup.centre)


def _draw_cell(axes: Axes, x: int, y: int, summary: Summary | None, shade: Callable[..., Any], *, roomy: bool) -> None:
    if summary is None or summary.speedup is None:
        axes.text(x, y, "–" if summary is None else str(summary.outcome), ha="center", va="center")
        return
    red, green, blue, _ = shade(math.log2(summary.speedup.centre))
    ink = (
        theme.ON_DARK if 0.2126 * red**2.2 + 0.7152 * green**2.2 + 0.0722 * blue**2.2 < 0.22 else theme.ON_LIGHT
    )  # WCAG luminance
    ratio = units.ratio(summary.speedup.centre)
    if not roomy:
        axes.text(x, y, ratio, ha="center", va="center", fontsize=16, color=ink)
        return
    axes.text(x, y - 0.1, ratio, ha="center", va="center", fontsize=20, color=ink)
    below = words.ratio_interval(summary.speedup) or f"n = {summary.speedup.n}"
    axes.text(x, y + 0.25, below, ha="center", va="center", color=ink)


def _grid(axes: Axes, columns: list[str], rows: list[str]) -> None:
    """Names on top and on the left, white lines between the cells, and nothing else."""
    axes.set_xticks(range(len(columns)), columns)
    axes.set_yticks(range(len(rows)), rows)
    axes.tick_params(length=0, top=True, labeltop=True, bottom=False, labelbottom=False)
    for side in axes.spines.values():
        side.set_visible(False)
    axes.set_xticks(np.arange(-0.5, len(columns)), minor=True)
    axes.set_yticks(np.arange(-0.5, len(rows)), minor=True)
    axes.grid(which="minor", color=theme.GROUND, lw=3)
    axes.tick_params(which="minor", length=0)


def _finding(groups: Sequence[Group], baseline: str) -> str:
    """The title: where most was gained, where least; by the fastest case of each group, as its headline has it."""
    gained = sorted(
        ((_gain(group.ranked[0]), group) for group in groups if group.ranked and _gain(group.ranked[0])),
        key=lambda pair: -pair[0],
    )
    said = [f"{group.name} {units.ratio(gain)} with {group.labels[group.ranked[0].case.key]}" for gain, group in gained]
    if len(said) == 1:
        return f"Over {baseline}, {said[0]}"
    slowest = gained[-1][1]
    if slowest.ranked[0].case.strategy == baseline:
        return f"Over {baseline}, most gained by {said[0]}; nothing beats it on {slowest.name}"
    return f"Over {baseline}, most gained by {said[0]}, least by {said[-1]}"

"""All workloads at once: how many times as fast as the baseline each strategy is."""

import math

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import TwoSlopeNorm

from bench import units
from bench.analysis.headline import Headline, labels
from bench.analysis.summary import Summary
from bench.report import theme
from bench.report.charts.chart import Chart, baseline_of
from bench.report.results import Results


def overview(results: Results) -> Chart:
    """Workloads by strategies: how many times as fast as serial, a number in each cell."""
    base = baseline_of(results)
    groups = [(headline, group) for headline, group in results.groups() if any(each.speedup for each in group)]
    cells = {
        (_row_name(headline, results), name): each
        for headline, group in groups
        for each, name in zip(group, labels(group).values(), strict=True)
    }
    rows = list(dict.fromkeys(row for row, _ in cells))
    columns = [name for name in dict.fromkeys(name for _, name in cells) if name.split()[0] != base]
    title = _overview_finding(results)
    figure = theme.slide(title, results.run)
    left = 0.03 + 0.0098 * max(len(theme.short(line)) for row in rows for line in row.split("\n"))
    axes = figure.add_axes((left, 0.2, 0.98 - left, 0.54))
    values = np.full((len(rows), len(columns)), math.nan)
    for (row, column), each in cells.items():
        if column in columns and each.speedup is not None:
            values[rows.index(row), columns.index(column)] = math.log2(each.speedup.centre)
    reach = max(1.0, float(np.nanmax(np.abs(values))))
    axes.imshow(values, cmap="RdBu", norm=TwoSlopeNorm(0, -reach, reach), aspect="auto", alpha=0.85)
    for y, row in enumerate(rows):
        for x, column in enumerate(columns):
            _cell(axes, x, y, cells.get((row, column)), reach)
    letters = max(6, int(100 * (0.98 - left) / len(columns)))
    axes.set_xticks(range(len(columns)), [theme.wrapped(column, letters) for column in columns])
    axes.set_yticks(range(len(rows)), ["\n".join(map(theme.short, row.split("\n"))) for row in rows])
    axes.tick_params(length=0, top=True, labeltop=True, bottom=False, labelbottom=False)
    for side in axes.spines.values():
        side.set_visible(False)
    axes.set_xticks(np.arange(-0.5, len(columns)), minor=True)
    axes.set_yticks(np.arange(-0.5, len(rows)), minor=True)
    axes.grid(which="minor", color="white", lw=3)
    axes.tick_params(which="minor", length=0)
    figure.text(0.02, 0.125, "times as fast as serial on the same inputs; a warm round against a warm round; "
                "below, the 95 % interval", color=theme.SOFT)  # fmt: skip
    listed = "; ".join(
        f"{row} {column} {units.ratio(each.speedup.centre)}" for (row, column), each in cells.items()
        if each.speedup is not None and column.split()[0] != base
    )  # fmt: skip
    return Chart("speedup", title, f"Table of speed-ups over serial as a heat map. {title}. {listed}.", figure)


def _cell(axes: Axes, x: int, y: int, summary: Summary | None, reach: float) -> None:
    if summary is None or summary.speedup is None:
        axes.text(x, y, "–" if summary is None else str(summary.outcome), ha="center", va="center")
        return
    strong = abs(math.log2(summary.speedup.centre)) > 0.62 * reach
    ink = "white" if strong else theme.INK
    axes.text(x, y - 0.1, units.ratio(summary.speedup.centre), ha="center", va="center", fontsize=20, color=ink)
    low, high = summary.speedup.low, summary.speedup.high
    text = f"n = {summary.speedup.n}" if low is None or high is None else (
        f"{units.significant(low)}–{units.significant(high)}"
    )  # fmt: skip
    axes.text(x, y + 0.25, text, ha="center", va="center", color=ink)


def _overview_finding(results: Results) -> str:
    parts = []
    for headline, group in results.groups():
        known = [each for each in group if each.speedup is not None]
        if known:
            best = max(known, key=lambda each: each.speedup.centre if each.speedup else 0)
            gain = units.ratio(best.speedup.centre) if best.speedup else ""
            parts.append(f"{headline.workload} {best.case.strategy} {gain}")
    return "Most gained over serial: " + ", ".join(parts)


def _row_name(headline: Headline, results: Results) -> str:
    scales = {each.scale for each in results.headlines}
    return headline.workload if len(scales) == 1 else f"{headline.workload}\n{headline.scale}"

"""Who is fastest: a dot, an interval and a bound for each case of a workload."""

from collections.abc import Sequence

from matplotlib.axes import Axes

from bench import units
from bench.analysis.groups import Group
from bench.analysis.summary import Summary
from bench.report import theme
from bench.report.charts.chart import MOST_ROWS, Chart, file_name, row_axes, time_axis
from bench.report.results import Results


def ranking(results: Results, group: Group) -> Chart:
    """A warm round of each case: dot, interval, the blocks' medians, and the bound. Fastest on top."""
    others = group.unranked[: MOST_ROWS // 2]
    ranked = group.ranked[: MOST_ROWS - len(others)]
    names = group.labels
    title = f"{group.name}: {group.finding}"
    figure = theme.slide(title, results.run)
    axes = row_axes(figure, [names[each.case.key] for each in (*ranked, *others)])
    blocks = {each.case.key: list(each.block_walls.values()) for each in ranked}
    for row, each in enumerate(ranked):
        assert each.wall is not None
        tint = theme.colour(each.case.strategy)
        medians = blocks[each.case.key]
        axes.plot(medians, [row] * len(medians), "o", ms=6, mfc="none", mec=tint, alpha=0.5)
        if each.wall.low is not None and each.wall.high is not None:
            axes.plot([each.wall.low, each.wall.high], [row, row], color=tint, lw=5, solid_capstyle="butt", alpha=0.8)
        axes.plot(each.wall.centre, row, theme.marker(each.case.strategy), ms=13, color=tint, mec="white")
        if each.bound_s is not None:
            axes.plot([each.bound_s] * 2, [row - 0.34, row + 0.34], color=theme.INK, lw=2.5)
        axes.text(1.015, row, _value(each), transform=axes.get_yaxis_transform(), va="center")
    for row, each in enumerate(others, start=len(ranked)):
        axes.text(
            0.01,
            row,
            theme.short(f"{each.outcome}: {each.reason}", _letters(axes)),
            transform=axes.get_yaxis_transform(),
            va="center",
        )
    spread = [value for each in ranked for value in (*blocks[each.case.key], each.bound_s) if value]
    tasks = next((each.tasks for each in ranked if each.tasks), None)
    time_axis(axes, spread, f"time of a warm round, {'all' if tasks is None else tasks} {group.unit}")
    _key(axes, ranked)
    left_out = len(group.cases) - len(ranked) - len(others)
    if left_out:
        axes.set_xlabel(f"{axes.get_xlabel()}; {left_out} more in the table")
    return Chart(f"ranking-{file_name(group)}", title, _ranking_text(title, group), figure)


def _key(axes: Axes, ranked: Sequence[Summary]) -> None:
    """What the marks mean, in words above the axes."""
    interval = any(each.wall is not None and each.wall.low is not None for each in ranked)
    parts = ["● median of blocks", "○ a block", "▬ 95 % interval" if interval else "too few blocks for an interval"]
    if any(each.bound_s is not None for each in ranked):
        parts.append("┃ bound: max(longest task, Σ tasks / workers or cores)")
    axes.figure.text(0.02, 0.815, "     ".join(parts), color=theme.SOFT, va="bottom")


def _letters(axes: Axes) -> int:
    """About how many letters fit into the width of the axes and the column of values beside it."""
    return int((0.97 - axes.get_position().x0) / 0.0098)


def _value(summary: Summary) -> str:
    assert summary.wall is not None
    ratio = f" · {units.ratio(summary.speedup.centre)} as fast" if summary.speedup else ""
    rate = "" if summary.work.pattern == "map" else f" · {units.rate(summary.rate)}/s"
    return units.seconds(summary.wall.centre) + (rate or ratio)


def _ranking_text(title: str, group: Group) -> str:
    listed = "; ".join(
        f"{group.labels[each.case.key]} {units.seconds(each.wall.centre)}"
        + (f" ({units.seconds(each.wall.low)} to {units.seconds(each.wall.high)})" if each.wall.low else "")
        + (f", bound {units.seconds(each.bound_s)}" if each.bound_s else "")
        for each in group.ranked
        if each.wall is not None
    )
    left_out = f" {group.left_out}." if group.left_out else ""
    return f"Dot chart of the time of a warm round. {title}. {listed}.{left_out}"

"""Who is fastest: a dot, an interval and a bound for each case of a workload."""

from collections.abc import Iterator, Sequence
from typing import Any

from matplotlib.axes import Axes
from matplotlib.lines import Line2D

from bench import units
from bench.analysis.estimates import INTERVAL
from bench.analysis.groups import Group
from bench.analysis.summary import Summary
from bench.report.drawing import chart, theme
from bench.report.drawing.chart import MOST_ROWS, Chart, file_name, row_axes, time_axis
from bench.report.kit import words
from bench.report.kit.headline import numbers, spoken
from bench.report.kit.results import Results

_BELOW = 0.34
"""Of a row's height: where the interval of a bound is drawn, at the foot of its stroke."""


def ranking(results: Results, group: Group) -> Chart:
    """A warm round of each case: dot, interval, the blocks' medians, and the bound. Fastest on top."""
    others = chart.others_of(group)
    ranked = group.ranked[: MOST_ROWS - len(others)]
    title, subtitle = spoken(group), numbers(group)
    figure = theme.slide(title, results.run, subtitle=subtitle)
    names = [group.labels[each.case.key] for each in (*ranked, *others)]
    base_s = group.base_wall_s
    axes = row_axes(figure, names, [_value(each, base_s) for each in ranked], _heading(group, base_s))
    _draw(axes, ranked)
    chart.say_why(axes, len(ranked), others)
    spread = [value for each in ranked for value in _drawn(each)]
    tasks = next((each.tasks for each in ranked if each.tasks), None)
    left_out = len(group.cases) - len(names)
    label = f"time of a warm round, {'all' if tasks is None else tasks} {group.unit}{chart.more(left_out)}"
    time_axis(axes, spread, label)
    chart.key(figure, _key(ranked))
    rows = list(_rows(group, [*ranked, *others]))
    return Chart(f"ranking-{file_name(group)}", title, _ranking_text(f"{title}. {subtitle}", group), figure, rows)


def _draw(axes: Axes, ranked: Sequence[Summary]) -> None:
    intervals = []
    for row, each in enumerate(ranked):
        assert each.wall is not None
        tint = theme.colour(each.case.strategy)
        medians = list(each.paced_walls.values())
        rings = Line2D(medians, [row] * len(medians), ls="", marker="o", ms=6, mfc="none", mec=tint, alpha=0.6)
        axes.add_artist(rings)
        if each.wall.low is not None and each.wall.high is not None:
            intervals.append(([(each.wall.low, row), (each.wall.high, row)], tint))
        chart.dot(axes, each.wall.centre, row, each.case.strategy)
    chart.strokes(axes, [line for line, _ in intervals], [tint for _, tint in intervals], 5, alpha=0.8, zorder=2)
    bounds = [(row, each.bound.wall) for row, each in enumerate(ranked) if each.bound is not None]
    chart.strokes(
        axes,
        [[(each.centre, row - 0.34), (each.centre, row + 0.34)] for row, each in bounds],
        theme.INK,
        2.5,
        zorder=1.5,
    )
    spans = [
        [(each.low, row + _BELOW), (each.high, row + _BELOW)]
        for row, each in bounds
        if each.low is not None and each.high is not None and each.low < each.high
    ]
    chart.strokes(axes, spans, theme.INK, 1.5, zorder=1.5)


def _drawn(summary: Summary) -> Iterator[float]:
    """All times of a row, in seconds."""
    assert summary.wall is not None
    yield from summary.paced_walls.values()
    known = [summary.wall] if summary.bound is None else [summary.wall, summary.bound.wall]
    yield from (value for each in known for value in (each.centre, each.low, each.high) if value)


def _key(ranked: Sequence[Summary]) -> Iterator[tuple[str, str, str]]:
    """What the marks mean."""
    walls = [each.wall for each in ranked if each.wall is not None]
    least = min(walls, key=lambda each: each.n)
    yield "●", theme.SOFT, "time"
    yield "○", theme.SOFT, "a block"
    if any(each.low is not None for each in walls):
        yield "▬", theme.SOFT, INTERVAL + (f" ({chart.interval_absent(least)})" if least.low is None else "")
    else:
        yield "", "", f"no intervals: {chart.interval_absent(least)}"
    bounds = [each.bound for each in ranked if each.bound is not None]
    if bounds:
        stated = all(each.stated for each in bounds)
        yield "┃", theme.INK, "bound" if stated else "estimated bound"
    yield from chart.family_key(each.case.strategy for each in ranked)


def _heading(group: Group, base_s: float | None) -> str:
    """What the values beside the rows are."""
    if not any(each.speedup for each in group.ranked):
        return "" if group.pattern == "map" else f"time · {group.unit}/s"
    base = f"× {group.base_name}" + ("" if base_s is None else f" ({units.seconds(base_s)})")
    return f"time · {base}" if group.pattern == "map" else f"{group.unit}/s · {base}"


def _value(summary: Summary, base_s: float | None) -> str:
    """The time or the rate, how many times as fast as the base with its interval, and the base where rows differ in it."""
    assert summary.wall is not None
    absolute = units.seconds(summary.wall.centre) if summary.work.pattern == "map" else f"{units.rate(summary.rate)}/s"
    if summary.speedup is None:
        return absolute
    base = "" if base_s is not None else f" of {units.seconds(summary.base_wall_s)}"
    return f"{absolute} · " + ("1×" if summary.is_base else words.speed_with_interval(summary.speedup)) + base


def _rows(group: Group, shown: Sequence[Summary]) -> Iterator[dict[str, Any]]:
    """A row for each case, and after it one for each of its blocks."""
    for each in shown:
        who = {"mark": "case", "repetition": None} | chart.identity(group, each)
        whole = (
            who
            | chart.interval_columns("wall", "_s", each.wall)
            | {"interval_absent": chart.interval_absent(each.wall)}
            | chart.interval_columns("speedup", "", each.speedup)
            | {"base_wall_s": each.base_wall_s, "units_per_s": each.rate}
            | chart.interval_columns("bound", "_s", None if each.bound is None else each.bound.wall)
        )
        yield whole
        for repetition, wall_s in each.paced_walls.items():
            own = {"mark": "block", "repetition": repetition, "wall_s": wall_s, "interval_absent": "a block"}
            yield dict.fromkeys(whole) | who | own


def _ranking_text(title: str, group: Group) -> str:
    listed = "; ".join(
        f"{group.labels[each.case.key]} {units.seconds(each.wall.centre)}"
        + (f" ({units.seconds(each.wall.low)} to {units.seconds(each.wall.high)})" if each.wall.low else "")
        + (
            ""
            if each.bound is None
            else f", {'' if each.bound.stated else 'estimated '}bound {units.seconds(each.bound.wall.centre)}"
        )
        for each in group.ranked
        if each.wall is not None
    )
    bound = ""
    if any(each.bound is not None for each in group.ranked):
        bound = " It lies behind the marks: the longest task, or the sum of all tasks over the workers or cores, if that is more."
        bound += " Where it is estimated, tasks were timed one by one."
    left_out = f" {group.left_out}." if group.left_out else ""
    return f"Dot chart of the time of a warm round. {title}. {listed}.{bound}{left_out}"

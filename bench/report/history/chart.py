"""A case over its runs: a dot and an interval for each, levels as steps, changes marked; a panel for each machine."""

import math
from collections.abc import Sequence
from datetime import datetime
from zlib import crc32

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import EngFormatter, LogLocator, MaxNLocator, NullFormatter

import bench
from bench import units
from bench.analysis.estimates import INTERVAL
from bench.analysis.history import ChangePoint, History, Series
from bench.quantities import COMPARED
from bench.report.drawing import theme
from bench.report.drawing.chart import HIGH_PT, LOG_SPAN, WIDE_PT, Chart
from bench.report.drawing.labels import note_above, note_lines, top_below
from bench.report.drawing.lettering import UNBROKEN, fitting
from bench.report.history.text import finding, levels, machine, short_commit, when
from bench.report.verdicts.verdict_words import percent, value

MOST_PANELS = 3
"""What a slide has room for; the table has all machines."""
_MOST_LABELS = 8
"""Runs that are named below a panel: a date and a commit are about a ninth of its width."""
_MOST_NAMED_CHANGES = 8
_NEAR = 0.2
"""Of a panel's width: the names of two changes, one on the left and one on the right, need so much."""
_BOTTOM, _LEFT, _RIGHT = 0.19, 0.085, 0.955
_HEADING_PT = 25.0
_BETWEEN = 0.115
"""Between panels, for the labels of one and the heading of the next."""
_HEADROOM = 0.3
"""Of the span of the values, for the names of changes."""
_DOT, _WORSE, _BETTER = "#3f90da", "#bd1f01", "#2f6f3e"


def history_chart(found: History, series: Sequence[Series]) -> Chart:
    """The runs of one case.

    Args:
        found: what the series belong to.
        series: of one case, one for each machine; the first `MOST_PANELS` are drawn.
    """
    shown = series[:MOST_PANELS]
    title = f"{series[0].name}: {_told(shown)}"
    with theme.applied():
        figure = theme.blank(title, _footer(found, series))
        key = note_lines((_key(shown),))
        over_pt = _HEADING_PT if len(series) > 1 else 0.0
        panels = _panels(figure, len(shown), top_below(len(key)) - over_pt / HIGH_PT)
        for axes, each in zip(panels, shown, strict=True):
            _draw(axes, each, ticks=6 // len(shown) + 1)
            _heading(axes, each, alone=len(series) == 1)
        note_above(panels[0], key, over_pt)
    return Chart(_file_name(series[0]), title, _text(title, found, series), figure)


def _told(series: Sequence[Series]) -> str:
    """The finding of each panel."""
    if len(series) == 1:
        return finding(series[0])
    return "; ".join(f"{each.machine.label} {finding(each)}" for each in series)


def _footer(found: History, series: Sequence[Series]) -> str:
    points = [point for each in series for point in each.points]
    days = sorted({f"{point.at:%Y-%m-%d}" for point in points})
    span = days[0] if len(days) == 1 else f"{days[0]} to {days[-1]}"
    where = machine(series[0].machine) if len(series) == 1 else f"{len(series)} machines"
    return " · ".join(
        (
            f"concurrency-bench {bench.__version__}",
            f"{len(points)} runs of {series[0].tool}, {span}",
            theme.short(where, 120),
            f"change points: permutation test at {units.percent(found.alpha)}, tolerance {units.percent(found.tolerance)}",
        )
    )


def _panels(figure: Figure, count: int, top: float) -> list[Axes]:
    """Axes below each other, the first on top."""
    height = (top - _BOTTOM - (count - 1) * _BETWEEN) / count
    width = _RIGHT - _LEFT
    return [figure.add_axes((_LEFT, top - (row + 1) * height - row * _BETWEEN, width, height)) for row in range(count)]


def _draw(axes: Axes, series: Series, ticks: int) -> None:
    values = [point.value.centre for point in series.points]
    many = len(values) > 60
    for number, point in enumerate(series.points):
        if point.value.low is not None and point.value.high is not None:
            axes.plot(
                [number] * 2,
                [point.value.low, point.value.high],
                color=_DOT,
                lw=2 if many else 5,
                alpha=0.45,
                solid_capstyle="butt",
            )
    axes.plot(range(len(values)), values, "o", ms=5 if many else 9, color=_DOT, mec="white", zorder=3)
    for stretch in series.stretches:
        axes.plot([stretch.first - 0.5, stretch.end - 0.5], [stretch.level] * 2, color=theme.INK, lw=2.5, zorder=2)
    axes.set_xlim(-0.7, len(values) - 0.3)
    _value_axis(axes, series, ticks)
    _run_axis(axes, series)
    rows = _rows(series)
    for change, row in zip(series.changes, rows, strict=True):
        _mark(axes, series, change, row if len(rows) <= _MOST_NAMED_CHANGES else None)
    axes.grid(axis="y")


def _rows(series: Series) -> list[int]:
    """In which row below the top a change is named: beside the one before it there is room for one name only."""
    rows: list[int] = []
    for number, change in enumerate(series.changes):
        near = number > 0 and change.at - series.changes[number - 1].at < _NEAR * len(series.points)
        rows.append(1 - rows[-1] if near else 0)
    return rows


def _mark(axes: Axes, series: Series, change: ChangePoint, row: int | None) -> None:
    """A line where the level changes, and by how much where it has a row."""
    tint = _WORSE if change.ratio > 1 else _BETTER
    axes.axvline(change.at - 0.5, color=tint, lw=1.5, ls="--", zorder=1)
    if row is not None:
        on_left = change.at > len(series.points) / 2
        axes.annotate(
            percent(change.ratio),
            (change.at - 0.5, 1),
            xycoords=axes.get_xaxis_transform(),
            xytext=(-7 if on_left else 7, -2 - 1.3 * theme.TEXT_PT * row),
            textcoords="offset points",
            ha="right" if on_left else "left",
            va="top",
            color=tint,
            fontweight="bold",
            bbox={"facecolor": "white", "edgecolor": "none", "pad": 1.5, "alpha": 0.85},
            zorder=4,
        )


def _value_axis(axes: Axes, series: Series, ticks: int) -> None:
    """The span of the values with room above for what is written there; logarithmic past a tenfold span."""
    reached = [
        each
        for point in series.points
        for each in (point.value.low, point.value.centre, point.value.high)
        if each is not None
    ]
    low, high = min(reached), max(reached)
    if low > 0 and high / low > LOG_SPAN:
        axes.set_yscale("log")
        axes.yaxis.set_major_locator(LogLocator(subs=(1, 2, 5) if math.log10(high / low) <= 2 else (1,)))
        axes.yaxis.set_minor_formatter(NullFormatter())
        axes.set_ylim(low / 1.3, high * (high / low) ** _HEADROOM)
    else:
        span = max(high - low, 0.02 * high) or 1.0
        axes.set_ylim(max(0.0, low - 0.1 * span), high + _HEADROOM * span)
        axes.yaxis.set_major_locator(MaxNLocator(ticks, steps=[1, 2, 2.5, 5, 10]))
    axes.yaxis.set_major_formatter(EngFormatter(COMPARED[series.quantity].unit))


def _run_axis(axes: Axes, series: Series) -> None:
    """Runs in equal steps, so many of them named as there is room for, the last one always."""
    points = series.points
    days = {point.at.date() for point in points}
    step = -(-len(points) // _MOST_LABELS)
    ticks = list(range(len(points) - 1, -1, -step))[::-1]
    labels = [f"{_date(points[each].at, len(days))}\n{short_commit(points[each])}".rstrip() for each in ticks]
    axes.set_xticks(ticks, labels, linespacing=1.15)


def _date(at: datetime, days: int) -> str:
    """The day, or the time of day where all runs are of one."""
    return f"{at:%Y-%m-%d}" if days > 1 else f"{at:%H:%M:%S}"


def _heading(axes: Axes, series: Series, *, alone: bool) -> None:
    """What is drawn; of which machine and with what finding where there are several."""
    if alone:
        return
    text = f"{series.machine.label}: {finding(series)} · {machine(series.machine)}"
    axes.set_title(
        fitting(text, (_RIGHT - _LEFT) * WIDE_PT), loc="left", fontsize=theme.TEXT_PT, color=theme.INK, pad=5
    )


def _key(series: Sequence[Series]) -> str:
    """What the marks mean, in words above the panels."""
    known = any(point.value.low is not None for each in series for point in each.points)
    parts = [f"● {COMPARED[series[0].quantity].words.full}, median of a run's blocks"]
    parts.append(f"▮ {INTERVAL}" if known else "too few blocks for intervals")
    parts += ["━ median between changes", "┆ change"] if any(each.changes for each in series) else ["━ median"]
    logarithmic = any(_spans(each) for each in series)
    parts.append("axis logarithmic" if logarithmic else "axis not from zero")
    return "   ".join(each.replace(" ", UNBROKEN) for each in parts)


def _spans(series: Series) -> bool:
    low = min(point.value.centre for point in series.points)
    return low > 0 and max(point.value.centre for point in series.points) / low > LOG_SPAN


def _file_name(series: Series) -> str:
    """A name of letters, digits, `-` and `_`, its own for each case and quantity."""
    parts = (series.case, series.tool, series.quantity)
    plain = "".join(each if each.isascii() and each.isalnum() else "_" for each in series.case)[:80]
    return f"{plain}-{series.quantity}-{crc32(repr(parts).encode()):08x}"


def _text(title: str, found: History, series: Sequence[Series]) -> str:
    """The alt text."""
    told = []
    for each in series:
        first, last = each.points[0], each.points[-1]
        where = f"On machine {each.machine.label}, " if len(series) > 1 else ""
        steps = "; ".join(
            f"{when(each.points[step.at])}: {percent(step.ratio)}, {levels(each, step)}" for step in each.changes
        )
        told.append(
            f"{where}{len(each.points)} runs from {first.at:%Y-%m-%d} to {last.at:%Y-%m-%d}, the latest "
            f"{value(each.quantity, last.value.centre)}; changes: {steps or finding(each)}."
        )
    more = len(series) - MOST_PANELS
    left_out = f" {units.are(units.counted(more, 'more machine'))} in the table." if more > 0 else ""
    return f"Dot chart of the {COMPARED[found.quantity].words.full} over runs. {title}. {' '.join(told)}{left_out}"

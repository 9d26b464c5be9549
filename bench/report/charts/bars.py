"""One or two workloads under many strategies: a bar from the base to each, to the right where faster and to the left where slower."""

import math
from collections.abc import Sequence

from matplotlib.axes import Axes
from matplotlib.collections import PolyCollection
from matplotlib.figure import Figure
from matplotlib.ticker import FixedFormatter, FixedLocator, NullLocator

from bench import units
from bench.analysis.estimates import INTERVAL
from bench.analysis.groups import Group
from bench.analysis.summary import Summary
from bench.report.charts.overview_words import base_of
from bench.report.drawing import theme
from bench.report.drawing.chart import KEY, WIDE_PT, Entry, family_key, intervals_absent, key, outcome, strokes
from bench.report.drawing.lettering import fitting, width

_BOTTOM, _TOP = 0.155, 0.735
_MOST_NAME_PT = 270.0
_GAP_PT = 12.0
_HALF = 0.32
"""Of a bar's height, in rows."""
_STEPS = (1, 2, 3, 5, 10, 30, 100, 1000, 10_000, 100_000)
"""Times as fast or as slow that may be ticks."""
_TICKS_APART_PT = 10.0


def draw_bars(
    figure: Figure, groups: Sequence[Group], cells: Sequence[dict[str, Summary]], names: dict[str, str]
) -> None:
    """A panel for each group with the same rows, the base's times above, what bars say beside them.

    Args:
        cells: of each group the case of each strategy.
        names: of each row's strategy, in their order, what people call it.
    """
    labels = [fitting(each, _MOST_NAME_PT) for each in names.values()]
    left = 0.02 * WIDE_PT + max(map(width, labels)) + _GAP_PT
    each_pt = (0.98 * WIDE_PT - left) / len(groups)
    for number, (group, row) in enumerate(zip(groups, cells, strict=True)):
        told = [_told(row.get(name)) for name in names]
        room = each_pt - max(map(width, told)) - 3 * _GAP_PT
        told = [fitting(each, each_pt / 2) for each in told]
        at = (left + number * each_pt) / WIDE_PT
        axes = figure.add_axes((at, _BOTTOM, max(room, each_pt / 2 - 3 * _GAP_PT) / WIDE_PT, _TOP - _BOTTOM))
        _panel(axes, [row.get(name) for name in names], told)
        heading = fitting(f"{group.name} · 1× = {base_of(group, list(row.values()))}", each_pt - _GAP_PT)
        axes.text(0, 1.02, heading, transform=axes.transAxes, va="bottom")
        if not number:
            for y, label in enumerate(labels):
                axes.text(-0.015, y, label, transform=axes.get_yaxis_transform(), ha="right", va="center")
    key(figure, _entries([each for row in cells for each in row.values()]), KEY)


def _entries(shown: Sequence[Summary]) -> list[Entry]:
    lacking = intervals_absent([each.speedup for each in shown if each.speedup is not None])
    marks = ("", "", lacking) if lacking else ("━", theme.INK, INTERVAL)
    return [("", "", "right of 1×: faster; left: slower"), marks, *family_key(each.case.strategy for each in shown)]


def _told(summary: Summary | None) -> str:
    """What stands beside a bar."""
    if summary is None:
        return "–"
    if summary.speedup is None:
        return units.seconds(summary.wall.centre) if summary.wall else outcome(summary)
    return units.speed(summary.speedup.centre)


def _panel(axes: Axes, rows: Sequence[Summary | None], told: Sequence[str]) -> None:
    ratios = {y: each.speedup for y, each in enumerate(rows) if each is not None and each.speedup is not None}
    reached = [value for each in ratios.values() for value in (each.low, each.centre, each.high) if value]
    _axis(axes, min([1.0, *reached]), max([1.0, *reached]), len(rows))
    boxes = [
        [(1, y - _HALF), (each.centre, y - _HALF), (each.centre, y + _HALF), (1, y + _HALF)]
        for y, each in ratios.items()
    ]
    tints = [theme.colour(each.case.strategy) for y, each in enumerate(rows) if each is not None and y in ratios]
    axes.add_collection(PolyCollection(boxes, facecolors=tints, linewidths=0, alpha=0.85), autolim=False)
    spans = [[(each.low, y), (each.high, y)] for y, each in ratios.items() if each.low is not None]
    strokes(axes, spans, theme.INK, 2, zorder=3)
    axes.axvline(1, color=theme.INK, lw=1.5, zorder=3)
    beside = _GAP_PT / (axes.get_position().width * WIDE_PT)
    for y, text in enumerate(told):
        axes.text(1 + beside, y, text, transform=axes.get_yaxis_transform(), va="center")


def _axis(axes: Axes, low: float, high: float, rows: int) -> None:
    """A logarithmic axis from the slowest to the fastest, with as many ticks as there is room for."""
    span = max(math.log(high / low), math.log(2))
    first, last = math.log(low) - 0.06 * span, math.log(high) + 0.06 * span
    axes.set_ylim(rows - 0.5, -0.5)
    axes.yaxis.set_visible(False)
    axes.set_xscale("log")
    axes.set_xlim(math.exp(first), math.exp(last))
    room = axes.get_position().width * WIDE_PT / (last - first)
    kept: list[tuple[float, float, str]] = []
    for step in _STEPS:
        for value in dict.fromkeys((float(step), 1 / step)):
            at, text = math.log(value), f"{step:,}×"
            clear = all(abs(at - other) * room > (width(text) + wide) / 2 + _TICKS_APART_PT for other, wide, _ in kept)
            if first <= at <= last and clear:
                kept.append((at, width(text), text))
    axes.xaxis.set_major_locator(FixedLocator([math.exp(at) for at, *_ in kept]))
    axes.xaxis.set_major_formatter(FixedFormatter([text for *_, text in kept]))
    axes.xaxis.set_minor_locator(NullLocator())
    axes.grid(axis="x")
    axes.set_xlabel("slower ← → faster")

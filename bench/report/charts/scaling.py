"""How the strategies of a workload gain from more workers: speed-ups, the ideal, the cores, and the law they follow."""

import math
from collections.abc import Iterator, Sequence
from itertools import chain
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import FixedFormatter, FixedLocator, NullLocator
from matplotlib.transforms import ScaledTranslation, Transform

from bench.analysis.groups import Group
from bench.analysis.scaling import Curve, Point, curves, variants
from bench.analysis.summary import Summary
from bench.report.charts import curve_words
from bench.report.drawing import theme
from bench.report.drawing.chart import (
    HIGH_PT,
    WIDE_PT,
    Chart,
    file_name,
    identity,
    interval_absent,
    interval_columns,
    key,
)
from bench.report.drawing.labels import (
    ROOM_BESIDE_PT,
    Label,
    beside,
    key_above,
    note_above,
    note_lines,
    ticks,
    top_below,
)
from bench.report.drawing.lettering import width
from bench.report.drawing.one_path import one_path
from bench.report.kit.results import Results

MOST_CURVES = 6
"""What a slide has room to name; the data have all."""
_LEFT, _BOTTOM, _RIGHT = 0.08, 0.165, 0.985
_ASIDE_PT = 8.0
"""Between the marks of curves at one number of workers."""
_LINES = ("-", "--", ":", "-.")
"""Of variants of a strategy, which have one colour."""
_MARGIN = 0.25
"""Doublings between the outermost marks and the edges."""
_FINE = 2.2
"""Doublings, up to which the axis of speed-ups has room for ticks between the powers of two."""
_MOST_TICKS = 9
_NARROWEST = 0.45
"""Of the room for the axes, what they take at the least."""


def scaling(results: Results, group: Group) -> Chart | None:
    """Speed-ups over workers, a line for each strategy; None where none was measured with two numbers of workers."""
    found = sorted(curves(group, results.run), key=lambda each: -each.best.speedup.centre)
    if not found:
        return None
    shown = found[:MOST_CURVES]
    cores = results.run.header.environment.usable_cores
    title, subtitle = curve_words.finding(group, found), curve_words.numbers(group, found)
    figure = theme.slide(title, results.run, subtitle=subtitle)
    note = note_lines(curve_words.notes(group, found, shown))
    texts = curve_words.labels(shown, (top_below(len(note) + 1) - _BOTTOM) * HIGH_PT)
    note = [each for each in note if each != curve_words.FRACTION or any("\ne " in text for text in texts)]
    top = top_below(len(note) + 1)
    right = _RIGHT - (ROOM_BESIDE_PT + max(map(width, texts))) / WIDE_PT
    axes = figure.add_axes((_LEFT, _BOTTOM, right - _LEFT, top - _BOTTOM))
    _limits(axes, shown)
    drawn: dict[str, int] = {}
    for place, curve in enumerate(shown):
        strategy = curve.points[0].summary.case.strategy
        number = drawn[strategy] = drawn.get(strategy, -1) + 1
        _draw(axes, curve, _LINES[number % len(_LINES)], _ASIDE_PT * (place - (len(shown) - 1) / 2))
    _references(axes, shown, cores)
    ends = [each.points[-1] for each in shown]
    beside(
        axes,
        [
            Label(end.workers, end.speedup.centre, text, end.summary.case.strategy)
            for end, text in zip(ends, texts, strict=True)
        ],
    )
    axes.set_xlabel("workers (both axes logarithmic, to one scale)")
    axes.set_ylabel("times as fast")
    note_above(axes, note)
    key(figure, curve_words.key(shown, cores), key_above(axes, len(note)))
    description = f"Line chart of speed-ups over workers, to one logarithmic scale. {title}. {subtitle}. {curve_words.told(found)}"
    return Chart(f"scaling-{file_name(group)}", title, description, figure, list(_rows(group, found, cores)))


def _limits(axes: Axes, shown: Sequence[Curve]) -> None:
    """Both axes in doublings, one as long on either, so that the ideal rises at 45 degrees.

    The axes become narrower where the speed-ups need more room than the workers; where they need less, the rest is above.
    """
    numbers = sorted({each.workers for curve in shown for each in curve.points})
    reached = [
        value
        for curve in shown
        for each in curve.points
        for value in (each.speedup.low, each.speedup.centre, each.speedup.high)
        if value
    ]
    low, high = (math.log2(edge) for edge in (min(reached), max(1.5, *reached)))
    first, last = math.log2(numbers[0]) - _MARGIN, math.log2(numbers[-1]) + _MARGIN
    place = axes.get_position()
    wide, tall = place.width * WIDE_PT, place.height * HIGH_PT
    doubling_pt = min(wide / (last - first), tall / (high - low + 2 * _MARGIN))
    share = max(doubling_pt * (last - first) / wide, _NARROWEST)
    axes.set_position((place.x0, place.y0, place.width * share, place.height))
    last = first + wide * share / doubling_pt
    axes.set_xscale("log", base=2)
    axes.set_yscale("log", base=2)
    axes.set_xlim(2.0**first, 2.0**last)
    bottom, top = low - _MARGIN, low - _MARGIN + tall / doubling_pt
    axes.set_ylim(2.0**bottom, 2.0**top)
    places = [
        step * 2.0**power
        for power in range(math.floor(bottom) - 1, math.ceil(top) + 1)
        for step in ((1.0, 1.5) if top - bottom < _FINE else (1.0,))
        if bottom <= math.log2(step) + power <= top
    ]
    every = -(-len(places) // _MOST_TICKS)
    axes.yaxis.set_major_locator(FixedLocator(places[::every]))
    axes.yaxis.set_major_formatter(FixedFormatter([f"{each:g}×" for each in places[::every]]))
    axes.yaxis.set_minor_locator(NullLocator())
    ticks(axes, numbers, list(map(str, numbers)))
    axes.grid(axis="y")


def _draw(axes: Axes, curve: Curve, line: str, aside_pt: float) -> None:
    """A curve, its marks and intervals so many points aside of their number of workers: others are there, too."""
    place = axes.transData + ScaledTranslation(aside_pt / 72, 0, axes.figure.dpi_scale_trans)
    tint = theme.colour(curve.points[0].summary.case.strategy)
    if curve.fit is not None:
        counted = [each.workers for each in curve.points if each.counts]
        smooth = np.linspace(min(counted), max(counted), 40)
        axes.plot(
            smooth, [curve.fit.speedup(each) for each in smooth], line, color=tint, lw=2.5, gid="fit", transform=place
        )
    workers, centres = zip(*((each.workers, each.speedup.centre) for each in curve.points), strict=True)
    lw = 2.5 if curve.fit is None and len(curve.points) > 2 else 1  # of what is between two points it says nothing
    axes.plot(workers, centres, line, color=tint, lw=lw, gid="line", transform=place)
    bars = [
        ((each.workers, each.speedup.low), (each.workers, each.speedup.high))
        for each in curve.points
        if each.speedup.low is not None and each.speedup.high is not None
    ]
    one_path(axes, bars, color=tint, lw=5, alpha=0.5, transform=place, gid="intervals")
    _draw_points(axes, curve, place)


def _draw_points(axes: Axes, curve: Curve, place: Transform) -> None:
    """The marks of a curve: full where the number of workers counts for the law, else hollow."""
    strategy = curve.points[0].summary.case.strategy
    tint, marker = theme.colour(strategy), theme.marker(strategy)
    for counts, look in (
        (True, {"mfc": tint, "mec": theme.GROUND}),
        (False, {"mfc": theme.GROUND, "mec": tint, "mew": 2}),
    ):
        points = [each for each in curve.points if each.counts is counts]
        if points:
            axes.plot(
                [each.workers for each in points],
                [each.speedup.centre for each in points],
                ls="",
                marker=marker,
                ms=theme.mark_pt(strategy, 11),
                gid="points",
                transform=place,
                **look,
            )


def _references(axes: Axes, shown: Sequence[Curve], cores: int) -> None:
    """The ideal, which ends at what the workers have to run on, and the cores."""
    low, high = axes.get_xlim()
    most = max(each.most for each in shown)
    ideal = np.geomspace(max(low, 1.0), high, 80)
    axes.plot(ideal, np.minimum(ideal, most), ls=(0, (2, 2)), color=theme.SOFT, lw=1.8, zorder=1.5, gid="ideal")
    if low <= cores <= high:
        axes.axvline(cores, color=theme.INK, lw=1.5, zorder=1.2, gid="cores")


def _rows(group: Group, found: Sequence[Curve], cores: int) -> Iterator[dict[str, Any]]:
    """A row for each case of several numbers of workers; those without a time, too."""
    drawn = {point.summary.case.key: (curve, point) for curve in found for point in curve.points}
    for each in chain.from_iterable(variants(group)):
        curve, point = drawn.get(each.case.key, (None, None))
        yield _row(group, each, curve, point, cores)


def _row(group: Group, summary: Summary, curve: Curve | None, point: Point | None, cores: int) -> dict[str, Any]:
    fit = curve.fit if curve else None
    return {
        **identity(group, summary),
        "workers": summary.case.workers,
        **interval_columns("wall", "_s", summary.wall),
        **interval_columns("speedup", "", point.speedup if point else None),
        "interval_absent": interval_absent(point.speedup) if point else "",
        "base": group.labels[curve.base.case.key] if curve else None,
        "base_wall_s": curve_words.wall_s(curve) if curve else None,
        "usable_cores": cores,
        "counts": point.counts if point else None,
        "superlinear": point.superlinear if point else None,
        **interval_columns("serial_fraction", "", point.serial_fraction if point else None),
        "law": fit.law if fit else None,
        **interval_columns("sigma", "", fit.sigma if fit else None),
        **interval_columns("kappa", "", fit.kappa if fit else None),
        "law_absent": curve.fit_absent if curve else "it is in no curve",
    }

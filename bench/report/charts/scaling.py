"""How the strategies of a workload gain from more workers: speed-ups, the ideal, the cores, and the law they follow."""

import math
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator
from matplotlib.transforms import ScaledTranslation

from bench import units
from bench.analysis.estimates import Estimate, too_few
from bench.analysis.groups import LEVEL_WITHIN, Group
from bench.analysis.naming import strategy_of
from bench.analysis.scaling import Curve, Point, curves, variants
from bench.analysis.summary import compared
from bench.report.drawing import theme
from bench.report.drawing.chart import HIGH_PT, WIDE_PT, Chart, file_name, identity, interval_absent, interval_columns
from bench.report.drawing.labels import (
    APART_PT,
    LINE_PT,
    ROOM_BESIDE_PT,
    Label,
    beside,
    note_above,
    note_lines,
    ticks,
    top_below,
)
from bench.report.drawing.lettering import fitting, width
from bench.report.drawing.one_path import one_path
from bench.report.kit import words
from bench.report.kit.results import Results

MOST_CURVES = 6
"""What a slide has room to name; the data have all."""
_LEFT, _BOTTOM, _RIGHT = 0.07, 0.215, 0.985
_NAME_PT = 230.0
"""Beside the curves there is so much room for a name."""
_ASIDE_PT = 8.0
"""Between the marks of curves at one number of workers."""
_MOST_LISTED, _FRACTION = 3, "e: serial fraction (Karp and Flatt), too few numbers of workers for a law"
_LINES = ("-", "--", ":", "-.")
"""Of variants of a strategy, which have one colour."""
_LOG_FROM = 8
"""The most workers over the fewest from which on the axis of workers is logarithmic."""
_NO_ESTIMATE = Estimate(math.nan, None, None, None, 0)


def scaling(results: Results, group: Group) -> Chart | None:
    """Speed-ups over workers, a line for each strategy; None where none was measured with two numbers of workers."""
    found = sorted(curves(group, results.run), key=lambda each: -each.best.speedup.centre)
    if not found:
        return None
    shown = found[:MOST_CURVES]
    cores = results.run.header.environment.usable_cores
    title = f"{group.name}: {_finding(found)}"
    figure = theme.slide(title, results.run)
    note = note_lines(_notes(group, found, shown, cores))
    texts = _labels(shown, (top_below(len(note)) - _BOTTOM) * HIGH_PT)
    top = top_below(len(note := [each for each in note if each != _FRACTION or any("\ne " in text for text in texts)]))
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
    axes.set_xlabel("workers" + (" (logarithmic)" if axes.get_xscale() == "log" else ""))
    axes.set_ylabel("times as fast as the base")
    note_above(axes, note)
    description = f"Line chart of speed-ups over workers. {title}. {_told(found)}"
    return Chart(f"scaling-{file_name(group)}", title, description, figure, list(_rows(group, found, cores)))


def _finding(found: Sequence[Curve]) -> str:
    """Who gains most, with the fewest workers that are level with its best, and what more workers give."""
    curve = next((each for each in found if _gains(each.best)), found[0])
    best = curve.best
    base = f"{_base(curve)} ({units.seconds(_wall_s(curve))})"
    if not _gains(best):
        span = words.ratio_interval(best.speedup) or f"n = {best.speedup.n}"
        most = f"{units.ratio(best.speedup.centre)} ({span})"
        return f"no gain from more workers is certain; the highest speed-up is {most} by {curve.label} over {base}"
    reached = f"{curve.label} reaches {units.ratio(best.speedup.centre)} over {base}, with"
    if best.superlinear:
        return f"{reached} {units.counted(best.workers, 'worker')}: more than what it ran on can explain"
    enough = next(each for each in curve.points if _level(best, each))
    reached = f"{curve.label} reaches {units.ratio(enough.speedup.centre)} over {base}, with"
    few = f" (n = {best.speedup.n} blocks)" if best.speedup.low is None else ""
    return f"{reached} {units.counted(enough.workers, 'worker')}{few}{_no_more(curve, enough)}"


def _no_more(curve: Curve, enough: Point) -> str:
    """The numbers of workers above the ones that are enough."""
    more = [str(each.workers) for each in curve.points if each.workers > enough.workers]
    if not more:
        return ""
    told = words.listed(more) if len(more) <= _MOST_LISTED else f"{more[0]} to {more[-1]}"
    return f"; {told} give{'s' if len(more) == 1 else ''} no more"


def _gains(point: Point) -> bool:
    return (point.speedup.centre if point.speedup.low is None else point.speedup.low) > 1


def _level(best: Point, other: Point) -> bool:
    """Whether the best may be no faster than this one, but for what nobody would add workers for."""
    ratio = compared(other.summary, best.summary)
    return ratio is not None and (ratio.centre if ratio.low is None else ratio.low) <= 1 + LEVEL_WITHIN


def _base(curve: Curve) -> str:
    case = curve.base.case
    return "its own one worker" if _is_own(curve) else strategy_of([case])


def _is_own(curve: Curve) -> bool:
    return curve.base is curve.points[0].summary


def _labels(shown: Sequence[Curve], room_pt: float) -> list[str]:
    """What stands beside the curves: the name, the base's time and, where there is room, the law or the fraction."""
    heads = [f"{fitting(each.label, _NAME_PT)}\n1× {_base_short(each)}{units.seconds(_wall_s(each))}" for each in shown]
    full = [f"{head}\n{law}" if (law := _law(each)) else head for head, each in zip(heads, shown, strict=True)]
    return full if sum(LINE_PT * (1 + each.count("\n")) + APART_PT for each in full) <= room_pt else heads


def _base_short(curve: Curve) -> str:
    return "= " if _is_own(curve) else f"= {fitting(strategy_of([curve.base.case]), _NAME_PT / 2)}, "


def _wall_s(curve: Curve) -> float | None:
    return None if curve.base.wall is None else curve.base.wall.centre


def _law(curve: Curve) -> str:
    """The law's parameters, else the serial fraction, each with its interval."""
    if curve.fit is not None:
        kappa = "" if curve.fit.kappa is None else f"\nκ {_share(curve.fit.kappa)}"
        return f"{curve.fit.law} σ {_share(curve.fit.sigma)}{kappa}"
    told = [each for each in curve.points if each.serial_fraction is not None]
    return f"e {_share(told[-1].serial_fraction or _NO_ESTIMATE)} at {told[-1].workers}" if told else ""


def _share(estimate: Estimate) -> str:
    centre = units.significant(100 * estimate.centre, 2)
    if estimate.low is None or estimate.high is None:
        return f"{centre} %"
    low, high = (units.significant(100 * each, 2) for each in (estimate.low, estimate.high))
    return f"{centre} % ({low}{' to ' if estimate.low < 0 else '–'}{high} %)"


def _limits(axes: Axes, shown: Sequence[Curve]) -> None:
    numbers = sorted({each.workers for curve in shown for each in curve.points})
    reached = [
        value for curve in shown for each in curve.points for value in (each.speedup.centre, each.speedup.high) if value
    ]
    axes.set_ylim(0, 1.12 * max(1.0, *reached))
    axes.yaxis.set_major_locator(MaxNLocator(5, steps=[1, 2, 2.5, 5, 10]))
    axes.yaxis.set_major_formatter(lambda value, _: f"{value:g}×")
    if numbers[-1] >= _LOG_FROM * numbers[0]:
        axes.set_xscale("log", base=2)
        axes.set_xlim(numbers[0] / 1.15, numbers[-1] * 1.15)
    else:
        margin = 0.06 * (numbers[-1] - numbers[0])
        axes.set_xlim(numbers[0] - margin, numbers[-1] + margin)
    ticks(axes, numbers, list(map(str, numbers)))
    axes.grid(axis="y")


def _draw(axes: Axes, curve: Curve, line: str, aside_pt: float) -> None:
    """A curve, its marks and intervals so many points aside of their number of workers: others are there, too."""
    place = axes.transData + ScaledTranslation(aside_pt / 72, 0, axes.figure.dpi_scale_trans)
    strategy = curve.points[0].summary.case.strategy
    tint, marker = theme.colour(strategy), theme.marker(strategy)
    workers, centres = zip(*((each.workers, each.speedup.centre) for each in curve.points), strict=True)
    if curve.fit is not None:
        counted = [each.workers for each in curve.points if each.counts]
        smooth = np.linspace(min(counted), max(counted), 40)
        axes.plot(
            smooth, [curve.fit.speedup(each) for each in smooth], line, color=tint, lw=2.5, gid="fit", transform=place
        )
    lw = 2.5 if curve.fit is None and len(curve.points) > 2 else 1  # of what is between two points it says nothing
    axes.plot(workers, centres, line, color=tint, lw=lw, gid="line", transform=place)
    bars = [
        ((each.workers, each.speedup.low), (each.workers, each.speedup.high))
        for each in curve.points
        if each.speedup.low is not None and each.speedup.high is not None
    ]
    one_path(axes, bars, color=tint, lw=5, alpha=0.5, transform=place, gid="intervals")
    for counts, look in (
        (True, {"mfc": tint, "mec": theme.GROUND}),
        (False, {"mfc": theme.GROUND, "mec": tint, "mew": 2}),
    ):
        points = [each for each in curve.points if each.counts is counts]
        if points:
            axes.plot(
                [each.workers for each in points],
                [each.speedup.centre for each in points],
                marker,
                ms=11,
                gid="points",
                transform=place,
                **look,
            )


def _references(axes: Axes, shown: Sequence[Curve], cores: int) -> None:
    """The ideal, which ends at what the workers have to run on, and the cores."""
    low, high = axes.get_xlim()
    most = max(each.most for each in shown)
    ideal = np.linspace(max(low, 1.0), high, 80)
    axes.plot(ideal, np.minimum(ideal, most), ls=(0, (2, 2)), color=theme.SOFT, lw=1.8, zorder=1.5, gid="ideal")
    if low <= cores <= high:
        axes.axvline(cores, color=theme.INK, lw=1.5, zorder=1.2, gid="cores")


def _notes(group: Group, found: Sequence[Curve], shown: Sequence[Curve], cores: int) -> Iterator[str]:
    own = all(map(_is_own, shown))
    few = too_few(min(point.speedup.n for curve in shown for point in curve.points))
    beyond = any(not point.counts for curve in shown for point in curve.points)
    marks = [
        f"● speed-up over {'its own one worker' if own else 'the base'}",
        few or "▮ 95 % interval",
        "┄ ideal",
        f"│ {cores} usable cores",
    ]
    if beyond:
        marks.append("○ beyond cores or tasks")
    yield "     ".join(marks)
    laws = []
    if any(each.fit is not None for each in shown):
        laws.append("σ: serial share, κ: cost of agreement, of the law drawn as the thick line")
    if any(each.fit is None and _law(each) for each in shown):
        laws.append(_FRACTION)
    yield "; ".join(laws)
    absent = sum(each.wall is None for cases in variants(group) for each in cases)
    above = [
        f"{each.label} with {words.listed(workers)}"
        for each in shown
        if (workers := [str(point.workers) for point in each.points if point.superlinear])
    ]
    left = (
        f"faster than what it ran on can explain, so that no law fits: {', '.join(above)}" if above else "",
        f"{len(found) - len(shown)} more strategies are in the data" if len(found) > len(shown) else "",
        f"{units.counted(absent, 'case')} without a time: see the table" if absent else "",
    )
    yield "; ".join(filter(None, left))


def _told(found: Sequence[Curve]) -> str:
    """The numbers, a sentence for each curve."""
    sentences = []
    for curve in found:
        points = "; ".join(
            f"{units.ratio(each.speedup.centre)} with {each.workers}"
            + (f" ({words.ratio_interval(each.speedup)})" if each.speedup.low is not None else "")
            for each in curve.points
        )
        law = _law(curve).replace("\n", ", ")
        base = strategy_of([curve.base.case])
        extent = f" {law}." if law else ""
        sentences.append(f"{curve.label} over {base} ({units.seconds(_wall_s(curve))}): {points}.{extent}")
    return " ".join(sentences)


def _rows(group: Group, found: Sequence[Curve], cores: int) -> Iterator[dict[str, Any]]:
    """A row for each case of several numbers of workers; those without a time, too."""
    drawn = {point.summary.case.key: (curve, point) for curve in found for point in curve.points}
    for cases in variants(group):
        for each in cases:
            curve, point = drawn.get(each.case.key, (None, None))
            yield {
                **identity(group, each),
                "workers": each.case.workers,
                **interval_columns("wall", "_s", each.wall),
                **interval_columns("speedup", "", point.speedup if point else None),
                "interval_absent": interval_absent(point.speedup) if point else "",
                "base": group.labels[curve.base.case.key] if curve else None,
                "base_wall_s": _wall_s(curve) if curve else None,
                "usable_cores": cores,
                "counts": point.counts if point else None,
                "superlinear": point.superlinear if point else None,
                **interval_columns("serial_fraction", "", point.serial_fraction if point else None),
                "law": curve.fit.law if curve and curve.fit else None,
                **interval_columns("sigma", "", curve.fit.sigma if curve and curve.fit else None),
                **interval_columns("kappa", "", curve.fit.kappa if curve and curve.fit else None),
                "law_absent": curve.fit_absent if curve else "it is in no curve",
            }

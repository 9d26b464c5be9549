"""What is said of curves over numbers of workers: who gains most, the law each follows, what a reader has to know."""

import math
from collections.abc import Iterator, Sequence

from bench import units
from bench.analysis.estimates import INTERVAL, Estimate, too_few
from bench.analysis.groups import Group
from bench.analysis.scaling import Curve, Point, variants
from bench.naming import strategy_of
from bench.report.drawing import theme
from bench.report.drawing.chart import Entry
from bench.report.drawing.labels import APART_PT, LINE_PT
from bench.report.drawing.lettering import fitting
from bench.report.kit import words
from bench.report.kit.subjects import subject
from bench.sentences import listed

_NAME_PT = 230.0
"""Beside the curves there is so much room for a name."""
FRACTION = "e: serial fraction (Karp and Flatt), too few worker counts to fit a curve"
_MOST_LISTED = 3
_NO_ESTIMATE = Estimate(math.nan, None, None, None, 0)


def finding(group: Group, found: Sequence[Curve]) -> str:
    """Who gains most, with the fewest workers that are level with its best, and what more workers bring."""
    curve, about = _told_of(found), subject(group.workload, group.setting)
    if not curve.gains:
        return f"No clear gain from more workers for {about}"
    point = curve.best if curve.best.superlinear else curve.enough
    few = "about " if curve.best.speedup.low is None else ""
    told = f"{curve.label} reaches {few}{units.speed(point.speedup.centre)} for {about} with {units.counted(point.workers, 'worker')}"
    return told + ("; more bring no clear gain" if _above(curve, point) else "")


def numbers(group: Group, found: Sequence[Curve]) -> str:
    """The evidence for the finding: the ratio with its interval and its base, and the numbers of workers above."""
    curve = _told_of(found)
    point = curve.enough if curve.gains and not curve.best.superlinear else curve.best
    told = f"{group.name}: {curve.label} ×{point.workers} {words.speed_with_interval(point.speedup)} over {_base(curve)}, {units.seconds(wall_s(curve))}"
    if curve.best.superlinear:
        return f"{told}; more than what it ran on can explain"
    more = [f"×{each.workers} {units.speed(each.speedup.centre, 3)}" for each in _above(curve, point)[:_MOST_LISTED]]
    return told + (f"; {listed(more)}" if more and curve.gains else "")


def _told_of(found: Sequence[Curve]) -> Curve:
    """The curve that a title is of: the first that gains."""
    return next((each for each in found if each.gains), found[0])


def _above(curve: Curve, point: Point) -> list[Point]:
    """The points with more workers."""
    return [each for each in curve.points if each.workers > point.workers]


def _base(curve: Curve) -> str:
    case = curve.base.case
    return "its own one worker" if _is_own(curve) else strategy_of([case])


def _is_own(curve: Curve) -> bool:
    return curve.base is curve.points[0].summary


def labels(shown: Sequence[Curve], room_pt: float) -> list[str]:
    """What stands beside the curves: the name, the base's time and, where there is room, the law or the fraction."""
    heads = [f"{fitting(each.label, _NAME_PT)}\n1× {_base_short(each)}{units.seconds(wall_s(each))}" for each in shown]
    full = [f"{head}\n{law}" if (law := _law(each)) else head for head, each in zip(heads, shown, strict=True)]
    return full if sum(LINE_PT * (1 + each.count("\n")) + APART_PT for each in full) <= room_pt else heads


def _base_short(curve: Curve) -> str:
    return "= " if _is_own(curve) else f"= {fitting(strategy_of([curve.base.case]), _NAME_PT / 2)}, "


def wall_s(curve: Curve) -> float | None:
    """What a round of its base takes, seconds."""
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


def notes(group: Group, found: Sequence[Curve], shown: Sequence[Curve]) -> Iterator[str]:
    """The law, and what is not drawn: a line each, some of them empty."""
    yield "; ".join(_laws(shown))
    yield "; ".join(_outside(group, found, shown))


def key(shown: Sequence[Curve], cores: int) -> Iterator[Entry]:
    """Each sign of the chart with its meaning."""
    points = [point for curve in shown for point in curve.points]
    few = too_few(min(each.speedup.n for each in points))
    yield "●", theme.SOFT, f"speed-up over {'its own one worker' if all(map(_is_own, shown)) else 'the base'}"
    yield ("", "", few) if few else ("▮", theme.SOFT, INTERVAL)
    yield "┄", theme.SOFT, "ideal"
    yield "│", theme.INK, units.counted(cores, "usable core")
    if not all(each.counts for each in points):
        yield "○", theme.SOFT, "beyond cores or tasks"


def _laws(shown: Sequence[Curve]) -> Iterator[str]:
    """The meaning of the letters beside the curves."""
    if any(each.fit is not None for each in shown):
        yield "σ: serial share, κ: cost of agreement, of the law drawn as the thick line"
    if any(each.fit is None and _law(each) for each in shown):
        yield FRACTION


def _outside(group: Group, found: Sequence[Curve], shown: Sequence[Curve]) -> Iterator[str]:
    """What no law explains, and what is not drawn."""
    above = [(each.label, [str(point.workers) for point in each.points if point.superlinear]) for each in shown]
    if said := ", ".join(f"{label} with {listed(workers)}" for label, workers in above if workers):
        yield f"faster than what it ran on can explain, so that no law fits: {said}"
    if more := len(found) - len(shown):
        yield f"{units.are(units.counted(more, 'more strategy', 'more strategies'))} in the data"
    if absent := sum(each.wall is None for cases in variants(group) for each in cases):
        yield f"{units.counted(absent, 'case')} without a time: see the table"


def told(found: Sequence[Curve]) -> str:
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
        sentences.append(f"{curve.label} over {base} ({units.seconds(wall_s(curve))}): {points}.{extent}")
    return " ".join(sentences)

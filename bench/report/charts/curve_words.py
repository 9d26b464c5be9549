"""What is said of curves over numbers of workers: who gains most, the law each follows, what a reader has to know."""

import math
from collections.abc import Iterator, Sequence

from bench import units
from bench.analysis.estimates import INTERVAL, Estimate, too_few
from bench.analysis.groups import Group
from bench.analysis.scaling import Curve, Point, variants
from bench.naming import strategy_of
from bench.report.drawing.labels import APART_PT, LINE_PT
from bench.report.drawing.lettering import fitting
from bench.report.kit import words
from bench.sentences import listed

_NAME_PT = 230.0
"""Beside the curves there is so much room for a name."""
FRACTION = "e: serial fraction (Karp and Flatt), too few numbers of workers for a law"
_MOST_LISTED = 3
_NO_ESTIMATE = Estimate(math.nan, None, None, None, 0)


def finding(found: Sequence[Curve]) -> str:
    """Who gains most, with the fewest workers that are level with its best, and what more workers give."""
    curve = next((each for each in found if each.gains), found[0])
    best = curve.best
    base = f"{_base(curve)} ({units.seconds(wall_s(curve))})"
    if not curve.gains:
        span = words.ratio_interval(best.speedup) or f"n = {best.speedup.n}"
        most = f"{units.ratio(best.speedup.centre)} ({span})"
        return f"no gain from more workers is certain; the highest speed-up is {most} by {curve.label} over {base}"
    reached = f"{curve.label} reaches {units.ratio(best.speedup.centre)} over {base}, with"
    if best.superlinear:
        return f"{reached} {units.counted(best.workers, 'worker')}: more than what it ran on can explain"
    enough = curve.enough
    reached = f"{curve.label} reaches {units.ratio(enough.speedup.centre)} over {base}, with"
    few = f" (n = {best.speedup.n} blocks)" if best.speedup.low is None else ""
    return f"{reached} {units.counted(enough.workers, 'worker')}{few}{_no_more(curve, enough)}"


def _no_more(curve: Curve, enough: Point) -> str:
    """The numbers of workers above the ones that are enough."""
    more = [str(each.workers) for each in curve.points if each.workers > enough.workers]
    if not more:
        return ""
    told = listed(more) if len(more) <= _MOST_LISTED else f"{more[0]} to {more[-1]}"
    return f"; {told} give{'s' if len(more) == 1 else ''} no more"


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


def notes(group: Group, found: Sequence[Curve], shown: Sequence[Curve], cores: int) -> Iterator[str]:
    """What the signs mean, the law, and what is not drawn: a line each, some of them empty."""
    yield "     ".join(_signs(shown, cores))
    yield "; ".join(_laws(shown))
    yield "; ".join(_outside(group, found, shown))


def _signs(shown: Sequence[Curve], cores: int) -> Iterator[str]:
    """Each sign of the chart with its meaning."""
    points = [point for curve in shown for point in curve.points]
    yield f"● speed-up over {'its own one worker' if all(map(_is_own, shown)) else 'the base'}"
    yield too_few(min(each.speedup.n for each in points)) or f"▮ {INTERVAL}"
    yield "┄ ideal"
    yield f"│ {cores} usable cores"
    if not all(each.counts for each in points):
        yield "○ beyond cores or tasks"


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

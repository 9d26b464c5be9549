"""What all charts share: the record of one, the axes with a row a case, its marks, and the blocks behind a case."""

import math
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from operator import itemgetter
from typing import Any, Protocol
from zlib import crc32

from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import EngFormatter, FixedFormatter, FixedLocator, MaxNLocator, NullLocator

from bench.analysis.estimates import Estimate, too_few
from bench.analysis.groups import Group
from bench.analysis.summary import Summary
from bench.quantities import TIME
from bench.records.block import Block, Outcome
from bench.report.drawing import theme
from bench.report.drawing.lettering import fitting, width
from bench.report.kit.families import Family, family
from bench.report.kit.results import Results

MOST_ROWS = 14
"""What a slide has room for; the tables have all cases."""
LOG_SPAN = 10
WIDE_PT, HIGH_PT = (72 * inches for inches in theme.SLIDE_INCHES)
_MOST_NAME_PT, _MOST_VALUE_PT, _GAP_PT = 300.0, 310.0, 10.0
_BOTTOM, _HEIGHT = 0.155, 0.593
KEY, _KEY_GAP_PT = 0.802, 22.0
_SUBS = ((1, 2, 5), (1, 3), (1,))
"""Labelled ticks within a decade, the most first."""


@dataclass(frozen=True, slots=True)
class Chart:
    """A figure with its file name (without ending), title and alt text."""

    name: str
    title: str
    description: str
    figure: Figure
    data: Sequence[Mapping[str, Any]] = ()
    """The numbers that it draws, a row a mark; all rows have the same keys: names with their SI unit. None is unknown."""


class Named(Protocol):
    """What a chart can be of: a group, or several."""

    @property
    def name(self) -> str:
        """For people."""

    @property
    def scale(self) -> str:
        """Of its workloads."""


def file_name(group: Named) -> str:
    """A name of letters, digits, `_` and one dash, its own for each group, whatever a run file names its workloads."""
    parts = (group.name, group.scale)
    safe = "-".join("".join(each if _is_plain(each) else "_" for each in part)[:80] for part in parts)
    return safe if safe == "-".join(parts) else f"{safe}-{crc32(repr(parts).encode()):08x}"


def _is_plain(character: str) -> bool:
    return character.isascii() and (character.isalnum() or character == "_")


def row_axes(figure: Figure, names: Sequence[str], values: Sequence[str] = (), heading: str = "") -> Axes:
    """Axes with a row for each name, the first on top, the names on the left and the values on the right.

    Args:
        values: a text for each of the first rows; without any, a quarter of the width is left free for them.
        heading: what the values are, above them.
    """
    names = [fitting(name, _MOST_NAME_PT) for name in names]
    values = [fitting(value, _MOST_VALUE_PT) for value in values]
    heading = fitting(heading, _MOST_VALUE_PT)
    left = 0.02 + (max(map(width, names)) + _GAP_PT) / WIDE_PT
    right = 0.978 - (max(map(width, (*values, heading))) + _GAP_PT) / WIDE_PT if values else 0.755
    axes = figure.add_axes((left, _BOTTOM, right - left, _HEIGHT))
    axes.set_ylim(len(names) - 0.5, -0.5)
    axes.yaxis.set_visible(False)
    axes.grid(axis="x")
    aside = axes.get_yaxis_transform()
    near = _GAP_PT / 2 / WIDE_PT / (right - left)
    for row, name in enumerate(names):
        axes.text(-near, row, name, transform=aside, va="center", ha="right")
    for row, value in enumerate(values):
        axes.text(1 + 2 * near, row, value, transform=aside, va="center")
    if heading:
        axes.text(1 + 2 * near, 1.012, heading, transform=axes.transAxes, va="bottom", color=theme.SOFT)
    return axes


def time_axis(axes: Axes, values: Sequence[float], label: str, *, from_zero: bool = False) -> None:
    """Time from zero; on a logarithmic axis past a tenfold span, and the label says so.

    Args:
        values: seconds, all that is drawn.
        from_zero: of bars, whose axis is never logarithmic.
    """
    found = [value for value in values if value > 0]
    room = axes.get_position().width * WIDE_PT
    low, high = (min(found), max(found)) if found else (1.0, 1.0)
    if not from_zero and high / low > LOG_SPAN:
        axes.set_xscale("log")
        axes.set_xlim(low / 1.3, high * 1.3)
        places = _log_ticks(low / 1.3, high * 1.3, room)
        label += " (logarithmic)"
    else:
        axes.set_xlim(0, high * 1.04)
        places = _even_ticks(high * 1.04, room)
    axes.xaxis.set_major_locator(FixedLocator(places))
    axes.xaxis.set_minor_locator(NullLocator())
    axes.xaxis.set_major_formatter(FixedFormatter(list(map(_eng, places))))
    middle = axes.get_position().x0 + axes.get_position().width / 2
    axes.set_xlabel(fitting(label, 2 * (min(middle, 1 - middle) - 0.015) * WIDE_PT))


_eng = EngFormatter("s")


def _log_ticks(low: float, high: float, room: float) -> list[float]:
    """As many ticks between two times as their labels have room for, in so many points."""
    decades = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
    for step, subs in [(1, subs) for subs in _SUBS] + [(step, (1,)) for step in range(2, len(decades) + 1)]:
        places = [sub * 10.0**decade for decade in decades[::step] for sub in subs if low <= sub * 10.0**decade <= high]
        at = [room * math.log(place / low) / math.log(high / low) for place in places]
        if _has_room(at, places):
            return places
    return []


def _even_ticks(high: float, room: float) -> list[float]:
    for n in range(8, 0, -1):
        ticks = MaxNLocator(n, steps=[1, 2, 2.5, 5, 10]).tick_values(0, high)
        places = [float(f"{place:.12g}") for place in ticks if 0 <= place <= high]
        if _has_room([room * place / high for place in places], places):
            return places
    return [0.0]


def _has_room(at: Sequence[float], places: Sequence[float]) -> bool:
    """Whether labels at these points would stand apart."""
    half = [width(_eng(place)) / 2 for place in places]
    return all(at[n + 1] - at[n] > half[n] + half[n + 1] + 8 for n in range(len(at) - 1))


Entry = tuple[str, str, str]
"""Of a key: a mark as a character, its colour, and what it means."""


def family_key(strategies: Iterable[str]) -> Iterator[Entry]:
    """The colour of each family that these strategies are of; none where there is one family only."""
    found = set(map(family, strategies))
    if len(found) > 1:
        yield from (("■", theme.colour_of(each), each) for each in Family if each in found)


def key_width(entries: Sequence[Entry]) -> float:
    """How wide a key is, in points."""
    return sum(width(f"{mark} {text}") + _KEY_GAP_PT for mark, _, text in entries) - _KEY_GAP_PT


def key(figure: Figure, entries: Iterable[Entry], y: float = KEY) -> None:
    """What the marks mean, on a line above the axes; each entry is a text of its own, so that it stays where it is in an SVG.

    Args:
        y: the line's foot, as a share of the slide's height.
    """
    at = 0.02
    entries = [each for each in entries if each[2]]
    over = key_width(entries) - theme.TEXT_WIDTH_PT
    for number, (mark, tint, text) in enumerate(entries):
        if over > 0 and number == len(entries) - 1:
            text = fitting(text, width(text) - over)  # noqa: PLW2901 - the last one gives way
        if mark:
            figure.text(at, y, mark, color=tint, va="baseline")
            at += width(f"{mark} ") / WIDE_PT
        figure.text(at, y, text, color=theme.SOFT, va="baseline")
        at += (width(text) + _KEY_GAP_PT) / WIDE_PT


def strokes(axes: Axes, segments: Sequence[Any], colours: Any, lw: float, **more: Any) -> None:
    """Straight lines, each from one point to another, as one artist; `more` goes to it."""
    if segments:
        lines = LineCollection(segments, colors=colours, linewidths=lw, **({"capstyle": "butt"} | more))
        axes.add_collection(lines, autolim=False)


def dot(axes: Axes, x: float, row: float, strategy: str) -> None:
    """A case's value: a mark in its strategy's colour and form."""
    look: dict[str, Any] = {
        "marker": theme.marker(strategy),
        "ms": theme.mark_pt(strategy, 13),
        "color": theme.colour(strategy),
        "mec": "white",
    }
    axes.add_artist(Line2D([x], [row], ls="", zorder=3, **look))


def others_of(group: Group) -> list[Summary]:
    """The cases without a time that a chart with rows shows; the others are in the table."""
    return group.unranked[: MOST_ROWS // 2]


def say_why(axes: Axes, first_row: int, others: Sequence[Summary]) -> None:
    """The outcome and the reason of cases without a time, in their rows."""
    room = (0.975 - axes.get_position().x0) * WIDE_PT - _GAP_PT
    for row, each in enumerate(others, start=first_row):
        told = fitting(f"{outcome(each)}: {each.reason}" if each.reason else outcome(each), room)
        axes.text(0.01, row, told, transform=axes.get_yaxis_transform(), va="center", color=theme.SOFT)


def outcome(summary: Summary) -> str:
    """The outcome in words."""
    return str(summary.outcome).replace("_", " ")


def more(left_out: int) -> str:
    """What a label adds where not all cases are drawn."""
    return f"; {left_out} more in the table" if left_out else ""


def identity(group: Group, summary: Summary) -> dict[str, Any]:
    """The columns of a chart's data that say which case a row is of, and what became of it."""
    case = summary.case
    return {
        "case": group.labels[case.key],
        "workload": group.name,
        "scale": case.scale,
        "strategy": case.strategy,
        "outcome": str(summary.outcome),
        "reason": summary.reason,
        "n_blocks": summary.blocks,
    }


def interval_columns(name: str, unit: str, estimate: Estimate | None) -> dict[str, Any]:
    """The columns of an estimate: its centre, low and high."""
    parts = (None, None, None) if estimate is None else (estimate.centre, estimate.low, estimate.high)
    return {f"{name}{part}{unit}": value for part, value in zip(("", "_low", "_high"), parts, strict=True)}


def interval_absent(estimate: Estimate | None) -> str:
    """Why an estimate has no interval; empty where it has one, or where there is no estimate."""
    if estimate is None or estimate.low is not None:
        return ""
    return too_few(estimate.n)


def intervals_absent(estimates: Sequence[Estimate]) -> str:
    """Why the one of the fewest blocks has no interval; empty where it has one, and where there are none."""
    return interval_absent(min(estimates, key=lambda each: each.n)) if estimates else ""


def typical_blocks(results: Results, cases: Collection[str]) -> dict[str, Block]:
    """For each of the cases, by key, the block whose median round is the middle one."""
    found: dict[str, list[tuple[float, Block]]] = {}
    for block in results.run.blocks:
        if block.case in cases and block.outcome is Outcome.OK and (round_s := TIME.of(block)) is not None:
            found.setdefault(block.case, []).append((round_s, block))
    return {key: sorted(timed, key=itemgetter(0))[len(timed) // 2][1] for key, timed in found.items()}

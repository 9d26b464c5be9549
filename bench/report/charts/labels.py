"""Names beside what they name: where they have room, and how many of them there is room for.

Sizes are in points; widths come from the font, so that nothing has to be drawn to know them.
"""

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from matplotlib.axes import Axes
from matplotlib.ticker import FixedFormatter, FixedLocator, NullLocator

from bench.report import theme
from bench.report.charts.chart import HIGH_PT
from bench.report.charts.one_path import Segment, one_path
from bench.report.lettering import TEXT_PT, fitting, width, wrapped

LINE_PT = 1.25 * TEXT_PT
ROOM_BESIDE_PT = 26.0
"""Between the axes and the names of `beside`, for the leaders and the marks."""
APART_PT = 5.0
"""Between two names."""
_BELOW_TITLE, _NOTE_GAP = 0.862, 0.015
"""Where a title of two lines ends, and what is between axes and note, as shares of the slide's height."""
_MOST_NOTE_LINES = 4
_GAP_PT = 3.0
_NEAR_PT, _CLEARLY_PT = 8.0, 4.0
_TICKS_APART_PT = 8.0
_FURTHER = (1.0, 2.4)
"""How far from its mark a name may stand, in gaps."""


@dataclass(frozen=True, slots=True)
class Label:
    """A name for a point of the axes, over as many lines as it has."""

    x: float
    y: float
    """In the axes' data."""
    text: str
    strategy: str = ""
    """Whose mark stands before a name of `beside`."""


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle on the slide, in points from its lower left corner."""

    left: float
    low: float
    right: float
    high: float

    def touches(self, other: "Box") -> bool:
        """Whether they have a part in common."""
        return self.left < other.right and other.left < self.right and self.low < other.high and other.low < self.high

    def within(self, other: "Box") -> bool:
        """Whether no part of it is outside the other one."""
        return (
            self.left >= other.left and self.right <= other.right and self.low >= other.low and self.high <= other.high
        )


def note_lines(notes: Iterable[str]) -> list[str]:
    """What the marks mean, each note on at most two lines of its own; the last line says so where there were more."""
    lines = [line for note in notes if note for line in wrapped(note, theme.TEXT_WIDTH_PT, 2).split("\n")]
    if len(lines) > _MOST_NOTE_LINES:
        lines[_MOST_NOTE_LINES - 1 :] = [fitting(f"{lines[_MOST_NOTE_LINES - 1]} …", theme.TEXT_WIDTH_PT)]
    return lines


def top_below(lines: int) -> float:
    """The top of axes below so many lines of note, as a share of the slide's height."""
    return _BELOW_TITLE - _NOTE_GAP - lines * LINE_PT / HIGH_PT


def note_above(axes: Axes, lines: Sequence[str], over_pt: float = 0.0) -> None:
    """Write the lines of a note above the axes, over the whole slide.

    Args:
        over_pt: what else is above the axes, and stays below the note.
    """
    y = axes.get_position().y1 + _NOTE_GAP + over_pt / HIGH_PT
    axes.figure.text(0.02, y, "\n".join(lines), color=theme.SOFT, va="bottom", linespacing=1.2)


def beside(axes: Axes, labels: Sequence[Label]) -> None:
    """Write the labels to the right of the axes, each as near to the height of its point as the others let it.

    A thin line leads from the point to its label, where the strategy's mark stands again. The limits of the axes have to
    be set before.
    """
    width_pt, height_pt = (each / axes.figure.dpi * 72 for each in axes.bbox.size)
    ends = [axes.transAxes.inverted().transform(axes.transData.transform((each.x, each.y))) for each in labels]
    heights = [(LINE_PT * len(each.text.split("\n")) + APART_PT) / height_pt for each in labels]
    places = spread([float(end[1]) for end in ends], heights, (-0.05, 1.0))
    mark_x = 1 + 16 / width_pt
    leaders = []
    for label, end, place in zip(labels, ends, places, strict=True):
        leaders.append(((float(end[0]), float(end[1])), (mark_x, place)))
        axes.plot(
            mark_x,
            place,
            theme.marker(label.strategy),
            transform=axes.transAxes,
            color=theme.colour(label.strategy),
            ms=9,
            mec=theme.GROUND,
            clip_on=False,
            scalex=False,
            scaley=False,
        )
        x = 1 + ROOM_BESIDE_PT / width_pt
        axes.text(x, place, label.text, transform=axes.transAxes, va="center", linespacing=1.15)
    look = {"color": theme.SOFT, "lw": 0.8, "alpha": 0.7, "zorder": 1}
    one_path(axes, leaders, transform=axes.transAxes, clip_on=False, **look)


def ticks(axes: Axes, values: Sequence[float], texts: Sequence[str]) -> None:
    """Label values, in ascending order, on the horizontal axis, from the last one on those that have room.

    The limits of the axes have to be set before.
    """
    to_pt = 72 / axes.figure.dpi
    kept: list[tuple[float, str]] = []
    edge = math.inf
    for value, text in zip(reversed(values), reversed(texts), strict=True):
        at, half = float(axes.transData.transform((value, axes.get_ylim()[1]))[0]) * to_pt, width(text) / 2
        if at + half + _TICKS_APART_PT <= edge:
            kept.append((value, text))
            edge = at - half
    axes.xaxis.set_major_locator(FixedLocator([value for value, _ in kept]))
    axes.xaxis.set_major_formatter(FixedFormatter([text for _, text in kept]))
    axes.xaxis.set_minor_locator(NullLocator())


def spread(wanted: Sequence[float], sizes: Sequence[float], within: tuple[float, float]) -> list[float]:
    """Middles that are as near as can be, by least squares, to the wanted ones, and whose sizes do not overlap.

    Neighbours that would overlap move as one, as in the regression of pooled neighbours (Barlow et al., Statistical
    Inference under Order Restrictions, 1972). Where all together are larger than `within` they reach over its end.
    """
    order = sorted(range(len(wanted)), key=wanted.__getitem__)
    before, offsets = 0.0, {}
    for each in order:
        offsets[each] = before + sizes[each] / 2
        before += sizes[each]
    pools: list[list[float]] = []
    for each in order:
        pools.append([wanted[each] - offsets[each]])
        while len(pools) > 1 and _mean(pools[-2]) > _mean(pools[-1]):
            pools[-2:] = [pools[-2] + pools[-1]]
    low, high = within[0], max(within[0], within[1] - before)
    shifts = [min(max(_mean(pool), low), high) for pool in pools for _ in pool]
    found = {each: shift + offsets[each] for each, shift in zip(order, shifts, strict=True)}
    return [found[each] for each in range(len(wanted))]


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values)


def near(axes: Axes, labels: Sequence[Label], mark_pt: float, bars: Sequence[Segment] = ()) -> list[Label]:
    """Write each label close to its point, where neither another label nor a point is; the first ones choose first.

    The limits of the axes have to be set before.

    Args:
        mark_pt: the diameter of the points' marks.
        bars: from one point to another, upright or level; a label stands on one only where it has no other room.

    Returns:
        The labels that found no room, and are not written.
    """
    to_pt = 72 / axes.figure.dpi
    inner = Box(*(float(each) * to_pt for each in axes.bbox.extents))
    middles = [axes.transData.transform((each.x, each.y)) * to_pt for each in labels]
    marks = [_around(float(x), float(y), mark_pt, mark_pt) for x, y in middles]
    taken = list(marks)
    crossed = [_of_bar(axes.transData.transform(bar) * to_pt) for bar in bars]
    left_out = []
    for label, (x, y) in zip(labels, middles, strict=True):
        places = [
            (box, shift)
            for box, shift in _places(float(x), float(y), (width(label.text), LINE_PT), mark_pt)
            if box.within(inner)
            and not any(map(box.touches, taken))
            and not _is_of_another(box, (float(x), float(y)), middles)
        ]
        if not places:
            left_out.append(label)
            continue
        box, shift = min(places, key=lambda place: _unclear(place[0], marks, crossed))
        taken.append(box)
        axes.annotate(
            label.text, (label.x, label.y), xytext=shift, textcoords="offset points", ha="left", va="center", zorder=4
        )
    return left_out


def _around(x: float, y: float, width: float, height: float) -> Box:
    return Box(x - width / 2, y - height / 2, x + width / 2, y + height / 2)


def _unclear(box: Box, marks: Sequence[Box], crossed: Sequence[Box]) -> int:
    """How many bars a label would stand on, and how many marks, of which one is its own, it would be near."""
    grown = Box(box.left - _NEAR_PT, box.low - _NEAR_PT, box.right + _NEAR_PT, box.high + _NEAR_PT)
    return sum(map(box.touches, crossed)) + 2 * sum(map(grown.touches, marks))


def _is_of_another(box: Box, own: tuple[float, float], middles: Sequence[Any]) -> bool:
    """Whether a label there would be clearly nearer to another mark than to its own, and be read as that one's."""
    return _away(box, *own) > _CLEARLY_PT + min(_away(box, float(x), float(y)) for x, y in middles)


def _away(box: Box, x: float, y: float) -> float:
    """How far a point is from the nearest part of a box."""
    return math.hypot(max(box.left - x, 0.0, x - box.right), max(box.low - y, 0.0, y - box.high))


def _of_bar(ends: Any) -> Box:
    (left, low), (right, high) = ends.min(axis=0), ends.max(axis=0)
    return Box(float(left), float(low), float(right), float(high))


def _places(x: float, y: float, size: tuple[float, float], mark_pt: float) -> Iterator[tuple[Box, tuple[float, float]]]:
    """Places for a label of this size, the preferred ones first, and how far its left middle is from the mark's."""
    width, height = size
    for further in _FURTHER:
        gap = mark_pt / 2 + _GAP_PT * further
        up = gap + height / 2
        for across, above in (
            (gap, 0.0), (-gap - width, 0.0), (-width / 2, up), (-width / 2, -up), (gap, up), (gap, -up),
            (-gap - width, up), (-gap - width, -up),
        ):  # fmt: skip
            yield Box(x + across, y + above - height / 2, x + across + width, y + above + height / 2), (across, above)

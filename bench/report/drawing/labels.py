"""Names, notes and ticks: where they have room, and how many of them there is room for.

Sizes are in points; widths come from the font, so that nothing has to be drawn to know them.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from matplotlib.axes import Axes
from matplotlib.ticker import FixedFormatter, FixedLocator, NullLocator

from bench.report.drawing import theme
from bench.report.drawing.chart import HIGH_PT
from bench.report.drawing.lettering import TEXT_PT, fitting, width, wrapped
from bench.report.drawing.one_path import one_path

LINE_PT = 1.25 * TEXT_PT
ROOM_BESIDE_PT = 26.0
"""Between the axes and the names of `beside`, for the leaders and the marks."""
APART_PT = 5.0
"""Between two names."""
_BELOW_TITLE, _NOTE_GAP = 0.832, 0.015
"""Where a title of two lines and its subtitle end, and what is between axes and note, as shares of the slide's height."""
_MOST_NOTE_LINES = 4
_TICKS_APART_PT = 8.0


@dataclass(frozen=True, slots=True)
class Label:
    """A name for a point of the axes, over as many lines as it has."""

    x: float
    y: float
    """In the axes' data."""
    text: str
    strategy: str = ""
    """Whose mark stands before a name of `beside`."""


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


def key_above(axes: Axes, lines: int, over_pt: float = 0.0) -> float:
    """Where the line of a key stands above the axes and so many lines of a note: its foot, as a share of the slide's height."""
    return float(axes.get_position().y1) + _NOTE_GAP + (over_pt + lines * LINE_PT + 4) / HIGH_PT


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
            ls="",
            marker=theme.marker(label.strategy),
            transform=axes.transAxes,
            color=theme.colour(label.strategy),
            ms=theme.mark_pt(label.strategy, 9),
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

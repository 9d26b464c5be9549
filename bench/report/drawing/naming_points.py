"""Names for the points of a chart: close to them, or aside with a thin line from the point where there is no room; none upon another.

All places that a name may have are looked at together, and the first names choose first. Lengths are in points.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes

from bench.report.drawing import theme
from bench.report.drawing.boxes import (
    Flags,
    Floats,
    any_of,
    around,
    crossing,
    grown,
    passing,
    rows_of,
    touching,
    within,
)
from bench.report.drawing.labels import LINE_PT, Label
from bench.report.drawing.lettering import width
from bench.report.drawing.one_path import Segment, one_path

_MOST_TRIALS, _WHIM_PT = 40, 80.0
"""How often it is tried to give every name room, and by how much chance moves preferences from the second time on."""
_GAPS_PT = (3.0, 7.2)
"""Between a mark and a name that is close to it."""
_MOST_LINE_PT, _STEP_PT = 140.0, 12.0
"""How far aside a name may stand, and how far apart the places are that are tried."""
_FROM_MARK_PT = 2.0
"""Between a name and any mark, at the least."""
_CLEAR_PT = 8.0
"""A name that is no farther than this from another point could be that one's."""
_APART_PT = 4.0
"""Between two names on one line."""
_ON_BAR_PT, _AT_OTHER_PT, _OVER_OTHER_PT, _ASIDE_PT = 12.0, 24.0, 24.0, 16.0
"""How many points farther a name rather stands than on a bar, close to the point of another, with its line over the mark of
another, or aside."""


@dataclass(frozen=True, slots=True)
class _Choice:
    """Where the name of one point may stand; a row each."""

    places: Floats
    """Boxes."""
    lines: Floats
    """From the point to each of them."""
    costs: Floats
    """Infinite where it may not stand in any case."""
    is_line_drawn: Flags


def name_points(axes: Axes, labels: Sequence[Label], mark_pt: float, bars: Sequence[Segment] = ()) -> list[Label]:
    """Write each label close to its point or aside, where neither another label nor a point is; the first ones choose first.

    A thin line leads from the point to a label that is aside, or that could be taken for another point's. No line crosses a
    label or another line. Where one finds no room it chooses before the others, in another trial, in which chance moves what each
    prefers; what leaves out the fewest is written. The limits of the axes have to be set before.

    Args:
        mark_pt: the diameter of the points' marks.
        bars: from one point to another, upright or level; a label stands on one only where it has no better room.

    Returns:
        The labels that found no room, and are not written.
    """
    choices = _choices(axes, labels, mark_pt, bars)
    order, found, rng = list(range(len(labels))), dict[int, int](), np.random.default_rng(0)
    for trial in range(_MOST_TRIALS):
        tried = _chosen(
            choices, order, [rng.uniform(0, _WHIM_PT if trial else 0, each.costs.shape) for each in choices]
        )
        found = max(found, tried, key=len)
        if len(found) == len(labels):
            break
        order.sort(key=tried.__contains__)
    lines = [choices[each].lines[place] for each, place in found.items() if choices[each].is_line_drawn[place]]
    for each, place in sorted(found.items()):
        _write(axes, labels[each], choices[each].lines[place][:2], choices[each].places[place])
    _draw(axes, lines)
    return [label for number, label in enumerate(labels) if number not in found]


def _choices(axes: Axes, labels: Sequence[Label], mark_pt: float, bars: Sequence[Segment]) -> list[_Choice]:
    """What each label may choose from, whatever the others do."""
    to_pt = 72 / axes.figure.dpi
    inner = np.array(axes.bbox.extents) * to_pt
    middles = rows_of([axes.transData.transform((each.x, each.y)) * to_pt for each in labels], 2)
    marks = around(middles, mark_pt, mark_pt)
    clear = grown(marks, _FROM_MARK_PT, _FROM_MARK_PT)
    ends = [axes.transData.transform(bar) * to_pt for bar in bars]
    crossed = rows_of([(*each.min(axis=0), *each.max(axis=0)) for each in ends], 4)
    found = []
    for number, (label, middle) in enumerate(zip(labels, middles, strict=True)):
        others = np.delete(marks, number, axis=0)
        places = _places(middle, width(label.text), mark_pt)
        lines = _lines(middle, places)
        lengths = np.hypot(*(lines[:, 2:] - lines[:, :2]).T)
        at_others = touching(grown(places, _CLEAR_PT, _CLEAR_PT), others).sum(axis=1)
        is_aside = lengths > mark_pt / 2 + _GAPS_PT[-1] + 1
        costs = lengths + _ASIDE_PT * is_aside + _AT_OTHER_PT * at_others
        costs += _ON_BAR_PT * touching(places, crossed).sum(axis=1)
        costs += _OVER_OTHER_PT * passing(lines, others).sum(axis=1)
        costs[~within(places, inner) | (lengths > _MOST_LINE_PT) | any_of(touching(places, clear))] = np.inf
        found.append(_Choice(places, lines, costs, is_aside | (at_others > 0)))
    return found


def _chosen(choices: Sequence[_Choice], order: Sequence[int], more: Sequence[Floats]) -> dict[int, int]:
    """Which place each has that finds one, where they choose in this order, at so much `more` costs."""
    found: dict[int, int] = {}
    named, lines = rows_of([], 4), rows_of([], 4)
    for number in order:
        each = choices[number]
        taken = any_of(touching(each.places, grown(named, _APART_PT, 0))) | any_of(passing(each.lines, named))
        taken |= any_of(passing(lines, each.places).T) | any_of(crossing(each.lines, lines))
        costs = np.where(taken, np.inf, each.costs + more[number])
        best = int(np.argmin(costs))
        if np.isfinite(costs[best]):
            found[number] = best
            named = np.vstack([named, each.places[best]])
            lines = np.vstack([lines, each.lines[best]]) if each.is_line_drawn[best] else lines
    return found


def _write(axes: Axes, label: Label, middle: Floats, box: Floats) -> None:
    """At the side of its place that faces the point: a text is a little wider than its characters are together."""
    side, x = ("right", box[2]) if box[2] <= middle[0] else ("left", box[0])
    shift = (x - middle[0], (box[1] + box[3]) / 2 - middle[1])
    axes.annotate(
        label.text, (label.x, label.y), xytext=shift, textcoords="offset points", ha=side, va="center", zorder=4,
        gid="name",
    )  # fmt: skip


def _draw(axes: Axes, lines: Sequence[Floats]) -> None:
    """The lines, in points, below the marks and above the bars."""
    to_dots, inverse = axes.figure.dpi / 72, axes.transAxes.inverted()
    ends = [inverse.transform(each.reshape(2, 2) * to_dots).tolist() for each in lines]
    one_path(axes, ends, transform=axes.transAxes, color=theme.SOFT, lw=1, zorder=2.5, gid="leaders")


def _places(middle: Floats, wide: float, mark_pt: float) -> Floats:
    """Where a label may stand, the preferred places first: those close to the mark, and then a grid around it."""
    close = []
    for gap in (mark_pt / 2 + each for each in _GAPS_PT):
        across, up = gap + wide / 2, gap + LINE_PT / 2
        close += [
            (across, 0),
            (-across, 0),
            (0, up),
            (0, -up),
            (across, up),
            (across, -up),
            (-across, up),
            (-across, -up),
        ]
    columns = np.arange(0, _MOST_LINE_PT + wide / 2, _STEP_PT)
    rows = np.arange(0, _MOST_LINE_PT + LINE_PT / 2, _STEP_PT)
    grid = np.stack(np.meshgrid([*-columns[:0:-1], *columns], [*-rows[:0:-1], *rows]), axis=-1).reshape(-1, 2)
    return around(middle + np.vstack([close, grid]), wide, LINE_PT)


def _lines(middle: Floats, places: Floats) -> Floats:
    """From the middle of a mark to the nearest point of each place."""
    ends = np.clip(middle, places[:, :2], places[:, 2:])
    return np.hstack([np.broadcast_to(middle, ends.shape), ends])

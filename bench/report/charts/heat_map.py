"""Workloads by strategies as cells: how many times as fast as its baseline, from dark red where slower to dark blue where faster."""

import math
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from matplotlib import colormaps
from matplotlib.axes import Axes
from matplotlib.collections import PolyCollection
from matplotlib.figure import Figure

from bench import units
from bench.analysis.estimates import INTERVAL
from bench.analysis.groups import Group
from bench.analysis.summary import Summary
from bench.naming import workers_of
from bench.report.charts.overview_words import base_of, heading
from bench.report.drawing import theme
from bench.report.drawing.chart import HIGH_PT, WIDE_PT, family_key, intervals_absent, key, outcome, strokes
from bench.report.drawing.lettering import fitting, width, wrapped, wrapped_name
from bench.report.kit import words
from bench.report.kit.families import by_family

MOST_COLUMNS = 9
"""What a slide has room for; the tables have all."""
_LEFT_PT, _RIGHT, _BOTTOM, _TOP = 0.02 * WIDE_PT, 0.982, 0.195, 0.785
_MOST_PART_PT = 150.0
_RATIO_PT = 17
_LINE = 1.32
"""From one line of a cell to the next, in font sizes."""
_SHORT = {"unavailable": "unavail."}


class Room(NamedTuple):
    """What a cell has, in points."""

    wide_pt: float
    high_pt: float


def draw_heat_map(
    figure: Figure, groups: Sequence[Group], cells: Sequence[dict[str, Summary]], baseline: str, base: str
) -> list[str]:
    """Draw cells; gives back the strategies that are shown."""
    shown = groups[: len(cells)]
    bases = [base_of(group, list(row.values())) for group, row in zip(shown, cells, strict=True)]
    labels = _row_labels([group.name for group in shown], bases)
    columns, left_out = _columns(cells, baseline, _least_wide(cells), _room_pt(labels))
    axes, cell = _grid(figure, [heading(name, cells) for name in columns], labels)
    listed = _draw_cells(axes, cell, cells, columns)
    _mark_families(axes, columns)
    note = _note(base, listed, len(groups) - len(shown), left_out, cells=cells, groups=shown)
    figure.text(0.02, 0.068, note, color=theme.SOFT, linespacing=1.25, va="bottom")
    key(figure, family_key(columns), 0.147)
    return columns


def _mark_families(axes: Axes, columns: Sequence[str]) -> None:
    """A stroke above each column in the colour of its family."""
    ends = [[(x - 0.485, 1.006), (x + 0.485, 1.006)] for x, _ in enumerate(columns)]
    tints = [theme.colour(name) for name in columns]
    strokes(axes, ends, tints, 4, transform=axes.get_xaxis_transform(), clip_on=False)


def _columns(
    cells: Sequence[dict[str, Summary]], baseline: str, least_pt: float, room_pt: float
) -> tuple[list[str], int]:
    """The strategies that the chart has room for, and how many are left out: first the fastest anywhere, then those on most workloads.

    Args:
        least_pt: what a column takes; those with long names take more.
        room_pt: what all columns have.
    """
    counts = Counter(name for row in cells for name in row if name != baseline)
    best = Counter(max(row, key=lambda name: _gain(row[name])) for row in cells if row)
    kept: list[str] = []
    for name in sorted(counts, key=lambda name: (-best[name], -counts[name]))[:MOST_COLUMNS]:
        wide = max(least_pt, *(_part_pt(heading(each, cells)) for each in (*kept, name)))
        if not kept or wide * (len(kept) + 1) <= room_pt:
            kept.append(name)
    if len(counts) > len(kept):  # those measured on a few workloads would be columns of dashes
        kept = _on_many(kept, counts, best)
    return by_family(name for name in counts if name in kept), len(counts) - len(kept)


def _on_many(kept: Sequence[str], counts: Mapping[str, int], best: Mapping[str, int]) -> list[str]:
    """Those measured on half of the workloads or more, or fastest on any."""
    return [name for name in kept if name in best or 2 * counts[name] >= max(counts.values())]


def _gain(summary: Summary) -> float:
    return summary.speedup.centre if summary.speedup is not None else 0.0


def _part_pt(heading: str) -> float:
    """How wide a heading is that is broken at blanks and underscores only."""
    return min(max(map(width, re.findall(r"[^_ ]+_*", heading))) + 8, _MOST_PART_PT)


def _least_wide(cells: Sequence[dict[str, Summary]]) -> float:
    """What the widest ratio takes."""
    ratios = [each.speedup.centre for row in cells for each in row.values() if each.speedup is not None]
    return max([width(units.speed(each), _RATIO_PT) for each in ratios], default=0.0) + 10


def _note(
    base: str,
    lines: int,
    more_groups: int,
    more_columns: int,
    *,
    cells: Sequence[dict[str, Summary]],
    groups: Sequence[Group],
) -> str:
    """What the numbers are and what is left out, on two lines at the most."""
    below = ["", "below, its time", f"below, the {INTERVAL} and its time"][lines - 1]
    if lacking := intervals_absent([each.speedup for row in cells for each in row.values() if each.speedup]):
        below = f"{'below, its time; ' if lines > 1 else ''}intervals: {lacking}"
    elif lines < 3:
        below += f"{'; ' if below else ''}intervals are in the tables"
    several = any(len(row) < len(group.cases) for row, group in zip(cells, groups, strict=True))
    rest = [
        units.counted(more_groups, "more workload") if more_groups else "",
        units.counted(more_columns, "more strategy", "more strategies") if more_columns else "",
    ]
    left_out = " and ".join(filter(None, rest))
    parts = [
        f"times as fast as {base} on the same inputs, a warm round against a warm round",
        below,
        "of a strategy's variants the best" if several else "",
        f"{left_out} in the tables" if left_out else "",
    ]
    return wrapped("; ".join(filter(None, parts)), theme.TEXT_WIDTH_PT, 2)


def _row_labels(names: Sequence[str], bases: Sequence[str]) -> list[str]:
    """A workload and its base, on two lines where rows are high enough."""
    if (_TOP - _BOTTOM) * HIGH_PT * 0.93 / len(names) > 2.5 * theme.TEXT_PT:
        return [f"{fitting(name, 190)}\n{fitting(base, 190)}" for name, base in zip(names, bases, strict=True)]
    return [f"{fitting(name, 145)} · {fitting(base, 135)}" for name, base in zip(names, bases, strict=True)]


def _room_pt(labels: Sequence[str]) -> float:
    """What is left beside these for all columns."""
    return _RIGHT * WIDE_PT - _LEFT_PT - max(map(width, labels)) - 8


def _grid(figure: Figure, columns: Sequence[str], labels: Sequence[str]) -> tuple[Axes, Room]:
    """Axes with a cell one wide and one high for each row and column; their names, and each row's base, around them."""
    left = _RIGHT - _room_pt(labels) / WIDE_PT
    wide = (_RIGHT - left) * WIDE_PT / len(columns)
    headings = [wrapped_name(column, wide - 4, 4) for column in columns]
    top = _TOP - (max(each.count("\n") for each in headings)) * 1.15 * theme.TEXT_PT / HIGH_PT
    axes = figure.add_axes((left, _BOTTOM, _RIGHT - left, top - _BOTTOM))
    axes.set_axis_off()
    axes.set_xlim(-0.5, len(columns) - 0.5)
    axes.set_ylim(len(labels) - 0.5, -0.5)
    for x, name in enumerate(headings):
        above = axes.get_xaxis_transform()
        axes.text(x, 1.02, name, transform=above, ha="center", va="bottom", linespacing=1.15)
    for y, label in enumerate(labels):
        aside = axes.get_yaxis_transform()
        axes.text(-6 / (wide * len(columns)), y, label, transform=aside, ha="right", va="center", linespacing=1.2)
    return axes, Room(wide - 6, (top - _BOTTOM) * HIGH_PT / len(labels))


def _draw_cells(axes: Axes, room: Room, cells: Sequence[dict[str, Summary]], columns: Sequence[str]) -> int:
    """The cells as rectangles, those without a ratio hatched; gives back how many lines all of them have room for."""
    found = [(x, y, row.get(column)) for y, row in enumerate(cells) for x, column in enumerate(columns)]
    ratios = [each.speedup.centre for *_, each in found if each is not None and each.speedup is not None]
    reach = max([1.0, *(abs(math.log2(ratio)) for ratio in ratios)])
    texts = _texts([each for *_, each in found if each is not None and each.speedup is not None])
    lines = _lines(room, list(texts.values()))
    boxes, tints, soft = [], [], []
    for x, y, each in found:
        if each is None:
            axes.text(x, y, "–", ha="center", va="center", color=theme.SOFT)
        elif each.speedup is None:
            soft.append(_box(x, y))
            _say(axes, x, y, each, room)
        else:
            tint = _shade(each.speedup.centre, reach)
            boxes.append(_box(x, y))
            tints.append(tint)
            _write(axes, x, y, texts[each.case.key][:lines], _ink(tint), room)
    axes.add_collection(PolyCollection(boxes, facecolors=tints, linewidths=0, zorder=0), autolim=False)
    hatched = PolyCollection(soft, facecolors="none", edgecolors=theme.GRID, hatch="///", linewidths=1, zorder=0)
    if soft:
        axes.add_collection(hatched, autolim=False)
    return lines


def _box(x: int, y: int) -> list[tuple[float, float]]:
    return [(x - 0.485, y - 0.465), (x + 0.485, y - 0.465), (x + 0.485, y + 0.465), (x - 0.485, y + 0.465)]


def _shade(ratio: float, reach: float) -> Any:
    """Red where slower, blue where faster, by the logarithm of the ratio; the darkest at `reach` doublings."""
    return colormaps["RdBu"](0.5 + 0.5 * math.log2(ratio) / reach)


def _ink(tint: Any) -> str:
    """Light on dark, by the relative luminance of WCAG 2."""
    red, green, blue, _ = tint
    return theme.ON_DARK if 0.2126 * red**2.2 + 0.7152 * green**2.2 + 0.0722 * blue**2.2 < 0.22 else theme.ON_LIGHT


def _texts(summaries: Sequence[Summary]) -> dict[str, list[str]]:
    """What cells say as far as there is room, by case: ratio, time and interval; workers too where a column has several."""
    columns: dict[str, set[str]] = {}
    for each in summaries:
        columns.setdefault(each.case.strategy, set()).add(workers_of([each.case]))
    return {each.case.key: _told(each, several=len(columns[each.case.strategy]) > 1) for each in summaries}


def _told(summary: Summary, *, several: bool) -> list[str]:
    assert summary.speedup is not None and summary.wall is not None
    interval = words.ratio_interval(summary.speedup) or f"n = {summary.speedup.n}"
    time = units.seconds(summary.wall.centre)
    if several:
        time += f" · {workers_of([summary.case])}"
    return [units.speed(summary.speedup.centre), time, interval]


def _lines(room: Room, texts: Sequence[Sequence[str]]) -> int:
    """How many lines of their texts all cells with a ratio have room for."""
    for lines in (3, 2):
        needed = (_RATIO_PT + (lines - 1) * theme.TEXT_PT) * _LINE
        if needed < room.high_pt and all(width(line) < room.wide_pt for each in texts for line in each[:lines]):
            return lines
    return 1


def _write(axes: Axes, x: int, y: int, told: Sequence[str], ink: str, room: Room) -> None:
    """The ratio, and below it in smaller letters what else is told."""
    below = "\n".join(reversed(told[1:]))
    down = (len(told) - 1) * theme.TEXT_PT * _LINE / 2 / room.high_pt
    size = _RATIO_PT if room.high_pt > _RATIO_PT * _LINE else theme.TEXT_PT
    axes.text(x, y - down, told[0], ha="center", va="center", fontsize=size, color=ink)
    if below:
        offset = _RATIO_PT * _LINE / 2 / room.high_pt
        axes.text(x, y + offset, below, ha="center", va="center", color=ink, linespacing=1.2)


def _say(axes: Axes, x: int, y: int, summary: Summary, room: Room) -> None:
    """In place of a ratio the outcome, or the time where the baseline has none."""
    told = units.seconds(summary.wall.centre) if summary.wall else outcome(summary)
    if width(told) > room.wide_pt:
        told = fitting(_SHORT.get(told, told), room.wide_pt)
    axes.text(x, y, told, ha="center", va="center", color=theme.SOFT)

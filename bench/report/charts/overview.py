"""All workloads at once: how many times as fast as the baseline each strategy is."""

import math
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from matplotlib import colormaps
from matplotlib.axes import Axes
from matplotlib.collections import PolyCollection
from matplotlib.figure import Figure

from bench import units
from bench.analysis.estimates import INTERVAL
from bench.analysis.groups import Group, base_name
from bench.analysis.summary import Summary
from bench.naming import strategy_of, workers_of
from bench.report.drawing import theme
from bench.report.drawing.chart import (
    HIGH_PT,
    WIDE_PT,
    Chart,
    identity,
    interval_absent,
    interval_columns,
    outcome,
)
from bench.report.drawing.lettering import fitting, width, wrapped, wrapped_name
from bench.report.kit import words
from bench.report.kit.results import Results

OVERVIEW = "speedup"
"""How the names of the overviews begin."""
MOST_COLUMNS = 9
MOST_ROWS = 14
"""What a slide has room for; the tables have all."""
_LEFT_PT, _RIGHT, _BOTTOM, _TOP = 0.02 * WIDE_PT, 0.982, 0.205, 0.785
_RATIO_PT = 17
_LINE = 1.32
"""From one line of a cell to the next, in font sizes."""
_SHORT = {"unavailable": "unavail."}


class Room(NamedTuple):
    """What a cell has, in points."""

    wide_pt: float
    high_pt: float


def chart_name(pattern: str) -> str:
    """The chart's file name, without ending."""
    return OVERVIEW if pattern == "map" else f"{OVERVIEW}-{pattern}"


def overview(results: Results, groups: Sequence[Group]) -> Chart:
    """Workloads of a pattern by strategies: how many times as fast as its baseline, a number in each cell.

    Of several variants of a strategy the best is shown.
    """
    baseline, base = groups[0].baseline, base_name(each for group in groups for each in group.cases)
    title = _finding(groups, base)
    shown = groups[:MOST_ROWS]
    cells = [group.best_variants for group in shown]
    columns, left_out = _columns(cells, baseline)
    figure = theme.slide(title, results.run)
    bases = [_base(group, row, columns) for group, row in zip(shown, cells, strict=True)]
    headings = {name: strategy_of([row[name].case for row in cells if name in row]) for name in columns}
    axes, cell = _grid(figure, list(headings.values()), [group.name for group in shown], bases)
    listed = _draw_cells(axes, cell, cells, columns)
    note = _note(base, listed, len(groups) - len(shown), left_out, cells=cells, groups=shown)
    figure.text(0.02, 0.125, note, color=theme.SOFT, linespacing=1.25, va="bottom")
    told = "; ".join(
        f"{group.name} {strategy_of([row[column].case])} {units.ratio(row[column].speedup.centre)}"  # type: ignore[union-attr]
        for group, row in zip(shown, cells, strict=True)
        for column in columns
        if column in row and row[column].speedup is not None
    )
    description = f"Table of speed-ups over {base} as a heat map. {title}. {told}."
    return Chart(chart_name(groups[0].pattern), title, description, figure, list(_rows(shown, cells, columns)))


def compared(summary: Summary) -> bool:
    """Whether the case has a ratio to another strategy's."""
    return summary.speedup is not None and not summary.is_base


def _columns(cells: Sequence[dict[str, Summary]], baseline: str) -> tuple[list[str], int]:
    """The strategies that the chart has room for, those on most workloads first, and how many are left out."""
    counts = Counter(name for row in cells for name in row if name != baseline)
    kept = {name for name, _ in counts.most_common(MOST_COLUMNS)}
    if len(counts) > MOST_COLUMNS:  # those measured on a few workloads would be columns of dashes
        kept = {name for name in kept if 2 * counts[name] >= max(counts.values())}
    return [name for name in counts if name in kept], len(counts) - len(kept)


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
    ratios = [each.speedup for row in cells for each in row.values() if each.speedup]
    lacking = interval_absent(min(ratios, key=lambda each: each.n)) if ratios else ""
    if lacking:
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


def _gain(summary: Summary) -> float:
    return summary.speedup.centre if summary.speedup is not None else 0.0


def _base(group: Group, row: dict[str, Summary], columns: Sequence[str]) -> str:
    """The baseline and how long it takes, from the shortest to the longest where the cells of a row differ in it."""
    times = [row[name].base_wall_s for name in columns if name in row]
    known = [each for each in times if each is not None]
    if known:
        low, high = units.seconds(min(known)), units.seconds(max(known))
        return f"{group.base_name} {low if low == high else units.between(low, high)}"
    own = row.get(group.baseline)
    if own is None:
        return f"{group.base_name} not measured"
    return f"{group.base_name} {units.seconds(own.wall.centre) if own.wall else outcome(own)}"


def _grid(figure: Figure, columns: Sequence[str], names: Sequence[str], bases: Sequence[str]) -> tuple[Axes, Room]:
    """Axes with a cell one wide and one high for each row and column; their names, and each row's base, around them."""
    tall = (_TOP - _BOTTOM) * HIGH_PT
    two_lines = tall * 0.93 / len(names) > 2.5 * theme.TEXT_PT
    if two_lines:
        labels = [f"{fitting(name, 190)}\n{fitting(base, 190)}" for name, base in zip(names, bases, strict=True)]
    else:
        labels = [f"{fitting(name, 145)} · {fitting(base, 135)}" for name, base in zip(names, bases, strict=True)]
    left = (_LEFT_PT + max(map(width, labels)) + 8) / WIDE_PT
    wide = (_RIGHT - left) * WIDE_PT / len(columns)
    headings = [wrapped_name(column, wide - 4, 4) for column in columns]
    top = _TOP - (max(each.count("\n") for each in headings)) * 1.15 * theme.TEXT_PT / HIGH_PT
    axes = figure.add_axes((left, _BOTTOM, _RIGHT - left, top - _BOTTOM))
    axes.set_axis_off()
    axes.set_xlim(-0.5, len(columns) - 0.5)
    axes.set_ylim(len(names) - 0.5, -0.5)
    for x, heading in enumerate(headings):
        above = axes.get_xaxis_transform()
        axes.text(x, 1.012, heading, transform=above, ha="center", va="bottom", linespacing=1.15)
    for y, label in enumerate(labels):
        aside = axes.get_yaxis_transform()
        axes.text(-6 / (wide * len(columns)), y, label, transform=aside, ha="right", va="center", linespacing=1.2)
    return axes, Room(wide - 6, (top - _BOTTOM) * HIGH_PT / len(names))


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
    return [units.ratio(summary.speedup.centre), time, interval]


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


def _rows(
    groups: Sequence[Group], cells: Sequence[dict[str, Summary]], columns: Sequence[str]
) -> Iterator[dict[str, Any]]:
    """A row for each cell in which something was planned."""
    for group, row in zip(groups, cells, strict=True):
        for name in columns:
            if (each := row.get(name)) is not None:
                variants = sum(one.case.strategy == name for one in group.cases)
                yield (
                    identity(group, each)
                    | {"n_variants": variants}
                    | interval_columns("speedup", "", each.speedup)
                    | {"interval_absent": interval_absent(each.speedup)}
                    | interval_columns("wall", "_s", each.wall)
                    | {"baseline": group.baseline, "base_wall_s": each.base_wall_s}
                )


def _finding(groups: Sequence[Group], base: str) -> str:
    """The title: where most was gained, where least; by the fastest case of each group, as its headline has it."""
    gained = sorted(
        ((_gain(group.ranked[0]), group) for group in groups if group.ranked and _gain(group.ranked[0])),
        key=lambda pair: -pair[0],
    )
    if not gained:
        return f"Speed-ups over {base}"
    if all(group.ranked[0].is_base for _, group in gained):
        return f"Nothing beats {base}" + (f" on {gained[0][1].name}" if len(gained) == 1 else "")
    said = [f"{group.name} {units.ratio(gain)} with {group.labels[group.ranked[0].case.key]}" for gain, group in gained]
    if len(said) == 1:
        return f"Over {base}, {said[0]}"
    slowest = gained[-1][1]
    if slowest.ranked[0].is_base:
        return f"Over {base}, most gained by {said[0]}; nothing beats it on {slowest.name}"
    return f"Over {base}, most gained by {said[0]}, least by {said[-1]}"

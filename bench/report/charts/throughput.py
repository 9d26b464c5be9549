"""Messages and bytes a second against the size of a message, for workloads that differ in that size alone."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from matplotlib.axes import Axes
from matplotlib.ticker import EngFormatter, LogLocator, NullLocator

from bench import units
from bench.analysis.estimates import INTERVAL, Estimate, inverse, scaled
from bench.analysis.groups import Group, labels
from bench.analysis.summary import Summary
from bench.report.drawing import theme
from bench.report.drawing.chart import (
    MOST_ROWS,
    WIDE_PT,
    Chart,
    file_name,
    identity,
    interval_absent,
    interval_columns,
)
from bench.report.drawing.labels import LINE_PT, ROOM_BESIDE_PT, Label, beside, note_above, note_lines, ticks, top_below
from bench.report.drawing.lettering import TEXT_PT, fitting, width
from bench.report.drawing.one_path import one_path
from bench.report.kit.results import Results

_LEFT, _BOTTOM, _RIGHT, _BETWEEN = 0.075, 0.215, 0.978, 0.075
_MOST_NAME_PT = 230.0


@dataclass(frozen=True, slots=True)
class Family:
    """Stream workloads whose names differ in their last part only, and which move messages of different sizes."""

    name: str
    """What their names begin with."""
    scale: str
    groups: tuple[Group, ...]


@dataclass(frozen=True, slots=True)
class _Point:
    """A case, and how much it moves."""

    group: Group
    summary: Summary
    size_bytes: float
    """Of a message."""
    messages_per_s: Estimate

    @property
    def bytes_per_s(self) -> Estimate:
        """Of what the messages hold."""
        return scaled(self.messages_per_s, self.size_bytes)


Lines = dict[str, list[_Point]]
"""The points of each strategy and variant by size, under a short name."""


def families(groups: Sequence[Group]) -> list[Family]:
    """The families of a run with two sizes or more. A round trip is not a message, so such workloads are in none."""
    found: dict[tuple[str, str, str], list[Group]] = {}
    for group in groups:
        if group.pattern == "stream" and not any(each.latencies for each in group.cases):
            beginning = group.workload.rpartition("_")[0]
            found.setdefault((beginning, group.scale, group.setting), []).append(group)
    made = [Family(f"{name} {setting}".strip(), scale, tuple(those)) for (name, scale, setting), those in found.items()]
    return [each for each in made if each.name and len({point.size_bytes for point in _points(each)}) > 1]


def throughput(results: Results, family: Family) -> Chart:
    """Messages a second on the left and bytes a second on the right, a line for each strategy, both axes logarithmic."""
    lines = _lines(family)
    shown = dict(sorted(lines.items(), key=lambda line: -line[1][-1].bytes_per_s.centre)[:MOST_ROWS])
    title = f"{family.name}: {_finding(lines)}"
    figure = theme.slide(title, results.run)
    names = [fitting(name, _MOST_NAME_PT) for name in shown]
    right = _RIGHT - (ROOM_BESIDE_PT + max(map(width, names))) / WIDE_PT
    note = note_lines(_notes(family, lines, shown))
    height = top_below(len(note) + 1) - _BOTTOM
    half = (right - _LEFT - _BETWEEN) / 2
    panels = [figure.add_axes((_LEFT + number * (half + _BETWEEN), _BOTTOM, half, height)) for number in (0, 1)]
    for axes, in_bytes in zip(panels, (False, True), strict=True):
        _draw(axes, shown, in_bytes=in_bytes)
    ends = [points[-1] for points in shown.values()]
    beside(
        panels[1],
        [
            Label(end.size_bytes, end.bytes_per_s.centre, name, end.summary.case.strategy)
            for name, end in zip(names, ends, strict=True)
        ],
    )
    note_above(panels[0], note, LINE_PT)
    name = f"throughput-{file_name(family)}"
    return Chart(name, title, _text(title, lines), figure, list(_rows(family, shown)))


def _notes(family: Family, lines: Lines, shown: Lines) -> list[str]:
    absent_interval = (interval_absent(each.messages_per_s) for points in shown.values() for each in points)
    few = next(filter(None, absent_interval), "")
    absent = sum(each.wall is None for group in family.groups for each in group.cases)
    more = len(lines) - len(shown)
    remarks = (
        f"{units.are(units.counted(more, 'more strategy', 'more strategies'))} in the tables" if more else "",
        f"{units.counted(absent, 'case')} without a time: see the tables" if absent else "",
    )
    marks = f"● median of blocks     {few or f'▮ {INTERVAL}'}     both axes logarithmic"
    return [marks, "; ".join(filter(None, remarks))]


def _points(family: Family) -> Iterator[_Point]:
    for group in family.groups:
        for each in group.cases:
            if each.wall is not None and each.payload_bytes and each.tasks:
                rate = inverse(each.wall, each.tasks)
                yield _Point(group, each, each.payload_bytes / each.tasks, rate)


def _lines(family: Family) -> Lines:
    names = labels([each for group in family.groups for each in group.cases])
    found: Lines = {}
    for point in sorted(_points(family), key=lambda each: each.size_bytes):
        found.setdefault(names[point.summary.case.key], []).append(point)
    return found


def _finding(lines: Lines) -> str:
    """Who moves most of the smallest messages, and who of the largest."""
    sizes = {point.size_bytes for points in lines.values() for point in points}
    small, large = (_most(lines, size) for size in (min(sizes), max(sizes)))
    what = f"{units.rate(small[1].messages_per_s.centre)}/s of {units.size(small[1].size_bytes)}"
    how_much = f"{units.size(large[1].bytes_per_s.centre)}/s in messages of {units.size(large[1].size_bytes)}"
    if small[0] == large[0]:
        return f"{small[0]} moves most, {what} and {how_much}"
    return f"{small[0]} moves most small messages, {what}; {large[0]} most bytes, {how_much}"


def _most(lines: Lines, size: float) -> tuple[str, _Point]:
    there = [(name, each) for name, points in lines.items() for each in points if each.size_bytes == size]
    return max(there, key=lambda one: one[1].messages_per_s.centre)


def _draw(axes: Axes, lines: Lines, *, in_bytes: bool) -> None:
    reached = []
    for points in lines.values():
        tint = theme.colour(points[0].summary.case.strategy)
        marker = theme.marker(points[0].summary.case.strategy)
        rates = [each.bytes_per_s if in_bytes else each.messages_per_s for each in points]
        sizes = [each.size_bytes for each in points]
        centres = [each.centre for each in rates]
        axes.plot(sizes, centres, color=tint, marker=marker, ms=10, mec=theme.GROUND, lw=2, gid="rates")
        bars = [
            ((size, each.low), (size, each.high))
            for size, each in zip(sizes, rates, strict=True)
            if each.low is not None and each.high is not None
        ]
        one_path(axes, bars, color=tint, lw=5, alpha=0.4, zorder=1.8, gid="intervals")
        reached += [value for each in rates for value in (each.low, each.centre, each.high) if value]
    axes.set_ylim(min(reached) / 1.3, max(reached) * 1.3)
    _axes(axes, lines, "bytes a second" if in_bytes else "messages a second", "B" if in_bytes else "")


def _axes(axes: Axes, lines: Lines, label: str, unit: str) -> None:
    sizes = sorted({point.size_bytes for points in lines.values() for point in points})
    axes.set_xscale("log")
    axes.set_yscale("log")
    axes.set_xlim(sizes[0] / (sizes[-1] / sizes[0]) ** 0.06, sizes[-1] * (sizes[-1] / sizes[0]) ** 0.06)
    ticks(axes, sizes, list(map(units.size, sizes)))
    axes.yaxis.set_major_locator(LogLocator(numticks=8))
    axes.yaxis.set_minor_locator(NullLocator())
    axes.yaxis.set_major_formatter(EngFormatter(unit))
    axes.set_xlabel("size of a message")
    axes.set_title(label, loc="left", fontsize=TEXT_PT, pad=6)
    axes.grid(axis="y")


def _text(title: str, lines: Lines) -> str:
    listed = "; ".join(
        f"{name} "
        + ", ".join(
            f"{units.rate(each.messages_per_s.centre)}/s{_span(each.messages_per_s)} of {units.size(each.size_bytes)}, "
            f"{units.size(each.bytes_per_s.centre)}/s"
            for each in points
        )
        for name, points in lines.items()
    )
    return f"Two line charts of messages and of bytes a second against the size of a message. {title}. {listed}."


def _span(estimate: Estimate) -> str:
    if estimate.low is None or estimate.high is None:
        return ""
    return f" ({units.between(units.rate(estimate.low), units.rate(estimate.high))})"


def _rows(family: Family, shown: Lines) -> Iterator[dict[str, Any]]:
    """A row for each case of the family."""
    drawn = {point.summary.case.key for points in shown.values() for point in points}
    found = {point.summary.case.key: point for point in _points(family)}
    for group in family.groups:
        for each in group.cases:
            point = found.get(each.case.key)
            yield {
                **identity(group, each),
                "message_bytes": point.size_bytes if point else None,
                **interval_columns("messages_per", "_s", point.messages_per_s if point else None),
                **interval_columns("bytes_per", "_s", point.bytes_per_s if point else None),
                **interval_columns("wall", "_s", each.wall),
                "interval_absent": interval_absent(each.wall),
                "drawn": each.case.key in drawn,
            }

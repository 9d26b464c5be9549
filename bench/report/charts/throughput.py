"""Messages and bytes a second against the size of a message, for workloads that differ in that size alone; copies and references apart."""

from collections.abc import Iterator, Sequence
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import EngFormatter, LogLocator, NullLocator

from bench import units
from bench.analysis.estimates import INTERVAL, Estimate
from bench.report.charts.message_rates import (
    Lines,
    Point,
    SizeFamily,
    is_reference,
    lines_of,
    most_of,
    points_of,
    sizes_of,
)
from bench.report.drawing import theme
from bench.report.drawing.chart import (
    MOST_ROWS,
    WIDE_PT,
    Chart,
    Entry,
    family_key,
    file_name,
    identity,
    interval_absent,
    interval_columns,
    key,
)
from bench.report.drawing.labels import (
    LINE_PT,
    ROOM_BESIDE_PT,
    Label,
    beside,
    key_above,
    note_above,
    note_lines,
    ticks,
    top_below,
)
from bench.report.drawing.lettering import TEXT_PT, fitting, width
from bench.report.drawing.one_path import one_path
from bench.report.kit.results import Results

_LEFT, _BOTTOM, _RIGHT = 0.02, 0.165, 0.985
_TICKS_PT, _BETWEEN_PT = 58.0, 8.0
"""What the labels of an axis of rates take, and what is between a panel and the labels of the next."""
_MOST_NAME_PT = 230.0


def throughput(results: Results, family_: SizeFamily) -> Chart:
    """What is copied between processes on the left, messages and bytes a second; on the right messages handed on by reference.

    All axes are logarithmic. A reference moves no bytes, so those are told of copies alone.
    """
    lines = lines_of(family_)
    shown = dict(sorted(lines.items(), key=lambda line: -line[1][-1].bytes_per_s.centre)[:MOST_ROWS])
    copies = {name: points for name, points in shown.items() if not is_reference(points[0])}
    references = {name: points for name, points in shown.items() if name not in copies}
    title, subtitle = _finding(lines), _numbers(family_, lines)
    figure = theme.slide(title, results.run, subtitle=subtitle)
    note = note_lines([_remarks(family_, lines, shown)])
    top = top_below(len(note) + 2)
    groups = [(copies, False), (copies, True), (references, False)]
    panels = [(those, in_bytes) for those, in_bytes in groups if those]
    for axes, (those, in_bytes), is_last in _places(figure, panels, top):
        _draw(axes, those, sizes_of(lines), in_bytes=in_bytes)
        kind = ("bytes a second" if in_bytes else "messages a second") + (
            ", copied" if those is copies else ", by reference"
        )
        axes.set_title(kind, loc="left", fontsize=TEXT_PT, pad=6)
        if is_last:
            _name(axes, those, in_bytes=in_bytes)
    note_above(figure.axes[0], note, LINE_PT)
    key(figure, _key(shown), key_above(figure.axes[0], len(note), LINE_PT))
    name = f"throughput-{file_name(family_)}"
    return Chart(name, title, _text(f"{title}. {subtitle}", lines), figure, list(_rows(family_, shown)))


def _places(
    figure: Figure, panels: Sequence[tuple[Lines, bool]], top: float
) -> Iterator[tuple[Axes, tuple[Lines, bool], bool]]:
    """Axes for each panel, as wide as each other; the last one of the same lines has their names beside it."""
    last = [number + 1 == len(panels) or panels[number + 1][0] is not those for number, (those, _) in enumerate(panels)]
    room = [
        ROOM_BESIDE_PT + max(width(fitting(name, _MOST_NAME_PT)) for name in those) if is_last else _BETWEEN_PT
        for (those, _), is_last in zip(panels, last, strict=True)
    ]
    ticks_pt = _TICKS_PT * len(panels)
    wide = ((_RIGHT - _LEFT) * WIDE_PT - ticks_pt - sum(room)) / len(panels)
    at = _LEFT * WIDE_PT
    for panel, after, is_last in zip(panels, room, last, strict=True):
        at += _TICKS_PT
        yield figure.add_axes((at / WIDE_PT, _BOTTOM, wide / WIDE_PT, top - _BOTTOM)), panel, is_last
        at += wide + after


def _name(axes: Axes, lines: Lines, *, in_bytes: bool) -> None:
    labels = []
    for name, points in lines.items():
        end = points[-1]
        value = end.bytes_per_s if in_bytes else end.messages_per_s
        labels.append(Label(end.size_bytes, value.centre, fitting(name, _MOST_NAME_PT), end.summary.case.strategy))
    beside(axes, labels)


def _key(shown: Lines) -> Iterator[Entry]:
    """What the marks mean."""
    few = next(filter(None, (interval_absent(each.messages_per_s) for points in shown.values() for each in points)), "")
    yield "●", theme.SOFT, "median of blocks"
    yield ("", "", few) if few else ("▮", theme.SOFT, INTERVAL)
    yield "", "", "all axes logarithmic"
    yield from family_key(points[0].summary.case.strategy for points in shown.values())


def _remarks(family_: SizeFamily, lines: Lines, shown: Lines) -> str:
    absent = sum(each.wall is None for group in family_.groups for each in group.cases)
    more = len(lines) - len(shown)
    remarks = (
        f"{units.are(units.counted(more, 'more strategy', 'more strategies'))} in the tables" if more else "",
        f"{units.counted(absent, 'case')} without a time: see the tables" if absent else "",
    )
    return "; ".join(filter(None, remarks))


def _finding(lines: Lines) -> str:
    """Who moves most of the largest messages by copying them, and what references do to small ones."""
    copies = {name: points for name, points in lines.items() if not is_reference(points[0])}
    sizes = sizes_of(lines)
    if not copies:
        name, most = most_of(lines, sizes[0])
        return f"{name} passes {_about(most.messages_per_s)}{units.rate(most.messages_per_s.centre)} messages a second between threads"
    there = [size for size in sizes if any(point.size_bytes == size for points in copies.values() for point in points)]
    name, most = most_of(copies, there[-1])
    told = f"Between processes {name} moves most, {_about(most.bytes_per_s)}{units.size(most.bytes_per_s.centre)}/s in messages of {units.size(there[-1])}"
    if not _is_ahead(copies, most):
        told = told.replace(" moves most", " is among those that move most")
    return told + ("; threads hand over references" if len(copies) < len(lines) else "")


def _is_ahead(lines: Lines, most: Point) -> bool:
    """Whether by the intervals no other moves as much of its size; where there are none, nothing is told of that."""
    others = [
        each for points in lines.values() for each in points if each.size_bytes == most.size_bytes and each is not most
    ]
    low = most.bytes_per_s.low
    return all(low is None or (each.bytes_per_s.high or 0) < low for each in others)


def _about(estimate: Estimate) -> str:
    return "about " if estimate.low is None else ""


def _numbers(family_: SizeFamily, lines: Lines) -> str:
    """The most messages a second of the smallest size, between processes and between threads."""
    told, size = [], sizes_of(lines)[0]
    for by_reference, between in ((False, "processes"), (True, "threads")):
        those = {name: points for name, points in lines.items() if is_reference(points[0]) is by_reference}
        if any(point.size_bytes == size for points in those.values() for point in points):
            name, most = most_of(those, size)
            told.append(f"between {between} {name} {units.rate(most.messages_per_s.centre)}/s")
    return f"{family_.name} of {units.size(size)}: most {', '.join(told)}"


def _draw(axes: Axes, lines: Lines, sizes: Sequence[float], *, in_bytes: bool) -> None:
    reached = []
    for points in lines.values():
        tint = theme.colour(points[0].summary.case.strategy)
        marker = theme.marker(points[0].summary.case.strategy)
        rates = [each.bytes_per_s if in_bytes else each.messages_per_s for each in points]
        at = [each.size_bytes for each in points]
        centres = [each.centre for each in rates]
        axes.plot(
            at,
            centres,
            color=tint,
            marker=marker,
            ms=theme.mark_pt(points[0].summary.case.strategy, 10),
            mec=theme.GROUND,
            lw=2,
            gid="rates",
        )
        bars = [
            ((size, each.low), (size, each.high))
            for size, each in zip(at, rates, strict=True)
            if each.low is not None and each.high is not None
        ]
        one_path(axes, bars, color=tint, lw=5, alpha=0.4, zorder=1.8, gid="intervals")
        reached += [value for each in rates for value in (each.low, each.centre, each.high) if value]
    axes.set_ylim(min(reached) / 1.3, max(reached) * 1.3)
    _axes(axes, sizes, "B" if in_bytes else "")


def _axes(axes: Axes, sizes: Sequence[float], unit: str) -> None:
    axes.set_xscale("log")
    axes.set_yscale("log")
    axes.set_xlim(sizes[0] / (sizes[-1] / sizes[0]) ** 0.06, sizes[-1] * (sizes[-1] / sizes[0]) ** 0.06)
    ticks(axes, sizes, list(map(units.size, sizes)))
    axes.yaxis.set_major_locator(LogLocator(numticks=8))
    axes.yaxis.set_minor_locator(NullLocator())
    axes.yaxis.set_major_formatter(EngFormatter(unit))
    axes.set_xlabel("size of a message")
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
    return f"Line charts of messages and of bytes a second against the size of a message. {title}. {listed}."


def _span(estimate: Estimate) -> str:
    if estimate.low is None or estimate.high is None:
        return ""
    return f" ({units.between(units.rate(estimate.low), units.rate(estimate.high))})"


def _rows(family_: SizeFamily, shown: Lines) -> Iterator[dict[str, Any]]:
    """A row for each case of the family."""
    drawn = {point.summary.case.key for points in shown.values() for point in points}
    found = {point.summary.case.key: point for point in points_of(family_)}
    for group in family_.groups:
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

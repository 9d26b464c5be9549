"""What time costs in memory: a mark for each case, and the front that no other case beats in both."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from matplotlib.axes import Axes
from matplotlib.ticker import EngFormatter, LogLocator, MaxNLocator, NullLocator

from bench import units
from bench.analysis.estimates import INTERVAL, Estimate, median_estimate
from bench.analysis.groups import Group
from bench.analysis.summary import Summary
from bench.quantities import MEMORY
from bench.records.block import Block, Outcome
from bench.report.drawing import theme
from bench.report.drawing.chart import (
    LOG_SPAN,
    Chart,
    Entry,
    family_key,
    file_name,
    identity,
    interval_absent,
    interval_columns,
    key,
)
from bench.report.drawing.labels import Label, key_above, note_above, note_lines, top_below
from bench.report.drawing.lettering import fitting
from bench.report.drawing.naming_points import name_points
from bench.report.drawing.one_path import Segment, one_path
from bench.report.kit.results import Results
from bench.report.kit.subjects import subject

_LEFT, _BOTTOM, _RIGHT = 0.095, 0.155, 0.978
_MARK_PT = 11.0
_MOST_NAME_PT = 220.0
_CORNER_PT = 8.0
"""Below the axis, so that the first time stands clear of the least memory."""


@dataclass(frozen=True, slots=True)
class _Spot:
    """A case with its time and memory."""

    summary: Summary
    wall: Estimate
    """Seconds."""
    memory: Estimate
    """Bytes: the median over blocks of the highest peak of a warm round."""

    def beats(self, other: "_Spot") -> bool:
        """Whether it is no worse in both, and better in one."""
        mine, its = ((each.wall.centre, each.memory.centre) for each in (self, other))
        return mine != its and mine[0] <= its[0] and mine[1] <= its[1]


def tradeoff(results: Results, group: Group) -> Chart | None:
    """Peak memory against the time of a warm round; None where fewer than two cases have both."""
    spots = _spots(results, group)
    if len(spots) < 2:
        return None
    front = [each for each in spots if not any(other.beats(each) for other in spots)]
    title, subtitle = _finding(group, front), _numbers(group, front)
    figure = theme.slide(title, results.run, subtitle=subtitle)
    axes = figure.add_axes((_LEFT, _BOTTOM, _RIGHT - _LEFT, top_below(2) - _BOTTOM))
    _axis(axes, "x", [each.wall for each in spots], "s", "time of a warm round")
    _axis(axes, "y", [each.memory for each in spots], "B", "peak memory")
    axes.grid()
    axes.tick_params(axis="x", pad=_CORNER_PT)
    bars = _bars(spots)
    _draw(axes, spots, front, bars)
    order = [*front, *(each for each in spots if each not in front)]
    names = {
        each.summary.case.key: Label(
            each.wall.centre, each.memory.centre, fitting(group.labels[each.summary.case.key], _MOST_NAME_PT)
        )
        for each in order
    }
    crossed = [*_steps(front), *(bar for those in bars.values() for bar in those)]
    unnamed = name_points(axes, list(names.values()), _MARK_PT, crossed)
    remarks = _remarks(spots, len(unnamed), len(group.cases) - len(spots))
    note = note_lines(["; ".join(filter(None, remarks))])
    note_above(axes, note)
    key(figure, _key(spots), key_above(axes, len(note)))
    named = {key for key, label in names.items() if label not in unnamed}
    rows = list(_rows(group, spots, front, named))
    return Chart(
        f"tradeoff-{file_name(group)}", title, _text(f"{title}. {subtitle}", group, spots, front), figure, rows
    )


def _key(spots: Sequence[_Spot]) -> Iterator[Entry]:
    """What the marks mean."""
    yield "●", theme.SOFT, "a case"
    if any(each.wall.low is not None or each.memory.low is not None for each in spots):
        yield "▬", theme.SOFT, INTERVAL
    yield "┄", theme.SOFT, "no other case is as good in both"
    yield from family_key(each.summary.case.strategy for each in spots)


def _remarks(spots: Sequence[_Spot], unnamed: int, unknown: int) -> Iterator[str]:
    """What is not drawn: intervals, names of so many cases, and so many cases themselves; some are empty."""
    yield interval_absent(spots[0].wall)
    if unnamed:
        yield f"{units.counted(unnamed, 'name')} left out for want of room"
    if unknown:
        yield f"{units.counted(unknown, 'case')} without time or memory: see the table"


def _spots(results: Results, group: Group) -> list[_Spot]:
    """The cases whose time and memory are known, fastest first."""
    blocks: dict[str, list[Block]] = {each.case.key: [] for each in group.ranked}
    for block in results.run.blocks:
        if block.case in blocks and block.outcome is Outcome.OK:
            blocks[block.case].append(block)
    return [
        _Spot(each, each.wall, memory)
        for each in group.ranked
        if each.wall is not None and (memory := _memory(blocks[each.case.key])) is not None
    ]


def _memory(blocks: Sequence[Block]) -> Estimate | None:
    """As `Cost.peak_memory_bytes`, with the interval that its blocks give."""
    peaks = [peak_bytes for block in blocks if (peak_bytes := MEMORY.of(block))]
    return median_estimate(peaks) if peaks else None


def _finding(group: Group, front: Sequence[_Spot]) -> str:
    """Who is fastest and who takes the least memory, as surely as their intervals say it."""
    fastest, smallest = front[0], front[-1]
    about = subject(group.workload, group.setting)
    names = [group.labels[each.summary.case.key] for each in (fastest, smallest)]
    among = "looks" if fastest.wall.low is None else "is among the" if len(group.level) > 1 else "is"
    first = f"{names[0]} {among} fastest for {about}"
    if fastest is smallest or not _certainly_less(smallest.memory, fastest.memory):
        return f"{first} and takes about as little memory as any"
    slower = units.speed(fastest.wall.centre / smallest.wall.centre)
    return f"{first}; {names[1]} takes the least memory" + (f" and is {slower}" if slower.endswith("slower") else "")


def _certainly_less(one: Estimate, other: Estimate) -> bool:
    """Whether two amounts of memory differ by more than their intervals; without intervals, by a tenth."""
    if one.high is None or other.low is None:
        return 1.1 * one.centre < other.centre
    return one.high < other.low


def _numbers(group: Group, front: Sequence[_Spot]) -> str:
    told = [f"{group.labels[each.summary.case.key]} {_both(each)}" for each in front[:: max(len(front) - 1, 1)]]
    return f"{group.name}: {'; '.join(told)}"


def _both(spot: _Spot) -> str:
    return f"{units.seconds(spot.wall.centre)} with {units.size(spot.memory.centre)}"


def _axis(axes: Axes, which: str, values: Sequence[Estimate], unit: str, label: str) -> None:
    """From zero, or logarithmic past a tenfold span, with room for a mark at either end."""
    reached = [each for found in values for each in (found.low, found.centre, found.high) if each]
    low, high = min(reached), max(reached)
    axis = axes.xaxis if which == "x" else axes.yaxis
    limits = axes.set_xlim if which == "x" else axes.set_ylim
    if high / low > LOG_SPAN:
        (axes.set_xscale if which == "x" else axes.set_yscale)("log")
        axis.set_major_locator(LogLocator(subs=(1, 3) if high / low < 1000 else (1,), numticks=8))
        axis.set_minor_locator(NullLocator())
        limits(low / (high / low) ** 0.07, high * (high / low) ** 0.07)
        label += " (logarithmic)"
    else:
        axis.set_major_locator(MaxNLocator(6, steps=[1, 2, 2.5, 5, 10]))
        limits(0, high * 1.08)
    axis.set_major_formatter(EngFormatter(unit))
    axis.set_label_text(label)


def _bars(spots: Sequence[_Spot]) -> dict[str, list[Segment]]:
    """The intervals, those of time level and those of memory upright, by colour."""
    found: dict[str, list[Segment]] = {}
    for each in spots:
        wall, memory = each.wall, each.memory
        bars = found.setdefault(theme.colour(each.summary.case.strategy), [])
        if wall.low is not None and wall.high is not None:
            bars.append(((wall.low, memory.centre), (wall.high, memory.centre)))
        if memory.low is not None and memory.high is not None:
            bars.append(((wall.centre, memory.low), (wall.centre, memory.high)))
    return found


def _steps(front: Sequence[_Spot]) -> list[Segment]:
    """From mark to mark of the front: level up to the next one's time, and then down to its memory."""
    found: list[Segment] = []
    for one, other in pairwise(front):
        corner = (other.wall.centre, one.memory.centre)
        found += [((one.wall.centre, one.memory.centre), corner), (corner, (other.wall.centre, other.memory.centre))]
    return found


def _draw(
    axes: Axes,
    spots: Sequence[_Spot],
    front: Sequence[_Spot],
    bars: Mapping[str, Sequence[Segment]],
) -> None:
    """Intervals, the front as steps between its marks, and the marks of each look as one artist."""
    for tint, intervals in bars.items():
        one_path(axes, intervals, color=tint, lw=3, alpha=0.4, gid="intervals")
    one_path(axes, _steps(front), color=theme.SOFT, ls="--", lw=1.5, zorder=1.5, gid="front")
    looks: dict[tuple[str, bool], list[_Spot]] = {}
    for each in spots:
        looks.setdefault((each.summary.case.strategy, each in front), []).append(each)
    for (strategy, best), those in looks.items():
        axes.plot(
            [each.wall.centre for each in those],
            [each.memory.centre for each in those],
            ls="",
            marker=theme.marker(strategy),
            ms=theme.mark_pt(strategy, _MARK_PT),
            color=theme.colour(strategy),
            mec=theme.INK if best else theme.GROUND,
            mew=2 if best else 1,
            zorder=3,
            gid="spots",
        )


def _rows(group: Group, spots: Sequence[_Spot], front: Sequence[_Spot], named: set[str]) -> Iterator[dict[str, Any]]:
    """A row for each case of the group."""
    found = {each.summary.case.key: each for each in spots}
    for each in group.cases:
        spot = found.get(each.case.key)
        yield {
            **identity(group, each),
            **interval_columns("wall", "_s", each.wall),
            **interval_columns("peak_memory", "_bytes", spot.memory if spot else None),
            "interval_absent": interval_absent(each.wall),
            "memory_interval_absent": interval_absent(spot.memory if spot else None),
            "memory_absent": "" if spot else each.cost.why("peak_memory_bytes"),
            "on_front": spot in front if spot else None,
            "named": each.case.key in named if spot else None,
        }


def _text(title: str, group: Group, spots: Sequence[_Spot], front: Sequence[_Spot]) -> str:
    names = group.labels
    best = ", ".join(names[each.summary.case.key] for each in front)
    listed = "; ".join(f"{names[each.summary.case.key]} {_both(each)}" for each in spots)
    left_out = f" {group.left_out}." if group.left_out else ""
    return f"Scatter chart of peak memory against time. {title}. Pareto front: {best}. {listed}.{left_out}"

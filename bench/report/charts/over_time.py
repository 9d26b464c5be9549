"""CPU and memory of the process tree through one block of each case: a panel a case, side by side on two axes."""

from collections import Counter
from collections.abc import Iterator, Sequence
from functools import partial
from itertools import pairwise
from typing import Any

from matplotlib.axes import Axes
from matplotlib.collections import PolyCollection
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import PathPatch
from matplotlib.path import Path
from matplotlib.ticker import MaxNLocator

from bench import units
from bench.analysis.groups import Group
from bench.report.charts.panel import Panel, interval_s, joined, panel_of
from bench.report.drawing import chart, theme
from bench.report.drawing.chart import WIDE_PT, Chart, file_name, typical_blocks
from bench.report.drawing.lettering import fitting, width, wrapped_name
from bench.report.drawing.one_path import one_path
from bench.report.kit.results import Results

MOST_PANELS = 7
IDLE_CORES = 0.1
MOST_MARKS = 40
"""Samples that a panel has room to mark one by one."""
PANEL = 0.9
"""How much of its place a panel takes; the rest is between it and the next."""
_LEFT, _RIGHT, _BOTTOM, _HEIGHT, _BETWEEN = 0.085, 0.995, 0.255, 0.235, 0.035
_MEASURED = ("at_s", "until_s", "cores", "memory_bytes")
_BYTES = {"B": 1, "kB": 1e3, "MB": 1e6, "GB": 1e9, "TB": 1e12}


def over_time(results: Results, group: Group) -> Chart | None:
    """CPU in cores and memory of the process tree through one block of each case, rounds shaded.

    None where there is no series of samples.
    """
    if group.pattern != "map" or results.run.header.plan.conditions.sample_hz <= 0:
        return None
    shown = group.ranked[:MOST_PANELS]
    typical = typical_blocks(results, {each.case.key for each in shown})
    panels = [panel_of(each, typical[each.case.key]) for each in shown]
    title = f"{group.name}: {_most_memory(group)}; {_most_cores(group)}"
    figure = theme.slide(title, results.run)
    cores = results.run.header.environment.usable_cores
    marked = all(len(each.block.samples.at_s) <= MOST_MARKS for each in panels)
    cpu = _axes(figure, 1, [used for each in panels for *_, used in each.cpu], len(panels), "cores used", cores)
    held = [size for each in panels for _, size in each.memory]
    unit = units.size(max(held, default=0)).split()[1]
    memory = _axes(figure, 0, [size / _BYTES[unit] for size in held], len(panels), f"memory, {unit}")
    _draw(cpu, memory, panels, _BYTES[unit], marked=marked)
    _name(cpu, panels, group)
    _time(memory, panels, _left_out(group))
    note = _note(panels, cores, marked=marked)
    figure.text(0.02, 0.13, fitting(note, theme.TEXT_WIDTH_PT), color=theme.SOFT, va="bottom")
    listed = "; ".join(
        f"{group.labels[each.case.key]} {units.count(each.cost.cores_used)} cores, {units.size(each.cost.peak_memory_bytes)}"
        for each in group.ranked
    )
    description = (
        f"CPU and memory over time of one typical block of each case, its rounds shaded, the {cores} usable cores as a "
        f"dashed line; {note}. {title}. {listed}." + (f" {group.left_out}." if group.left_out else "")
    )
    return Chart(f"over-time-{file_name(group)}", title, description, figure, list(_rows(group, panels)))


def across(place: int, span_s: float, at_s: float) -> float:
    """Where on the axes a moment of the panel at a place is: panels are one wide, of which they take `PANEL`."""
    return place + PANEL * at_s / span_s


def _axes(figure: Figure, row: int, values: Sequence[float], panels: int, label: str, cores: int = 0) -> Axes:
    """Axes for a row of panels, with ticks of the values on the left; made of few artists, because there are many."""
    axes = figure.add_axes((_LEFT, _BOTTOM + row * (_HEIGHT + _BETWEEN), _RIGHT - _LEFT, _HEIGHT))
    axes.set_axis_off()
    top = max([*values, cores or 0.1]) * 1.08
    axes.set_xlim(0, panels)
    axes.set_ylim(0, top)
    ticks = [each for each in MaxNLocator(4, steps=[1, 2, 2.5, 5, 10]).tick_values(0, top) if each <= top]
    ends = [(place, place + PANEL) for place in range(panels)]
    across_all = [((left, tick), (right, tick)) for left, right in ends for tick in ticks]
    one_path(axes, across_all, color=theme.GRID, lw=0.8, zorder=-1)
    edges = [line for left, right in ends for line in (((left, 0), (left, top)), ((left, 0), (right, 0)))]
    one_path(axes, edges, color=theme.SOFT, lw=0.8, zorder=4)
    if cores:
        all_cores = [((left, cores), (right, cores)) for left, right in ends]
        one_path(axes, all_cores, color=theme.INK, lw=1.2, ls="--", zorder=4)
    for tick in ticks:
        axes.text(-0.006 * panels, tick, f"{tick:g}", ha="right", va="center")
    aside = 0.012 + max(width(f"{tick:g}") for tick in ticks) / (WIDE_PT * (_RIGHT - _LEFT))
    axes.text(-aside * panels, top / 2, label, rotation=90, ha="right", va="center")
    return axes


def _draw(cpu: Axes, memory: Axes, panels: Sequence[Panel], unit_bytes: float, *, marked: bool) -> None:
    """The series of all panels as one artist, and so their rounds, their gaps and their samples."""
    tints = [theme.colour(each.summary.case.strategy) for each in panels]
    used, held, rounds, gaps, marks = [], [], [], [], []
    for place, each in enumerate(panels):
        at = partial(across, place, each.span_s)
        steps = [(at(moment), cores) for begin, end, cores in each.cpu for moment in (begin, end)]
        used.append(_to_zero(steps))
        held.append(_to_zero([(at(moment), size / unit_bytes) for moment, size in each.memory]))
        rounds += [_box(at(one.at_s), at(one.at_s + one.wall_s)) for one in each.block.rounds]
        gaps += [_box(at(begin), at(end)) for begin, end in each.gaps]
        marks += [((at(moment), 0.95), (at(moment), 1.0)) for moment in each.block.samples.at_s]
    for axes, series in ((cpu, used), (memory, held)):
        up = axes.get_xaxis_transform()
        axes.add_artist(_together(rounds, facecolor=theme.GRID, alpha=0.6, zorder=0, transform=up))
        axes.add_collection(PolyCollection(series, facecolors=tints, alpha=0.85, lw=0, zorder=1), autolim=False)
        missed: dict[str, Any] = {
            "facecolors": "none",
            "edgecolors": theme.SOFT,
            "hatch": "////",
            "zorder": 3,
            "transform": up,
        }
        axes.add_collection(PolyCollection(gaps, lw=0, **missed), autolim=False)
    if marked:
        one_path(cpu, marks, color=theme.SOFT, lw=1, transform=cpu.get_xaxis_transform(), zorder=2)


def _to_zero(points: list[tuple[float, float]]) -> list[tuple[float, float]]:
    return [(points[0][0], 0.0), *points, (points[-1][0], 0.0)] if points else [(0.0, 0.0)]


def _box(left: float, right: float) -> list[tuple[float, float]]:
    return [(left, 0.0), (right, 0.0), (right, 1.0), (left, 1.0)]


def _together(boxes: Sequence[Any], **look: Any) -> PathPatch:
    """Boxes of one look as one path."""
    paths = [Path([*box, box[0]]) for box in boxes]
    return PathPatch(Path.make_compound_path(*paths) if paths else Path([(0, 0)]), lw=0, **look)


def _name(cpu: Axes, panels: Sequence[Panel], group: Group) -> None:
    """Above each panel the case's mark and name."""
    room = PANEL * WIDE_PT * (_RIGHT - _LEFT) / len(panels) - 16
    above = cpu.get_xaxis_transform()
    for place, each in enumerate(panels):
        strategy = each.summary.case.strategy
        look: dict[str, Any] = {"marker": theme.marker(strategy), "color": theme.colour(strategy)}
        cpu.add_artist(
            Line2D([place + 8 * PANEL / (room + 16)], [1.09], ls="", ms=9, transform=above, clip_on=False, **look)
        )
        name = wrapped_name(group.labels[each.summary.case.key], room - 4, 3)
        cpu.text(place + 18 * PANEL / (room + 16), 1.03, name, transform=above, va="bottom", linespacing=1.1)


def _left_out(group: Group) -> str:
    """How many cases are not drawn, and how many have no time."""
    without = Counter(chart.outcome(each) for each in group.unranked)
    told = ", ".join(f"{number} {outcome}" for outcome, number in without.items())
    return chart.more(len(group.ranked[MOST_PANELS:])) + (f"; without a time: {told}" if told else "")


def _time(memory: Axes, panels: Sequence[Panel], left_out: str) -> None:
    """Below each panel the beginning and one or two round times, and below all the unit and what is left out."""
    room = PANEL * WIDE_PT * (_RIGHT - _LEFT) / len(panels)
    below = memory.get_xaxis_transform()
    for place, each in enumerate(panels):
        for tick in _ticks(each.span_s, room):
            at = across(place, each.span_s, tick)
            memory.text(at, -0.04, f"{tick:g}", transform=below, ha="center", va="top", color=theme.SOFT)
    label = fitting(f"time since the block began, s{left_out}", 0.95 * WIDE_PT * (_RIGHT - _LEFT))
    memory.text(len(panels) / 2, -0.2, label, transform=below, ha="center", va="top")


def _ticks(span_s: float, room: float) -> list[float]:
    """Round times whose labels stand apart, from zero, and none that reaches into the next panel's."""
    for n in (4, 3, 2, 1):
        found = MaxNLocator(n, steps=[1, 2, 2.5, 5, 10]).tick_values(0, span_s)
        ticks = [float(f"{tick:.6g}") for tick in found if 0 <= tick <= span_s]
        at = [room * tick / span_s for tick in ticks]
        half = [width(f"{tick:g}") / 2 for tick in ticks]
        within = [place for place in range(len(at)) if at[place] + half[place] + half[0] + 8 < room / PANEL]
        if len(within) > 1 and all(at[two] - at[one] > half[one] + half[two] + 8 for one, two in pairwise(within)):
            return [ticks[place] for place in within]
    return [0.0]


def _most_memory(group: Group) -> str:
    known = [each for each in group.ranked if each.cost.peak_memory_bytes is not None]
    if not known:
        return "what it holds in memory is unknown"
    most = max(known, key=lambda each: each.cost.peak_memory_bytes or 0)
    return f"{group.labels[most.case.key]} holds the most memory, {units.size(most.cost.peak_memory_bytes)}"


def _most_cores(group: Group) -> str:
    known = [each for each in group.ranked if each.cost.cores_used is not None]
    if not known:
        return "how many cores it uses is unknown"
    busiest = max(known, key=lambda each: each.cost.cores_used or 0)
    if (busiest.cost.cores_used or 0) <= IDLE_CORES:
        return "all leave the CPU idle"
    return f"{group.labels[busiest.case.key]} keeps the most cores busy, {units.count(busiest.cost.cores_used)}"


def _note(panels: Sequence[Panel], cores: int, *, marked: bool) -> str:
    """What the marks mean, and what is not drawn."""
    intervals = sorted({each for each in (interval_s(panel.block) for panel in panels) if each is not None})
    if not intervals:
        return ""
    most_joined = max(joined(panel.block) for panel in panels)
    parts = [
        "grey: rounds",
        f"dashed: {units.counted(cores, 'core')}",
        f"{'| a sample, ' if marked else 'a sample '}every {' to '.join(units.seconds(each) for each in intervals)}"
        + (f", up to {most_joined} joined: CPU's mean, memory's highest" if most_joined > 1 else ""),
        "hatched: samples missed" if any(panel.gaps for panel in panels) else "no sample missed",
    ]
    return " · ".join(parts)


def _rows(group: Group, panels: Sequence[Panel]) -> Iterator[dict[str, Any]]:
    """A row for each step of CPU, reading of memory, round and gap; and for each case without a time."""
    empty = dict.fromkeys(("repetition", *_MEASURED))
    for panel in panels:
        who = chart.identity(group, panel.summary) | empty | {"repetition": panel.block.repetition}
        marks: list[tuple[Any, ...]] = [("cpu", begin, end, cores, None) for begin, end, cores in panel.cpu]
        marks += [("memory", at_s, None, None, held) for at_s, held in panel.memory]
        marks += [("round", each.at_s, each.at_s + each.wall_s, None, None) for each in panel.block.rounds]
        marks += [("missed", begin, end, None, None) for begin, end in panel.gaps]
        for mark, *values in marks:
            yield {"mark": mark} | who | dict(zip(_MEASURED, values, strict=True))
    for each_case in group.unranked:
        yield {"mark": "no time"} | chart.identity(group, each_case) | empty

"""CPU and memory of the process tree through the rounds of a block: serial, threads, the best process and the best asyncio strategy.

All are on one axis of time, which begins with each one's first round: what starts and stops a strategy is in another chart.
"""

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import EngFormatter, MaxNLocator

from bench import units
from bench.analysis.groups import Group
from bench.analysis.summary import Summary
from bench.report.charts.panel import Panel, interval_s, joined, panel_of
from bench.report.drawing import chart, theme
from bench.report.drawing.chart import WIDE_PT, Chart, Entry, file_name, key, typical_blocks
from bench.report.drawing.labels import ROOM_BESIDE_PT, Label, beside, key_above, note_above, note_lines, top_below
from bench.report.drawing.lettering import TEXT_PT, fitting, width
from bench.report.kit.families import Family, family
from bench.report.kit.results import Results
from bench.report.kit.subjects import subject

IDLE_CORES = 0.5
"""Who uses less than this waits most of the time."""
_NOTICED = 1.25
"""So many times another's memory or cores is a difference that one speaks of."""
_LEFT, _BOTTOM, _RIGHT, _BETWEEN = 0.085, 0.165, 0.975, 0.075
_MOST_NAME_PT = 210.0
_MEASURED = ("at_s", "until_s", "cores", "memory_bytes")
_MOST_LINES = 5
_CORNER_PT = 8.0
"""Below the axis, so that the first time stands clear of the least memory."""


def over_time(results: Results, group: Group) -> Chart | None:
    """CPU in cores and memory of the process tree through the rounds of one typical block of the fastest case of each family.

    None where there is no series of samples.
    """
    if group.pattern != "map" or results.run.header.plan.conditions.sample_hz <= 0:
        return None
    shown = _shown(group)
    typical = typical_blocks(results, {each.case.key for each in shown})
    panels = [panel_of(each, typical[each.case.key]) for each in shown]
    cores = results.run.header.environment.usable_cores
    title, subtitle = _finding(group, shown, cores), _told(group, shown)
    figure = theme.slide(title, results.run, subtitle=subtitle)
    names = [fitting(group.labels[each.case.key], _MOST_NAME_PT) for each in shown]
    sizes = [f"{name} {_value(each, in_bytes=True)}" for name, each in zip(names, shown, strict=True)]
    used = [f"{name} {_value(each, in_bytes=False)}" for name, each in zip(names, shown, strict=True)]
    right = _RIGHT - (ROOM_BESIDE_PT + max(map(width, (*sizes, *used)))) / WIDE_PT
    note = note_lines([_left_out(group, shown)])
    height = (top_below(len(note) + 2) - _BOTTOM - _BETWEEN) / 2
    cpu = figure.add_axes((_LEFT, _BOTTOM + height + _BETWEEN, right - _LEFT, height))
    memory = figure.add_axes((_LEFT, _BOTTOM, right - _LEFT, height), sharex=cpu)
    _draw(cpu, memory, panels, cores)
    _name(cpu, panels, used, in_bytes=False)
    _name(memory, panels, sizes, in_bytes=True)
    note_above(cpu, note, TEXT_PT + 6)
    key(figure, _key(panels, cores), key_above(cpu, len(note), TEXT_PT + 6))
    description = _text(f"{title}. {subtitle}", group, ", ".join(text for _, _, text in _key(panels, cores)))
    return Chart(f"over-time-{file_name(group)}", title, description, figure, list(_rows(group, panels)))


def _text(title: str, group: Group, meaning: str) -> str:
    """The alt text."""
    listed = "; ".join(
        f"{group.labels[each.case.key]} {units.count(each.cost.cores_used)} cores, {units.size(each.cost.peak_memory_bytes)}"
        for each in group.ranked
    )
    left_out = f" {group.left_out}." if group.left_out else ""
    return (
        "Two line charts of CPU and memory through the rounds of one typical block of each case that is drawn, on one axis "
        f"of time; {meaning}. {title}. {listed}.{left_out}"
    )


def _shown(group: Group) -> list[Summary]:
    """The fastest case of each family, the loop first; of families that are not built in no more than there is room for."""
    found: dict[Family, Summary] = {}
    for each in group.ranked:
        found.setdefault(family(each.case.strategy), each)
    return [found[kind] for kind in Family if kind in found][:_MOST_LINES]


def begin_s(panel: Panel) -> float:
    """When the first round began, in seconds since the block did."""
    return panel.block.rounds[0].at_s


def end_s(panel: Panel) -> float:
    """When the last round ended, in seconds since the first one began."""
    last = panel.block.rounds[-1]
    return last.at_s + last.wall_s - begin_s(panel)


def cpu_steps(panel: Panel) -> list[tuple[float, float, float]]:
    """From when to when, seconds since the first round began, so many cores were used; nothing before it or after the last."""
    zero, end = begin_s(panel), end_s(panel)
    moved = [(max(first - zero, 0.0), min(until - zero, end), cores) for first, until, cores in panel.cpu]
    return [each for each in moved if each[0] < each[1]]


def memory_readings(panel: Panel) -> list[tuple[float, int]]:
    """When, seconds since the first round began, so many bytes were held; what was read last before it counts as at its beginning."""
    zero, end = begin_s(panel), end_s(panel)
    before = [(0.0, held) for at, held in panel.memory if at < zero][-1:]
    return before + [(at - zero, held) for at, held in panel.memory if 0 <= at - zero <= end]


def gaps(panel: Panel) -> list[tuple[float, float]]:
    """From when to when, seconds since the first round began, samples were missed while a round went on."""
    zero, end = begin_s(panel), end_s(panel)
    moved = [(max(first - zero, 0.0), min(until - zero, end)) for first, until in panel.gaps]
    return [each for each in moved if each[0] < each[1]]


def _draw(cpu: Axes, memory: Axes, panels: Sequence[Panel], cores: int) -> None:
    """A line for each case, broken where samples were missed, with a mark at the end of each round."""
    for place, each in enumerate(panels):
        strategy = each.summary.case.strategy
        look: dict[str, Any] = {"color": theme.colour(strategy), "lw": 2.5, "zorder": 3 + place}
        steps = [point for first, until, used in cpu_steps(each) for point in ((first, used), (until, used))]
        held = [(at, float(size)) for at, size in memory_readings(each)]
        for axes, points in ((cpu, steps), (memory, held)):
            if points:
                axes.plot(*zip(*_broken(points, each), strict=True), gid="series", **look)
        _mark_rounds(cpu, each, steps, look)
    for axes, what, unit in ((cpu, "cores used", ""), (memory, "memory", "B")):
        axes.set_xlim(0, max(map(end_s, panels)) * 1.01)
        least = 1.02 * cores if axes is cpu else 1.0
        axes.set_ylim(0, max(least, *(float(np.nanmax(line.get_ydata())) for line in axes.get_lines())) * 1.08)
        axes.yaxis.set_major_locator(MaxNLocator(4, steps=[1, 2, 2.5, 5, 10]))
        if unit:
            axes.yaxis.set_major_formatter(EngFormatter(unit))
        axes.set_title(what, loc="left", fontsize=TEXT_PT, pad=6)
        axes.grid(axis="y")
    cpu.axhline(cores, color=theme.INK, lw=1.2, ls="--", zorder=2)
    cpu.tick_params(labelbottom=False)
    memory.xaxis.set_major_locator(MaxNLocator(6, steps=[1, 2, 2.5, 5, 10]))
    memory.xaxis.set_major_formatter(EngFormatter("s"))
    memory.tick_params(axis="x", pad=_CORNER_PT)
    memory.set_xlabel("time since the first round began")


def _broken(points: Sequence[tuple[float, float]], panel: Panel) -> list[tuple[float, float]]:
    """The points of a line, with a break in each gap."""
    breaks = [((first + until) / 2, math.nan) for first, until in gaps(panel)]
    return sorted([*points, *breaks], key=lambda each: each[0])


def _mark_rounds(axes: Axes, panel: Panel, steps: Sequence[tuple[float, float]], look: Mapping[str, Any]) -> None:
    """The strategy's marker at the end of each round, on its line."""
    ends = [each.at_s + each.wall_s - begin_s(panel) for each in panel.block.rounds]
    at = [(end, [used for moment, used in steps if moment <= end + 1e-9][-1]) for end in ends if steps]
    if at:
        mark = theme.marker(panel.summary.case.strategy)
        xs, ys = zip(*at, strict=True)
        axes.plot(
            xs,
            ys,
            ls="",
            marker=mark,
            ms=theme.mark_pt(panel.summary.case.strategy, 9),
            mec=theme.GROUND,
            color=look["color"],
            zorder=look["zorder"] + 0.5,
            gid="rounds",
        )


def _name(axes: Axes, panels: Sequence[Panel], names: Sequence[str], *, in_bytes: bool) -> None:
    """Each line's name beside its end."""
    labels = []
    for each, name in zip(panels, names, strict=True):
        steps = cpu_steps(each)
        held = memory_readings(each)
        points = [(at, float(size)) for at, size in held] if in_bytes else [(until, cores) for _, until, cores in steps]
        at, value = points[-1] if points else (end_s(each), 0.0)
        labels.append(Label(at, value, name, each.summary.case.strategy))
    beside(axes, labels)


def _finding(group: Group, shown: Sequence[Summary], cores: int) -> str:
    """Who keeps how many cores busy, or where all wait, who holds how much memory; of what is drawn alone."""
    about = subject(group.workload, group.setting)
    used = {_called(group, each): each.cost.cores_used for each in shown if each.cost.cores_used is not None}
    held = {
        _called(group, each): each.cost.peak_memory_bytes for each in shown if each.cost.peak_memory_bytes is not None
    }
    if max(used.values(), default=0.0) > IDLE_CORES:
        return _busy(used, about, units.counted(cores, "core"))
    wait = f"All leave the CPU idle for {about}" if used else f"How much CPU is used for {about} is unknown"
    return f"{wait}; {_memory(held)}"


def _busy(used: Mapping[str, float], about: str, cores: str) -> str:
    busiest, idlest = max(used, key=used.__getitem__), min(used, key=used.__getitem__)
    busy = f"{units.significant(used[busiest], 2)} of {cores} busy for {about}"
    differ = _NOTICED * used[idlest] < used[busiest]
    if len(used) > 1 and not differ:
        return f"All keep about {busy}"
    told = f"{_upper(busiest)} {'keep' if busiest in _PLURAL else 'keeps'} {busy}"
    return told + (f", {idlest} {units.significant(used[idlest], 2)}" if differ else "")


def _memory(held: Mapping[str, float]) -> str:
    if not held:
        return "memory is unknown"
    most, least = max(held, key=held.__getitem__), min(held, key=held.__getitem__)
    told = f"{most} {'hold' if most in _PLURAL else 'holds'} {units.size(held[most])}"
    return told + (f", {least} {units.size(held[least])}" if _NOTICED * held[least] < held[most] else "")


def _called(group: Group, summary: Summary) -> str:
    """A family as people call it; a plain loop and what is in no family by the case's label."""
    kind = family(summary.case.strategy)
    return group.labels[summary.case.key] if kind in (Family.OTHER, Family.LOOP) else str(kind)


def _upper(text: str) -> str:
    return text[:1].upper() + text[1:] if text in tuple(Family) else text


_PLURAL = (Family.THREADS, Family.PROCESSES, Family.INTERPRETERS)


def _told(group: Group, shown: Sequence[Summary]) -> str:
    """What is drawn, and what the numbers beside it are."""
    those = "the fastest of each family, " if len(shown) < len(group.ranked) else ""
    return f"{group.name}: {those}a typical block of each; beside the lines medians of all blocks"


def _value(summary: Summary, *, in_bytes: bool) -> str:
    return units.size(summary.cost.peak_memory_bytes) if in_bytes else units.count(summary.cost.cores_used)


def _left_out(group: Group, shown: Sequence[Summary]) -> str:
    """How many cases are not drawn, and what became of those without a time."""
    more = len(group.ranked) - len(shown)
    parts = [f"{units.counted(more, 'more case')} in the table" if more else ""]
    parts += [f"{group.labels[each.case.key]} {chart.outcome(each)}" for each in group.unranked]
    return "; ".join(filter(None, parts))


def _key(panels: Sequence[Panel], cores: int) -> Iterator[Entry]:
    """What the marks mean."""
    yield "●", theme.SOFT, "end of a round, the first one cold"
    yield "┄", theme.INK, units.counted(cores, "usable core")
    intervals = sorted({each for each in (interval_s(panel.block) for panel in panels) if each is not None})
    if intervals:
        yield "", "", f"a sample every {' to '.join(units.seconds(each) for each in intervals)}"
    if (most := max(joined(panel.block) for panel in panels)) > 1:
        yield "", "", f"{most} samples a point"
    if any(map(gaps, panels)):
        yield "", "", "gap: samples missed"


def _rows(group: Group, panels: Sequence[Panel]) -> Iterator[dict[str, Any]]:
    """A row for each step of CPU, reading of memory, round and gap, in seconds since the first round; and for each case without a time."""
    empty = dict.fromkeys(("repetition", *_MEASURED))
    for panel in panels:
        zero = begin_s(panel)
        who = chart.identity(group, panel.summary) | empty | {"repetition": panel.block.repetition}
        marks: list[tuple[Any, ...]] = [("cpu", *step, None) for step in cpu_steps(panel)]
        marks += [("memory", at_s, None, None, held) for at_s, held in memory_readings(panel)]
        marks += [
            ("round", each.at_s - zero, each.at_s - zero + each.wall_s, None, None) for each in panel.block.rounds
        ]
        marks += [("missed", *gap, None, None) for gap in gaps(panel)]
        for mark, *values in marks:
            yield {"mark": mark} | who | dict(zip(_MEASURED, values, strict=True))
    for each_case in group.unranked:
        yield {"mark": "no time"} | chart.identity(group, each_case) | empty

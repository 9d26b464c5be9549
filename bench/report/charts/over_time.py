"""CPU and memory of the process tree through one block of each case."""

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Any

import numpy as np
from matplotlib.axes import Axes

from bench import units
from bench.analysis.groups import Group
from bench.model import Block
from bench.report import theme
from bench.report.charts.chart import Chart, file_name, typical_blocks
from bench.report.results import Results

MOST_PANELS = 7
IDLE_CORES = 0.1
TICKS_WINDOW_S = 0.1
"""What psutil reads of CPU comes in ticks of 10 ms: over less time than this the steps would be those of the clock."""
GAP = 1.5
"""Intervals without a sample that are more than lateness: at least one was missed."""
MOST_MARKS = 60
"""Samples that a panel has room to mark one by one."""


def over_time(results: Results, group: Group) -> Chart | None:
    """CPU in cores and memory of the process tree through one block of each case, rounds shaded.

    None where there is no series of samples.
    """
    if group.pattern != "map" or results.run.header.plan.sample_hz <= 0:
        return None
    ranked = group.ranked
    shown = ranked[:MOST_PANELS]
    names = group.labels
    title = f"{group.name}: {_most_memory(group)}; {_most_cores(group)}"
    figure = theme.slide(title, results.run)
    grid = figure.subplots(2, len(shown), sharex="col", sharey="row", squeeze=False)
    figure.subplots_adjust(left=0.07, right=0.985, top=0.775, bottom=0.225, wspace=0.12, hspace=0.12)
    cores = results.run.header.environment.usable_cores
    typical = typical_blocks(results)
    blocks = [typical[each.case.key] for each in shown]
    marked = all(len(block.samples.at_s) <= MOST_MARKS for block in blocks)
    for column, each in enumerate(shown):
        cpu, memory = grid[0][column], grid[1][column]
        title_text = theme.wrapped(names[each.case.key], max(6, 110 // len(shown)), lines=2)
        cpu.set_title(title_text, fontsize=theme.TEXT_PT, color=theme.INK)
        _draw_block(cpu, memory, blocks[column], theme.colour(each.case.strategy), marked=marked)
        cpu.axhline(cores, color=theme.INK, lw=1, ls="--")
    grid[0][0].set_ylabel("cores used")
    grid[0][0].set_ylim(0, None)
    grid[1][0].set_ylabel("memory, MB")
    grid[1][0].set_ylim(0, None)
    note = _note(blocks, marked=marked)
    figure.text(0.02, 0.105, note, color=theme.SOFT, va="bottom")
    left_out = len(group.cases) - len(shown)
    if left_out:
        figure.text(
            0.98, 0.018, f"{left_out} more in the table", color=theme.SOFT, ha="right", va="bottom", fontsize=12
        )
    listed = "; ".join(
        f"{names[each.case.key]} {units.count(each.cost.cores_used)} cores, {units.size(each.cost.peak_memory_bytes)}"
        for each in ranked
    )
    description = (
        f"CPU and memory over time of one typical block of each case, its rounds shaded, the {cores} usable cores as a "
        f"dashed line; {note}. {title}. {listed}."
    )
    return Chart(f"over-time-{file_name(group)}", title, description, figure)


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


def _draw_block(cpu: Axes, memory: Axes, block: Block, tint: str, *, marked: bool) -> None:
    """Cores used and megabytes held through a block, its rounds shaded behind, samples and gaps marked."""
    times, used = _cores_used(block)
    cpu.fill_between(times, used, step="pre", color=tint, alpha=0.85, lw=0)
    at_s = block.samples.at_s
    held = np.array(block.samples.memory_bytes) / 1e6
    memory.fill_between(at_s, held, step="post", color=tint, alpha=0.85, lw=0)
    memory.set_xlabel("s")
    spans = [(each.at_s, each.wall_s) for each in block.rounds]
    gaps = list(_gaps(block))
    for axes in (cpu, memory):
        across: dict[str, Any] = {"transform": axes.get_xaxis_transform(), "lw": 0}
        axes.broken_barh(spans, (0, 1), color=theme.GRID, alpha=0.6, zorder=0, **across)
        axes.broken_barh(gaps, (0, 1), facecolor="none", edgecolor=theme.SOFT, hatch="////", zorder=3, **across)
        axes.grid(axis="y")
        axes.locator_params(axis="x", nbins=2)
    if marked:
        cpu.plot(at_s, [1.0] * len(at_s), "|", ms=7, mew=1, color=theme.SOFT, transform=cpu.get_xaxis_transform())


def _gaps(block: Block) -> Iterator[tuple[float, float]]:
    """Where ticks were missed, as beginnings and lengths in seconds."""
    if (interval_s := _interval_s(block)) is not None:
        for before_s, after_s in pairwise(block.samples.at_s):
            if after_s - before_s > GAP * interval_s:
                yield before_s, after_s - before_s


def _interval_s(block: Block) -> float | None:
    """Seconds from sample to sample, as asked or as lowered; None where there were none."""
    if block.sampling is None or not block.sampling.hz:
        return None
    return 1 / (block.sampling.hz_lowered_to or block.sampling.hz)


def _cores_used(block: Block) -> tuple[list[float], list[float]]:
    """CPU used over time passed between neighbouring samples; of CPU in ticks, over `TICKS_WINDOW_S` at least."""
    ticks = block.sampling is not None and block.sampling.sampler == "psutil"
    shortest_s = TICKS_WINDOW_S if ticks else 0.0
    times, used = [], []
    last_at = last_cpu = None
    for at, cpu in zip(block.samples.at_s, block.samples.cpu_s, strict=True):
        if last_at is None or last_cpu is None:
            last_at, last_cpu = at, cpu
        elif at > last_at and at - last_at >= shortest_s:
            times.append(at)
            used.append((cpu - last_cpu) / (at - last_at))
            last_at, last_cpu = at, cpu
    return times, used


def _note(blocks: Sequence[Block], *, marked: bool) -> str:
    """What the marks mean."""
    intervals = sorted({each for each in map(_interval_s, blocks) if each is not None})
    if not intervals:
        return ""
    missed = any(True for block in blocks for _ in _gaps(block))
    parts = [
        "grey: rounds",
        f"{'| a sample, ' if marked else 'a sample '}every {' to '.join(units.seconds(each) for each in intervals)}",
        "hatched: samples missed" if missed else "no sample missed",
    ]
    return " · ".join(parts)

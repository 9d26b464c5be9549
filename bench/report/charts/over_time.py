"""CPU and memory of the process tree through one block of each case."""

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
WINDOW_S = 0.1
"""CPU comes in ticks of 10 ms: over less time than this the steps would be an artefact of the clock."""


def over_time(results: Results, group: Group) -> Chart:
    """CPU in cores and memory of the process tree through one block of each case, rounds shaded."""
    ranked = group.ranked
    shown = ranked[:MOST_PANELS]
    names = group.labels
    most = max(ranked, key=lambda each: each.peak_memory_bytes or 0)
    busiest = max(ranked, key=lambda each: each.cores_used or 0)
    busy = f"{names[busiest.case.key]} keeps the most cores busy, {units.count(busiest.cores_used)}"
    title = f"{group.name}: {names[most.case.key]} holds the most memory, {units.size(most.peak_memory_bytes)}; " + (
        busy if (busiest.cores_used or 0) > IDLE_CORES else "all leave the CPU idle"
    )
    figure = theme.slide(title, results.run)
    grid = figure.subplots(2, len(shown), sharex="col", sharey="row", squeeze=False)
    figure.subplots_adjust(left=0.07, right=0.985, top=0.80, bottom=0.17, wspace=0.12, hspace=0.12)
    cores = results.run.header.environment.usable_cores
    typical = typical_blocks(results)
    for column, each in enumerate(shown):
        cpu, memory = grid[0][column], grid[1][column]
        title_text = theme.wrapped(names[each.case.key], max(6, 110 // len(shown)), lines=2)
        cpu.set_title(title_text, fontsize=theme.TEXT_PT, color=theme.INK)
        _draw_block(cpu, memory, typical[each.case.key], theme.colour(each.case.strategy))
        cpu.axhline(cores, color=theme.INK, lw=1, ls="--")
    grid[0][0].set_ylabel("cores used")
    grid[0][0].set_ylim(0, None)
    grid[1][0].set_ylabel("memory, MB")
    grid[1][0].set_ylim(0, None)
    left_out = len(group.cases) - len(shown)
    if left_out:
        figure.text(
            0.98, 0.018, f"{left_out} more in the table", color=theme.SOFT, ha="right", va="bottom", fontsize=12
        )
    listed = "; ".join(
        f"{names[each.case.key]} {units.count(each.cores_used)} cores, {units.size(each.peak_memory_bytes)}"
        for each in ranked
    )
    description = (
        f"CPU and memory over time of one typical block of each case, its rounds shaded, the {cores} usable cores as a "
        f"dashed line. {title}. {listed}."
    )
    return Chart(f"over-time-{file_name(group)}", title, description, figure)


def _draw_block(cpu: Axes, memory: Axes, block: Block, tint: str) -> None:
    """Cores used and megabytes held through a block, with its rounds shaded behind."""
    times, used = _cores_used(block)
    cpu.fill_between(times, used, step="pre", color=tint, alpha=0.85, lw=0)
    held = np.array(block.samples.memory_bytes) / 1e6
    memory.fill_between(block.samples.at_s, held, step="post", color=tint, alpha=0.85, lw=0)
    memory.set_xlabel("s")
    for axes in (cpu, memory):
        spans = [(each.at_s, each.wall_s) for each in block.rounds]
        axes.broken_barh(
            spans, (0, 1), transform=axes.get_xaxis_transform(), color=theme.GRID, alpha=0.6, lw=0, zorder=0
        )
        axes.grid(axis="y")
        axes.locator_params(axis="x", nbins=2)


def _cores_used(block: Block) -> tuple[list[float], list[float]]:
    """CPU used over time passed between neighbouring samples; those closer than `WINDOW_S` are taken together."""
    times, used = [], []
    last_at = last_cpu = None
    for at, cpu in zip(block.samples.at_s, block.samples.cpu_s, strict=True):
        if last_at is None or last_cpu is None:
            last_at, last_cpu = at, cpu
        elif at - last_at >= WINDOW_S:
            times.append(at)
            used.append((cpu - last_cpu) / (at - last_at))
            last_at, last_cpu = at, cpu
    return times, used

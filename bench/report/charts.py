"""The figures: a function each, from finished results to a matplotlib `Figure`, its title and its description.

A title states what was found, a description (the alt text) says what is drawn and the numbers in it.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import TwoSlopeNorm
from matplotlib.figure import Figure
from matplotlib.ticker import EngFormatter

from bench import units
from bench.analysis.headline import Headline, labels
from bench.analysis.summary import Summary
from bench.model import Block, Outcome
from bench.report import theme
from bench.report.results import Results

LOG_SPAN = 10
MOST_PANELS = 8
WINDOW_S = 0.1
"""CPU comes in ticks of 10 ms: over less time than this the steps would be an artefact of the clock."""


@dataclass(frozen=True, slots=True)
class Chart:
    """A figure with its file name (without ending), title and alt text."""

    name: str
    title: str
    description: str
    figure: Figure


def charts(results: Results) -> Iterator[Chart]:
    """All charts of a run: the overview, then three for each workload."""
    with theme.applied():
        if any(each.speedup for each in results.summaries):
            yield speedup_overview(results)
        for headline, group in results.groups():
            if any(each.ranked for each in group):
                yield ranking(results, headline, group)
                yield phases(results, headline, group)
                yield over_time(results, headline, group)


def ranking(results: Results, headline: Headline, group: Sequence[Summary]) -> Chart:
    """A warm round of each case: dot, interval, the blocks' medians, and the bound. Fastest on top."""
    ranked, others = _split(group)
    names = labels(group)
    title = f"{headline.workload}: {_finding(ranked, names)}"
    figure = theme.slide(title, results.run)
    axes = _axes(figure, [names[each.case.key] for each in (*ranked, *others)])
    blocks = _block_medians(results)
    for row, each in enumerate(ranked):
        assert each.wall is not None
        tint = theme.colour(each.case.strategy)
        medians = blocks[each.case.key]
        axes.plot(medians, [row] * len(medians), "o", ms=6, mfc="none", mec=tint, alpha=0.5)
        if each.wall.low is not None and each.wall.high is not None:
            axes.plot([each.wall.low, each.wall.high], [row, row], color=tint, lw=5, solid_capstyle="butt", alpha=0.8)
        axes.plot(each.wall.centre, row, theme.marker(each.case.strategy), ms=13, color=tint, mec="white")
        if each.bound_s is not None:
            axes.plot([each.bound_s] * 2, [row - 0.34, row + 0.34], color=theme.INK, lw=2.5)
        axes.text(1.015, row, _value(each), transform=axes.get_yaxis_transform(), va="center")
    for row, each in enumerate(others, start=len(ranked)):
        axes.text(0.01, row, f"{each.outcome}: {each.reason[:70]}", transform=axes.get_yaxis_transform(), va="center")
    spread = [value for each in ranked for value in (*blocks[each.case.key], each.bound_s) if value]
    _time_axis(axes, spread, "time of a warm round, all inputs")
    _key(axes, ranked)
    return Chart(f"ranking-{file_name(headline)}", title, _ranking_text(title, ranked, names), figure)


def phases(results: Results, headline: Headline, group: Sequence[Summary]) -> Chart:
    """Start, first round and stop as bars from zero; what a script pays that runs the work once."""
    ranked, _ = _split(group)
    ranked = sorted(ranked, key=_once_s)
    names = labels(group)
    best = ranked[0]
    title = (
        f"{headline.workload}, once in a fresh process: {names[best.case.key]} takes the least, "
        f"{units.seconds(_once_s(best))} with start and stop"
    )
    figure = theme.slide(title, results.run)
    axes = _axes(figure, [names[each.case.key] for each in ranked])
    shades = (("start", "#832db6"), ("first round", "#3f90da"), ("stop", "#ffa90e"))
    for row, each in enumerate(ranked):
        left = 0.0
        for (name, tint), value in zip(shades, (each.start_s, each.cold_s, each.stop_s), strict=True):
            axes.barh(row, value or 0, left=left, height=0.56, color=tint, label=name if row == 0 else None)
            left += value or 0
        assert each.wall is not None
        axes.plot([each.wall.centre] * 2, [row - 0.4, row + 0.4], color=theme.INK, lw=3,
                  label="a warm round" if row == 0 else None)  # fmt: skip
        text = f"{units.seconds(_once_s(each))} (start {units.seconds(each.start_s)})"
        axes.text(1.015, row, text, transform=axes.get_yaxis_transform(), va="center")
    axes.set_xlim(0, max(_once_s(each) for each in ranked) * 1.04)
    _time_axis(axes, [], "time")
    axes.legend(loc="lower left", bbox_to_anchor=(0, 1.0), ncols=4, borderaxespad=0.2, handlelength=1.2)
    listed = "; ".join(
        f"{names[each.case.key]} start {units.seconds(each.start_s)}, first round {units.seconds(each.cold_s)}, "
        f"stop {units.seconds(each.stop_s)}"
        for each in ranked
    )
    return Chart(f"phases-{file_name(headline)}", title, f"Stacked bar chart. {title}. {listed}.", figure)


def over_time(results: Results, headline: Headline, group: Sequence[Summary]) -> Chart:
    """CPU in cores and memory of the process tree through one block of each case, rounds shaded."""
    ranked, _ = _split(group)
    shown = ranked[:MOST_PANELS]
    names = labels(group)
    most = max(shown, key=lambda each: each.peak_memory_bytes or 0)
    title = (
        f"{headline.workload}: {names[most.case.key]} holds the most memory, {units.size(most.peak_memory_bytes)}; "
        f"{names[shown[0].case.key]} keeps {units.count(shown[0].cores_used)} cores at work"
    )
    figure = theme.slide(title, results.run)
    grid = figure.subplots(2, len(shown), sharex="col", sharey="row", squeeze=False)
    figure.subplots_adjust(left=0.07, right=0.985, top=0.80, bottom=0.17, wspace=0.12, hspace=0.12)
    cores = results.run.header.environment.usable_cores
    typical = _typical_blocks(results)
    for column, each in enumerate(shown):
        block = typical[each.case.key]
        tint = theme.colour(each.case.strategy)
        cpu, memory = grid[0][column], grid[1][column]
        cpu.set_title(names[each.case.key].replace(" ", "\n", 1), fontsize=theme.TEXT_PT, color=theme.INK)
        times, used = _cores_used(block)
        cpu.fill_between(times, used, step="pre", color=tint, alpha=0.85, lw=0)
        cpu.axhline(cores, color=theme.INK, lw=1, ls="--")
        memory.fill_between(block.samples.at_s, np.array(block.samples.memory_bytes) / 1e6, step="post",
                            color=tint, alpha=0.85, lw=0)  # fmt: skip
        memory.set_xlabel("s")
        for axes in (cpu, memory):
            for round_ in block.rounds:
                axes.axvspan(round_.at_s, round_.at_s + round_.wall_s, color=theme.GRID, alpha=0.6, lw=0, zorder=0)
            axes.grid(axis="y")
            axes.locator_params(axis="x", nbins=3)
    grid[0][0].set_ylabel("cores used")
    grid[0][0].set_ylim(0, None)
    grid[1][0].set_ylabel("memory, MB")
    grid[1][0].set_ylim(0, None)
    listed = "; ".join(
        f"{names[each.case.key]} {units.count(each.cores_used)} cores, {units.size(each.peak_memory_bytes)}"
        for each in shown
    )
    description = (
        f"CPU and memory over time of one typical block of each case, its rounds shaded, the {cores} usable cores as a "
        f"dashed line. {title}. {listed}."
    )
    return Chart(f"over-time-{file_name(headline)}", title, description, figure)


def speedup_overview(results: Results) -> Chart:
    """Workloads by strategies: how many times as fast as serial, a number in each cell."""
    groups = [(headline, group) for headline, group in results.groups() if any(each.speedup for each in group)]
    cells = {
        (_row_name(headline, results), name): each
        for headline, group in groups
        for each, name in zip(group, labels(group).values(), strict=True)
    }
    rows = list(dict.fromkeys(row for row, _ in cells))
    columns = [name for name in dict.fromkeys(name for _, name in cells) if name != "serial"]
    title = _overview_finding(results)
    figure = theme.slide(title, results.run)
    axes = figure.add_axes((0.15, 0.2, 0.83, 0.56))
    values = np.full((len(rows), len(columns)), math.nan)
    for (row, column), each in cells.items():
        if column in columns and each.speedup is not None:
            values[rows.index(row), columns.index(column)] = math.log2(each.speedup.centre)
    reach = max(1.0, float(np.nanmax(np.abs(values))))
    axes.imshow(values, cmap="RdBu", norm=TwoSlopeNorm(0, -reach, reach), aspect="auto", alpha=0.85)
    for y, row in enumerate(rows):
        for x, column in enumerate(columns):
            _cell(axes, x, y, cells.get((row, column)), reach)
    axes.set_xticks(range(len(columns)), [column.replace(" ", "\n") for column in columns])
    axes.set_yticks(range(len(rows)), rows)
    axes.tick_params(length=0, top=True, labeltop=True, bottom=False, labelbottom=False)
    for side in axes.spines.values():
        side.set_visible(False)
    axes.set_xticks(np.arange(-0.5, len(columns)), minor=True)
    axes.set_yticks(np.arange(-0.5, len(rows)), minor=True)
    axes.grid(which="minor", color="white", lw=3)
    axes.tick_params(which="minor", length=0)
    figure.text(0.02, 0.125, "times as fast as serial on the same inputs; a warm round against a warm round; "
                "below, the 95 % interval", color=theme.SOFT)  # fmt: skip
    listed = "; ".join(
        f"{row} {column} {units.ratio(each.speedup.centre)}" for (row, column), each in cells.items()
        if each.speedup is not None and column != "serial"
    )  # fmt: skip
    return Chart("speedup", title, f"Table of speed-ups over serial as a heat map. {title}. {listed}.", figure)


def _axes(figure: Figure, names: Sequence[str]) -> Axes:
    """Axes with a row for each name, the first on top, and room for the names and for values on the right."""
    longest = max(map(len, names))
    axes = figure.add_axes((min(0.4, 0.035 + 0.0098 * longest), 0.215, 0.0, 0.575))
    left = axes.get_position().x0
    axes.set_position((left, 0.215, 0.755 - left, 0.575))
    axes.set_yticks(range(len(names)), names)
    axes.set_ylim(len(names) - 0.5, -0.5)
    axes.grid(axis="x")
    return axes


def _time_axis(axes: Axes, values: Sequence[float], label: str) -> None:
    """Time from zero; on a logarithmic axis past a tenfold span, and the label says so."""
    axes.set_xlabel(label)
    if values and max(values) / min(values) > LOG_SPAN:
        axes.set_xscale("log")
        axes.set_xlim(min(values) / 1.3, max(values) * 1.3)
        axes.set_xlabel(f"{label} (logarithmic)")
    elif values:
        axes.set_xlim(0, max(values) * 1.04)
    axes.xaxis.set_major_formatter(EngFormatter("s"))


def _key(axes: Axes, ranked: Sequence[Summary]) -> None:
    """What the marks mean, in words above the axes."""
    interval = any(each.wall is not None and each.wall.low is not None for each in ranked)
    parts = ["● median of blocks", "○ a block", "▬ 95 % interval" if interval else "too few blocks for an interval"]
    if any(each.bound_s is not None for each in ranked):
        parts.append("┃ bound: max(longest task, Σ tasks / workers)")
    axes.figure.text(0.02, 0.815, "     ".join(parts), color=theme.SOFT, va="bottom")


def _cell(axes: Axes, x: int, y: int, summary: Summary | None, reach: float) -> None:
    if summary is None or summary.speedup is None:
        axes.text(x, y, "–" if summary is None else str(summary.outcome), ha="center", va="center")
        return
    strong = abs(math.log2(summary.speedup.centre)) > 0.62 * reach
    ink = "white" if strong else theme.INK
    axes.text(x, y - 0.1, units.ratio(summary.speedup.centre), ha="center", va="center", fontsize=20, color=ink)
    low, high = summary.speedup.low, summary.speedup.high
    text = f"n = {summary.speedup.n}" if low is None or high is None else (
        f"{units.significant(low)} – {units.significant(high)}"
    )  # fmt: skip
    axes.text(x, y + 0.25, text, ha="center", va="center", color=ink)


def _split(group: Sequence[Summary]) -> tuple[list[Summary], list[Summary]]:
    """Those with a time, fastest first, and the others."""
    ranked = sorted((each for each in group if each.wall is not None), key=lambda each: each.wall.centre)  # type: ignore[union-attr]
    return ranked, [each for each in group if each.wall is None]


def _finding(ranked: Sequence[Summary], names: dict[str, str]) -> str:
    """The title of a ranking: who is fastest, by how much."""
    best = ranked[0]
    assert best.wall is not None
    text = f"{names[best.case.key]} is fastest, {units.seconds(best.wall.centre)} a round"
    if best.speedup is not None and best.case.strategy != "serial":
        text += f", {units.ratio(best.speedup.centre)} as fast as serial ({units.seconds(best.base_wall_s)})"
    return text


def _overview_finding(results: Results) -> str:
    parts = []
    for headline, group in results.groups():
        known = [each for each in group if each.speedup is not None]
        if known:
            best = max(known, key=lambda each: each.speedup.centre if each.speedup else 0)
            gain = units.ratio(best.speedup.centre) if best.speedup else ""
            parts.append(f"{headline.workload} {best.case.strategy} {gain}")
    return "Most gained over serial: " + ", ".join(parts)


def _value(summary: Summary) -> str:
    assert summary.wall is not None
    ratio = f" · {units.ratio(summary.speedup.centre)} as fast" if summary.speedup else ""
    return units.seconds(summary.wall.centre) + ratio


def _ranking_text(title: str, ranked: Sequence[Summary], names: dict[str, str]) -> str:
    listed = "; ".join(
        f"{names[each.case.key]} {units.seconds(each.wall.centre)}"
        + (f" ({units.seconds(each.wall.low)} to {units.seconds(each.wall.high)})" if each.wall.low else "")
        + (f", bound {units.seconds(each.bound_s)}" if each.bound_s else "")
        for each in ranked
        if each.wall is not None
    )
    return f"Dot chart of the time of a warm round. {title}. {listed}."


def _once_s(summary: Summary) -> float:
    """Start, first round and stop together."""
    return sum(value or 0 for value in (summary.start_s, summary.cold_s, summary.stop_s))


def _block_medians(results: Results) -> dict[str, list[float]]:
    found: dict[str, list[float]] = {}
    for block in _ok_blocks(results):
        found.setdefault(block.case, []).append(float(np.median([each.wall_s for each in block.warm_rounds])))
    return found


def _typical_blocks(results: Results) -> dict[str, Block]:
    """For each case the block whose median round is the middle one."""
    found: dict[str, list[Block]] = {}
    for block in _ok_blocks(results):
        found.setdefault(block.case, []).append(block)
    return {
        key: sorted(blocks, key=lambda block: np.median([each.wall_s for each in block.warm_rounds]))[len(blocks) // 2]
        for key, blocks in found.items()
    }


def _ok_blocks(results: Results) -> Iterator[Block]:
    return (block for block in results.run.blocks if block.outcome is Outcome.OK and block.warm_rounds)


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


def _row_name(headline: Headline, results: Results) -> str:
    scales = {each.scale for each in results.headlines}
    return headline.workload if len(scales) == 1 else f"{headline.workload}\n{headline.scale}"


def file_name(headline: Headline) -> str:
    """A file name that holds nothing but letters, digits and dashes, whatever a run file names its workloads."""
    return "".join(
        each if each.isascii() and each.isalnum() else "-" for each in f"{headline.workload}-{headline.scale}"
    )

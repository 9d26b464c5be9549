"""What all charts share: the record of one, the axes with a row a case, and the blocks behind a case."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import EngFormatter, LogLocator, NullFormatter

from bench.analysis.headline import Headline
from bench.analysis.summary import Summary
from bench.model import Block, Outcome
from bench.report import theme
from bench.report.results import Results

LOG_SPAN = 10


@dataclass(frozen=True, slots=True)
class Chart:
    """A figure with its file name (without ending), title and alt text."""

    name: str
    title: str
    description: str
    figure: Figure


def file_name(headline: Headline) -> str:
    """A file name that holds nothing but letters, digits and dashes, whatever a run file names its workloads."""
    return "".join(
        each if each.isascii() and each.isalnum() else "-" for each in f"{headline.workload}-{headline.scale}"
    )


def baseline_of(results: Results) -> str:
    """The strategy that speed-ups are relative to."""
    return results.run.header.plan.baseline


def ranked_and_others(group: Sequence[Summary]) -> tuple[list[Summary], list[Summary]]:
    """Those with a time, fastest first, and the others."""
    ranked = sorted((each for each in group if each.wall is not None), key=lambda each: each.wall.centre)  # type: ignore[union-attr]
    return ranked, [each for each in group if each.wall is None]


def row_axes(figure: Figure, names: Sequence[str]) -> Axes:
    """Axes with a row for each name, the first on top, and room for the names and for values on the right."""
    names = [theme.short(name) for name in names]
    longest = max(map(len, names))
    axes = figure.add_axes((min(0.4, 0.035 + 0.0098 * longest), 0.215, 0.0, 0.575))
    left = axes.get_position().x0
    axes.set_position((left, 0.215, 0.755 - left, 0.575))
    axes.set_yticks(range(len(names)), names)
    axes.set_ylim(len(names) - 0.5, -0.5)
    axes.grid(axis="x")
    return axes


def time_axis(axes: Axes, values: Sequence[float], label: str) -> None:
    """Time from zero; on a logarithmic axis past a tenfold span, and the label says so."""
    axes.set_xlabel(label)
    if values and max(values) / min(values) > LOG_SPAN:
        axes.set_xscale("log")
        axes.xaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
        axes.xaxis.set_minor_formatter(NullFormatter())
        axes.set_xlim(min(values) / 1.3, max(values) * 1.3)
        axes.set_xlabel(f"{label} (logarithmic)")
    elif values:
        axes.set_xlim(0, max(values) * 1.04)
    axes.xaxis.set_major_formatter(EngFormatter("s"))


def block_medians(results: Results) -> dict[str, list[float]]:
    """For each case the median warm round of each of its blocks, seconds."""
    found: dict[str, list[float]] = {}
    for block in _ok_blocks(results):
        found.setdefault(block.case, []).append(float(np.median([each.wall_s for each in block.warm_rounds])))
    return found


def typical_blocks(results: Results) -> dict[str, Block]:
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

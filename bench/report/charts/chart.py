"""What all charts share: the record of one, the axes with a row a case, and the blocks behind a case."""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from zlib import crc32

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import EngFormatter, LogLocator, NullFormatter

from bench.analysis.groups import Group
from bench.model import Block, Outcome
from bench.report import theme
from bench.report.results import Results

MOST_ROWS = 14
"""What a slide has room for; the tables have all cases."""
LOG_SPAN = 10
_TICKS = ((1.4, (1, 2, 5)), (2.4, (1, 3)), (math.inf, (1,)))
"""Labelled ticks within a decade, by how many decades an axis spans at the most."""


@dataclass(frozen=True, slots=True)
class Chart:
    """A figure with its file name (without ending), title and alt text."""

    name: str
    title: str
    description: str
    figure: Figure
    data: Sequence[Mapping[str, Any]] = ()
    """The numbers that it draws, a row a mark; all rows have the same keys: names with their SI unit. None is unknown."""


def file_name(group: Group) -> str:
    """A name of letters, digits, `_` and one dash, its own for each group, whatever a run file names its workloads."""
    parts = (group.name, group.scale)
    safe = "-".join("".join(each if _is_plain(each) else "_" for each in part)[:80] for part in parts)
    return safe if safe == "-".join(parts) else f"{safe}-{crc32(repr(parts).encode()):08x}"


def _is_plain(character: str) -> bool:
    return character.isascii() and (character.isalnum() or character == "_")


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
        decades = math.log10(max(values) / min(values))
        axes.xaxis.set_major_locator(LogLocator(subs=next(subs for most, subs in _TICKS if decades <= most)))
        axes.xaxis.set_minor_formatter(NullFormatter())
        axes.set_xlim(min(values) / 1.3, max(values) * 1.3)
        axes.set_xlabel(f"{label} (logarithmic)")
    elif values:
        axes.set_xlim(0, max(values) * 1.04)
    axes.xaxis.set_major_formatter(EngFormatter("s"))


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

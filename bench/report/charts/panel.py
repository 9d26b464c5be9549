"""What a panel of CPU and memory over time shows of one block: its samples as steps, readings and gaps."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from bench.analysis.summary import Summary
from bench.records.block import Block

TICKS_WINDOW_S = 0.1
"""What psutil reads of CPU comes in ticks of 10 ms: over less time than this the steps would be those of the clock."""
GAP = 1.5
"""Intervals without a sample that are more than lateness: at least one was missed."""
MOST_POINTS = 60
"""Points that a panel shows; of more samples neighbours are joined."""


@dataclass(frozen=True, slots=True)
class Panel:
    """What is drawn of a case: its typical block."""

    summary: Summary
    block: Block
    cpu: list[tuple[float, float, float]]
    """From when to when, seconds, and how many cores were used meanwhile."""
    memory: list[tuple[float, int]]
    """When, seconds, and the bytes held."""
    gaps: list[tuple[float, float]]
    """From when to when samples were missed, seconds."""
    span_s: float
    """From the block's beginning to its last sample or round."""


def panel_of(summary: Summary, block: Block) -> Panel:
    """What is drawn of a case's block."""
    samples = block.samples
    last_s = [*samples.at_s[-1:], *(each.at_s + each.wall_s for each in block.rounds)]
    return Panel(summary, block, _cores_used(block), _held(block), list(_gaps(block)), max(last_s))


def _gaps(block: Block) -> Iterator[tuple[float, float]]:
    """Where ticks were missed, from when to when in seconds."""
    if (step_s := interval_s(block)) is not None:
        for before_s, after_s in pairwise(block.samples.at_s):
            if after_s - before_s > GAP * step_s:
                yield before_s, after_s


def interval_s(block: Block) -> float | None:
    """Seconds from sample to sample, as asked or as lowered; None where there were none."""
    if block.sampling is None or not block.sampling.hz:
        return None
    return 1 / (block.sampling.hz_lowered_to or block.sampling.hz)


def joined(block: Block) -> int:
    """How many neighbouring samples make a point."""
    return -(-len(block.samples.at_s) // MOST_POINTS) or 1


def _cores_used(block: Block) -> list[tuple[float, float, float]]:
    """CPU used over time passed from one point to the next; of CPU in ticks, over `TICKS_WINDOW_S` at least."""
    ticks = block.sampling is not None and block.sampling.sampler == "psutil"
    shortest_s = TICKS_WINDOW_S if ticks else 0.0
    readings = list(zip(block.samples.at_s, block.samples.cpu_s, strict=True))
    points = readings[:: joined(block)] + (readings[-1:] if (len(readings) - 1) % joined(block) else [])
    found = []
    last = points[0] if points else (0.0, 0.0)
    for at, cpu in points[1:]:
        if at > last[0] and at - last[0] >= shortest_s:
            found.append((last[0], at, (cpu - last[1]) / (at - last[0])))
            last = at, cpu
    return found


def _held(block: Block) -> list[tuple[float, int]]:
    """The memory of each sample, or of joined samples the highest and when it was."""
    readings = list(zip(block.samples.at_s, block.samples.memory_bytes, strict=True))
    step = joined(block)
    return [max(readings[n : n + step], key=lambda each: each[1]) for n in range(0, len(readings), step)]

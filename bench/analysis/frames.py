"""A run as a data frame with one row a block."""

from collections.abc import Iterator

import pandas as pd

from bench.facts.cpu_known import bounds_of
from bench.quantities import CPU, MODES, QUANTITIES, elapsed_s
from bench.records.block import Block, Outcome
from bench.records.run import Run

_ADDED = (CPU, *MODES)
_REDUCED = tuple(each for each in QUANTITIES if each not in _ADDED)
_COLUMNS = (
    "case", "repetition", "start_s", "stop_s", "cold_s", "longest_task_s", "total_task_s", "rounds",
    *(each.name for each in _REDUCED), "cpu_rounds",
    "cpu_below_s", "cpu_above_s", "whole_cpu_below_s", "whole_cpu_above_s",
)  # fmt: skip
_SUMS = (*(each.name for each in _ADDED), "cpu_wall_s")


def blocks_frame(run: Run) -> pd.DataFrame:
    """One row for each `ok` block, its rounds reduced to one number a quantity.

    Columns: case, repetition, start_s, stop_s, cold_s (first round), longest_task_s, total_task_s, rounds (warm),
    `bench.quantities.QUANTITIES` by their names, but CPU and its parts as sums over the warm rounds, because those of a
    case are added up over all its blocks; cpu_rounds (how many rounds have CPU) and cpu_wall_s (how long these took), and
    by how much CPU may be too low and too high in a window, inf where nobody knows. The block is the unit of inference:
    rounds of one process share its layout, hash seed and luck with caches (Hoefler & Belli, SC15; Kalibera & Jones,
    ISMM 2013).
    """
    ok = [block for block in run.blocks if block.outcome is Outcome.OK]
    blocks = pd.DataFrame(map(_row, ok), columns=list(_COLUMNS)).astype(dict.fromkeys(_COLUMNS[2:], float))
    rounds = [(number, *each) for number, block in enumerate(ok) for each in _added(block)]
    added = pd.DataFrame(rounds, columns=["block", *_SUMS]).astype(dict.fromkeys(_SUMS, float))
    return blocks.join(added.groupby("block").sum(min_count=1))


def _share_of_a_call(block: Block) -> float:
    """How much of what is off in a warm round is off in a call, on average over the rounds."""
    warm = block.calls[1:]
    return sum(1 / calls for calls in warm) / len(warm) if warm else 1.0


def _row(block: Block) -> tuple[object, ...]:
    start, stop, kept = block.start, block.stop, block.accounting
    return (
        block.case,
        block.repetition,
        start and start.wall_s,
        stop and stop.wall_s,
        block.per_call[0].wall_s if block.rounds else None,
        block.longest_task_s,
        block.total_task_s,
        max(0, len(block.rounds) - 1),
        *(each.of(block) for each in _REDUCED),
        len(CPU.known(block)),
        *(bound * _share_of_a_call(block) for bound in bounds_of(kept.cpu if kept is not None else None)),
        *bounds_of(kept.whole_cpu if kept is not None else None),
    )


def _added(block: Block) -> Iterator[tuple[float | None, ...]]:
    """What is added up of each warm round."""
    for wall_s, *used in zip(elapsed_s(block), *(block.warm_values(each.name) for each in _ADDED), strict=True):
        yield (*used, None if used[0] is None else wall_s)

"""A run as data frames: one row a round, and one row a block."""

from dataclasses import fields
from operator import attrgetter

import pandas as pd

from bench.facts.cpu_known import bounds_of
from bench.records.block import Block, Outcome
from bench.records.run import Run
from bench.records.use import Window

USED = tuple(each.name for each in fields(Window) if each.name not in {"at_s", "wall_s"})
"""What a window tells besides time: columns of the frames, NaN where unknown."""
SUMS = ("cpu_s", "user_s", "system_s")
"""Of these the rounds of a block are added up, because a single one may be too short for them."""
HIGHEST = ("peak_memory_bytes", "file_cache_bytes", "rss_bytes", "pss_bytes", "uss_bytes")
"""Of these the highest of a block's rounds is taken; of all others the median."""


def rounds_frame(run: Run) -> pd.DataFrame:
    """One row for each round of an `ok` block: what a call in it took and used.

    Columns: case, repetition, round (0 is the cold one), warm, and the fields of `bench.records.use.Window`.
    """
    names = ["at_s", "wall_s", *USED]
    told = attrgetter(*names)
    rows = [
        (block.case, block.repetition, number, number > 0, *told(each))
        for block in run.blocks
        if block.outcome is Outcome.OK
        for number, each in enumerate(block.per_call)
    ]
    frame = pd.DataFrame(rows, columns=["case", "repetition", "round", "warm", *names])
    return frame.astype({"warm": bool, **dict.fromkeys(names, float)})


def blocks_frame(run: Run) -> pd.DataFrame:
    """One row for each `ok` block, its rounds reduced to one number a quantity.

    Columns: case, repetition, start_s, stop_s, cold_s (first round), wall_s (median warm round), warm_wall_s (their
    sum), longest_task_s, total_task_s, rounds (warm), the fields of `bench.records.use.Window` over the warm rounds as
    `SUMS` and `HIGHEST` say, cpu_rounds (how many of them have CPU) and cpu_wall_s (how long these took), CPU of the
    start, the stop and all with the peak of all, and by how much CPU may be too low and too high in a window, inf
    where nobody knows. The block is the unit of inference: rounds of one process share its layout, hash seed and luck
    with caches (Hoefler & Belli, SC15; Kalibera & Jones, ISMM 2013).
    """
    ok = [block for block in run.blocks if block.outcome is Outcome.OK]
    blocks = pd.DataFrame([_block_row(block) for block in ok], columns=list(_BLOCK_COLUMNS))
    blocks = blocks.astype(dict.fromkeys(_BLOCK_COLUMNS[2:], float))
    rounds = rounds_frame(run)
    rounds["cpu_wall_s"] = rounds["wall_s"].where(rounds["cpu_s"].notna())
    warm = rounds[rounds["warm"]].groupby(["case", "repetition"], sort=False)
    middling = [name for name in USED if name not in SUMS + HIGHEST]
    reduced = pd.concat(
        [
            warm["wall_s"].median(),
            warm["wall_s"].sum().rename("warm_wall_s"),
            warm["cpu_wall_s"].sum(),
            warm["cpu_s"].count().rename("cpu_rounds"),
            warm[list(SUMS)].sum(min_count=1),
            warm[list(HIGHEST)].max(),
            warm[middling].median(),
        ],
        axis=1,
    )
    return blocks.merge(reduced.reset_index(), on=["case", "repetition"], how="left")


_BLOCK_COLUMNS = (
    "case", "repetition", "start_s", "stop_s", "cold_s", "longest_task_s", "total_task_s", "rounds",
    "start_cpu_s", "stop_cpu_s", "whole_cpu_s", "whole_peak_memory_bytes",
    "cpu_below_s", "cpu_above_s", "whole_cpu_below_s", "whole_cpu_above_s",
)  # fmt: skip


def _share_of_a_call(block: Block) -> float:
    """How much of what is off in a warm round is off in a call, on average over the rounds."""
    warm = block.calls[1:]
    return sum(1 / calls for calls in warm) / len(warm) if warm else 1.0


def _block_row(block: Block) -> tuple[object, ...]:
    start, stop, whole, kept = block.start, block.stop, block.whole, block.accounting
    return (
        block.case,
        block.repetition,
        start and start.wall_s,
        stop and stop.wall_s,
        block.per_call[0].wall_s if block.rounds else None,
        block.longest_task_s,
        block.total_task_s,
        max(0, len(block.rounds) - 1),
        start and start.cpu_s,
        stop and stop.cpu_s,
        whole and whole.cpu_s,
        whole and whole.peak_memory_bytes,
        *(bound * _share_of_a_call(block) for bound in bounds_of(kept.cpu if kept is not None else None)),
        *bounds_of(kept.whole_cpu if kept is not None else None),
    )

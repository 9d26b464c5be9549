"""A run as data frames: one row a round, and one row a block."""

import pandas as pd

from bench.model import Block, Outcome, Run


def rounds_frame(run: Run) -> pd.DataFrame:
    """One row for each round of an `ok` block.

    Columns: case, repetition, round (0 is the cold one), warm, at_s, wall_s, cpu_s, peak_memory_bytes.
    """
    rows = [
        (block.case, block.repetition, number, number > 0, each.at_s, each.wall_s, each.cpu_s, each.peak_memory_bytes)
        for block in run.blocks
        if block.outcome is Outcome.OK
        for number, each in enumerate(block.rounds)
    ]
    names = ["case", "repetition", "round", "warm", "at_s", "wall_s", "cpu_s", "peak_memory_bytes"]
    frame = pd.DataFrame(rows, columns=names)
    return frame.astype({"warm": bool, "cpu_s": float, "peak_memory_bytes": float})


def blocks_frame(run: Run) -> pd.DataFrame:
    """One row for each `ok` block, its rounds reduced to one number a quantity.

    Columns: case, repetition, start_s, stop_s, cold_s (first round), wall_s (median warm round), warm_wall_s and
    warm_cpu_s (sums over the warm rounds), peak_memory_bytes, longest_task_s, total_task_s, rounds (warm). The block is the unit of inference: rounds of one process share its layout, hash seed and luck with caches
    (Hoefler & Belli, SC15; Kalibera & Jones, ISMM 2013).
    """
    ok = [block for block in run.blocks if block.outcome is Outcome.OK]
    blocks = pd.DataFrame([_block_row(block) for block in ok], columns=list(_BLOCK_COLUMNS))
    rounds = rounds_frame(run)
    warm = rounds[rounds["warm"]].groupby(["case", "repetition"], sort=False)
    reduced = pd.DataFrame(
        {
            "wall_s": warm["wall_s"].median(),
            "warm_wall_s": warm["wall_s"].sum(),
            "warm_cpu_s": warm["cpu_s"].sum(),
            "peak_memory_bytes": warm["peak_memory_bytes"].max(),
        }
    )
    return blocks.merge(reduced.reset_index(), on=["case", "repetition"], how="left")


_BLOCK_COLUMNS = ("case", "repetition", "start_s", "stop_s", "cold_s", "longest_task_s", "total_task_s", "rounds")


def _block_row(block: Block) -> tuple[object, ...]:
    return (
        block.case,
        block.repetition,
        block.start_s,
        block.stop_s,
        block.rounds[0].wall_s if block.rounds else None,
        block.longest_task_s,
        block.total_task_s,
        len(block.warm_rounds),
    )

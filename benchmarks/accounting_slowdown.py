"""Whether work that saturates all cores runs slower while it is sampled. Totals are kept in both arms, as they always are.

Twice: blocks with the series on and off by a supervisor each, in a random order within each pair; and inside of blocks,
two rounds sampled and two not in turns (`accounting_alternating.py`), which leaves out what makes blocks differ.
"""

import random
import statistics
from contextlib import ExitStack

from bench.analysis.signed_rank import ratio_estimate
from bench.quantities import elapsed_call_s
from benchmarks.accounting_alternating import is_sampled
from benchmarks.accounting_measurer import burning, measuring
from benchmarks.accounting_peers import HZ
from benchmarks.accounting_tables import Table

PAIRS, ROUNDS = 30, 5
BLOCKS, ALTERNATING_ROUNDS = 20, 14
"""Of the latter the first two are left out: the cold one, and its neighbour."""
Walls = dict[int, float]


def slowdown(*, short: bool) -> Table:
    """The ratio of times, sampled over not sampled."""
    pairs, blocks = (3, 2) if short else (PAIRS, BLOCKS)
    rows = [
        _row(f"{pairs} pairs of blocks", *_between_blocks(pairs)),
        _row(f"inside {blocks} blocks", *_inside_blocks(blocks)),
    ]
    columns = [f"{HZ} Hz ÷ off", "a round, off", "ratio of medians", "paired ratio", "95 % interval"]
    return Table(columns, rows, "Goal: the interval's upper end is under 1.01.")


def _between_blocks(pairs: int) -> tuple[Walls, Walls]:
    """Median warm rounds of blocks, sampled and not, by pair."""
    (case,) = burning(["pool_map"], "many")
    walls: dict[int, Walls] = {HZ: {}, 0: {}}
    rng = random.Random(1)
    with ExitStack() as stack:
        measurers = {hz: stack.enter_context(measuring(hz)) for hz in walls}
        for pair in range(1, pairs + 1):
            for hz in rng.sample(sorted(walls), 2):
                block = measurers[hz].block(case, pair, ROUNDS)
                walls[hz][pair] = elapsed_call_s(block)
    return walls[HZ], walls[0]


def _inside_blocks(blocks: int) -> tuple[Walls, Walls]:
    """Median rounds of each block, sampled and not, by block."""
    (case,) = burning(["pool_map"], "many")
    walls: dict[bool, Walls] = {True: {}, False: {}}
    with measuring(HZ, "benchmarks.accounting_alternating") as measurer:
        for number in range(1, blocks + 1):
            rounds = list(enumerate(measurer.block(case, number, ALTERNATING_ROUNDS).rounds))[2:]
            for on, values in walls.items():
                values[number] = statistics.median(each.wall_s for i, each in rounds if is_sampled(number, i) is on)
    return walls[True], walls[False]


def _row(name: str, sampled: Walls, alone: Walls) -> list[str]:
    medians = [statistics.median(each.values()) for each in (sampled, alone)]
    ratio = ratio_estimate(sampled, alone)
    assert ratio is not None
    interval = f"{ratio.low:.4f}–{ratio.high:.4f}" if ratio.low and ratio.high else "–"
    return [name, f"{1000 * medians[1]:.0f} ms", f"{medians[0] / medians[1]:.4f}", f"{ratio.centre:.4f}", interval]

"""How a pair of a gate is made up, from what a first, unrecorded pair took."""

import math
from collections.abc import Sequence
from dataclasses import replace

from bench.measure.pairs import PairedCase, Shape
from bench.model import Block, Outcome

TRIAL = Shape(rounds=2, calls=1, alone=False)
_ROUND_S = 0.010
"""Measured on a shared machine at work, 5 to 20 ms: shorter rounds alternate faster than neighbours change, and longer ones
waste less between them."""
_ROUNDS_S, _FEW_ROUNDS_S = 0.22, 0.05
"""Of the warm rounds of a block: about half as long as starting and ending a pair of hosts takes; and where time is short."""
_MOST_CALLS, _MOST_WARM = 1000, 21
_ALONE_CORES = 1.05
"""CPU-seconds a second that one thread uses, and what clocks are off."""


def trial_of(fresh_rounds: int) -> Shape:
    """The shape of a case's first pair; where each round gets inputs of its own, all pairs have as many rounds."""
    return replace(TRIAL, rounds=fresh_rounds or TRIAL.rounds)


def shape_of(
    case: PairedCase, trial: Sequence[Block], took_s: float, pair_s: float, rounds: int | None = None
) -> Shape | None:
    """The shape of the pairs of a case; None where the trial failed in an arm.

    Where there is time for few pairs, they have fewer rounds: more pairs know more than longer ones.

    Both hosts stay on one CPU where the strategy runs nothing beside itself and neither trial used more than one: the CPUs
    of a shared machine are not equally fast at a time. Elsewhere that would hide what is measured.

    Args:
        took_s: what the trial took, from before its hosts were started to their end.
        pair_s: what a pair may take, where there is to be time for as many as are wanted.
        rounds: of each block, where that is known already: a call would then not be worth the same as the one before it.
    """
    if len(trial) < 2 or any(block.outcome is not Outcome.OK for block in trial):
        return None
    warm = [block.warm_rounds[0] for block in trial]
    is_serial = case.head.strategy.isolation == "none"
    alone = is_serial and all(each.cpu_s is not None and each.cpu_s <= _ALONE_CORES * each.wall_s for each in warm)
    if rounds is not None:
        return Shape(rounds, 1, alone)
    once_s = [each.wall_s for each in warm]
    calls = min(_MOST_CALLS, math.ceil(_ROUND_S / min(once_s)))
    mean_s = math.fsum(once_s) / len(once_s)  # with an arm that is much slower, few pairs would fit into the time
    besides_s = took_s - math.fsum(each.wall_s for block in trial for each in block.rounds)
    rounds_s = max(_FEW_ROUNDS_S, min(_ROUNDS_S, (pair_s - besides_s) / 2))
    return Shape(1 + max(1, min(_MOST_WARM, int(rounds_s / (mean_s * calls)))), calls, alone)

"""The noise floor: one case measured as two arms, through everything that a run goes through."""

import statistics
import time
from collections.abc import Callable

from bench.diagnosis import Noise
from bench.measure import catalogue
from bench.measure.cases import PlannedCase, Selection, expand
from bench.measure.conditions import Conditions
from bench.measure.interpreter import python_name
from bench.measure.runner import Measurer, Progress
from bench.model import Block, Outcome

_WORKLOAD, _STRATEGY, _SCALE = "primes", "serial", "quick"
"""Holds a core all the time and waits for nothing: what differs between its blocks is the machine's doing."""
_ROUNDS = 4
_TIME_LIMIT_S = 20.0
_SEED = 1

MeasureBlock = Callable[[PlannedCase, int, int], Block]


def measure_noise(limit_s: float, progress: Progress) -> Noise:
    """Measure pairs of blocks for about so many seconds.

    Raises:
        MeasurementError: if the supervisor ends.
    """
    found = catalogue.find(())
    selection = Selection([_WORKLOAD], [_STRATEGY], _SCALE)
    (case,) = expand(found, selection, python_name(), default_workers=1)
    with Measurer(Conditions(_SEED, _TIME_LIMIT_S, sample_hz=20.0, inputs=None), progress) as measurer:
        return taking_turns(measurer.block, case, limit_s)


def taking_turns(block: MeasureBlock, case: PlannedCase, limit_s: float) -> Noise:
    """Blocks of a case as two arms, A B B A A B …, until another pair would not fit; at least one pair.

    A first block warms the machine's caches and is not kept.
    """
    began_s = time.monotonic()
    arms: tuple[dict[int, float], dict[int, float]] = ({}, {})
    failed = _value_of(block(case, 0, _ROUNDS))[1]
    longest_s = 0.0
    pair = 0
    while not failed and (pair == 0 or time.monotonic() - began_s + longest_s < limit_s):
        pair_began_s = time.monotonic()
        for arm in (arms, arms[::-1])[pair % 2]:
            value_s, failed = _value_of(block(case, pair + 1, _ROUNDS))
            if failed:
                break
            arm[pair] = value_s
        longest_s = max(longest_s, time.monotonic() - pair_began_s)
        pair += 1
    return Noise(case.case.key, time.monotonic() - began_s, *arms, failed)


def _value_of(block: Block) -> tuple[float, str]:
    """The median warm round of a block, seconds, or why there is none."""
    if block.outcome is not Outcome.OK:
        return 0.0, f"{block.outcome}: {block.reason}"
    return statistics.median(each.wall_s for each in block.warm_rounds), ""

"""The noise floor: ensembles of one case with itself, measured as a run measures; what differs between the two is noise."""

import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from random import Random

from bench.machine.interpreter import python_name
from bench.measure.engine.agenda import SHARE_S
from bench.measure.engine.amount import Amount
from bench.measure.engine.ensemble import Ensemble, Entrant, measured
from bench.measure.engine.seats import Seats
from bench.measure.plan import catalogue
from bench.measure.plan.cases import Selection, expand
from bench.quantities import elapsed_call_s
from bench.records.block import Block, Outcome
from bench.records.conditions import Conditions
from bench.records.diagnosis import Noise

_WORKLOAD, _STRATEGY, _SCALE = "primes", "serial", "quick"
"""Holds a core all the time and waits for nothing: what differs between its blocks is the machine's doing."""
_ARMS = ("first", "second")
_TIME_LIMIT_S = 20.0
_SEED = 1

MeasurePair = Callable[[int], Sequence[Block]]
"""Measures the ensemble of this number: a block of each arm."""


def measure_noise(limit_s: float, progress: Callable[[str], None]) -> Noise:
    """Measure ensembles of a case with itself for about so many seconds.

    Raises:
        MeasurementError: if a supervisor cannot be started.
    """
    selection = Selection([_WORKLOAD], [_STRATEGY], _SCALE)
    (case,) = expand(catalogue.find(()), selection, python_name(), default_workers=1)
    rng = Random()  # another order and other layouts each time
    with Seats(Conditions(_SEED, None, _TIME_LIMIT_S, sample_hz=20.0), progress) as seats:

        def pair(number: int) -> Sequence[Block]:
            cases = [replace(case, arm=arm) for arm in _ARMS]
            taken = rng.sample(seats.taken(len(_ARMS)), len(_ARMS))  # neither arm has always the same
            ensemble = Ensemble([Entrant(*each) for each in zip(taken, cases, strict=True)], number, rng)
            return measured(ensemble, [Amount(SHARE_S) for _ in _ARMS])

        return noise_of(pair, case.case.key, limit_s)


def noise_of(measure: MeasurePair, key: str, limit_s: float) -> Noise:
    """Pairs of blocks, until another pair would not fit into the time or a block fails; at least one pair.

    Args:
        measure: gives the next pair.
        key: the case's.
        limit_s: the time, in seconds.
    """
    began_s = time.monotonic()
    first: dict[int, float] = {}
    second: dict[int, float] = {}
    failed, longest_s, number = "", 0.0, 0
    while not failed and (number == 0 or time.monotonic() - began_s + longest_s < limit_s):
        pair_began_s = time.monotonic()
        blocks = measure(number)
        failed = next((f"{each.outcome}: {each.reason}" for each in blocks if each.outcome is not Outcome.OK), "")
        if not failed:
            first[number], second[number] = map(elapsed_call_s, blocks)
        longest_s = max(longest_s, time.monotonic() - pair_began_s)
        number += 1
    return Noise(key, time.monotonic() - began_s, first, second, failed)

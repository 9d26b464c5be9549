"""Why cases are measured by turns: how far ratios to `serial` scatter from block to block, so and one case after another.

    python -m benchmarks.by_turns [MINUTES [WORKLOAD]]

One after another, a repetition is a block of each strategy by itself, in random order, as in versions before 0.7. By turns, it is
an ensemble: all are alive together, and one measures at a time. Both measure the same cases in blocks of the same size and get
the same time, a repetition here and one there, so that what the machine does in that time befalls both. Printed is the
standard deviation of the logarithm of a strategy's time over that of `serial` in the same repetition.
"""

import math
import random
import statistics
import sys
import time
from collections.abc import Sequence

from bench.machine.interpreter import python_name
from bench.measure.engine.agenda import SHARE_S
from bench.measure.engine.amount import Amount
from bench.measure.engine.ensemble import Ensemble, Entrant, measured
from bench.measure.engine.seats import Seats
from bench.measure.plan import catalogue
from bench.measure.plan.cases import PlannedCase, Selection, expand
from bench.quantities import elapsed_call_s
from bench.records.block import Outcome
from bench.records.conditions import Conditions

BASE = "serial"
STRATEGIES = (BASE, "threads", "thread_pool", "process_pool", "pool_map")
MINUTES, WORKLOAD, SCALE, LEAST = 10.0, "primes", "quick", 3
Times = dict[str, list[float]]
"""Seconds a call by strategy, one a repetition."""


def main() -> None:
    """Measure for so long, and print a line for each strategy."""
    minutes = float(sys.argv[1]) if len(sys.argv) > 1 else MINUTES
    workload = sys.argv[2] if len(sys.argv) > 2 else WORKLOAD
    planned = expand(catalogue.find(()), Selection([workload], STRATEGIES, SCALE), python_name(), 2)
    cases = [each for each in planned if not each.unavailable]
    rng = random.Random()
    with Seats(Conditions(1, None, 60, 20), lambda _: None) as seats:

        def ensemble(together: Sequence[PlannedCase], number: int) -> dict[str, float]:
            taken = zip(seats.taken(len(together)), together, strict=True)
            entrants = [Entrant(measurer, case) for measurer, case in taken]
            blocks = measured(Ensemble(entrants, number, rng), [Amount(SHARE_S) for _ in together])
            for block in blocks:
                if block.outcome is not Outcome.OK:
                    raise SystemExit(f"{block.case}: {block.outcome}: {block.reason}")
            return {case.strategy.name: elapsed_call_s(block) for case, block in zip(together, blocks, strict=True)}

        def one_after_another(number: int) -> dict[str, float]:
            found: dict[str, float] = {}
            for case in rng.sample(cases, len(cases)):
                found |= ensemble([case], number)
            return found

        ways = {"one after another": one_after_another, "by turns": lambda number: ensemble(cases, number)}
        times: dict[str, Times] = {way: {case.strategy.name: [] for case in cases} for way in ways}
        spent_s = dict.fromkeys(ways, 0.0)
        until_s = time.monotonic() + 60 * minutes
        while time.monotonic() < until_s or any(len(times[way][BASE]) < LEAST for way in ways):
            way = min(ways, key=spent_s.__getitem__)
            began_s = time.monotonic()
            for strategy, call_s in ways[way](len(times[way][BASE])).items():
                times[way][strategy].append(call_s)
            spent_s[way] += time.monotonic() - began_s
    show(workload, times, spent_s)


def show(workload: str, times: dict[str, Times], spent_s: dict[str, float]) -> None:
    """Print what was found, in percent."""
    for way, found in times.items():
        print(f"{workload}, {way}: {len(found[BASE])} blocks of each in {spent_s[way]:.0f} s")
    print("standard deviation between blocks of the log ratio to serial:")
    ratios = []
    for strategy in times["by turns"]:
        if strategy == BASE:
            continue
        after, turns = (scatter(times[way], strategy) for way in ("one after another", "by turns"))
        ratios.append(after / turns)
        print(
            f"{strategy:14s} one after another {100 * after:6.2f} %, by turns {100 * turns:6.2f} %: "
            f"{ratios[-1]:.1f} times as large"
        )
    print(f"geometric mean: {statistics.geometric_mean(ratios):.1f} times as large")


def scatter(times: Times, strategy: str) -> float:
    """The standard deviation of the log ratio."""
    return statistics.stdev(math.log(one / base) for one, base in zip(times[strategy], times[BASE], strict=True))


if __name__ == "__main__":
    main()

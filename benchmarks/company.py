"""Whether a case's time shows that others of its workload are alive: alone and in an ensemble, by turns.

    python -m benchmarks.company [PAIRS]

Of `primes` at scale `quick` under each of a few strategies: ensembles of it alone, and of all of them together, in random order.
"""

import random
import statistics
import sys
from collections import defaultdict

from bench.analysis.signed_rank import ratio_estimate
from bench.machine.interpreter import python_name
from bench.measure.engine.agenda import SHARE_S
from bench.measure.engine.amount import Amount
from bench.measure.engine.ensemble import Ensemble, Entrant, measured
from bench.measure.engine.seats import Seats
from bench.measure.plan import catalogue
from bench.measure.plan.cases import PlannedCase, Selection, expand
from bench.quantities import elapsed_call_s
from bench.records.conditions import Conditions

STRATEGIES = ("serial", "threads", "thread_pool", "processes", "process_pool", "pool_map", "joblib_loky", "mpire")
PAIRS = 30


def main() -> None:
    """Measure, and print the ratio of the times for each."""
    pairs = int(sys.argv[1]) if len(sys.argv) > 1 else PAIRS
    planned = expand(catalogue.find(()), Selection(["primes"], STRATEGIES, "quick"), python_name(), 2)
    cases = [each for each in planned if not each.unavailable]
    rng = random.Random()
    found: dict[str, dict[str, dict[int, float]]] = defaultdict(lambda: {"alone": {}, "in company": {}})
    with Seats(Conditions(1, None, 60, 20), lambda _: None) as seats:

        def measure(together: list[PlannedCase], number: int, how: str) -> None:
            taken = zip(seats.taken(len(together)), together, strict=True)
            ensemble = Ensemble([Entrant(*each) for each in taken], number, rng)
            for block in measured(ensemble, [Amount(SHARE_S) for _ in together]):
                call_s = elapsed_call_s(block)
                found[block.case.split("/")[2]][how][number] = call_s

        for number in range(pairs):
            ways = [lambda each=each: measure([each], number, "alone") for each in cases]  # noqa: B023 - called below
            ways.append(lambda: measure(cases, number, "in company"))  # noqa: B023
            for way in rng.sample(ways, len(ways)):
                way()
    for strategy, times in found.items():
        ratio = ratio_estimate(times["in company"], times["alone"])
        assert ratio is not None
        interval = "" if ratio.low is None or ratio.high is None else f" ({ratio.low:.3f}-{ratio.high:.3f})"
        middle_ms = 1000 * statistics.median(times["alone"].values())
        print(f"{strategy:14s} alone {middle_ms:7.2f} ms; in company over alone {ratio.centre:.3f}{interval}")


if __name__ == "__main__":
    main()

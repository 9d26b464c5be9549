"""The time the harness reports for a strategy against what a hand-written script of the same idiom measures itself.

Fresh processes of both, interleaved, in a random order within each pair; sampling is on, as by default. The figure is
the ratio of the medians with the interval of the paired ratios.
"""

import json
import random
import statistics
import subprocess
import sys
from pathlib import Path

import pytest

from bench.analysis.signed_rank import ratio_estimate
from bench.machine import environment
from bench.measure.engine.runner import Measurer
from bench.measure.plan import catalogue
from bench.measure.plan.cases import Selection, expand
from bench.quantities import elapsed_call_s
from bench.records.conditions import Conditions

PAIRS, ROUNDS = 60, 10
SCRIPT = Path(__file__).with_name("handwritten.py")


def by_hand(strategy: str) -> float:
    out = subprocess.run([sys.executable, SCRIPT, strategy, str(ROUNDS)], capture_output=True, check=True).stdout
    return statistics.median(json.loads(out)[1:])


@pytest.mark.parametrize("strategy", ["serial", "threads", "thread_pool", "processes", "process_pool", "pool_map"])
def test_reported_time_equals_a_hand_written_scripts(benchmark, strategy):
    selection = Selection(["primes"], [strategy], "quick")
    (case,) = expand(catalogue.find([]), selection, "py", environment.default_workers()[0])
    ours: dict[int, float] = {}
    theirs: dict[int, float] = {}

    def compare():
        rng = random.Random(1)
        with Measurer(Conditions(1, None, 60, 20), lambda _: None) as measurer:
            for pair in range(PAIRS):
                arms = [0, 1]
                rng.shuffle(arms)
                for arm in arms:
                    if arm:
                        theirs[pair] = by_hand(strategy)
                    else:
                        block = measurer.block(case, pair, ROUNDS)
                        ours[pair] = elapsed_call_s(block)

    benchmark.pedantic(compare, rounds=1)
    ratio = ratio_estimate(ours, theirs)
    of_medians = statistics.median(ours.values()) / statistics.median(theirs.values())
    benchmark.extra_info.update(
        ours_s=statistics.median(ours.values()), theirs_s=statistics.median(theirs.values()), of_medians=of_medians,
        paired=ratio.centre, low=ratio.low, high=ratio.high,
    )  # fmt: skip
    print(
        f"\n{strategy}: {statistics.median(ours.values()) * 1e3:.2f} ms here, {statistics.median(theirs.values()) * 1e3:.2f} ms "
        f"by hand; ratio of medians {of_medians:.3f}, of pairs {ratio.centre:.3f} ({ratio.low:.3f}-{ratio.high:.3f})"
    )

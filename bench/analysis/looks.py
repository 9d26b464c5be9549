"""When a run may look at its intervals, and how often each may miss so that the one it stops at holds with 95 %.

Who looks again and again, and stops when an interval is narrow, has the interval of the luckiest moment. So the numbers of
blocks at which a run may look and stop are declared here, and the error of 5 % is divided among them (group-sequential
alpha spending: Pocock, Biometrika 64, 1977; Lan & DeMets, Biometrika 70, 1983; repeated confidence intervals: Jennison &
Turnbull, Journal of the Royal Statistical Society B 51, 1989). Then the probability that the interval of any look misses is
at most 5 %, and so is that of the look at which the run stops, whatever makes it stop.

For signed-rank intervals (`bench.analysis.signed_rank`) that probability is a matter of counting. Among differences that are
independent, symmetric and of one distribution the size of the next has any rank among those before as likely, and its sign
is a coin. Following all ways through the looks at 6, 8, 12 and 20 gives 4.5 %; what later looks add is bounded by the sum of
their errors. Where the spread of the differences changes on the way the sum alone holds for certain, which is 6.5 %;
docs/estimates.md tells what then happens.

Between two looks, and after the last, a run may end once more because its time is over: the error is that of the look before,
and all of it still is at most 5 %.
"""

from bisect import bisect_right
from collections.abc import Mapping

from bench.analysis.estimates import LEVEL, Estimate
from bench.analysis.signed_rank import ratio_estimate
from bench.records.run import Plan

LOOKS = ((6, 1 / 32), (8, 1 / 64), (12, 0.0094), (20, 0.005), (34, 0.0024), (60, 0.0012), (100, 0.0008))
"""Blocks at which a run may look and stop, each with how often its interval may miss. Six are the fewest for 95 %, and take
three fifths of the error; from 8 on each look has about two thirds more blocks, because a few more narrow an interval little."""


def miss(n: int, *, fixed: bool) -> float:
    """How often the interval from `n` blocks, or pairs of them, may miss.

    Args:
        n: values that the interval is made of.
        fixed: whether it was settled beforehand when to stop: then all of the 5 % is this interval's.
    """
    if fixed:
        return 1 - LEVEL
    return LOOKS[max(0, bisect_right(LOOKS, n, key=lambda look: look[0]) - 1)][1]


def next_look(n: int) -> int | None:
    """The fewest blocks, more than `n`, at which a run may look and stop; None after the last look."""
    return next((at for at, _ in LOOKS if at > n), None)


def is_fixed(plan: Plan) -> bool:
    """Whether no interval decides how many blocks there will be: their number was set, or the time ends the run."""
    return plan.repetitions > 0 or plan.precision is None


def paired_ratio(above: Mapping[int, float], below: Mapping[int, float], *, fixed: bool) -> Estimate | None:
    """`above` / `below`, values by repetition, with the error that their number of pairs allows.

    Returns:
        None where no repetition has both.
    """
    return ratio_estimate(above, below, miss(len(above.keys() & below.keys()), fixed=fixed))

"""How a case stands against its base, as far as intervals tell."""

from bench.analysis.estimates import Estimate
from bench.analysis.summary import Summary


def standing(summary: Summary) -> str:
    """`faster`, `slower` or `undecided` against the base; `base`; or the outcome of a case without a time."""
    if summary.wall is None:
        return str(summary.outcome)
    return "base" if summary.is_base else standing_of(summary.speedup)


def standing_of(ratio: Estimate | None) -> str:
    """`faster` where a ratio of the base's time over a case's is certainly above 1, `slower` below; else `undecided`."""
    if ratio is None or ratio.low is None or ratio.high is None or ratio.low <= 1 <= ratio.high:
        return "undecided"
    return "faster" if ratio.low > 1 else "slower"

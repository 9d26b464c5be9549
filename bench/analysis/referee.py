"""Whether a run knows enough: how wide the intervals of its ratios are so far. Standard library alone: it decides while a run measures."""

import math
import statistics
from collections.abc import Sequence

from bench.analysis.estimates import Estimate
from bench.analysis.looks import miss, next_look, paired_ratio
from bench.analysis.signed_rank import time_estimate
from bench.quantities import TIME
from bench.records.block import Block, Outcome

SLOW = 5.0
"""A case that takes so many times as long as the fastest need not be known as well as others."""


class RatioReferee:
    """The blocks of a run so far, and the intervals that they give."""

    def __init__(self, bases: dict[str, str], precision: float | None) -> None:
        """Of no block yet.

        Args:
            bases: by case key, the key of the case that it is compared with; its own where there is none.
            precision: how far the ends of an interval may be from its middle, as a share; None: nothing is ever narrow.
        """
        self._bases = bases
        self._precision = precision
        self._calls_s: dict[str, dict[int, float]] = {}

    def also(self, bases: dict[str, str]) -> None:
        """Cases that are taken on, as `bases` has them."""
        self._bases = self._bases | bases

    def add(self, block: Block) -> None:
        """Count a block; one that did not end well says nothing."""
        if block.outcome is Outcome.OK and (call_s := TIME.of(block)) is not None:
            self._calls_s.setdefault(block.case, {})[block.repetition] = call_s

    def is_narrow(self, keys: Sequence[str], *, at_a_look: bool = True) -> bool:
        """Whether the intervals of these cases, which do the same work, are as narrow as was asked for.

        Args:
            keys: of the cases.
            at_a_look: whether a run may stop for that only at a declared number of blocks.
        """
        if self._precision is None:
            return False
        middles = {key: statistics.median(self._calls_s[key].values()) for key in keys if key in self._calls_s}
        fastest_s = min(middles.values(), default=0.0)
        near = [key for key, middle_s in middles.items() if middle_s <= SLOW * fastest_s]
        return all(_half_width(self._estimate(key), at_a_look) <= math.log1p(self._precision) for key in near)

    def _estimate(self, key: str) -> Estimate | None:
        """Of the case's ratio to its base; of its own times where it has none, and of nothing where it is one for others."""
        base = self._bases[key]
        if base == key:
            is_alone = sum(each == key for each in self._bases.values()) == 1
            times_s = self._calls_s[key]
            return time_estimate(times_s.values(), miss(len(times_s), fixed=False)) if is_alone else None
        return paired_ratio(self._calls_s.get(base, {}), self._calls_s[key], fixed=False)


def _half_width(estimate: Estimate | None, at_a_look: bool) -> float:
    """Of the logarithm; infinite where there is no interval at which a run may stop, and nothing where there is nothing to estimate."""
    if estimate is None:
        return 0.0
    if estimate.low is None or estimate.high is None or (at_a_look and next_look(estimate.n - 1) != estimate.n):
        return math.inf
    return math.log(estimate.high / estimate.low) / 2

"""The k-th smallest of all differences between two samples, or of all sums within one, without making all of them.

A million values against a million are 10^12. With both samples in order, the differences grow along each row and each column, also as floats: rounding keeps order. Two
pivots, taken from a sample of what is left so that the wanted rank is likely between them, are found in each row by bisection,
and what lies beyond them is left out, until what is left can be sorted (Floyd & Rivest, Communications of the ACM 18, 1975, for
rows in order as in Johnson & Mizoguchi, SIAM Journal on Computing 7, 1978).
"""

from collections.abc import Sequence
from typing import Any

import numpy as np

_SAMPLE = 4_000
_MARGIN = 3.0
"""Standard errors of a rank in the sample that the pivots lie apart from it."""
_FEWEST_TO_SORT = 20_000


class Differences:
    """All differences between a value of the one sample and a value of the other, in their order."""

    def __init__(self, minuends: Sequence[float], subtrahends: Sequence[float]) -> None:
        """Put the samples in order."""
        self._rows = np.sort(np.asarray(minuends, float))
        self._columns = np.sort(np.asarray(subtrahends, float))[::-1].copy()  # so that rows grow
        self._begins = np.zeros(len(self._rows), np.int64)  # what is before that in a row does not count
        self._to_sort = max(_FEWEST_TO_SORT, 4 * (len(self._rows) + len(self._columns)))

    def __len__(self) -> int:
        """How many there are."""
        return len(self._rows) * len(self._columns) - int(self._begins.sum())

    def __getitem__(self, rank: int) -> float:
        """The one with so many before it, from 0 on; exactly what sorting all would give.

        Raises:
            IndexError: if there are not so many.
        """
        if not 0 <= rank < len(self):
            raise IndexError(rank)
        random = np.random.default_rng(0)
        first = self._begins
        rank += int(first.sum())
        end = np.full(len(self._rows), len(self._columns), np.int64)
        is_narrow = True
        while (left := int((end - first).sum())) > self._to_sort:
            sample = self._sample(random, first, end)
            place = (rank - int(first.sum())) / left * len(sample)
            margin = _MARGIN * np.sqrt(len(sample)) / 2 if is_narrow else 0.0
            low = sample[max(0, int(place - margin))]
            high = sample[min(len(sample) - 1, int(place + margin))]
            from_low, after_high = self._positions(low, first, end, "<"), self._positions(high, first, end, "<=")
            if rank < from_low.sum():
                end = from_low
            elif rank >= after_high.sum():
                first = after_high
            elif low == high:
                return float(low)
            else:
                first, end = from_low, after_high
            is_narrow = int((end - first).sum()) < left / 2  # many are equal else: one pivot always leaves some out
        return float(np.sort(self._listed(first, end))[rank - int(first.sum())])

    def _sample(self, random: np.random.Generator, first: Any, end: Any) -> Any:
        """Some of what is left, in order; all of it is as likely."""
        upto = np.cumsum(end - first)
        drawn = random.integers(0, upto[-1], _SAMPLE)
        rows = np.searchsorted(upto, drawn, "right")
        columns = end[rows] - (upto[rows] - drawn)
        return np.sort(self._rows[rows] - self._columns[columns])

    def _positions(self, value: float, first: Any, end: Any, relation: str) -> Any:
        """Where in each row those end that are before a value (`<`), or at most it (`<=`)."""
        low, high = first.copy(), end.copy()
        last = len(self._columns) - 1
        while (is_open := low < high).any():
            middle = (low + high) // 2
            differences = self._rows - self._columns[np.minimum(middle, last)]
            is_before = differences < value if relation == "<" else differences <= value
            low = np.where(is_open & is_before, middle + 1, low)
            high = np.where(is_open & ~is_before, middle, high)
        return low

    def _listed(self, first: Any, end: Any) -> Any:
        amounts = end - first
        rows = np.repeat(np.arange(len(amounts)), amounts)
        columns = np.arange(len(rows)) - np.repeat(np.cumsum(amounts) - amounts, amounts) + first[rows]
        return self._rows[rows] - self._columns[columns]


class WalshSums(Differences):
    """All sums of two values of a sample, each also with itself, in their order: twice its Walsh averages."""

    def __init__(self, values: Sequence[float]) -> None:
        """Put the values in order: a sum is the difference to a negated value, and each pair counts once."""
        super().__init__(values, [-each for each in values])
        self._begins = np.arange(len(values), dtype=np.int64)

"""The median of values that come one after another, known at every moment: a look costs nothing, however many there are."""

from heapq import heappush, heappushpop


class RunningMedian:
    """The lower half of the values so far and the upper one, each as a heap whose top is next to the middle."""

    def __init__(self) -> None:
        self._lower: list[float] = []  # negated, so that the largest is on top
        self._upper: list[float] = []

    def add(self, value: float) -> None:
        """Count a value, in the logarithm of their number."""
        if len(self._lower) == len(self._upper):
            heappush(self._lower, -heappushpop(self._upper, value))
        else:
            heappush(self._upper, -heappushpop(self._lower, -value))

    @property
    def value(self) -> float:
        """The median: of an even number of values the mean of the two in the middle.

        Raises:
            IndexError: if there is no value.
        """
        low = -self._lower[0]
        return low if len(self._lower) > len(self._upper) else (low + self._upper[0]) / 2

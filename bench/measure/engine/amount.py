"""How many rounds a block has and how many calls a round, from what calls take."""

import math

TURN_S = 0.020
"""Of a round, at the least: long enough to count, and short beside the seconds for which a shared machine changes its speed. Measured
on a machine at work, 5 to 20 ms are best."""
MOST_CALLS, MOST_ROUNDS = 1000, 21
SHORT_S = 2 * TURN_S
"""Of rounds that are so short there may be more than fit."""
_OTHERS_SEEN, _LONGEST_SEEN_S = 4, 0.1
"""A round begins with a call that no time is taken of, because others had their turns, filled the caches and let workers sleep
meanwhile: where there is time for it and a call is so short that it would be seen, or from so many calls on in any case."""


def calls_in(round_s: float, call_s: float) -> int:
    """How many calls of so many seconds a round needs that is to last so long."""
    return max(1, min(MOST_CALLS, math.ceil(round_s / call_s)))


class Amount:
    """Of one block: what it may take decides, and what its calls take."""

    def __init__(self, share_s: float, call_s: float | None = None, rounds: int | None = None, fewest: int = 1) -> None:
        """Before anything is measured.

        Args:
            share_s: how long all its warm rounds together may take; one there is in any case.
            call_s: what a warm call takes, where that is known from earlier blocks.
            rounds: that it has after the first, where that was asked for.
            fewest: that it has at the least, where they are short.
        """
        self._share_s = share_s
        self._call_s = call_s
        self._is_known = call_s is not None
        self._rounds = rounds
        self._fewest = fewest
        self._most_calls = MOST_CALLS

    def first(self, took_s: float, most_calls: int = MOST_CALLS) -> None:
        """A call of the first round took so long: no later one takes much longer. No round may have more calls than `most_calls`."""
        self._most_calls = most_calls
        if not self._is_known:
            self._call_s = took_s

    def warm(self, took_s: float) -> None:
        """A call of a later round took so long."""
        self._call_s = took_s
        self._is_known = True

    @property
    def calls(self) -> int:
        """In the next round."""
        return min(self._most_calls, self._wanted)

    @property
    def _wanted(self) -> int:
        """Calls that a round needs in order to be long enough."""
        return calls_in(TURN_S, self._call_s) if self._call_s else 1

    @property
    def untimed(self) -> int:
        """Calls before it that no time is taken of."""
        if self._wanted > self._most_calls:
            return 0
        call_s = self._call_s or 0.0
        has_time = call_s <= _LONGEST_SEEN_S and (self.calls + 1) * call_s <= self._share_s
        return int(has_time or self.calls >= _OTHERS_SEEN)

    @property
    def rounds(self) -> int:
        """After the first."""
        if self._rounds is not None:
            return self._rounds
        round_s = (self.calls + self.untimed) * (self._call_s or TURN_S)
        fewest = self._fewest if round_s <= SHORT_S else 1
        return max(fewest, min(MOST_ROUNDS, int(self._share_s / round_s)))


class Fixed(Amount):
    """So many rounds of so many calls, whatever they take."""

    def __init__(self, rounds: int, calls: int = 1) -> None:
        """`rounds` after the first."""
        super().__init__(0.0, None, rounds)
        self._fixed_calls = calls

    @property
    def _wanted(self) -> int:
        return self._fixed_calls

    @property
    def untimed(self) -> int:
        """None."""
        return 0

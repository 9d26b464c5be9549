"""What the blocks of each case take of an ensemble, and how the time that is left over is shared out among their rounds."""

import math
import statistics
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from bench.measure.amount import MOST_ROUNDS
from bench.model import Block, Outcome

_HOST_S = 0.05
"""What a host takes to get ready and to leave, beside others that do."""
_PRIOR = 2.0
"""Degrees of freedom that the noise of all cases of a work counts for, beside a case's own: a first block has few rounds."""
_HALVINGS = 60


@dataclass(slots=True)
class Costs:
    """What a block of each case took last, by case key, seconds."""

    _all_s: dict[str, float] = field(default_factory=dict)
    _extra_s: dict[str, float] = field(default_factory=dict)
    """Of that, the rounds beyond the second."""

    def learn(self, blocks: Sequence[Block], took_s: float) -> None:
        """An ensemble of these blocks took so long; each has its share of that by its windows, or all its time if it did not end well."""
        own_s = [_own_s(each) for each in blocks]
        for block, mine_s in zip(blocks, own_s, strict=True):
            scale = took_s / sum(own_s)
            self._all_s[block.case] = scale * mine_s
            self._extra_s[block.case] = scale * sum(each.wall_s for each in block.rounds[2:])

    def of(self, keys: Iterable[str]) -> float:
        """What an ensemble of these takes; what was never measured counts for nothing."""
        return sum(self._all_s.get(key, 0.0) for key in keys)

    def least(self, keys: Iterable[str]) -> float:
        """What one takes with a warm round each."""
        return sum(self._all_s.get(key, 0.0) - self._extra_s.get(key, 0.0) for key in keys)


def _own_s(block: Block) -> float:
    if block.outcome is not Outcome.OK and block.whole is not None:
        return _HOST_S + block.whole.wall_s  # it may have hung without a window of its own
    return _HOST_S + sum(each.wall_s for each in (block.start, *block.rounds, block.stop) if each)


@dataclass(slots=True)
class Noise:
    """How far the warm rounds of a block are apart: variances of their logarithms."""

    _squares: dict[str, tuple[float, int]] = field(default_factory=dict)
    """By case key: the sum of squares about the mean, and its degrees of freedom."""

    def learn(self, block: Block) -> None:
        """Count a block's rounds."""
        logs = [math.log(each.wall_s) for each in block.warm_rounds if each.wall_s > 0]
        if len(logs) > 1:
            squares, freedom = self._squares.get(block.case, (0.0, 0))
            mean = statistics.fmean(logs)
            self._squares[block.case] = squares + sum((each - mean) ** 2 for each in logs), freedom + len(logs) - 1

    def of(self, keys: Sequence[str]) -> dict[str, float]:
        """The variance of each of these cases, which do the same work, by key; nothing where none has more than one warm round."""
        known = {key: self._squares.get(key, (0.0, 0)) for key in keys}
        freedom = sum(mine for _, mine in known.values())
        if not freedom:
            return {}
        shared = sum(squares for squares, _ in known.values()) / freedom
        return {key: (squares + _PRIOR * shared) / (mine + _PRIOR) for key, (squares, mine) in known.items()}


def shared_out(extra_s: float, variances: Mapping[str, float], rounds_s: Mapping[str, float]) -> dict[str, int]:
    """How many rounds each case gets so that the means of all are about as well known.

    Args:
        extra_s: what all rounds beyond the first of each may take together.
        variances: of a round, by case.
        rounds_s: what a round takes, by case.

    Returns:
        From 1 to `MOST_ROUNDS` for each.
    """

    def rounds(wanted: float) -> dict[str, int]:
        return {
            key: MOST_ROUNDS if variance >= MOST_ROUNDS * wanted else max(1, int(variance / wanted))
            for key, variance in variances.items()
        }

    def takes_s(counts: Mapping[str, int]) -> float:
        return sum((count - 1) * rounds_s[key] for key, count in counts.items())

    low, high = (
        0.0,
        max(variances.values(), default=0.0) or 1.0,
    )  # of the variance of a mean: too small, and large enough
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        low, high = (low, middle) if takes_s(rounds(middle)) <= extra_s else (middle, high)
    return rounds(high)

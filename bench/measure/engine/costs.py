"""What the blocks of each case take of an ensemble."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from bench.records.block import Block, Outcome

_HOST_S = 0.05
"""What a host takes to get ready and to leave, beside others that do."""


@dataclass(slots=True)
class Costs:
    """What a block of each case took last, by case key, seconds."""

    _took_s: dict[str, float] = field(default_factory=dict)

    def learn(self, blocks: Sequence[Block], took_s: float) -> None:
        """An ensemble of these blocks took so long; each has its share of that by its windows, or all its time if it did not end well."""
        own_s = [_own_s(each) for each in blocks]
        for block, mine_s in zip(blocks, own_s, strict=True):
            self._took_s[block.case] = took_s * mine_s / sum(own_s)

    def of(self, keys: Iterable[str]) -> float:
        """What an ensemble of these takes; what was never measured counts for nothing."""
        return sum(self._took_s.get(key, 0.0) for key in keys)


def _own_s(block: Block) -> float:
    if block.outcome is not Outcome.OK and block.whole is not None:
        return _HOST_S + block.whole.wall_s  # it may have hung without a window of its own
    return _HOST_S + sum(each.wall_s for each in (block.start, *block.rounds, block.stop) if each)

"""A contest: one case in both arms of a gate, how far it is, and what its next pair of blocks is made of.

Both blocks of a pair have as many rounds and calls, whichever arm is slower.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from bench.facts import caching
from bench.measure.engine.amount import MOST_CALLS, MOST_ROUNDS, Amount, calls_in
from bench.measure.plan.cases import PlannedCase
from bench.quantities import elapsed_call_s
from bench.records.block import Block, Outcome

ARMS = ("base", "head")
_ROUND_S = 0.010
"""Measured on a shared machine at work, 5 to 20 ms: shorter rounds alternate faster than neighbours change, and longer ones
waste less between them."""
_ROUNDS_S, _FEW_ROUNDS_S = 0.22, 0.05
"""Of the warm rounds of a block: about half as long as starting and ending a pair of hosts takes; and where time is short."""
_ALONE_CORES = 1.05
"""CPU-seconds a second that one thread uses, and what clocks are off."""


@dataclass(frozen=True, slots=True)
class Size:
    """How much a block measures."""

    rounds: int
    """The first included."""
    calls: int
    """Of the strategy, in each round but the first."""


LEAST = Size(rounds=2, calls=1)


def size_of(calls_s: Sequence[float], besides_s: float, pair_s: float) -> Size:
    """What the blocks of a pair measure. Where there is time for few pairs, they have fewer rounds: more pairs know more than longer ones.

    Args:
        calls_s: what a call takes in each arm.
        besides_s: what a pair takes beside its rounds.
        pair_s: what one may take, where there is to be time for as many as are wanted.
    """
    calls = calls_in(_ROUND_S, min(calls_s))
    mean_s = math.fsum(calls_s) / len(calls_s)  # with an arm that is much slower, few pairs would fit into the time
    rounds_s = max(_FEW_ROUNDS_S, min(_ROUNDS_S, (pair_s - besides_s) / 2))
    return Size(1 + max(1, min(MOST_ROUNDS, int(rounds_s / (mean_s * calls)))), calls)


class PairAmount(Amount):
    """How much both blocks of a pair measure: one object for the two, so that they get the same."""

    def __init__(self, decide: Callable[[Sequence[float]], Size]) -> None:
        """Before the first rounds; `decide` is told what a call took in them, of each arm that got through it."""
        super().__init__(0.0)
        self._decide = decide
        self._firsts_s: list[float] = []
        self._most_calls = MOST_CALLS
        self._size: Size | None = None

    def first(self, took_s: float, most_calls: int = MOST_CALLS) -> None:
        """A call of the first round of an arm took so long; no time where the arm ended in it."""
        self._firsts_s.append(took_s)
        self._most_calls = min(self._most_calls, most_calls)

    @property
    def _decided(self) -> Size:
        if self._size is None:
            are_both = len(self._firsts_s) == len(ARMS) and all(self._firsts_s)
            self._size = self._decide(self._firsts_s) if are_both else LEAST  # where an arm has failed
        return self._size

    @property
    def rounds(self) -> int:
        """After the first."""
        return self._decided.rounds - 1

    @property
    def calls(self) -> int:
        """In each of them."""
        return min(self._most_calls, self._decided.calls)

    @property
    def untimed(self) -> int:
        """None."""
        return 0


@dataclass(slots=True)
class Contest:
    """A case that both arms have, and how far it is."""

    base: PlannedCase
    head: PlannedCase
    """Of the same case, whose key is the head's, though the interpreter and where the workload is defined may differ."""
    number: int = 0
    """Of the next pair."""
    pairs: int = 0
    """That both arms have."""
    spent_s: float = 0.0
    """By this command."""
    last_s: float = 0.0
    """On the last pair."""
    besides_s: float = 0.0
    """How much of that its rounds did not take."""
    calls_s: list[float] = field(default_factory=list)
    """What a warm call took in each arm of the last pair."""
    is_looked_up: bool = False
    """Whether results come from a cache: warm rounds say nothing then."""
    uses_one_core: bool = True
    """Whether no block so far has used more."""
    _half: Block | None = None

    @property
    def key(self) -> str:
        """The case's key in the run file."""
        return self.head.case.key

    @property
    def arms(self) -> tuple[PlannedCase, PlannedCase]:
        """In the order of `ARMS`."""
        return self.base, self.head

    @property
    def is_alone(self) -> bool:
        """Whether both hosts of the next pair stay on one CPU: the CPUs of a shared machine are not equally fast at a time.

        Only where nothing of the case was seen to run beside another part of it, which would be hidden.
        """
        return self.pairs > 0 and self.uses_one_core and self.head.strategy.isolation == "none"

    def learn(self, block: Block) -> None:
        """Count a block. One that lacks that of the other arm, because the command was killed between them, makes no pair."""
        self.number = max(self.number, block.repetition + 1)
        self.uses_one_core = self.uses_one_core and _used_one_core(block)
        self.is_looked_up = self.is_looked_up or caching.are_looked_up(block.repeats)
        other, self._half = self._half, block
        if other is None or other.repetition != block.repetition:
            return
        self._half = None
        self.pairs += 1
        pair = (other, block) if other.arm == ARMS[0] else (block, other)
        self.calls_s = [elapsed_call_s(each) for each in pair if each.warm_rounds]

    def took(self, seconds: float, blocks: Sequence[Block]) -> None:
        """A pair was measured in so long."""
        self.spent_s += seconds
        self.last_s = seconds
        self.besides_s = seconds - math.fsum(each.wall_s for block in blocks for each in block.rounds)


def _used_one_core(block: Block) -> bool:
    """Whether the warm rounds together used no more; not, where that is not known."""
    used_s = [each.cpu_s for each in block.rounds[1:]]
    known_s = [each for each in used_s if each is not None]
    if block.outcome is not Outcome.OK or len(known_s) < len(used_s):
        return False
    return math.fsum(known_s) <= _ALONE_CORES * math.fsum(each.wall_s for each in block.rounds[1:])

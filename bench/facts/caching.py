"""Whether results come from a cache: what a case does that looks them up, and nothing else does.

Warm rounds that are far faster than the first may have many causes: an import in the first call, a pool that starts, caches
of files. What tells a cache of results from them is that *every* input is slow when it comes for the first time, and fast
when an equal one comes again. No library is known by name here.
"""

from collections.abc import Iterable
from dataclasses import replace

from bench.quantities import elapsed_call_s
from bench.records.block import Block, Outcome
from bench.records.result import Repeats

FASTER, WARM_FASTER = 3.0, 1.5
"""How many times as fast a second call has to be; and a warm round, where several workers have a cache each and find in
theirs what they happened to get before."""
_LEAST_S = 1e-4
"""That a first round takes longer than a warm one: less is what any code takes when a processor sees it first."""
_TICK_S = 1e-9
_SHARE = 0.2
"""Of the inputs that have to be as much faster the second time: a neighbour slows a few first calls down, not so many."""


def is_faster_warm(block: Block) -> bool:
    """Whether the warm rounds of a block are so much faster than its first that it is worth a look why."""
    if block.outcome is not Outcome.OK or not block.warm_rounds:
        return False
    first_s, warm_s = block.per_call[0].wall_s, elapsed_call_s(block)
    return first_s >= WARM_FASTER * warm_s and first_s - warm_s >= _LEAST_S


def are_looked_up(repeats: Repeats | None) -> bool:
    """Whether second calls with equal inputs give what the first ones have made.

    The very first call does not count, because what it is the first to import or to fill takes long as well; nor does the
    input that gained the most, where there are more: a neighbour may have slowed its first call down. Of a single input
    there is nothing but that call: it counts where both gave the same object, of a kind that code makes anew.
    """
    if repeats is None or not repeats.first_s:
        return False
    calls = list(zip(repeats.first_s, repeats.again_s, strict=True))
    if len(calls) == 1:
        return repeats.is_same_object and calls[0][0] >= FASTER * calls[0][1]
    later = sorted(calls[1:], key=lambda call: call[0] / max(call[1], _TICK_S))
    counted = later[:-1] if len(later) > 1 else later
    faster = sum(first_s >= FASTER * again_s for first_s, again_s in counted)
    if faster < max(1, _SHARE * len(counted)):
        return False
    return sum(first_s for first_s, _ in counted) >= FASTER * sum(again_s for _, again_s in counted)


class Evidence:
    """What the blocks of a case say so far; only those that ended well count."""

    def __init__(self) -> None:
        self._are_looked_up, self._are_faster = False, True

    def add(self, block: Block) -> None:
        """Take what a block says."""
        if block.outcome is Outcome.OK:
            self._are_looked_up = self._are_looked_up or are_looked_up(block.repeats)
            self._are_faster = self._are_faster and is_faster_warm(block)

    @property
    def is_cached(self) -> bool:
        """Whether the warm rounds have results that come from a cache."""
        return self._are_looked_up and self._are_faster


def is_cached(blocks: Iterable[Block]) -> bool:
    """Whether the blocks of a case, those that ended well, have warm rounds of results that come from a cache."""
    evidence = Evidence()
    for block in blocks:
        evidence.add(block)
    return evidence.is_cached


def of_first_round(block: Block) -> Block:
    """The block with its first round in place of the warm ones, for whoever computes with these."""
    return replace(block, rounds=block.rounds[:1] * 2, calls=block.calls[:1] * 2, cpu_waits_s=block.cpu_waits_s[:1] * 2)

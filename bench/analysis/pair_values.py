"""What a pair of blocks, one of each arm of a gate, gives: their quantities and the ratio."""

import math
import statistics

from bench.quantities import COMPARED, TIME, Quantity, elapsed_s, times_s
from bench.records.block import Block


class Unknown(Exception):  # noqa: N818 - a fact
    """A quantity of a block that nobody knows; the message says why."""


def log_ratio(base: Block, head: Block, quantity: str) -> float:
    """The log of head / base for a pair of blocks.

    Of times it is the median over the warm rounds that were measured one after the other: a neighbour who slows the
    machine for a while slows both.

    Raises:
        Unknown: if one of the two is not known, or nothing was used.
    """
    if COMPARED[quantity] is TIME:
        pairs = list(zip(*times_of(base, head), strict=False))
        if not pairs:
            raise Unknown("no warm round was measured")
        return statistics.median(math.log(now) - math.log(then) for then, now in pairs)
    then, now = values_of(base, head, quantity)
    return math.log(now) - math.log(then)


def values_of(base: Block, head: Block, quantity: str) -> tuple[float, float]:
    """A quantity of both blocks of a pair, in its unit.

    Raises:
        Unknown: if one is not known, or nothing was used.
    """
    of = COMPARED[quantity]
    if of is TIME:
        base_s, head_s = times_of(base, head)
        return of.reduce(base_s), of.reduce(head_s)
    return _used(base, of), _used(head, of)


def times_of(base: Block, head: Block) -> tuple[list[float], list[float]]:
    """The times of a pair of blocks, in both without waits for the CPU or in none, so that neither has an advantage."""
    are_known = base.undelayed_wall_s is not None and head.undelayed_wall_s is not None
    return (times_s(base), times_s(head)) if are_known else (elapsed_s(base), elapsed_s(head))


def _used(block: Block, of: Quantity) -> float:
    found = of.of(block)
    what = of.words.precise
    if found is None:
        why = block.accounting.unknown.get(of.name, "") if block.accounting else ""
        raise Unknown(f"{what} of the {block.arm} is unknown{': ' if why else ''}{why}")
    if found <= 0:
        raise Unknown(f"{what} of the {block.arm} is too little to be measured")
    return found

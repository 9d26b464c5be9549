"""What a pair of blocks, one of each arm of a gate, gives: their quantities and the ratio."""

import math
import statistics
from collections.abc import Callable, Iterable

from bench.records.block import Block

Reduction = Callable[[list[float]], float]


class Unknown(Exception):  # noqa: N818 - a fact
    """A quantity of a block that nobody knows; the message says why."""


def log_ratio(base: Block, head: Block, quantity: str) -> float:
    """The log of head / base for a pair of blocks.

    Of times it is the median over the warm rounds that were measured one after the other: a neighbour who slows the
    machine for a while slows both. CPU is summed over the warm rounds, because its clock may be coarse.

    Raises:
        Unknown: if one of the two is not known, or nothing was used.
    """
    if quantity == "time":
        pairs = list(zip(*times_of(base, head), strict=False))
        if not pairs:
            raise Unknown("no warm round was measured")
        return statistics.median(math.log(now) - math.log(then) for then, now in pairs)
    then, now = values_of(base, head, quantity)
    return math.log(now) - math.log(then)


def values_of(base: Block, head: Block, quantity: str) -> tuple[float, float]:
    """A quantity of both blocks of a pair, for one call of the strategy: seconds, CPU-seconds or bytes at the highest.

    Raises:
        Unknown: if one is not known, or nothing was used.
    """
    if quantity == "time":
        base_s, head_s = times_of(base, head)
        return statistics.median(base_s), statistics.median(head_s)
    return _used(base, quantity), _used(head, quantity)


def times_of(base: Block, head: Block) -> tuple[list[float], list[float]]:
    """What a call took in each warm round of a pair of blocks, seconds.

    Without what the rounds waited for a CPU that others used, where that is known of both: what a neighbour takes away is
    none of the code's doing. One rule for both, so that none has an advantage.
    """
    base_s, head_s = base.unhindered_s, head.unhindered_s
    if base_s is None or head_s is None:
        base_s, head_s = ([each.wall_s for each in block.warm_rounds] for block in (base, head))
    return base_s, head_s


def _used(block: Block, quantity: str) -> float:
    if quantity == "cpu":
        used = [each.cpu_s for each in block.warm_rounds]
        return _known(block, "cpu_s", used, sum) / max(1, len(used))
    return _known(block, "peak_memory_bytes", [each.peak_memory_bytes for each in block.warm_rounds], max)


def _known(block: Block, name: str, values: Iterable[float | None], reduce: Reduction) -> float:
    there = list(values)
    known = [each for each in there if each is not None]
    what = name.removesuffix("_s").removesuffix("_bytes").replace("_", " ").replace("cpu", "CPU")
    if not known or len(known) < len(there):
        why = block.accounting.unknown.get(name, "") if block.accounting else ""
        raise Unknown(f"{what} of the {block.arm} is unknown{': ' if why else ''}{why}")
    found = reduce(known)
    if found <= 0:
        raise Unknown(f"{what} of the {block.arm} is too little to be measured")
    return found

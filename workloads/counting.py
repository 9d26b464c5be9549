"""Updates of one state by workers: additions, so that their order does not matter and a lost one shows."""

from random import Random

from bench import workload
from bench.patterns.share import Sharing

SLOTS = 16


def one_slot(updates: int, _: Random) -> Sharing:
    """All updates go to one number."""
    return Sharing(updates)


def many_slots(updates: int, _: Random) -> Sharing:
    """The updates go to the slots of a histogram."""
    return Sharing(updates, SLOTS)


@workload(pattern="share", inputs=one_slot, scales={"quick": 1_000, "standard": 3_000})
def counter(number: int) -> tuple[int, int]:
    """Count up one number together."""
    return 0, 1


@workload(pattern="share", inputs=many_slots, scales={"quick": 4_000, "standard": 20_000})
def histogram(number: int) -> tuple[int, int]:
    """Add amounts to 16 slots together; slot and amount follow from the update's number."""
    mixed = number * 2_654_435_761 % 2**32  # Knuth's multiplicative hashing: neighbours go to distant slots
    return mixed >> 28, mixed % 1_000 + 1

"""The samples of a block as columns, put right by what is known at its end."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Sample:
    """The tree at a moment: CPU since the block began, seconds, and memory, bytes."""

    at_s: float
    cpu_s: float
    memory_bytes: int
    rss_bytes: int
    processes: int


def settled(at_s: Sequence[float], cpu_s: Sequence[float], cores: int) -> list[float]:
    """CPU since the beginning at each moment, with what was counted late moved to where it was spent.

    The kernel counts a running process's CPU up to its last tick, and an ended child's when somebody waits for it. Each
    value is therefore a lower bound; and since `cores` cores cannot do more than `cores` seconds of work in a second,
    so is the next value less that. The larger of the two is taken, from the end backwards: no interval uses more than
    the cores, the sum stays, and nothing falls.
    """
    found = list(cpu_s)
    for i in range(len(found) - 2, -1, -1):
        found[i] = max(found[i], found[i + 1] - cores * (at_s[i + 1] - at_s[i]))
    return found

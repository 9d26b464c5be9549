"""A right that goes from actor to actor. Hardly anything is done with it: handing it on is what is measured."""

from random import Random

from bench import workload
from bench.patterns.sync import HandOffs


def in_turn(passes: int, _: Random) -> HandOffs:
    """The actors have strict turns."""
    return HandOffs(passes, in_turn=True)


def first_come(passes: int, _: Random) -> HandOffs:
    """Whoever gets the right first has it."""
    return HandOffs(passes, in_turn=False)


@workload(pattern="sync", inputs=in_turn, scales={"quick": 1_500, "standard": 2_400})
def turns() -> None:
    """Actors take strict turns: each wakes the next one, one after the other."""


@workload(pattern="sync", inputs=first_come, scales={"quick": 30_000, "standard": 80_000}, requires=["exclusion"])
def contention() -> None:
    """Actors compete for the right: whoever comes first has the next pass."""

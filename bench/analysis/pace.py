"""The time of a case and its ratio to the base, of one piece, so that no table contradicts itself.

The base has a time, by its own blocks. The ratio of another case to it is known better than either time, from pairs of blocks
that were measured near each other. So the ratio comes first, and the case's time is the base's over it: what a round takes at
the base's pace, without what slowed both. The interval of that time is the ratio's, too; by how much the base's own time may
be off stands at the base.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from bench.analysis.estimates import Estimate, inverse
from bench.analysis.looks import miss, paired_ratio
from bench.analysis.signed_rank import time_estimate

Walls = Mapping[int, float]
"""The median warm round of each block of a case, seconds, by repetition."""


@dataclass(frozen=True, slots=True)
class Paced:
    """A case beside its base."""

    wall: Estimate
    """A warm round, seconds."""
    speedup: Estimate | None
    """The base's time over this; None where no repetition has both."""
    base_wall: Estimate | None
    """The base's own time, seconds; None where there is none."""
    walls: dict[int, float]
    """Its blocks at the base's pace, seconds, by repetition: those that have no block of the base are left out, unless all
    have none."""
    own: Walls
    """Its blocks as they were measured."""
    base: Walls
    """Those of the base."""
    fixed: bool
    """Whether it was settled beforehand how many there are: see `bench.analysis.looks`."""


def paced(own: Walls, base: Walls, *, fixed: bool) -> Paced:
    """The times of a case with blocks, beside its base's, which may have none, or be the same.

    Args:
        own, base: their blocks.
        fixed: as in `Paced`.
    """
    base_wall = _alone(base, fixed=fixed) if base else None
    speedup = paired_ratio(base, own, fixed=fixed)
    if speedup is None or base_wall is None:
        return Paced(_alone(own, fixed=fixed), None, base_wall, dict(own), own, base, fixed)
    if own == base:
        return Paced(base_wall, speedup, base_wall, dict(own), own, base, fixed)
    walls = {each: base_wall.centre * own[each] / base[each] for each in own if each in base}
    return Paced(inverse(speedup, base_wall.centre), speedup, base_wall, walls, own, base, fixed)


def _alone(walls: Walls, *, fixed: bool) -> Estimate:
    return time_estimate(walls.values(), miss(len(walls), fixed=fixed))

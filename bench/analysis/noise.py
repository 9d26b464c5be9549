"""The noise floor: what one case differs by from itself, and what that says of the machine."""

from dataclasses import dataclass
from enum import Enum, auto

from bench.analysis.estimates import Estimate
from bench.analysis.signed_rank import ratio_estimate
from bench.records.diagnosis import Noise

_GOOD_FLOOR = 0.02
"""Two of a hundred: what a change that is worth a look makes at the least."""


class Finding(Enum):
    """What a measurement of noise comes to."""

    TOO_FEW = auto()
    """There are too few pairs of blocks for an interval."""
    UNEQUAL = auto()
    """Two arms of the same case came out as certainly different."""
    HIGH = auto()
    """Changes that are worth a look cannot be told from nothing."""
    LOW = auto()
    """They can."""


@dataclass(frozen=True, slots=True)
class Floor:
    """How large a difference has to be to be told from nothing."""

    finding: Finding
    ratio: Estimate | None
    """Of the second arm's time over the first's; None where there is no pair."""
    size: float | None
    """The largest difference that the interval of the ratio reaches, as a part of one; None where there is no interval."""


def floor_of(noise: Noise) -> Floor:
    """What pairs of blocks of one case say of the machine."""
    ratio = ratio_estimate(noise.first, noise.second)
    if ratio is None or ratio.low is None or ratio.high is None:
        return Floor(Finding.TOO_FEW, ratio, None)
    size = max(ratio.high, 1 / ratio.high, ratio.low, 1 / ratio.low) - 1
    if not ratio.low <= 1 <= ratio.high:
        return Floor(Finding.UNEQUAL, ratio, size)
    return Floor(Finding.HIGH if size > _GOOD_FLOOR else Finding.LOW, ratio, size)

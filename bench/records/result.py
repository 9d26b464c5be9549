"""Records of what measured code gave back: results, for the comparison of two blocks, and how fast they came a second time."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Result:
    """What a round gave back, so that it can be compared with what another block gave."""

    digest: str
    """Equal for results that compare equal: the start of a SHA-256 (`bench.measure.results.digest`); empty where there is none."""
    shown: str
    """The result for people, shortened."""
    incomparable: str = ""
    """Why there is no digest."""
    varies: str = ""
    """Two results that calls of the same code on the same inputs gave, where they are not the same each time."""
    frame: str = ""
    """Where floats may be apart: the digest of all but `numbers`."""
    numbers: list[int | float] = field(default_factory=list)
    """The floats, and the whole numbers that may be floats elsewhere; the first ones, where there are many."""
    count: int = 0
    """How many there are in all."""


@dataclass(frozen=True, slots=True)
class Repeats:
    """A plain loop in a fresh process: each input when it came for the first time, and an equal one right afterwards."""

    first_s: list[float]
    """What each call took the first time, in the order of the calls; inputs that equal an earlier one are left out."""
    again_s: list[float]
    is_same_object: bool = False
    """Whether both calls gave the same object each time, and one that can be changed: what is made anew never is."""

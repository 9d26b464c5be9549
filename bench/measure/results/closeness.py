"""How near two floats have to be where `--close` lets them differ: as `math.isclose` has it, with a floor around 0."""

from dataclasses import dataclass
from typing import Any

_FLOOR = 1e-6
"""Of the relative tolerance: where both numbers are nearer to 0 than this, what they differ by counts, not its share."""


@dataclass(frozen=True, slots=True)
class Closeness:
    """Floats a and b are close where |a - b| <= relative x max(|a|, |b|, 1e-6); whole numbers have to be equal."""

    relative: float

    def between(self, one: Any, other: Any) -> bool:
        """Whether two finite numbers are; of two ints whether they are equal."""
        if isinstance(one, int) and isinstance(other, int):
            return one == other
        try:
            return bool(abs(one - other) <= self.relative * max(abs(one), abs(other), _FLOOR))
        except (TypeError, OverflowError):  # a decimal number and a float; an int beyond every float
            return False

    def between_pieces(self, one: Any, other: Any) -> Any:
        """Which are, of two equally long arrays of finite floats. Halves are compared: a difference has no room else."""
        apart, one, other = abs(one / 2 - other / 2), abs(one) / 2, abs(other) / 2
        floor = self.relative * _FLOOR / 2
        return (apart <= self.relative * one) | (apart <= self.relative * other) | (apart <= floor)

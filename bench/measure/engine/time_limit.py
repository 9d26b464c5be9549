"""The time that a command has."""

import time
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class TimeLimit:
    """Of the whole command."""

    began_s: float
    """When the command began, on the monotonic clock."""
    budget_s: float = float("inf")
    """Infinite where nobody set one."""

    @property
    def spent_s(self) -> float:
        """Since the command began."""
        return time.monotonic() - self.began_s

    @property
    def left_s(self) -> float:
        """Of it; below 0 where it is over."""
        return self.budget_s - self.spent_s

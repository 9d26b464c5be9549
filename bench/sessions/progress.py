"""What is told of a session while it goes on, to whoever shows it."""

from typing import Protocol


class Progress(Protocol):
    """Shows where a session stands."""

    def say(self, text: str) -> None:
        """Where it stands now, in a few words."""

    def line(self, text: str) -> None:
        """A line that stays."""

    def planned(self, blocks: int | None, done: int = 0) -> None:
        """Measuring begins, of so many blocks where that is known; so many are done already."""

    def taken_on(self, why: str, blocks: int | None) -> None:
        """There are more cases, for a reason that stays to be read, and then so many blocks in all where that is known."""

    def measuring(self, case: str, left_s: float | None) -> None:
        """A block of this case is done, and there are so many seconds left at the most, where that is known."""

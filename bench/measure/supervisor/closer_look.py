"""What a host does once all is measured, seen from outside: a plain loop over the inputs, which may hang without harm."""

import contextlib
import os
import signal
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bench.measure.wire.words import Compared

_TIMES = 2
"""A call of a plain loop that was begun in time may end later than the loop's time does."""


class CloserLook:
    """How far a host is with it, and when that has to end."""

    def __init__(self) -> None:
        """Not begun."""
        self._ends_s: float | None = None
        self._suspect = ""
        self.compared: int | None = None

    def begin(self, limit_s: float) -> None:
        """The host has this long for the next part of it."""
        self._ends_s = time.perf_counter() + _TIMES * limit_s

    @property
    def has_begun(self) -> bool:
        """Whether all is measured."""
        return self._ends_s is not None

    def is_over(self) -> bool:
        """Whether its time is over."""
        return self._ends_s is not None and time.perf_counter() > self._ends_s

    def hear(self, message: "Compared") -> None:
        """Note how many results were compared, and what is wrong with the one that the host looks at again."""
        self.compared, self._suspect = int(message["compared"]), str(message["suspect"])

    def give_up(self, host: int) -> tuple[str, str]:
        """End the host; the block's outcome and its reason. What was to be measured is measured: that is no failure."""
        with contextlib.suppress(ProcessLookupError):
            os.kill(host, signal.SIGKILL)
        return "wrong" if self._suspect else "ok", self._suspect

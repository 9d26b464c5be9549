"""Whether there is room for another host beside those that are alive: of memory."""

from bench.accounting.machine_memory import available_bytes, total_bytes

_SHARE = 0.5
"""Of the machine's memory that the hosts of an ensemble may take together."""


class Room:
    """From the moment when none is alive."""

    def __init__(self) -> None:
        """Now."""
        self._before_bytes = available_bytes()

    def is_left(self) -> bool:
        """Whether they hold less than their share so far."""
        return self._before_bytes - available_bytes() < _SHARE * total_bytes()

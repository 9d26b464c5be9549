"""Reads the tree on a fixed beat, and keeps what it read as columns.

Deadlines lie on a monotonic clock at equal distances; a reading that is late does not shift the next. A beat whose
whole interval has passed is missed, and counted.
"""

import time

from bench.measure.tree import PsutilReader, Reading


class Sampler:
    """The samples of one block."""

    def __init__(self, reader: PsutilReader, hz: float, origin_s: float) -> None:
        """Sample `hz` times a second (0: only when asked), with times counted from `origin_s`."""
        self._reader = reader
        self._interval_s = 1 / hz if hz else None
        self._origin_s = origin_s
        self._next_s = time.perf_counter()
        self.due = self.missed = 0
        self.late_s: list[float] = []
        self.readings: list[Reading] = []

    def seconds_to_next(self) -> float | None:
        """How long until the next beat; None where there is none."""
        return None if self._interval_s is None else max(0.0, self._next_s - time.perf_counter())

    def beat(self) -> None:
        """Read if a deadline has come."""
        now = time.perf_counter()
        if self._interval_s is None or now < self._next_s:
            return
        passed = int((now - self._next_s) / self._interval_s)
        self.due += 1 + passed
        self.missed += passed
        self.late_s.append(now - self._next_s - passed * self._interval_s)
        self._next_s += (1 + passed) * self._interval_s
        self.read()

    def read(self) -> Reading:
        """Read now and keep it."""
        reading = self._reader.read()
        self.readings.append(reading)
        return reading

    def columns(self) -> dict[str, list[float]]:
        """What was kept, as the columns of `bench.model.Samples`; nothing where the series is off."""
        kept = self.readings if self._interval_s is not None else []
        return {
            "at_s": [round(each.at_s - self._origin_s, 6) for each in kept],
            "cpu_s": [round(each.cpu_s, 6) for each in kept],
            "memory_bytes": [each.memory_bytes for each in kept],
            "processes": [each.processes for each in kept],
        }

    def late_p99_s(self) -> float | None:
        """How late 99 of 100 beats were at the most."""
        if not self.late_s:
            return None
        return sorted(self.late_s)[int(0.99 * (len(self.late_s) - 1))]

"""When to read: deadlines at equal distances on a monotonic clock, and what became of them.

A reading that is late does not shift the next; a sample whose whole interval has passed is missed, and counted. Where
reading takes more than 1 % of the machine twice in a row, the rate is halved.
"""

import time

from bench.accounting.reading import all_cores

_MOST_SHARE = 0.01
"""Of all cores."""
_JUDGED = 20
"""Readings between two looks at their cost."""


class SampleClock:
    """The deadlines of one block's samples."""

    def __init__(self, hz: float, cores: int | None = None) -> None:
        """Have a sample be due `hz` times a second, 0: never; on a machine of so many cores, by default this one."""
        self.interval_s = 1 / hz if hz else None
        self._cores = cores or all_cores()
        self._first_s = self._last_s = self._next_s = time.perf_counter()
        self._cost_s = self._recent_cost_s = 0.0
        self.due = self.missed = self.made = 0
        self.lowered = self._was_expensive = False
        self._late_s: list[float] = []

    def seconds_to_next(self) -> float | None:
        """How long until the next sample; None where there is none."""
        return None if self.interval_s is None else max(0.0, self._next_s - time.perf_counter())

    def take_due(self) -> bool:
        """Whether a sample is due; if so its deadline is taken off, and those that passed unused are counted."""
        now = time.perf_counter()
        if self.interval_s is None or now < self._next_s:
            return False
        passed = int((now - self._next_s) / self.interval_s)
        self.due += 1 + passed
        self.missed += passed
        self.made += 1
        self._last_s = now
        self._first_s = now if self.made == 1 else self._first_s
        self._late_s.append(now - self._next_s - passed * self.interval_s)
        self._next_s += (1 + passed) * self.interval_s
        return True

    def rested(self, seconds: float) -> None:
        """Nothing was to be read for so long, until now."""
        self._first_s += seconds
        self._last_s += seconds
        self._next_s += seconds

    def note_cost(self, cpu_s: float) -> None:
        """Note the CPU-seconds that this reading took."""
        self._cost_s += cpu_s
        self._recent_cost_s += cpu_s
        if self.interval_s is None or self.made % _JUDGED:
            return
        expensive = self._recent_cost_s / (_JUDGED * self.interval_s) > _MOST_SHARE * self._cores
        if expensive and self._was_expensive:  # once may be the opening of many processes
            self.interval_s *= 2
            self.lowered = True
        self._was_expensive = expensive
        self._recent_cost_s = 0.0

    @property
    def mean_cost_s(self) -> float | None:
        """CPU-seconds of a reading."""
        return self._cost_s / self.made if self.made else None

    @property
    def achieved_hz(self) -> float | None:
        """Readings made a second, from the first to the last; None for fewer than two."""
        lasted_s = self._last_s - self._first_s
        return (self.made - 1) / lasted_s if self.made > 1 and lasted_s > 0 else None

    @property
    def late_p99_s(self) -> float | None:
        """How late 99 of 100 readings were at the most."""
        return sorted(self._late_s)[int(0.99 * (len(self._late_s) - 1))] if self._late_s else None

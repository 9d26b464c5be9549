"""How long this thread was ready to run in a round and waited for a CPU that others used.

A neighbour on the same CPU takes it away for milliseconds at a time: a round of 9 ms took 17 ms here, and 8.8 ms without
what it had waited, with a third of the spread. The kernel counts that for each thread (`run_delay`, the second number of
`/proc/thread-self/schedstat`, Documentation/scheduler/sched-stats.rst); reading it takes 2 µs. It is nobody else's doing
only where the thread has the process to itself and the process has no children: elsewhere nothing is said.
"""

from bench.processes.pristine import os, resource, time

_OTHERS_SHARE = 0.01
"""Of a round that other threads may use: what clocks are off."""


class Waiting:
    """Asked at the beginning and at the end of each round."""

    def __init__(self) -> None:
        """Of the thread that makes it.

        Raises:
            OSError: where the system does not count it.
        """
        self._file = os.open("/proc/thread-self/schedstat", os.O_RDONLY)
        self._children = os.open("/proc/thread-self/children", os.O_RDONLY)
        self._before = self._now()

    def begin(self) -> None:
        """A round begins."""
        self._before = self._now()

    def end(self, took_s: float) -> float | None:
        """The round has ended: how long it waited, seconds; None where its waiting may be its own doing.

        Args:
            took_s: the round's time. What was waited for between its clock and this one is no part of it, so no more than
                the round leaves beside the CPU that it used.
        """
        waited_s, ran_s, others_s, children_s = (
            now - then for now, then in zip(self._now(), self._before, strict=True)
        )
        alone = others_s <= _OTHERS_SHARE * took_s and children_s == 0 and not os.pread(self._children, 1, 0)
        return max(0.0, min(waited_s, took_s - ran_s)) if alone else None

    def _now(self) -> tuple[float, float, float, float]:
        """Seconds waited, used by this thread, by other threads, and by children that ended."""
        used = resource.getrusage(resource.RUSAGE_CHILDREN)
        waited_s = int(os.pread(self._file, 100, 0).split()[1]) / 1e9
        ran_s = time.thread_time()
        return waited_s, ran_s, time.process_time() - ran_s, used.ru_utime + used.ru_stime


def watched() -> Waiting | None:
    """None where the system does not count it."""
    try:
        return Waiting()
    except OSError:
        return None

"""Waits for children and keeps what each of them used: its rusage, with all that it waited for itself.

Children of a parent that ignores SIGCHLD are in nobody's rusage. Waiting is the only way to learn a process's exact
use of CPU, page faults and context switches after it ended, so nothing else may wait for a measured process.
"""

import os
import sys
from dataclasses import dataclass, field

MAXRSS_UNIT = 1 if sys.platform == "darwin" else 1024
"""Bytes: getrusage(2) of the two systems."""


@dataclass(frozen=True, slots=True)
class Used:
    """What ended processes used, as rusage counts it: seconds, faults, context switches."""

    user_s: float = 0.0
    system_s: float = 0.0
    minor_faults: int = 0
    major_faults: int = 0
    voluntary_switches: int = 0
    involuntary_switches: int = 0

    @property
    def cpu_s(self) -> float:
        """User and system together."""
        return self.user_s + self.system_s

    def __add__(self, other: "Used") -> "Used":
        return Used(
            self.user_s + other.user_s,
            self.system_s + other.system_s,
            self.minor_faults + other.minor_faults,
            self.major_faults + other.major_faults,
            self.voluntary_switches + other.voluntary_switches,
            self.involuntary_switches + other.involuntary_switches,
        )


@dataclass(slots=True)
class Reaper:
    """What the children of this process used that it waited for."""

    used: Used = field(default_factory=Used)
    """All of them together."""
    cpu_s: dict[int, float] = field(default_factory=dict)
    """By process id."""
    peak_rss_bytes: int = 0
    """The most that one of them or of its descendants had resident; what it had before `exec` counts too."""

    def reap(self, pid: int) -> int | None:
        """Wait for a child if it has ended: its exit code as `subprocess` gives it; else None.

        A child that another has waited for gives 0, as `subprocess` has it.
        """
        try:
            found, status, usage = os.wait4(pid, os.WNOHANG)
        except ChildProcessError:
            return 0
        if found == 0:
            return None
        used = Used(usage.ru_utime, usage.ru_stime, usage.ru_minflt, usage.ru_majflt, usage.ru_nvcsw, usage.ru_nivcsw)
        self.used += used
        self.cpu_s[pid] = self.cpu_s.get(pid, 0.0) + used.cpu_s
        self.peak_rss_bytes = max(self.peak_rss_bytes, usage.ru_maxrss * MAXRSS_UNIT)
        return os.waitstatus_to_exitcode(status)

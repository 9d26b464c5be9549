"""What readers of process trees give, whatever they read from, and whether the fast one works here."""

import os
import sys
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from typing import NamedTuple, Protocol

from bench.accounting.reaping import Reaper

TICK_S = 1 / os.sysconf("SC_CLK_TCK") if hasattr(os, "sysconf") else 0.01
"""The unit of CPU times that the system shows of other processes, seconds."""


class Identity(NamedTuple):
    """A process: its id, which the system gives again to others, and when it started, in the system's units."""

    pid: int
    started: float


@dataclass(frozen=True, slots=True)
class Reading:
    """The tree at a moment."""

    at_s: float
    """On the monotonic clock."""
    cpu_s: float
    """By the ledger, since the reader began; it never falls."""
    rss_bytes: int
    """Sum of resident sets: a shared page counts once for each process."""
    memory_bytes: int
    """The same without what was shared when proportional sets were last read; equal where they never were."""
    processes: int
    """Living ones: no zombies."""
    processes_seen: int
    """Different ones since the reader began."""
    threads_seen: int
    """Different ones beside each process's first, likewise."""
    ignores_children: bool | None
    """Whether a process was seen to ignore SIGCHLD: nobody learns what its children used. None: it cannot be told."""


@dataclass(frozen=True, slots=True)
class Counters:
    """What one living process has used; `reaped_*` are its children that it waited for, with all of theirs.

    None is what the system does not tell.
    """

    parent: int
    user_s: float
    system_s: float
    reaped_user_s: float = 0.0
    reaped_system_s: float = 0.0
    minor_faults: int | None = None
    major_faults: int | None = None
    reaped_minor_faults: int = 0
    reaped_major_faults: int = 0
    voluntary_switches: int | None = None
    """Of its living threads."""
    involuntary_switches: int | None = None
    read_bytes: int | None = None
    """With those of children it waited for."""
    written_bytes: int | None = None
    rss_bytes: int = 0
    peak_rss_bytes: int | None = None
    """The most it ever had resident."""
    ignores_children: bool = False
    """It ignores SIGCHLD: nobody learns what its children used."""


@dataclass(frozen=True, slots=True)
class Sets:
    """Memory of the tree without double counting, in bytes."""

    pss_bytes: int | None
    """Proportional sets: a page shared by n processes counts 1/n for each."""
    uss_bytes: int | None
    """Unique sets."""
    processes: int
    """How many processes were read."""


def added(found: Iterable[tuple[int, int] | None]) -> Sets:
    """The sums of proportional and unique sets of single processes; none where one of them is not told."""
    all_of_them = list(found)
    read = [each for each in all_of_them if each is not None]
    if not read or len(read) < len(all_of_them):
        return Sets(None, None, len(read))
    return Sets(sum(pss for pss, _ in read), sum(uss for _, uss in read), len(read))


class Reader(Protocol):
    """Reads all descendants of this process but the excluded, orphans that it adopted among them."""

    name: str
    tick_s: float
    """CPU of children that were waited for comes in steps of this much."""

    def read(self) -> Reading:
        """The tree now. Processes that vanish meanwhile, zombies and missing rights raise nothing."""
        ...

    def glance(self) -> Reading:
        """The same, as cheaply as can be: for charts."""
        ...

    def ended_children(self) -> list[int]:
        """Children of this process that were found ended at the last reading and wait to be reaped."""
        ...

    def counters(self) -> dict[Identity, Counters]:
        """All that single processes tell now; dearer than `read`."""
        ...

    def sets(self) -> Sets:
        """Proportional and unique sets now; dearer still: the kernel walks all pages."""
        ...

    def own_words(self, pid: int, children_cpu_s: float) -> None:
        """A process has told what its waited-for children used, which is finer than what the system shows of it."""
        ...

    def close(self) -> None:
        """Let go of descriptors."""
        ...


@dataclass(frozen=True, slots=True)
class Watched:
    """Which processes a reader counts."""

    excluded: Collection[int]
    """Children of this process that are not counted, with all below them."""
    reaper: Reaper = field(default_factory=Reaper)
    """What the counted ones used that have ended as children of this process."""
    seen: set[int] = field(default_factory=set)
    """The ids of all that a reader saw; what lives between two readings alone is not among them."""


def all_cores() -> int:
    """All cores of the machine: what a tree cannot use more of."""
    return os.cpu_count() or 1


def proc_missing() -> str:
    """Why the fast reader does not work here; empty if it does."""
    if not sys.platform.startswith("linux"):
        return f"reading /proc needs Linux, and this is {sys.platform}"
    try:
        with open("/proc/thread-self/children", "rb"):
            return ""
    except OSError as error:
        return f"/proc/thread-self/children: {error.strerror}"

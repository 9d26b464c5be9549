"""What a process tree used, and how that was found out: the records of the accounting. Seconds and bytes; None is unknown."""

from dataclasses import dataclass, field, fields
from typing import Any


def _held() -> Any:
    """A field of `Window` that several calls in it do not use up together."""
    return field(default=None, metadata={"held": True})


@dataclass(frozen=True, slots=True)
class Window:
    """A timed part of a block, and what the whole process tree used meanwhile: its start, a round, its stop, or all.

    What could not be known is None, and `Accounting.unknown` of the block says why. The first round is the cold one.
    """

    at_s: float
    """When it began, since the block's clock started."""
    wall_s: float
    cpu_s: float | None = None
    """By `Accounting.cpu`; of the whole block by `Accounting.whole_cpu`."""
    user_s: float | None = None
    """The part of it in user mode. Most kernels tell the two apart by where they find a process at each tick."""
    system_s: float | None = None
    peak_memory_bytes: int | None = _held()
    """The most that the tree held at a moment, by `Accounting.memory`."""
    file_cache_bytes: int | None = _held()
    """How much of the memory was cache of files at the end; None where the method counts none."""
    rss_bytes: int | None = _held()
    """Sum of resident sets at the highest sample of the window: a shared page counts once for each process."""
    pss_bytes: int | None = _held()
    """Sum of proportional sets, read nearest to that sample: a shared page counts once."""
    uss_bytes: int | None = _held()
    """Sum of unique sets, likewise: what would be freed if each process ended alone."""
    voluntary_switches: int | None = None
    """Context switches of threads that waited for something."""
    involuntary_switches: int | None = None
    """Context switches of threads whose turn was over."""
    minor_faults: int | None = None
    major_faults: int | None = None
    """Page faults that had to read from a disk."""
    read_bytes: int | None = None
    """Through `read` and its kind: files, pipes and terminals, cached or not; not what `recv` takes from sockets."""
    written_bytes: int | None = None
    """Through `write` and its kind, likewise."""
    processes_started: int | None = None
    """Processes that were seen for the first time: at least so many."""
    threads_started: int | None = None
    """Threads beside each process's first that were seen for the first time: at least so many."""
    started_at_most: int | None = None
    """Processes and threads that the whole machine started meanwhile."""


SHARED_OUT = tuple(each.name for each in fields(Window) if each.name != "at_s" and "held" not in each.metadata)
"""What several calls in a window used together; memory is held and not used up."""


@dataclass(frozen=True, slots=True)
class Method:
    """How a quantity was measured, and how far it can be from the truth."""

    layer: str
    """`cgroup v2`, `cgroup v1`, `wait4`, `ledger` or `psutil`; `bench.accounting.methods` explains them."""
    bound: str
    """In words, for readers."""
    below: float | None
    """How much the truth may lie above the number, in the quantity's unit; None where no bound is known."""
    above: float | None
    """How much the truth may lie below the number."""


@dataclass(frozen=True, slots=True)
class Difference:
    """Two layers that do not agree on the CPU of a window."""

    window: str
    """Such as `round 3`; `all` is the whole block."""
    first: str
    """The layer whose number is in the window."""
    first_s: float
    second: str
    second_s: float


@dataclass(frozen=True, slots=True)
class Accounting:
    """How the numbers of a block's windows were made."""

    cpu: Method
    """Of the start, the rounds and the stop."""
    whole_cpu: Method
    """Of the whole block."""
    memory: Method
    cpu_by_layer: dict[str, float]
    """CPU-seconds of the whole block by every layer that was there."""
    absent: dict[str, str]
    """Layers that were not there, and why."""
    unknown: dict[str, str]
    """Fields of `Window` that are None somewhere in this block, and why."""
    differences: list[Difference] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Samples:
    """Readings of the process tree, as columns of one length, in order of time."""

    at_s: list[float] = field(default_factory=list)
    cpu_s: list[float] = field(default_factory=list)
    """CPU used by the tree since the block began."""
    memory_bytes: list[int] = field(default_factory=list)
    """By `Accounting.memory`."""
    rss_bytes: list[int] = field(default_factory=list)
    """Sum of resident sets."""
    processes: list[int] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Sampling:
    """How the samples of a block were made, and what making them cost."""

    sampler: str
    """`proc`, the fast reader of Linux, or `psutil`."""
    hz: float
    """Readings a second that were asked for; 0 where the series was off."""
    hz_achieved: float | None
    """Readings a second that were made; None where the series was off."""
    hz_lowered_to: float | None
    """The rate after it was halved, once or more often, because reading took over 1 % of the machine."""
    due: int
    """Ticks that fell in the block."""
    missed: int
    """Ticks skipped because the one before was late."""
    late_p99_s: float | None
    """99th percentile of how late a tick was."""
    cpu_s: float
    """CPU the supervisor used while the block lasted."""
    tick_cpu_s: float | None
    """CPU a reading of the series took, the mean."""
    scheduling: str = "normal"
    """How the system runs the sampler: `real time`, `short slice` or `normal`; the measured code always runs normally."""

"""What other processes use of the CPUs that this one may use, over a short while: who they are, and what nobody sees of them.

Everything is told by differences between two snapshots, which work of this process and its descendants may lie between: the
whole tree is left out. By psutil, on every system; a process costs about 50 µs in each snapshot.

Nothing here is for a file: names of processes tell what people do.
"""

import contextlib
import os
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import psutil

from bench.accounting.affinity import allowed_cpus
from bench.accounting.reading import Identity

LOOK_S = 0.25
"""The shortest while that tells something: the system counts CPU in ticks of 10 ms, which are 4 % of a core then."""
BUSY_CORES, BUSY_SHARE = 0.1, 0.01
"""A machine is busy where others use more than so many cores, or than this share of the usable ones where that is more.

A round with as many workers as cores ends with the slowest worker, so it loses what a neighbour takes of a single core,
however many cores there are. What runs in the background of a calm machine adds up to less, and grows with the machine.
"""
UNSEEN_CORES = 0.3
"""Less CPU than this without a process that used it says nothing: the system's total comes from samples, ticks of all cores."""
_PRESSURE = "/proc/pressure/cpu"


@dataclass(frozen=True, slots=True)
class Neighbour:
    """A process outside of this one's tree, with what its children used that ended meanwhile."""

    pid: int
    name: str
    """As the system has it: of any characters."""
    cores: float
    """CPU-seconds a second."""


@dataclass(frozen=True, slots=True)
class Neighbours:
    """What others used over a while, in cores: CPU-seconds a second."""

    over_s: float
    seen: Sequence[Neighbour]
    """Those that used any, the busiest first."""
    unseen_cores: float
    """Used by no process that is visible here: by other containers, by other users where they are hidden; 0 where too little to say."""
    stolen_cores: float
    """What the host of a virtual machine gave to others while something here wanted to run; 0 where the system tells none."""
    waited_share: float | None
    """How much of the time something on the machine was ready to run and waited for a CPU; None where it is not told."""
    taken_cores: float
    """Of the usable CPUs, what is taken: where a quota leaves CPUs over, others may have those."""
    usable_cores: int

    @property
    def is_busy(self) -> bool:
        """Whether what is measured now will be disturbed."""
        return self.taken_cores > max(BUSY_CORES, BUSY_SHARE * self.usable_cores)


@dataclass(frozen=True, slots=True)
class Used:
    """What a process has used since it started, CPU-seconds."""

    parent: int
    name: str
    own_s: float
    reaped_s: float
    """By its children that ended and that it waited for, with all of theirs."""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """What the system has counted until a moment, CPU in seconds."""

    at_s: float
    """On the monotonic clock."""
    processes: Mapping[Identity, Used]
    busy_s: float
    """Of the CPUs that this process may use."""
    stolen_s: float
    waited_s: float | None


def snapshot() -> Snapshot:
    """The system now.

    Raises:
        psutil.Error, OSError: where it cannot be looked at.
    """
    mine = allowed_cpus()
    cpus = [each for number, each in enumerate(psutil.cpu_times(percpu=True)) if mine is None or number in mine]
    return Snapshot(
        time.monotonic(),
        dict(_processes()),
        sum(each.user + each.system + getattr(each, "nice", 0.0) for each in cpus),
        sum(getattr(each, "steal", 0.0) for each in cpus),
        _waited_s(),
    )


def look(usable_cores: int) -> Neighbours:
    """What others use in the next `LOOK_S`, in which this process sleeps.

    Raises:
        psutil.Error, OSError: where they cannot be looked at.
    """
    before = snapshot()
    time.sleep(LOOK_S)
    return between(before, snapshot(), usable_cores)


def between(before: Snapshot, after: Snapshot, usable_cores: int) -> Neighbours:
    """What others used from one snapshot to the other; this process's tree is left out.

    Args:
        before, after: at least `LOOK_S` apart.
        usable_cores: CPUs that this process may use, affinity and quota included.
    """
    over_s = max(after.at_s - before.at_s, 1e-9)
    mine, logical = allowed_cpus(), psutil.cpu_count() or 1
    bounded = mine is not None and len(mine) < logical
    own = _tree(before) | _tree(after)
    gains = _gains(before, after)
    own_cores = sum(gain for who, gain in gains.items() if who.pid in own) / over_s
    others = {who: gain / over_s for who, gain in gains.items() if gain and who.pid not in own}
    seen = _seen(others, after, mine if bounded else None)
    seen_cores = sum(each.cores for each in seen)
    rest_cores = max(0.0, (after.busy_s - before.busy_s) / over_s - own_cores)
    unseen_cores = rest_cores - seen_cores if rest_cores - seen_cores > UNSEEN_CORES else 0.0
    used = seen_cores + unseen_cores
    if bounded:
        used = min(used, rest_cores)  # who may run on other CPUs too may have done so
    stolen_cores = max(0.0, after.stolen_s - before.stolen_s) / over_s
    spare = max(0, (logical if mine is None else len(mine)) - usable_cores)
    return Neighbours(
        over_s=over_s,
        seen=seen,
        unseen_cores=unseen_cores,
        stolen_cores=stolen_cores,
        waited_share=_waited_share(before.waited_s, after.waited_s, over_s),
        taken_cores=max(0.0, used - spare) + stolen_cores,
        usable_cores=usable_cores,
    )


def _seen(others: Mapping[Identity, float], after: Snapshot, cpus: set[int] | None) -> list[Neighbour]:
    """Those of other processes, each with the cores it used, that may run on these CPUs, the busiest first; None: on any."""
    busiest = sorted(others, key=lambda who: -others[who])
    return [
        Neighbour(who.pid, after.processes[who].name, others[who])
        for who in busiest
        if cpus is None or _may_run_on(who.pid, cpus)
    ]


def _processes() -> Iterator[tuple[Identity, Used]]:
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error), process.oneshot():  # it may have ended, or be nobody's business
            times = process.cpu_times()
            reaped_s = getattr(times, "children_user", 0.0) + getattr(times, "children_system", 0.0)
            used = Used(process.ppid(), process.name(), times.user + times.system, reaped_s)
            yield Identity(process.pid, process.create_time()), used


def _gains(before: Snapshot, after: Snapshot) -> dict[Identity, float]:
    """What each process that is there at the end used meanwhile, seconds.

    Who waited for a child got all that the child, and those that it had waited for, had ever used: what they had before is taken off
    again. Where a child and its own child both ended, that is who is left above them.
    """
    gone = {who.pid: used for who, used in before.processes.items() if who not in after.processes}
    ended: dict[int, float] = {}
    for used in gone.values():
        heir = _who_is_left(used.parent, gone)
        ended[heir] = ended.get(heir, 0.0) + used.own_s + used.reaped_s
    return {
        who: _gain(before.processes.get(who), used, ended.get(who.pid, 0.0)) for who, used in after.processes.items()
    }


def _who_is_left(pid: int, gone: Mapping[int, Used]) -> int:
    """This process, or the nearest above it that is not gone."""
    seen = set[int]()  # an id that was given anew could make a ring
    while pid in gone and pid not in seen:
        seen.add(pid)
        pid = gone[pid].parent
    return pid


def _gain(first: Used | None, last: Used, ended_s: float) -> float:
    own_s, reaped_s = (0.0, 0.0) if first is None else (first.own_s, first.reaped_s)
    return max(0.0, last.own_s - own_s) + max(0.0, last.reaped_s - reaped_s - ended_s)


def _tree(found: Snapshot) -> set[int]:
    """This process and its descendants."""
    children: dict[int, list[int]] = {}
    for who, used in found.processes.items():
        children.setdefault(used.parent, []).append(who.pid)
    tree, waiting = set[int](), [os.getpid()]
    while waiting:
        pid = waiting.pop()
        if pid not in tree:
            tree.add(pid)
            waiting += children.get(pid, ())
    return tree


def _may_run_on(pid: int, cpus: set[int]) -> bool:
    try:
        return not cpus.isdisjoint(psutil.Process(pid).cpu_affinity())
    except psutil.Error:
        return True


def _waited_share(before_s: float | None, after_s: float | None, over_s: float) -> float | None:
    return None if before_s is None or after_s is None else min(1.0, max(0.0, after_s - before_s) / over_s)


def _waited_s() -> float | None:
    """Pressure stall information of the whole machine, where the kernel tells it; else None."""
    try:
        with open(_PRESSURE) as file:
            first = file.readline()  # some avg10=0.00 avg60=0.00 avg300=0.00 total=289660022
        return int(first.rpartition("total=")[2]) / 1e6
    except (OSError, ValueError):
        return None

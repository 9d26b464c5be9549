"""What this very process and all below it use while it does something, where nobody stands outside to look.

What a process has used is in one of three places: its own clock while it lives, the rusage of the parent that waited for
it, or, of this process's children, this process's rusage. It only ever moves from one to the next, so the difference of
the sums at two moments is what was used between them. Missing is what nobody waits for: orphans, and children of a
process that ignores SIGCHLD. There are no samples: a thread that took them would wait for the interpreter's lock, and
make forks forks of a process with threads. So memory is known at both ends, and between them by high-water marks.
"""

import contextlib
import os
from collections.abc import Collection
from dataclasses import dataclass, replace

import psutil

from bench.accounting.memory import rise
from bench.accounting.methods import Evidence, of_cpu
from bench.accounting.portable import sets_of
from bench.accounting.proc_process import Process, counters_of
from bench.accounting.readers import open_reader
from bench.accounting.reading import Counters, Identity, Reader, Watched
from bench.accounting.reaping import MAXRSS_UNIT, Used
from bench.accounting.tree_snapshot import TreeSnapshot
from bench.processes.pristine import time
from bench.records.use import Method

_TRIES = 5
"""Readings of a tree whose processes end meanwhile, until one is of a moment at rest."""
_MEMORY = (
    "proportional sets of all processes, this one's too, added up before and after; between them, how far the one that "
    "rose most was above what it held at the end"
)
_ENDED_CPU = "; a lower bound: a process that nobody waited for would be missing"
_ENDED_MEMORY = "; a lower bound: processes ended meanwhile, and what they held is not in it"


@dataclass(frozen=True, slots=True)
class RegionUse:
    """What one or more regions used."""

    cpu_s: list[float]
    """Of each region."""
    peak_memory_bytes: int
    """The most that was held at a moment in any of them, with what this process held before."""
    memory_before_bytes: int
    """What was held where the first one began."""
    processes_started: int
    """Processes that were seen for the first time since the first look: at least so many."""
    cpu: Method
    memory: Method


@dataclass(frozen=True, slots=True)
class _Look:
    """The tree at a moment."""

    cpu_s: float
    memory_bytes: int
    snapshot: TreeSnapshot
    ended: tuple[int, ...]
    """Page faults of children that were waited for, by whoever did: they change where a process has ended."""


class Region:
    """Regions of one kind, one after another: `begin`, the work, `end`, and again. Nothing is read in between."""

    def __init__(self, excluded: Collection[int] = ()) -> None:
        """Look at what is there already; children in `excluded`, and those below them, do not count."""
        self._excluded = frozenset(excluded)
        with contextlib.closing(self._reader()) as reader:
            self._evidence = Evidence(reader.tick_s, reader.name)
            self._evidence.note_reading(reader.read())
            self._there = set(reader.counters())
        self._seen: set[Identity] = set()
        self._began: _Look | None = None
        self.forget()

    def forget(self) -> None:
        """Begin anew: the regions so far do not count; the processes seen do."""
        self._cpu_s: list[float] = []
        self._peak_bytes = self._before_bytes = self._held_bytes = self._most_bytes = 0
        self._some_ended = False

    def begin(self) -> None:
        """A region begins when this returns."""
        with contextlib.suppress(OSError), open("/proc/self/clear_refs", "w", encoding="ascii") as file:
            file.write("5")  # this process's high-water mark falls to what it holds now: proc_pid_clear_refs(5)
        self._began = self._look()
        self._before_bytes = self._before_bytes or self._began.memory_bytes

    def end(self) -> None:
        """A region has ended when this is called."""
        before, after = self._began, self._look(time.process_time())
        assert before is not None
        self._cpu_s.append(max(0.0, after.cpu_s - before.cpu_s))
        self._held_bytes = max(self._held_bytes, before.memory_bytes, after.memory_bytes)
        rose_bytes = after.memory_bytes + rise(before.snapshot, after.snapshot)
        self._peak_bytes = max(self._peak_bytes, self._held_bytes, rose_bytes)
        self._most_bytes = max(self._most_bytes, _most(after, before))
        self._some_ended |= before.ended != after.ended
        self._began = None

    def use(self) -> RegionUse:
        """What the regions since the last `forget` have used."""
        layer = "ledger" if self._evidence.reader == "proc" else "psutil"
        cpu = of_cpu(layer, self._evidence)
        above_bytes = self._peak_bytes - self._held_bytes
        memory = Method(layer, _MEMORY, max(0, self._most_bytes - self._peak_bytes), above_bytes)
        if self._some_ended:
            cpu = replace(cpu, bound=cpu.bound + _ENDED_CPU, below=None)
            memory = replace(memory, bound=memory.bound + _ENDED_MEMORY, below=None)
        started = len(self._seen - self._there)
        return RegionUse(list(self._cpu_s), self._peak_bytes, self._before_bytes, started, cpu, memory)

    def _reader(self) -> Reader:
        return open_reader("auto", Watched(self._excluded), clocks=True)

    def _look(self, own_s: float | None = None) -> _Look:
        """The tree now; `own_s` is this process's CPU where it was read before, because looking takes some."""
        for _ in range(_TRIES):
            faults, children_s = _waited_for()
            with contextlib.closing(self._reader()) as reader:  # a new one has no past: it adds up what processes say
                reading, processes, sets = reader.read(), reader.counters(), reader.sets()
            if _waited_for()[0] == faults:
                break
        self._evidence.note_reading(reading)
        self._evidence.note(processes, None)
        self._seen |= processes.keys()
        who, own = _own_counters(reader.name)
        own_sets = sets_of(who.pid)
        memory_bytes = own.rss_bytes + reading.rss_bytes
        if own_sets is not None and (sets.pss_bytes is not None or not reading.processes):
            memory_bytes = own_sets[0] + (sets.pss_bytes or 0)
        ended = (faults, sum(each.reaped_minor_faults for each in processes.values()))
        snapshot = TreeSnapshot(reading, {who: own, **processes}, Used())
        cpu_s = children_s + reading.cpu_s + (time.process_time() if own_s is None else own_s)
        return _Look(cpu_s, memory_bytes, snapshot, ended)


def _waited_for() -> tuple[int, float]:
    """Page faults and CPU-seconds of the children that this process has waited for."""
    import resource  # Unix alone

    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_minflt, used.ru_utime + used.ru_stime


def _own_counters(reader: str) -> tuple[Identity, Counters]:
    """This process itself, which readers leave out."""
    if reader == "proc":
        process = Process(os.getpid(), keep=False)
        return process.identity, counters_of(process)
    own = psutil.Process()
    import resource  # Unix alone

    used = resource.getrusage(resource.RUSAGE_SELF)
    counters = Counters(
        own.ppid(),
        used.ru_utime,
        used.ru_stime,
        rss_bytes=own.memory_info().rss,
        peak_rss_bytes=used.ru_maxrss * MAXRSS_UNIT,
    )
    return Identity(own.pid, own.create_time()), counters


def _most(after: _Look, before: _Look) -> int:
    """The most that can have been held between two looks if no process ended: all were at their highest at once."""
    rises = 0
    for who, each in after.snapshot.processes.items():
        earlier = before.snapshot.processes.get(who)
        known = earlier.peak_rss_bytes or 0 if earlier is not None else 0
        if each.peak_rss_bytes is not None and each.peak_rss_bytes > known:
            rises += each.peak_rss_bytes - each.rss_bytes
    return after.memory_bytes + rises

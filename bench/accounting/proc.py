"""The fast reader: process trees straight from Linux's /proc.

psutil finds children by reading the parent of every process of the machine, which took 0.73 of the 0.98 ms of a reading
here with 68 processes; its CPU comes in ticks of 10 ms; and it opens and parses five files for each process. This
reader takes 5 µs for each process (docs/accuracy.md): it keeps the descriptors of `stat` and `children` open, and takes
CPU from the process's own clock in nanoseconds. Every thread's `children` file is read, because a child belongs to the
thread that started it.
Proportional sets are read by psutil, which does that well.
"""

import contextlib
import os
import time
from dataclasses import replace

from bench.accounting.ledger import Ledger
from bench.accounting.portable import sets_of
from bench.accounting.proc_process import Process, counters_of, numbers
from bench.accounting.reading import TICK_S, Counters, Identity, Reading, Sets, Watched, added

_MOST_KEPT = 250
"""Processes whose descriptors are kept, three each, where 1024 are allowed; others are opened for each reading."""
_READ_EVERY = 20
"""Glances: all of every process is read again at least so often, which is five times as expensive. A process with one thread
that starts another, which starts a child, is found out then."""


class ProcReader:
    """The tree below this process, by /proc."""

    name = "proc"
    tick_s = TICK_S

    def __init__(self, watched: Watched, *, clocks: bool = True) -> None:
        """Read all descendants but the excluded; `clocks`: whether the CPU of each matters at a glance."""
        self._watched = watched
        self._clocks = clocks
        self._ledger = Ledger(watched.reaper.cpu_s)
        self._known: dict[int, Process] = {}
        self._ended: list[int] = []
        self._seen = self._threads_gone = self._glances = 0
        self._last_id: bytes | None = None
        self._load = -1
        with contextlib.suppress(OSError):  # hidden where /proc is mounted with subset=pid
            self._load = os.open("/proc/loadavg", os.O_RDONLY | os.O_CLOEXEC)
        self._last = Reading(0.0, 0.0, 0, 0, 0, 0, 0, ignores_children=False)

    def read(self) -> Reading:
        """All of every process now."""
        self._last_id = self._last_id_given()
        self._walk()
        known = self._known.values()
        for each in known:
            self._ledger.see(each.identity, each.parent, each.own_s, each.reaped_s, ended=not each.living)
        self._ledger.keep_only({each.identity for each in known})
        held = [each for each in known if each.living]
        for each in held:
            each.find_discount(forked=each.parent in self._known)
        own = os.getpid()
        self._ended = [each.pid for each in known if not each.living and each.parent == own]
        self._last = Reading(
            at_s=time.perf_counter(),
            cpu_s=self._ledger.total_s,
            rss_bytes=sum(each.rss_bytes for each in held),
            memory_bytes=sum(each.rss_bytes - each.discount_bytes for each in held),
            processes=len(held),
            processes_seen=self._seen,
            threads_seen=self._threads_gone + sum(each.threads_beside_first for each in known),
            ignores_children=any(each.ignores_children for each in known),
        )
        return self._last

    def glance(self) -> Reading:
        """Clocks and resident sets alone, where nothing was started or has ended since the last reading; else all."""
        self._glances += 1
        last_id = self._last_id_given()
        if self._glances % _READ_EVERY == 0 or ((last_id is None or last_id != self._last_id) and self._has_more()):
            return self.read()
        self._last_id = last_id
        own_s, rss_bytes, memory_bytes = 0.0, 0, 0
        for each in self._known.values():
            if not each.glance(clock=self._clocks):
                return self.read()
            own_s += each.own_s
            rss_bytes += each.rss_bytes
            memory_bytes += max(0, each.rss_bytes - each.discount_bytes)
        return replace(
            self._last,
            at_s=time.perf_counter(),
            cpu_s=self._ledger.grown(own_s),
            rss_bytes=rss_bytes,
            memory_bytes=memory_bytes,
        )

    def _has_more(self) -> bool:
        """Whether there are children that were not there at the last reading."""
        if not self._known.keys() >= set(_own_children()) - set(self._watched.excluded):
            return True
        return any(each.has_more() for each in self._known.values())

    def _last_id_given(self) -> bytes | None:
        """The id that the kernel gave last to a process or thread; None where that is hidden.

        While it stays, the tree has no process and no thread that it had not before.
        """
        return os.pread(self._load, 128, 0).split()[-1] if self._load >= 0 else None

    def ended_children(self) -> list[int]:
        """Children of this process that were found ended at the last reading and wait to be reaped."""
        return self._ended

    def counters(self) -> dict[Identity, Counters]:
        """All that the processes of the last reading tell."""
        return {each.identity: counters_of(each) for each in self._known.values()}

    def sets(self) -> Sets:
        """Proportional and unique sets of the processes of the last reading."""
        found = {each.pid: sets_of(each.pid) for each in self._known.values() if each.living}
        read = {pid: sets for pid, sets in found.items() if sets is not None}
        for pid, (pss_bytes, _) in read.items():
            self._known[pid].shared_bytes = max(0, self._known[pid].rss_bytes - pss_bytes)
        return added(found.values())

    def own_words(self, pid: int, children_cpu_s: float) -> None:
        """See `Reader`."""
        self._ledger.told(pid, children_cpu_s)

    def close(self) -> None:
        """Let go of all descriptors."""
        for each in self._known.values():
            each.close()
        self._known = {}
        if self._load >= 0:
            os.close(self._load)
            self._load = -1

    def _walk(self) -> None:
        """Refresh what is known, add what is new and drop what is gone."""
        living: set[int] = set()
        waiting = [pid for pid in _own_children() if pid not in self._watched.excluded]
        while waiting:
            pid = waiting.pop()
            if pid not in living and (process := self._fresh(pid)) is not None:
                living.add(pid)
                waiting += process.children()
        for process in list(self._known.values()):  # one whose parent ended meanwhile was in neither's list
            if process.pid not in living and not process.refresh():
                self._drop(process)

    def _fresh(self, pid: int) -> Process | None:
        process = self._known.get(pid)
        if process is not None:
            if process.refresh():
                return process
            self._drop(process)  # and another may have its id now
        try:
            process = Process(pid, keep=len(self._known) < _MOST_KEPT)
        except OSError:
            return None
        if not process.refresh():
            process.close()
            return None
        self._known[pid] = process
        self._seen += 1
        self._watched.seen.add(pid)
        return process

    def _drop(self, process: Process) -> None:
        self._ledger.see(process.identity, process.parent, process.own_s, process.reaped_s)  # as last seen
        process.close()
        self._threads_gone += process.threads_beside_first
        del self._known[process.pid]


def _own_children() -> list[int]:
    found = []
    for name in os.listdir("/proc/self/task"):
        with contextlib.suppress(OSError):
            found += numbers(f"/proc/self/task/{name}/children")
    return found

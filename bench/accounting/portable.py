"""The portable reader: process trees by psutil alone, on every system. Its CPU is a lower bound in coarse ticks."""

import contextlib
import time

import psutil

from bench.accounting.descendants import below
from bench.accounting.ledger import Ledger
from bench.accounting.reading import TICK_S, Counters, Identity, Reading, Sets, Watched, added


class PortableReader:
    """The tree below this process, by psutil."""

    name = "psutil"
    tick_s = TICK_S

    def __init__(self, watched: Watched) -> None:
        self._watched = watched
        self._ledger = Ledger(watched.reaper.cpu_s)
        self._own = psutil.Process()
        self._known: dict[Identity, Counters] = {}
        self._ended: set[Identity] = set()
        self._threads: dict[Identity, int] = {}
        self._shared: dict[Identity, int] = {}
        self._processes = 0

    def read(self) -> Reading:
        """The tree now."""
        self._known, self._ended, self._processes = {}, set(), 0
        for process in self._tree():
            with contextlib.suppress(psutil.Error), process.oneshot():
                self._look_at(process)
        for who, counters in self._known.items():
            own_s = counters.user_s + counters.system_s
            reaped_s = counters.reaped_user_s + counters.reaped_system_s
            self._ledger.see(who, counters.parent, own_s, reaped_s, ended=who in self._ended)
        self._ledger.keep_only(set(self._known))
        rss_bytes = sum(each.rss_bytes for each in self._known.values())
        shared = sum(min(self._shared.get(who, 0), each.rss_bytes) for who, each in self._known.items())
        return Reading(
            at_s=time.perf_counter(),
            cpu_s=self._ledger.total_s,
            rss_bytes=rss_bytes,
            memory_bytes=rss_bytes - shared,
            processes=self._processes,
            processes_seen=len(self._threads),
            threads_seen=sum(max(0, each - 1) for each in self._threads.values()),
            ignores_children=None,
        )

    def glance(self) -> Reading:
        """See `Reader`; psutil knows no cheaper way."""
        return self.read()

    def _tree(self) -> list[psutil.Process]:
        """All descendants but the excluded and those below them."""
        try:
            return below(self._watched.excluded)
        except psutil.Error:
            return []

    def _look_at(self, process: psutil.Process) -> None:
        who = Identity(process.pid, process.create_time())
        times = process.cpu_times()
        parent = process.ppid()
        ended = process.status() == psutil.STATUS_ZOMBIE
        rss_bytes = 0
        if ended:
            self._ended.add(who)
        else:
            with contextlib.suppress(psutil.AccessDenied):
                rss_bytes = process.memory_info().rss
            with contextlib.suppress(psutil.AccessDenied):
                self._threads[who] = max(self._threads.get(who, 1), process.num_threads())
            self._processes += 1
        self._threads.setdefault(who, 1)
        self._watched.seen.add(who.pid)
        self._known[who] = Counters(
            parent, times.user, times.system, times.children_user, times.children_system, rss_bytes=rss_bytes
        )

    def ended_children(self) -> list[int]:
        """See `Reader`."""
        return [who.pid for who in self._ended if self._known[who].parent == self._own.pid]

    def counters(self) -> dict[Identity, Counters]:
        """CPU and memory of the processes of the last reading; psutil tells the rest of no tree, or of one thread."""
        return dict(self._known)

    def sets(self) -> Sets:
        """Proportional (Linux alone) and unique sets of the processes of the last reading."""
        found = {who: sets_of(who.pid) for who, each in self._known.items() if each.rss_bytes}
        read = {who: sets for who, sets in found.items() if sets is not None}
        for who, (pss_bytes, _) in read.items():
            self._shared[who] = max(0, self._known[who].rss_bytes - pss_bytes)
        return added(found.values())

    def own_words(self, pid: int, children_cpu_s: float) -> None:
        """See `Reader`."""
        self._ledger.told(pid, children_cpu_s)

    def close(self) -> None:
        """Nothing is kept open."""


def sets_of(pid: int) -> tuple[int, int] | None:
    """Proportional and unique set of a process in bytes; None where the system does not tell both."""
    try:
        full = psutil.Process(pid).memory_full_info()
    except (psutil.Error, OSError):
        return None
    pss_bytes = getattr(full, "pss", None)
    return None if pss_bytes is None else (pss_bytes, full.uss)

"""Reads and ends process trees with psutil.

This is the portable floor of accounting: CPU is the sum over the living tree of each process's own time and its
reaped children's, in ticks of the kernel's clock; memory is the sum of resident sets, which counts a page shared by
several processes once for each. More exact layers can take the place of `PsutilReader` behind the same method.
"""

import contextlib
import ctypes
import os
import signal
import sys
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import psutil

CPU_METHOD = "psutil ledger: own and reaped children's CPU over the living tree; a lower bound where orphans end"
MEMORY_METHOD = "psutil: sum of resident sets; shared pages count once for each process"
TICK_S = 1 / os.sysconf("SC_CLK_TCK") if hasattr(os, "sysconf") else 0.01
_GRACE_S, _GIVE_UP_S = 0.5, 10.0
_SECOND_LOOK_S = 0.005
_PR_SET_PDEATHSIG, _PR_SET_CHILD_SUBREAPER = 1, 36  # linux/prctl.h


@dataclass(frozen=True, slots=True)
class Reading:
    """The tree at a moment: `at_s` on the monotonic clock, CPU since it began, memory, and number of processes."""

    at_s: float
    cpu_s: float
    memory_bytes: int
    processes: int


class PsutilReader:
    """Reads the tree below one process. CPU never falls from one reading to the next."""

    def __init__(self, pid: int) -> None:
        self._root = psutil.Process(pid)
        self._known: dict[int, psutil.Process] = {}
        self._last = Reading(time.perf_counter(), 0.0, 0, 0)

    def read(self) -> Reading:
        """The tree now; where the root is gone, the last reading again with the present time."""
        cpu_s, memory_bytes, processes = 0.0, 0, 0
        for process in self._tree():
            with contextlib.suppress(psutil.Error), process.oneshot():
                cpu_s += sum(process.cpu_times()[:4])
                memory_bytes += process.memory_info().rss
                processes += 1
        now = time.perf_counter()
        if processes == 0:
            cpu_s, memory_bytes = self._last.cpu_s, self._last.memory_bytes
        self._last = Reading(now, max(cpu_s, self._last.cpu_s), memory_bytes, processes)
        return self._last

    def _tree(self) -> list[psutil.Process]:
        if not _HAS_CHILDREN_FILES:
            try:
                return [self._root, *self._root.children(recursive=True)]
            except psutil.Error:
                return [self._root]
        known = {}
        for pid in _below(self._root.pid):
            with contextlib.suppress(psutil.Error):
                known[pid] = self._known.get(pid) or psutil.Process(pid)
        self._known = known
        return [self._root, *known.values()]


_HAS_CHILDREN_FILES = os.path.exists(f"/proc/self/task/{os.getpid()}/children")


def _below(root: int) -> Iterator[int]:
    """Process ids of all descendants, from the kernel's list of each thread's children.

    psutil finds them by reading the parent of every process of the machine: 0.73 ms of a reading's 0.98 ms here with 68
    processes, on cores that the measured code needs; this takes 0.06 ms for a pool of two.
    """
    waiting = [root]
    while waiting:
        pid = waiting.pop()
        try:
            threads = os.listdir(f"/proc/{pid}/task")
        except OSError:
            continue
        for thread in threads:
            with contextlib.suppress(OSError), open(f"/proc/{pid}/task/{thread}/children", "rb") as file:
                children = [int(each) for each in file.read().split()]
                yield from children
                waiting += children


def adopt_orphans() -> None:
    """Make this process the parent of descendants whose own parent ends, where the system can (Linux)."""
    _prctl(_PR_SET_CHILD_SUBREAPER, 1)


def die_with_parent() -> None:
    """Have the kernel kill this process when its parent ends, however that ends, where the system can (Linux)."""
    _prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


def own_its_orphans_and_die_with_parent() -> None:
    """Both of the above for a process that is about to become Python; the first is kept when it does (prctl(2))."""
    adopt_orphans()
    die_with_parent()


def _load_prctl() -> ctypes.CDLL | None:
    return ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None


_LIBC = _load_prctl()


def _prctl(option: int, value: int) -> None:
    if _LIBC is not None:
        _LIBC.prctl(option, value, 0, 0, 0)


def descendants(excluded: Iterable[int] = ()) -> list[psutil.Process]:
    """Living descendants of this process, but those in `excluded` and below them.

    None are reported only if two looks find none: a process whose parent ends while the first one is taken belongs to
    neither the old parent nor the new.
    """
    found = _look(excluded)
    if not found:
        time.sleep(_SECOND_LOOK_S)
        found = _look(excluded)
    return found


def _look(excluded: Iterable[int]) -> list[psutil.Process]:
    left_out = set(excluded)
    found = []
    for process in psutil.Process().children(recursive=True):  # parents come before their children
        with contextlib.suppress(psutil.Error):
            if process.pid in left_out or process.ppid() in left_out:
                left_out.add(process.pid)
            elif not _ended(process):
                found.append(process)
    return found


def await_end(excluded: Iterable[int], limit_s: float) -> list[psutil.Process]:
    """Wait until no descendant is left but the excluded; give back those that are there after `limit_s`."""
    excluded = list(excluded)
    deadline = time.monotonic() + limit_s
    while (left := descendants(excluded)) and time.monotonic() < deadline:
        time.sleep(0.005)
    return left


def end_descendants(excluded: Iterable[int] = ()) -> int:
    """Ask all descendants but the excluded to end, then kill them, until none is left; give back how many there were.

    What cannot be killed (it waits for a device, or belongs to another user) is given up after ten seconds.
    """
    excluded = list(excluded)
    asked: set[int] = set()
    began = time.monotonic()
    while (left := descendants(excluded)) and time.monotonic() < began + _GIVE_UP_S:
        for process in left:
            with contextlib.suppress(psutil.Error):
                if time.monotonic() > began + _GRACE_S:
                    process.kill()
                elif process.pid not in asked:
                    process.terminate()
        asked.update(process.pid for process in left)
        time.sleep(0.01)
    return len(asked)


def _ended(process: psutil.Process) -> bool:
    """Whether it is gone or only waits to be reaped; if it is this process's to reap, that is done."""
    try:
        if process.status() != psutil.STATUS_ZOMBIE:
            return False
        if process.ppid() == os.getpid():
            os.waitpid(process.pid, os.WNOHANG)
    except (psutil.Error, ChildProcessError):
        pass
    return True

"""One process as Linux's /proc shows it: what a reading of it costs least, and all that it tells.

Descriptors stay open, so that a reading after the process has ended fails and never meets a stranger with its id.
"""

import contextlib
import os
import signal
import time
from collections.abc import Iterator

from bench.accounting.reading import TICK_S, Counters, Identity

_LOOKS, _LOOK_EVERY = {2, 3}, 8
"""At which full readings of a process its `status` is read, 7 µs, to learn whether it ignores SIGCHLD."""
_PAGE = os.sysconf("SC_PAGE_SIZE") if hasattr(os, "sysconf") else 4096
_PIECE_BYTES = 4000
"""The kernel gives lists in pieces of a page, less what does not fit any more; what is shorter is whole."""
_ENDED = {b"Z", b"X", b"x"}
# proc_pid_stat(5), counted from the state, which follows the name
_PARENT, _MINOR, _REAPED_MINOR, _MAJOR, _REAPED_MAJOR = 1, 7, 8, 9, 10
_USER, _SYSTEM, _REAPED_USER, _REAPED_SYSTEM, _THREADS, _STARTED, _RSS = 11, 12, 13, 14, 17, 19, 21
_SIGCHLD_BIT = 1 << (getattr(signal, "SIGCHLD", 17) - 1)


class Process:
    """One process, for as long as it lasts."""

    def __init__(self, pid: int, *, keep: bool) -> None:
        """Open it.

        Raises:
            OSError: if it is gone, or may not be read.
        """
        self.pid = pid
        self._stat = self._children = self._memory = -1
        if keep:
            with contextlib.suppress(OSError):  # no more descriptors: it is opened each time
                self._stat = os.open(f"/proc/{pid}/stat", os.O_RDONLY | os.O_CLOEXEC)
                self._children = os.open(f"/proc/{pid}/task/{pid}/children", os.O_RDONLY | os.O_CLOEXEC)
                self._memory = os.open(f"/proc/{pid}/statm", os.O_RDONLY | os.O_CLOEXEC)
        self._clock = (~pid << 3) | 2  # CPUCLOCK_SCHED of the whole process: linux/posix-timers.h
        self.fields: list[bytes] = []
        self.own_s = 0.0
        self.rss_bytes = 0
        """Its resident set at the last reading."""
        self.shared_bytes: int | None = None
        """What it shared when its proportional set was last read."""
        self.discount_bytes = 0
        """What of its resident set is not its own, as far as that is known."""
        self._by_faults = False
        self._first_rss_bytes = 0
        self.ignores_children = False
        self._readings = 0
        self._children_then: set[int] = set()
        self.threads: set[str] = set()
        try:
            self._take(self._read_stat())
            self.identity = Identity(pid, int(self.fields[_STARTED]))
            self._first_rss_bytes = self.rss_bytes
        except (OSError, IndexError) as error:
            self.close()
            raise ProcessLookupError(pid) from error

    def _read_stat(self) -> list[bytes]:
        data = os.pread(self._stat, 1024, 0) if self._stat >= 0 else content(f"/proc/{self.pid}/stat")
        return data.rpartition(b")")[2].split()

    def _take(self, fields: list[bytes]) -> None:
        self.fields = fields
        self.rss_bytes = int(fields[_RSS]) * _PAGE

    def refresh(self) -> bool:
        """Read it again; False if it is gone, its id with another process or not."""
        try:
            fields = self._read_stat()
            if int(fields[_STARTED]) != self.identity.started:
                return False
            self._take(fields)
        except (OSError, IndexError):
            return False
        try:
            self.own_s = time.clock_gettime(self._clock)
        except OSError:
            self.own_s = (int(fields[_USER]) + int(fields[_SYSTEM])) * TICK_S
        self._readings += 1
        if self._readings in _LOOKS or self._readings % _LOOK_EVERY == 0:
            self.ignores_children |= _status(self)[3]
        return True

    def glance(self, *, clock: bool) -> bool:
        """Read its resident set and perhaps its clock alone, a fifth of the cost; False if that tells its end."""
        if self._memory < 0:
            return False
        if clock and self._by_faults:  # a page copied on write leaves the resident set as it was
            return self.refresh() and self.living and self.find_discount(forked=True)
        try:
            pages = int(os.pread(self._memory, 64, 0).split(b" ", 2)[1])
            if clock:
                self.own_s = time.clock_gettime(self._clock)
        except (OSError, IndexError):
            return False
        self.rss_bytes = pages * _PAGE
        return pages > 0  # what has ended holds nothing

    def children(self) -> list[int]:
        """Ids of the children of all its threads; also notes the threads."""
        if int(self.fields[_THREADS]) > 1:
            self._children_then = set(self._children_of_threads())
        else:
            self._children_then = set(self._children_of_first())
        return list(self._children_then)

    def has_more(self) -> bool:
        """Whether it has children that it had not at the last call of `children`."""
        if int(self.fields[_THREADS]) > 1:
            return not self._children_then.issuperset(self._children_of_threads())
        return not self._children_then.issuperset(self._children_of_first())

    def _children_of_first(self) -> list[int]:
        try:
            if self._children >= 0 and len(data := os.pread(self._children, 1 << 16, 0)) < _PIECE_BYTES:
                return [int(each) for each in data.split()]
            return numbers(f"/proc/{self.pid}/task/{self.pid}/children")
        except OSError:
            return []

    def _children_of_threads(self) -> Iterator[int]:
        with contextlib.suppress(OSError):
            names = os.listdir(f"/proc/{self.pid}/task")
            self.threads.update(names)
            for name in names:
                with contextlib.suppress(OSError):
                    yield from numbers(f"/proc/{self.pid}/task/{name}/children")

    @property
    def parent(self) -> int:
        """The id of its parent."""
        return int(self.fields[_PARENT])

    @property
    def reaped_s(self) -> float:
        """CPU of the children it waited for, with theirs, in ticks."""
        return (int(self.fields[_REAPED_USER]) + int(self.fields[_REAPED_SYSTEM])) * TICK_S

    @property
    def living(self) -> bool:
        """Whether it is no zombie."""
        return self.fields[0] not in _ENDED

    @property
    def threads_beside_first(self) -> int:
        """How many threads it was seen with, but for the one it began with."""
        return max(0, len(self.threads) - 1)

    def find_discount(self, *, forked: bool) -> bool:
        """Find how much of its resident set it shares, as far as that is known; always True.

        A forked child that was not looked into holds, beyond what it was born with, what it touched: a page for each
        minor fault, or all it grew by where a fault brings more than one page.
        """
        self._by_faults = forked and self.shared_bytes is None
        if self.shared_bytes is not None:
            self.discount_bytes = min(self.shared_bytes, self.rss_bytes)
        elif forked:
            touched = max(int(self.fields[_MINOR]) * _PAGE, self.rss_bytes - self._first_rss_bytes)
            self.discount_bytes = max(0, self.rss_bytes - touched)
        return True

    def close(self) -> None:
        """Let go of its descriptors."""
        for descriptor in (self._stat, self._children, self._memory):
            if descriptor >= 0:
                os.close(descriptor)
        self._stat = self._children = self._memory = -1


def counters_of(process: Process) -> Counters:
    """All that the process tells, its last reading with it."""
    fields = [*map(int, process.fields[1:])]
    voluntary, involuntary, peak_bytes, ignores = _status(process)
    read_bytes, written_bytes = _bytes(process.pid)
    return Counters(
        parent=fields[_PARENT - 1],
        user_s=fields[_USER - 1] * TICK_S,
        system_s=fields[_SYSTEM - 1] * TICK_S,
        reaped_user_s=fields[_REAPED_USER - 1] * TICK_S,
        reaped_system_s=fields[_REAPED_SYSTEM - 1] * TICK_S,
        minor_faults=fields[_MINOR - 1],
        major_faults=fields[_MAJOR - 1],
        reaped_minor_faults=fields[_REAPED_MINOR - 1],
        reaped_major_faults=fields[_REAPED_MAJOR - 1],
        voluntary_switches=voluntary,
        involuntary_switches=involuntary,
        read_bytes=read_bytes,
        written_bytes=written_bytes,
        rss_bytes=process.rss_bytes if process.living else 0,
        peak_rss_bytes=peak_bytes,
        ignores_children=ignores or process.ignores_children,
    )


def _status(process: Process) -> tuple[int | None, int | None, int | None, bool]:
    """Context switches of its threads (`status` of a process is that of one thread alone), peak, SIGCHLD ignored."""
    names = [str(process.pid)]
    if int(process.fields[_THREADS]) > 1:
        with contextlib.suppress(OSError):
            names = os.listdir(f"/proc/{process.pid}/task")
    voluntary = involuntary = 0
    lines: dict[bytes, bytes] = {}
    for name in names:
        try:
            text = content(f"/proc/{process.pid}/task/{name}/status")
        except OSError:
            continue
        lines = dict(each.split(b":", 1) for each in text.splitlines() if b":" in each)
        voluntary += int(lines.get(b"voluntary_ctxt_switches", 0))
        involuntary += int(lines.get(b"nonvoluntary_ctxt_switches", 0))
    if not lines:
        return None, None, None, False
    peak = lines.get(b"VmHWM")
    ignored = int(lines.get(b"SigIgn", b"0"), 16)
    return voluntary, involuntary, int(peak.split()[0]) * 1024 if peak else None, bool(ignored & _SIGCHLD_BIT)


def _bytes(pid: int) -> tuple[int | None, int | None]:
    """Bytes it has read and written through read and write calls; None where it may not be told."""
    try:
        lines = dict(each.split(b": ", 1) for each in content(f"/proc/{pid}/io").splitlines())
        return int(lines[b"rchar"]), int(lines[b"wchar"])
    except (OSError, KeyError):
        return None, None


def numbers(path: str) -> list[int]:
    """The numbers in a file.

    Raises:
        OSError: if it cannot be read.
    """
    return [int(each) for each in content(path).split()]


def content(path: str) -> bytes:
    """All of a file.

    Raises:
        OSError: if it cannot be read.
    """
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        data = b""
        while more := os.read(descriptor, 1 << 16):
            data += more
        return data
    finally:
        os.close(descriptor)

"""A control group of a block: the kernel adds up what all its processes use, however short they live and end.

A process joins it before it becomes Python, and it is removed with the block. Memory of a group holds more than processes:
cache of files that it was first to read or write, tmpfs, and the kernel's own for it. See cgroups(7) and the kernel's
admin-guide/cgroup-v2 and cgroup-v1.
"""

import contextlib
import itertools
import os
import time
from dataclasses import dataclass
from pathlib import Path

from bench.processes.ownership import make_own

PREFIX = "concurrency-bench-"
"""Of the names of all that this tool makes."""
_GONE_S = 2.0
_NUMBERS = itertools.count()


@dataclass(frozen=True, slots=True)
class Parent:
    """A group below which we may make others and move processes into them."""

    folder: Path
    version: int
    memory: bool
    """Whether groups below it count memory."""
    cpu: bool
    """Whether they count CPU; those of version 2 always do."""


@dataclass(frozen=True, slots=True)
class GroupCpu:
    """CPU of a group since it was made, seconds."""

    cpu_s: float
    user_s: float
    system_s: float


class Group:
    """A control group of our own."""

    def __init__(self, parent: Parent) -> None:
        """Make it.

        Raises:
            OSError: if that may not be done.
        """
        self.parent = parent
        mine = f"{parent.folder}/{PREFIX}{os.getpid()}"  # a process of this number may have some in another container
        folder, self._lock = make_own(f"{mine}-{number}" for number in _NUMBERS)
        self._folder = Path(folder)
        self._open: dict[str, int] = {}
        self._highest = 0
        self._resets = parent.version == 1

    @property
    def layer(self) -> str:
        """Its name among the layers."""
        return f"cgroup v{self.parent.version}"

    def join(self) -> None:
        """Move this process into it.

        Raises:
            OSError: if that may not be done.
        """
        (self._folder / "cgroup.procs").write_text("0\n")

    def cpu(self) -> GroupCpu:
        """What its processes have used; of one that runs on another core, up to the kernel's last tick."""
        if self.parent.version == 2:
            values = self._table("cpu.stat")
            return GroupCpu(values["usage_usec"] / 1e6, values["user_usec"] / 1e6, values["system_usec"] / 1e6)
        user, system = self._number("cpuacct.usage_user") / 1e9, self._number("cpuacct.usage_sys") / 1e9
        return GroupCpu(self._number("cpuacct.usage") / 1e9, user, system)

    def memory_bytes(self) -> int:
        """What it holds now."""
        return self._number("memory.current" if self.parent.version == 2 else "memory.usage_in_bytes")

    def file_cache_bytes(self) -> int:
        """How much of that is cache of files, which the kernel gives back when it needs memory."""
        values = self._table("memory.stat")
        if self.parent.version == 2:
            return values["file"] - values["shmem"]
        return values["total_cache"] - values["total_shmem"]

    def begin_peak(self) -> None:
        """Forget the peak so far, where the kernel can: version 1, and version 2 since Linux 6.12."""
        self._highest = max(self._highest, self._peak())
        try:
            self._write("memory.peak" if self.parent.version == 2 else "memory.max_usage_in_bytes")
            self._resets = True
        except OSError:
            self._resets = False

    def peak_bytes(self) -> int | None:
        """The most it held since `begin_peak`; None where an earlier peak hides that."""
        peak = self._peak()
        return peak if self._resets or peak > self._highest else None

    def highest_bytes(self) -> int:
        """The most it ever held."""
        self._highest = max(self._highest, self._peak())
        return self._highest

    def _peak(self) -> int:
        """Raises OSError where the kernel keeps none: version 2 before Linux 5.19."""
        return self._number("memory.peak" if self.parent.version == 2 else "memory.max_usage_in_bytes")

    def processes(self) -> list[int]:
        """Ids of the processes in it."""
        with contextlib.suppress(OSError):
            return [int(each) for each in (self._folder / "cgroup.procs").read_text().split()]
        return []

    def remove(self) -> None:
        """Kill what is still in it and remove it."""
        for descriptor in self._open.values():
            os.close(descriptor)
        self._open = {}
        self._remove_folder()
        if self._lock >= 0:
            os.close(self._lock)
            self._lock = -1

    def _remove_folder(self) -> None:
        deadline = time.monotonic() + _GONE_S
        while True:
            try:
                self._folder.rmdir()
            except FileNotFoundError:
                return
            except OSError:
                if time.monotonic() > deadline:
                    return
                self._kill()
                time.sleep(0.002)
            else:
                return

    def _kill(self) -> None:
        try:
            (self._folder / "cgroup.kill").write_text("1")
        except OSError:
            for pid in self.processes():
                with contextlib.suppress(OSError):
                    os.kill(pid, 9)

    def _descriptor(self, name: str) -> int:
        """Kept open: a reading then is one call, and the reset of a peak holds for this descriptor."""
        if name not in self._open:
            mode = os.O_RDWR if name in ("memory.peak", "memory.max_usage_in_bytes") else os.O_RDONLY
            try:
                self._open[name] = os.open(self._folder / name, mode | os.O_CLOEXEC)
            except PermissionError:
                self._open[name] = os.open(self._folder / name, os.O_RDONLY | os.O_CLOEXEC)
        return self._open[name]

    def _number(self, name: str) -> int:
        return int(os.pread(self._descriptor(name), 64, 0))

    def _table(self, name: str) -> dict[str, int]:
        lines = os.pread(self._descriptor(name), 1 << 14, 0).decode().splitlines()
        return {key: int(value) for key, value in (line.split(" ", 1) for line in lines)}

    def _write(self, name: str) -> None:
        os.pwrite(self._descriptor(name), b"0\n", 0)

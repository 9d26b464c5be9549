"""A control group for each block: the kernel adds up what all its processes use, however short they live and end.

Version 2 and version 1 stand side by side on many machines: CPU and memory each take the first that works. A group is
made below the nearest group of ours that lets us, the process joins it before it becomes Python, and it is removed with
the block. Memory of a group holds more than processes: cache of files that it was first to read or write, tmpfs, and
the kernel's own for it. See cgroups(7) and the kernel's admin-guide/cgroup-v2 and cgroup-v1.
"""

import contextlib
import itertools
import os
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

_MOUNTS, _OWN = Path("/proc/self/mounts"), Path("/proc/self/cgroup")
_PREFIX = "concurrency-bench-"
_GONE_S = 2.0
_NO_LIMIT = 1 << 60
"""What version 1 tells where no limit is set is the largest number of pages in bytes."""
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
class Places:
    """Where groups can be made for CPU and for memory; the same one, two, or none and the reason."""

    cpu: Parent | None
    memory: Parent | None
    why_no_cpu: str = ""
    why_no_memory: str = ""


@dataclass(frozen=True, slots=True)
class GroupCpu:
    """CPU of a group since it was made, seconds."""

    cpu_s: float
    user_s: float
    system_s: float


def find_places() -> Places:
    """Try where groups can be made; each try makes one, moves a process into it, and removes both."""
    if not sys.platform.startswith("linux"):
        reason = f"control groups need Linux, and this is {sys.platform}"
        return Places(None, None, reason, reason)
    try:
        candidates = _candidates()
    except OSError as error:
        reason = f"no control groups here: {error.filename}: {error.strerror}"
        return Places(None, None, reason, reason)
    if not candidates:
        reason = "no control groups are mounted here"
        return Places(None, None, reason, reason)
    refusals: dict[Path, str] = {}

    def works(parent: Parent) -> bool:
        if parent.folder not in refusals:
            refusals[parent.folder] = _refusal(parent)
        return not refusals[parent.folder]

    both = (each for each in candidates if each.cpu and each.memory and each.version == 2)
    cpu = next(filter(works, itertools.chain(both, (each for each in candidates if each.cpu))), None)
    memory = cpu if cpu and cpu.memory else next(filter(works, (each for each in candidates if each.memory)), None)
    why = next(filter(None, refusals.values()), "")
    return Places(
        cpu,
        memory,
        "" if cpu else why or "no control group counts CPU here",
        "" if memory else why or "the memory controller is not given to the control groups we may use",
    )


def sweep() -> None:
    """Remove groups that a killed process of ours left behind."""
    with contextlib.suppress(OSError):
        for folder in {found for parent in _candidates() for found in parent.folder.glob(f"{_PREFIX}*")}:
            maker = folder.name.removeprefix(_PREFIX).partition("-")[0]
            if not (maker.isdecimal() and os.path.exists(f"/proc/{maker}")):
                with contextlib.suppress(OSError):
                    folder.rmdir()


def _candidates() -> list[Parent]:
    """Our own groups and those above them: version 2 first, the nearest first.

    Raises:
        OSError: where /proc tells no mounts or no groups.
    """
    roots = {}
    for line in _MOUNTS.read_text().splitlines():
        _, mounted, kind, options, *_ = line.split(" ")
        if kind == "cgroup2":
            roots[""] = Path(mounted)
        elif kind == "cgroup":
            roots |= {each: Path(mounted) for each in ("cpuacct", "memory") if each in options.split(",")}
    found: list[Parent] = []
    for line in sorted(_OWN.read_text().splitlines(), key=lambda each: not each.startswith("0::")):
        _, controllers, path = line.split(":", 2)
        for controller in controllers.split(","):
            if (root := roots.get(controller)) and ".." not in path.split("/"):  # else it is above what we see
                found += _upwards(root / path.lstrip("/"), root, controller)
    return found


def _upwards(own: Path, root: Path, controller: str) -> Iterator[Parent]:
    """A group and those above it, up to one that sets a limit: outside of that, it would not hold for what we start."""
    for folder in (own, *own.parents):
        if folder.is_dir():
            yield _parent(folder, controller)
            if _limits(folder):
                return
        if folder == root:
            return


def _limits(folder: Path) -> bool:
    """Whether the group limits CPU or memory, in either version."""
    for name, unlimited in (
        ("cpu.max", "max"),
        ("memory.max", "max"),
        ("memory.high", "max"),
        ("cpu.cfs_quota_us", "-1"),
    ):
        with contextlib.suppress(OSError):
            if not (folder / name).read_text().startswith(unlimited):
                return True
    with contextlib.suppress(OSError):
        return int((folder / "memory.limit_in_bytes").read_text()) < _NO_LIMIT
    return False


def _parent(folder: Path, controller: str) -> Parent:
    if controller:
        return Parent(folder, 1, memory=controller == "memory", cpu=controller == "cpuacct")
    given = ""
    with contextlib.suppress(OSError):
        given = (folder / "cgroup.subtree_control").read_text()
    return Parent(folder, 2, memory="memory" in given.split(), cpu=True)


def _refusal(parent: Parent) -> str:
    """Why no group can be made and joined below `parent`; empty if one was."""
    try:
        group = Group(parent)
    except OSError as error:
        return f"cannot make a group in {parent.folder}: {error.strerror}"
    try:
        child = os.fork()
        if child == 0:
            try:
                group.join()
            except OSError as error:
                os._exit(error.errno or 1)
            os._exit(0)
        code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        return f"cannot move a process into a group of {parent.folder}: {os.strerror(code)}" if code else ""
    finally:
        group.remove()


class Group:
    """A control group of our own."""

    def __init__(self, parent: Parent) -> None:
        """Make it.

        Raises:
            OSError: if that may not be done.
        """
        self.parent = parent
        self._folder = parent.folder / f"{_PREFIX}{os.getpid()}-{next(_NUMBERS)}"
        self._folder.mkdir()
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

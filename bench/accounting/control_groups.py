"""Where control groups can be made, and the removal of those that killed processes left.

Version 2 and version 1 stand side by side on many machines: CPU and memory each take the first that works. A group is
made below the nearest group of ours that lets us.
"""

import contextlib
import os
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from bench.accounting.group import PREFIX, Group, Parent
from bench.accounting.own_groups import OwnGroup, own_groups
from bench.processes.ownership import abandoned

_NO_LIMIT = 1 << 60
"""What version 1 tells where no limit is set is the largest number of pages in bytes."""


@dataclass(frozen=True, slots=True)
class Places:
    """Where groups can be made for CPU and for memory; the same one, two, or none and the reason."""

    cpu: Parent | None
    memory: Parent | None
    why_no_cpu: str = ""
    why_no_memory: str = ""


def find_places() -> Places:
    """Try where groups can be made; each try makes one, moves a process into it, and removes both."""
    if not sys.platform.startswith("linux"):
        return _nowhere(f"control groups need Linux, and this is {sys.platform}")
    try:
        candidates = _candidates()
    except OSError as error:
        return _nowhere(f"no control groups here: {error.filename}: {error.strerror}")
    if not candidates:
        return _nowhere("no control groups are mounted here")
    refusals: dict[Path, str] = {}
    both_first = sorted(candidates, key=lambda each: not each.memory or each.version != 2)
    cpu = _first_that_works([each for each in both_first if each.cpu], refusals)
    of_memory = [each for each in candidates if each.memory]
    memory = cpu if cpu and cpu.memory else _first_that_works(of_memory, refusals)
    refused = [*filter(None, refusals.values())]
    no_cpu = [*refused, "no control group counts CPU here"]
    no_memory = [*refused, "the memory controller is not given to the control groups we may use"]
    return Places(cpu, memory, "" if cpu else no_cpu[0], "" if memory else no_memory[0])


def _first_that_works(parents: Iterable[Parent], refusals: dict[Path, str]) -> Parent | None:
    """The first below which a group can be made; notes of each that is tried why none can, or an empty text."""
    for parent in parents:
        if parent.folder not in refusals:
            refusals[parent.folder] = _refusal(parent)
        if not refusals[parent.folder]:
            return parent
    return None


def _nowhere(reason: str) -> Places:
    return Places(None, None, reason, reason)


def sweep() -> None:
    """Remove groups that a killed process of ours left behind. Those with processes in them the kernel keeps."""
    with contextlib.suppress(OSError):
        for folder in {found for parent in _candidates() for found in parent.folder.glob(f"{PREFIX}*")}:
            with abandoned(str(folder)) as is_left, contextlib.suppress(OSError):
                if is_left:
                    folder.rmdir()


def _candidates() -> list[Parent]:
    """Our own groups and those above them: version 2 first, the nearest first.

    Raises:
        OSError: where /proc tells no mounts or no groups.
    """
    return [parent for own in own_groups(("cpuacct", "memory")) for parent in _upwards(own)]


def _upwards(own: OwnGroup) -> Iterator[Parent]:
    """A group and those above it, up to one that sets a limit: outside of that, it would not hold for what we start."""
    for folder in own.upwards():
        if folder.is_dir():
            yield _parent(folder, own.controller)
            if _limits(folder):
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

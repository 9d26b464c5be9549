"""What a whole tree used, from what those who waited for it learned."""

import contextlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from bench.accounting.group import GroupCpu
from bench.accounting.layers import Layers
from bench.accounting.memory import NO_GROUP, NO_SAMPLE, NO_SETS
from bench.accounting.methods import Evidence
from bench.accounting.reading import Reading
from bench.accounting.reaping import MAXRSS_UNIT, Reaper, Used
from bench.accounting.tree_snapshot import IGNORED, NO_STARTS

_NEEDS_WAIT4 = "only who waits for all processes learns it, and that layer is absent"
_BYTES = "the kernel keeps no count after a process has ended; the start, the rounds and the stop have theirs"
_ELSE = {
    "peak_memory_bytes": NO_SAMPLE,
    "rss_bytes": NO_SAMPLE,
    "pss_bytes": NO_SETS,
    "uss_bytes": NO_SETS,
    "file_cache_bytes": NO_GROUP,
    "started_at_most": NO_STARTS,
}
"""Why these are None, where they are."""


@dataclass(slots=True)
class Use:
    """Fields of `bench.records.use.Window` but for CPU and memory, and why some are None."""

    values: dict[str, Any] = field(default_factory=dict)
    unknown: dict[str, str] = field(default_factory=dict)


def use(used: Used, group: GroupCpu | None, reading: Reading, layers: Layers, evidence: Evidence) -> Use:
    """Everything that is known in the end."""
    found = Use()
    reason = "" if layers.wait4 else _NEEDS_WAIT4
    for name in ("minor_faults", "major_faults", "voluntary_switches", "involuntary_switches"):
        _keep(found, name, getattr(used, name), reason or (IGNORED if evidence.ignores_children else ""))
    for name in ("user_s", "system_s"):
        value = getattr(used if group is None else group, name)
        _keep(found, name, value, reason if group is None else "")
    for name in ("read_bytes", "written_bytes"):
        _keep(found, name, None, _BYTES)
    found.values["processes_started"] = reading.processes_seen
    found.values["threads_started"] = reading.threads_seen
    return found


def _keep(found: Use, name: str, value: float | None, reason: str) -> None:
    if reason:
        found.unknown[f"whole {name}"] = reason
    found.values[name] = None if reason else value


def reasons(values: Mapping[str, Any]) -> dict[str, str]:
    """Why there is no number for memory and starts, where there is none."""
    return {f"whole {name}": reason for name, reason in _ELSE.items() if values.get(name) is None}


def single_peak(reaper: Reaper) -> int:
    """The most that one process of the tree had resident, bytes; 0 where this process's own memory may hide it.

    A process that becomes another program keeps the peak of the one it was: at first, a copy of this process.
    """
    if not reaper.peak_rss_bytes:
        return 0
    return reaper.peak_rss_bytes if reaper.peak_rss_bytes > _own_peak() else 0


def _own_peak() -> int:
    """The most that this process had resident since it became Python, bytes: rusage would add what was before."""
    with contextlib.suppress(OSError, ValueError, IndexError), open("/proc/self/status", "rb") as file:
        return int(file.read().partition(b"VmHWM:")[2].split(None, 1)[0]) * 1024
    import resource  # Unix alone, as what tells of children

    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * MAXRSS_UNIT

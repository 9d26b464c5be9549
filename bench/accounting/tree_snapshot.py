"""What the tree used between two moments at which it rested: pure differences, each None where it cannot be known."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from bench.accounting.group import GroupCpu
from bench.accounting.reading import Counters, Identity, Reading
from bench.accounting.reaping import Used

IGNORED = "a process ignores SIGCHLD: nobody learns what its children used"
FOREIGN = "children were waited for by a process that does not tell their context switches"
ORPHANED = "orphans ended, and the kernel keeps no count of their bytes"
TOO_COARSE = "less than the ticks in which user and system mode are told apart"
NO_STARTS = "/proc/stat does not tell how many processes were started"
NOT_TOLD = "the system does not tell it of every process here; psutil alone never does"


@dataclass(frozen=True, slots=True)
class SelfReport:
    """What a process says of itself at the snapshot: finer than what others can see of it."""

    pid: int
    own: Used
    children: Used
    """All that it waited for."""


def self_report(pid: int, message: Mapping[str, Any]) -> SelfReport | None:
    """What a root said with a message; None where its system tells it nothing."""
    return SelfReport(pid, Used(*message["own"]), Used(*message["children"])) if message["own"] else None


@dataclass(frozen=True, slots=True)
class TreeSnapshot:
    """Everything that was read of the tree at a moment at which it rested."""

    reading: Reading
    processes: dict[Identity, Counters]
    ended: Used
    """Children of the reading process, orphans among them, that it has waited for so far."""
    report: SelfReport | None = None
    cpu: GroupCpu | None = None
    """Of the control group, where there is one."""
    group_peak_bytes: int | None = None
    """The most that the control group held since the snapshot before, where that can be told."""
    file_cache_bytes: int | None = None
    """How much of the group's memory is cache of files."""
    machine_starts: int | None = None
    """Processes and threads that the machine has started since it booted."""
    number: int = 0
    """Its place in the series."""

    @property
    def ignores_children(self) -> bool:
        """Whether one of the processes ignores SIGCHLD."""
        return any(each.ignores_children for each in self.processes.values())


@dataclass(slots=True)
class Difference:
    """The use between two snapshots, by names of `bench.records.use.Window`."""

    values: dict[str, Any] = field(default_factory=dict)
    unknown: dict[str, str] = field(default_factory=dict)
    ledger_s: float = 0.0
    group_s: float | None = None

    def set(self, name: str, value: float | None, reason: str) -> None:
        """Keep a value, or why there is none."""
        self.values[name] = value
        if value is None:
            self.unknown[name] = reason


def between(before: TreeSnapshot, after: TreeSnapshot) -> Difference:
    """All that two snapshots tell of the time between them."""
    found = Difference()
    _cpu(found, before, after)
    lost = before.ignores_children or after.ignores_children
    for name in ("minor_faults", "major_faults"):
        _set(found, name, _faults(before, after, name), IGNORED if lost else "")
    foreign = FOREIGN if _reaped_elsewhere(before, after) else ""
    for name in ("voluntary_switches", "involuntary_switches"):
        _set(found, name, _switches(before, after, name), IGNORED if lost else foreign)
    orphaned = ORPHANED if before.ended != after.ended else ""
    for name in ("read_bytes", "written_bytes"):
        _set(found, name, _bytes(before, after, name), IGNORED if lost else orphaned)
    found.values["processes_started"] = after.reading.processes_seen - before.reading.processes_seen
    found.values["threads_started"] = after.reading.threads_seen - before.reading.threads_seen
    if before.machine_starts is None or after.machine_starts is None:
        found.set("started_at_most", None, NO_STARTS)
    else:
        found.values["started_at_most"] = after.machine_starts - before.machine_starts
    return found


def _set(found: Difference, name: str, value: int | None, reason: str) -> None:
    if reason or value is None or value < 0:
        found.set(name, None, reason or (NOT_TOLD if value is None else IGNORED))
    else:
        found.values[name] = value


def _cpu(found: Difference, before: TreeSnapshot, after: TreeSnapshot) -> None:
    found.ledger_s = after.reading.cpu_s - before.reading.cpu_s
    if before.cpu is not None and after.cpu is not None:
        found.group_s = after.cpu.cpu_s - before.cpu.cpu_s
        found.values["cpu_s"] = found.group_s
        found.values["user_s"] = after.cpu.user_s - before.cpu.user_s
        found.values["system_s"] = after.cpu.system_s - before.cpu.system_s
        return
    found.values["cpu_s"] = found.ledger_s
    for name in ("user_s", "system_s"):
        value = _seconds(after, name) - _seconds(before, name)
        lost = before.ignores_children or after.ignores_children
        found.set(name, value if value >= 0 else None, IGNORED if lost else TOO_COARSE)


def _seconds(snapshot: TreeSnapshot, name: str) -> float:
    total = float(getattr(snapshot.ended, name))
    for who, each in snapshot.processes.items():
        if snapshot.report is not None and who.pid == snapshot.report.pid:
            total += getattr(snapshot.report.own, name) + getattr(snapshot.report.children, name)
        else:
            total += getattr(each, name) + getattr(each, f"reaped_{name}")
    return total


def _faults(before: TreeSnapshot, after: TreeSnapshot, name: str) -> int | None:
    sums = [_total(snapshot, (name, f"reaped_{name}")) for snapshot in (before, after)]
    ended = getattr(after.ended, name) - getattr(before.ended, name)
    return None if sums[0] is None or sums[1] is None else sums[1] - sums[0] + ended


def _bytes(before: TreeSnapshot, after: TreeSnapshot, name: str) -> int | None:
    sums = [_total(snapshot, (name,)) for snapshot in (before, after)]
    return None if sums[0] is None or sums[1] is None else sums[1] - sums[0]


def _switches(before: TreeSnapshot, after: TreeSnapshot, name: str) -> int | None:
    """Of living threads; of a process that tells, and of its ended children, by its own words."""
    sums = []
    for snapshot in (before, after):
        report = snapshot.report
        others = [each for who, each in snapshot.processes.items() if report is None or who.pid != report.pid]
        living = _sum(getattr(each, name) for each in others)
        if living is None:
            return None
        own = getattr(report.own, name) + getattr(report.children, name) if report is not None else 0
        sums.append(living + own + getattr(snapshot.ended, name))
    return int(sums[1] - sums[0])


def _reaped_elsewhere(before: TreeSnapshot, after: TreeSnapshot) -> bool:
    """Whether a process waited for children meanwhile that tells nothing of them but CPU and faults."""
    for who, each in after.processes.items():
        earlier = before.processes.get(who)
        known = earlier.reaped_minor_faults if earlier is not None else 0
        tells = after.report is not None and who.pid == after.report.pid
        if each.reaped_minor_faults != known and not tells:
            return True
    return False


def _total(snapshot: TreeSnapshot, names: Iterable[str]) -> int | None:
    return _sum(getattr(each, name) for each in snapshot.processes.values() for name in names)


def _sum(values: Iterable[int | None]) -> int | None:
    """The sum, or None where one of them is unknown."""
    total = 0
    for each in values:
        if each is None:
            return None
        total += each
    return total


def machine_starts() -> int | None:
    """Processes and threads started since the machine booted, which psutil does not tell; None where it is hidden."""
    try:
        with open("/proc/stat", "rb") as file:
            return int(file.read().rpartition(b"\nprocesses ")[2].split(None, 1)[0])
    except (OSError, ValueError, IndexError):
        return None

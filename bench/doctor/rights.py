"""What we may look at and how far: control groups, other processes in /proc, hardware counters, descriptors."""

import errno
import os
from collections.abc import Iterator

from bench.accounting.control_groups import Places
from bench.accounting.layers import probe
from bench.accounting.portable import sets_of
from bench.doctor import hardware_counters
from bench.doctor.subject import burning
from bench.doctor.system import System
from bench.records.diagnosis import Fact, State

GROUP = "rights"
DELEGATE = "systemd-run --user --scope -p Delegate=yes python -m bench …"
_DESCRIPTORS = 1024
"""What the fast reader is made for: two for each of 300 processes, and the rest beside."""
_DENIED = (errno.EACCES, errno.EPERM)


def control_groups(system: System) -> Iterator[Fact]:
    """Which control groups are mounted, what they count, and where we may make our own."""
    mounted = [line.split(" ") for line in (system.text("proc/self/mounts") or "").splitlines()]
    versions = sorted({kind for _, _, kind, *_ in mounted if kind in ("cgroup", "cgroup2")}, reverse=True)
    if not versions:
        yield Fact(
            GROUP, "control groups", "none mounted", State.ABSENT, "totals come from the next layer, see accounting",
            "Linux has them; in a container, mount /sys/fs/cgroup",
        )  # fmt: skip
        return
    places = probe().places
    told = ["version " + " and ".join("2" if each == "cgroup2" else "1" for each in versions)]
    told += [f"{what} in {place.folder}" for what, place in (("CPU", places.cpu), ("memory", places.memory)) if place]
    root = next((mount[1] for mount in mounted if mount[2] == "cgroup2"), None)
    if root is not None:
        told.append(f"version 2 offers {system.line(f'{root}/cgroup.controllers'.lstrip('/')) or 'no controllers'}")
    yield _of_places(places, "; ".join(told))


def _of_places(places: Places, told: str) -> Fact:
    """Whether we may make groups of our own, where some are mounted."""
    if places.cpu and places.memory:
        return Fact(GROUP, "control groups", told, State.GOOD, "each block gets a group of its own, which counts all")
    if places.cpu or places.memory:
        why = places.why_no_memory or places.why_no_cpu
        return Fact(
            GROUP, "control groups", f"{told}; {why}", State.LIMITED, "only one of CPU and memory is counted", DELEGATE
        )
    value = f"{told}; {places.why_no_cpu}"
    return Fact(GROUP, "control groups", value, State.ABSENT, "they are here, but not ours to use", DELEGATE)


def other_processes(system: System) -> Iterator[Fact]:
    """Whether processes that we start tell us everything, and whether strangers are hidden."""
    with burning() as pid:
        sets = sets_of(pid)
    if sets is None:
        yield Fact(
            GROUP, "shares of memory", "not told", State.ABSENT, "no proportional and unique sets (PSS, USS)",
            "Linux tells them of one's own processes, unless a container's security profile forbids it",
        )  # fmt: skip
    else:
        yield Fact(GROUP, "shares of memory", "proportional and unique sets of our processes can be read", State.GOOD,
                   "pages shared by fork count once even without a control group")  # fmt: skip
    mounts = [line.split(" ") for line in (system.text("proc/self/mounts") or "").splitlines()]
    options = next((each[3].split(",") for each in mounts if each[1:3] == ["/proc", "proc"]), None)
    if options is None:
        yield Fact(
            GROUP, "/proc", "not mounted", State.ABSENT, "single processes are read by psutil, in the system's unit",
            "Linux has it; in a container, mount it",
        )  # fmt: skip
        return
    hidden = next((each for each in options if each.startswith("hidepid=") and each not in _SHOWN), None)
    if hidden:
        yield Fact(
            GROUP, "/proc", f"mounted with {hidden}", State.LIMITED,
            "processes of other users are hidden: a task that changes its user is seen by control groups alone",
            "sudo mount -o remount,hidepid=0 /proc, if that matters",
        )  # fmt: skip
    else:
        yield Fact(GROUP, "/proc", "mounted, nothing hidden", State.GOOD, "every process of a block can be read")


_SHOWN = ("hidepid=0", "hidepid=off")


def counters(system: System) -> Iterator[Fact]:
    """Whether the processor's counters open."""
    setting = system.line("proc/sys/kernel/perf_event_paranoid")
    shown = f"perf_event_paranoid is {setting}" if setting is not None else "the kernel has no perf events"
    error = hardware_counters.refusal()
    if error is None:
        yield Fact(GROUP, "hardware counters", f"they open; {shown}", State.GOOD,
                   "cycles and instructions could be counted; nothing here does yet")  # fmt: skip
    elif error.errno in _DENIED:
        yield Fact(
            GROUP, "hardware counters", f"{error.strerror}; {shown}", State.LIMITED, "instructions stay unknown",
            "sudo sysctl kernel.perf_event_paranoid=1; in a container, allow perf_event_open",
        )  # fmt: skip
    else:
        yield Fact(
            GROUP, "hardware counters", f"none offered ({errno.errorcode.get(error.errno or 0, '?')}); {shown}", State.ABSENT, "instructions stay unknown",
            "virtual machines rarely have them: use bare metal, or one whose host hands its counters on",
        )  # fmt: skip


def descriptors(_: System) -> Iterator[Fact]:
    """How many files a process may have open."""
    import resource  # not on Windows: the fact is then absent

    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    unlimited = soft == resource.RLIM_INFINITY
    value = "no limit" if unlimited else f"{soft} a process"
    if unlimited or soft >= _DESCRIPTORS:
        yield Fact(GROUP, "descriptors", value, State.GOOD, "enough for the fast reader and hundreds of connections")
    else:
        yield Fact(
            GROUP, "descriptors", value, State.LIMITED, "many processes or connections at a time may fail",
            f"ulimit -n {_DESCRIPTORS if hard == resource.RLIM_INFINITY else min(hard, _DESCRIPTORS)}",
        )  # fmt: skip


def privilege(_: System) -> Iterator[Fact]:
    """Whether this is the superuser: then what works here may not work for others."""
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        yield Fact(GROUP, "user", "root", State.GOOD, "others on this machine may be allowed less; CI usually is")


LOOKS = {
    "control groups": control_groups,
    "/proc": other_processes,
    "hardware counters": counters,
    "descriptors": descriptors,
    "user": privilege,
}

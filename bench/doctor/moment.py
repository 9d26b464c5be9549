"""What else the machine does at this moment, and what is left of it."""

from collections.abc import Iterator

import psutil

from bench import units
from bench.accounting import neighbours
from bench.doctor.system import System
from bench.errors import Unavailable
from bench.machine import environment
from bench.records.diagnosis import Fact, State

GROUP = "this moment"
_BUSY_LOAD, _STOLEN_SHARE = 0.5, 0.01
_LEAST_MEMORY, _LEAST_MEMORY_SHARE = 1_000_000_000, 0.1
_DOMAINS = ("proc/sys/kernel/osrelease", "sys/class/dmi/id/product_name", "sys/hypervisor/type")
_VIRTUAL = ("virtual", "vmware", "kvm", "qemu", "bochs", "xen", "hvm", "microsoft", "amazon ec2", "google compute")


def load(_: System) -> Iterator[Fact]:
    """Runnable processes over the last minute, for each core."""
    if not hasattr(psutil, "getloadavg"):
        raise Unavailable("psutil tells no load here")
    runnable, number = psutil.getloadavg()[0], psutil.cpu_count() or 1
    value = f"{units.significant(runnable)} runnable processes on {number} cores, over the last minute"
    if runnable > _BUSY_LOAD * number:
        yield Fact(
            GROUP, "load", value, State.LIMITED, "other work takes cores from what is measured, now or a moment ago",
            "end it, or wait a minute and look again",
        )  # fmt: skip
    else:
        yield Fact(GROUP, "load", value, State.GOOD, "little has run in the last minute")


def others(_: System) -> Iterator[Fact]:
    """What other processes use of the CPUs now, and what the host of a virtual machine keeps to itself."""
    found = neighbours.look(environment.default_workers()[0])
    value = f"{units.of_a_core(found.taken_cores)}, over {units.seconds(found.over_s)}"
    if found.is_busy:
        yield Fact(
            GROUP, "others' CPU", value, State.LIMITED, "they run now, beside whatever would be measured",
            "end what runs (top shows it), or trust only differences larger than the noise floor",
        )  # fmt: skip
    else:
        yield Fact(GROUP, "others' CPU", value, State.GOOD, "the machine is idle but for this")


def stolen(system: System) -> Iterator[Fact]:
    """Whether this is a virtual machine, and how much of its time the host gave to others."""
    virtual = _is_virtual(system)
    times = psutil.cpu_times()
    if not hasattr(times, "steal"):
        yield Fact(
            GROUP, "stolen time", "not told", State.ABSENT, "a virtual machine's host may give cores to others, unseen",
            "compare the noise floor at different times of the day",
        )  # fmt: skip
        return
    share = times.steal / (sum(times) or 1.0)
    value = f"{100 * share:.2g} % since the machine started" + (", a virtual machine" if virtual else "")
    if share > _STOLEN_SHARE:
        yield Fact(
            GROUP, "stolen time", value, State.LIMITED, "the host takes cores away in the middle of rounds",
            "use a machine of a size that owns its cores, or bare metal",
        )  # fmt: skip
    elif virtual:
        yield Fact(
            GROUP, "stolen time", value, State.GOOD,
            "the host took little; neighbours still share caches and memory bandwidth",
        )  # fmt: skip
    else:
        yield Fact(GROUP, "stolen time", value, State.GOOD, "no host takes cores away")


def memory(_: System) -> Iterator[Fact]:
    """How much memory is free for what is measured."""
    found = psutil.virtual_memory()
    value = f"{units.size(found.available)} available of {units.size(found.total)}"
    if found.available < max(_LEAST_MEMORY, _LEAST_MEMORY_SHARE * found.total):
        yield Fact(
            GROUP, "memory", value, State.LIMITED, "large scales and many processes may be killed or pushed to swap",
            "end what holds memory, or measure smaller scales and fewer workers",
        )  # fmt: skip
    else:
        yield Fact(GROUP, "memory", value, State.GOOD, "room for the built-in workloads")


def swap(_: System) -> Iterator[Fact]:
    """Whether memory has been pushed out."""
    found = psutil.swap_memory()
    if found.used:
        yield Fact(
            GROUP, "swap", f"{units.size(found.used)} used of {units.size(found.total)}", State.LIMITED,
            "memory that is pushed out leaves resident sets and peaks, and comes back slowly",
            "free memory, then sudo swapoff -a && sudo swapon -a",
        )  # fmt: skip
    else:
        value = f"none used of {units.size(found.total)}" if found.total else "none"
        yield Fact(GROUP, "swap", value, State.GOOD, "peaks of memory are whole")


def _is_virtual(system: System) -> bool:
    information = system.text("proc/cpuinfo") or ""
    if any(line.startswith("flags") and "hypervisor" in line.split() for line in information.splitlines()):
        return True
    named = " ".join(system.line(path) or "" for path in _DOMAINS).lower()
    return any(name in named for name in _VIRTUAL)


LOOKS = {"load": load, "others' CPU": others, "stolen time": stolen, "memory": memory, "swap": swap}

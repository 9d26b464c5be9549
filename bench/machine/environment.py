"""What machine and interpreter a run is measured on. Reads only; asks psutil first.

No user name, host name or absolute path is recorded unless asked for, because people publish run files.
"""

import getpass
import math
import os
import platform
import time
from pathlib import Path

import psutil

from bench.accounting.affinity import allowed_cpus
from bench.accounting.machine_memory import total_bytes
from bench.accounting.own_groups import own_groups
from bench.checkouts import git
from bench.machine import interpreter
from bench.records.machine import Environment


def describe(packages: dict[str, str], *, identify: bool) -> Environment:
    """The environment now; call it before anything is measured, because it notes the load.

    Args:
        packages: versions of the distributions that take part.
        identify: also record host, user and folder.
    """
    affinity = _affinity()
    quota = _quota()
    usable, usable_from = usable_cores(affinity, quota)
    commit, dirty = git.look() or (None, None)
    own = interpreter.facts()
    return Environment(
        os=platform.system(),
        kernel=platform.release(),
        machine=platform.machine(),
        cpu_model=_cpu_model(),
        logical_cores=psutil.cpu_count() or 1,
        physical_cores=psutil.cpu_count(logical=False),
        affinity_cores=affinity,
        quota_cores=quota,
        usable_cores=usable,
        usable_cores_from=usable_from,
        governor=_first_line("/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor"),
        memory_bytes=total_bytes(),
        python=own["python"].partition("-")[2],
        python_implementation=platform.python_implementation(),
        python_build=own["build"],
        python_compiler=own["compiler"],
        gil=own["gil"] == "on",
        start_method=own["start method"],
        packages=packages,
        git_commit=commit,
        git_dirty=dirty,
        load_1m=os.getloadavg()[0] if hasattr(os, "getloadavg") else None,
        clock_resolution_s=time.get_clock_info("perf_counter").resolution,
        identity={"host": platform.node(), "user": _user(), "folder": os.getcwd()} if identify else None,
    )


def _user() -> str:
    """The user's name; their number where nobody has given it a name, as in containers."""
    try:
        return getpass.getuser()
    except (KeyError, OSError, ImportError):  # which of them depends on the version and the system
        return str(os.getuid())


def default_workers() -> tuple[int, str]:
    """How many workers a strategy starts unless told, and what decided it."""
    return usable_cores(_affinity(), _quota())


def usable_cores(affinity: int | None, quota: float | None) -> tuple[int, str]:
    """The CPUs this process may use, and which limit decided: logical cores, affinity or cgroup quota.

    A part of a core counts as one, as loky's `cpu_count` has it.
    """
    logical = psutil.cpu_count() or 1
    limits = [(logical, "logical cores")]
    if affinity is not None:
        limits.append((affinity, "affinity"))
    if quota is not None:
        limits.append((max(1, math.ceil(quota)), "cgroup quota"))
    return min(limits, key=lambda limit: limit[0])


def _affinity() -> int | None:
    cpus = allowed_cpus()
    return None if cpus is None else len(cpus)


def _quota() -> float | None:
    """CPU quota of this process's control group or one above it, in cores: the least that is set."""
    try:
        folders = [(folder, own.version) for own in own_groups(["cpu"]) for folder in own.upwards()]
    except OSError:  # it is not Linux
        return None
    found = (_quota_of(folder, version) for folder, version in folders)
    return min((each for each in found if each is not None), default=None)


def _quota_of(folder: Path, version: int) -> float | None:
    if version == 2:
        quota, _, period = (_first_line(folder / "cpu.max") or "max").partition(" ")
    else:
        quota = _first_line(folder / "cpu.cfs_quota_us") or "-1"
        period = _first_line(folder / "cpu.cfs_period_us") or "100000"
    if quota in ("max", "-1"):
        return None
    return int(quota) / int(period or 100_000)


def _cpu_model() -> str:
    for line in (_text("/proc/cpuinfo") or "").splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()


def _first_line(path: str | Path) -> str | None:
    text = _text(path)
    return text.splitlines()[0] if text else None


def _text(path: str | Path) -> str | None:
    try:
        return Path(path).read_text()
    except OSError:
        return None

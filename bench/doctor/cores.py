"""How many cores there are for us, and what changes their speed."""

from collections.abc import Iterator

import psutil

from bench import units
from bench.doctor.system import System
from bench.machine import environment
from bench.records.diagnosis import Fact, State

GROUP = "cores"
_CPU = "sys/devices/system/cpu"


def cores(_: System) -> Iterator[Fact]:
    """Logical and physical cores, and how many of them this process may use."""
    logical, physical = psutil.cpu_count() or 1, psutil.cpu_count(logical=False)
    usable, usable_from = environment.default_workers()
    twins = physical is not None and physical < logical
    value = f"{usable} usable, by {usable_from}; {logical} logical, {physical or 'an unknown number'} physical"
    if usable == 1:
        yield Fact(
            GROUP, "cores", value, State.LIMITED, "nothing runs in parallel: strategies differ by their overhead alone",
            "give the process more cores: affinity, the container's CPU limit, or the virtual machine",
        )  # fmt: skip
    elif twins and physical is not None and usable > physical:
        yield Fact(
            GROUP, "cores", value, State.LIMITED,
            f"logical cores share physical ones (SMT): more than {physical} busy workers slow each other down",
            f"read speed-ups beyond {physical} workers with that in mind, or switch SMT off",
        )  # fmt: skip
    else:
        yield Fact(GROUP, "cores", value, State.GOOD, "how many workers a strategy starts unless told")


def quota(_: System) -> Iterator[Fact]:
    """The control group's limit on CPU."""
    cores_allowed = environment.describe({}, identify=False).quota_cores
    if cores_allowed is None:
        yield Fact(GROUP, "CPU quota", "none", State.GOOD, "no control group holds processes up")
        return
    yield Fact(
        GROUP, "CPU quota", f"{units.significant(cores_allowed)} cores, by control group", State.LIMITED,
        "a tree that uses it up stands still until the next period (0.1 s): latencies and short rounds jump",
        "raise the container's CPU limit, or pin it to whole cores instead (docker run --cpuset-cpus)",
    )  # fmt: skip


def governor(system: System) -> Iterator[Fact]:
    """What sets the clock rate of the cores."""
    found = system.line(f"{_CPU}/cpu0/cpufreq/scaling_governor")
    if found == "performance":
        yield Fact(GROUP, "governor", found, State.GOOD, "cores run at their full rate whenever they run")
    elif found is None:
        yield Fact(
            GROUP, "governor", "not told", State.ABSENT, "the clock rate may change between rounds, unseen",
            "a virtual machine cannot change it; else look at the system's power settings",
        )  # fmt: skip
    else:
        yield Fact(
            GROUP, "governor", found, State.LIMITED, "cores speed up with load: short rounds run slower than long ones",
            "sudo cpupower frequency-set --governor performance",
        )  # fmt: skip


def turbo(system: System) -> Iterator[Fact]:
    """Whether cores run above their rated speed while few of them are busy."""
    settings = {
        f"{_CPU}/intel_pstate/no_turbo": {"0": True, "1": False},
        f"{_CPU}/cpufreq/boost": {"1": True, "0": False},
    }
    for path, meanings in settings.items():
        on = meanings.get(system.line(path) or "")
        if on:
            switch = f"echo {next(value for value, state in meanings.items() if not state)} | sudo tee /{path}"
            yield Fact(
                GROUP, "turbo", "on", State.LIMITED,
                "one busy core runs faster than all of them do: parallel work looks worse than it scales",
                switch,
            )  # fmt: skip
            return
        if on is not None:
            yield Fact(GROUP, "turbo", "off", State.GOOD, "cores run at one rate, however many are busy")
            return
    yield Fact(
        GROUP, "turbo", "not told", State.ABSENT, "one busy core may run faster than all of them do",
        "a virtual machine cannot change it; else look into the firmware's settings",
    )  # fmt: skip


def isolation(system: System) -> Iterator[Fact]:
    """Cores that the scheduler leaves alone, if there are any."""
    isolated = system.line(f"{_CPU}/isolated")
    if isolated:
        yield Fact(
            GROUP, "isolated cores", isolated, State.LIMITED,
            "the scheduler puts nothing there and moves nothing between them by itself",
            f"taskset --cpu-list {isolated} python -m bench … for quiet serial work; never for parallel work",
        )  # fmt: skip


LOOKS = {"cores": cores, "CPU quota": quota, "governor": governor, "turbo": turbo, "isolated cores": isolation}

"""How finely time and CPU can be read here: what the system claims, and what it does."""

import itertools
import os
import time
from collections.abc import Iterator

from bench import units
from bench.doctor.subject import burning
from bench.doctor.system import System
from bench.errors import Unavailable
from bench.records.diagnosis import Fact, State

GROUP = "clocks"
_COARSE_S, _DEAR_S = 1e-5, 1e-6
"""A step, and the cost of a reading, that a round of a millisecond would show."""
_READINGS = 20_000
_WATCHED_S = 0.15


def wall_clock(_: System) -> Iterator[Fact]:
    """The clock that rounds are timed with: its smallest step and what a reading costs, as found."""
    claimed = time.get_clock_info("perf_counter")
    step_s, cost_s = _step_and_cost()
    value = f"steps of {units.seconds(step_s)}, {units.seconds(cost_s)} a reading, by {claimed.implementation}"
    value += f" (it claims {units.seconds(claimed.resolution)})"
    if step_s > _COARSE_S or cost_s > _DEAR_S:
        yield Fact(
            GROUP, "wall clock", value, State.LIMITED, "the clock itself shows in rounds of less than a millisecond",
            "give a round more inputs, or a larger scale; on Linux, look at "
            "/sys/devices/system/clocksource/clocksource0/current_clocksource: tsc is best",
        )  # fmt: skip
    else:
        yield Fact(GROUP, "wall clock", value, State.GOOD, "far finer than any round")


def ticks(_: System) -> Iterator[Fact]:
    """The unit in which the system tells a process's CPU to everybody, psutil among them."""
    if not hasattr(os, "sysconf"):
        raise Unavailable("this system has no sysconf")
    tick_s = 1 / os.sysconf("SC_CLK_TCK")
    value = f"{units.seconds(tick_s)} (SC_CLK_TCK)"
    if _own_clock_works():
        yield Fact(
            GROUP, "unit of CPU times", value, State.GOOD,
            "only psutil's numbers come in it, and those of waited-for children of others than the harness",
        )  # fmt: skip
    else:
        yield Fact(
            GROUP, "unit of CPU times", value, State.LIMITED, "CPU of single processes is known to so much",
            f"make rounds longer than {units.seconds(20 * tick_s)}, where the unit weighs 5 %",
        )  # fmt: skip


def staleness(_: System) -> Iterator[Fact]:
    """How old the CPU clock of another process is when it is read while that one runs on another core."""
    if not hasattr(time, "clock_gettime"):
        yield _no_process_clock("this system has no clocks of processes")
        return
    with burning() as pid:
        try:
            steps_s = steps_of((~pid << 3) | 2, _WATCHED_S)  # CPUCLOCK_SCHED: linux/posix-timers.h
        except OSError as error:
            yield _no_process_clock(f"reading another process's clock: {error.strerror}")
            return
    if not steps_s:
        yield Fact(
            GROUP, "others' CPU clock", f"did not move in {units.seconds(_WATCHED_S)}", State.LIMITED,
            "samples of CPU come late while processes run; totals do not", "look again on an idle machine",
        )  # fmt: skip
        return
    usual_s = sorted(steps_s)[len(steps_s) // 4]  # longer ones are of moments when it did not run
    value = f"fresh to {units.seconds(usual_s)} (the kernel's tick, as found)"
    yield Fact(
        GROUP, "others' CPU clock", value, State.GOOD,
        "samples lag by up to that while a process runs on another core; totals, read at rest, do not",
    )  # fmt: skip


def steps_of(clock: int, watched_s: float) -> list[float]:
    """The times between changes of a clock's reading, watched for so long.

    Raises:
        OSError: if it cannot be read.
    """
    changes: list[float] = []
    began_s = now_s = time.perf_counter()
    last_s = time.clock_gettime(clock)
    while now_s < began_s + watched_s:
        read_s, now_s = time.clock_gettime(clock), time.perf_counter()
        if read_s != last_s:
            changes.append(now_s)
            last_s = read_s
    return [after - before for before, after in itertools.pairwise(changes)]


def _no_process_clock(reason: str) -> Fact:
    return Fact(
        GROUP, "others' CPU clock", reason, State.ABSENT, "CPU of single processes comes in the system's unit",
        "make rounds longer, or rely on the totals of a control group",
    )  # fmt: skip


def _own_clock_works() -> bool:
    try:
        time.clock_gettime((~os.getpid() << 3) | 2)
    except (AttributeError, OSError):
        return False
    return True


def _step_and_cost() -> tuple[float, float]:
    readings = [time.perf_counter() for _ in range(_READINGS)]
    steps = [after - before for before, after in itertools.pairwise(readings) if after > before]
    return min(steps, default=readings[-1] - readings[0]), (readings[-1] - readings[0]) / _READINGS


LOOKS = {"wall clock": wall_clock, "unit of CPU times": ticks, "others' CPU clock": staleness}

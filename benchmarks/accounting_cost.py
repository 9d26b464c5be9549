"""What watching costs: the CPU of each sampler beside 16 and 64 busy workers, alone and with 500 strangers about.

All are asked for 20 readings a second of the same load. Their CPU is read from outside while they sample, so that
starting them counts for none: the process's own clock, and what it waited for (con/duct starts `ps` for each reading).
"""

import os
import random
import statistics
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil

from benchmarks.accounting_peers import FOLDER, HZ, Tool, duct, mprof, observe, ours, psrecord, python
from benchmarks.accounting_tables import Table, per_cent

WORKERS = (16, 64)
STRANGERS = 500
SETTLED_S, WATCHED_S, REST_S = 0.5, 4.0, 0.5
TOOLS = {  # each with how often it is measured: ours is so little that one run would not tell it from the noise
    ours("ours, /proc", "cgroup", "proc"): 4,
    ours("ours, psutil", "cgroup", "psutil"): 1,
    psrecord(): 1,
    duct(): 1,
    mprof("mprof", "psutil"): 1,
}


def cost(*, short: bool) -> Table:
    """Per cent of the machine that each sampler uses, and the readings a second it makes."""
    workers = WORKERS[:1] if short else WORKERS
    rows = []
    for tool, times in TOOLS.items():
        row = [tool.name]
        for each in workers:
            alone, crowded = _in_turns(tool, each, 1 if short else times)
            dearer = (crowded[0] / crowded[1]) / (alone[0] / alone[1]) - 1
            each_us = 1e6 * alone[0] * _cores() / alone[1] / each
            row += [f"{100 * alone[0]:.2f} %", f"{alone[1]:.1f}", f"{each_us:.0f} µs", per_cent(dearer, 0)]
        rows.append(row)
    columns = ["sampler"]
    for each in workers:
        columns += [f"{each} workers", "readings/s", "a process", "strangers"]
    note = (
        f"CPU in per cent of the machine's {_cores()} cores; {HZ} readings a second were asked for. A process: a reading's "
        f"CPU divided by the workers. Strangers: how much dearer a reading is with {STRANGERS} other processes on the machine."
    )
    return Table(columns, rows, note)


def _in_turns(tool: Tool, workers: int, times: int) -> list[tuple[float, float]]:
    """The share of the machine and the readings a second, alone and with strangers; medians."""
    rng = random.Random(workers)
    seen: dict[int, list[tuple[float, float]]] = {0: [], STRANGERS: []}
    for _ in range(times):
        for count in rng.sample(sorted(seen), 2):
            with strangers(count):
                seen[count].append(_share(tool, workers))
    return [(statistics.median(s for s, _ in each), statistics.median(hz for _, hz in each)) for each in seen.values()]


def _share(tool: Tool, workers: int) -> tuple[float, float]:
    """The sampler's CPU as a share of the machine's, and its readings a second."""
    spent_s = []
    with tempfile.TemporaryDirectory() as name:
        running = Path(name, "running")

        def meanwhile(pid: int) -> None:
            while not running.exists():
                time.sleep(0.01)
            time.sleep(SETTLED_S)
            before_s = _used_s(pid)
            time.sleep(WATCHED_S)
            spent_s.append(_used_s(pid) - before_s)

        lasting_s = SETTLED_S + WATCHED_S + REST_S
        observed = observe(tool, python(FOLDER / "accounting_load.py", workers, lasting_s, running), meanwhile)
    assert observed.said.hz is not None
    return spent_s[0] / WATCHED_S / _cores(), observed.said.hz


def _used_s(pid: int) -> float:
    """CPU of a process to the nanosecond, and of those it waited for, in ticks."""
    times = psutil.Process(pid).cpu_times()
    return time.clock_gettime((~pid << 3) | 2) + times.children_user + times.children_system  # linux/posix-timers.h


@contextmanager
def strangers(count: int) -> Iterator[None]:
    """So many processes that sleep and belong to nobody measured."""
    started = [subprocess.Popen(["sleep", "3600"]) for _ in range(count)]
    try:
        yield
    finally:
        for each in started:
            each.kill()
        for each in started:
            each.wait()


def _cores() -> int:
    return os.cpu_count() or 1

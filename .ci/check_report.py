"""Holds a real report of `python -m bench all` to what is known of this work on any machine.

check_report.py REPORT/index.html
"""

import csv
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

PATTERNS = {"map", "stream", "share", "sync", "serve", "start"}
POOLS = ("process_pool", "pool_map", "pool_imap", "pool_starmap")
THREADS = ("threads", "thread_pool")


def main(page: Path) -> None:
    """Exit with the first thing that does not hold."""
    with (page.parent / "summary.csv").open(newline="") as file:
        rows = {(row["workload"], row["strategy"]): row for row in csv.DictReader(file)}
    known = told("list")
    hold({row["pattern"] for row in rows.values()} == PATTERNS, "every pattern was measured")
    hold({work for work, _ in rows} == {each["name"] for each in known["workloads"]}, "every workload was measured")
    ways = {each["name"] for each in known["strategies"] if not each["unavailable"] and not each["demonstration"]}
    hold({way for _, way in rows} == ways, f"all {len(ways)} strategies that are available here were measured")
    hold(all(row["outcome"] == "ok" for row in rows.values()), "every case is ok")
    # what is taken on stands beside another block of the base
    blocks = {key: int(row["blocks"]) for key, row in rows.items()}
    hold(all(n == 1 or (way == "serial" and n == 2) for (_, way), n in blocks.items()), "every case has its block")
    for way in (*THREADS, "process_pool", "pool_map", "processes", "asyncio", "fork"):
        row = rows["downloads", way]
        hold(float(row["wall_s"]) >= float(row["bound_s"]), f"downloads {way} is not below its bound")
        hold(float(row["wall_s"]) <= 2 * float(row["bound_s"]), f"downloads {way} comes near its bound")
    if getattr(sys, "_is_gil_enabled", lambda: True)():
        # Not by speed: on a shared machine two cores are not always twice one. Empty where rounds were too short to tell.
        threads, pools = (
            [used for way in ways if (used := rows["primes", way]["cores_used"])] for ways in (THREADS, POOLS)
        )
        hold(all(float(used) < 1.2 for used in threads), "threads keep one core at work on primes, under the lock")
        if len(os.sched_getaffinity(0)) > 1 and threads and pools and not was_busy(page.parent.name):
            hold(
                max(map(float, pools)) > max(map(float, threads)),
                "a pool of processes keeps more cores at work on primes",
            )
    hold(float(rows["echo_connects", "process_per_connection"]["speedup"]) < 0.5, "a process a connection is expensive")
    hold(float(rows["counter", "manager_dict"]["speedup"]) < 0.2, "a manager is dearer than shared memory")
    hold(float(rows["start_empty", "start_process"]["speedup"]) < 0.5, "a process starts later than a thread")
    for kind in ("svg", "csv", "txt"):
        drawn = {
            path.stem.partition("-")[2]
            for path in page.parent.glob(f"ranking-*.{kind}")
            if not path.stem.endswith("-dark")
        }
        wanted = {f"{work}-quick" for work, _ in rows}
        hold(drawn == wanted, f"every workload has its ranking as {kind}")


def was_busy(run: str) -> bool:
    """Whether others used the machine when the run began, as it says itself: they may have had all cores but one."""
    return any(each["code"] == "busy_machine" for each in told("report", run)["findings"])


def told(*words: str) -> Any:
    """What a command tells a program."""
    command = [sys.executable, "-m", "bench", *words, "--json"]
    return json.loads(subprocess.run(command, capture_output=True, check=True).stdout)


def hold(fact: bool, what: str) -> None:
    """Say that `what` holds, or end with it."""
    if not fact:
        sys.exit(f"does not hold: {what}")
    print(f"holds: {what}")


if __name__ == "__main__":
    main(Path(sys.argv[1]))

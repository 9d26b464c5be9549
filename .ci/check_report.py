"""Holds a real report of `python -m bench all` to what is known of this work on any machine.

check_report.py REPORT/index.html
"""

import csv
import os
import sys
from pathlib import Path

WORKLOADS = {"downloads", "fetch", "primes", "matrix", "thumbnails"}
STRATEGIES = {"serial", "threads", "thread_pool", "processes", "process_pool", "pool_map"}


def main(page: Path) -> None:
    """Exit with the first thing that does not hold."""
    with (page.parent / "summary.csv").open(newline="") as file:
        rows = {(row["workload"], row["strategy"]): row for row in csv.DictReader(file)}
    hold(set(rows) == {(work, way) for work in WORKLOADS for way in STRATEGIES}, "every workload met every strategy")
    hold(all(row["outcome"] == "ok" for row in rows.values()), "every case is ok")
    hold(all(int(row["blocks"]) >= 3 for row in rows.values()), "every case has three blocks at least")
    for way in STRATEGIES - {"serial"}:
        row = rows["downloads", way]
        hold(float(row["wall_s"]) >= float(row["bound_s"]), f"downloads {way} is not below its bound")
        hold(float(row["wall_s"]) <= 1.4 * float(row["bound_s"]), f"downloads {way} comes near its bound")
    if getattr(sys, "_is_gil_enabled", lambda: True)():
        for way in ("threads", "thread_pool"):
            hold(float(rows["primes", way]["speedup"]) < 1.15, f"{way} do not speed primes up under the lock")
            hold(float(rows["primes", way]["cores_used"]) < 1.2, f"{way} keep one core at work on primes")
    if len(os.sched_getaffinity(0)) > 1:
        for way in ("process_pool", "pool_map"):
            hold(float(rows["primes", way]["speedup"]) > 1.2, f"{way} speeds primes up")
    for kind in ("png", "svg"):
        hold(len(list(page.parent.glob(f"*.{kind}"))) == 1 + 3 * len(WORKLOADS), f"every chart is there as {kind}")


def hold(fact: bool, what: str) -> None:
    """Say that `what` holds, or end with it."""
    if not fact:
        sys.exit(f"does not hold: {what}")
    print(f"holds: {what}")


if __name__ == "__main__":
    main(Path(sys.argv[1]))

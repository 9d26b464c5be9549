"""Holds the whole of a gate's run to leaving nothing on the machine that was not there before.

check_leftovers.py before FILE    notes what is there
check_leftovers.py after FILE     ends with status 1 where there is more, once it had time to go

Processes are known by the variable BENCH_GATE in their environment, which .ci/run sets.
"""

import json
import os
import sys
import tempfile
import time
from pathlib import Path

import psutil

PATIENCE_S = 20
OURS_IN_TMP = ("benchtmp-*", "bench-*", "pymp-*", "joblib_*", "loky-*")


def present() -> dict[str, list[str]]:
    """What is on the machine, by kind."""
    temporary = Path(tempfile.gettempdir())
    return {
        "shared memory and semaphores": sorted(os.listdir("/dev/shm")),  # noqa: S108
        "temporary folders": sorted(each.name for pattern in OURS_IN_TMP for each in temporary.glob(pattern)),
        "control groups": sorted(map(str, Path("/sys/fs/cgroup").rglob("concurrency-bench-*"))),
        "processes": sorted(_processes()),
    }


def _processes() -> list[str]:
    gate = os.environ["BENCH_GATE"]
    ours = {os.getpid(), *(each.pid for each in psutil.Process().parents())}
    found = []
    for process in psutil.process_iter():
        try:
            if process.pid not in ours and process.environ().get("BENCH_GATE") == gate:
                found.append(f"{process.pid} {' '.join(process.cmdline())[:100]}")
        except psutil.Error:
            continue
    return found


def more_than(before: dict[str, list[str]]) -> list[str]:
    """What is there now and was not, a line each."""
    return [f"{kind}: {each}" for kind, there in present().items() for each in sorted({*there} - {*before[kind]})]


def main(moment: str, file: Path) -> None:
    """Note what is there, or compare it."""
    if moment == "before":
        file.write_text(json.dumps(present()))
        return
    before = json.loads(file.read_text())
    ends = time.monotonic() + PATIENCE_S
    while (left := more_than(before)) and time.monotonic() < ends:
        time.sleep(0.5)
    if left:
        sys.exit("\n".join(["does not hold: nothing is left on the machine", *left[:40]]))
    print("holds: no process, shared memory, semaphore, temporary folder or control group is left on the machine")


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))

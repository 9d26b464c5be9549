"""How many readings are made when they are due, and how late, while the watched work leaves no core free.

Ours is a real `python -m bench run`, whose supervisor is a process of its own; the figures are those of its run file.
Beside it, a thread that samples the very process that works: `accounting_thread_sampler.py`.
"""

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from bench.store.runs import read
from benchmarks.accounting_peers import FOLDER, HZ, python
from benchmarks.accounting_tables import Table

KINDS = {  # options of `bench run`, rounds of about a second, and the peer's arguments
    "8 threads that hold the interpreter's lock": ("threads", "few", None, ("threads", 8)),
    "64 processes on all cores": ("process_pool", "many", 64, ("processes", 64)),
}
ROUNDS, PEER_S = 10, 8.0


def ticks(*, short: bool) -> Table:
    """Readings made of those due, and the lateness of the 99th of a hundred."""
    rows = []
    for name, (strategy, scale, workers, peer) in KINDS.items():
        ours = _run(strategy, scale, workers, 2 if short else ROUNDS)
        found = subprocess.run(
            python(FOLDER / "accounting_thread_sampler.py", *peer, 2.0 if short else PEER_S), capture_output=True,
            check=True, env=os.environ | {"PYTHONPATH": str(FOLDER.parent)},
        )  # fmt: skip
        theirs = json.loads(found.stdout)
        rows += [
            [name, "ours", *_cells(ours.due, ours.due - ours.missed, ours.late_p99_s)],
            ["", "a thread in the process", *_cells(theirs["due"], theirs["made"], theirs["late_p99_s"])],
        ]
    columns = ["work", "sampler", "due", "made", "p99 lateness"]
    return Table(columns, rows, f"{HZ} readings a second. Goal: 99 % made, p99 of lateness within 5 ms.")


def _run(strategy: str, scale: str, workers: int | None, rounds: int):
    """The sampling of a block that `bench run` measured."""
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "bench", "run", str(FOLDER / "accounting_burning.py"), "--strategy", strategy]
        size = ["--scale", scale, "--blocks", "1", "--rounds", str(rounds), "--sample-hz", str(HZ)]
        crowd = ["--workers", str(workers)] if workers else []
        variables = os.environ | {"PYTHONPATH": str(FOLDER.parent)}
        subprocess.run([*command, *size, *crowd], cwd=folder, env=variables, check=True, capture_output=True)
        (path,) = Path(folder, "results").glob("*.jsonl")
        (block,) = read(path).blocks
        assert block.sampling is not None, block.reason
        return block.sampling


def _cells(due: int, made: int, late_p99_s: float | None) -> list[str]:
    late = "–" if late_p99_s is None else f"{1000 * late_p99_s:.1f} ms"
    return [str(due), f"{100 * made / due:.1f} %", late]

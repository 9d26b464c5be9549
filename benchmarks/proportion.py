"""A million small inputs, much that is printed, and large results: here and in scripts by hand, memory and time.

    python -m benchmarks.proportion [inputs|prints|results …]

Each row is a run of one block of two rounds beside a script that does the same twice, one after the other on the same machine.
Peaks are those of the largest process of each kind, as the kernel has them; a run's is its host's.
"""

import json
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import psutil

WORKERS = 2
TASKS = """
from dataclasses import dataclass

SIZE = 500_000_000

@dataclass
class Holding:
    what: bytes

def add(x):
    return x + 1

def talk(x):
    for number in range(1000):
        print("line", number, "of input", x)
    return x

def flush(x):
    for number in range(1000):
        print("line", number, "of input", x, flush=True)
    return x

def whole(x):
    return b"x" * SIZE

def parts(x):
    return [b"x" * 1_000_000 for _ in range(SIZE // 1_000_000)]

def text(x):
    return "x" * SIZE

def holding(x):
    return Holding(b"x" * SIZE)
"""
BY_HAND = f"""
import json, sys, time
import tasks

task, source, idiom = getattr(tasks, sys.argv[1]), sys.argv[2], sys.argv[3]

def inputs():
    if ".." in source:
        first, last = source.split("..")
        return range(int(first), int(last) + 1)
    with open(source) as file:
        return [json.loads(line) for line in file]

def rounds(call):
    walls = []
    for _ in range(2):
        results = given = None
        given = inputs()
        began = time.perf_counter()
        results = call(given)
        walls.append(time.perf_counter() - began)
    print(json.dumps(walls[-1]), file=sys.stderr)

if idiom == "serial":
    rounds(lambda given: [task(each) for each in given])
elif idiom == "pool_map":
    from multiprocessing import Pool
    with Pool({WORKERS}) as pool:
        rounds(lambda given: pool.map(task, given))
else:
    from concurrent import futures
    kind = futures.ThreadPoolExecutor if idiom == "thread_pool" else futures.ProcessPoolExecutor
    with kind({WORKERS}) as pool:
        rounds(lambda given: list(pool.map(task, given)))
"""
ROWS = {
    "inputs": [
        ("add", "1..1000000", "serial"),
        ("add", "million.jsonl", "serial"),
        ("add", "million.jsonl", "pool_map"),
        ("add", "1..200000", "thread_pool"),
        ("add", "1..100000", "process_pool"),
    ],
    "prints": [(task, "1..300", idiom) for task in ("talk", "flush") for idiom in ("pool_map", "process_pool")],
    "results": [(task, "1..1", "serial") for task in ("whole", "parts", "text", "holding")],
}


def peaks(process: psutil.Popen) -> Iterator[tuple[str, int]]:
    """The kind of each process of the tree that is there now, and the most memory it has held."""
    for each in [process, *process.children(recursive=True)]:
        with suppress(psutil.Error, OSError, TypeError):
            command = " ".join(each.cmdline())
            kind = next((name for name in ("host", "supervisor") if f"bench.measure.{name}" in command), "other")
            held = re.search(r"VmHWM:\s+(\d+)", Path(f"/proc/{each.pid}/status").read_text())
            yield kind, int(held[1]) * 1024 if held else 0


def watched(command: list[str], folder: str, kind: str) -> tuple[float, int, str]:
    """Seconds of a command, the peak memory of its largest process of a kind, and what it said on its error stream."""
    began, peak = time.perf_counter(), 0
    with tempfile.TemporaryFile("w+") as said:
        process = psutil.Popen(command, cwd=folder, stdout=subprocess.DEVNULL, stderr=said)
        while process.poll() is None:
            with suppress(psutil.Error):
                peak = max([peak, *(held for which, held in peaks(process) if which == kind)])
            time.sleep(0.02)
        said.seek(0)
        return time.perf_counter() - began, peak, said.read()


def row(task: str, source: str, idiom: str, folder: str) -> str:
    """One line of the table: warm round and peak, here and by hand, and how long the whole command took."""
    hand = [sys.executable, "by_hand.py", task, source, idiom]
    _, by_hand, said = watched(hand, folder, "other")
    theirs_s = json.loads(said.splitlines()[-1])
    run = [sys.executable, "-m", "bench", "run", f"tasks.py:{task}", "--inputs", source, "--strategy", idiom]
    run += ["--workers", str(WORKERS), "--blocks", "1", "--rounds", "2", "--results", "results"]
    took_s, here, _ = watched(run, folder, "host")
    latest = max(Path(folder, "results").glob("*.jsonl"), key=lambda path: path.stat().st_mtime)
    lines = map(json.loads, latest.read_text().splitlines())
    (block,) = [each for each in lines if each["kind"] == "block"]
    ours_s = block["rounds"][-1]["wall_s"] if block["outcome"] == "ok" else float("nan")
    times = f"{ours_s:.3g} s here, {theirs_s:.3g} s by hand, {ours_s / theirs_s:.2f} x"
    return (
        f"{task} {source} {idiom}: {times}; {here / 1e6:.0f} MB, {by_hand / 1e6:.0f} MB by hand; command {took_s:.1f} s"
    )


def main() -> None:
    """Print the rows that are asked for, by default all."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "tasks.py").write_text(TASKS)
        Path(folder, "by_hand.py").write_text(BY_HAND)
        Path(folder, "million.jsonl").write_text("".join(f"{each}\n" for each in range(1_000_000)))
        for name in sys.argv[1:] or ROWS:
            for each in ROWS[name]:
                print(row(*each, folder), flush=True)


if __name__ == "__main__":
    main()

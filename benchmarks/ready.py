"""How long a host takes until it is ready, here and with the tools of other environments, by turns in random order.

    python -m benchmarks.ready [/path/to/other/.venv/bin/python …]

Each is asked for three blocks of a case at a time, once with the byte code of this tool kept beside it, once where
PYTHONDONTWRITEBYTECODE forbids that. From the creation of the host to its being ready is `setup_s` of each block; a start of the
bare interpreter, and of one without `site`, are measured beside it.
"""

import json
import os
import random
import statistics
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from pathlib import Path

NAP = "import time\ndef nap(x):\n    time.sleep(0.001)\n"
TURNS = 8


def ready_s(python: str, strategy: str, folder: str, *, forbidden: bool) -> list[float]:
    """Of the blocks of one run."""
    words = f"run nap.py:nap --inputs 1..2 --strategy {strategy} --workers 2 --blocks 3 --rounds 2".split()
    own = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    own |= {"PYTHONDONTWRITEBYTECODE": "1"} if forbidden else {}
    with tempfile.TemporaryDirectory() as results:
        command = [python, "-m", "bench", *words, "--results", results, "--json"]
        subprocess.run(command, cwd=folder, env=own, check=True, capture_output=True)
        (file,) = Path(results).glob("*.jsonl")
        lines = [json.loads(line) for line in file.read_text().splitlines()]
    blocks = [each for each in lines if each["kind"] == "block" and each["case"].split("/")[2] == strategy]
    return [each["setup_s"] for each in blocks]


def bare_s(python: str, *flags: str) -> float:
    """A start of Python that does nothing."""
    began = time.perf_counter()
    subprocess.run([python, *flags, "-c", "pass"], check=True)
    return time.perf_counter() - began


def main() -> None:
    """Measure, and print the median of each in milliseconds."""
    pythons = [sys.executable, *sys.argv[1:]]
    took = defaultdict(list)
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "nap.py").write_text(NAP)
        for _ in range(TURNS):
            turns = [
                (python, strategy, no) for python in pythons for strategy in ("serial", "process_pool") for no in (0, 1)
            ]
            for python, strategy, forbidden in random.sample(turns, len(turns)):
                took[python, f"{strategy}{', forbidden' * forbidden}"] += ready_s(
                    python, strategy, folder, forbidden=bool(forbidden)
                )
                took[python, "bare"].append(bare_s(python))
                took[python, "bare -I -S"].append(bare_s(python, "-I", "-S"))
    for (python, what), each in sorted(took.items()):
        print(
            f"{python:40} {what:24} {statistics.median(each) * 1e3:6.1f} ms  (n = {len(each)}, least {min(each) * 1e3:.1f})"
        )


if __name__ == "__main__":
    main()

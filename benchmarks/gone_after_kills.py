"""How long it takes until nothing is left after `kill -9` of the command, the supervisor or a host in the middle of a run.

python -m benchmarks.gone_after_kills [--tries N] [--write docs/reliability.md]
"""

import argparse
import platform
import random
import tempfile
import time
from pathlib import Path
from statistics import median

import psutil

from bench import units
from tests.cli.test_kills import MINE, RUN, processes_of
from tests.commands import beginning, until
from tests.conftest import ROOT, started_by

HEADING = "## How long it takes until nothing is left\n"


def gone_after_s(role: str, seed: int) -> float:
    """Seconds from the kill to the end of the last process below; a host's own tree where a host is killed."""
    with tempfile.TemporaryDirectory() as folder, beginning(Path(folder)) as begin:
        command = begin(*RUN, "--blocks", "300", "--rounds", "2", files={"mine.py": MINE})
        until(lambda: processes_of(command, "worker"), "no worker")
        time.sleep(random.Random(f"{role} {seed}").uniform(0, 1))
        (victim,) = until(lambda: processes_of(command, role)[:1], role)
        watched = _tree(victim) if role == "host" else [psutil.Process(pid) for pid in started_by(command.marker)]
        psutil.Process(victim).kill()
        began_s = time.monotonic()
        while any(_lives(each) for each in watched) or (role != "host" and started_by(command.marker)):
            time.sleep(0.002)
        return time.monotonic() - began_s


def _tree(pid: int) -> list[psutil.Process]:
    return [psutil.Process(pid), *psutil.Process(pid).children(recursive=True)]


def _lives(process: psutil.Process) -> bool:
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.Error:
        return False


def table(tries: int) -> str:
    """The table as markdown."""
    lines = ["| killed | tries | median | longest | promised |", "|---|---|---|---|---|"]
    for role in ("command", "supervisor", "host"):
        took_s = [gone_after_s(role, number) for number in range(tries)]
        lines.append(f"| {role} | {tries} | {units.seconds(median(took_s))} | {units.seconds(max(took_s))} | 2 s |")
    machine = (
        f"{platform.processor() or platform.machine()}, {psutil.cpu_count()} cores, Python {platform.python_version()}"
    )
    made = "python -m benchmarks.gone_after_kills --write docs/reliability.md"
    return "\n".join([*lines, "", f"Measured on {machine}, {platform.system()} {platform.release()}, by `{made}`."])


def main() -> None:
    """Measure, and print or write the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tries", type=int, default=20)
    parser.add_argument("--write", type=Path)
    given = parser.parse_args()
    found = table(given.tries)
    print(found)
    if given.write:
        page = ROOT / given.write
        before, heading, rest = page.read_text().partition(HEADING)
        after = rest[rest.index("\n## ") :]
        page.write_text(f"{before}{heading}\n{found}\n{after}")


if __name__ == "__main__":
    main()

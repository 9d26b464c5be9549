"""What is compared: our accounting by its layers, and today's tools, each run as a command around the same program.

`observe` runs one of them and gives what it says of the program, beside what the program says of itself.
"""

import json
import os
import re
import shlex
import subprocess
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from pathlib import Path

from bench.accounting.descendants import await_end, descendants
from bench.accounting.kernel import adopt_orphans

FOLDER = Path(__file__).parent
ORACLES = FOLDER.parent / "bench" / "oracles"
HZ = 20
MIB = 1 << 20
_BIN = Path(sys.executable).parent
_PLACES = os.pathsep.join((str(_BIN), os.environ["PATH"]))


@dataclass(frozen=True, slots=True)
class Said:
    """What a tool tells of a program."""

    cpu_s: dict[str, float]
    """By layer, or by the tool's name."""
    peak_bytes: int | None
    hz: float | None
    """Readings a second that it made."""


@dataclass(frozen=True, slots=True)
class Observed:
    """One run of a program under a tool."""

    said: Said
    truth: float
    """The last number that the program printed."""


@dataclass(frozen=True, slots=True)
class Tool:
    """A command that watches another, and how its output is read."""

    name: str
    command: Callable[[list[str], Path], list[str]]
    read: Callable[[Path], Said]


def observe(tool: Tool, program: list[str], meanwhile: Callable[[int], None] | None = None) -> Observed:
    """Run `program` under `tool`, wait for the last of its processes, and read what the tool has written.

    `meanwhile` is called with the tool's process id while it runs.
    """
    adopt_orphans()
    others = [each.pid for each in descendants()]
    with tempfile.TemporaryDirectory() as name, open(Path(name, "printed"), "w+b") as printed:
        command = tool.command(program, Path(name))
        variables = os.environ | {"PATH": _PLACES, "PYTHONPATH": str(FOLDER.parent)}
        process = subprocess.Popen(command, stdout=printed, stderr=subprocess.DEVNULL, cwd=name, env=variables)
        if meanwhile is not None:
            meanwhile(process.pid)
        process.wait()
        assert not await_end(others, 10), f"{tool.name} has left processes"
        printed.seek(0)
        truths = re.findall(rb"^\d+(?:\.\d{6})?$", printed.read(), re.MULTILINE)
        assert truths, f"{command} printed no number"
        return Observed(tool.read(Path(name)), float(truths[-1]))


def ours(name: str, best: str, sampler: str) -> Tool:
    """Our accounting with `best` as its highest layer."""

    def command(program: list[str], folder: Path) -> list[str]:
        return [
            sys.executable,
            str(FOLDER / "accounting_meter.py"),
            best,
            sampler,
            str(HZ),
            str(folder / "found"),
            *program,
        ]

    def read(folder: Path) -> Said:
        found = json.loads((folder / "found").read_text())
        cpu_s = {layer.partition(" ")[0]: seconds for layer, seconds in found["accounting"]["cpu_by_layer"].items()}
        return Said(cpu_s, found["window"]["peak_memory_bytes"], found["sampling"]["hz_achieved"])

    return Tool(name, command, read)


def psrecord() -> Tool:
    """Its CPU: each row's per cent times the time since the row before; children are included."""

    def command(program: list[str], folder: Path) -> list[str]:
        options = ["--log", str(folder / "log"), "--log-format", "csv", "--interval", str(1 / HZ), "--include-children"]
        return [str(_BIN / "psrecord"), shlex.join(program), *options]

    def read(folder: Path) -> Said:
        rows = [list(map(float, line.split(","))) for line in (folder / "log").read_text().splitlines()[1:]]
        cpu_s = sum(later[2] / 100 * (later[0] - earlier[0]) for earlier, later in pairwise(rows))
        return Said({"psrecord": cpu_s}, int(max(row[3] for row in rows) * MIB), _hz([row[0] for row in rows]))

    return Tool("psrecord", command, read)


def duct() -> Tool:
    """Its CPU: the `pcpu` of all processes in each record, times the time since the record before."""

    def command(program: list[str], folder: Path) -> list[str]:
        options = ["-q", "-p", str(folder / "duct-"), "-c", "none", "--summary-format", ""]
        intervals = ["--sample-interval", str(1 / HZ), "--report-interval", str(1 / HZ)]
        return [str(_BIN / "con-duct"), "run", *options, *intervals, *program]

    def read(folder: Path) -> Said:
        (usage,) = folder.glob("duct-usage*")
        (info,) = folder.glob("duct-info*")
        summary = json.loads(info.read_text())["execution_summary"]
        records = [json.loads(line) for line in usage.read_text().splitlines()]
        times = [summary["start_time"], *(datetime.fromisoformat(each["timestamp"]).timestamp() for each in records)]
        spans = [later - earlier for earlier, later in pairwise(times)]
        cpu_s = sum(each["totals"]["pcpu"] / 100 * span for each, span in zip(records, spans, strict=True))
        return Said({"con-duct": cpu_s}, summary["peak_rss"], _hz(times[1:]))

    return Tool("con-duct", command, read)


def mprof(name: str, backend: str) -> Tool:
    """memory_profiler's recorder, children included; it tells no CPU."""

    def command(program: list[str], folder: Path) -> list[str]:
        options = ["--include-children", "--interval", str(1 / HZ), "--nopython", "--backend", backend]
        return [str(_BIN / "mprof"), "run", *options, "-o", str(folder / "log"), *program]

    def read(folder: Path) -> Said:
        rows = [line.split() for line in (folder / "log").read_text().splitlines() if line.startswith("MEM ")]
        return Said({}, int(max(float(row[1]) for row in rows) * MIB), _hz([float(row[2]) for row in rows]))

    return Tool(name, command, read)


def _hz(times: list[float]) -> float | None:
    """Readings a second, from the first to the last."""
    return (len(times) - 1) / (times[-1] - times[0]) if len(times) > 1 else None


def python(script: Path, *arguments: object) -> list[str]:
    """The command that runs a script with this interpreter."""
    return [sys.executable, str(script), *map(str, arguments)]

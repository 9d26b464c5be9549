"""One question to each tool: is the head slower than the base? With its own defaults, and all in the same wall time."""

import importlib.util
import json
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from bench.errors import MeasurementError
from bench.machine import guardian
from bench.processes.watching import ended_how
from bench.proof.subject import FILE

_PYPERF_LEAST = 2
"""Processes; with one there is no spread."""
_PYTEST_START_S = 1.0
"""What pytest takes beside what `--benchmark-max-time` bounds, each time."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a tool said."""

    answer: str
    said: str
    pairs: int | None = None
    ratio: float | None = None


Asked = Callable[[Path, float], Answer]


def missing() -> dict[str, str]:
    """Tools that cannot be asked here, and why."""
    modules = {"pyperf": "pyperf", "pytest-benchmark": "pytest_benchmark"}
    return {tool: f"pip install {tool}" for tool, module in modules.items() if importlib.util.find_spec(module) is None}


def ask_check(folder: Path, seconds: float) -> Answer:
    """`python -m bench check` on the repository; it stops by itself when it knows."""
    budget = ("--budget", f"{seconds:g}s", "--inputs", "1..1", "--results", str(folder / "results"))
    done = _run(
        [sys.executable, "-m", "bench", "check", "--base", "HEAD~1", f"{FILE}:work", *budget, "--json"],
        folder / "repository",
        good=(0, 1, 3),
    )
    if not done.stdout:
        raise _failed("the check of the proof", done)
    (case,) = json.loads(done.stdout)["cases"]
    verdict = case["verdict"]
    if verdict not in {"regressed", "improved", "equivalent", "inconclusive"}:
        raise MeasurementError(f"the check of the proof ended in {verdict}: {case['reason']}")
    answer = {"regressed": "slower", "improved": "faster"}.get(verdict, "no change")
    ratio = case["ratio"]
    return Answer(answer, verdict, ratio and ratio["n"], ratio and ratio["centre"])


def ask_pyperf(folder: Path, seconds: float) -> Answer:
    """`pyperf timeit` of the base and then of the head, each with as many processes as fit, and `pyperf compare_to`."""
    processes = max(_PYPERF_LEAST, round(seconds / 2 / _seconds_a_process(folder)))
    for side in ("base", "head"):
        _pyperf_timeit(folder, side, processes)
    said = _run([sys.executable, "-m", "pyperf", "compare_to", "base.json", "head.json"], folder).stdout.strip()
    found = re.search(r"([\d.]+)x (slower|faster)", said)
    if found is None or "ot significant" in said:
        return Answer("no change", "not significant")
    ratio = float(found[1])
    return Answer(found[2], found[0], ratio=ratio if found[2] == "slower" else 1 / ratio)


def ask_pytest_benchmark(folder: Path, seconds: float) -> Answer:
    """The test on the base, saved, and then on the head, compared by `--benchmark-compare-fail=mean:5%`.

    That rule looks for slower code alone, so it never says `faster`.
    """
    each_s = max(0.2, seconds / 2 - _PYTEST_START_S)
    pytest = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", f"--benchmark-max-time={each_s:g}"]
    store = f"--benchmark-storage={folder / 'stored'}"
    shutil.rmtree(folder / "stored", ignore_errors=True)
    _run([*pytest, store, "--benchmark-save=base", "test_subject.py"], folder / "base")
    compare = ["--benchmark-compare", "--benchmark-compare-fail=mean:5%"]
    done = _run([*pytest, store, *compare, "test_subject.py"], folder / "head", good=(0, 1))
    if done.returncode and "Performance has regressed" not in done.stdout + done.stderr:
        raise MeasurementError(f"pytest-benchmark failed: {(done.stdout + done.stderr).strip()[-300:]}")
    return Answer("slower", "fails") if done.returncode else Answer("no change", "passes")


ASK: dict[str, Asked] = {"check": ask_check, "pyperf": ask_pyperf, "pytest-benchmark": ask_pytest_benchmark}


@lru_cache
def _seconds_a_process(folder: Path) -> float:
    """What a process of pyperf takes here, found out with two before the first question."""
    began_s = time.monotonic()
    _pyperf_timeit(folder, "base", _PYPERF_LEAST)
    return (time.monotonic() - began_s) / _PYPERF_LEAST


def _pyperf_timeit(folder: Path, side: str, processes: int) -> None:
    (folder / f"{side}.json").unlink(missing_ok=True)
    name = Path(FILE).stem
    timeit = ["timeit", "--quiet", f"--processes={processes}", "-s", f"from {name} import work", "work()"]
    path = os.pathsep.join([str(folder / side), os.environ.get("PYTHONPATH", "")])
    inherit = "--inherit-environ=PYTHONPATH"
    _run(
        [sys.executable, "-m", "pyperf", *timeit, inherit, "-o", str(folder / f"{side}.json")], folder / side, path=path
    )


def _run(
    command: Sequence[str], folder: Path, *, good: Sequence[int] = (0,), path: str | None = None
) -> subprocess.CompletedProcess[str]:
    """Run a tool.

    Raises:
        MeasurementError: where it ends with another status than is good.
    """
    environment = {name: value for name, value in os.environ.items() if name != "GITHUB_ACTIONS"}
    done = guardian.run(
        command, folder=folder, environment=environment | ({} if path is None else {"PYTHONPATH": path})
    )
    if done.returncode not in good:
        raise _failed(" ".join(command[1:4]), done)
    return done


def _failed(what: str, done: subprocess.CompletedProcess[str]) -> MeasurementError:
    said = " ".join((done.stderr or done.stdout).split()).removeprefix("error: ")[-300:]
    return MeasurementError(f"{what} {ended_how(done.returncode)}{said and f': {said}'}")

"""What one real trial of a gate gave, one JSON line each, so that an interrupted proof can go on."""

import json
import os
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

from bench.errors import RunFileError, StorageError
from bench.plugins.names import sanitized, shown_path
from bench.store import json_files
from bench.store.lines import shown
from bench.store.published import published

TOOLS = {
    "check": "python -m bench check",
    "pyperf": "pyperf compare_to",
    "pytest-benchmark": "pytest-benchmark mean:5%",
}


@dataclass(frozen=True, slots=True)
class Trial:
    """One answer of one tool to the question whether the head is slower than the base."""

    tool: str
    """One of `TOOLS`."""
    effect: float
    """How much more the head does: 0.05 is 5 %; 0 where both have the same code."""
    loaded: bool
    """Whether something else kept the CPUs busy half of the time."""
    answer: str
    """`slower`, `faster`, or `no change`, which is everything else."""
    said: str
    """The tool's own word."""
    wall_s: float
    """From the start of the tool to its answer."""
    asked_s: float
    """How much time it was given."""
    load_1m: float
    """Load of the machine when the trial began."""
    pairs: int | None = None
    ratio: float | None = None
    machine: str = ""
    """CPU, cores, system and Python."""
    day: str = ""


def append(path: Path, trial: Trial) -> None:
    """Add a trial to a file.

    Raises:
        StorageError: if that fails.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("a", encoding="utf-8") as file:
            file.write(json.dumps(asdict(published(trial, identified=False))) + "\n")
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        raise StorageError(f"cannot write {shown_path(path)}: {error.strerror}; give another --data") from error


def read(path: Path) -> list[Trial]:
    """The trials of a file; none where there is no file.

    Raises:
        RunFileError: naming the line that is none, or if it is longer than what is read.
    """
    is_empty = not path.exists() or (path.is_file() and not path.stat().st_size)
    return [] if is_empty else list(_trials(path))


def _trials(path: Path) -> Iterator[Trial]:
    for number, line in enumerate(json_files.content(path).splitlines(), start=1):
        place = f"{sanitized(str(path))}, line {number}"
        trial = json_files.taken(json_files.decoded(line, place), Trial, place)
        if trial.tool not in TOOLS:
            raise RunFileError(f"{place}: field `tool` is {shown(trial.tool)}; it must be one of {', '.join(TOOLS)}")
        yield trial

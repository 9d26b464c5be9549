"""What one real trial of a gate gave, one JSON line each, so that an interrupted proof can go on."""

import json
import os
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

from bench.errors import RunFileError, StorageError
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
        raise StorageError(f"cannot write {path}: {error.strerror}; give another --data") from error


def read(path: Path) -> list[Trial]:
    """The trials of a file; none where there is no file.

    Raises:
        RunFileError: naming the line that is none.
    """
    return list(_trials(path)) if path.exists() else []


def _trials(path: Path) -> Iterator[Trial]:
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        try:
            yield Trial(**json.loads(line))
        except (ValueError, TypeError) as error:
            raise RunFileError(f"{path}, line {number}: no trial ({error})") from None

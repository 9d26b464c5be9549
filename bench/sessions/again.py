"""The commands that a message names: to see what is kept of a run, and to finish it."""

import shlex
from collections.abc import Sequence
from pathlib import Path

from bench.analysis.reproduction import BENCH
from bench.records.run import Plan

STDIN = "standard-input"
"""The file that holds what came from there."""


def command(*words: str) -> str:
    """A command of this tool, as a shell takes it."""
    return shlex.join([*BENCH, *words])


def to_see(path: Path) -> str:
    """How a run is shown."""
    return f"see them with: {command('report', str(path))}"


def to_finish(name: str, words: Sequence[str], path: Path) -> str:
    """How a run is finished, with what the user has to name again for that."""
    return f"finish it with: {command(name, *words, '--resume', str(path))}"


def inputs_again(inputs: str | None) -> list[str]:
    """The words that give these inputs."""
    return [] if inputs is None else ["--inputs", "-" if Path(inputs).name == STDIN else inputs]


def inputs_of(plan: Plan) -> list[str]:
    """The words that give the inputs of a run."""
    return [word for each in plan.inputs for word in inputs_again(each)]

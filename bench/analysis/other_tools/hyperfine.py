"""Exports of hyperfine, as `StoredRun`: each run of a command is a process, and so a block."""

from collections.abc import Iterator
from pathlib import Path

from bench import units
from bench.analysis.other_tools.facts import moment
from bench.analysis.stored import StoredCase, StoredRun
from bench.naming import told_apart
from bench.store.hyperfine_file import HyperfineCommand, HyperfineFile


def from_hyperfine(found: HyperfineFile, path: Path) -> StoredRun:
    """An export: its cases are the commands by name, with the values of their parameters. Commands of one key are one case."""
    by_key: dict[str, list[HyperfineCommand]] = {}
    for each in found.commands:
        by_key.setdefault(_key(each), []).append(each)
    names = told_apart({key: same[0].name for key, same in by_key.items()})
    return StoredRun(
        label=path.name,
        path=path,
        tool=f"hyperfine {found.version}".strip(),
        at_utc=moment(found.start_time),
        commit="",
        facts={"os": found.system} if found.system else {},
        cases=[_case(key, names[key], same) for key, same in by_key.items()],
    )


def _key(command: HyperfineCommand) -> str:
    given = ", ".join(f"{name}={value}" for name, value in command.parameters.items())
    return f"{command.name} [{given}]" if given else command.name


def _case(key: str, name: str, commands: list[HyperfineCommand]) -> StoredCase:
    medians = [each.median_s for each in commands if each.median_s is not None]
    values = {
        "time": [[value] for each in commands for value in each.times_s] + [[value] for value in medians],
        "cpu": [[value] for each in commands for value in each.cpu_s],
        "memory": [[value] for each in commands for value in each.peak_memory_bytes],
    }
    limits = "; ".join(_limits(commands))
    return StoredCase(key, name, {quantity: told for quantity, told in values.items() if told}, limits=limits)


def _limits(commands: list[HyperfineCommand]) -> Iterator[str]:
    """What a file leaves out, and what its numbers may not be of."""
    runs = sum(each.runs for each in commands)
    if any(each.median_s is not None for each in commands):
        yield f"only the median of {units.counted(runs, 'run')} is in the file"
    if failed := sum(each.failed for each in commands):
        yield f"{failed} of {units.counted(runs, 'run')} ended with another status than 0"

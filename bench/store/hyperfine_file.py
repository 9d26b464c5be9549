"""Files of hyperfine, as its `--export-json` writes them: results, each of runs of a command, each a process of its own.

Version 1 has a list of times beside sums over all runs; version 2 (`schema_version`) has a record for each run.
"""

from dataclasses import dataclass, field
from typing import Any

from bench.errors import RunFileError
from bench.store.json_files import check_number, taken
from bench.store.lines import shown

_SCHEMA = 2
_UNITS = {"time_wall_clock": "second", "time_cpu": "second", "memory_peak_resident": "byte"}


@dataclass(frozen=True, slots=True)
class HyperfineCommand:
    """One command and its runs. What a file does not have of each run is an empty list."""

    command: str
    name: str
    """What the user called it; the command where it has no name."""
    parameters: dict[str, str]
    times_s: list[float]
    cpu_s: list[float]
    peak_memory_bytes: list[float]
    runs: int
    median_s: float | None
    """Where the file has no time of each run."""
    failed: int
    """How many runs ended with another status than 0."""


@dataclass(frozen=True, slots=True)
class HyperfineFile:
    """One export."""

    commands: list[HyperfineCommand]
    version: str
    """Of hyperfine itself; empty where the file does not say."""
    start_time: str
    system: str


@dataclass(frozen=True, slots=True)
class _Result1:
    command: str
    median: float
    times: list[float] | None = None
    memory_usage_byte: list[float] | None = None
    exit_codes: list[int | None] = field(default_factory=list)
    parameters: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Value:
    value: float
    unit: str


@dataclass(frozen=True, slots=True)
class _Measurement:
    time_wall_clock: _Value
    time_cpu: _Value | None = None
    memory_peak_resident: _Value | None = None
    exit_code: int | None = None


@dataclass(frozen=True, slots=True)
class _Parameter:
    value: str


@dataclass(frozen=True, slots=True)
class _Result2:
    command: str
    measurements: list[_Measurement]
    name: str | None = None
    parameters: dict[str, _Parameter] = field(default_factory=dict)


def fits(document: Any) -> bool:
    """Whether decoded JSON looks like one of these files, of whatever version."""
    return isinstance(document, dict) and isinstance(document.get("results"), list) and "benchmarks" not in document


def read(document: dict[str, Any], name: str) -> HyperfineFile:
    """Take decoded JSON as such a file; `name` is the file's, for errors.

    Raises:
        RunFileError: naming the field, if something is missing, of another type, or no measurement; naming the
            version, if it is not one of these.
    """
    schema = document.get("schema_version")
    if schema is not None and (schema != _SCHEMA or isinstance(schema, bool)):
        raise RunFileError(
            f"{name}: field `schema_version` of hyperfine's format is {shown(schema)}; known: {_SCHEMA}, and none; "
            "for a newer one, update concurrency-bench"
        )
    parsed = _first if schema is None else _second
    found = [parsed(each, name, f"results[{number}]") for number, each in enumerate(document["results"])]
    about = document.get("metadata")
    about = about if isinstance(about, dict) else {}
    platform = about.get("platform")
    platform = platform if isinstance(platform, dict) else {}
    system = " ".join(each for each in (platform.get("os"), platform.get("architecture")) if isinstance(each, str))
    version, began = (about.get(each) for each in ("hyperfine_version", "start_time"))
    return HyperfineFile(
        found, version if isinstance(version, str) else "", began if isinstance(began, str) else "", system
    )


def _first(value: Any, name: str, place: str) -> HyperfineCommand:
    """A result of version 1: its user and system time are means over all runs, and so of no run."""
    result = taken(value, _Result1, name, place)
    check_number(result.median, name, f"{place}.median", "wall_s")
    times = _checked(result.times or [], name, f"{place}.times", "wall_s")
    memory = _checked(result.memory_usage_byte or [], name, f"{place}.memory_usage_byte", "peak_memory_bytes")
    runs = len(times) or len(result.exit_codes) or 1
    failed = sum(code != 0 for code in result.exit_codes)
    median = None if times else result.median
    return HyperfineCommand(result.command, result.command, result.parameters, times, [], memory, runs, median, failed)


def _second(value: Any, name: str, place: str) -> HyperfineCommand:
    result = taken(value, _Result2, name, place)
    if not result.measurements:
        raise RunFileError(f"{name}: field `{place}.measurements` is empty; a command is run at least once")
    place = f"{place}.measurements"
    return HyperfineCommand(
        result.command,
        result.name or result.command,
        {each: parameter.value for each, parameter in result.parameters.items()},
        _metric(result.measurements, "time_wall_clock", name, place, "wall_s"),
        _metric(result.measurements, "time_cpu", name, place, "cpu_s"),
        _metric(result.measurements, "memory_peak_resident", name, place, "peak_memory_bytes"),
        len(result.measurements),
        None,
        sum(each.exit_code != 0 for each in result.measurements),
    )


def _metric(runs: list[_Measurement], metric: str, name: str, place: str, quantity: str) -> list[float]:
    """A metric of each run; nothing where a run lacks it."""
    found: list[float] = []
    for number, each in enumerate(runs):
        value: _Value | None = getattr(each, metric)
        if value is None:
            return []
        if value.unit != _UNITS[metric]:
            raise RunFileError(
                f"{name}: field `{place}[{number}].{metric}.unit` is {shown(value.unit)}; it must be {_UNITS[metric]}"
            )
        check_number(value.value, name, f"{place}[{number}].{metric}.value", quantity)
        found.append(value.value)
    return found


def _checked(values: list[float], name: str, place: str, quantity: str) -> list[float]:
    for number, each in enumerate(values):
        check_number(each, name, f"{place}[{number}]", quantity)
    return values

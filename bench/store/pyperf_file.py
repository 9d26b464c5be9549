"""Files of pyperf: a suite of benchmarks, each of runs, which are processes, each of values.

Values are of one loop already (pyperf/_bench.py, `Run._get_raw_values` multiplies them again), in the benchmark's unit.
What was measured to warm up or to find the number of loops stands apart, as `warmups`. Metadata that all runs of a
benchmark or all benchmarks of a suite have in common is stored once, with these.
"""

from dataclasses import dataclass, field, replace
from typing import Any

from bench.errors import RunFileError
from bench.store.json_files import check_number, taken
from bench.store.lines import shown

_AMOUNTS = {"second": "wall_s", "byte": "peak_memory_bytes", "integer": "count"}
UNITS = ("second", "byte", "integer")
"""What pyperf measures in; without `unit` in the metadata it is seconds."""
_VERSIONS: tuple[str | int, ...] = ("1.0", 6)
"""Of the format. They differ in what warm-ups are, which are not read; before them values were called samples."""


@dataclass(frozen=True, slots=True)
class Process:
    """One process that measured."""

    values: list[float]
    """Of one loop each, in the benchmark's unit; above 0."""
    metadata: dict[str, Any]
    """With what it has in common with the others."""


@dataclass(frozen=True, slots=True)
class PyperfBenchmark:
    """One benchmark."""

    name: str
    unit: str
    """One of `UNITS`."""
    processes: list[Process]
    """Those with values; the ones that only calibrated are left out."""


@dataclass(frozen=True, slots=True)
class PyperfFile:
    """One suite."""

    benchmarks: list[PyperfBenchmark]
    metadata: dict[str, Any]
    """What all processes have in common."""
    first_date: str
    """When its first process measured, in the local time of that machine; empty where no process says."""


@dataclass(frozen=True, slots=True)
class _Run:
    values: list[float] = field(default_factory=list)
    metadata: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Benchmark:
    runs: list[_Run]
    metadata: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Suite:
    benchmarks: list[_Benchmark]
    metadata: dict[str, Any] = field(default_factory=dict)


def fits(document: Any) -> bool:
    """Whether decoded JSON looks like one of these files, of whatever version."""
    benchmarks = document.get("benchmarks") if isinstance(document, dict) else None
    return (
        isinstance(benchmarks, list)
        and "machine_info" not in document
        and all(isinstance(each, dict) and "runs" in each for each in benchmarks)
    )


def read(document: dict[str, Any], name: str) -> PyperfFile:
    """Take decoded JSON as such a file; `name` is the file's, for errors.

    Raises:
        RunFileError: naming the field, if something is missing, of another type, or no measurement; naming the
            version, if it is not one of these.
    """
    version = document.get("version")
    if version not in _VERSIONS or isinstance(version, bool):
        raise RunFileError(
            f"{name}: field `version` of pyperf's format is {shown(version)}; known: "
            f"{', '.join(map(shown, _VERSIONS))}; for an older one: python -m pyperf convert, for a newer one: "
            "update concurrency-bench"
        )
    suite = taken(document, _Suite, name)
    found = [
        _benchmark(each, suite.metadata, name, f"benchmarks[{number}]") for number, each in enumerate(suite.benchmarks)
    ]
    found = _pooled(found, name)
    dates = [str(run.metadata["date"]) for each in suite.benchmarks for run in each.runs if "date" in run.metadata]
    shared = [each.metadata for benchmark in found for each in benchmark.processes]
    return PyperfFile(found, _common(shared) if shared else suite.metadata, min(dates, default=""))


def _benchmark(benchmark: _Benchmark, shared: dict[str, Any], name: str, field: str) -> PyperfBenchmark:
    shared = shared | benchmark.metadata
    first = shared | (benchmark.runs[0].metadata if benchmark.runs else {})
    called, unit = first.get("name"), first.get("unit", UNITS[0])
    if not isinstance(called, str) or not called:
        raise RunFileError(f"{name}: field `{field}.metadata.name` is {shown(called)}; a benchmark has a name")
    if unit not in UNITS:
        raise RunFileError(
            f"{name}: field `{field}.metadata.unit` is {shown(unit)}; it must be one of {', '.join(UNITS)}"
        )
    for number, run in enumerate(benchmark.runs):
        for place, value in enumerate(run.values):
            check_number(value, name, f"{field}.runs[{number}].values[{place}]", _AMOUNTS[unit], above_zero=True)
    return PyperfBenchmark(
        called, unit, [Process(run.values, shared | run.metadata) for run in benchmark.runs if run.values]
    )


def _pooled(benchmarks: list[PyperfBenchmark], name: str) -> list[PyperfBenchmark]:
    """Benchmarks of one name made one: each run of them is a process of its own.

    Raises:
        RunFileError: if they have different units.
    """
    by_name: dict[str, PyperfBenchmark] = {}
    for each in benchmarks:
        first = by_name.setdefault(each.name, replace(each, processes=[]))
        if first.unit != each.unit:
            raise RunFileError(f"{name}: field `benchmarks` has {shown(each.name)} in {first.unit} and in {each.unit}")
        first.processes.extend(each.processes)
    return list(by_name.values())


def _common(metadata: list[dict[str, Any]]) -> dict[str, Any]:
    """What all have, with one value."""
    first, *others = metadata
    return {name: value for name, value in first.items() if all(each.get(name) == value for each in others)}

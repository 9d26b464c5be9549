"""Files of Google Benchmark, as its `--benchmark_format=json` and `--benchmark_out` write them since version 1.5.

One process measured all benchmarks of a file. A time is of one iteration, in the unit that stands beside it. Where a benchmark
is repeated there is a record for each repetition, and one for each aggregate over them, or the aggregates alone.
"""

from dataclasses import dataclass, field, replace
from typing import Any

from bench.errors import RunFileError
from bench.store.json_files import check_number, taken
from bench.store.lines import shown

_SECONDS = {"ns": 1e-9, "us": 1e-6, "ms": 1e-3, "s": 1.0}
_CENTRES = ("median", "mean")
"""Aggregates that can stand for the repetitions, the better one first."""


@dataclass(frozen=True, slots=True)
class GoogleBenchmark:
    """One benchmark of a file."""

    name: str
    real_s: list[float] = field(default_factory=list)
    """Of one iteration, for each repetition."""
    cpu_s: list[float] = field(default_factory=list)
    centres: dict[str, tuple[float, float]] = field(default_factory=dict)
    """Real and CPU time of `median` and `mean`, where only aggregates are in the file."""
    repetitions: int = 1
    error: str = ""
    """Why it has no times."""
    is_skipped: bool = False
    """Whether that is because it did not want to run."""


@dataclass(frozen=True, slots=True)
class GoogleBenchmarkFile:
    """One run of a program of benchmarks."""

    benchmarks: list[GoogleBenchmark]
    context: dict[str, Any]


@dataclass(frozen=True, slots=True)
class _Record:
    name: str
    run_name: str = ""
    run_type: str = "iteration"
    repetitions: int = 1
    aggregate_name: str = ""
    real_time: float | None = None
    cpu_time: float | None = None
    time_unit: str = "ns"
    error_occurred: bool = False
    error_message: str = ""


def fits(document: Any) -> bool:
    """Whether decoded JSON looks like one of these files."""
    return (
        isinstance(document, dict)
        and isinstance(document.get("context"), dict)
        and isinstance(document.get("benchmarks"), list)
        and "machine_info" not in document
    )


def read(document: dict[str, Any], name: str) -> GoogleBenchmarkFile:
    """Take decoded JSON as such a file; `name` is the file's, for errors.

    Raises:
        RunFileError: naming the field, if something is missing, of another type, or no time.
    """
    found: dict[str, GoogleBenchmark] = {}
    for number, value in enumerate(document["benchmarks"]):
        place = f"benchmarks[{number}]"
        record = taken(value, _Record, name, place)
        if record.run_type == "aggregate" and record.aggregate_name not in _CENTRES:
            continue  # a spread, or how times grow over a family
        called = record.run_name or record.name
        found[called] = _with(found.get(called, GoogleBenchmark(called)), record, name, place)
    return GoogleBenchmarkFile(list(found.values()), document["context"])


def _with(known: GoogleBenchmark, record: _Record, name: str, place: str) -> GoogleBenchmark:
    """What is known of a benchmark with one record more."""
    if record.error_occurred or record.error_message:
        return _changed(
            known, record, error=record.error_message or "it says no more", is_skipped=not record.error_occurred
        )
    if record.run_type == "aggregate":
        return _changed(known, record, centres=known.centres | {record.aggregate_name: _times(record, name, place)})
    real, cpu = _times(record, name, place)
    return _changed(known, record, real_s=[*known.real_s, real], cpu_s=[*known.cpu_s, cpu])


def _changed(known: GoogleBenchmark, record: _Record, **fields: Any) -> GoogleBenchmark:
    return replace(known, repetitions=max(known.repetitions, record.repetitions), **fields)


def _times(record: _Record, name: str, place: str) -> tuple[float, float]:
    """Real and CPU time of an iteration, in seconds."""
    if record.time_unit not in _SECONDS:
        raise RunFileError(
            f"{name}: field `{place}.time_unit` is {shown(record.time_unit)}; it must be one of {', '.join(_SECONDS)}"
        )
    unit = _SECONDS[record.time_unit]
    found = []
    for what, value, quantity in (("real_time", record.real_time, "wall_s"), ("cpu_time", record.cpu_time, "cpu_s")):
        if value is None:
            raise RunFileError(f"{name}: field `{place}` lacks `{what}`")
        check_number(value * unit, name, f"{place}.{what}", quantity)
        found.append(value * unit)
    return found[0], found[1]

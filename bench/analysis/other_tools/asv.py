"""Results of asv, as `StoredRun`: a case for each combination of a benchmark's parameters.

asv measures a benchmark in several processes and stores their samples in one list, or their median alone: which sample is of
which process is not in the file, and so a file is one block.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bench import units
from bench.analysis.other_tools.facts import as_text
from bench.analysis.stored import StoredCase, StoredRun
from bench.quantities import COMPARED
from bench.records.block import Outcome
from bench.store.asv_file import AsvBenchmark, AsvFile

_QUANTITIES = {"seconds": "time", "bytes": "memory"}


def from_asv(found: AsvFile, path: Path) -> StoredRun:
    """The results of a commit. When they were measured is when the first benchmark began, not the commit's date."""
    return StoredRun(
        label=f"{path.parent.name}/{path.name}",
        path=path,
        tool="asv",
        at_utc=_moment(found.started_ms),
        commit=found.commit,
        facts=_facts(found),
        cases=[_case(each) for each in found.benchmarks],
    )


def _moment(milliseconds: float | None) -> str:
    try:
        return "" if milliseconds is None else datetime.fromtimestamp(milliseconds / 1000, UTC).isoformat()
    except (ValueError, OverflowError, OSError):
        return ""


def _facts(found: AsvFile) -> dict[str, str]:
    python = (
        found.python if "/" not in found.python and "\\" not in found.python else ""
    )  # of an existing one it is the path
    known = {
        "cpu": as_text(found.params.get("cpu")),
        "cores": as_text(found.params.get("num_cpu")),
        "python": python,
        "os": as_text(found.params.get("os")),
        "packages": _packages(found.requirements),
    }
    return {name: value for name, value in known.items() if value}


def _packages(requirements: Mapping[str, Any]) -> str:
    """What the environment was asked to have: `numpy 1.26, six`."""
    return ", ".join(f"{name} {as_text(version)}".strip() for name, version in sorted(requirements.items()))


def _case(benchmark: AsvBenchmark) -> StoredCase:
    key = _called(benchmark, benchmark.parameters)
    named = [f"{name}={value}" for name, value in zip(benchmark.parameter_names, benchmark.parameters, strict=False)]
    name = _called(benchmark, named or benchmark.parameters)
    kind = _QUANTITIES.get(benchmark.unit, benchmark.unit)
    blank = StoredCase(key, name, {}, version=benchmark.version, kind=kind)
    if benchmark.is_skipped:
        return replace(blank, trouble=f"{Outcome.UNAVAILABLE}: the benchmark skips itself there")
    if benchmark.result is None:
        return replace(blank, trouble=f"{Outcome.FAILED}: asv has no result of it")
    if kind not in COMPARED:
        return blank
    values = benchmark.samples or [benchmark.result]
    kept = [values] if kind == "time" else [[max(values)]]
    return replace(blank, values={kind: kept}, limits="; ".join(_limits(benchmark)))


def _called(benchmark: AsvBenchmark, given: list[str]) -> str:
    return f"{benchmark.name}({', '.join(given)})" if given else benchmark.name


def _limits(benchmark: AsvBenchmark) -> Iterator[str]:
    """What a file leaves out."""
    if benchmark.samples:
        yield f"the file does not say which process took which of {units.counted(len(benchmark.samples), 'sample')}"
    elif benchmark.repeat is not None:
        yield f"only the median of {units.counted(benchmark.repeat, 'sample')} is in the file"

"""Runs of Google Benchmark, as `StoredRun`: a file is one process, so one block a case, of a value for each repetition."""

import statistics
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from bench import units
from bench.analysis.other_tools.facts import as_text, moment
from bench.analysis.stored import StoredCase, StoredRun
from bench.records.block import Outcome
from bench.store.google_benchmark_file import GoogleBenchmark, GoogleBenchmarkFile


def from_google_benchmark(found: GoogleBenchmarkFile, path: Path) -> StoredRun:
    """A run: its times are of one iteration."""
    return StoredRun(
        label=path.name,
        path=path,
        tool=f"google-benchmark {as_text(found.context.get('library_version'))}".strip(),
        at_utc=moment(as_text(found.context.get("date"))),
        commit="",
        facts=_facts(found.context),
        cases=[_case(each) for each in found.benchmarks],
    )


def _facts(context: Mapping[str, Any]) -> dict[str, str]:
    known = {
        "cores": as_text(context.get("num_cpus")),
        "build": as_text(context.get("library_build_type")),
    }
    return {name: value for name, value in known.items() if value}


def _case(benchmark: GoogleBenchmark) -> StoredCase:
    name = benchmark.name
    if benchmark.error:
        how = Outcome.UNAVAILABLE if benchmark.is_skipped else Outcome.FAILED
        return StoredCase(name, name, {}, trouble=f"{how}: {benchmark.error}")
    if benchmark.real_s:
        return StoredCase(name, name, {"time": [benchmark.real_s], "cpu": [[statistics.fmean(benchmark.cpu_s)]]})
    kept = "median" if "median" in benchmark.centres else "mean"
    real, cpu = benchmark.centres[kept]
    limits = f"only the {kept} of {units.counted(benchmark.repetitions, 'repetition')} is in the file"
    return StoredCase(name, name, {"time": [[real]], "cpu": [[cpu]]}, limits=limits)

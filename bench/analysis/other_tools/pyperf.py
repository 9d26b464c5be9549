"""Suites that pyperf stored, as `StoredRun`."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from bench.analysis.other_tools.facts import as_text, interpreter, moment
from bench.analysis.stored import StoredCase, StoredRun
from bench.store.lines import most_of
from bench.store.pyperf_file import PyperfBenchmark, PyperfFile

_GOVERNOR = re.compile(r"\bgovernor:([\w-]+)")


def from_pyperf(found: PyperfFile, path: Path) -> StoredRun:
    """A suite of pyperf: each process with values is a block, and warm-ups and calibrations are left out."""
    info = found.metadata
    version = as_text(info.get("perf_version"))
    governors = set(_GOVERNOR.findall(as_text(info.get("cpu_config"))))
    python, _, _ = as_text(info.get("python_version")).partition(" ")
    known = {
        "cpu": as_text(info.get("cpu_model_name")),
        "cores": _cores(info),
        "python": interpreter(info.get("python_implementation"), python),
        "governor": governors.pop() if len(governors) == 1 else "",
        "os": as_text(info.get("platform")),
    }
    return StoredRun(
        label=path.name,
        path=path,
        tool=f"pyperf {version}".strip(),
        at_utc=moment(found.first_date),
        commit=as_text(info.get("commit_id")),
        facts={name: value for name, value in known.items() if value},
        cases=[_pyperf_case(each) for each in found.benchmarks],
    )


def _pyperf_case(benchmark: PyperfBenchmark) -> StoredCase:
    key = benchmark.name
    if not benchmark.processes:
        return StoredCase(key, key, {}, trouble="failed: no process measured a value, they only calibrated")
    values = [each.values for each in benchmark.processes]
    if benchmark.unit == "byte":
        return StoredCase(key, key, {"memory": [[max(each)] for each in values]}, kind="memory")
    if benchmark.unit != "second":
        return StoredCase(key, key, {}, kind=benchmark.unit)
    peaks = [each.metadata.get("mem_max_rss") for each in benchmark.processes]
    memory = [[float(each)] for each in peaks if isinstance(each, int | float) and 0 < each < most_of("bytes")]
    return StoredCase(key, key, {"time": values} | ({"memory": memory} if memory else {}))


def _cores(info: Mapping[str, Any]) -> str:
    """CPUs of the machine, and how many of them the processes were kept to: `2 of 4` from `2-3`, or `0,2`."""
    cores = as_text(info.get("cpu_count"))
    allowed = 0
    for part in as_text(info.get("cpu_affinity")).split(","):
        match = re.fullmatch(r"\s*(\d{1,6})(?:-(\d{1,6}))?\s*", part)
        allowed += 0 if match is None else int(match[2] or match[1]) - int(match[1]) + 1
    return f"{allowed} of {cores}" if cores and allowed > 0 and str(allowed) != cores else cores

"""Runs that pytest-benchmark and pyperf stored, as `StoredRun`: which numbers are values, and which facts are meant."""

import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from bench import units
from bench.analysis.stored import StoredCase, StoredRun
from bench.naming import told_apart
from bench.quantities import COMPARED, TIME
from bench.store.lines import most_of
from bench.store.pyperf_file import PyperfBenchmark, PyperfFile
from bench.store.pytest_benchmark_file import OWN, Benchmark, PytestBenchmarkFile

_GOVERNOR = re.compile(r"\bgovernor:([\w-]+)")


def from_pytest_benchmark(found: PytestBenchmarkFile, path: Path) -> StoredRun:
    """A run of pytest-benchmark: one process, so one block a case, unless this tool exported it and knows better."""
    names = told_apart({each.fullname: each.name for each in found.benchmarks})
    commit = _text(found.commit_info.get("id"))
    return StoredRun(
        label=path.name,
        path=path,
        tool=found.version if OWN in found.machine_info else f"pytest-benchmark {found.version}",
        at_utc=_in_utc(found.datetime),
        commit=commit + "+" if commit and found.commit_info.get("dirty") is True else commit,
        facts=_pytest_benchmark_facts(found.machine_info),
        cases=[_pytest_benchmark_case(each, names[each.fullname]) for each in found.benchmarks],
    )


def _pytest_benchmark_case(benchmark: Benchmark, name: str) -> StoredCase:
    stats, blocks = benchmark.stats, benchmark.blocks
    times = list(stats.times_s)
    values: dict[str, list[list[float]]] = {}
    if blocks is not None:
        left = iter(times)
        values["time"] = [[next(left) for _ in range(rounds)] for rounds in blocks.rounds]
        used = {asked: getattr(blocks, each.name) for asked, each in COMPARED.items() if each is not TIME}
        values |= {quantity: [[each] for each in told] for quantity, told in used.items() if told}
        workload, strategy = (_text(benchmark.extra_info.get(what)) for what in ("workload", "strategy"))
        return StoredCase(
            benchmark.fullname, name, values, unknown=blocks.unknown, workload=workload, strategy=strategy
        )
    centre = stats.mean if stats.median is None else stats.median
    values["time"] = [times or [centre]]
    for quantity, each in COMPARED.items():
        if each is not TIME and (value := benchmark.used(each.name)) is not None:
            values[quantity] = [[value]]
    return StoredCase(benchmark.fullname, name, values, limits="; ".join(_limits(benchmark)))


def _limits(benchmark: Benchmark) -> Iterator[str]:
    """What a file leaves out."""
    stats = benchmark.stats
    if not stats.times_s:
        kept = "mean" if stats.median is None else "median"
        yield f"only the {kept} of {units.counted(stats.rounds, 'round')} is in the file"
    if benchmark.times > 1:
        yield f"the test ran {benchmark.times} times, and this is the last"


def _pytest_benchmark_facts(info: Mapping[str, Any]) -> dict[str, str]:
    own = info.get(OWN)
    if isinstance(own, dict):
        return {name: _text(value) for name, value in own.items() if _text(value)}
    cpu = info.get("cpu")
    cpu = cpu if isinstance(cpu, dict) else {}
    version = _text(info.get("python_implementation_version")) or _text(info.get("python_version"))
    build = info.get("python_build")
    known = {
        "cpu": _text(cpu.get("brand_raw")) or _text(cpu.get("brand")),
        "cores": _text(cpu.get("count")),
        "python": _python(info.get("python_implementation"), version),
        "build": " ".join(_text(each) for each in build) if isinstance(build, list) else _text(build),
        "os": " ".join(filter(None, (_text(info.get("system")), _text(info.get("release"))))),
    }
    return {name: value for name, value in known.items() if value}


def from_pyperf(found: PyperfFile, path: Path) -> StoredRun:
    """A suite of pyperf: each process with values is a block, and warm-ups and calibrations are left out."""
    info = found.metadata
    version = _text(info.get("perf_version"))
    governors = set(_GOVERNOR.findall(_text(info.get("cpu_config"))))
    python, _, _ = _text(info.get("python_version")).partition(" ")
    known = {
        "cpu": _text(info.get("cpu_model_name")),
        "cores": _cores(info),
        "python": _python(info.get("python_implementation"), python),
        "governor": governors.pop() if len(governors) == 1 else "",
        "os": _text(info.get("platform")),
    }
    return StoredRun(
        label=path.name,
        path=path,
        tool=f"pyperf {version}".strip(),
        at_utc=_iso(found.first_date),
        commit=_text(info.get("commit_id")),
        facts={name: value for name, value in known.items() if value},
        cases=[_pyperf_case(each) for each in found.benchmarks],
    )


def _pyperf_case(benchmark: PyperfBenchmark) -> StoredCase:
    key = benchmark.name
    if not benchmark.processes:
        return StoredCase(key, key, {}, trouble="failed: no process measured a value, they only calibrated")
    values = [each.values for each in benchmark.processes]
    if benchmark.unit == "byte":
        return StoredCase(key, key, {"memory": [[max(each)] for each in values]})
    if benchmark.unit != "second":
        return StoredCase(key, key, {}, limits=f"its values have the unit {benchmark.unit}, which is none of time")
    peaks = [each.metadata.get("mem_max_rss") for each in benchmark.processes]
    memory = [[float(each)] for each in peaks if isinstance(each, int | float) and 0 < each < most_of("bytes")]
    return StoredCase(key, key, {"time": values} | ({"memory": memory} if memory else {}))


def _cores(info: Mapping[str, Any]) -> str:
    """CPUs of the machine, and how many of them the processes were kept to: `2 of 4` from `2-3`, or `0,2`."""
    cores = _text(info.get("cpu_count"))
    allowed = 0
    for part in _text(info.get("cpu_affinity")).split(","):
        match = re.fullmatch(r"\s*(\d{1,6})(?:-(\d{1,6}))?\s*", part)
        allowed += 0 if match is None else int(match[2] or match[1]) - int(match[1]) + 1
    return f"{allowed} of {cores}" if cores and allowed > 0 and str(allowed) != cores else cores


def _python(implementation: Any, version: str) -> str:
    return "-".join(filter(None, (_text(implementation).lower(), version)))


def _in_utc(text: str) -> str:
    """A moment of pytest-benchmark's, which is in UTC whether it says so or not; empty where it is none."""
    moment = _iso(text)
    return moment if not moment or datetime.fromisoformat(moment).tzinfo is not None else f"{moment}+00:00"


def _iso(text: str) -> str:
    try:
        return datetime.fromisoformat(text).isoformat()
    except ValueError:
        return ""


def _text(value: Any) -> str:
    """A fact as text; empty where it is no text or number."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return ""
    try:
        return str(value)
    except ValueError:  # an integer of 5000 digits has no text
        return ""

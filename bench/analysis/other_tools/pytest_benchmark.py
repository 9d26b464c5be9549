"""Runs that pytest-benchmark stored, as `StoredRun`."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from bench import units
from bench.analysis.other_tools.facts import as_text, interpreter, moment
from bench.analysis.stored import StoredCase, StoredRun
from bench.naming import told_apart
from bench.quantities import COMPARED, TIME
from bench.store.pytest_benchmark_file import OWN, Benchmark, PytestBenchmarkFile


def from_pytest_benchmark(found: PytestBenchmarkFile, path: Path) -> StoredRun:
    """A run of pytest-benchmark: one process, so one block a case, unless this tool exported it and knows better."""
    names = told_apart({each.fullname: each.name for each in found.benchmarks})
    commit = as_text(found.commit_info.get("id"))
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
        workload, strategy = (as_text(benchmark.extra_info.get(what)) for what in ("workload", "strategy"))
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
        return {name: as_text(value) for name, value in own.items() if as_text(value)}
    cpu = info.get("cpu")
    cpu = cpu if isinstance(cpu, dict) else {}
    version = as_text(info.get("python_implementation_version")) or as_text(info.get("python_version"))
    build = info.get("python_build")
    known = {
        "cpu": as_text(cpu.get("brand_raw")) or as_text(cpu.get("brand")),
        "cores": as_text(cpu.get("count")),
        "python": interpreter(info.get("python_implementation"), version),
        "build": " ".join(as_text(each) for each in build) if isinstance(build, list) else as_text(build),
        "os": " ".join(filter(None, (as_text(info.get("system")), as_text(info.get("release"))))),
    }
    return {name: value for name, value in known.items() if value}


def _in_utc(text: str) -> str:
    """A moment of pytest-benchmark's, which is in UTC whether it says so or not; empty where it is none."""
    found = moment(text)
    return found if not found or datetime.fromisoformat(found).tzinfo is not None else f"{found}+00:00"

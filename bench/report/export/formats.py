"""A stored run in the formats of other tools. What has no time is not exported; `unexported` says which cases these are."""

import statistics
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Sequence
from typing import Any

from bench.analysis.estimates import median_estimate
from bench.analysis.stored import StoredCase, StoredRun
from bench.quantities import COMPARED, TIME
from bench.report.kit.json_text import json_text
from bench.store.pytest_benchmark_file import OWN

_INDENT = 4
"""Of the JSON that these tools write themselves."""
_BESIDE_TIME = {asked: each for asked, each in COMPARED.items() if each is not TIME}


def unexported(run: StoredRun) -> dict[str, str]:
    """The cases without a time, by name, and why they have none."""
    return {
        each.name: each.trouble or each.limits or "it has no time" for each in run.cases if not each.values.get("time")
    }


def as_pytest_benchmark(run: StoredRun) -> str:
    """JSON as `pytest --benchmark-json` writes it: times by the clock in seconds, the warm rounds of all blocks one after another.

    `extra_info` has `cpu_s` (of a round) and `peak_memory_bytes`, the medians over blocks, and under the name of this
    tool which rounds belong to which block, the CPU and memory of each, and why one of these is unknown where it is. Beside it in `machine_info` stand the facts
    of `StoredRun`. So nothing is lost for who reads the file with this tool.
    """
    facts = run.facts
    implementation, _, version = facts.get("python", "").partition("-")
    build, _, built = facts.get("build", "").partition(" ")
    system, _, release = facts.get("os", "").partition(" ")
    cores = facts.get("cores", "").rpartition(" ")[2]
    return json_text({
        "machine_info": {
            "node": "",
            "processor": "",
            "machine": "",
            "python_compiler": "",
            "python_implementation": implementation,
            "python_implementation_version": version,
            "python_version": version,
            "python_build": [build, built],
            "release": release,
            "system": system,
            "cpu": {"brand_raw": facts.get("cpu", "")} | ({"count": int(cores)} if cores.isdecimal() else {}),
            OWN: facts,
        },
        "commit_info": {"id": run.commit.removesuffix("+") or None, "dirty": run.commit.endswith("+")},
        "benchmarks": [_benchmark(each) for each in run.cases if each.values.get("time")],
        "datetime": run.at_utc,
        "version": run.tool,
    }, _INDENT)  # fmt: skip


def _benchmark(case: StoredCase) -> dict[str, Any]:
    blocks = case.elapsed_s or case.values["time"]
    used = {
        each.name: [statistics.median(block) for block in case.values.get(asked, ())]
        for asked, each in _BESIDE_TIME.items()
    }
    extra: dict[str, Any] = {"workload": case.workload, "strategy": case.strategy} if case.workload else {}
    extra |= {name: statistics.median(blocks_used) for name, blocks_used in used.items() if blocks_used}
    extra[OWN] = {"rounds": [len(each) for each in blocks], **used}
    extra[OWN] |= {"unknown": case.unknown} if case.unknown else {}
    return {
        "group": case.workload or None,
        "name": case.name,
        "fullname": case.key,
        "params": None,
        "param": None,
        "extra_info": extra,
        "options": {},
        "stats": _stats([value for block in blocks for value in block]),
    }


def _stats(data: list[float]) -> dict[str, Any]:
    """What pytest-benchmark says of these times, by its own definitions (pytest_benchmark/stats.py)."""
    ordered = sorted(data)
    total, mean = sum(data), statistics.mean(data)
    stddev = statistics.stdev(data) if len(data) > 1 else 0.0
    q1, q3 = _quartiles(ordered)
    low, high = q1 - 1.5 * (q3 - q1), q3 + 1.5 * (q3 - q1)
    beyond_stddev = sum(not mean - stddev <= each <= mean + stddev for each in data)
    beyond_iqr = sum(not low <= each <= high for each in data)
    return {
        "min": ordered[0],
        "max": ordered[-1],
        "mean": mean,
        "stddev": stddev,
        "rounds": len(data),
        "median": statistics.median(data),
        "iqr": q3 - q1,
        "q1": q1,
        "q3": q3,
        "iqr_outliers": beyond_iqr,
        "stddev_outliers": beyond_stddev,
        "outliers": f"{beyond_stddev};{beyond_iqr}",
        "ld15iqr": ordered[bisect_left(ordered, low)],
        "hd15iqr": ordered[bisect_right(ordered, high) - 1],
        "ops": len(data) / total if total else 0.0,
        "total": total,
        "data": data,
        "iterations": 1,
    }


def _quartiles(ordered: Sequence[float]) -> tuple[float, float]:
    """First and third: of an even number the medians of its halves, of an odd one weighted neighbours."""
    n, half = len(ordered), len(ordered) // 2
    if n == 1:
        return ordered[0], ordered[0]
    if n % 2 == 0:
        return statistics.median(ordered[:half]), statistics.median(ordered[half:])
    k, near = divmod(n, 4)
    shares, at = ((0.25, 0.75), (k - 1, 3 * k)) if near == 1 else ((0.75, 0.25), (k, 3 * k + 1))
    first = shares[0] * ordered[at[0]] + shares[1] * ordered[at[0] + 1]
    third = shares[1] * ordered[at[1]] + shares[0] * ordered[at[1] + 1]
    return first, third


def as_github_action(run: StoredRun) -> str:
    """JSON as github-action-benchmark reads it with the tool `customSmallerIsBetter`: an entry a case and quantity.

    The name is the case's key, which is the same in every run; the value is the median of its blocks, in seconds or
    bytes, and the range its interval, where there are blocks enough for one.
    """
    return json_text([
        _entry(run, case, quantity)
        for case in run.cases
        if case.values.get("time")
        for quantity in COMPARED
        if case.values.get(quantity)
    ], _INDENT)  # fmt: skip


def _entry(run: StoredRun, case: StoredCase, quantity: str) -> dict[str, Any]:
    blocks = [statistics.median(each) for each in case.values[quantity]]
    estimate = median_estimate(blocks)
    told = [f"median of {len(blocks)} processes", run.tool, *(f"{name} {value}" for name, value in run.facts.items())]
    of = COMPARED[quantity]
    suffix = "" if of is TIME else f" ({of.words.precise})"
    entry = {"name": case.key + suffix, "unit": of.unit, "value": estimate.centre}
    if estimate.low is not None and estimate.high is not None:
        entry["range"] = f"{estimate.low:.6g} … {estimate.high:.6g}"
    return entry | {"extra": "\n".join(told)}


FORMATS: dict[str, Callable[[StoredRun], str]] = {
    "pytest-benchmark": as_pytest_benchmark,
    "github-action-benchmark": as_github_action,
}
"""By the name of the tool that reads them: what `export --format` takes."""

"""The columns of `summary.csv` and of `--json`: a row a case, SI units, empty where unknown. People script on these."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from bench.analysis.summary import Summary
from bench.report.kit.csv_rows import csv_text, write_rows
from bench.report.kit.results import Results

COSTS = (
    "cpu_layer", "cpu_is_lower_bound", "cpu_below_s", "cpu_above_s", "user_s", "system_s", "memory_layer",
    "file_cache_bytes", "rss_bytes", "pss_bytes", "uss_bytes", "voluntary_switches", "involuntary_switches",
    "minor_faults", "major_faults", "read_bytes", "written_bytes", "processes_started", "threads_started",
    "start_cpu_s", "stop_cpu_s", "whole_cpu_s", "whole_peak_memory_bytes",
)  # fmt: skip
"""Fields of `bench.analysis.cost.Cost` that are columns under their own names."""
COLUMNS = (
    "workload", "scale", "strategy", "workers", "options", "python", "outcome", "blocks", "rounds",
    "wall_s", "wall_low_s", "wall_high_s", "speedup", "speedup_low", "speedup_high",
    "cpu_s", "cores_used", "peak_memory_bytes", "start_s", "stop_s", "bound_s",
    "pattern", "tasks", "tasks_per_s", "bytes_per_s", "fairness", "hand_offs_per_s",
    "latency", "latency_p50_s", "latency_p95_s", "latency_p99_s", "latency_max_s",
    "memory_per_worker_bytes", "memory_per_worker_low_bytes", "memory_per_worker_high_bytes",
    *COSTS, "bound_low_s", "bound_high_s", "bound_stated",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Unknown:
    """Stands where there is no estimate."""

    centre: None = None
    low: None = None
    high: None = None


@dataclass(frozen=True, slots=True)
class _NoLatency:
    """Stands where no single operation was timed."""

    what: None = None
    p50_s: None = None
    p95_s: None = None
    p99_s: None = None
    max_s: None = None


_UNKNOWN = _Unknown()
_NO_LATENCY = _NoLatency()


def row(summary: Summary) -> dict[str, Any]:
    """The summary's values by column; `workers` is the number of tasks where there is a worker for each.

    `tasks` counts what a round does in the pattern's unit. Where two things were timed, the latency is the first.
    """
    case = summary.case
    wall = summary.wall or _UNKNOWN
    speedup = summary.speedup or _UNKNOWN
    bound = _UNKNOWN if summary.bound is None else summary.bound.wall
    cost, slope = summary.cost, summary.memory_per_worker or _UNKNOWN
    latency = summary.latencies[0] if summary.latencies else _NO_LATENCY
    per_task = case.workers is None and summary.work.pattern == "map"
    values = (
        case.workload,
        case.scale,
        case.strategy,
        summary.tasks if per_task else case.workers,
        ";".join(f"{name}={value}" for name, value in sorted(case.options.items())),
        case.python,
        str(summary.outcome),
        summary.blocks,
        summary.rounds,
        wall.centre,
        wall.low,
        wall.high,
        speedup.centre,
        speedup.low,
        speedup.high,
        cost.cpu_s,
        cost.cores_used,
        _whole_bytes("peak_memory_bytes", cost.peak_memory_bytes),
        summary.start_s,
        summary.stop_s,
        bound.centre,
        summary.work.pattern,
        summary.tasks,
        summary.rate,
        summary.bytes_per_s,
        summary.fairness,
        summary.hand_offs_per_s,
        latency.what,
        latency.p50_s,
        latency.p95_s,
        latency.p99_s,
        latency.max_s,
        *(_whole_bytes("_bytes", each) for each in (slope.centre, slope.low, slope.high)),
        *(_whole_bytes(name, getattr(cost, name)) if summary.wall is not None else None for name in COSTS),
        bound.low,
        bound.high,
        None if summary.bound is None else summary.bound.stated,
    )
    return dict(zip(COLUMNS, values, strict=True))


def _whole_bytes(name: str, value: Any) -> Any:
    """Bytes without a fraction; all else as it is."""
    return round(value) if name.endswith("_bytes") and value is not None else value


def write_csv(path: Path, summaries: Sequence[Summary]) -> None:
    """Write a row for each case."""
    write_rows(path, COLUMNS, map(row, summaries))


def as_csv(results: Results) -> str:
    """What `summary.csv` holds: a row for each case under the names of the columns."""
    return csv_text(COLUMNS, map(row, results.summaries))


def as_json(results: Results) -> str:
    """The run's summary for a program: its file, cases and findings."""
    ending = results.run.ending
    return json.dumps(
        {
            "run": results.run.header.id,
            "file": str(results.path),
            "status": ending.status if ending else "cut",
            "wall_s": ending.wall_s if ending else None,
            "rounds_s": ending.rounds_s if ending else None,
            "cases": [
                row(each)
                | {"latencies": [asdict(one) for one in each.latencies], "reason": each.reason}
                | {"unknown": {} if each.wall is None else each.cost.unknown}
                for each in results.summaries
            ],
            "headlines": {each.name: each.headline for each in results.groups},
            "findings": [
                {"code": each.code, "subject": each.subject, "message": each.message, "hint": each.hint}
                for each in results.findings
            ],
        },
        indent=2,
    )

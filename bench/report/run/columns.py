"""The columns of `summary.csv` and of `--json`: a row a case, SI units, empty where unknown. People script on these."""

from collections.abc import Callable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from bench.analysis.summary import Summary
from bench.quantities import CPU, MEMORY, MODES, QUANTITIES, TIME, Quantity
from bench.report.kit.column import at
from bench.report.kit.csv_rows import csv_text, write_rows
from bench.report.kit.headline import headline
from bench.report.kit.json_text import json_text
from bench.report.kit.results import Results
from bench.report.run import across_words

Value = Callable[[Summary], Any]


def _bytes_at(path: str) -> Value:
    """Bytes without a fraction."""
    return lambda each: _whole(at(path)(each))


def _cost(quantity: Quantity) -> Value:
    """What a round costs of it; bytes without a fraction."""
    is_whole = quantity.unit == "B"
    return lambda each: _whole(each.cost[quantity.name]) if is_whole else each.cost[quantity.name]


def _whole(value: float | None) -> int | None:
    return None if value is None else round(value)


def _of_cost(name: str) -> Value:
    """A field of `bench.analysis.cost.Cost`, where the case has a time."""
    return lambda each: getattr(each.cost, name) if each.wall is not None else None


def _latency(name: str) -> Value:
    """Of the first thing that was timed, where there is one."""
    return lambda each: getattr(each.latencies[0], name) if each.latencies else None


def _workers(summary: Summary) -> int | None:
    """The number of tasks where there is a worker for each."""
    per_task = summary.case.workers is None and summary.work.pattern == "map"
    return summary.tasks if per_task else summary.case.workers


def _options(summary: Summary) -> str:
    return ";".join(f"{name}={value}" for name, value in sorted(summary.case.options.items()))


_STAND_APART = {TIME, CPU, *MODES, MEMORY}
_VALUES: dict[str, Value] = {
    "workload": at("case.workload"),
    "scale": at("case.scale"),
    "strategy": at("case.strategy"),
    "workers": _workers,
    "options": _options,
    "python": at("case.python"),
    "outcome": lambda each: str(each.outcome),
    "blocks": at("blocks"),
    "rounds": at("rounds"),
    "wall_s": at("wall.centre"),
    "wall_low_s": at("wall.low"),
    "wall_high_s": at("wall.high"),
    "speedup": at("speedup.centre"),
    "speedup_low": at("speedup.low"),
    "speedup_high": at("speedup.high"),
    CPU.name: _cost(CPU),
    "cores_used": at("cost.cores_used"),
    MEMORY.name: _cost(MEMORY),
    "start_s": at("start_s"),
    "stop_s": at("stop_s"),
    "bound_s": at("bound.wall.centre"),
    "pattern": at("work.pattern"),
    "tasks": at("tasks"),
    "tasks_per_s": at("rate"),
    "bytes_per_s": at("bytes_per_s"),
    "fairness": at("fairness"),
    "hand_offs_per_s": at("hand_offs_per_s"),
    "latency": _latency("what"),
    **{f"latency_{name}": _latency(name) for name in ("p50_s", "p95_s", "p99_s", "max_s")},
    "memory_per_worker_bytes": _bytes_at("memory_per_worker.centre"),
    "memory_per_worker_low_bytes": _bytes_at("memory_per_worker.low"),
    "memory_per_worker_high_bytes": _bytes_at("memory_per_worker.high"),
    **{name: _of_cost(name) for name in ("cpu_layer", "cpu_is_lower_bound", "cpu_below_s", "cpu_above_s")},
    **{each.name: _cost(each) for each in MODES},
    "memory_layer": _of_cost("memory_layer"),
    **{each.name: _cost(each) for each in QUANTITIES if each not in _STAND_APART},
    "bound_low_s": at("bound.wall.low"),
    "bound_high_s": at("bound.wall.high"),
    "bound_stated": at("bound.stated"),
}
"""`tasks` counts what a round does in the pattern's unit."""
COLUMNS = tuple(_VALUES)


def row(summary: Summary) -> dict[str, Any]:
    """The summary's values by column."""
    return {name: value(summary) for name, value in _VALUES.items()}


def write_csv(path: Path, summaries: Sequence[Summary]) -> None:
    """Write a row for each case."""
    write_rows(path, COLUMNS, map(row, summaries))


def as_csv(results: Results) -> str:
    """What `summary.csv` holds: a row for each case under the names of the columns."""
    return csv_text(COLUMNS, map(row, results.summaries))


def as_json(results: Results) -> str:
    """The run's summary for a program: its file, cases and findings."""
    ending = results.run.ending
    return json_text(
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
            "headlines": {each.name: headline(each) for each in results.groups},
            "across": [across_words.record(each) for each in results.across],
            "findings": [
                {"code": each.code, "subject": each.subject, "message": each.message, "hint": each.hint}
                for each in results.findings
            ],
        }
    )

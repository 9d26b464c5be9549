"""What a column is called in an address, and the number a cell is sorted by: in SI units, not rounded."""

import operator
import re
from collections.abc import Callable

from bench.analysis.summary import Summary
from bench.report.column import Column

_PATHS = {
    "round": "wall.centre",
    "first round": "cold_s",
    "start": "start_s",
    "stop": "stop_s",
    "bound": "bound_s",
    "MB/s": "bytes_per_s",
    "hand-offs/s": "hand_offs_per_s",
    "fairness": "fairness",
    "blocks × rounds": "rounds",
    "CPU": "cost.cpu_s",
    "user": "cost.user_s",
    "system": "cost.system_s",
    "cores": "cost.cores_used",
    "memory": "cost.peak_memory_bytes",
    "file cache in it": "cost.file_cache_bytes",
    "Σ RSS": "cost.rss_bytes",
    "Σ PSS": "cost.pss_bytes",
    "Σ USS": "cost.uss_bytes",
    "memory per worker": "memory_per_worker.centre",
    "waits": "cost.voluntary_switches",
    "pre-emptions": "cost.involuntary_switches",
    "minor faults": "cost.minor_faults",
    "major faults": "cost.major_faults",
    "read": "cost.read_bytes",
    "written": "cost.written_bytes",
    "processes started": "cost.processes_started",
    "threads started": "cost.threads_started",
    "CPU of start": "cost.start_cpu_s",
    "CPU of stop": "cost.stop_cpu_s",
    "CPU of block": "cost.whole_cpu_s",
    "memory of block": "cost.whole_peak_memory_bytes",
}
"""Where a summary keeps what stands under a heading."""
_RATIO, _RATE = "× ", "/s"
_LATENCY = re.compile(r"(?:(?P<what>.+) )?(?P<quantile>p50|p95|p99|max)")


def key(heading: str) -> str:
    """A column's name in an address: the same in the tables of all workloads, whatever their base and unit."""
    if heading.startswith(_RATIO):
        return "speedup"
    if heading not in _PATHS and heading.endswith(_RATE):
        return "rate"
    return re.sub(r"\W+", "-", heading).strip("-").lower()


def label(heading: str) -> str:
    """What a choice of columns for all workloads calls this one."""
    return {"speedup": "× base", "rate": "rate"}.get(key(heading), heading)


def sort_value(column: Column) -> Callable[[Summary], float | None]:
    """What gives the number behind a cell of the column; None where the cell has none, as intervals have not."""
    heading = column.heading
    if path := _PATHS.get(heading):
        return lambda summary: _at(summary, path)
    if heading.startswith(_RATIO):
        return lambda summary: _at(summary, "speedup.centre")
    if heading.endswith(_RATE):
        return lambda summary: summary.rate
    if latency := _LATENCY.fullmatch(heading):
        return lambda summary: _quantile(summary, latency["what"], latency["quantile"])
    return lambda _: None


def _at(summary: Summary, path: str) -> float | None:
    found: object = summary
    for name in path.split("."):
        found = None if found is None else operator.attrgetter(name)(found)
    return found if isinstance(found, int | float) else None


def _quantile(summary: Summary, what: str | None, quantile: str) -> float | None:
    timed = [each for each in summary.latencies if what in (None, each.what)]
    return getattr(timed[0], f"{quantile}_s") if timed else None

"""What a group's cases cost: the columns of its two tables, and what each extra worker adds, in a sentence."""

from collections.abc import Iterator

from bench import units
from bench.analysis.estimates import INTERVAL, values_needed
from bench.analysis.groups import Group
from bench.analysis.summary import Summary
from bench.naming import without_workers
from bench.quantities import COUNTED, CPU_BESIDES, HELD, MODES, WHOLE_MEMORY
from bench.report.kit.column import cores, cpu, number, of_cost
from bench.report.kit.table import Column
from bench.sentences import first_of

MOST_SLOPES = 6
"""In a sentence; the table has all."""


def use_columns(group: Group) -> list[Column]:
    """CPU and memory."""
    found = [cpu(), *map(of_cost, MODES), cores(), *map(of_cost, HELD)]
    return found + (list(_slopes()) if any(each.memory_per_worker for each in group.ranked) else [])


def _slopes() -> Iterator[Column]:
    yield number("memory per worker", "memory_per_worker.centre", units.size, why=_why_no_slope)
    yield Column(INTERVAL, lambda each: _interval(each) or "–", why=_why_no_slope)


def _why_no_slope(summary: Summary) -> str:
    return "" if summary.memory_per_worker is not None else "only one number of workers was measured, or it takes none"


def count_columns() -> list[Column]:
    """What the kernel counted in a round, and what the rest of a block took."""
    return list(map(of_cost, (*COUNTED, *CPU_BESIDES, WHOLE_MEMORY)))


def memory_per_worker(group: Group) -> str:
    """What each extra worker adds, in a sentence without a full stop; empty where that was not measured."""
    found: dict[str, Summary] = {}
    for each in group.ranked:
        if each.memory_per_worker is not None:
            found.setdefault(without_workers(group.labels[each.case.key]), each)
    said = [f"{_slope(each)}{_within(each)} under {name}" for name, each in found.items()]
    where = " in the table" if len(said) > MOST_SLOPES else ""
    return f"Each extra worker adds {first_of(said, MOST_SLOPES)}{where}" if said else ""


def _slope(summary: Summary) -> str:
    return "" if summary.memory_per_worker is None else units.size(summary.memory_per_worker.centre)


def _within(summary: Summary) -> str:
    slope = summary.memory_per_worker
    return "" if slope is None or slope.low is None else f" ({_interval(summary)})"


def _interval(summary: Summary) -> str:
    slope = summary.memory_per_worker
    if slope is None:
        return ""
    if slope.low is None or slope.high is None:
        return f"under {values_needed()} blocks each"
    return units.between(units.size(slope.low), units.size(slope.high))

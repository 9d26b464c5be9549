"""The columns of a group's tables, for the terminal, the page and markdown: a heading and a text for each case.

Which columns there are depends on what the group's pattern tells: rates, latencies, fairness; and on what is known.
"""

from collections.abc import Callable, Iterator

from bench import units
from bench.analysis.estimates import INTERVAL
from bench.analysis.groups import Group
from bench.analysis.summary import Latency, Summary
from bench.quantities import CPU, MEMORY, MODES, TIME
from bench.report.kit import words
from bench.report.kit.column import Value, bound, cores, cpu, number, of_cost, told_of
from bench.report.kit.table import Column

SPEEDUP = "× base"
"""The name of the column of ratios, whatever the base."""
_IMPORTANCE = {
    name: place
    for place, name in enumerate(
        (
            "round", "speed-up", "base's round", "first p50", "interval", "memory", "rate", "MB/s", "CPU", "first p99", "cores",
            "hand-offs", "fairness", "start", "speed-up interval", "stop", "other p50", "first round", "bound", "p95",
            "p99", "max", "user", "system", "amount",
        ),
        start=1,
    )
}  # fmt: skip
"""The order in which columns find room on a terminal."""


def columns(group: Group) -> list[Column]:
    """All columns of a group's table, after the one with the names; those of intervals only where a case has one."""
    return told_of(group.ranked, [*_times(group), *_rates(group), *_latencies(group), *_costs(), *_amounts(group)])


def terminal_columns(group: Group) -> list[Column]:
    """The same, with the two parts of the CPU behind it: a terminal has no second table."""
    found = columns(group)
    after = 1 + next(place for place, column in enumerate(found) if column.heading == CPU.heading)
    found[after:after] = [of_cost(each, _IMPORTANCE[each.heading]) for each in MODES]
    return found


def _times(group: Group) -> Iterator[Column]:
    base_s = group.base_wall_s
    yield number(TIME.heading, "wall.centre", importance=_IMPORTANCE["round"])
    yield Column(INTERVAL, lambda each: words.interval(each.wall), _IMPORTANCE["interval"])
    yield number(
        f"× {group.base_name}" + (f" ({units.seconds(base_s)})" if base_s is not None else ""),
        "speedup.centre",
        units.ratio,
        _IMPORTANCE["speed-up"],
        short_heading="× base",
        name=SPEEDUP,
    )
    if len(group.base_walls_s) > 1:
        importance = _IMPORTANCE["base's round"]
        yield number(f"{group.base_name} there", "base_wall_s", importance=importance, name="base's round")
    yield Column("interval", _speedup_interval, _IMPORTANCE["speed-up interval"], "× interval", words.no_ratio_interval)


def _speedup_interval(summary: Summary) -> str:
    return words.ratio_interval(summary.speedup)


def _rates(group: Group) -> Iterator[Column]:
    if group.pattern != "map":
        yield number(f"{group.unit}/s", "rate", units.rate, _IMPORTANCE["rate"], name="rate")
    if any(each.payload_bytes for each in group.cases):
        yield number("MB/s", "bytes_per_s", _megabytes, _IMPORTANCE["MB/s"])
    if any(each.handed_over is not None for each in group.cases):
        yield number("hand-offs/s", "hand_offs_per_s", units.rate, _IMPORTANCE["hand-offs"])
    if any(each.fairness is not None for each in group.cases):
        yield number("fairness", "fairness", units.count, _IMPORTANCE["fairness"])


def _megabytes(value: float | None) -> str:
    return units.count(value / 1e6 if value else None)


def _latencies(group: Group) -> Iterator[Column]:
    timed = next((each.latencies for each in group.cases if each.latencies), [])
    several = len(timed) > 1
    for which, latency in enumerate(timed):
        for name, pick in _QUANTILES:
            heading = f"{latency.what} {name}" if several or name == "p50" else name
            place = f"{'other' if which else 'first'} {name}"
            importance = _IMPORTANCE[place if place in _IMPORTANCE else name]
            yield number(heading, _quantile(which, pick), importance=importance)


_QUANTILES: tuple[tuple[str, Callable[[Latency], float]], ...] = (
    ("p50", lambda each: each.p50_s),
    ("p95", lambda each: each.p95_s),
    ("p99", lambda each: each.p99_s),
    ("max", lambda each: each.max_s),
)


def _quantile(which: int, pick: Callable[[Latency], float]) -> Value:
    return lambda each: pick(each.latencies[which]) if each.latencies else None


def _costs() -> Iterator[Column]:
    yield cpu(_IMPORTANCE["CPU"])
    yield cores(_IMPORTANCE["cores"])
    yield of_cost(MEMORY, _IMPORTANCE["memory"])
    yield number("start", "start_s", importance=_IMPORTANCE["start"])
    yield number("first round", "cold_s", importance=_IMPORTANCE["first round"])
    yield number("stop", "stop_s", importance=_IMPORTANCE["stop"])


def _amounts(group: Group) -> Iterator[Column]:
    if any(each.bound is not None for each in group.cases):
        yield bound(_IMPORTANCE["bound"])
    yield Column("blocks × rounds", _amount, _IMPORTANCE["amount"], value=lambda each: each.rounds)


def _amount(summary: Summary) -> str:
    return f"{summary.blocks} × {summary.rounds // max(summary.blocks, 1)}"

"""The columns of a group's tables, for the terminal, the page and markdown: a heading and a text for each case.

Which columns there are depends on what the group's pattern tells: rates, latencies, fairness; and on what is known.
"""

from collections.abc import Callable, Iterator

from bench import units
from bench.analysis.groups import Group
from bench.analysis.summary import Latency, Summary
from bench.report import words
from bench.report.column import Column, cores, cpu, of_cost

_IMPORTANCE = {
    name: number
    for number, name in enumerate(
        (
            "round", "speed-up", "first p50", "interval", "memory", "rate", "MB/s", "CPU", "first p99", "cores",
            "hand-offs", "fairness", "start", "speed-up interval", "stop", "other p50", "first round", "bound", "p95",
            "p99", "max", "user", "system", "amount",
        ),
        start=1,
    )
}  # fmt: skip
"""The order in which columns find room on a terminal."""


def columns(group: Group) -> list[Column]:
    """All columns of a group's table, after the one with the names."""
    return [*_times(group), *_rates(group), *_latencies(group), *_costs(), *_amounts(group)]


def terminal_columns(group: Group) -> list[Column]:
    """The same, with the two parts of the CPU behind it: a terminal has no second table."""
    found = columns(group)
    after = 1 + next(number for number, column in enumerate(found) if column.heading == "CPU")
    found[after:after] = [
        of_cost("user", "user_s", units.seconds, _IMPORTANCE["user"]),
        of_cost("system", "system_s", units.seconds, _IMPORTANCE["system"]),
    ]
    return found


def _times(group: Group) -> Iterator[Column]:
    times = {each.base_wall_s for each in group.cases if each.base_wall_s is not None}
    base_s = times.pop() if len(times) == 1 else None  # variants of the baseline have times of their own
    yield Column("round", lambda each: units.seconds(each.wall.centre if each.wall else None), _IMPORTANCE["round"])
    yield Column("95 % interval", lambda each: words.interval(each.wall), _IMPORTANCE["interval"])
    yield Column(
        f"× {group.baseline}" + (f" ({units.seconds(base_s)})" if base_s is not None else ""),
        lambda each: units.ratio(each.speedup.centre if each.speedup else None),
        _IMPORTANCE["speed-up"],
        short_heading="× base",
    )
    yield Column("interval", _speedup_interval, _IMPORTANCE["speed-up interval"], short_heading="× interval")


def _speedup_interval(summary: Summary) -> str:
    return words.ratio_interval(summary.speedup)


def _rates(group: Group) -> Iterator[Column]:
    if group.pattern != "map":
        yield Column(f"{group.unit}/s", lambda each: units.rate(each.rate), _IMPORTANCE["rate"])
    if any(each.payload_bytes for each in group.cases):
        yield Column("MB/s", _megabytes_per_s, _IMPORTANCE["MB/s"])
    if any(each.handed_over is not None for each in group.cases):
        yield Column("hand-offs/s", lambda each: units.rate(each.hand_offs_per_s), _IMPORTANCE["hand-offs"])
    if any(each.fairness is not None for each in group.cases):
        yield Column("fairness", lambda each: units.count(each.fairness), _IMPORTANCE["fairness"])


def _megabytes_per_s(summary: Summary) -> str:
    return units.count(summary.bytes_per_s / 1e6 if summary.bytes_per_s else None)


def _latencies(group: Group) -> Iterator[Column]:
    timed = next((each.latencies for each in group.cases if each.latencies), [])
    several = len(timed) > 1
    for number, latency in enumerate(timed):
        for name, pick in _QUANTILES:
            heading = f"{latency.what} {name}" if several or name == "p50" else name
            place = f"{'other' if number else 'first'} {name}"
            yield Column(heading, _quantile(number, pick), _IMPORTANCE[place if place in _IMPORTANCE else name])


_QUANTILES: tuple[tuple[str, Callable[[Latency], float]], ...] = (
    ("p50", lambda each: each.p50_s),
    ("p95", lambda each: each.p95_s),
    ("p99", lambda each: each.p99_s),
    ("max", lambda each: each.max_s),
)


def _quantile(number: int, pick: Callable[[Latency], float]) -> Callable[[Summary], str]:
    return lambda each: units.seconds(pick(each.latencies[number]) if each.latencies else None)


def _costs() -> Iterator[Column]:
    yield cpu(_IMPORTANCE["CPU"])
    yield cores(_IMPORTANCE["cores"])
    yield of_cost("memory", "peak_memory_bytes", units.size, _IMPORTANCE["memory"])
    yield Column("start", lambda each: units.seconds(each.start_s), _IMPORTANCE["start"])
    yield Column("first round", lambda each: units.seconds(each.cold_s), _IMPORTANCE["first round"])
    yield Column("stop", lambda each: units.seconds(each.stop_s), _IMPORTANCE["stop"])


def _amounts(group: Group) -> Iterator[Column]:
    if any(each.bound_s is not None for each in group.cases):
        yield Column("bound", lambda each: units.seconds(each.bound_s), _IMPORTANCE["bound"])
    yield Column("blocks × rounds", _amount, _IMPORTANCE["amount"])


def _amount(summary: Summary) -> str:
    return f"{summary.blocks} × {summary.rounds // max(summary.blocks, 1)}"

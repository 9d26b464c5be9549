"""The columns of a group's tables, for the terminal, the page and markdown: a heading and a text for each case.

Which columns there are depends on what the group's pattern tells: rates, latencies, fairness; and on what is known.
"""

from collections.abc import Callable, Iterator

from bench import units
from bench.analysis.groups import Group
from bench.analysis.summary import Latency, Summary
from bench.report import words
from bench.report.column import Column, cores, cpu, of_cost


def columns(group: Group) -> list[Column]:
    """All columns of a group's table, after the one with the names."""
    return [*_times(group), *_rates(group), *_latencies(group), *_costs(group), *_amounts(group)]


def _times(group: Group) -> Iterator[Column]:
    times = {each.base_wall_s for each in group.cases if each.base_wall_s is not None}
    base_s = times.pop() if len(times) == 1 else None  # variants of the baseline have times of their own
    yield Column("round", lambda each: units.seconds(each.wall.centre if each.wall else None))
    yield Column("95 % interval", lambda each: words.interval(each.wall))
    yield Column(
        f"× {group.baseline}" + (f" ({units.seconds(base_s)})" if base_s is not None else ""),
        lambda each: units.ratio(each.speedup.centre if each.speedup else None),
        short_heading="" if base_s is None else f"× {units.seconds(base_s)}",
    )
    yield Column("interval", lambda each: words.ratio_interval(each.speedup), narrow=False)


def _rates(group: Group) -> Iterator[Column]:
    if group.pattern != "map":
        yield Column(f"{group.unit}/s", lambda each: units.rate(each.rate))
    if any(each.payload_bytes for each in group.cases):
        yield Column("MB/s", lambda each: units.count(each.bytes_per_s / 1e6 if each.bytes_per_s else None))
    if any(each.handed_over is not None for each in group.cases):
        yield Column("hand-offs/s", lambda each: units.rate(each.hand_offs_per_s))
    if any(each.fairness is not None for each in group.cases):
        yield Column("fairness", lambda each: units.count(each.fairness))


def _latencies(group: Group) -> Iterator[Column]:
    timed = next((each.latencies for each in group.cases if each.latencies), [])
    several = len(timed) > 1
    for number, latency in enumerate(timed):
        for name, pick in _QUANTILES:
            heading = f"{latency.what} {name}" if several or name == "p50" else name
            narrow = not several or name == "p50" or (number == 0 and name == "p99")
            short = f"{latency.what} {name}".replace(" ", "\n", 1) if several else ""
            yield Column(heading, _quantile(number, pick), narrow, short)


_QUANTILES: tuple[tuple[str, Callable[[Latency], float]], ...] = (
    ("p50", lambda each: each.p50_s),
    ("p95", lambda each: each.p95_s),
    ("p99", lambda each: each.p99_s),
    ("max", lambda each: each.max_s),
)


def _quantile(number: int, pick: Callable[[Latency], float]) -> Callable[[Summary], str]:
    return lambda each: units.seconds(pick(each.latencies[number]) if each.latencies else None)


def _costs(group: Group) -> Iterator[Column]:
    roomy = not any(each.latencies for each in group.cases)
    yield cpu()
    yield cores(narrow=roomy)
    yield of_cost("memory", "peak_memory_bytes", units.size)
    yield Column("start", lambda each: units.seconds(each.start_s), narrow=roomy)
    yield Column("first round", lambda each: units.seconds(each.cold_s), narrow=False)
    yield Column("stop", lambda each: units.seconds(each.stop_s), narrow=roomy)


def _amounts(group: Group) -> Iterator[Column]:
    if any(each.bound_s is not None for each in group.cases):
        yield Column("bound", lambda each: units.seconds(each.bound_s), narrow=False)
    yield Column("blocks × rounds", lambda each: f"{each.blocks} × {each.rounds // max(each.blocks, 1)}", narrow=False)

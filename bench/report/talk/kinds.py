"""What each kind of chart shows: in words, and as a table of the numbers that its claim rests on."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from bench import units
from bench.analysis.estimates import INTERVAL, Estimate
from bench.analysis.groups import Group
from bench.analysis.scaling import Curve, curves
from bench.analysis.summary import Latency, Summary
from bench.report.kit import words
from bench.report.kit.column import cpu_text
from bench.report.kit.results import Results
from bench.report.kit.table import UNKNOWN, Column, Table, texts

Columns = tuple[tuple[str, Callable[[Summary], str]], ...]
"""Headings, and what makes the text below them of a case."""


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of chart."""

    shows: str
    """What is drawn, as the end of a sentence."""
    columns: Columns
    best_alone: bool = False
    """Whether the table has the fastest case of each workload and no others."""


def numbers(kind: str, results: Results, groups: Sequence[Group]) -> Table:
    """The numbers of the cases that a chart of this kind shows."""
    if kind == "scaling":
        return _scaling(results, groups)
    of_kind = kind_of(kind)
    headings = ("work", "strategy", *(heading for heading, _ in of_kind.columns))
    rows = (
        [f"{group.name} {group.scale}", group.labels[each.case.key], *(text(each) for _, text in of_kind.columns)]
        for group in groups
        for each in (group.ranked[:1] if of_kind.best_alone else group.ranked)
    )
    return texts([Column(each, kind="text") for each in headings], rows)


_POINTS = ("work", "strategy", "workers", "round", "speed-up", "its interval", "over", "its round", "blocks")


def _scaling(results: Results, groups: Sequence[Group]) -> Table:
    rows = (row for group in groups for curve in curves(group, results.run) for row in _points(group, curve))
    return texts([Column(each, kind="text") for each in _POINTS], rows)


def _points(group: Group, curve: Curve) -> Iterator[list[str]]:
    for each in curve.points:
        wall, base = each.summary.wall, curve.base.wall
        yield [
            f"{group.name} {group.scale}",
            curve.label,
            str(each.workers),
            units.seconds(_centre(wall)),
            units.ratio(each.speedup.centre),
            words.ratio_interval(each.speedup) or UNKNOWN,
            group.labels[curve.base.case.key],
            units.seconds(_centre(base)),
            str(each.summary.blocks),
        ]


def _centre(estimate: Estimate | None) -> float | None:
    return None if estimate is None else estimate.centre


def _of_first(pick: Callable[[Latency], str]) -> Callable[[Summary], str]:
    return lambda each: pick(each.latencies[0]) if each.latencies else UNKNOWN


_TIME: Columns = (
    ("round", lambda each: units.seconds(_centre(each.wall))),
    (INTERVAL, lambda each: words.interval(each.wall)),
)
_RATIO: Columns = (
    ("× baseline", lambda each: units.ratio(_centre(each.speedup))),
    ("its interval", lambda each: words.ratio_interval(each.speedup) or UNKNOWN),
    ("baseline", lambda each: each.base_name),
    ("its round", lambda each: units.seconds(each.base_wall_s)),
)
_AMOUNT: Columns = (("blocks", lambda each: str(each.blocks)), ("rounds", lambda each: str(each.rounds)))
_CPU: Columns = (("CPU", cpu_text),)
_CORES: Columns = (("cores", lambda each: units.count(each.cost.cores_used)),)
_MEMORY: Columns = (("memory", lambda each: units.size(each.cost.peak_memory_bytes)),)
_BOUND: Columns = (("bound", words.bound),)
_RATES: Columns = (
    ("size of a message", lambda each: units.size(each.payload_bytes / each.tasks if each.payload_bytes and each.tasks else None)),
    ("messages/s", lambda each: units.rate(each.rate)),
    ("bytes/s", lambda each: units.size(each.bytes_per_s)),
)  # fmt: skip
_LATENCIES: Columns = (
    ("of", _of_first(lambda each: each.what)),
    ("p50", _of_first(lambda each: units.seconds(each.p50_s))),
    ("p95", _of_first(lambda each: units.seconds(each.p95_s))),
    ("p99", _of_first(lambda each: units.seconds(each.p99_s))),
    ("longest", _of_first(lambda each: units.seconds(each.max_s))),
    ("how many", _of_first(lambda each: str(each.n))),
)
_ONCE: Columns = (
    ("in all", lambda each: units.seconds(each.one_shot_s)),
    ("start", lambda each: units.seconds(each.start_s)),
    ("first round", lambda each: units.seconds(each.cold_s)),
    ("stop", lambda each: units.seconds(each.stop_s)),
)
KINDS = {
    "speedup": Kind(
        "how many times as fast as the baseline each strategy is, workload by workload; the numbers below are those of the "
        "fastest case of each",
        _TIME + _RATIO + _BOUND + _AMOUNT + _CPU + _MEMORY,
        best_alone=True,
    ),
    "throughput": Kind("messages and bytes a second against the size of a message", _RATES + _TIME + _AMOUNT),
    "ranking": Kind(
        "the time of a warm round under each strategy", _TIME + _RATIO + _BOUND + _AMOUNT + _CPU + _MEMORY
    ),
    "scaling": Kind("how many times as fast each strategy is with more workers", ()),
    "tradeoff": Kind("the peak memory of each strategy against its time", _TIME + _MEMORY + _AMOUNT),
    "rounds": Kind("every round of every block, the cold ones apart", _TIME + _ONCE[2:3] + _AMOUNT),
    "latencies": Kind("how long single operations take: the median, p95, p99 and the longest", _LATENCIES + _AMOUNT),
    "phases": Kind("start, first round and stop: what a script pays that does the work once", _ONCE + _TIME[:1] + _AMOUNT),
    "over-time": Kind(
        "the cores that the tree of processes uses, and the memory that it holds, through one block of a case",
        _CORES + _CPU + _MEMORY + _TIME[:1] + _AMOUNT,
    ),
}  # fmt: skip
"""By the kinds of `bench.report.charts`."""
_OTHER = Kind("", _TIME + _RATIO + _AMOUNT)


def kind_of(name: str) -> Kind:
    """A kind of chart; one of no words and of the times where nothing is known of it."""
    return KINDS.get(name, _OTHER)

"""The figures: a module each, from finished results to a matplotlib `Figure`, its title, its description and its data.

A title states what was found; a description (the alt text) says what is drawn and the numbers in it; the data are those
numbers, for the CSV beside the picture.
"""

from bench.report.drawing import own_matplotlib  # isort: skip  # noqa: F401 - before anything of matplotlib

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial

from bench.analysis.groups import Group
from bench.report.charts.latencies import latencies
from bench.report.charts.message_rates import families
from bench.report.charts.over_time import over_time
from bench.report.charts.overview import OVERVIEW, chart_name, compared, overview
from bench.report.charts.phases import phases
from bench.report.charts.ranking import ranking
from bench.report.charts.rounds import rounds
from bench.report.charts.scaling import scaling
from bench.report.charts.throughput import throughput
from bench.report.charts.tradeoff import tradeoff
from bench.report.drawing import theme
from bench.report.drawing.chart import Chart, file_name
from bench.report.kit.results import Results

__all__ = ["GROUP_CHARTS", "KINDS", "Chart", "Drawing", "charts", "drawings", "file_name", "jobs"]

GROUP_CHARTS: dict[str, tuple[str, Callable[[Results, Group], Chart | None]]] = {
    "ranking": ("", ranking),
    "scaling": ("More workers", scaling),
    "tradeoff": ("Time and memory", tradeoff),
    "rounds": ("Every round", rounds),
    "latencies": ("Latencies", latencies),
    "phases": ("Cold: start, first round, stop", phases),
    "over-time": ("CPU and memory over time", over_time),
}
"""By the beginning of its name: the heading on the page, and what draws it, where the group has what it shows.

The name goes on with `-` and `file_name(group)`. They are shown in this order.
"""


THROUGHPUT = "throughput"
"""How the names of these charts begin."""
KINDS = (OVERVIEW, THROUGHPUT, *GROUP_CHARTS)
"""The kinds of charts of a run, by the beginnings of their names."""


@dataclass(frozen=True, slots=True)
class Drawing:
    """A chart that can be drawn."""

    kind: str
    """One of `KINDS`."""
    name: str
    """Of the chart."""
    groups: tuple[Group, ...]
    """The work that it shows."""
    draw: Callable[[], Chart | None]
    """Gives None where there is nothing to show."""


def drawings(results: Results) -> Iterator[Drawing]:
    """The charts of a run.

    First an overview of each pattern that has several workloads and the throughput of messages of several sizes, then
    the charts of each workload.
    """
    for pattern in dict.fromkeys(group.pattern for group in results.groups):
        groups = tuple(group for group in results.groups if group.pattern == pattern)
        if len(groups) > 1 and any(compared(each) for group in groups for each in group.cases):
            yield Drawing(OVERVIEW, chart_name(pattern), groups, partial(overview, results, groups))
    for family in families(results.groups):
        name = f"{THROUGHPUT}-{file_name(family)}"
        yield Drawing(THROUGHPUT, name, family.groups, partial(throughput, results, family))
    for group in results.groups:
        if group.ranked:
            for kind, (_, draw) in GROUP_CHARTS.items():
                yield Drawing(kind, f"{kind}-{file_name(group)}", (group,), partial(draw, results, group))


def jobs(results: Results) -> Iterator[Callable[[], Chart | None]]:
    """What draws the charts of a run, each by itself; None comes where there is nothing to show."""
    return (each.draw for each in drawings(results))


def charts(results: Results) -> Iterator[Chart]:
    """All charts of a run, one after another."""
    with theme.applied():
        for draw in jobs(results):
            if (chart := draw()) is not None:
                yield chart

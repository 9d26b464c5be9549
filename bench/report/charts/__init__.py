"""The figures: a module each, from finished results to a matplotlib `Figure`, its title, its description and its data.

A title states what was found; a description (the alt text) says what is drawn and the numbers in it; the data are those
numbers, for the CSV beside the picture.
"""

from bench.report.drawing import own_matplotlib  # isort: skip  # noqa: F401 - before anything of matplotlib

from collections.abc import Callable, Iterator
from functools import partial

from bench.analysis.groups import Group
from bench.report.charts.latencies import latencies
from bench.report.charts.over_time import over_time
from bench.report.charts.overview import compared, overview
from bench.report.charts.phases import phases
from bench.report.charts.ranking import ranking
from bench.report.charts.rounds import rounds
from bench.report.charts.scaling import scaling
from bench.report.charts.throughput import families, throughput
from bench.report.charts.tradeoff import tradeoff
from bench.report.drawing import theme
from bench.report.drawing.chart import Chart, file_name
from bench.report.kit.results import Results

__all__ = ["GROUP_CHARTS", "Chart", "charts", "file_name", "jobs"]

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


def jobs(results: Results) -> Iterator[Callable[[], Chart | None]]:
    """What draws the charts of a run, each by itself; None comes where there is nothing to show.

    First an overview of each pattern that has several workloads and the throughput of messages of several sizes, then
    the charts of each workload.
    """
    for pattern in dict.fromkeys(group.pattern for group in results.groups):
        groups = [group for group in results.groups if group.pattern == pattern]
        if len(groups) > 1 and any(compared(each) for group in groups for each in group.cases):
            yield partial(overview, results, groups)
    for family in families(results.groups):
        yield partial(throughput, results, family)
    for group in results.groups:
        if group.ranked:
            for _, draw in GROUP_CHARTS.values():
                yield partial(draw, results, group)


def charts(results: Results) -> Iterator[Chart]:
    """All charts of a run, one after another."""
    with theme.applied():
        for draw in jobs(results):
            if (chart := draw()) is not None:
                yield chart

"""The figures: a module each, from finished results to a matplotlib `Figure`, its title and its description.

A title states what was found; a description (the alt text) says what is drawn and the numbers in it.
"""

from collections.abc import Iterator

from bench.analysis.groups import Group
from bench.report import theme
from bench.report.charts.chart import Chart, file_name
from bench.report.charts.latencies import latencies
from bench.report.charts.over_time import over_time
from bench.report.charts.overview import compared, overview
from bench.report.charts.phases import phases
from bench.report.charts.ranking import ranking
from bench.report.results import Results

__all__ = ["Chart", "charts", "file_name"]


def charts(results: Results) -> Iterator[Chart]:
    """All charts of a run: an overview of each pattern that has several workloads, then those of each workload."""
    with theme.applied():
        for pattern in dict.fromkeys(group.pattern for group in results.groups):
            groups = [group for group in results.groups if group.pattern == pattern]
            if len(groups) > 1 and any(compared(each) for group in groups for each in group.cases):
                yield overview(results, groups)
        for group in results.groups:
            if group.ranked:
                yield from _charts_of(results, group)


def _charts_of(results: Results, group: Group) -> Iterator[Chart]:
    yield ranking(results, group)
    if any(each.latencies for each in group.ranked):
        yield latencies(results, group)
    if group.pattern == "map":
        yield phases(results, group)
        if results.run.header.plan.sample_hz > 0:
            yield over_time(results, group)

"""The figures: a module each, from finished results to a matplotlib `Figure`, its title and its description.

A title states what was found; a description (the alt text) says what is drawn and the numbers in it.
"""

from collections.abc import Iterator

from bench.report import theme
from bench.report.charts.chart import Chart, baseline_of, file_name
from bench.report.charts.over_time import over_time
from bench.report.charts.overview import overview
from bench.report.charts.phases import phases
from bench.report.charts.ranking import ranking
from bench.report.results import Results

__all__ = ["Chart", "charts", "file_name"]


def charts(results: Results) -> Iterator[Chart]:
    """All charts of a run: the overview, then three for each workload."""
    with theme.applied():
        if any(each.speedup and each.case.strategy != baseline_of(results) for each in results.summaries):
            yield overview(results)
        for group in results.groups:
            if group.ranked:
                yield ranking(results, group)
                yield phases(results, group)
                if results.run.header.plan.sample_hz > 0:
                    yield over_time(results, group)

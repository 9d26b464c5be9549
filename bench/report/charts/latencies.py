"""How long single operations take: from the median to the longest, a row for each case."""

from collections.abc import Iterator, Sequence
from typing import Any

from matplotlib.axes import Axes
from matplotlib.lines import Line2D

from bench import units
from bench.analysis.groups import Group
from bench.analysis.summary import Latency, Summary
from bench.report.drawing import chart, theme
from bench.report.drawing.chart import MOST_ROWS, Chart, file_name, row_axes, time_axis
from bench.report.kit import words
from bench.report.kit.results import Results
from bench.report.kit.subjects import subject

_WAITS = 10
"""A longest time of so many times another strategy's means that some waited for others."""


def latencies(results: Results, group: Group) -> Chart | None:
    """Median, 95th and 99th percentile and the longest of each case's operations, lowest median on top.

    None where no operation was timed.
    """
    measured = sorted((each for each in group.ranked if each.latencies), key=lambda each: _first(each).p50_s)
    if not measured:
        return None
    others = chart.others_of(group)
    shown = measured[: MOST_ROWS - len(others)]
    names = group.labels
    what = _first(shown[0]).what
    title, subtitle = _finding(measured, group), _numbers(measured, group)
    figure = theme.slide(title, results.run, f"medians of {words.blocks(results.run)}", subtitle)
    values = [f"{units.seconds(_first(each).p50_s)} · {units.seconds(_first(each).p99_s)}" for each in shown]
    axes = row_axes(figure, [names[each.case.key] for each in (*shown, *others)], values, "median · p99")
    _draw(axes, shown)
    chart.say_why(axes, len(shown), others)
    spread = [value for each in shown for value in (_first(each).p50_s, _first(each).max_s)]
    time_axis(axes, spread, f"{what} time{chart.more(len(group.cases) - len(shown) - len(others))}")
    marks = (("●", "median"), ("┃", "95th and 99th percentile"), ("×", "longest of all blocks"))
    chart.key(figure, [*((mark, theme.SOFT, meaning) for mark, meaning in marks), ("", "", "else medians over blocks")])
    listed = "; ".join(
        f"{names[each.case.key]} median {units.seconds(_first(each).p50_s)}, 99th percentile "
        f"{units.seconds(_first(each).p99_s)}, longest {units.seconds(_first(each).max_s)}"
        for each in shown
    )
    description = f"Chart of latencies. {title}. {subtitle}. {listed}." + (
        f" {group.left_out}." if group.left_out else ""
    )
    rows = list(_rows(group, [*shown, *others]))
    return Chart(f"latencies-{file_name(group)}", title, description, figure, rows)


def _finding(measured: Sequence[Summary], group: Group) -> str:
    """Who has the lowest median, and what that is worth where others wait meanwhile; medians without intervals, so about."""
    best, patient = measured[0], _patient(measured)
    what, about = _first(best).what, subject(group.workload, group.setting)
    told = f"{group.labels[best.case.key]} has the lowest median {what} time for {about}, about {units.seconds(_first(best).p50_s)}"
    if _first(best).max_s < _WAITS * _first(patient).max_s:
        return told
    return f"{told}, but the longest takes {units.seconds(_first(best).max_s)}"


def _numbers(measured: Sequence[Summary], group: Group) -> str:
    """The 99th percentiles and the longest: of the lowest median, and of whom the longest is shortest."""
    best, patient = measured[0], _patient(measured)
    told = [
        f"{group.labels[each.case.key]} p99 {units.seconds(_first(each).p99_s)}, longest {units.seconds(_first(each).max_s)}"
        for each in ([best] if patient is best else [best, patient])
    ]
    return f"{group.name}: {'; '.join(told)}"


def _patient(measured: Sequence[Summary]) -> Summary:
    """Whose longest operation is the shortest."""
    return min(measured, key=lambda each: _first(each).max_s)


def _first(summary: Summary) -> Latency:
    return summary.latencies[0]


def _draw(axes: Axes, shown: Sequence[Summary]) -> None:
    tints = [theme.colour(each.case.strategy) for each in shown]
    found = [_first(each) for each in shown]
    chart.strokes(axes, [[(each.p50_s, row), (each.max_s, row)] for row, each in enumerate(found)], theme.GRID, 3)
    chart.strokes(axes, [[(each.p50_s, row), (each.p99_s, row)] for row, each in enumerate(found)], tints, 5, alpha=0.8)
    ends = [
        [(value, row - 0.28), (value, row + 0.28)]
        for row, each in enumerate(found)
        for value in (each.p95_s, each.p99_s)
    ]
    chart.strokes(axes, ends, [tint for tint in tints for _ in range(2)], 3)
    longest = [each.max_s for each in found]
    axes.add_artist(Line2D(longest, range(len(found)), ls="", marker="x", ms=9, mew=2, color=theme.SOFT, zorder=3))
    for row, each in enumerate(shown):
        chart.dot(axes, _first(each).p50_s, row, each.case.strategy)


def _rows(group: Group, shown: Sequence[Summary]) -> Iterator[dict[str, Any]]:
    for each in shown:
        latency = _first(each) if each.latencies else None
        yield chart.identity(group, each) | {
            "what": latency and latency.what,
            "p50_s": latency and latency.p50_s,
            "p95_s": latency and latency.p95_s,
            "p99_s": latency and latency.p99_s,
            "max_s": latency and latency.max_s,
            "n_operations": latency and latency.n,
            "interval_absent": "quantiles of all operations, medians over blocks; no interval" if latency else "",
        }

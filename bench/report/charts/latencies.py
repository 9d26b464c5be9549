"""How long single operations take: from the median to the longest, a row for each case."""

from matplotlib.axes import Axes

from bench import units
from bench.analysis.groups import Group
from bench.analysis.summary import Latency, Summary
from bench.report import theme
from bench.report.charts.chart import MOST_ROWS, Chart, file_name, row_axes, time_axis
from bench.report.results import Results


def latencies(results: Results, group: Group) -> Chart | None:
    """Median, 95th and 99th percentile and the longest of each case's operations, lowest median on top.

    None where no operation was timed.
    """
    measured = sorted((each for each in group.ranked if each.latencies), key=lambda each: _first(each).p50_s)
    if not measured:
        return None
    shown = measured[:MOST_ROWS]
    names = group.labels
    what = _first(shown[0]).what
    calm = min(measured, key=lambda each: _first(each).p99_s)
    best, lowest_p99 = shown[0], units.seconds(_first(calm).p99_s)
    title = f"{group.name}: lowest median {what} time {units.seconds(_first(best).p50_s)}"
    if calm is best:
        title += f" and lowest p99 {lowest_p99} by {names[best.case.key]}"
    else:
        title += f" by {names[best.case.key]}, lowest p99 {lowest_p99} by {names[calm.case.key]}"
    figure = theme.slide(title, results.run)
    axes = row_axes(figure, [names[each.case.key] for each in shown])
    for row, each in enumerate(shown):
        _draw(axes, row, _first(each), theme.colour(each.case.strategy))
        text = f"{units.seconds(_first(each).p50_s)} · p99 {units.seconds(_first(each).p99_s)}"
        axes.text(1.015, row, text, transform=axes.get_yaxis_transform(), va="center")
    spread = [value for each in shown for value in (_first(each).p50_s, _first(each).max_s)]
    left_out = len(group.cases) - len(shown)
    time_axis(axes, spread, f"{what} time" + (f"; {left_out} more in the table" if left_out else ""))
    key = "● median     ┃ 95th and 99th percentile     × longest     each the median over blocks, the longest of all"
    axes.figure.text(0.02, 0.815, key, color=theme.SOFT, va="bottom")
    listed = "; ".join(
        f"{names[each.case.key]} median {units.seconds(_first(each).p50_s)}, 99th percentile "
        f"{units.seconds(_first(each).p99_s)}, longest {units.seconds(_first(each).max_s)}"
        for each in shown
    )
    return Chart(f"latencies-{file_name(group)}", title, f"Chart of latencies. {title}. {listed}.", figure)


def _first(summary: Summary) -> Latency:
    return summary.latencies[0]


def _draw(axes: Axes, row: int, latency: Latency, tint: str) -> None:
    axes.plot([latency.p50_s, latency.max_s], [row, row], color=theme.GRID, lw=3, zorder=1)
    axes.plot([latency.p50_s, latency.p99_s], [row, row], color=tint, lw=5, alpha=0.8, solid_capstyle="butt")
    for value in (latency.p95_s, latency.p99_s):
        axes.plot([value, value], [row - 0.28, row + 0.28], color=tint, lw=3)
    axes.plot(latency.p50_s, row, "o", ms=13, color=tint, mec="white")
    axes.plot(latency.max_s, row, "x", ms=9, mew=2, color=theme.SOFT)

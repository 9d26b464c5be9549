"""What a script pays that runs the work once: start, first round and stop."""

from bench import units
from bench.analysis.groups import Group
from bench.report import theme
from bench.report.charts.chart import MOST_ROWS, Chart, file_name, row_axes, time_axis
from bench.report.results import Results


def phases(results: Results, group: Group) -> Chart | None:
    """Start, first round and stop as bars from zero; what a script pays that runs the work once. Servers are not."""
    if group.pattern != "map":
        return None
    ranked = sorted(group.ranked, key=lambda each: each.once_s)[:MOST_ROWS]
    names = group.labels
    best = ranked[0]
    title = (
        f"{group.name}, once in a fresh process: lowest is {names[best.case.key]}, "
        f"{units.seconds(best.once_s)} with start and stop"
    )
    figure = theme.slide(title, results.run)
    axes = row_axes(figure, [names[each.case.key] for each in ranked])
    shades = (("start", theme.INK), ("first round", "#9aa4ae"), ("stop", theme.SOFT))
    for row, each in enumerate(ranked):
        left = 0.0
        for (name, tint), value in zip(shades, (each.start_s, each.cold_s, each.stop_s), strict=True):
            axes.barh(row, value or 0, left=left, height=0.56, color=tint, label=name if row == 0 else None)
            left += value or 0
        assert each.wall is not None
        axes.plot([each.wall.centre] * 2, [row - 0.4, row + 0.4], color="#d1242f", lw=3,
                  label="a warm round" if row == 0 else None)  # fmt: skip
        text = f"{units.seconds(each.once_s)} (start {units.seconds(each.start_s)})"
        axes.text(1.015, row, text, transform=axes.get_yaxis_transform(), va="center")
    left_out = len(group.cases) - len(ranked)
    axes.set_xlim(0, max(each.once_s for each in ranked) * 1.04)
    time_axis(axes, [], "time" + (f"; {left_out} more in the table" if left_out else ""))
    axes.legend(loc="lower left", bbox_to_anchor=(0, 1.0), ncols=4, borderaxespad=0.2, handlelength=1.2)
    listed = "; ".join(
        f"{names[each.case.key]} start {units.seconds(each.start_s)}, first round {units.seconds(each.cold_s)}, "
        f"stop {units.seconds(each.stop_s)}"
        for each in ranked
    )
    return Chart(f"phases-{file_name(group)}", title, f"Stacked bar chart. {title}. {listed}.", figure)

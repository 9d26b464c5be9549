"""What a script pays that runs the work once: start, first round and stop."""

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import PolyCollection

from bench import units
from bench.analysis.groups import Group
from bench.analysis.summary import Summary
from bench.report.drawing import chart, theme
from bench.report.drawing.chart import MOST_ROWS, Chart, file_name, row_axes, time_axis
from bench.report.kit import words
from bench.report.kit.results import Results
from bench.report.kit.subjects import subject

_HALF = 0.28
"""Of a bar's height, in rows."""
_WARM = "#d1242f"
_PARTS = (("start", theme.INK), ("first round", theme.PALE), ("stop", theme.MIDDLE))


def phases(results: Results, group: Group) -> Chart | None:
    """Start, first round and stop as bars from zero; what a script pays that runs the work once. Servers are not."""
    if group.pattern != "map":
        return None
    others = chart.others_of(group)
    ranked = sorted(group.ranked, key=lambda each: each.one_shot_s)[: MOST_ROWS - len(others)]
    names = group.labels
    best = ranked[0]
    title = _finding(group, ranked)
    subtitle = f"{group.name}, once in a fresh process: {names[best.case.key]} {_parts(best)}"
    figure = theme.slide(title, results.run, f"medians of {words.blocks(results.run)}", subtitle)
    values = [f"{units.seconds(each.one_shot_s)} · {units.seconds(each.start_s)}" for each in ranked]
    axes = row_axes(figure, [names[each.case.key] for each in (*ranked, *others)], values, "in all · start")
    _draw(axes, ranked)
    chart.say_why(axes, len(ranked), others)
    left_out = len(group.cases) - len(ranked) - len(others)
    spread = [value for each in ranked for value in (each.one_shot_s, _warm_s(each))]
    time_axis(axes, spread, f"time{chart.more(left_out)}", from_zero=True)
    chart.key(figure, [*(("■", tint, name) for name, tint in _PARTS), ("┃", _WARM, "a warm round, for comparison")])
    listed = "; ".join(f"{names[each.case.key]} {_parts(each)}" for each in ranked)
    description = f"Stacked bar chart. {title}. {subtitle}. {listed}." + (
        f" {group.left_out}." if group.left_out else ""
    )
    rows = list(_rows(group, [*ranked, *others]))
    return Chart(f"phases-{file_name(group)}", title, description, figure, rows)


def _finding(group: Group, ranked: Sequence[Summary]) -> str:
    """The least that one run takes, beside the base's; medians without intervals, so about."""
    best, about = ranked[0], subject(group.workload, group.setting)
    told = f"Run once, {group.labels[best.case.key]} takes about {units.seconds(best.one_shot_s)} for {about}, with start and stop"
    base = next((each for each in ranked if each.is_base and each is not best), None)
    return told + (f"; {group.labels[base.case.key]} about {units.seconds(base.one_shot_s)}" if base else "")


def _parts(summary: Summary) -> str:
    return f"start {units.seconds(summary.start_s)}, first round {units.seconds(summary.cold_s)}, stop {units.seconds(summary.stop_s)}"


def _draw(axes: Axes, ranked: Sequence[Summary]) -> None:
    """Each part's bars as one artist, from where the part before it ends; the warm rounds as one."""
    lengths = np.array([[each.start_s or 0.0, each.cold_s or 0.0, each.stop_s or 0.0] for each in ranked])
    ends = lengths.cumsum(axis=1)
    for part, (_, tint) in enumerate(_PARTS):
        bars = [
            _bar(end - length, end, row)
            for row, (length, end) in enumerate(zip(lengths[:, part], ends[:, part], strict=True))
        ]
        axes.add_collection(PolyCollection(bars, facecolors=tint, linewidths=0), autolim=False)
    warm = [[(_warm_s(each), row - 0.4), (_warm_s(each), row + 0.4)] for row, each in enumerate(ranked)]
    chart.strokes(axes, warm, _WARM, 3)


def _bar(left: float, right: float, row: int) -> list[tuple[float, float]]:
    return [(left, row - _HALF), (right, row - _HALF), (right, row + _HALF), (left, row + _HALF)]


def _warm_s(summary: Summary) -> float:
    assert summary.wall is not None
    return summary.wall.centre


def _rows(group: Group, shown: Sequence[Summary]) -> Iterator[dict[str, Any]]:
    for each in shown:
        measured = each.wall is not None
        yield chart.identity(group, each) | {
            "start_s": each.start_s,
            "first_round_s": each.cold_s,
            "stop_s": each.stop_s,
            "once_s": each.one_shot_s if measured else None,
            "wall_s": each.wall.centre if each.wall else None,
            "interval_absent": "a median of blocks; only warm rounds have intervals" if measured else "",
        }

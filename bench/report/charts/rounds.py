"""Every round, cold and warm, as a mark: shown where there are so few that a median alone would hide them."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes

from bench import units
from bench.analysis.groups import Group
from bench.analysis.summary import Summary
from bench.records.block import Block, Outcome
from bench.report.drawing import theme
from bench.report.drawing.chart import MOST_ROWS, Chart, file_name, identity, key, more, row_axes, time_axis
from bench.report.drawing.one_path import Segment, one_path
from bench.report.kit.results import Results
from bench.report.kit.subjects import subject

MOST_ROUNDS = 50
"""Of a case: more would hide each other, and a median and its interval tell as much."""
MOST_GROUPS = 12
"""Workloads of a run: of more, nobody looks at round after round, and the report is to be there in five seconds."""
_LANES = 0.66
"""Of a row's height, which the blocks of a case share."""
_DOT = 0.01
"""Half the length of a stroke that is drawn as a dot: one path for all dots, where marks would be an element each."""
_COLD = 0.09
_DOT_PT, _PALE = 6.5, 0.45


def rounds(results: Results, group: Group) -> Chart | None:
    """Each round of the cases that have at most `MOST_ROUNDS`, a row for each case, a lane in it for each block.

    None where no case has so few, and in runs of more than `MOST_GROUPS` workloads.
    """
    if len(results.groups) > MOST_GROUPS:
        return None
    blocks = _blocks(results, group)
    few = [each for each in group.ranked if _count(blocks[each.case.key]) <= MOST_ROUNDS]
    if not few:
        return None
    shown = few[:MOST_ROWS]
    title, subtitle = _finding(group, shown, blocks)
    figure = theme.slide(title, results.run, subtitle=subtitle)
    names = [group.labels[each.case.key] for each in shown]
    axes = row_axes(figure, names, [_percent(_spread(blocks[each.case.key])) for each in shown], "spread")
    cold: list[tuple[float, float]] = []
    for row, each in enumerate(shown):
        cold += _draw(axes, row, blocks[each.case.key], theme.colour(each.case.strategy))
    one_path(axes, _upright(cold, _COLD), gid="cold", color=theme.INK, lw=2)
    drawn = [each.wall_s for summary in shown for block in blocks[summary.case.key] for each in block.per_call]
    time_axis(axes, drawn, f"time of a round{more(len(group.cases) - len(shown))}")
    key(
        figure,
        [
            ("●", theme.SOFT, "a warm round, a lane for each block, dark and pale by turns"),
            ("┃", theme.INK, "a cold round"),
            ("", "", "spread: middle half over median"),
        ],
    )
    rows = [*_drawn(group, shown, blocks), *_not_drawn(group, shown, blocks)]
    return Chart(f"rounds-{file_name(group)}", title, _text(f"{title}. {subtitle}", group, shown, blocks), figure, rows)


def _blocks(results: Results, group: Group) -> dict[str, list[Block]]:
    """The `ok` blocks of each case, in the order they were measured."""
    found: dict[str, list[Block]] = {each.case.key: [] for each in group.ranked}
    for block in results.run.blocks:
        if block.case in found and block.outcome is Outcome.OK and block.rounds:
            found[block.case].append(block)
    return found


def _count(blocks: Sequence[Block]) -> int:
    return sum(len(each.rounds) for each in blocks)


def _warm_s(blocks: Sequence[Block]) -> list[float]:
    return [each.wall_s for block in blocks for each in block.warm_rounds]


def _spread(blocks: Sequence[Block]) -> float:
    """Upper less lower quartile of the warm rounds, over their median."""
    lower, middle, upper = np.quantile(_warm_s(blocks), [0.25, 0.5, 0.75])
    return float((upper - lower) / middle)


def _percent(share: float) -> str:
    return f"{units.significant(100 * share, 2)} %"


def _finding(group: Group, shown: Sequence[Summary], blocks: Mapping[str, Sequence[Block]]) -> tuple[str, str]:
    """Whose rounds are most alike, and whose least: in words, and in numbers."""
    about = subject(group.workload, group.setting)
    spreads = sorted((_spread(blocks[each.case.key]), group.labels[each.case.key]) for each in shown)
    (least, calm), (most, restless) = spreads[0], spreads[-1]
    half = f"{group.name}: the middle half of warm rounds spans {_percent(least)} of the median"
    if len(shown) == 1:
        return f"How much rounds of {calm} vary for {about}", half
    if _percent(least) == _percent(most):
        return f"Rounds vary as much under all strategies for {about}", half
    numbers = f"{half} under {calm}, {_percent(most)} under {restless}"
    return f"From round to round {restless} varies most for {about}, {calm} least", numbers


def _draw(axes: Axes, row: int, blocks: Sequence[Block], tint: str) -> list[tuple[float, float]]:
    """The warm rounds of a case; gives back where the cold ones belong."""
    places: tuple[list[tuple[float, float]], ...] = ([], [])
    cold = []
    for number, block in enumerate(blocks):
        y = row + _LANES * ((number + 0.5) / len(blocks) - 0.5)
        cold.append((block.per_call[0].wall_s, y))
        places[number % 2].extend((each.wall_s, y) for each in block.warm_rounds)
    for dots, opacity in zip(places, (1.0, _PALE), strict=True):
        look = {"color": tint, "lw": _DOT_PT, "alpha": opacity, "solid_capstyle": "round"}
        one_path(axes, _upright(dots, _DOT), gid="warm", **look)
    return cold


def _upright(places: Sequence[tuple[float, float]], half: float) -> list[Segment]:
    """A stroke at each place."""
    return [((x, y - half), (x, y + half)) for x, y in places]


def _drawn(group: Group, shown: Sequence[Summary], blocks: Mapping[str, Sequence[Block]]) -> Iterator[dict[str, Any]]:
    """A row of data for each round that is drawn."""
    for each in shown:
        who = identity(group, each)
        for block in blocks[each.case.key]:
            for number, found in enumerate(block.per_call):
                yield {
                    **who,
                    "repetition": block.repetition,
                    "round": number,
                    "warm": number > 0,
                    "at_s": found.at_s,
                    "wall_s": found.wall_s,
                    "not_drawn": "",
                }


def _not_drawn(
    group: Group, shown: Sequence[Summary], blocks: Mapping[str, Sequence[Block]]
) -> Iterator[dict[str, Any]]:
    """A row for each case that is not, and why."""
    there = {each.case.key for each in shown}
    none = dict.fromkeys(("repetition", "round", "warm", "at_s", "wall_s"))
    for each in group.cases:
        if each.case.key not in there:
            n = _count(blocks.get(each.case.key, ()))
            why = f"{n} rounds are more than {MOST_ROUNDS}" if n > MOST_ROUNDS else "no room" if n else "no time"
            yield {**identity(group, each), **none, "not_drawn": why}


def _text(title: str, group: Group, shown: Sequence[Summary], blocks: Mapping[str, Sequence[Block]]) -> str:
    listed = "; ".join(
        f"{group.labels[each.case.key]} {units.counted(len(warm), 'warm round')} in "
        f"{units.counted(len(blocks[each.case.key]), 'block')}, from {units.seconds(min(warm))} to "
        f"{units.seconds(max(warm))}"
        for each in shown
        for warm in [_warm_s(blocks[each.case.key])]
    )
    many = [each for each in group.ranked if _count(blocks[each.case.key]) > MOST_ROUNDS]
    others = f" {units.counted(len(many), 'case')} of more than {MOST_ROUNDS} rounds left out." if many else ""
    left_out = f" {group.left_out}." if group.left_out else ""
    return f"Strip chart of every round. {title}. {listed}.{others}{left_out}"

"""Runs side by side: a dot and an interval for each run, in a row for each case of a work."""

import math
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from matplotlib.axes import Axes

import bench
from bench import units
from bench.analysis.estimates import INTERVAL
from bench.analysis.side_by_side import Cell, Line, Section, SideBySide
from bench.records.machine import Environment
from bench.report.drawing import theme
from bench.report.drawing.chart import MOST_ROWS, Chart, file_name, key, more, row_axes, time_axis
from bench.report.drawing.lettering import fitting, width
from bench.report.kit import words
from bench.sentences import first_of

_COLOURS = ("#3f90da", "#e76300", "#832db6", "#94a4a2", "#bd1f01", "#a96b59", "#ffa90e", "#b9ac70")
_MARKERS = "osD^vPX*h<>p"
_SIGNS = "●■◆▲▼✚✖★⬢◀▶⬟"
"""Of runs by their place, as marks and in text; of another number than colours, so that those beyond have a new pair."""
_MOST_IN_TITLE = 3
_MARK_PT = 45.0
"""What a mark and the gap beside it take in the key."""
_LEAST_PT = 30.0
"""What is left of a machine's name at the least."""
_MOST_IDS = 4
_HEIGHT = 0.62
"""How much of a row its runs take."""


def chart_name(section: Section) -> str:
    """The chart's file name, without ending."""
    return f"side-by-side-{file_name(section)}"


def beside(found: SideBySide, section: Section) -> Chart | None:
    """A warm round of each case in every run; the fastest in the first run on top. None where no case has a time."""
    timed = sorted((each for each in section.lines if _walls(each)), key=_place)
    if not timed:
        return None
    shown = timed[:MOST_ROWS]
    title = _title(found, section)
    figure = theme.blank(title, _footer(found))
    axes = row_axes(figure, [each.name for each in shown], [_value(each) for each in shown], _heading(found))
    step = _HEIGHT / len(found.sides)
    for row, line in enumerate(shown):
        for number, cell in enumerate(line.cells):
            _draw(axes, cell, row - _HEIGHT / 2 + (number + 0.5) * step, number)
    spread = [value for each in shown for value in _walls(each)]
    known = any(cell.wall is not None and cell.wall.low is not None for line in shown for cell in line.cells)
    label = "time of a warm round" + ("" if known else "; too few blocks for intervals")
    time_axis(axes, spread, label + more(len(section.lines) - len(shown)))
    key(figure, _key(found))
    return Chart(chart_name(section), title, _text(title, found, timed), figure, list(_data(found, section)))


def _walls(line: Line) -> list[float]:
    """All times and ends of intervals, seconds."""
    return [
        value
        for cell in line.cells
        if cell.wall is not None
        for value in (cell.wall.low, cell.wall.centre, cell.wall.high)
        if value is not None
    ]


def _place(line: Line) -> tuple[bool, float]:
    """By the time in the first run; what it has no time of comes last."""
    return line.cells[0].wall is None, next(cell.wall.centre for cell in line.cells if cell.wall is not None)


def _draw(axes: Axes, cell: Cell, y: float, number: int) -> None:
    if cell.wall is None:
        return
    tint = _COLOURS[number % len(_COLOURS)]
    if cell.wall.low is not None and cell.wall.high is not None:
        axes.plot([cell.wall.low, cell.wall.high], [y, y], color=tint, lw=4, solid_capstyle="butt", alpha=0.6)
    axes.plot(cell.wall.centre, y, _MARKERS[number % len(_MARKERS)], ms=9, color=tint, mec=theme.GROUND, mew=0.5)


def _heading(found: SideBySide) -> str:
    """What stands beside the rows."""
    first, *others = (each.letter for each in found.sides)
    return f"{first}'s time / {others[0]}'s" if len(others) == 1 else "of all runs"


def _value(line: Line) -> str:
    """Beside a row: the ratio where there are two runs, else the span of the times."""
    if len(line.cells) == 2:
        cell = line.cells[1]
        if cell.ratio is None:
            return "other work" if cell.other_work else "–"
        interval = words.ratio_interval(cell.ratio)
        return units.ratio(cell.ratio.centre) + (f" ({interval})" if interval else "")
    known = [cell.wall.centre for cell in line.cells if cell.wall is not None]
    return units.between(units.seconds(min(known)), units.seconds(max(known)))


def _key(found: SideBySide) -> Iterator[tuple[str, str, str]]:
    """Which mark is which run."""
    room = theme.TEXT_WIDTH_PT / len(found.sides) - _MARK_PT
    for number, _ in enumerate(found.sides):
        sign, tint = _SIGNS[number % len(_SIGNS)], _COLOURS[number % len(_COLOURS)]
        yield sign, tint, _run_name(found, number, room)


def _run_name(found: SideBySide, number: int, room: float = math.inf) -> str:
    """A run in the key, in so many points: what tells it from the others; the machine's name gives way first."""
    side = found.sides[number]
    environment = side.run.header.environment
    lock = "" if environment.gil else " no GIL"
    facts: list[tuple[str, Callable[[Environment], object]]] = [
        (f"{environment.python}{lock}", lambda one: (one.python, one.gil)),
        (words.commit(environment), lambda one: (one.git_commit, one.git_dirty)),
    ]
    environments = [each.run.header.environment for each in found.sides]
    told = [text for text, pick in facts if len(set(map(pick, environments))) > 1]
    rest = " ".join([side.letter, *told])
    if len({(each.cpu_model, each.usable_cores) for each in environments}) == 1:
        when = "" if told else f" {side.run.header.started_utc[:16].replace('T', ' ')}"
        return fitting(rest + when, room)
    cores = f", {units.counted(environment.usable_cores, 'core')}"
    full = f"{rest} {environment.cpu_model}{cores}"
    left = max(room - width(f"{rest} "), _LEAST_PT)
    return full if width(full) <= room else fitting(f"{rest} {fitting(environment.cpu_model, left)}", room)


def _title(found: SideBySide, section: Section) -> str:
    """Which strategy is fastest in each run; with many runs, from which to which time."""
    best = []
    for number, side in enumerate(found.sides):
        known = [
            (cell.wall.centre, line.name) for line in section.lines if (cell := line.cells[number]).wall is not None
        ]
        if known:
            best.append((*min(known), side.letter))
    if len(best) <= _MOST_IN_TITLE:
        told = ", ".join(f"in {letter} {name} {units.seconds(wall_s)}" for wall_s, name, letter in best)
        same = (
            "" if not any(cell.other_work for line in section.lines for cell in line.cells) else "; not the same work"
        )
        return f"{section.name}: fastest {told}{same}"
    low, high = min(best), max(best)
    return (
        f"{section.name}: the fastest takes {units.seconds(low[0])} in {low[2]} ({low[1]}), "
        f"{units.seconds(high[0])} in {high[2]} ({high[1]})"
    )


def _footer(found: SideBySide) -> str:
    runs = first_of([f"{each.letter} {each.run.header.id}" for each in found.sides], _MOST_IDS)
    basis = "unequal environments" if not found.are_equal else "equal environments, at different times"
    return " · ".join(
        (
            f"concurrency-bench {bench.__version__}",
            f"runs {runs}",
            basis,
            f"{words.amount(found.sides[0].run)} in A · {INTERVAL}s",
        )
    )


def _data(found: SideBySide, section: Section) -> list[dict[str, Any]]:
    return [
        {
            "case": line.name,
            "run": side.letter,
            "id": side.run.header.id,
            "wall_s": cell.wall.centre,
            "wall_low_s": cell.wall.low,
            "wall_high_s": cell.wall.high,
            "ratio": None if cell.ratio is None else cell.ratio.centre,
            "ratio_low": None if cell.ratio is None else cell.ratio.low,
            "ratio_high": None if cell.ratio is None else cell.ratio.high,
        }
        for line in section.lines
        for side, cell in zip(found.sides, line.cells, strict=True)
        if cell.wall is not None
    ]


def _text(title: str, found: SideBySide, lines: Sequence[Line]) -> str:
    """The alt text."""
    told = "; ".join(
        f"{line.name} "
        + ", ".join(
            f"{side.letter} {units.seconds(cell.wall.centre)} ({words.interval(cell.wall)})"
            for side, cell in zip(found.sides, line.cells, strict=True)
            if cell.wall is not None
        )
        for line in lines
    )
    runs = "; ".join(_run_name(found, number) for number, _ in enumerate(found.sides))
    return f"Dot chart of the time of a warm round in {len(found.sides)} runs: {runs}. {title}. {told}."

"""Faults by strategies: what came of each, on as many slides as that takes."""

import math
from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby

from matplotlib.axes import Axes
from matplotlib.patches import Rectangle

from bench import units
from bench.analysis.faults import CONTROL, Cell, Fault, FaultTable, Kind
from bench.records.run import Run
from bench.report.drawing import theme
from bench.report.drawing.chart import HIGH_PT, WIDE_PT, Chart, Entry, key, key_width
from bench.report.drawing.labels import LINE_PT, note_lines, top_below
from bench.report.drawing.lettering import width
from bench.report.faults.text import MEANINGS, limits, workers
from bench.sentences import listed

MOST_ROWS = 12
_FOOT, _RIGHT = 0.1, 0.985
"""Below the notes there is room for the footer."""
_GAP_PT = 10.0
_MOST_CELL_PT = (110.0, 34.0)
"""Width and height of a cell, at most: a table of one fault is a line, and not a wall of colour."""
_SLANT = math.radians(30)
COLOURS = {
    Kind.RESULT: ("#c9e4f6", theme.ON_LIGHT),
    Kind.RAISED: ("#eceff2", theme.ON_LIGHT),
    Kind.HANG: ("#bd1f01", theme.ON_DARK),
    Kind.DIED: ("#832db6", theme.ON_DARK),
    Kind.WRONG: ("#ffa90e", theme.ON_LIGHT),
}
"""Ground and ink of a cell."""
_WORDS = {Kind.RESULT: "✓", Kind.RAISED: "raises", Kind.HANG: "HANG", Kind.DIED: "died", Kind.WRONG: "≠"}
_SHORT = _WORDS | {Kind.RAISED: "!"}
"""Where columns are narrow."""
_BASE = "serial"
_MOST_TOLD = 3
Column = Sequence[str]
"""Strategies to which the same happened."""


def fault_grids(run: Run, table: FaultTable) -> Iterator[Chart]:
    """The slides; strategies to which the same happened in every fault share a column."""
    rows = [fault for fault in table.faults if fault.cells]
    columns = _columns(table)
    slides = -(-len(rows) // MOST_ROWS) or 1
    each = -(-len(rows) // slides)
    for number in range(slides):
        name = "faults" if slides == 1 else f"faults-{number + 1}"
        part = f" ({number + 1} of {slides})" if slides > 1 else ""
        yield _slide(run, table, rows[number * each : (number + 1) * each], columns, name, headline(table) + part)


def headline(table: FaultTable) -> str:
    """Where strategies hang; where a plain loop was run beside them, only what that does not do."""
    faults = [fault.title for fault in table.faults if fault.name != CONTROL]
    than_loop = _BASE in table.strategies
    found = {name: _hangs(table, name, than_loop=than_loop) for name in table.strategies}
    worst = sorted((name for name, count in found.items() if count), key=lambda name: -found[name])
    where = " where a plain loop does not" if than_loop else ""
    if len(faults) == 1:
        return f"{_who_hangs(worst)}{where}: {faults[0]}"
    if not worst:
        return f"Of {units.counted(len(faults), 'fault')}, none makes anything hang" + (
            " but what a plain loop hangs in, too" if than_loop else ""
        )
    told = [
        f"{listed(names, 2)} in {found[names[0]]}"
        for _, group in groupby(worst, key=lambda name: found[name])
        for names in [list(group)]
    ]
    return f"What hangs{where}, of {units.counted(len(faults), 'fault')}: {'; '.join(told[:_MOST_TOLD])}"


def _who_hangs(names: Sequence[str]) -> str:
    if not names:
        return "Nothing hangs"
    return f"{listed(names, 2)} hang{'s' if len(names) == 1 else ''}"


def _hangs(table: FaultTable, strategy: str, *, than_loop: bool) -> int:
    """How many faults the strategy hangs in; with `than_loop`, of those in which a plain loop was run and did not."""

    def kind(fault: Fault, name: str) -> Kind | None:
        return fault.cells[name].kind if name in fault.cells else None

    return sum(
        kind(fault, strategy) is Kind.HANG and (not than_loop or kind(fault, _BASE) not in (None, Kind.HANG))
        for fault in table.faults
    )


def _columns(table: FaultTable) -> list[Column]:
    found: dict[tuple[Kind | None, ...], list[str]] = {}
    for name in table.strategies:
        met = tuple(fault.cells[name].kind if name in fault.cells else None for fault in table.faults)
        found.setdefault(met, []).append(name)
    return list(found.values())


@theme.applied()
def _slide(
    run: Run, table: FaultTable, rows: Sequence[Fault], columns: Sequence[Column], name: str, title: str
) -> Chart:
    figure = theme.slide(title, run, limits(run))
    notes = note_lines((workers(run), _alike(columns)))
    left = 0.02 + (max((width(fault.title) for fault in rows), default=0) + _GAP_PT) / WIDE_PT
    legend = _FOOT + len(notes) * LINE_PT / HIGH_PT
    labels = [each[0] if len(each) == 1 else f"{each[0]} +{len(each) - 1}" for each in columns]
    right = _RIGHT - max(0.0, math.cos(_SLANT) * width(labels[-1]) / WIDE_PT - (_RIGHT - left) / len(columns) / 2)
    right = min(right, left + len(columns) * _MOST_CELL_PT[0] / WIDE_PT)
    top = top_below(0) - (math.sin(_SLANT) * max(map(width, labels)) + LINE_PT) / HIGH_PT
    said = _WORDS if (right - left) * WIDE_PT / len(columns) * 0.94 > width(_WORDS[Kind.RAISED]) + 4 else _SHORT
    entries = _entries(said)
    above_key = legend + (len(entries) * LINE_PT + _GAP_PT) / HIGH_PT
    bottom = max(above_key, top - len(rows) * _MOST_CELL_PT[1] / HIGH_PT)
    axes = figure.add_axes((left, bottom, right - left, top - bottom))
    for y, fault in enumerate(rows):
        for x, strategies in enumerate(columns):
            _draw_cell(axes, x, y, fault.cells.get(strategies[0]), said)
    axes.set_xlim(-0.5, len(columns) - 0.5)
    axes.set_ylim(len(rows) - 0.5, -0.5)
    axes.set_yticks(range(len(rows)), [fault.title for fault in rows])
    axes.set_xticks(range(len(columns)), labels, rotation=math.degrees(_SLANT), ha="left", rotation_mode="anchor")
    axes.tick_params(length=0, top=False, labeltop=True, bottom=False, labelbottom=False)
    for side in axes.spines.values():
        side.set_visible(False)
    for number, line in enumerate(reversed(entries)):
        key(figure, line, legend + (number * LINE_PT + 4) / HIGH_PT)
    figure.text(0.02, _FOOT, "\n".join(notes), color=theme.SOFT, linespacing=1.2, va="bottom")
    listed = "; ".join(
        f"{fault.title}: {', '.join(f'{cell.strategy} {cell.what}' for cell in fault.cells.values())}" for fault in rows
    )
    told = ". ".join(filter(None, (limits(run), workers(run))))
    return Chart(name, title, f"Table of faults by strategies. {title}. {told}. {listed}.", figure)


def _entries(said: Mapping[Kind, str]) -> list[list[Entry]]:
    """The key: each word with its meaning, on as many lines as that takes."""
    lines: list[list[Entry]] = [[]]
    for kind, meaning in MEANINGS.items():
        entry = ("■", COLOURS[kind][0], f"{said[kind]}: {meaning}")
        if lines[-1] and key_width([*lines[-1], entry]) > theme.TEXT_WIDTH_PT:
            lines.append([])
        lines[-1].append(entry)
    return lines


def _draw_cell(axes: Axes, x: int, y: int, cell: Cell | None, said: Mapping[Kind, str]) -> None:
    if cell is None:
        return
    ground, ink = COLOURS[cell.kind]
    axes.add_patch(Rectangle((x - 0.47, y - 0.45), 0.94, 0.9, facecolor=ground))
    axes.text(x, y, said[cell.kind], color=ink, ha="center", va="center_baseline")


def _alike(columns: Sequence[Column]) -> str:
    """Which strategies stand behind a `+`."""
    return "; ".join(f"{each[0]} +: {', '.join(each[1:])}" for each in columns if len(each) > 1)

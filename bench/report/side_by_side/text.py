"""Runs side by side, in words and numbers: for programs and for the terminal, and the sentences the page has too."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from rich.console import Group as Stack
from rich.console import RenderableType
from rich.text import Text

from bench import units
from bench.analysis.estimates import INTERVAL, LEVEL, SURELY
from bench.analysis.findings import MOST_NAMES
from bench.analysis.shift import blocks_needed
from bench.analysis.side_by_side import Cell, Line, Section, Side, SideBySide
from bench.analysis.standing import standing_of
from bench.analysis.unpaired import DRIFT
from bench.plugins.names import sanitized
from bench.quantities import MEMORY, TIME
from bench.report.kit import csv_rows, words
from bench.report.kit.column import cpu, of_cost
from bench.report.kit.fitted_table import FittedTable
from bench.report.kit.folded_table import folded
from bench.report.kit.json_text import json_text
from bench.report.kit.no_room import NoRoom
from bench.report.kit.prose import Prose
from bench.report.kit.table import Column, Table, texts
from bench.report.run import columns
from bench.sentences import first_of

COSTS = (cpu(), of_cost(MEMORY))
"""What a round of a case costs, as tables show it beside its time."""
COLUMNS = (
    "workload", "scale", "setting", "case", "run", "id", "workers", "options", "python", "outcome", "reason", "blocks",
    "rounds", "wall_s", "wall_low_s", "wall_high_s", "ratio", "ratio_low", "ratio_high", "other_work", "cpu_s",
    "peak_memory_bytes",
)  # fmt: skip
"""Of the CSV and of `--json`: a row for each case and run that has it. `ratio` is the first run's time over this one's."""
_FROM_SUMMARY = (
    "workers", "options", "python", "outcome", "blocks", "rounds", "wall_s", "wall_low_s", "wall_high_s", "cpu_s",
    "peak_memory_bytes",
)  # fmt: skip


def rows(found: SideBySide) -> Iterator[dict[str, Any]]:
    """The values by column."""
    for section in found.sections:
        for line in section.lines:
            for side, cell in zip(found.sides, line.cells, strict=True):
                if cell.summary is not None:
                    yield _row(section, line, side, cell)


def _row(section: Section, line: Line, side: Side, cell: Cell) -> dict[str, Any]:
    assert cell.summary is not None
    known = columns.row(cell.summary)
    ratio = cell.ratio
    values = {name: known[name] for name in _FROM_SUMMARY} | {
        "workload": section.workload,
        "scale": section.scale,
        "setting": section.setting,
        "case": line.name,
        "run": side.letter,
        "id": side.run.header.id,
        "reason": cell.summary.reason,
        "ratio": None if ratio is None else ratio.centre,
        "ratio_low": None if ratio is None else ratio.low,
        "ratio_high": None if ratio is None else ratio.high,
        "other_work": cell.other_work,
    }
    return {name: values[name] for name in COLUMNS}


def as_csv(found: SideBySide) -> str:
    """A line of names, and a row for each case and run."""
    return csv_rows.csv_text(COLUMNS, rows(found))


def as_json(found: SideBySide) -> str:
    """The same for a program, with the runs and what differs between them."""
    return json_text(
        {
            "runs": [
                {
                    "run": side.letter,
                    "id": side.run.header.id,
                    "file": str(side.path),
                    "unequal": side.unequal,
                }
                for side in found.sides
            ],
            "notes": notes(found),
            "differences": dict(found.differences),
            "cases": list(rows(found)),
        }
    )


def notes(found: SideBySide) -> list[str]:
    """What has to be known to read the numbers, a sentence or two each."""
    first = found.sides[0].letter
    told = [f"{each.letter} differs from {first} in {each.unequal}." for each in found.sides if each.unequal]
    if told:
        told.append(
            f"Ratios to {first} are differences between machines or interpreters, and not between versions of code."
        )
    else:
        told.append(f"All that decides how fast code is and was recorded is equal. But {DRIFT}.")
    if len(found.tools) > 1:
        told.append(
            f"Measured by versions {', '.join(found.tools)} of the tool: its own workloads may be other work under the "
            "same name; where a file tells that it is, there is no ratio."
        )
    told.append(
        f"A ratio is {first}'s time over the other's: above 1 the other is faster. It is unpaired, and its "
        f"{INTERVAL} stands for itself: of twenty, one may miss. The command compare gives verdicts."
    )
    told += [
        f"Only in {letter}, and so not here: {first_of(names, MOST_NAMES)}." for letter, names in found.alone.items()
    ]
    return told


def headline(found: SideBySide) -> str:
    """In how many cases each run is faster or slower than the first."""
    text = "; ".join(_beside_first(found, number) for number in range(1, len(found.sides)))
    return f"{text[0].upper()}{text[1:]}."


def _beside_first(found: SideBySide, number: int) -> str:
    """In how many cases the run of this number is faster or slower than the first."""
    first, side = found.sides[0], found.sides[number]
    cells = [line.cells[number] for section in found.sections for line in section.lines]
    ratios = [each.ratio for each in cells if each.ratio is not None]
    if not ratios:
        return f"{first.letter} and {side.letter} share no case that can be set against each other"
    of = f"of {units.counted(len(ratios), 'case')} with a ratio of {first.letter} and {side.letter}"
    if all(each.low is None for each in ratios):
        return f"{of}, nothing is certain: {blocks_needed(1 - LEVEL)} blocks a side are needed for an interval"
    standings = [standing_of(each) for each in ratios]
    return (
        f"{of}, {side.letter} is faster than {first.letter} in {standings.count('faster')} and slower in "
        f"{standings.count('slower')}, by intervals of {SURELY}"
    )


def time(cell: Cell) -> str:
    """A case's time in a run, or why it has none; with what is the run's own."""
    if cell.summary is None:
        return ""
    shown = units.seconds(cell.wall.centre) if cell.wall is not None else str(cell.summary.outcome)
    return f"{shown} {cell.variant}".strip()


def terminal_tables(found: SideBySide) -> Stack:
    """The runs, what to know of them, and a table of each work with a line for each case and run."""
    parts: list[RenderableType] = [Prose(Text(side_line(each))) for each in found.sides]
    parts += [Text(), Prose(Text(headline(found), style="bold"))]
    parts += [*(Prose(Text(each, style="dim")) for each in notes(found)), Text()]
    tables = [_table(section, found) for section in found.sections]
    for section, table in zip(found.sections, tables, strict=True):
        title = Text.assemble((section.name, "bold"), f" at scale {section.scale}")
        parts += [Prose(title), table, Text()]
    parts += [NoRoom(tables), folded(differences(found), padding=(1, 1))]
    return Stack(*parts)


def side_line(side: Side) -> str:
    """A run in one line."""
    header = side.run.header
    environment = header.environment
    where = f"{environment.cpu_model}, {units.counted(environment.usable_cores, 'core')}"
    return (
        f"{side.letter}  {header.id} · {header.started_utc[:10]} · {where} · {words.python(header)} · "
        f"{words.commit(environment)} · {words.amount(side.run)}"
    )


def _table(section: Section, found: SideBySide) -> FittedTable:
    """A row for each case and run that has it; the case is named in its first."""
    columns = [
        Column("strategy", kind="name"),
        Column("run", kind="name"),
        Column(TIME.heading, importance=1),
        Column(INTERVAL, importance=3),
        Column(f"× {found.sides[0].letter}", importance=2),
        Column("interval", importance=4),
        *(replace(each, importance=5 + number) for number, each in enumerate(COSTS)),
    ]
    rows = []
    for line in section.lines:
        name = line.name
        for side, cell in zip(found.sides, line.cells, strict=True):
            if cell.summary is not None:
                rows.append([name, side.letter, *_numbers(cell), *(each.text(cell.summary) for each in COSTS)])
                name = ""
    return FittedTable(texts(columns, rows))


def _numbers(cell: Cell) -> tuple[str, ...]:
    """A case's time in a run and its ratio to the first run, each with its interval."""
    return time(cell), words.interval(cell.wall), ratio(cell), words.ratio_interval(cell.ratio)


def ratio(cell: Cell) -> str:
    """A case's ratio to the first run, or that it does other work there."""
    return "other work" if cell.other_work else units.ratio(cell.ratio.centre if cell.ratio else None)


def differences(found: SideBySide) -> Table:
    """What differs between the runs, a row a fact."""
    columns = [Column("fact", kind="name"), *(Column(side.letter, kind="text") for side in found.sides)]
    rows = ([sanitized(name), *map(words.fact, values)] for name, values in found.differences)
    return texts(columns, rows, "What differs between the runs")

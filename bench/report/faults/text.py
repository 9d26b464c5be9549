"""What strategies made of faults, for the terminal and for programs."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from rich.columns import Columns
from rich.console import Group as Stack
from rich.console import RenderableType
from rich.text import Text

from bench import units
from bench.analysis.faults import Cell, Fault, FaultTable, Kind
from bench.naming import workers_of
from bench.records.run import Run
from bench.report.kit import words
from bench.report.kit.folded_table import folded
from bench.report.kit.json_text import json_text
from bench.report.kit.table import Cell as TableCell
from bench.report.kit.table import Column, Table, styled, texts
from bench.sentences import listed

MARKS = {Kind.RESULT: "✓", Kind.RAISED: "!", Kind.HANG: "H", Kind.DIED: "†", Kind.WRONG: "≠"}
MEANINGS = {
    Kind.RESULT: "the right results",
    Kind.RAISED: "an exception in the caller",
    Kind.HANG: "nothing within the time limit",
    Kind.DIED: "the caller was killed",
    Kind.WRONG: "silently wrong results",
}
_STYLES = {
    Kind.RESULT: "green",
    Kind.RAISED: "",
    Kind.HANG: "bold red",
    Kind.DIED: "magenta",
    Kind.WRONG: "bold yellow",
}
MOST_TIMES = 2.5
"""How many times the limit a fault is given while its processes use the CPU, as in `bench.measure.supervisor.deadline`."""
COLUMNS = ("fault", "title", "strategy", "kind", "raised", "noticed_s", "left", "reason")


def terminal_table(path: Path, run: Run, table: FaultTable) -> Stack:
    """What came of each fault, then all at a glance, then the strategies' counts."""
    parts: list[RenderableType] = [*_details(table), Text(), _grid(table), _legend(), Text()]
    parts += [folded(counts(table), padding=(2, 0)), Text()]
    environment = run.header.environment
    lines = words.machine(environment), words.python(run.header), limits(run), workers(run), f"run file: {path}"
    return Stack(*parts, *(Text(line, style="dim") for line in filter(None, lines)))


def limits(run: Run) -> str:
    """What counted as hanging, and how much there is."""
    limit_s = run.header.plan.conditions.time_limit_s
    cut = "" if len(run.blocks) == run.header.plan.blocks else f" of {run.header.plan.blocks} planned"
    return (
        f"{len(run.blocks)} cases{cut}; HANG: no result and no exception within {units.seconds(limit_s)}, nor use of "
        f"the CPU in the second after, or still none at {units.seconds(MOST_TIMES * limit_s)}"
    )


def workers(run: Run) -> str:
    """How many workers the strategies had that take a number: it is told once, and names do without."""
    taking = [case for case in run.header.plan.cases if case.takes_workers]
    by_number: dict[str, list[str]] = {}
    for case in taking:
        by_number.setdefault(workers_of([case]), []).append(case.workload)
    if not by_number:
        return ""
    usual, *others = sorted(by_number, key=lambda number: -len(by_number[number]))
    rest = [f"{number} in {listed(list(dict.fromkeys(by_number[number])))}" for number in others]
    return f"workers, where a strategy takes a number: {'; '.join([usual, *rest])}"


def of_alike(cells: Sequence[Cell]) -> str:
    """Cells with the same outcome in a few words: what came, how soon, and what was left."""
    noticed = [each.noticed_s for each in cells if each.noticed_s is not None]
    said = cells[0].what
    if noticed:
        said += f" after {_span(noticed)}"
    left = sorted({each.left for each in cells})
    if left[-1]:
        count = str(left[0]) if len(left) == 1 else f"{left[0]}–{left[-1]}"
        said += f", {count} {'process' if left[-1] == 1 else 'processes'} left"
    return said


def names_of(cells: Sequence[Cell], fault: Fault) -> str:
    """The strategies of some cells of a fault."""
    if len(cells) == len(fault.cells) > 1:
        return f"all {len(cells)}"
    return ", ".join(each.strategy for each in cells)


def _span(seconds: Sequence[float]) -> str:
    low, high = units.seconds(min(seconds)), units.seconds(max(seconds))
    return low if low == high else units.between(low, high)


def counts(table: FaultTable) -> Table:
    """A row for each strategy: how many faults it met in each way, how soon it told, and what it left."""
    numbers = (*map(str, Kind), "slowest to tell", "most left")
    columns = [Column("strategy", kind="name"), *map(Column, numbers)]
    return texts(columns, (_count(table, strategy) for strategy in table.strategies))


def _count(table: FaultTable, strategy: str) -> Iterator[str]:
    mine = [cell for cell in table.cells if cell.strategy == strategy]
    yield strategy
    for kind in Kind:
        yield str(table.of(strategy, kind) or "")
    yield units.seconds(max((cell.noticed_s for cell in mine if cell.noticed_s is not None), default=None))
    yield str(max((cell.left for cell in mine), default=0) or "")


def rows(table: FaultTable) -> Iterator[dict[str, Any]]:
    """A row for each cell, with the keys `COLUMNS`."""
    titles = {fault.name: fault.title for fault in table.faults}
    for cell in table.cells:
        values = (
            cell.fault,
            titles[cell.fault],
            cell.strategy,
            str(cell.kind),
            cell.raised,
            cell.noticed_s,
            cell.left,
            cell.reason,
        )
        yield dict(zip(COLUMNS, values, strict=True))


def as_json(path: Path, run: Run, table: FaultTable) -> str:
    """The table for a program."""
    ending = run.ending
    return json_text(
        {
            "run": run.header.id,
            "file": str(path),
            "status": ending.status if ending else "cut",
            "python": run.header.environment.python,
            "time_limit_s": run.header.plan.conditions.time_limit_s,
            "cells": list(rows(table)),
        }
    )


def _details(table: FaultTable) -> Iterator[RenderableType]:
    for fault in table.faults:
        if fault.cells:
            yield Text.assemble((fault.name, "bold"), f"  {fault.title}")
            yield _alike(fault)


def _alike(fault: Fault) -> RenderableType:
    columns = Column("", kind="text", least=44), Column("", kind="text")
    rows = ((styled((of_alike(each), _STYLES[each[0].kind])), names_of(each, fault)) for each in fault.alike)
    return folded(texts(columns, rows), padding=(2, 0), headings=False)


def _grid(table: FaultTable) -> RenderableType:
    """Faults by strategies, a mark in each cell; strategies by their numbers."""
    columns = [Column("fault", kind="name"), *(Column(str(number + 1)) for number in range(len(table.strategies)))]
    rows = (_marks(fault, table.strategies) for fault in table.faults)
    numbered = [Text(f"{number} {name}", style="dim") for number, name in enumerate(table.strategies, start=1)]
    return Stack(folded(texts(columns, rows), padding=(1, 0)), Columns(numbered, padding=(0, 2)))


def _marks(fault: Fault, strategies: Sequence[str]) -> Iterator[str | TableCell]:
    yield fault.title
    for each in strategies:
        yield _mark(fault.cells.get(each))


def _mark(cell: Cell | None) -> TableCell:
    return styled((MARKS[cell.kind], _STYLES[cell.kind])) if cell else styled()


def _legend() -> Text:
    return Text("; ".join(f"{MARKS[kind]} {meaning}" for kind, meaning in MEANINGS.items()), style="dim")

"""The slides of a run of faults: some of the faults on each, and what it claims of these."""

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

from bench import units
from bench.analysis.faults import CONTROL, Fault, FaultTable, fault_table
from bench.errors import UsageError
from bench.records.run import Run
from bench.report.drawing import pictures
from bench.report.drawing.chart import Chart
from bench.report.drawing.pictures import Picture
from bench.report.faults.chart import MOST_ROWS, fault_grids
from bench.report.faults.text import limits, names_of, of_alike, workers
from bench.report.kit.table import Column, Table, texts
from bench.report.talk.choice import Choice
from bench.report.talk.cite import conditions
from bench.report.talk.slides import Slide
from bench.selection import chosen

KIND = "faults"
_SHOWS = "what came of each fault under each strategy"


def fault_slides(run: Run, choice: Choice, folder: Path) -> list[Slide]:
    """Draw the chosen faults into a folder, in the order of the run; each slide's claim is of its own faults.

    Raises:
        UnknownNameError: for a fault or a kind of chart that is not there.
        UsageError: where none was tried.
    """
    chosen("kind of chart of a run of faults", {KIND: KIND}, choice.charts)
    table = fault_table(run)
    wanted = chosen("fault", {each.name: each for each in table.faults}, choice.workloads)
    if not (faults := [each for each in wanted if each.cells]):
        raise UsageError(f"run {run.header.id} has nothing to show on slides: no fault of these was tried")
    parts = [_part(table, each) for each in _divided(faults)]
    jobs = [partial(_chart, run, part, f"{number}-{KIND}") for number, part in enumerate(parts[: choice.top], start=1)]
    drawn = pictures.draw(jobs, folder, png=True)
    return [_slide(run, part, picture) for part, picture in zip(parts, drawn, strict=False)]


def _divided(faults: Sequence[Fault]) -> list[Sequence[Fault]]:
    """So many for each slide, as even as can be."""
    slides = -(-len(faults) // MOST_ROWS)
    each = -(-len(faults) // slides)
    return [faults[first : first + each] for first in range(0, len(faults), each)]


def _part(table: FaultTable, faults: Sequence[Fault]) -> FaultTable:
    """The table of some of the faults, and of the strategies that met one of them."""
    return FaultTable([name for name in table.strategies if any(name in each.cells for each in faults)], list(faults))


def _chart(run: Run, part: FaultTable, name: str) -> Chart:
    (chart,) = fault_grids(run, part)
    return replace(chart, name=name)


def _slide(run: Run, part: FaultTable, picture: Picture) -> Slide:
    tried = sum(each.name != CONTROL for each in part.faults)
    works = f"{units.counted(tried, 'fault')} under {units.counted(len(part.strategies), 'strategy', 'strategies')}"
    told = list(filter(None, (limits(run), workers(run))))
    return Slide(picture, _SHOWS, [f"{each}." for each in told], _numbers(part), [], list(conditions(run, works)), [])


def _numbers(part: FaultTable) -> Table:
    """What came of each fault, a row for each kind of outcome."""
    columns = [Column(each, kind="text") for each in ("fault", "what came", "strategies")]
    return texts(
        columns,
        ((fault.title, of_alike(cells), names_of(cells, fault)) for fault in part.faults for cells in fault.alike),
    )

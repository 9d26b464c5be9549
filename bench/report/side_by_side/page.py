"""The page of runs side by side: a chart and a table for each work, and every number as CSV."""

from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from zlib import crc32

import bench
from bench.analysis.estimates import INTERVAL
from bench.analysis.side_by_side import Cell, Side, SideBySide
from bench.analysis.summary import Summary
from bench.plugins.names import sanitized
from bench.report.drawing import pictures
from bench.report.drawing.pictures import Picture
from bench.report.kit import csv_rows, words
from bench.report.kit.folder import fresh_folder
from bench.report.kit.table import Column, Table, texts
from bench.report.run import page
from bench.report.run.build import INDEX, safe
from bench.report.side_by_side.chart import beside, chart_name
from bench.report.side_by_side.text import COLUMNS, COSTS, differences, headline, notes, ratio, rows, time

_LONGEST_FOLDER = 200


def build_report(found: SideBySide, folder: Path, *, png: bool | None = None) -> Path:
    """Make `folder/<run>+<run>…/` with index.html, a chart for each work, and cases.csv.

    Args:
        found: the runs.
        folder: holds the reports of all runs.
        png: whether charts become PNGs too, which is not done unless asked for.

    Returns:
        The path of index.html.

    Raises:
        StorageError: if the folder cannot be written.
    """
    target = folder / _folder_name(found)
    with fresh_folder(target) as fresh:
        drawn = pictures.draw([partial(beside, found, each) for each in found.sections], fresh, png=bool(png))
        csv_rows.write_rows(fresh / "cases.csv", COLUMNS, rows(found))
        (fresh / INDEX).write_text(_html(found, {each.name: each for each in drawn}), encoding="utf-8")
    return target / INDEX


def _html(found: SideBySide, drawn: Mapping[str, Picture]) -> str:
    return page.template("side_by_side.html.j2", autoescape=True).render(
        found=found,
        headline=headline(found),
        notes=notes(found),
        runs=_runs(found.sides),
        files=[sanitized(each.path.name) for each in found.sides],
        sections=[
            (
                section,
                drawn.get(chart_name(section)),
                [(line.name, [_html_cell(each) for each in line.cells]) for line in section.lines],
            )
            for section in found.sections
        ],
        differences=differences(found),
        interval=INTERVAL,
        tool=bench.__version__,
    )


def _runs(sides: Sequence[Side]) -> Table:
    following = ("id", "measured", "machine", "Python", "code", "amount")
    columns = [Column("run", kind="name"), *(Column(each, kind="text") for each in following)]
    return texts(columns, map(_run, sides))


def _run(side: Side) -> Iterator[str]:
    header = side.run.header
    yield side.letter
    yield header.id
    yield header.started_utc
    yield words.machine(header.environment)
    yield words.python(header)
    yield words.commit(header.environment)
    yield words.amount(side.run)


def _html_cell(cell: Cell) -> dict[str, str]:
    """What the page shows of a case in a run."""
    return {
        "time": time(cell) or "–",
        "interval": words.interval(cell.wall) if cell.wall is not None else "",
        "ratio": ratio(cell),
        "cost": "" if cell.summary is None else _cost(cell.summary),
        "ratio_interval": words.ratio_interval(cell.ratio),
        "why": cell.other_work or (cell.summary.reason if cell.summary is not None else "not in this run"),
    }


def _cost(summary: Summary) -> str:
    return " · ".join(f"{each.heading} {each.text(summary)}" for each in COSTS if each.value(summary) is not None)


def _folder_name(found: SideBySide) -> str:
    """The runs' ids; where they are too long for a file system, the first ones and a number that stands for all."""
    ids = [safe(each.run.header.id) for each in found.sides]
    name = "+".join(ids)
    return name if len(name) <= _LONGEST_FOLDER else f"{name[:_LONGEST_FOLDER]}+{crc32(name.encode()):08x}"

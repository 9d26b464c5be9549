"""Writes the report of a run of faults: the page, the charts, and every cell as CSV."""

from pathlib import Path

from bench.analysis.faults import FaultTable
from bench.records.run import Run
from bench.report.drawing.pictures import Picture, save_chart
from bench.report.faults import text as faults
from bench.report.faults.chart import fault_grids, headline
from bench.report.kit import csv_rows, words
from bench.report.run import page
from bench.report.run.build import INDEX, index_of, report_folder


def build_report(path: Path, run: Run, table: FaultTable, folder: Path) -> Path:
    """Make `folder/<run>/` with index.html, charts as PNG and SVG, and faults.csv.

    Returns:
        The path of index.html.

    Raises:
        StorageError: if the folder cannot be written.
    """
    with report_folder(run, folder) as target:
        pictures = [save_chart(chart, target) for chart in fault_grids(run, table)]
        csv_rows.write_rows(target / "faults.csv", faults.COLUMNS, faults.rows(table))
        (target / INDEX).write_text(_html(path, run, table, pictures), encoding="utf-8")
    return index_of(run, folder)


def _html(path: Path, run: Run, table: FaultTable, pictures: list[Picture]) -> str:
    return page.template("faults.html.j2", autoescape=True).render(
        header=run.header,
        table=table,
        headline=headline(table),
        pictures=pictures,
        marks=faults.MARKS,
        meanings=faults.MEANINGS,
        of_alike=faults.of_alike,
        names_of=faults.names_of,
        counts=faults.counts(table),
        limits=faults.limits(run),
        workers=faults.workers(run),
        machine=words.machine(run.header.environment),
        python=words.python(run.header),
        commit=words.commit(run.header.environment),
        file=path.name,
    )

"""A run file as tables, JSON, CSV and a report, whatever it is of. What draws is loaded here, after all measuring."""

import gc
from collections.abc import Sequence
from pathlib import Path

from bench.cli import comparison_options
from bench.cli.comparison_options import Outputs
from bench.cli.forms import Form
from bench.errors import UsageError
from bench.records.run import Purpose, Run
from bench.report.kit import terminal
from bench.report.talk.choice import Choice
from bench.sessions.tour import Tour

_WITH_SLIDES = (Purpose.RANKING, Purpose.FAULTS)
_COLLECT_EVERY = 100_000
"""Objects made between two looks for garbage, instead of 700: reading, summarising and drawing make many that stay. It takes
a quarter off the time."""


def show(path: Path, *, form: Form = "tables", reports: Path | None = None, png: bool | None = None) -> None:
    """Print a run; make its report too where a folder for reports is given.

    Args:
        path: the run file.
        form: how it is printed.
        reports: the folder of reports.
        png: whether the report's charts become PNGs too; by default where there are few.

    Raises:
        RunFileError: if the file is not valid.
        StorageError: if the report cannot be written.
        UsageError: if what the run is of has no such form.
    """
    run = _read(path)
    match run.header.plan.purpose:
        case Purpose.CHECK:
            _show_verdicts(run, form)
        case Purpose.FAULTS:
            _show_faults(path, run, form, reports)
        case Purpose.RANKING:
            _show_results(path, run, form, reports, png)


def _read(path: Path) -> Run:
    from bench.store.runs import read

    gc.set_threshold(_COLLECT_EVERY)
    return read(path)


def show_check(path: Path, outputs: Outputs) -> int:
    """Show and export the verdicts of a check; give back the exit status."""
    from bench.analysis.judged import judged
    from bench.store.runs import read

    found = judged(read(path))
    comparison_options.show(found, outputs)
    return found.exit_status


def show_side_by_side(
    paths: Sequence[Path], *, form: Form = "tables", reports: Path | None = None, png: bool | None = None
) -> None:
    """Print several runs beside each other; make their page too where a folder for reports is given.

    Raises:
        RunFileError: if a file is not valid.
        StorageError: if the page cannot be written.
        UsageError: if the runs cannot stand side by side.
    """
    gc.set_threshold(_COLLECT_EVERY)
    from bench.analysis.side_by_side import side_by_side
    from bench.report.side_by_side import text as shown
    from bench.report.side_by_side.page import build_report

    found = side_by_side(paths)
    if form == "tables":
        terminal.show(shown.terminal_tables(found))
    else:
        terminal.show_text(shown.as_json(found) if form == "json" else shown.as_csv(found))
    if reports is not None:
        terminal.show_text(str(build_report(found, reports, png=png)))


def make_talk(path: Path | None, results: Path, reports: Path, choice: Choice) -> None:
    """Make the slides of a run; print what they claim, how to get others, and the folder's path.

    Args:
        path: the run file; None for the latest run of `results` that has slides, and a note where a later one has none.
        results: the folder of run files.
        reports: the folder of reports.
        choice: what to make slides of.

    Raises:
        RunFileError: if the file is not valid.
        StorageError: if the folder cannot be written.
        UsageError: if the run has no slides, or none of those that are chosen.
    """
    from bench.report.talk import text
    from bench.report.talk.build import build_talk

    path = path or _latest_with_slides(results)
    run = _read(path)
    if run.header.plan.purpose not in _WITH_SLIDES:
        raise UsageError(f"run {run.header.id} is of a check, which has no charts for a talk; see it with: report")
    terminal.show_text(text.told(build_talk(path, run, reports, choice), choice))


def _latest_with_slides(results: Path) -> Path:
    from bench.store.runs import find, latest_of

    latest, found = find(results, None), latest_of(results, _WITH_SLIDES)
    if found != latest:
        terminal.note(f"the latest run, {latest.stem}, is of a check, which has no slides; these are of {found.stem}")
    return found


def show_tour(tour: Tour, reports: Path) -> None:
    """Print what the lessons of a tour say, and make its page, whose path is printed last.

    Raises:
        RunFileError: if a run file is not valid.
        StorageError: if the page cannot be written.
    """
    gc.set_threshold(_COLLECT_EVERY)
    from bench.analysis.tour.taught import taught
    from bench.report.tour.build import build_page
    from bench.report.tour.text import terminal_text

    lessons = [
        taught(each.lesson, None if each.measured is None else each.measured.path, each.reason) for each in tour.taken
    ]
    terminal.show(terminal_text(lessons))
    if (page := build_page(lessons, reports)) is not None:
        terminal.show_text(str(page))


def _show_verdicts(run: Run, form: Form) -> None:
    from rich.console import Group

    from bench.analysis.judged import judged
    from bench.report.verdicts.comparisons import as_json, terminal_table

    found = judged(run)
    if form == "csv":
        raise UsageError(f"run {run.header.id} is of a check, which has no CSV; give --json")
    if form == "json":
        terminal.show_text(as_json(found))
    else:
        terminal.show(Group(*terminal_table(found)))


def _show_results(path: Path, run: Run, form: Form, reports: Path | None, png: bool | None) -> None:
    from bench.report.kit.results import results_of
    from bench.report.run import columns
    from bench.report.run.tables import result_tables

    results = results_of(path, run)
    if form == "tables":
        terminal.show(result_tables(results))
    else:
        terminal.show_text(columns.as_json(results) if form == "json" else columns.as_csv(results))
    if reports is not None:
        from bench.report.run.build import build_report  # it loads matplotlib

        terminal.show_text(str(build_report(results, reports, png=png)))


def _show_faults(path: Path, run: Run, form: Form, reports: Path | None) -> None:
    from bench.analysis.faults import fault_table
    from bench.report.faults import text as faults
    from bench.report.kit import csv_rows

    table = fault_table(run)
    if form == "tables":
        terminal.show(faults.terminal_table(path, run, table))
    elif form == "json":
        terminal.show_text(faults.as_json(path, run, table))
    else:
        terminal.show_text(csv_rows.csv_text(faults.COLUMNS, faults.rows(table)))
    if reports is not None:
        from bench.report.faults.build import build_report  # likewise

        terminal.show_text(str(build_report(path, run, table, reports)))

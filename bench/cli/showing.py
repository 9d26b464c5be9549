"""A run file as tables, JSON and a report, whatever it is of. What draws is loaded here, after all measuring."""

from pathlib import Path

from bench.cli import comparison_options
from bench.cli.comparison_options import Outputs
from bench.model import Run
from bench.report import terminal


def show(path: Path, *, as_json: bool, reports: Path | None = None) -> None:
    """Print the tables of a run, or the same as JSON; make its report too where a folder for reports is given.

    Raises:
        RunFileError: if the file is not valid.
        StorageError: if the report cannot be written.
    """
    from bench.analysis.faults import is_of_faults
    from bench.store.runs import read

    run = read(path)
    if run.header.plan.gate is not None:
        _show_verdicts(run, as_json=as_json)
        return
    (_show_faults if is_of_faults(run) else _show_results)(path, run, as_json, reports)


def show_check(path: Path, outputs: Outputs) -> int:
    """Show and export the verdicts of a check; give back the exit status."""
    from bench.analysis.gate import judged
    from bench.store.runs import read

    found = judged(read(path))
    comparison_options.show(found, outputs)
    return found.exit_status


def _show_verdicts(run: Run, *, as_json: bool) -> None:
    from rich.console import Group

    from bench.analysis.gate import judged
    from bench.report.comparisons import as_json as to_json
    from bench.report.comparisons import terminal_table

    found = judged(run)
    if as_json:
        terminal.show_text(to_json(found))
    else:
        terminal.show(Group(*terminal_table(found)))


def _show_results(path: Path, run: Run, as_json: bool, reports: Path | None) -> None:
    from bench.report.build import build_report
    from bench.report.columns import as_json as to_json
    from bench.report.results import results_of
    from bench.report.tables import result_tables

    results = results_of(path, run)
    if as_json:
        terminal.show_text(to_json(results))
    else:
        terminal.show(result_tables(results))
    if reports is not None:
        terminal.show_text(str(build_report(results, reports)))


def _show_faults(path: Path, run: Run, as_json: bool, reports: Path | None) -> None:
    from bench.analysis.faults import fault_table
    from bench.report.faults import as_json as to_json
    from bench.report.faults import terminal_table
    from bench.report.faults_report import build_report

    table = fault_table(run)
    if as_json:
        terminal.show_text(to_json(path, run, table))
    else:
        terminal.show(terminal_table(path, run, table))
    if reports is not None:
        terminal.show_text(str(build_report(path, run, table, reports)))

"""`export`: a stored run as a file of another tool."""

from pathlib import Path

import click

from bench.cli.files import write_whole
from bench.cli.options import results_option
from bench.errors import UsageError
from bench.plugins.names import sanitized
from bench.report.export.formats import FORMATS, unexported
from bench.store.runs import find


@click.command("export")
@click.argument("run", required=False)
@click.option("--format", "format_", type=click.Choice(list(FORMATS)), required=True, help="The tool that reads it.")
@click.option("--output", type=click.Path(path_type=Path), metavar="FILE", help="Write it here (standard output).")
@results_option
def command(run: str | None, format_: str, output: Path | None, results: Path) -> None:
    """Export RUN for another tool: a run file, a run's id or the start of one; the latest run if not given.

    Cases that have no time are not exported, and named on standard error.

    \b
    Examples:
      python -m bench export --format pytest-benchmark --output run.json && pytest-benchmark compare run.json
      python -m bench export 20261120T2231 --format github-action-benchmark --output benchmarks.json
    """
    path = find(results, run)
    from bench.analysis.loading import load
    from bench.report.kit import terminal

    stored = load(path)
    without = unexported(stored)
    for name, why in without.items():
        click.echo(sanitized(f"not exported: {name}: {why}"), err=True)
    if len(without) == len(stored.cases):
        raise UsageError(f"no case of {sanitized(str(path))} has a time, so there is nothing to export")
    text = FORMATS[format_](stored)
    if output is None:
        terminal.show_text(text)
    else:
        write_whole(output, text, "--output")

"""`report`: from a run file to tables, charts and pages."""

from pathlib import Path

import click

from bench.cli.options import reports_option, results_option
from bench.store.runs import find


@click.command("report")
@click.argument("run", required=False)
@results_option
@reports_option
@click.option("--json", "as_json", is_flag=True, help="Print the summary as JSON and make no report.")  # fmt: skip
def command(run: str | None, results: Path, reports: Path, as_json: bool) -> None:
    """Make the report of RUN: a run file, a run's id or the start of one; the latest run if not given.

    The last line printed is the path of the report.

    \b
    Examples:
      python -m bench report
      python -m bench report 20261120T2231
      python -m bench report results/20261120T223104Z-1f2e3d.jsonl --reports /tmp/reports
      python -m bench report --json | jq '.cases[] | select(.workload == "primes")'
    """
    path = find(results, run)
    from bench.cli.showing import show

    show(path, as_json=as_json, reports=None if as_json else reports)

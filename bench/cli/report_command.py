"""`report`: from a run file to tables, charts and pages; from several, side by side."""

from collections.abc import Sequence
from pathlib import Path

import click

from bench.cli.forms import Form, form_options
from bench.cli.options import reports_option, results_option
from bench.errors import UsageError
from bench.store.runs import find


@click.command("report")
@click.argument("runs", nargs=-1, metavar="[RUN…]")
@results_option
@reports_option
@click.option("--talk", is_flag=True, help="Make the charts for slides, each with what it takes to cite it.")
@click.option("--png/--no-png", default=None, help="Charts as PNG too (where the run has few workloads).")
@form_options
def command(runs: Sequence[str], results: Path, reports: Path, talk: bool, png: bool | None, form: Form) -> None:
    """Make the report of RUN: a run file, a run's id or the start of one; the latest run if not given.

    Several runs, of other machines, interpreters or days, are put side by side on one page; ratios are to the first.

    The last line printed is the path of the report, or of the folder for the talk.

    \b
    Examples:
      python -m bench report
      python -m bench report 20261120T2231
      python -m bench report results/20261120T223104Z-1f2e3d.jsonl --reports /tmp/reports
      python -m bench report 20261120T2231 20261121T0944
      python -m bench report --talk
      python -m bench report --json | jq '.cases[] | select(.workload == "primes")'
      python -m bench report --csv > cases.csv
    """
    _check(runs, form, talk=talk, png=png)
    paths = [find(results, each) for each in runs] or [find(results, None)]
    from bench.cli import showing

    if talk:
        showing.make_talk(paths[0], reports)
    elif len(paths) > 1:
        showing.show_side_by_side(paths, form=form, reports=reports if form == "tables" else None, png=png)
    else:
        showing.show(paths[0], form=form, reports=reports if form == "tables" else None, png=png)


def _check(runs: Sequence[str], form: Form, *, talk: bool, png: bool | None) -> None:
    """Take the options together.

    Raises:
        UsageError: where they contradict each other.
    """
    if talk and (form != "tables" or png is not None):
        raise UsageError("--talk makes charts, PNGs among them, and nothing else; take away --json, --csv or --png")
    if talk and len(runs) > 1:
        raise UsageError("--talk takes one RUN; several go side by side without it")
    if png is not None and form != "tables":
        raise UsageError(f"--{form} makes no charts; take away --png or --no-png")

"""`report`: from a run file to tables, charts and pages; from several, side by side."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

from bench.cli.forms import Form, form_options
from bench.cli.numbers import Whole
from bench.cli.options import reports_option, results_option
from bench.cli.values import Listed
from bench.errors import UsageError
from bench.report.talk.choice import MOST, Choice
from bench.store.runs import find

ALL = 0
"""What `--top all` means, where a number is wanted."""


class Top(click.ParamType[int]):
    """A number of slides, or `all`."""

    name = "n|all"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        """The number; `ALL` for all of them."""
        if value == "all":
            return ALL
        return Whole(1).convert(value, param, ctx)


@click.command("report")
@click.argument("runs", nargs=-1, metavar="[RUN…]")
@results_option
@reports_option
@click.option("--talk", is_flag=True, help="Make slides, each with what it takes to cite it.")
@click.option(
    "--workload",
    "workloads",
    type=Listed(),
    help="Slides of these workloads (or faults), or patterns of their names (all).",
)
@click.option(
    "--chart",
    "charts",
    type=Listed(),
    help="Slides of these kinds (all): ranking, scaling, tradeoff, rounds, latencies, "
    "phases, over-time, speedup, throughput; of a run of faults: faults.",
)
@click.option("--top", type=Top(), help=f"How many slides, the most telling first; or all ({MOST}).")
@click.option("--png/--no-png", default=None, help="Charts as PNG too (where the run has few workloads).")
@form_options
def command(
    runs: Sequence[str],
    results: Path,
    reports: Path,
    talk: bool,
    png: bool | None,
    form: Form,
    workloads: Sequence[str] | None,
    charts: Sequence[str] | None,
    top: int | None,
) -> None:
    """Make the report of RUN: a run file, a run's id or the start of one; the latest run if not given.

    Several runs, of other machines, interpreters or days, are put side by side on one page; ratios are to the first.

    With --talk, make slides of the run: the ten that tell most, one a story; --top, --workload and --chart choose others.

    The last line printed is the path of the report, or of the folder for the talk.

    \b
    Examples:
      python -m bench report
      python -m bench report 20261120T2231
      python -m bench report results/20261120T223104Z-1f2e3d.jsonl --reports /tmp/reports
      python -m bench report 20261120T2231 20261121T0944
      python -m bench report --talk
      python -m bench report --talk --workload 'primes,messages_*' --chart ranking,scaling
      python -m bench report --talk --top all
      python -m bench report --json | jq '.cases[] | select(.workload == "primes")'
      python -m bench report --csv > cases.csv
    """
    given = {"--workload": workloads, "--chart": charts, "--top": top}
    _check(runs, form, talk=talk, png=png, choosing=[name for name, value in given.items() if value is not None])
    from bench.cli import showing

    if talk:
        choice = Choice(workloads or (), charts or (), MOST if top is None else None if top == ALL else top)
        showing.make_talk(find(results, runs[0]) if runs else None, results, reports, choice)
        return
    paths = [find(results, each) for each in runs] or [find(results, None)]
    if len(paths) > 1:
        showing.show_side_by_side(paths, form=form, reports=reports if form == "tables" else None, png=png)
    else:
        showing.show(paths[0], form=form, reports=reports if form == "tables" else None, png=png)


def _check(runs: Sequence[str], form: Form, *, talk: bool, png: bool | None, choosing: Sequence[str]) -> None:
    """Take the options together; `choosing` are those given that choose slides.

    Raises:
        UsageError: where they contradict each other.
    """
    if choosing and not talk:
        raise UsageError(f"{' and '.join(choosing)} choose{'s' if len(choosing) == 1 else ''} slides; add --talk")
    if talk and (form != "tables" or png is not None):
        raise UsageError("--talk makes charts, PNGs among them, and nothing else; take away --json, --csv or --png")
    if talk and len(runs) > 1:
        raise UsageError("--talk takes one RUN; several go side by side without it")
    if png is not None and form != "tables":
        raise UsageError(f"--{form} makes no charts; take away --png or --no-png")

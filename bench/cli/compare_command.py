"""`compare`: stored runs side by side, with verdicts that know their limits."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import click

from bench.analysis.comparison import Comparisons
from bench.cli.comparison_options import Outputs, comparison_options, show
from bench.cli.options import Listed, Share, results_option
from bench.cli.shares import alpha_option, quantity_option
from bench.errors import UsageError
from bench.selection import CaseFilter
from bench.store.runs import find


@click.command("compare")
@click.argument("runs", nargs=-1, metavar="RUN RUN…")
@click.option(
    "--case",
    "cases",
    multiple=True,
    metavar="PATTERN",
    help="Cases: a name, key or workload, a pattern such as 'primes*', or a part of a name; repeatable (all).",
)
@click.option("--workload", "workloads", type=Listed(), help="Workloads, or patterns of their names (all).")
@click.option("--strategy", "strategies", type=Listed(), help="Strategies, or patterns of their names (all).")
@quantity_option
@click.option("--tolerance", type=Share(), default=0.02, show_default="2%", help="How much of a change is none.")
@alpha_option
@results_option
@comparison_options  # fmt: skip
def command(
    runs: Sequence[str],
    cases: Sequence[str],
    workloads: Sequence[str] | None,
    strategies: Sequence[str] | None,
    quantity: Sequence[str],
    tolerance: float,
    alpha: float,
    results: Path,
    outputs: Outputs,
) -> int:
    """Compare every RUN with the first one. They were measured at different times: a gate is `check`.

    A RUN is a run file, a run's id or the start of one, or a JSON file of pytest-benchmark or pyperf.

    \b
    Examples:
      python -m bench compare 20261120T2231 20261121T0944
      python -m bench compare old.jsonl new.jsonl --workload primes --quantity time,cpu,memory
      python -m bench compare .benchmarks/Linux-CPython-3.11-64bit/000[1-4]_*.json --json
      python -m bench compare before.json.gz after.json.gz --tolerance 5%

    Exit status: 0 good, 1 a case regressed, 2 wrong usage, 3 another verdict that is not accepted.
    """
    if len(runs) < 2:
        raise UsageError("compare takes two runs or more: the base, and what is compared with it")
    paths = [find(results, each) for each in runs]
    found = _compared(paths, CaseFilter(cases, workloads or (), strategies or ()), quantity, tolerance, alpha)
    accepted = [replace(each, accepted=outputs.accepted) for each in found]
    show(accepted if len(accepted) > 1 else accepted[0], outputs)
    statuses = {each.exit_status for each in accepted}
    return 1 if 1 in statuses else max(statuses)


def _compared(
    paths: Sequence[Path], wanted: CaseFilter, quantities: Sequence[str], tolerance: float, alpha: float
) -> list[Comparisons]:
    from bench.analysis.loading import load
    from bench.analysis.stored import chosen
    from bench.analysis.unpaired import compare

    base, *heads = chosen([load(path) for path in paths], wanted)
    return [compare(base, head, quantities, tolerance=tolerance, alpha=alpha) for head in heads]

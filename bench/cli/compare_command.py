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
from bench.store.runs import find


@click.command("compare")
@click.argument("runs", nargs=-1, metavar="RUN RUN…")
@click.option(
    "--case",
    "cases",
    multiple=True,
    metavar="PATTERN",
    help="Cases, by name or key, such as 'primes*'; repeatable (all).",
)
@click.option("--workload", "workloads", type=Listed(), help="Workloads, or patterns of their names (all).")
@click.option("--strategy", "strategies", type=Listed(), help="Strategies, likewise (all).")
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
    found = _compared(paths, (cases, workloads or (), strategies or ()), quantity, tolerance, alpha)
    accepted = [replace(each, accepted=outputs.accepted) for each in found]
    show(accepted if len(accepted) > 1 else accepted[0], outputs)
    statuses = {each.exit_status for each in accepted}
    return 1 if 1 in statuses else max(statuses)


def _compared(
    paths: Sequence[Path],
    filters: tuple[Sequence[str], Sequence[str], Sequence[str]],
    quantities: Sequence[str],
    tolerance: float,
    alpha: float,
) -> list[Comparisons]:
    from bench.analysis.loading import chosen, load
    from bench.analysis.unpaired import compare

    runs = [chosen(load(path), *filters) for path in paths]
    if not any(run.cases for run in runs):
        told = zip(("--case", "--workload", "--strategy"), filters, strict=True)
        asked = " ".join(f"{option} {','.join(names)}" for option, names in told if names)
        raise UsageError(f"no case in {len(runs)} runs fits {asked or 'because they have none'}; see them with: report")
    base, *heads = runs
    return [compare(base, head, quantities, tolerance=tolerance, alpha=alpha) for head in heads]

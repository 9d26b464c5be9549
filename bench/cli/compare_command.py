"""`compare`: stored runs side by side, with verdicts that know their limits."""

import glob
import os
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import click

from bench.analysis.comparison import Comparisons
from bench.analysis.reproduction import again
from bench.cli.comparison_options import Outputs, comparison_options, show
from bench.cli.options import results_option
from bench.cli.shares import alpha_option, quantity_option
from bench.cli.values import Listed, Share
from bench.errors import UsageError
from bench.plugins.names import sanitized, shown_path
from bench.selection import CaseFilter
from bench.sessions.command_line import command_line
from bench.store.runs import find


@click.command("compare")
@click.argument("runs", nargs=-1, metavar="[RUN RUN…]")
@click.option("--base", multiple=True, metavar="'PATTERN'", help="Files of the base, as one sample; repeatable.")
@click.option(
    "--head", multiple=True, metavar="'PATTERN'", help="Files that are compared with it, as one sample; repeatable."
)
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
@click.option("--tolerance", type=Share(), default=0.02, show_default="2%", help="Smaller changes count as no change.")
@alpha_option
@results_option
@comparison_options  # fmt: skip
def command(
    runs: Sequence[str],
    base: Sequence[str],
    head: Sequence[str],
    cases: Sequence[str],
    workloads: Sequence[str] | None,
    strategies: Sequence[str] | None,
    quantity: Sequence[str],
    tolerance: float,
    alpha: float,
    results: Path,
    outputs: Outputs,
) -> int:
    """Compare every RUN with the first one, or the files of --head with those of --base.

    A RUN is a run file, a run's id or the start of one, or a JSON file of pytest-benchmark, pyperf, hyperfine, asv or Google
    Benchmark. A PATTERN is one too, or names several with * in quotes: the files of a side are one sample, and each process
    in them is a value. Stored runs were measured at different times: a gate is `check`.

    \b
    Examples:
      python -m bench compare 20261120T2231 20261121T0944
      python -m bench compare old.jsonl new.jsonl --workload primes --quantity time,cpu,memory
      python -m bench compare --base 'main-*.json' --head 'change-*.json'
      python -m bench compare .benchmarks/Linux-CPython-3.11-64bit/000[1-4]_*.json --json
      python -m bench compare before.json.gz after.json.gz --tolerance 5%

    Exit status: 0 good, 1 a case regressed, 2 wrong usage, 3 another verdict that is not accepted.
    """
    sides = _sides(runs, base, head, results)
    found = _compared(sides, CaseFilter(cases, workloads or (), strategies or ()), quantity, tolerance, alpha)
    reproduce = again(command_line(), {})
    accepted = [replace(each, accepted=outputs.accepted, reproduce=reproduce) for each in found]
    show(accepted if len(accepted) > 1 else accepted[0], outputs)
    statuses = {each.exit_status for each in accepted}
    return 1 if 1 in statuses else max(statuses)


def _sides(runs: Sequence[str], base: Sequence[str], head: Sequence[str], results: Path) -> list[list[Path]]:
    """The files of each side, the base's first."""
    if not base and not head:
        if len(runs) < 2:
            raise UsageError("compare takes two runs or more, the base first, or --base 'a*.json' --head 'b*.json'")
        return [[find(results, each)] for each in runs]
    if runs:
        raise UsageError(
            f"{sanitized(runs[0])!r} belongs to no side; put a pattern in quotes: --base 'a*.json' --head 'b*.json'"
        )
    if not base or not head:
        raise UsageError("--base and --head go together: --base 'a*.json' --head 'b*.json'")
    sides = [[path for each in patterns for path in _files(each, results)] for patterns in (base, head)]
    seen: set[Path] = set()
    for path in (each.resolve() for side in sides for each in side):
        if path in seen:
            raise UsageError(f"{shown_path(path)} is named twice; each file is of one side, and counts once")
        seen.add(path)
    return sides


def _files(pattern: str, results: Path) -> list[Path]:
    """The files that a pattern fits, in the order of their names, or the run that is called so."""
    if os.path.exists(pattern) or not glob.has_magic(pattern):
        return [find(results, pattern)]
    found = sorted(glob.glob(pattern, recursive=True))
    if not found:
        raise UsageError(f"no file fits {sanitized(pattern)!r}")
    return [Path(each) for each in found]


def _compared(
    sides: Sequence[Sequence[Path]], wanted: CaseFilter, quantities: Sequence[str], tolerance: float, alpha: float
) -> list[Comparisons]:
    from bench.analysis.loading import load
    from bench.analysis.pooling import pooled
    from bench.analysis.stored import chosen
    from bench.analysis.unpaired import compare

    base, *heads = chosen([pooled([load(path) for path in side]) for side in sides], wanted)
    return [compare(base, head, quantities, tolerance=tolerance, alpha=alpha) for head in heads]

"""`run`: measure a selection and show its tables."""

from typing import Any

import click

from bench.cli.main import INTERRUPTED
from bench.cli.measuring import Measured, measure
from bench.cli.options import measuring_options, wishes


@click.command("run")
@click.argument("selection", nargs=-1)
@measuring_options
@click.option("--json", "as_json", is_flag=True, help="Print the summary as JSON.")
def command(selection: tuple[str, ...], as_json: bool, **options: Any) -> int:
    """Measure workloads under strategies, and show a table of each.

    SELECTION names workloads, or patterns such as 'p*'; all of them if there is none. A file or package.module:function
    of your own works too.

    \b
    Examples:
      python -m bench run primes
      python -m bench run primes --strategy serial,process_pool --workers 1,2 --scale quick
      python -m bench run thumbnails --start-method fork,spawn --budget 90s
      python -m bench run matrix --option blas_threads=1,default
      python -m bench run mine.py:resize --inputs paths.jsonl
    """
    return show(measure(wishes(selection, **options)), as_json=as_json)


def show(measured: Measured, *, as_json: bool) -> int:
    """Print what was measured; give back the exit status."""
    from bench.report import terminal  # only now: nothing of the report is loaded while measuring
    from bench.report.columns import as_json as to_json
    from bench.report.results import load_results
    from bench.report.tables import result_tables

    results = load_results(measured.path)
    if as_json:
        terminal.show_text(to_json(results))
    else:
        terminal.show(result_tables(results))
    return exit_status(measured)


def exit_status(measured: Measured) -> int:
    """130 where the user interrupted, 3 where a case failed, 0 otherwise."""
    if measured.interrupted:
        return INTERRUPTED
    return 3 if measured.failed else 0

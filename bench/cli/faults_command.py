"""`faults`: what every strategy does when a task goes wrong."""

from collections.abc import Sequence
from pathlib import Path

import click

from bench.cli.numbers import Whole
from bench.cli.options import reports_option, results_option
from bench.cli.progress import RunProgress
from bench.cli.values import Duration, Listed
from bench.measure.engine.faults import AT_ONCE
from bench.sessions.faults import FaultRequest, put_through
from bench.sessions.recording import exit_status
from bench.store.runs import check_writable

_LIMIT_S = 4.0
"""mpire looks after dead workers every second or two; what tells at all tells sooner than this."""


@click.command("faults")
@click.option("--fault", "wanted", type=Listed(), default=[], help="Faults, by the names in the table (all).")
@click.option(
    "--strategy", type=Listed(), default=[], help="Strategies of the pattern map, or files that define them (all)."
)
@click.option("--start-method", type=click.Choice(["fork", "spawn", "forkserver"]), help="How processes start.")
@click.option(
    "--time-limit",
    type=Duration(),
    default=_LIMIT_S,
    show_default=True,
    help="Seconds after which a strategy that says nothing and uses no CPU hangs.",
)
@click.option(
    "--at-once",
    type=Whole(1, 64),
    default=AT_ONCE,
    show_default=True,
    help="How many strategies meet a fault at the same time.",
)
@results_option
@reports_option
@click.option("--json", "as_json", is_flag=True, help="Print the table as JSON and make no report.")  # fmt: skip
def command(
    wanted: Sequence[str],
    strategy: Sequence[str],
    start_method: str | None,
    time_limit: float,
    at_once: int,
    results: Path,
    reports: Path,
    as_json: bool,
) -> int:
    """Put every strategy for a map through every fault: workers that die, results that do not pickle, floods and more.

    Shows what came of it - results, an exception, nothing forever - how long that took to be noticed, and the
    processes that were left. The last line printed is the path of the report. Ends with status 3 where a strategy does
    not even give results of tasks in which nothing goes wrong.

    \b
    Examples:
      python -m bench faults
      python -m bench faults --strategy pool_map,process_pool --start-method spawn
      python -m bench faults --fault is_killed,gives_a_lambda --json
      python -m bench faults --strategy mine.py
    """
    if not as_json:
        check_writable(reports, "--reports")
    with RunProgress() as progress:
        measured = put_through(FaultRequest(wanted, strategy, start_method, time_limit, at_once, results), progress)
    from bench.cli.showing import show  # only now: nothing of the report is loaded while measuring

    show(
        measured.path,
        form="json" if as_json else "tables",
        reports=None if as_json or measured.interrupted else reports,
    )
    return exit_status(measured)

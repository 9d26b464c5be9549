"""`faults`: what every strategy does when a task goes wrong."""

import time
from collections.abc import Sequence
from pathlib import Path

import click

from bench import sources, units
from bench.cli.measuring import check_available, names_for
from bench.cli.options import Duration, Listed, reports_option, results_option
from bench.cli.progress import RunProgress
from bench.cli.recording import Amounts, Straight, exit_status, header_of, plan_of, record
from bench.cli.run_news import RunNews
from bench.measure import catalogue, environment, faults
from bench.measure.conditions import Conditions
from bench.measure.interpreter import python_name
from bench.store.runs import RunWriter, check_writable

_LIMIT_S = 4.0
"""mpire looks after dead workers every second or two; what tells at all tells sooner than this."""
_SEED = 1


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
    type=click.IntRange(1, 64),
    default=faults.AT_ONCE,
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

    Shows what came of it - results, an exception, nothing for ever - how long that took to be noticed, and the
    processes that were left. The last line printed is the path of the report. Ends with status 3 where a strategy does
    not even give results of tasks in which nothing goes wrong.

    \b
    Examples:
      python -m bench faults
      python -m bench faults --strategy pool_map,process_pool --start-method spawn
      python -m bench faults --fault is_killed,gives_a_lambda --json
      python -m bench faults --strategy mine.py
    """
    began_s = time.monotonic()
    check_writable(results)
    if not as_json:
        check_writable(reports, "--reports")
    progress = RunProgress()
    try:
        progress.say("looking for strategies and faults")
        files = list(filter(sources.is_source, strategy))
        found = catalogue.find([*faults.SOURCES, *files])
        names = names_for(strategy, "strategy", found.strategies)
        planned = faults.expand(found, wanted, names, start_method, python_name())
        check_available(planned)
        conditions = Conditions(_SEED, time_limit, sample_hz=0, inputs=None)
        one_round = Amounts(1, {each.case.key: 1 for each in planned if not each.unavailable})
        plan = plan_of(conditions, planned, one_round, [*faults.SOURCES, *files])
        header = header_of(plan, environment.describe(found.packages, identify=False))
        progress.line(
            f"putting {units.counted(len({each.strategy.name for each in planned}), 'strategy', 'strategies')} through "
            f"{units.counted(len(plan.works), 'fault')}: {units.counted(len(planned), 'case')}, "
            f"{units.seconds(time_limit)} each, {at_once} at once"
        )
        with RunWriter(results, header) as writer:
            blocks = faults.go_through(conditions, planned, at_once)
            measured = record(writer, Straight(blocks, began_s), RunNews(plan, files), progress)
    finally:
        progress.close()
    from bench.cli.showing import show  # only now: nothing of the report is loaded while measuring

    show(
        measured.path,
        form="json" if as_json else "tables",
        reports=None if as_json or measured.interrupted else reports,
    )
    return exit_status(measured)

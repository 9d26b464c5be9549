"""Strategies put through faults, from the user's request to a finished run file."""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from bench import units
from bench.machine import environment
from bench.machine.interpreter import python_name
from bench.measure.engine.faults import go_through
from bench.measure.engine.time_limit import TimeLimit
from bench.measure.plan import catalogue
from bench.measure.plan.fault_cases import SOURCES, expand
from bench.plugins import sources
from bench.records.conditions import Conditions
from bench.records.run import Purpose
from bench.sessions.progress import Progress
from bench.sessions.recording import Amounts, Measured, Straight, header_of, plan_of, record
from bench.sessions.run import check_available, names_for
from bench.sessions.run_news import RunNews
from bench.store.runs import RunWriter, check_writable

_SEED = 1


@dataclass(frozen=True, slots=True)
class FaultRequest:
    """What the user wants tried, and how."""

    faults: Sequence[str]
    """Their names; all if empty."""
    strategies: Sequence[str]
    """Names, or files that define them; all of the pattern `map` if empty."""
    start_method: str | None
    time_limit_s: float
    at_once: int
    """How many strategies meet a fault at the same time."""
    results: Path


def put_through(request: FaultRequest, progress: Progress) -> Measured:
    """Put every strategy through every fault; what is finished is in the run file, whatever happens then.

    Raises:
        BenchError: for a wrong request, or where results cannot be stored.
        Interrupted: if the command is, before the first block.
    """
    began_s = time.monotonic()
    check_writable(request.results)
    progress.say("looking for strategies and faults")
    files = list(filter(sources.is_source, request.strategies))
    found = catalogue.find([*SOURCES, *files])
    names = names_for(request.strategies, "strategy", found.strategies)
    planned = expand(found, request.faults, names, request.start_method, python_name())
    check_available(planned)
    conditions = Conditions(_SEED, None, request.time_limit_s, sample_hz=0)
    one_round = Amounts(1, {each.case.key: 1 for each in planned if not each.unavailable})
    plan = plan_of(conditions, planned, one_round, [*SOURCES, *files], purpose=Purpose.FAULTS)
    header = header_of(plan, environment.describe(found.packages, identify=False))
    progress.line(
        f"putting {units.counted(len({each.strategy.name for each in planned}), 'strategy', 'strategies')} through "
        f"{units.counted(len(plan.works), 'fault')}: {units.counted(len(planned), 'case')}, "
        f"{units.seconds(request.time_limit_s)} each, {request.at_once} at once"
    )
    with RunWriter(request.results, header) as writer:
        blocks = go_through(conditions, planned, request.at_once)
        return record(writer, Straight(blocks, TimeLimit(began_s)), RunNews(plan, files), progress)

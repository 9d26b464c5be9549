"""The rest of a run that was cut: the blocks that its file lacks of its plan, measured by the same means."""

import time
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path

from bench.errors import UsageError
from bench.measure.engine.faults import go_through
from bench.measure.engine.seats import Seats
from bench.measure.engine.time_limit import TimeLimit
from bench.measure.plan.cases import PlannedCase
from bench.measure.plan.fault_cases import SOURCES
from bench.measure.plan.version import Version
from bench.records.block import Outcome
from bench.records.run import Header, Purpose, Run
from bench.sessions import interpreters
from bench.sessions.again import command, inputs_again, to_finish
from bench.sessions.busy import Watch
from bench.sessions.going_on import GoingOn
from bench.sessions.interpreters import Installed, Wanted
from bench.sessions.progress import Progress
from bench.sessions.recording import Earlier, Measured, Source, Straight, record
from bench.sessions.run import modules_of
from bench.sessions.run_news import RunNews
from bench.sessions.same_again import (
    cannot_go_on,
    check_machine,
    check_modules,
    check_tool,
    check_unfinished,
    named_again,
    not_named,
    spent_s,
)
from bench.store.runs import RunWriter, read
from bench.units import are, blocks_of


def resume(path: Path, given: Sequence[str], inputs: str | None, progress: Progress, pythons: Wanted) -> Measured:
    """Measure what the run in a file lacks, and append it.

    Args:
        path: the run file.
        given, inputs: the user's own sources and inputs, named again: a file that somebody made up runs no code.
        progress: told where it stands.
        pythons: the interpreters, likewise.

    Raises:
        RunFileError: if the file is not valid.
        UsageError: if nothing is missing, or the run cannot go on here; says what differs.
        StorageError: if the file cannot be written, or another process is writing it.
    """
    began_s = time.monotonic()
    with RunWriter.reopen(path) as writer:
        run = read(path)
        if run.header.plan.purpose is Purpose.CHECK:
            raise UsageError(f"{path} holds a check; {to_finish('check', given, path)}")
        check_unfinished(path, run)
        progress.say("looking for workloads and strategies")
        watch = Watch()
        planned, version = planned_again(path, run.header, given, inputs, progress, pythons)
        progress.line(f"finishing {run.header.id}: {are(blocks_of(len(run.blocks), run.header.plan.blocks))} there")
        watch.say_if_busy(progress.line)
        earlier = Earlier(run.blocks, spent_s(run))
        again = [*given, *inputs_again(inputs)]
        writer.identified = keep_paths = run.header.environment.identity is not None
        with ExitStack() as stack:
            if run.header.plan.purpose is Purpose.FAULTS:
                source: Source = _untried(run, planned, began_s)
            else:
                seats = Seats(run.header.plan.conditions, progress.say, inputs=inputs, keep_paths=keep_paths)
                source = _rest(run, planned, stack.enter_context(seats), version, began_s)
            return record(writer, source, RunNews(run.header.plan, again, run.blocks), progress, earlier)


def _untried(run: Run, planned: Sequence[PlannedCase], began_s: float) -> Source:
    """The blocks of faults that no strategy was put through yet."""
    begun = {block.case for block in run.blocks}
    undone = [each for each in planned if each.case.key not in begun]
    return Straight(go_through(run.header.plan.conditions, undone), TimeLimit(began_s))


def _rest(run: Run, planned: Sequence[PlannedCase], seats: Seats, version: Version, began_s: float) -> Source:
    """The blocks that are not there of a run that ranks cases."""
    failed = {block.case for block in run.blocks if block.outcome is not Outcome.OK}
    seats.prepare([each for each in planned if each.case.key not in failed])
    return GoingOn(seats, planned, run.header.plan, version, began_s, run.blocks, spent_s(run))


def planned_again(
    path: Path, header: Header, given: Sequence[str], inputs: str | None, progress: Progress, pythons: Wanted
) -> tuple[list[PlannedCase], Version]:
    """The cases of the plan, as they can be measured here, and the version of the user's files.

    Raises:
        UsageError: if the tool, the environment, the user's files or what they define differ.
    """
    check_tool(header)
    mine = [each for each in header.plan.sources if each in SOURCES]
    again = named_again(
        path, header, [*mine, *given], inputs, lambda words: command("run", *words, "--resume", str(path))
    )
    there = header.plan.interpreters
    if there and not pythons:
        raise not_named(header, command("run", *again, "--resume", str(path), *interpreters.wanted_again(there).again))
    installed = interpreters.opened(pythons, again, progress)
    version = Version(modules_of(installed), inputs)
    check_modules(header, version)
    check_machine(header, installed[0].found.packages)
    if changed := list(interpreters.changed(there, [each.record for each in installed if each.record is not None])):
        raise cannot_go_on(header, changed)
    return _matched(header, installed), version


def _matched(header: Header, installed: Sequence[Installed]) -> list[PlannedCase]:
    at = {each.name: each for each in installed}
    matched = []
    for case in header.plan.cases:
        here = at.get(case.python, installed[0])
        workload = next((each for each in here.found.workloads if each.name == case.workload), None)
        strategy = next((each for each in here.found.strategies if each.name == case.strategy), None)
        if workload is None or strategy is None:
            raise cannot_go_on(header, [f"there is no {case.workload} with {case.strategy} any more"])
        matched.append(PlannedCase(case, workload, strategy, here.site))
    return matched

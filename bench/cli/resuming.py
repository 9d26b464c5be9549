"""The rest of a run that was cut: the blocks that its file lacks of its plan, measured by the same means."""

import shlex
import time
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path

import bench
from bench.analysis.faults import is_of_faults
from bench.catalogue import Catalogue
from bench.cli.busy import Watch
from bench.cli.going_on import GoingOn
from bench.cli.measuring import inputs_again
from bench.cli.progress import RunProgress
from bench.cli.recording import Earlier, Measured, Source, Straight, conditions_of, record
from bench.errors import UsageError
from bench.measure import catalogue, environment, provenance
from bench.measure.cases import PlannedCase
from bench.measure.conditions import Conditions
from bench.measure.faults import SOURCES, go_through
from bench.measure.seats import Seats
from bench.measure.version import Version
from bench.model import SCHEMA_VERSION, Header, Outcome, Run
from bench.store.published import published
from bench.store.runs import RunWriter, read
from bench.units import blocks_of


def resume(path: Path, given: Sequence[str], inputs: str | None) -> Measured:
    """Measure what the run in a file lacks, and append it.

    Args:
        path: the run file.
        given, inputs: the user's own sources and inputs, named again: a file that somebody made up runs no code.

    Raises:
        RunFileError: if the file is not valid.
        UsageError: if nothing is missing, or the run cannot go on here; says what differs.
        StorageError: if the file cannot be written, or another process is writing it.
    """
    began_s = time.monotonic()
    progress = RunProgress()
    try:
        with RunWriter.reopen(path) as writer:
            run = read(path)
            if run.ending is not None and run.ending.status == "complete":
                raise UsageError(f"{path} is complete: there is nothing to finish")
            progress.say("looking for workloads and strategies")
            watch = Watch()
            planned, version = planned_again(path, run.header, given, inputs, progress)
            progress.line(f"finishing {run.header.id}: {blocks_of(len(run.blocks), run.header.plan.blocks)} are there")
            watch.say_if_busy(progress.line)
            earlier = Earlier(run.blocks, _spent_s(run))
            again = [*given, *inputs_again(inputs)]
            writer.identified = keep_paths = run.header.environment.identity is not None
            conditions = conditions_of(run.header.plan, inputs, keep_paths=keep_paths)
            with ExitStack() as stack:
                source = _rest(run, planned, conditions, progress, version, stack, began_s)
                return record(writer, run.header.plan, source, progress, earlier, again)
    finally:
        progress.close()


def _rest(
    run: Run,
    planned: Sequence[PlannedCase],
    conditions: Conditions,
    progress: RunProgress,
    version: Version,
    stack: ExitStack,
    began_s: float,
) -> Source:
    """Where the blocks come from that are not there; `stack` ends what that takes."""
    if is_of_faults(run):
        begun = {block.case for block in run.blocks}
        undone = [each for each in planned if each.case.key not in begun]
        return Straight(go_through(conditions, undone), began_s)
    seats = stack.enter_context(Seats(conditions, progress.say))
    failed = {block.case for block in run.blocks if block.outcome is not Outcome.OK}
    seats.first.prepare([each for each in planned if each.case.key not in failed])
    return GoingOn(seats, planned, run.header.plan, version, began_s, run.blocks, _spent_s(run))


def planned_again(
    path: Path, header: Header, given: Sequence[str], inputs: str | None, progress: RunProgress
) -> tuple[list[PlannedCase], Version]:
    """The cases of the plan, as they can be measured here, and the version of the user's files.

    Raises:
        UsageError: if the tool, the environment, the user's files or what they define differ.
    """
    plan = header.plan
    if (header.schema, header.tool) != (SCHEMA_VERSION, bench.__version__):
        raise _cannot_go_on(header, [f"concurrency-bench was {header.tool} and is {bench.__version__}"])
    mine = [each for each in plan.sources if each in SOURCES]
    theirs = {name: digest for name, digest in plan.sources.items() if name not in mine}
    again, wrong = provenance.found_again(theirs, given)
    again_inputs, wrong_inputs = provenance.found_again(plan.inputs, [] if inputs is None else [inputs])
    if wrong or wrong_inputs:
        raise _cannot_go_on(header, [*wrong, *wrong_inputs])
    if (len(again), len(again_inputs)) != (len(theirs), len(plan.inputs)):
        words = [*theirs, *(word for each in plan.inputs for word in inputs_again(each)), "--resume", str(path)]
        raise UsageError(
            f"{header.id} measured code of your own, which runs only where you name it: "
            f"{shlex.join(['python', '-m', 'bench', 'run', *words])}"
        )
    found = catalogue.find([*mine, *again])
    version = Version(found.modules, inputs)
    if changed := list(provenance.changed_modules(plan.modules, version.modules)):
        raise _cannot_go_on(header, changed)
    for warning in found.warnings:
        progress.line(f"warning: {warning}")
    is_identified = header.environment.identity is not None
    here = published(environment.describe(found.packages, identify=is_identified), identified=is_identified)
    if different := list(provenance.differences(header.environment, here)):
        raise _cannot_go_on(header, different)
    return _matched(header, found), version


def _matched(header: Header, found: Catalogue) -> list[PlannedCase]:
    workloads = {each.name: each for each in found.workloads}
    strategies = {each.name: each for each in found.strategies}
    wanted = [(case, workloads.get(case.workload), strategies.get(case.strategy)) for case in header.plan.cases]
    gone = [case for case, workload, strategy in wanted if workload is None or strategy is None]
    if gone:
        raise _cannot_go_on(header, [f"there is no {gone[0].workload} with {gone[0].strategy} any more"])
    return [PlannedCase(case, workload, strategy) for case, workload, strategy in wanted if workload and strategy]


def _cannot_go_on(header: Header, reasons: Sequence[str]) -> UsageError:
    return UsageError(f"cannot finish {header.id} here: {'; '.join(reasons)}; measure anew, or where it was measured")


def _spent_s(run: Run) -> float:
    """What the parts before took: as the last of them says, or else, where it was cut, its blocks at the least."""
    if run.ending is not None:
        return run.ending.wall_s
    return sum(block.whole.wall_s for block in run.blocks if block.whole is not None)

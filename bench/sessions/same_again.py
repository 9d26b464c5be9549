"""Whether a run or a check that was cut can go on here: with the same tool, code, inputs, packages and machine."""

import math
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import bench
from bench.analysis.base import setting
from bench.errors import UsageError
from bench.machine import environment
from bench.measure.engine.faults import AT_ONCE
from bench.measure.plan import provenance
from bench.measure.plan.fault_cases import SOURCES
from bench.measure.plan.version import Version
from bench.records.run import SCHEMA_VERSION, Header, Plan, Purpose, Run
from bench.sessions.again import inputs_of
from bench.store.published import published


def check_unfinished(path: Path, run: Run) -> None:
    """The run in a file lacks something.

    Raises:
        UsageError: if nothing.
    """
    if run.ending is not None and run.ending.status == "complete":
        raise UsageError(f"{path} is complete: there is nothing to finish")


def check_tool(header: Header) -> None:
    """This version of the tool measured it.

    Raises:
        UsageError: if another did.
    """
    if (header.schema, header.tool) != (SCHEMA_VERSION, bench.__version__):
        raise cannot_go_on(header, [f"concurrency-bench was {header.tool} and is {bench.__version__}"])


def named_again(
    path: Path, header: Header, given: Sequence[str], inputs: str | None, how: Callable[[Sequence[str]], str]
) -> list[str]:
    """The sources of a run as they are named now: a file that somebody made up runs no code.

    Args:
        path: of the run file.
        header: its first line.
        given, inputs: what the user names.
        how: tells the command that names the words.

    Raises:
        UsageError: if something of the user's own is not named again, or has changed, or was not measured.
    """
    plan = header.plan
    again, wrong = provenance.found_again(plan.sources, given)
    again_inputs, wrong_inputs = provenance.found_again(plan.inputs, [] if inputs is None else [inputs])
    if wrong or wrong_inputs:
        raise cannot_go_on(header, [*wrong, *wrong_inputs])
    if (len(again), len(again_inputs)) != (len(plan.sources), len(plan.inputs)):
        theirs = [each for each in plan.sources if each not in SOURCES]
        raise not_named(header, how([*theirs, *inputs_of(plan)]))
    return again


def not_named(header: Header, how: str) -> UsageError:
    """What is said where the user has to name something; `how` tells the command."""
    return UsageError(f"{header.id} measured code of your own, which runs only where you name it: {how}")


def check_modules(header: Header, version: Version) -> None:
    """The files of the user's modules are as they were.

    Raises:
        UsageError: if one is not.
    """
    if changed := list(provenance.changed_modules(header.plan.modules, version.modules)):
        raise cannot_go_on(header, changed)


def check_machine(header: Header, packages: Mapping[str, str]) -> None:
    """The machine and its software are as they were; `packages` are the versions that the user's code has brought.

    Raises:
        UsageError: if they are not.
    """
    is_identified = header.environment.identity is not None
    here = published(environment.describe(dict(packages), identify=is_identified), identified=is_identified)
    if different := list(provenance.differences(header.environment, here)):
        raise cannot_go_on(header, different)


def cannot_go_on(header: Header, reasons: Sequence[str]) -> UsageError:
    """What is said where something differs."""
    return UsageError(f"cannot finish {header.id} here: {'; '.join(reasons)}; measure anew, or where it was measured")


def spent_s(run: Run) -> float:
    """What the parts before took: as the last of them says, or else, where it was cut, what its blocks took at the least."""
    if run.ending is not None:
        return run.ending.wall_s
    lasted_s = [(block, block.whole.wall_s + block.rested_s) for block in run.blocks if block.whole is not None]
    if run.header.plan.purpose is Purpose.FAULTS:
        every_s = [each_s for _, each_s in lasted_s]
        return max(math.fsum(every_s) / AT_ONCE, max(every_s, default=0.0))
    together = _ensembles(run.header.plan)
    longest_s: dict[tuple[str, ...], float] = {}
    for block, each_s in lasted_s:
        ensemble = *together[block.case], str(block.repetition)
        longest_s[ensemble] = max(each_s, longest_s.get(ensemble, 0.0))
    return math.fsum(longest_s.values())


def _ensembles(plan: Plan) -> dict[str, tuple[str, ...]]:
    """By case key, what blocks of one repetition have in common that are there together and take turns."""
    if plan.purpose is Purpose.CHECK:
        return {case.key: (case.key,) for case in plan.cases}
    return {case.key: (case.workload, case.scale, setting(case, plan)) for case in plan.cases}

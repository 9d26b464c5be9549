"""Blocks on their way into the run file, whoever has them measured: a run, the rest of one, or strategies under faults."""

import shlex
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import bench
from bench import interruption
from bench.analysis.faults import CONTROL
from bench.cli.options import command_line
from bench.cli.progress import RunProgress
from bench.errors import StorageError
from bench.measure.cases import PlannedCase
from bench.measure.schedule import MIN_REPETITIONS
from bench.model import SCHEMA_VERSION, Block, Case, Ending, Environment, Header, Outcome, Plan, Work
from bench.patterns import PATTERNS
from bench.store.runs import RunWriter, new_run_id

_BENCH = ("python", "-m", "bench")


@dataclass(frozen=True, slots=True)
class Measured:
    """A run that has ended."""

    path: Path
    interrupted: bool
    failed: bool
    """Whether a case has an outcome other than `ok` and `unavailable`."""
    kept: int
    """Blocks in the run file."""
    planned: int


class Budget:
    """Says before each repetition whether there is time for it, going by how long the one before took."""

    def __init__(self, budget_s: float | None, began_s: float) -> None:
        """From now on; `began_s` is when the command began, on the monotonic clock."""
        self._budget_s = budget_s
        self._began_s = began_s
        self._last_s = time.monotonic()
        self.is_spent = False

    def allows(self, repetition: int) -> bool:
        """Whether the repetition of this number may be measured; the first few at any rate."""
        now_s = time.monotonic()
        took_s, self._last_s = now_s - self._last_s, now_s
        if self._budget_s is None or repetition < MIN_REPETITIONS:
            return True
        self.is_spent = now_s + took_s - self._began_s > self._budget_s
        return not self.is_spent


def exit_status(measured: Measured) -> int:
    """130 where the user interrupted, 3 where a case failed, 0 otherwise."""
    if measured.interrupted:
        return interruption.EXIT_STATUS
    return 3 if measured.failed else 0


def works(planned: Sequence[PlannedCase]) -> dict[str, Work]:
    """What the analysis has to know of each workload, by name."""
    return {
        each.workload.name: Work(
            each.workload.pattern,
            each.workload.bound,
            PATTERNS[each.workload.pattern].baseline,
            list(each.workload.options),
            each.workload.fault,
        )
        for each in planned
    }


def header_of(plan: Plan, surroundings: Environment) -> Header:
    """The first line of a run that begins now."""
    now = datetime.now(UTC)
    return Header(
        schema=SCHEMA_VERSION,
        id=new_run_id(now),
        tool=bench.__version__,
        started_utc=now.isoformat(timespec="seconds"),
        command=command_line(),
        environment=surroundings,
        plan=plan,
    )


@dataclass(frozen=True, slots=True)
class Earlier:
    """What a run file already holds."""

    blocks: Sequence[Block] = ()
    wall_s: float = 0.0


@interruption.held()
def record(
    writer: RunWriter,
    plan: Plan,
    blocks: Iterable[Block],
    progress: RunProgress,
    budget: Budget,
    began_s: float,
    earlier: Earlier = Earlier(),
    again: Sequence[str] = (),
) -> Measured:
    """Store each block as it ends, then the ending.

    Args:
        writer: of the run's file.
        plan: what the blocks are of.
        blocks: measures the next one whenever it is asked for it.
        progress: is told where the run stands, and what went wrong.
        budget: why there may be fewer blocks than planned.
        began_s: when the command began, on the monotonic clock.
        earlier: what is in the file already.
        again: the user's own sources and inputs, as they have to be given to finish the run.
    """
    status = "complete"
    cases = {case.key: case for case in plan.cases}
    rounds_s = sum(_rounds_s(block) for block in earlier.blocks)
    failed = any(_has_failed(block, cases[block.case], plan) for block in earlier.blocks)
    kept = len(earlier.blocks)
    progress.planned(plan.blocks, plan.repetitions, kept)
    interruption.keeps(_kept(writer.path, kept, plan, again))
    try:
        for block in blocks:
            writer.append(block)
            kept += 1
            interruption.keeps(_kept(writer.path, kept, plan, again))
            rounds_s += _rounds_s(block)
            case = cases[block.case]
            name = f"{case.workload} {case.strategy}"
            if _has_failed(block, case, plan):
                failed = True
                progress.line(f"{name}: {block.outcome}: {block.reason}")
            progress.measuring(name)
        if budget.is_spent:
            status = "budget"
    except interruption.Interrupted:
        status = "interrupted"
    except StorageError as error:
        if not writer.path.exists():
            raise
        raise StorageError(f"{error}; {_kept(writer.path, kept, plan, again)}") from error
    wall_s = time.monotonic() - began_s + earlier.wall_s
    writer.append(Ending(datetime.now(UTC).isoformat(timespec="seconds"), status, wall_s, rounds_s))
    return Measured(writer.path, status == "interrupted", failed, kept, plan.blocks)


def _kept(path: Path, kept: int, plan: Plan, again: Sequence[str]) -> str:
    """What the line of an interruption says from now on."""
    if kept == plan.blocks:
        return f"all {kept} blocks are kept in {path}; see them with: {shlex.join([*_BENCH, 'report', str(path)])}"
    there = f"{kept} of {plan.blocks} planned blocks are kept in {path}"
    return f"{there}; finish it with: {shlex.join([*_BENCH, 'run', *again, '--resume', str(path)])}"


def _rounds_s(block: Block) -> float:
    return sum(each.wall_s for each in block.rounds)


def _has_failed(block: Block, case: Case, plan: Plan) -> bool:
    """Whether a case went wrong that should not have: demonstrations are to be wrong, and faults to fail."""
    if block.outcome in (Outcome.OK, Outcome.UNAVAILABLE):
        return False
    if plan.works[case.workload].fault:
        return case.workload == CONTROL
    return not (case.strategy in plan.demonstrations and block.outcome is Outcome.WRONG)

"""Blocks on their way into the run file, whoever has them measured: a run, a check, the rest of one, or strategies under faults."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol

import bench
from bench.errors import EditedError, StorageError
from bench.measure.engine.time_limit import TimeLimit
from bench.measure.plan import provenance
from bench.measure.plan.cases import PlannedCase
from bench.patterns import PATTERNS
from bench.processes import interruption
from bench.records.block import Block
from bench.records.conditions import Conditions
from bench.records.machine import Environment
from bench.records.run import SCHEMA_VERSION, Addition, Ending, Header, Plan, Purpose, Work
from bench.sessions.command_line import command_line
from bench.sessions.progress import Progress
from bench.store.published import check_options
from bench.store.runs import RunWriter, new_run_id
from bench.units import are


@dataclass(frozen=True, slots=True)
class Measured:
    """A run that has ended."""

    path: Path
    ending: Ending
    has_failed: bool
    """Whether a case went wrong that should not have."""

    @property
    def interrupted(self) -> bool:
        """Whether the user has ended it."""
        return self.ending.status == "interrupted"

    @property
    def edited(self) -> bool:
        """Whether an edit of what is measured has."""
        return bool(self.ending.edited)


@dataclass(frozen=True, slots=True)
class Amounts:
    """How much is measured of each case; see `bench.records.run.Plan`."""

    repetitions: int = 0
    rounds: dict[str, int] = field(default_factory=dict)
    precision: float | None = None


class Source(Protocol):
    """Where blocks come from."""

    def blocks(self) -> Iterator[Block | Addition]:
        """The next ones, each measured when it is asked for; and, before the first block of cases that are taken on, what names them."""

    @property
    def spent_s(self) -> float:
        """Since the command began, seconds."""

    @property
    def left_s(self) -> float | None:
        """Seconds that there are still at most; None where that is not known."""

    @property
    def is_cut(self) -> bool:
        """Whether the time was over before every case had blocks enough; told once all blocks are there."""

    def left_over(self) -> Sequence[str]:
        """Lines on what there was no time for; told then, too."""


class News(Protocol):
    """What is said of a run while its blocks come, and what is kept of it."""

    kept: int
    """Blocks in the file."""
    planned: int | None
    """How many there will be, where that is known."""
    has_failed: bool
    """Whether a case went wrong that should not have."""

    def take_on(self, addition: Addition) -> None:
        """There are more cases from here on."""

    def add(self, block: Block) -> Iterable[str]:
        """Count a block that was stored; the lines that are said of it."""

    def stands(self, block: Block) -> str:
        """Where the run stands after a block, in a few words."""

    @property
    def counted(self) -> str:
        """What is kept, in a few words."""

    def what_now(self, path: Path) -> str:
        """What can be done with what is kept in a file, in a few words with the command."""


@dataclass(slots=True)
class Straight:
    """Blocks that end by themselves."""

    made: Iterator[Block]
    limit: TimeLimit
    left_s: float | None = None
    is_cut: bool = False

    def blocks(self) -> Iterator[Block]:
        """As they are."""
        return self.made

    @property
    def spent_s(self) -> float:
        """Since the command began."""
        return self.limit.spent_s

    def left_over(self) -> Sequence[str]:
        """None."""
        return ()


def exit_status(measured: Measured) -> int:
    """130 where the user interrupted, 3 where a case failed, 0 otherwise."""
    if measured.interrupted:
        return interruption.EXIT_STATUS
    return 3 if measured.has_failed or measured.edited else 0


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


def plan_of(
    conditions: Conditions,
    planned: Sequence[PlannedCase],
    chosen: Amounts,
    named: Sequence[str],
    inputs: str | None = None,
    purpose: Purpose = Purpose.RANKING,
) -> Plan:
    """What a run file says of the cases, their number of rounds and what holds for them.

    Args:
        conditions: what holds for every block.
        planned: the cases, those that are unavailable among them.
        chosen: how much is measured of each that is not.
        named: files, functions and modules that workloads and strategies are loaded from.
        inputs: the user's.
        purpose: what all that is for.
    """
    return Plan(
        cases=[each.case for each in planned],
        repetitions=chosen.repetitions,
        rounds=chosen.rounds,
        works=works(planned),
        conditions=conditions,
        demonstrations=sorted({each.strategy.name for each in planned if each.strategy.demonstration}),
        sources=provenance.fingerprints(named),
        inputs=provenance.fingerprints([inputs] if inputs else []),
        precision=chosen.precision,
        purpose=purpose,
    )


def header_of(plan: Plan, surroundings: Environment) -> Header:
    """The first line of a run that begins now.

    Raises:
        UsageError: if an option's value must not be published.
    """
    now = datetime.now(UTC)
    header = Header(
        schema=SCHEMA_VERSION,
        id=new_run_id(now),
        tool=bench.__version__,
        started_utc=now.isoformat(timespec="seconds"),
        command=command_line(),
        environment=surroundings,
        plan=plan,
    )
    check_options(header)
    return header


@dataclass(frozen=True, slots=True)
class Earlier:
    """What a run file already holds."""

    blocks: Sequence[Block] = ()
    wall_s: float = 0.0


@interruption.held()
def record(writer: RunWriter, source: Source, news: News, progress: Progress, earlier: Earlier = Earlier()) -> Measured:
    """Store each block as it ends, then the ending.

    Args:
        writer: of the run's file.
        source: measures the next block whenever it is asked for it.
        news: what is said on the way.
        progress: is told where the run stands, and what went wrong.
        earlier: what is in the file already, and counted by `news`.
    """
    status, edited = "complete", ""
    rounds_s = sum(_rounds_s(block) for block in earlier.blocks)
    progress.planned(news.planned, news.kept)
    interruption.keeps(_kept(writer.path, news))
    try:
        for block in source.blocks():
            writer.append(block)
            if isinstance(block, Addition):
                news.take_on(block)
                progress.taken_on(block.reason, news.planned)
                continue
            lines = list(news.add(block))
            interruption.keeps(_kept(writer.path, news))
            rounds_s += _rounds_s(block)
            for line in lines:
                progress.line(line)
            progress.measuring(news.stands(block), source.left_s)
        status = "budget" if source.is_cut else status
        for line in source.left_over():
            progress.line(line)
    except interruption.Interrupted:
        status = "interrupted"
    except EditedError as error:
        status, edited = "edited", error.file
        progress.line(
            f"{edited} was edited, and the run ends here: {are(news.counted)} kept in {writer.path}, all of the version before; "
            "measure the new one anew"
        )
    except StorageError as error:
        if not writer.path.exists():
            raise
        raise StorageError(f"{error}; {_kept(writer.path, news)}") from error
    wall_s = source.spent_s + earlier.wall_s
    ending = Ending(datetime.now(UTC).isoformat(timespec="seconds"), status, wall_s, rounds_s, edited)
    writer.append(ending)
    return Measured(writer.path, ending, news.has_failed)


def _kept(path: Path, news: News) -> str:
    """What the line of an interruption says from now on."""
    return f"{are(news.counted)} kept in {path}; {news.what_now(path)}"


def _rounds_s(block: Block) -> float:
    return sum(each.wall_s for each in block.rounds)

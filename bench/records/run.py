"""A run: what was planned, where, what was measured, how it ended. Its lines are the run file."""

from dataclasses import dataclass, field
from enum import StrEnum

from bench.records.block import Block
from bench.records.case import Case
from bench.records.conditions import Conditions
from bench.records.gate import Gate
from bench.records.interpreter import Interpreter
from bench.records.machine import Environment

SCHEMA_VERSION = 6
"""Version of the run file's format; a reader refuses newer ones."""


@dataclass(frozen=True, slots=True)
class Work:
    """What the analysis has to know of a workload."""

    pattern: str
    bound: str
    """What limits it: `cpu`, `io` or `unknown`."""
    baseline: str
    """The strategy that speed-ups are relative to."""
    options: list[str] = field(default_factory=list)
    """The options of the workload itself: cases that differ in them do different work."""
    fault: str = ""
    """What goes wrong in it, where that is what the workload is for."""


class Purpose(StrEnum):
    """What a run is for, which says how it is shown and finished."""

    RANKING = "ranking"
    """Its cases are compared with each other."""
    CHECK = "check"
    """Two arms are compared: its plan has a gate."""
    FAULTS = "faults"
    """Strategies are put through faults, each once."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What a run means to measure."""

    cases: list[Case]
    repetitions: int
    """Blocks of each case, where their number was set; 0 where it shows on the way how many it takes."""
    rounds: dict[str, int]
    """Rounds in each block, the first included, by case key; 0 where they are as many as there is time for."""
    works: dict[str, Work]
    """By name of the workload."""
    conditions: Conditions
    """What holds for every block. In a run file its fields are fields of the plan (`bench.store.flat_plan`)."""
    demonstrations: list[str] = field(default_factory=list)
    """Strategies that show what goes wrong and are never ranked."""
    sources: dict[str, str] = field(default_factory=dict)
    """What the user's workloads and strategies were loaded from, each with its SHA-256; empty for a module."""
    inputs: dict[str, str] = field(default_factory=dict)
    """The user's inputs likewise, a file or a range."""
    modules: dict[str, str] = field(default_factory=dict)
    """The modules of the user's that this loaded, by name, each with the SHA-256 of its file."""
    gate: Gate | None = None
    """Where two arms are compared."""
    precision: float | None = None
    """How far the ends of intervals may be from their middle, as a share, where more blocks are measured until they are so narrow."""
    more_workers: int = 0  # of how many cases of a workload that waits there may be one with more workers
    purpose: Purpose = Purpose.RANKING
    interpreters: list[Interpreter] = field(default_factory=list)
    """Those that the cases name, where the user named them; empty where all are of the one that `Header.environment` has."""

    @property
    def blocks(self) -> int | None:
        """How many blocks the plan holds, where that was set: so many of each case, and one of each that is unavailable."""
        if not self.repetitions:
            return None
        return len(self.rounds) * self.repetitions + len(self.cases) - len(self.rounds)


@dataclass(frozen=True, slots=True)
class Header:
    """First line of a run file."""

    schema: int
    id: str
    tool: str
    """Version of this tool."""
    started_utc: str
    command: str
    environment: Environment
    plan: Plan

    def has_gil(self, python: str) -> bool:
        """Whether an interpreter, as cases name it, runs with the GIL before anything is imported."""
        return next((each.has_gil for each in self.plan.interpreters if each.name == python), self.environment.gil)


@dataclass(frozen=True, slots=True)
class Addition:
    """Cases that a run takes on while it measures: they are of its plan from this line on."""

    cases: list[Case]
    rounds: dict[str, int]
    """Of each, as `Plan.rounds` has them."""
    reason: str


@dataclass(frozen=True, slots=True)
class Ending:
    """Last line of a run file; a run that was killed has none."""

    finished_utc: str
    status: str
    """`complete`, `interrupted`, `edited`, or `budget` where the time ended before the planned repetitions did."""
    wall_s: float
    """From the command's start to the last block, preparation and planning included."""
    rounds_s: float
    """How much of that was spent in measured rounds."""
    edited: str = ""  # the file whose edit ended the run


@dataclass(frozen=True, slots=True)
class Run:
    """One invocation that measured cases."""

    header: Header
    blocks: list[Block]
    ending: Ending | None
    notes: list[str] = field(default_factory=list)
    """What the reader had to leave out, such as a last line that was cut."""

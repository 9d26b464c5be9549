"""The records that travel from the measurement to the report: frozen, plain, and free of behaviour.

All times are seconds, all sizes bytes. `None` means unknown. A run file is these records as JSON, one a line
(`bench.store.runs`); nothing here reads, writes, measures or prints.
"""

from dataclasses import dataclass, field, replace
from enum import StrEnum

from bench.machine import Environment
from bench.result import Repeats, Result
from bench.usage import SHARED_OUT, Accounting, Samples, Sampling, Window

SCHEMA_VERSION = 6
"""Version of the run file's format; a reader refuses newer ones."""


class Outcome(StrEnum):
    """How a block ended. Only an `OK` block ever becomes a time."""

    OK = "ok"
    WRONG = "wrong"
    FAILED = "failed"
    TIMED_OUT = "timed_out"
    KILLED = "killed"
    UNAVAILABLE = "unavailable"


@dataclass(frozen=True, slots=True)
class Case:
    """What is measured: workload x scale x strategy x workers x options x interpreter."""

    workload: str
    scale: str
    strategy: str
    workers: int | None
    """Workers asked for. Where the strategy takes no number, 1 if it works in its caller alone, else None."""
    python: str
    """Implementation and version, for instance `cpython-3.11.7`."""
    options: dict[str, str] = field(default_factory=dict)
    takes_workers: bool = True
    """Whether the strategy takes a number of workers."""

    @property
    def key(self) -> str:
        """Stable text that names the case in files, selections and charts."""
        options = ",".join(f"{name}={value}" for name, value in sorted(self.options.items()))
        workers = "-" if self.workers is None else str(self.workers)
        return "/".join((self.workload, self.scale, self.strategy, workers, options or "-", self.python))


@dataclass(frozen=True, slots=True)
class Latencies:
    """How long single operations took, over the warm rounds of a block."""

    what: str
    """What was timed, such as `reply`."""
    n: int
    quantiles_s: list[float]
    """At `bench.patterns.LATENCY_PROBABILITIES`, each a value that was measured (nearest rank)."""


@dataclass(frozen=True, slots=True)
class Block:
    """One fresh measured process for one case: start the strategy, run rounds, stop it. The unit of inference."""

    case: str  # its key
    repetition: int
    """Blocks of one repetition were measured near each other in time, one of each case."""
    outcome: Outcome
    reason: str = ""
    """Why the outcome is not `ok`, in one line."""
    raised: str = ""
    """The class of the exception that the strategy raised, where it raised one."""
    noticed_s: float | None = None
    """From the moment of a fault to the strategy's telling of it; where the process died of it, to its end."""
    arm: str = ""
    """Which arm of a gate it belongs to; blocks of one repetition and case are then a pair. Empty in other runs."""
    calls: list[int] = field(default_factory=list)
    """How often the strategy was called in each round: several times where a call is short, but once in the first."""
    result: Result | None = None
    """What its rounds gave back, in the first pair of a gate, where equal code has to give equal results."""
    repeats: Repeats | None = None  # in a case's first block, where warm rounds are far faster than the first
    tasks: int | None = None
    """What a round does: inputs of a `map`, or messages, updates, hand-offs, requests, starts."""
    payload_bytes: int | None = None
    """Bytes that a round moves, where that is what the work is about."""
    setup_s: float | None = None
    """From the creation of the process to the moment it is ready to start the strategy; not part of any result."""
    start: Window | None = None
    """Entering the strategy."""
    rounds: list[Window] = field(default_factory=list)
    """Each so many calls of the strategy as `calls` says, and each call all of the workload's inputs."""
    cpu_waits_s: list[float | None] = field(default_factory=list)
    """Of each round, how long its only thread was ready to run and waited for a CPU that others used; None where that is
    not known to be the doing of others alone. Empty where nobody looked."""
    stop: Window | None = None
    """Leaving the strategy."""
    whole: Window | None = None
    """The block, from the creation of its first process to the end of its last; setting up and checking included."""
    longest_task_s: float | None = None
    """The longest task, as the workload states it or as timed alone by `serial`."""
    total_task_s: float | None = None
    """All tasks one after another, likewise."""
    bound_stated: bool = False  # whether the two numbers above come from the inputs; else they were timed
    latencies: list[Latencies] = field(default_factory=list)
    fairness: float | None = None
    """Jain's index of the actors' passes: the median over the warm rounds."""
    handed_over: float | None = None
    """Passes that followed one of another actor, likewise."""
    compared: int | None = None  # results that were compared with those of a plain loop; None where nobody did
    leaked_processes: int = 0
    """Processes of the block, its own not counted, that were alive after it or at the time limit and had to be ended."""
    rested_s: float = 0.0
    """How long it held still after its first round while others of its ensemble had their turns; no time of the block has it in it."""
    rested_cpu_s: float | None = None
    """What it used meanwhile; None where it never rested."""
    kept_by_threads: list[str] = field(default_factory=list)
    """Threads of the measured code that its process would have waited for at its end, by name; it left without them."""
    samples: Samples = field(default_factory=Samples)
    sampling: Sampling | None = None
    accounting: Accounting | None = None

    @property
    def per_call(self) -> list[Window]:
        """What a call of the strategy took and used in each round, on average."""
        return [per_call(each, calls) for each, calls in zip(self.rounds, self.calls, strict=True)]

    @property
    def warm_rounds(self) -> list[Window]:
        """The rounds after the first, for a call."""
        return self.per_call[1:]

    @property
    def unhindered_s(self) -> list[float] | None:
        """What each warm round took for a call without waiting for a CPU that others used; None where that is not known of each."""
        waits_s = [each for each in self.cpu_waits_s[1:] if each is not None]
        if not waits_s or len(waits_s) < len(self.rounds) - 1:
            return None
        warm = zip(self.rounds[1:], waits_s, self.calls[1:], strict=True)
        return [(each.wall_s - waited_s) / calls for each, waited_s, calls in warm]


def per_call(window: Window, calls: int) -> Window:
    """What a call took and used, where a window holds so many: times and counts are shared out, memory is what it is."""
    if calls == 1:
        return window
    shared = {name: used / calls for name in SHARED_OUT if (used := getattr(window, name)) is not None}
    return replace(window, **shared)


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


@dataclass(frozen=True, slots=True)
class Arm:
    """One of the two sides of a gate."""

    name: str
    """`base` or `head`."""
    label: str
    """What the user called it: a revision, an interpreter, `working tree`."""
    commit: str | None
    """What was checked out, with a `+` where what is not committed was too; None where nothing was."""
    facts: dict[str, str]
    """What differs between interpreters: `python`, `build`, `compiler`, `gil`, `start method`."""
    packages: dict[str, str] = field(default_factory=dict)
    """Versions of the distributions that its workloads brought."""
    python: str = ""  # the interpreter, as the user named it; empty for the command's own


@dataclass(frozen=True, slots=True)
class Gate:
    """What a run that compares two arms decides, and by which rule."""

    arms: list[Arm]
    """The base, and then the head."""
    quantities: list[str]
    """What is compared: `time`, `cpu`, `memory`."""
    tolerances: dict[str, float]
    """By case key, how much of a change is none: 0.02 is 2 %."""
    alpha: float
    """How often identical code may get any false verdict in such a run."""
    budget_s: float
    """For the whole command; earlier versions had it for each case, and had no `setup`."""
    accepted: list[str]
    """Verdicts that pass besides `improved` and `equivalent`."""
    one_sided: dict[str, str] = field(default_factory=dict)
    """By case key, the name of the only arm that has the case."""
    broken: dict[str, str] = field(default_factory=dict)
    """By case key, why an arm that should have the case cannot run it."""
    notes: list[str] = field(default_factory=list)
    """What a reader has to know of the arms, such as that both have the same code."""
    across: bool = False  # whether the arms may run in unequal environments, because that is the question
    setup: str | None = None  # the SHA-256 of what built each arm, empty for nothing; None in files of earlier versions


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
    seed: int
    budget_s: float | None
    time_limit_s: float
    sample_hz: float
    sampler: str = "auto"
    """What was asked for: `auto`, `proc` or `psutil`."""
    accounting: str = "cgroup"
    """The most exact layer that was asked for."""
    close: float | None = None
    """How far floats in results may be apart, relatively; None where they have to be equal."""
    fresh_rounds: int = 0  # of each block, where each gets inputs of its own; 0 where all get the same
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

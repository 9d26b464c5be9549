"""The records that travel from the measurement to the report: frozen, plain, and free of behaviour.

All times are seconds, all sizes bytes. `None` means unknown. A run file is these records as JSON, one a line
(`bench.store.runs`); nothing here reads, writes, measures or prints.
"""

from dataclasses import dataclass, field
from enum import StrEnum

SCHEMA_VERSION = 3
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
    """Workers asked for; None where the strategy takes no number: one for each task, or as the work asks."""
    python: str
    """Implementation and version, for instance `cpython-3.11.7`."""
    options: dict[str, str] = field(default_factory=dict)

    @property
    def key(self) -> str:
        """Stable text that names the case in files, selections and charts."""
        options = ",".join(f"{name}={value}" for name, value in sorted(self.options.items()))
        workers = "-" if self.workers is None else str(self.workers)
        return "/".join((self.workload, self.scale, self.strategy, workers, options or "-", self.python))


@dataclass(frozen=True, slots=True)
class Window:
    """A timed part of a block, and what the whole process tree used meanwhile: its start, a round, its stop, or all.

    What could not be known is None, and `Accounting.unknown` of the block says why. The first round is the cold one.
    """

    at_s: float
    """When it began, since the block's clock started."""
    wall_s: float
    cpu_s: float | None = None
    """By `Accounting.cpu`; of the whole block by `Accounting.whole_cpu`."""
    user_s: float | None = None
    """The part of it in user mode. Most kernels tell the two apart by where they find a process at each tick."""
    system_s: float | None = None
    peak_memory_bytes: int | None = None
    """The most that the tree held at a moment, by `Accounting.memory`."""
    file_cache_bytes: int | None = None
    """How much of the memory was cache of files at the end; None where the method counts none."""
    rss_bytes: int | None = None
    """Sum of resident sets at the highest sample of the window: a shared page counts once for each process."""
    pss_bytes: int | None = None
    """Sum of proportional sets, read nearest to that sample: a shared page counts once."""
    uss_bytes: int | None = None
    """Sum of unique sets, likewise: what would be freed if each process ended alone."""
    voluntary_switches: int | None = None
    """Context switches of threads that waited for something."""
    involuntary_switches: int | None = None
    """Context switches of threads whose turn was over."""
    minor_faults: int | None = None
    major_faults: int | None = None
    """Page faults that had to read from a disk."""
    read_bytes: int | None = None
    """Through `read` and its kind: files, pipes and terminals, cached or not; not what `recv` takes from sockets."""
    written_bytes: int | None = None
    """Through `write` and its kind, likewise."""
    processes_started: int | None = None
    """Processes that were seen for the first time: at least so many."""
    threads_started: int | None = None
    """Threads beside each process's first that were seen for the first time: at least so many."""
    started_at_most: int | None = None
    """Processes and threads that the whole machine started meanwhile."""


@dataclass(frozen=True, slots=True)
class Method:
    """How a quantity was measured, and how far it can be from the truth."""

    layer: str
    """`cgroup v2`, `cgroup v1`, `wait4`, `ledger` or `psutil`; `bench.measure.methods` explains them."""
    bound: str
    """In words, for readers."""
    below: float | None
    """How much the truth may lie above the number, in the quantity's unit; None where no bound is known."""
    above: float | None
    """How much the truth may lie below the number."""


@dataclass(frozen=True, slots=True)
class Difference:
    """Two layers that do not agree on the CPU of a window."""

    window: str
    """Such as `round 3`; `all` is the whole block."""
    first: str
    """The layer whose number is in the window."""
    first_s: float
    second: str
    second_s: float


@dataclass(frozen=True, slots=True)
class Accounting:
    """How the numbers of a block's windows were made."""

    cpu: Method
    """Of the start, the rounds and the stop."""
    whole_cpu: Method
    """Of the whole block."""
    memory: Method
    cpu_by_layer: dict[str, float]
    """CPU-seconds of the whole block by every layer that was there."""
    absent: dict[str, str]
    """Layers that were not there, and why."""
    unknown: dict[str, str]
    """Fields of `Window` that are None somewhere in this block, and why."""
    differences: list[Difference] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Latencies:
    """How long single operations took, over the warm rounds of a block."""

    what: str
    """What was timed, such as `reply`."""
    n: int
    quantiles_s: list[float]
    """At `bench.patterns.LATENCY_PROBABILITIES`, each a value that was measured (nearest rank)."""


@dataclass(frozen=True, slots=True)
class Samples:
    """Readings of the process tree, as columns of one length, in order of time."""

    at_s: list[float] = field(default_factory=list)
    cpu_s: list[float] = field(default_factory=list)
    """CPU used by the tree since the block began."""
    memory_bytes: list[int] = field(default_factory=list)
    """By `Accounting.memory`."""
    rss_bytes: list[int] = field(default_factory=list)
    """Sum of resident sets."""
    processes: list[int] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Sampling:
    """How the samples of a block were made, and what making them cost."""

    sampler: str
    """`proc`, the fast reader of Linux, or `psutil`."""
    hz: float
    """Readings a second that were asked for; 0 where the series was off."""
    hz_achieved: float | None
    """Readings a second that were made; None where the series was off."""
    hz_lowered_to: float | None
    """The rate after it was halved, once or more often, because reading took over 1 % of the machine."""
    due: int
    """Ticks that fell in the block."""
    missed: int
    """Ticks skipped because the one before was late."""
    late_p99_s: float | None
    """99th percentile of how late a tick was."""
    cpu_s: float
    """CPU the supervisor used while the block lasted."""
    tick_cpu_s: float | None
    """CPU a reading on the beat took, the mean."""
    scheduling: str = "normal"
    """How the system runs the sampler: `real time`, `short slice` or `normal`; the measured code always runs normally."""


@dataclass(frozen=True, slots=True)
class Block:
    """One fresh measured process for one case: start the strategy, run rounds, stop it. The unit of inference."""

    case: str
    """The case's key."""
    repetition: int
    """Blocks of one repetition were measured near each other in time, one of each case."""
    outcome: Outcome
    reason: str = ""
    """Why the outcome is not `ok`, in one line."""
    tasks: int | None = None
    """What a round does: inputs of a `map`, or messages, updates, hand-offs, requests, starts."""
    payload_bytes: int | None = None
    """Bytes that a round moves, where that is what the work is about."""
    setup_s: float | None = None
    """From the creation of the process to the moment it is ready to start the strategy; not part of any result."""
    start: Window | None = None
    """Entering the strategy."""
    rounds: list[Window] = field(default_factory=list)
    """Each an execution of all the workload's inputs."""
    stop: Window | None = None
    """Leaving the strategy."""
    whole: Window | None = None
    """The block, from the creation of its first process to the end of its last; setting up and checking included."""
    longest_task_s: float | None = None
    """The longest task: the least it can take, where the workload states that, or as timed alone by `serial`."""
    total_task_s: float | None = None
    """All tasks one after another, likewise."""
    bound_stated: bool = False
    """Whether the two numbers above come from the inputs; else they were timed."""
    latencies: list[Latencies] = field(default_factory=list)
    fairness: float | None = None
    """Jain's index of the actors' passes: the median over the warm rounds."""
    handed_over: float | None = None
    """Passes that followed one of another actor, likewise."""
    leaked_processes: int = 0
    """Processes of the block that were alive after it and had to be ended."""
    samples: Samples = field(default_factory=Samples)
    sampling: Sampling | None = None
    accounting: Accounting | None = None

    @property
    def warm_rounds(self) -> list[Window]:
        """The rounds after the first."""
        return self.rounds[1:]


@dataclass(frozen=True, slots=True)
class Environment:
    """Where a run was measured. Holds no user name, host name or absolute path unless `identity` was asked for."""

    os: str
    kernel: str
    machine: str
    cpu_model: str
    logical_cores: int
    physical_cores: int | None
    affinity_cores: int | None
    quota_cores: float | None
    """CPU quota of the control group, in cores; None where there is none."""
    usable_cores: int
    """What this process may use: the least of the above."""
    usable_cores_from: str
    """Which of them decided: `logical cores`, `affinity` or `cgroup quota`."""
    governor: str | None
    memory_bytes: int
    python: str
    python_implementation: str
    python_build: str
    python_compiler: str
    gil: bool
    """Whether this interpreter runs with a global interpreter lock."""
    start_method: str
    """The default start method of multiprocessing."""
    packages: dict[str, str]
    git_commit: str | None
    git_dirty: bool | None
    load_1m: float | None
    """Mean number of runnable processes in the minute before the run."""
    clock_resolution_s: float
    identity: dict[str, str] | None = None
    """Host, user and folders, recorded only when asked for."""


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


@dataclass(frozen=True, slots=True)
class Plan:
    """What a run means to measure."""

    cases: list[Case]
    repetitions: int
    rounds: dict[str, int]
    """Rounds in each block, the cold one included, by case key."""
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
    demonstrations: list[str] = field(default_factory=list)
    """Strategies that show what goes wrong and are never ranked."""

    @property
    def blocks(self) -> int:
        """How many blocks the plan holds: one of each case that failed its trial, which has no rounds planned."""
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
class Ending:
    """Last line of a run file; a run that was killed has none."""

    finished_utc: str
    status: str
    """`complete`, `interrupted`, or `budget` where the time ended before the planned repetitions did."""
    wall_s: float
    """From the command's start to the last block, preparation and planning included."""
    rounds_s: float
    """How much of that was spent in measured rounds."""


@dataclass(frozen=True, slots=True)
class Run:
    """One invocation that measured cases."""

    header: Header
    blocks: list[Block]
    ending: Ending | None
    notes: list[str] = field(default_factory=list)
    """What the reader had to leave out, such as a last line that was cut."""

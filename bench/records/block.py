"""What a run file keeps of a block, and how it can end."""

from dataclasses import dataclass, field, replace
from enum import StrEnum

from bench.records.result import Repeats, Result
from bench.records.use import SHARED_OUT, Accounting, Samples, Sampling, Window


class Outcome(StrEnum):
    """How a block ended. Only an `OK` block ever becomes a time."""

    OK = "ok"
    WRONG = "wrong"
    FAILED = "failed"
    TIMED_OUT = "timed_out"
    KILLED = "killed"
    UNAVAILABLE = "unavailable"


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
    gil: str | None = None
    """`on` or `off` after the last round, in the measured process; None where its build always has the GIL."""
    gil_enabled_by: str = ""
    """The module for which Python turned the GIL on, in the measured process or a worker, as its warning names it."""
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

    def warm_values(self, name: str) -> list[float | None]:
        """A field of `Window` in each of the warm rounds, for a call; no window is made for it, since rounds may be many."""
        values = [getattr(each, name) for each in self.rounds[1:]]
        if name not in SHARED_OUT:
            return values
        warm = zip(values, self.calls[1:], strict=True)
        return [None if used is None else used / calls for used, calls in warm]

    @property
    def undelayed_wall_s(self) -> list[float] | None:
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

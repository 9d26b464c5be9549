"""Messages while something is under way, by their fields: for the type checker alone, since a message is the dictionary that JSON has.

No process loads this. What a host says comes from where measured code runs, which can write to the same descriptor: who
reads it minds that it may be anything.
"""

from typing import Any, Literal, NotRequired, TypedDict


class Used(TypedDict):
    """What a host and the children that it waited for have used (`bench.accounting.reaping.Used`): sent with each word that it asks."""

    own: list[float]
    children: list[float]


class Waits(TypedDict):
    """A host holds still: before its turn, at a round's beginning, before it stops its strategy."""

    event: Literal["next", "round", "stopping"]


class TaskTimes(TypedDict, total=False):
    """The longest task and the sum of all, where they are known."""

    longest_s: float
    total_s: float


class Ready(TaskTimes):
    """The inputs are made, and state what tasks take, perhaps."""

    event: Literal["ready"]
    tasks: int
    payload_bytes: int | None
    checks: bool


class Ended(TypedDict):
    """A window has ended that has no more to it than when it began and how long it took, by the host's clock."""

    event: Literal["started", "stopped"]
    at: float
    seconds: float


class Measured(TypedDict):
    """A round has ended; how long it waited for a CPU, where that is known."""

    event: Literal["measured"]
    at: float
    seconds: float
    waited: float | None


class Observation(TypedDict):
    """What the warm rounds tell besides their times, as `bench.records.block.Block` has it."""

    latencies: list[dict[str, Any]]
    fairness: float | None
    handed_over: float | None


class Observed(Observation):
    """All rounds have ended; and whether the GIL is on now."""

    event: Literal["observed"]
    gil: str | None


class GaveBack(TypedDict):
    """What the rounds gave back, as `bench.records.result.Result` has it."""

    event: Literal["result"]
    result: dict[str, Any] | None


class TimedAlone(TaskTimes):
    """What tasks take one by one, where there was time for that."""

    event: Literal["alone"]


class Found(TypedDict):
    """What an errand has brought (`bench.measure.host.errands`)."""

    event: Literal["errand"]
    found: dict[str, Any] | None


class Phase(TypedDict):
    """What the host does next."""

    event: Literal["phase"]
    name: str


class LooksCloser(TypedDict):
    """All is measured; what the host does next may take so long."""

    event: Literal["closer"]
    name: str
    limit_s: float


class Compared(TypedDict):
    """How many results were compared, and what is wrong with one that is looked at again."""

    event: Literal["compared"]
    compared: int
    suspect: str


class Raised(TypedDict):
    """The exception that came, by its class, and when."""

    event: Literal["raised"]
    raised: str
    at: float


class Leaves(TypedDict):
    """The outcome of the block, and the exception where one came."""

    event: Literal["ended"]
    outcome: str
    reason: str
    raised: NotRequired[str]
    at: NotRequired[float]


class Leaving(TypedDict):
    """What the host does before it leaves."""

    event: Literal["leaving"]
    name: str


class Kept(TypedDict):
    """Threads that would have kept the process from leaving."""

    event: Literal["kept"]
    threads: list[str]


Asking = Waits | Ready | Ended | Measured | Observed | GaveBack | TimedAlone | Found | Phase | LooksCloser
"""What a host waits for an answer to."""
Telling = Leaving | Compared | Raised | Leaves | Kept
"""What it does not."""


class Grant(TypedDict):
    """How many calls the next round has, after so many that are not timed; none where there is no other round."""

    calls: int
    untimed: int


class Yielded(TypedDict, total=False):
    """What a preparation yields, or why it does not."""

    prepared: Any
    error: str


class Answer(Yielded, total=False):
    """What a supervisor says to the command: one thing at a time."""

    turn: str
    """The block holds still, and waits for a `Grant` of this phase."""
    took_s: float
    """What a call took in the last round, where it waits for another one."""
    most_calls: int
    """That the round may have."""
    progress: str
    """The phase that a block which is alone has come to; it goes on once that is shown."""
    leaving: bool
    """All of the block is measured."""
    left: bool
    """The block is ended that was to be left out."""
    block: dict[str, Any]
    """The finished block, as `bench.records.block.Block` has it."""
    file: str
    """The place for results of a plain loop."""
    refused: str
    """Why nothing can be measured."""

"""The lessons, in their order: what each measures, and what it claims. Their words are in `bench.report.tour.words`.

A lesson is a selection of published workloads and strategies, which `run` or `faults` measures with the same command alone.
Standard library alone: this is read while a tour measures, too.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

SCALE = "quick"
"""Of the workloads: so short that there are blocks enough for an interval in a few seconds, on a machine at work too."""


class Part(StrEnum):
    """What of a block is compared."""

    WARM = "warm"
    """A call of the warm rounds."""
    FIRST = "first"
    """The first round, which is cold."""


@dataclass(frozen=True, slots=True)
class Pick:
    """A case of the lesson's run."""

    strategy: str
    workers: int | None = None
    """None: whatever number it had."""
    start_method: str = ""
    part: Part = Part.WARM


@dataclass(frozen=True, slots=True)
class Ratio:
    """How many times as long one case takes as another."""

    name: str
    above: Pick
    below: Pick


@dataclass(frozen=True, slots=True)
class Lost:
    """How many updates a case loses."""

    name: str
    who: Pick


@dataclass(frozen=True, slots=True)
class Kept:
    """That cases lose none."""

    name: str
    who: tuple[Pick, ...]


@dataclass(frozen=True, slots=True)
class Met:
    """What a strategy does when the lesson's fault strikes."""

    name: str
    strategy: str


Claim = Ratio | Lost | Kept | Met


@dataclass(frozen=True, slots=True)
class Lesson:
    """What is measured, and what is looked for in it."""

    name: str
    title: str
    workload: str
    """Or the fault, where that is what the lesson is about."""
    strategies: tuple[str, ...]
    claims: tuple[Claim, ...]
    """Each is put into words by itself."""
    workers: tuple[int, ...] = ()
    start_methods: tuple[str, ...] = ()
    cores: int = 1
    """That it takes at the least to show anything."""
    needs_processes: bool = True
    share: float = 1.0
    """Of the time, beside those of the other lessons."""
    time_limit_s: float | None = None
    """After which a strategy hangs, in a lesson about a fault."""

    @property
    def is_of_a_fault(self) -> bool:
        """Whether strategies are put through a fault, and nothing is timed."""
        return self.time_limit_s is not None

    @property
    def options(self) -> Mapping[str, Sequence[str]]:
        """The values of strategies' options, by name."""
        return {"start_method": self.start_methods} if self.start_methods else {}

    @property
    def command(self) -> list[str]:
        """The words of the command that measures this lesson alone."""
        return list(self._faults() if self.is_of_a_fault else self._run())

    def _faults(self) -> Iterator[str]:
        yield from ("faults", "--fault", self.workload, "--strategy", ",".join(self.strategies))

    def _run(self) -> Iterator[str]:
        yield from ("run", self.workload, "--strategy", ",".join(self.strategies))
        if self.workers:
            yield from ("--workers", ",".join(map(str, self.workers)))
        if self.start_methods:
            yield from ("--start-method", ",".join(self.start_methods))
        yield from ("--scale", SCALE)


def _over(name: str, slow: str, fast: str) -> Ratio:
    """How many times as fast the second strategy is as the first."""
    return Ratio(name, Pick(slow), Pick(fast))


def _pool(start_method: str, part: Part) -> Pick:
    return Pick("process_pool", 2, start_method, part)


_LESSONS = (
    Lesson(
        "gil",
        "The GIL: computing in threads and in processes",
        "primes",
        ("serial", "thread_pool", "process_pool"),
        (_over("threads", "serial", "thread_pool"), _over("processes", "serial", "process_pool")),
        workers=(2,),
        cores=2,
    ),
    Lesson(
        "waiting",
        "Waiting: downloads one after another, in threads, with asyncio",
        "downloads_even",
        ("serial", "threads", "asyncio"),
        (_over("threads_waiting", "serial", "threads"), _over("asyncio", "serial", "asyncio")),
        needs_processes=False,
    ),
    Lesson(
        "locks",
        "Lost updates, and what a lock costs",
        "counter",
        ("value", "value_unlocked", "locked_threads", "threads_unlocked"),
        (
            Lost("lost_by_threads", Pick("threads_unlocked", 2)),
            Lost("lost_by_processes", Pick("value_unlocked", 2)),
            Kept("kept", (Pick("locked_threads", 2), Pick("value", 2))),
            Ratio("lock", Pick("value", 1), Pick("value_unlocked", 1)),
        ),
        workers=(1, 2),
        share=1.8,
    ),
    Lesson(
        "messages",
        "Messages between processes: a Queue and a Pipe",
        "messages_4kib",
        ("queue", "pipe"),
        (_over("pipe", "queue", "pipe"),),
    ),
    Lesson(
        "state",
        "Shared state: Value, Array and a Manager",
        "counter",
        ("value", "array", "manager_dict"),
        (_over("manager", "manager_dict", "value"), _over("array", "array", "value")),
        workers=(2,),
        share=1.3,
    ),
    Lesson(
        "hang",
        "A killed worker: a Pool and an executor",
        "is_killed",
        ("pool_map", "process_pool"),
        (Met("pool", "pool_map"), Met("executor", "process_pool")),
        time_limit_s=4.0,
    ),
    Lesson(
        "cold",
        "Cold and warm: the first round of a pool, forked and spawned",
        "primes",
        ("serial", "process_pool"),
        (
            Ratio("cold", _pool("fork", Part.FIRST), _pool("fork", Part.WARM)),
            Ratio("spawned", _pool("spawn", Part.FIRST), _pool("fork", Part.FIRST)),
        ),
        workers=(2,),
        start_methods=("fork", "spawn"),
        share=1.4,
    ),
)
LESSONS = {each.name: each for each in _LESSONS}
"""By the names that users give them."""

"""`start`: what it takes to start a worker. The task is the first thing it does: it reads the clock."""

from collections.abc import Callable
from dataclasses import dataclass

from bench.errors import WrongResult
from bench.patterns.pattern import Observed, Pattern

Hello = Callable[[], float]
"""The task: `time.perf_counter()`, a clock that all processes of a machine share, at the worker's first instruction."""


@dataclass(frozen=True, slots=True)
class Starts:
    """The job: so many workers, each started, and joined before the next."""

    count: int


@dataclass(frozen=True, slots=True)
class Started:
    """The results: three moments of each worker, by `time.perf_counter`."""

    asked: list[float]
    """When it was asked for, in the parent."""
    began: list[float]
    """Its first instruction."""
    joined: list[float]
    """When the parent had it joined."""


def check(_: Hello, job: Starts, started: Started) -> None:
    """Everyone said hello, after being asked for and before being joined."""
    for name in ("asked", "began", "joined"):
        if len(getattr(started, name)) != job.count:
            raise WrongResult(f"{len(getattr(started, name))} workers are known as {name}, of {job.count}")
    for number, (asked, began, joined) in enumerate(zip(started.asked, started.began, started.joined, strict=True)):
        if not asked <= began <= joined:
            raise WrongResult(f"worker {number} began {began - asked:.6f} s after it was asked for, and was joined "
                              f"{joined - asked:.6f} s after")  # fmt: skip


def observe(started: Started) -> Observed:
    """How long each took to its first instruction, and to being joined."""
    return Observed(
        {
            "first instruction": [b - a for a, b in zip(started.asked, started.began, strict=True)],
            "joined": [b - a for a, b in zip(started.asked, started.joined, strict=True)],
        }
    )


PATTERN = Pattern(
    name="start",
    unit="starts",
    baseline="start_thread",
    summary="workers are started and joined",
    amount=lambda job: int(job.count),
    check=check,
    observe=observe,
)

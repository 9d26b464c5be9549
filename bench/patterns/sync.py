"""`sync`: actors hand a right to work to each other through a synchronisation primitive."""

from collections.abc import Callable
from dataclasses import dataclass

from bench.errors import WrongResult
from bench.patterns.pattern import Observed, Pattern


@dataclass(frozen=True, slots=True)
class HandOffs:
    """The job: so many passes through the primitive by all actors together; in each one the task is called."""

    passes: int
    in_turn: bool
    """Whether the actors take turns, one after the other; else whoever comes first has the next pass."""


@dataclass(frozen=True, slots=True)
class Passed:
    """The results."""

    by_actor: list[int]
    """Passes that each actor counted for itself."""
    handed_over: int
    """Passes that followed one of another actor."""
    counted: int
    """A plain counter in memory that all actors share, read and written by whoever holds the right: less than the
    passes if two ever held it at once."""


def check(_: Callable[[], None], job: HandOffs, passed: Passed) -> None:
    """All passes happened, one at a time, and in turn where that is asked for."""
    if sum(passed.by_actor) != job.passes:
        raise WrongResult(f"the actors made {sum(passed.by_actor)} passes, not {job.passes}")
    if passed.counted != job.passes:
        raise WrongResult(f"the shared counter says {passed.counted} after {job.passes} passes: two held it at once")
    if passed.handed_over >= job.passes:
        raise WrongResult(f"{passed.handed_over} of {job.passes} passes are said to follow another actor's")
    in_turn = passed.handed_over == job.passes - 1 or len(passed.by_actor) == 1
    if job.in_turn and not (in_turn and max(passed.by_actor) - min(passed.by_actor) <= 1):
        raise WrongResult(
            f"the actors did not take turns: they made {passed.by_actor} passes, {passed.handed_over} after another's"
        )


def fairness(shares: list[int]) -> float | None:
    """Jain's index: (Σ x)² / (n Σ x²)."""
    squares = sum(each * each for each in shares)
    return sum(shares) ** 2 / (len(shares) * squares) if squares else None


PATTERN = Pattern(
    name="sync",
    unit="passes",
    baseline="thread_lock",
    summary="actors hand a right to work to each other",
    amount=lambda job: int(job.passes),
    check=check,
    observe=lambda passed: Observed(fairness=fairness(passed.by_actor), handed_over=passed.handed_over),
)

"""`share`: workers update one state together, and no update may be lost."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

from bench.errors import WrongResult
from bench.patterns.pattern import Pattern

Task = Callable[[int], tuple[int, int]]
"""`task(number)` gives update `number` as (slot, amount to add)."""


@dataclass(frozen=True, slots=True)
class Sharing:
    """The job: a state of so many whole numbers, all 0, and so many updates.

    Worker w of W makes the updates w, w + W, w + 2 W and so on. The results are the state at the end, as a list.
    """

    updates: int
    slots: int = 1


@cache
def final_state(task: Task, job: Sharing) -> tuple[int, ...]:
    """What must come out: additions commute, so the order of the updates does not matter."""
    state = [0] * job.slots
    for number in range(job.updates):
        slot, amount = task(number)
        state[slot] += amount
    return tuple(state)


def check(task: Task, job: Sharing, state: list[int]) -> None:
    """No update was lost and none made twice."""
    expected = final_state(task, job)
    if tuple(state) != expected:
        lost = sum(expected) - sum(state)
        raise WrongResult(
            f"the state adds up to {sum(state)}, not {sum(expected)}: "
            + (f"{lost / sum(expected):.0%} of it is lost" if 0 < lost <= sum(expected) else "updates went elsewhere")
        )


PATTERN = Pattern(
    name="share",
    unit="updates",
    baseline="value",
    summary="workers update one state",
    amount=lambda job: int(job.updates),
    check=check,
)

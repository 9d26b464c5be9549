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


_SUM = "the state adds up to {}, not {}: "


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
            _SUM.format(sum(state), sum(expected))
            + (f"{lost / sum(expected):.0%} of it is lost" if 0 < lost <= sum(expected) else "updates went elsewhere")
        )


def lost_of(reason: str) -> tuple[int, int] | None:
    """How much of the state was lost, and of how much, by what `check` has said; None where it did not say that."""
    import re  # measured processes load this module, and never ask

    found = re.search(_SUM.format(r"(\d+)", r"(\d+)") + r"\d+% of it is lost", reason)
    return None if found is None else (int(found[2]) - int(found[1]), int(found[2]))


PATTERN = Pattern(
    name="share",
    unit="updates",
    baseline="value",
    summary="workers update one state",
    amount=lambda job: int(job.updates),
    check=check,
)

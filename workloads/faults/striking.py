"""What the fault workloads have in common: the inputs, of which one strikes, the moment it does, and what is right then.

No fault lasts longer than `LONGEST_S`, even if nobody ends it.
"""

import os
import signal
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from random import Random
from typing import Any, NamedTuple, NoReturn, TypeVar

from bench import WrongResult, workload

Task = TypeVar("Task", bound=Callable[..., Any])
TASKS = 10
STRIKING = 3
"""Number of the task that strikes."""
LONGEST_S = 50
"""How long a fault may last at most."""


class Turn(NamedTuple):
    """The input of a task."""

    number: int
    """What the task gives back, and at once, where it does not strike."""
    strikes: bool


def one_strikes(tasks: int, _: Random) -> list[Turn]:
    """The inputs of most faults."""
    return [Turn(number, number == STRIKING) for number in range(tasks)]


def its_number(found: Any) -> bool:
    """The task that strikes gives back its number nevertheless."""
    return bool(found == STRIKING)


def fault(
    title: str,
    *,
    right: Callable[[Any], bool] | None = None,
    inputs: Callable[[int, Random], Any] = one_strikes,
    check: Callable[[Any, Any], None] | None = None,
    strategy_options: Mapping[str, Any] | None = None,
    fault_settings: Mapping[str, str] | None = None,
) -> Callable[[Task], Task]:
    """Register the decorated task as a workload with that fault.

    Args:
        title: what happens, in at most 40 characters.
        right: whether the result of the task that strikes is right; None where it cannot have one. May raise
            `WrongResult` itself to say more.
        inputs: as of `bench.workload`.
        check: as of `bench.workload`, in place of `right`.
        strategy_options: as of `bench.workload`.
        fault_settings: as of `bench.workload`.
    """

    def check_each(_: Any, results: Sequence[Any]) -> None:
        if right is None:
            raise WrongResult(f"{len(results)} results came back, as if nothing had happened")
        for number, found in enumerate(results):
            if not (right(found) if number == STRIKING else found == number):
                raise WrongResult(f"task {number} gave {found!r:.60}")

    return workload(
        inputs=inputs,
        scales={"fault": TASKS},
        bound="unknown",
        check=check or check_each,
        fault=title,
        strategy_options=strategy_options,
        fault_settings=fault_settings,
    )


def tell() -> None:
    """Note that the fault happens now; `bench.measure.supervisor.fault_time` reads it."""
    told = os.environ.get("BENCH_FAULT_MOMENT")
    if told:
        with suppress(OSError), open(told, "a", encoding="ascii") as file:
            file.write(f"{time.perf_counter()!r}\n")


def forked(work: Callable[[], object]) -> int:
    """Start a child that does `work` and leaves; gives back its process id.

    Without `multiprocessing`, which refuses that to the workers of its own pools.
    """
    child = os.fork()
    if child == 0:
        _work_and_leave(work)
    return child


def _work_and_leave(work: Callable[[], object]) -> NoReturn:
    exit_code = 1
    try:
        signal.alarm(LONGEST_S)
        work()
        exit_code = 0
    finally:
        os._exit(exit_code)


def await_child(child: int, what: str) -> None:
    """Wait for the end of a child.

    Raises:
        TimeoutError: if it has not done its work, because that lasted too long; `what` says what it waited for.
    """
    _, status = os.waitpid(child, 0)
    if status != 0:
        raise TimeoutError(f"a child waited {LONGEST_S} s for {what}")

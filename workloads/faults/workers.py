"""Faults of how workers are started and replaced. Only strategies fit that let one ask for it."""

import time
from random import Random

from .striking import TASKS, Turn, fault, its_number, tell

_done = 0
"""How many tasks this process has done."""


def _raise() -> None:
    time.sleep(0.2)  # as one that tries to reach a server; a pool that starts workers forever would fill the machine
    tell()
    raise RuntimeError("the initializer raises")


@fault("initializer raises", strategy_options={"initializer": _raise})
def starts_badly(turn: Turn) -> int:
    """Give back a number, in workers whose initializer raises.

    Well known: `multiprocessing.Pool` starts new workers forever, executors and joblib break, mpire raises it.
    """
    return turn.number


def none_strikes(tasks: int, _: Random) -> list[Turn]:
    """Inputs without a fault of their own."""
    return [Turn(number, strikes=False) for number in range(tasks)]


@fault(
    "two tasks a child, under spawn",
    right=its_number,
    inputs=none_strikes,
    strategy_options={"tasks_per_child": 2},
    fault_settings={"workers": "1", "start_method": "spawn"},
)
def wears_its_process_out(turn: Turn) -> int:
    """Give back a number, in a worker that is replaced after two tasks.

    Well known: `ProcessPoolExecutor` waits forever on some patch versions of Python.
    """
    global _done  # noqa: PLW0603 - it is the process that counts
    _done += 1
    if _done % TASKS == 2:
        tell()
    return turn.number

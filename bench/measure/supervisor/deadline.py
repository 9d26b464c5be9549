"""How long a block may take: to its time limit, and a fault beyond that while its processes still work."""

import math
import time
from collections.abc import Callable, Sequence
from typing import Any

_LOOK_S = 1.0
_IDLE_SHARE = 0.05
"""Of a core: less than that over a look is what timers and polling use, and no progress."""
_MOST_TIMES = 2.5
_MANY_TASKS = 100_000
"""A pool that takes each by itself needs some ten seconds for so many, whatever they do."""


class Deadline:
    """The end of a block's time."""

    def __init__(self, began_s: float, limit_s: float, used_s: Callable[[], float] | None = None) -> None:
        """From now on.

        Args:
            began_s: when the block began, as `time.perf_counter` says it.
            limit_s: how long it may take.
            used_s: the CPU that its processes have used so far, where they may go on for up to two and a half times the limit as
                long as they use some: what is slow on a busy machine does not hang.
        """
        self._began_s = began_s
        self._deadline_s = began_s + limit_s
        self._last_s = began_s + limit_s * (_MOST_TIMES if used_s else 1)
        self._used = used_s
        self._used_s: float | None = None

    def is_over(self) -> bool:
        """Whether the time is over now."""
        now_s = time.perf_counter()
        if now_s <= self._deadline_s:
            return False
        if self._used is None or now_s > self._last_s:
            return True
        before_s, self._used_s = self._used_s, self._used()
        if before_s is not None and self._used_s - before_s < _IDLE_SHARE * _LOOK_S:
            return True
        self._deadline_s = now_s + _LOOK_S
        return False

    @property
    def lasted_s(self) -> float:
        """How long the block was given."""
        return round(min(self._deadline_s, self._last_s) - self._began_s, 1)

    def add(self, seconds: float) -> None:
        """More time, for what was not the block's doing."""
        self._deadline_s += seconds
        self._last_s += seconds


def why_over(phase: str, lasted_s: float, record: dict[str, Any], rounds: int) -> str:
    """The reason of a block that was ended at its time limit, and what to do where it is the amount that takes long.

    Args:
        phase: what lasted.
        lasted_s: how long the block was given.
        record: of the block: its `rounds` that have ended, and its `tasks`.
        rounds: that it was to have; 0 where it was given one after another.
    """
    said = f"{phase} still lasted after {lasted_s:g} s"
    if not phase.startswith("round "):
        return said
    rounds = max(rounds, len(record["rounds"]) + 1)
    if (took_s := _longest_s(record["rounds"])) * rounds > lasted_s / 2:
        limit_s = math.ceil(1.5 * took_s * rounds / 10) * 10
        return f"{said}; a round took {took_s:.3g} s: give it --time-limit {limit_s}s, or fewer inputs"
    if not record["rounds"] and (record.get("tasks") or 0) >= _MANY_TASKS:
        return f"{said}; a round has {record['tasks']} tasks: give it a longer --time-limit, or fewer inputs"
    return said


def _longest_s(rounds: Sequence[dict[str, Any]]) -> float:
    return max((float(each["wall_s"]) for each in rounds), default=0.0)

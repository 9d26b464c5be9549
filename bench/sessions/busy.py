"""The line that says that other programs use this machine, before minutes are spent on measuring beside them."""

import contextlib
import time
from collections.abc import Callable

from bench import units
from bench.accounting.neighbours import LOOK_S, Neighbour, Neighbours, Snapshot, between, snapshot
from bench.machine import environment
from bench.plugins.names import sanitized

_MOST_NAMED, _NAMED_CORES = 3, 0.05
"""Processes that are named, those that use more than so many cores; others are added up."""
_LONGEST_NAME = 40
_WAITED_SHARE = 0.1


class Watch:
    """Looks at what other processes use, from when it is made until it is asked: work of the command goes on meanwhile.

    It raises nothing: where the machine cannot be looked at, nothing is said.
    """

    def __init__(self) -> None:
        self._before = _looked()

    def say_if_busy(self, say: Callable[[str], object]) -> None:
        """Give `say` a line where others use much; `LOOK_S` has passed then at the least."""
        if self._before is None:
            return
        time.sleep(max(0.0, self._before.at_s + LOOK_S - time.monotonic()))
        after = _looked()
        with contextlib.suppress(Exception):
            if after is not None and (
                said := busy_line(between(self._before, after, environment.default_workers()[0]))
            ):
                say(said)


def _looked() -> Snapshot | None:
    with contextlib.suppress(Exception):  # systems differ in more ways than can be foreseen, and it is a courtesy
        return snapshot()
    return None


def busy_line(found: Neighbours) -> str:
    """What runs beside this command and how much it uses, in one line; empty where that is little."""
    if not found.is_busy:
        return ""
    parts = []
    named = [each for each in found.seen if each.cores > _NAMED_CORES][:_MOST_NAMED]
    others = sum(each.cores for each in found.seen) - sum(each.cores for each in named)
    if named:
        first, *rest = named
        parts.append(f"{_name(first)} uses {units.of_a_core(first.cores)}")
        parts += [f"{_name(each)} {_shortly(each.cores)}" for each in rest]
    if others > _NAMED_CORES:
        used = _shortly(others) if named else units.of_a_core(others)
        parts.append(f"others {used}" if named else f"other processes use {used}")
    if found.unseen_cores:
        parts.append(f"processes that cannot be seen from here use {units.of_a_core(found.unseen_cores)}")
    if found.stolen_cores > _NAMED_CORES:
        parts.append(f"the host of this virtual machine takes {units.of_a_core(found.stolen_cores)}")
    if found.waited_share is not None and found.waited_share > _WAITED_SHARE:
        parts.append(f"something waited for a CPU {100 * found.waited_share:.0f} % of the time")
    return f"this machine is busy: {', '.join(parts)}; intervals will be wider"


def _name(process: Neighbour) -> str:
    return f"{sanitized(process.name, _LONGEST_NAME)} (pid {process.pid})"


def _shortly(cores: float) -> str:
    """Without the unit that stands before it in the line."""
    return units.of_a_core(cores).removesuffix(" of a core")

"""Real trials: which are asked, in which order, and how one is made."""

import os
import platform
import random
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from bench.errors import StorageError
from bench.machine.environment import describe
from bench.processes.scratch import NoFolder, Scratch, sweep
from bench.proof.load import neighbours
from bench.proof.subject import make
from bench.proof.tools import ASK, missing
from bench.store.trials import Trial


@dataclass(frozen=True, slots=True)
class Wanted:
    """One kind of trial."""

    effect: float
    loaded: bool
    seconds: float
    """The time that a check may take for its case."""
    number: int
    peers: int
    """In how many of them the other tools are asked too, each for as long as the check took."""


_STARTING_S = 3.0
"""What a check takes beside the time of its case: two checkouts, two looks for workloads, a page of verdicts."""


def wanted(checks: int, changed: int, peers: int) -> list[Wanted]:
    """What is claimed: identical code, 5 % in a minute and 20 % in 15 seconds, with neighbours and without."""
    return [
        Wanted(effect, loaded, seconds, number, min(peers, number))
        for loaded in (False, True)
        for effect, seconds, number in ((0.0, 60, checks), (0.05, 60, changed), (0.2, 15 - _STARTING_S, changed))
    ]


def conduct(
    kinds: Sequence[Wanted], done: Sequence[Trial], keep: Callable[[Trial], None], say: Callable[[str], None]
) -> None:
    """Make the trials that are not done yet, those of all kinds in turns, so that a proof that is cut short has some of each.

    Args:
        kinds: what is wanted.
        done: trials that were made before.
        keep: called with each trial as it ends.
        say: told what is going on.
    """
    left_out = missing()
    for tool, why in left_out.items():
        say(f"left out: {tool} ({why})")
    rounds = max((each.number for each in kinds), default=0)
    for number in range(rounds):
        for kind in random.sample(list(kinds), len(kinds)):
            if number < kind.number:
                tools = ["check", *(each for each in ASK if each not in {"check", *left_out} and number < kind.peers)]
                open_tools = [each for each in tools if number >= len(_made(done, each, kind))]
                checks = _made(done, "check", kind)
                seconds = checks[number].wall_s if number < len(checks) else kind.seconds
                _trial(kind, seconds, open_tools, keep, say)


def _made(done: Sequence[Trial], tool: str, kind: Wanted) -> list[Trial]:
    return [each for each in done if (each.tool, each.effect, each.loaded) == (tool, kind.effect, kind.loaded)]


def _trial(
    kind: Wanted, seconds: float, tools: Sequence[str], keep: Callable[[Trial], None], say: Callable[[str], None]
) -> None:
    """Ask each tool once; `seconds` are for the first, and after a check the others get what it took."""
    with _folder() as folder:
        make(Path(folder), kind.effect)
        with neighbours(os.cpu_count() or 1) if kind.loaded else nullcontext():
            for tool in tools:
                load_1m, began_s = os.getloadavg()[0], time.monotonic()
                answer = ASK[tool](Path(folder), seconds)
                wall_s = time.monotonic() - began_s
                trial = Trial(
                    tool, kind.effect, kind.loaded, answer.answer, answer.said, wall_s, seconds, load_1m,
                    answer.pairs, answer.ratio, machine(), f"{datetime.now(UTC):%Y-%m-%d}",
                )  # fmt: skip
                keep(trial)
                say(
                    f"{kind.effect:+.0%}{', loaded' if kind.loaded else ''}: {tool} says {answer.said} after {wall_s:.0f} s"
                )
                if tool == "check":
                    seconds = wall_s


@contextmanager
def _folder() -> Iterator[str]:
    """A folder that is swept away where the proof is killed; and what a tool has left that was killed goes with it.

    Raises:
        StorageError: if none can be made.
    """
    try:
        mine = Scratch()
    except NoFolder as error:
        raise StorageError(str(error)) from None
    try:
        yield mine.fresh()
    finally:
        mine.close()
        sweep()


def machine() -> str:
    """Where the trials are made, for the page."""
    here = describe({}, identify=False)
    return f"{here.cpu_model}, {here.usable_cores} cores, {here.os} {here.kernel}, Python {platform.python_version()}"

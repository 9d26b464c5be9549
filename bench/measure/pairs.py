"""Pairs of blocks, one of each arm of a gate: two fresh hosts that are alive together and measure by turns.

A machine that others use too is slower by a third for seconds at a time, and then it is so for both: their short rounds
alternate in random order on the same CPUs. Each arm has a supervisor of its own, so that neither sees the other's
processes.

Both hosts of a pair get the same luck with hashes and addresses, and each pair another: one seed of PYTHONHASHSEED, of the
padding of the memory (`bench.measure.layout`) and of the place of the stack, and no random addresses. Identical code then
runs at identical addresses. Measured here, a loop of 10 ms made 5 % slower, 25 pairs each: with random addresses the
logs of the pairs' ratios had a robust standard deviation of 1.4 and 2.6 %, with equal ones 0.6 % both times.
"""

import os
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from functools import partial
from random import Random
from types import TracebackType
from typing import Self

from bench.measure.cases import PlannedCase
from bench.measure.conditions import Conditions
from bench.measure.look import Look, not_fresh
from bench.measure.place import Manner, Place
from bench.measure.runner import Measurer, Progress, unavailable
from bench.measure.version import UNWATCHED, Version
from bench.model import Block, Outcome
from bench.result import Repeats, Result

ARMS = ("base", "head")
_SEEDS = 1 << 32
"""PYTHONHASHSEED is below it."""


@dataclass(frozen=True, slots=True)
class PairedCase:
    """A case that both arms have. They may differ in the interpreter, and in where the workload is defined."""

    base: PlannedCase
    head: PlannedCase

    @property
    def key(self) -> str:
        """The case's key in the run file: the head's."""
        return self.head.case.key

    @property
    def name(self) -> str:
        """For the line on the progress."""
        return f"{self.head.workload.name} {self.head.strategy.name}"

    @property
    def arms(self) -> tuple[PlannedCase, PlannedCase]:
        """In the order of `ARMS`."""
        return self.base, self.head


@dataclass(frozen=True, slots=True)
class Shape:
    """What a pair of blocks of a case consists of."""

    rounds: int
    """Of each block, the cold one included."""
    calls: int
    """Of the strategy, in each round."""
    alone: bool
    """Whether both hosts stay on one CPU: where nothing of the case ever runs beside another part of it."""


class Pairs:
    """A supervisor for each arm, for as long as the context lasts."""

    def __init__(
        self, conditions: Conditions, progress: Progress, places: Sequence[Place], version: Version = UNWATCHED
    ) -> None:
        """Of two places, the base's and the head's; nothing is started yet. Every pair has to be of the version."""
        self._version = version
        self._conditions = conditions
        self._progress = progress
        self._places = places
        self._rng = Random()  # another order and other layouts in each run
        self._stack = ExitStack()
        self._arms: list[Measurer] = []
        self._looks: list[Look] = []
        self._given: dict[tuple[str, int], Result] = {}
        """By case and arm, what its first block gave back."""

    def __enter__(self) -> Self:
        with ExitStack() as stack:
            for place in self._places:
                self._arms.append(stack.enter_context(Measurer(self._conditions, self._progress, place)))
            self._looks = [Look(arm) for arm in self._arms]
            for arm in self._arms:
                stack.callback(arm.dismiss)  # both before the first is waited for
            self._stack = stack.pop_all()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stack.__exit__(kind, error, trace)

    def prepare(self, cases: Sequence[PairedCase]) -> None:
        """Start the preparation of every workload that has one, in both arms."""
        for number, arm in enumerate(self._arms):
            arm.prepare([case.arms[number] for case in cases])

    def look_into(self, case: PairedCase, trial: Sequence[Block]) -> list[Repeats | None]:
        """What shows, of each arm, whether its results come from a cache; nothing where neither trial gives a reason to look."""
        looked = [look.into(each, block) for look, each, block in zip(self._looks, case.arms, trial, strict=True)]
        if not any(block.repeats for block in looked) or any(block.outcome is not Outcome.OK for block in trial):
            return [None for _ in ARMS]
        found = [look.at(each) for look, each in zip(self._looks, case.arms, strict=True)]
        return [of and replace(of, tried_s=block.rounds[0].wall_s) for of, block in zip(found, trial, strict=True)]

    def not_fresh(self, cases: Sequence[PairedCase]) -> dict[str, str]:
        """Why rounds cannot get inputs of their own in an arm or the other, by name of the workload."""
        found: dict[str, str] = {}
        for number, arm in enumerate(self._arms):
            found |= not_fresh(arm, [case.arms[number] for case in cases])
        return found

    def measure(self, case: PairedCase, number: int, shape: Shape) -> list[Block]:
        """One pair: a block of each arm, in the order of `ARMS`. Both are there, however they ended.

        Raises:
            EditedError: if the version is another one before or after it.
        """
        return self._version.throughout(partial(self._measure, case, number, shape))

    def _measure(self, case: PairedCase, number: int, shape: Shape) -> list[Block]:
        rng = self._rng
        cpus = [rng.choice(_usable_cpus())] if shape.alone and _usable_cpus() else []
        layout = rng.randrange(_SEEDS)
        blocks: list[Block | None] = [
            arm.unprepared(each, number, name) for arm, each, name in zip(self._arms, case.arms, ARMS, strict=True)
        ]
        for which in _both(rng):
            if blocks[which] is None:
                manner = Manner(ARMS[which], shape.calls, True, cpus, layout, number == 0)
                self._arms[which].begin(case.arms[which], number, shape.rounds, manner)
        for which in range(len(ARMS)):
            blocks[which] = self._until_turn(which, blocks[which])
        for which in _turns(shape.rounds, rng):
            blocks[which] = self._granted(which, blocks[which])
        return [
            replace(self._compared(which, self._finished(which, block)), case=case.key, arm=ARMS[which])
            for which, block in enumerate(blocks)
        ]

    def _compared(self, which: int, block: Block) -> Block:
        """The block with a word where another process of the same arm gave something else, as of its own id."""
        if block.result is None or not block.result.digest:
            return block
        first = self._given.setdefault((block.case, which), block.result)
        if first.digest == block.result.digest or block.result.varies:
            return block
        return replace(block, result=replace(block.result, varies=f"{first.shown}, then {block.result.shown}"))

    def _until_turn(self, which: int, block: Block | None) -> Block | None:
        """Wait until an arm has come to its next window, or has its block; that is given back."""
        arm = self._arms[which]
        while block is None and not arm.awaits_turn:
            block = arm.take()
        return block

    def _granted(self, which: int, block: Block | None) -> Block | None:
        """Let an arm go through one window, and on to the next."""
        if block is None:
            self._arms[which].grant()
        return self._until_turn(which, block)

    def _finished(self, which: int, block: Block | None) -> Block:
        while block is None:
            block = self._granted(which, None)
        return block

    def unavailable(self, case: PairedCase) -> list[Block]:
        """The records of a case that cannot be measured in one arm or the other, with the reasons; none where it can."""
        return [
            replace(unavailable(each, arm.publishable), case=case.key, arm=name)
            for arm, each, name in zip(self._arms, case.arms, ARMS, strict=True)
            if each.unavailable
        ]


def _turns(rounds: int, rng: Random) -> Iterator[int]:
    """Which arm goes next, window by window: the starts, the rounds, the stops. Either is the first as often."""
    yield from _both(rng)
    firsts = [number % 2 for number in range(rounds)]
    rng.shuffle(firsts)
    for first in firsts:
        yield from (first, 1 - first)
    yield from _both(rng)


def _both(rng: Random) -> list[int]:
    return rng.sample(range(len(ARMS)), len(ARMS))


def _usable_cpus() -> list[int]:
    return sorted(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else []

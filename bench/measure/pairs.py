"""Pairs of blocks, one of each arm of a gate: ensembles of two.

Each arm has a place of its own, and what it has prepared.
"""

import os
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from functools import partial
from random import Random
from types import TracebackType
from typing import Self

from bench.measure.amount import Fixed
from bench.measure.cases import PlannedCase
from bench.measure.conditions import Conditions
from bench.measure.ensemble import Ensemble, Entrant, measured
from bench.measure.look import Look, not_fresh
from bench.measure.place import Place
from bench.measure.runner import Measurer, Progress, unavailable
from bench.measure.version import UNWATCHED, Version
from bench.model import Block, Outcome
from bench.result import Repeats, Result

ARMS = ("base", "head")


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
    """Of each block, the first included."""
    calls: int
    """Of the strategy, in each round but the first."""
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
        entrants = [
            Entrant(arm, each, name, is_first=number == 0)
            for arm, each, name in zip(self._arms, case.arms, ARMS, strict=True)
        ]
        ensemble = Ensemble(entrants, number, rng, cpus, digest=number == 0)
        blocks = measured(ensemble, [Fixed(shape.rounds - 1, shape.calls) for _ in ARMS])
        return [replace(self._compared(which, block), case=case.key) for which, block in enumerate(blocks)]

    def _compared(self, which: int, block: Block) -> Block:
        """The block with a word where another process of the same arm gave something else, as of its own id."""
        if block.result is None or not block.result.digest:
            return block
        first = self._given.setdefault((block.case, which), block.result)
        if first.digest == block.result.digest or block.result.varies:
            return block
        return replace(block, result=replace(block.result, varies=f"{first.shown}, then {block.result.shown}"))

    def unavailable(self, case: PairedCase) -> list[Block]:
        """The records of a case that cannot be measured in one arm or the other, with the reasons; none where it can."""
        return [
            replace(unavailable(each, arm.publishable), case=case.key, arm=name)
            for arm, each, name in zip(self._arms, case.arms, ARMS, strict=True)
            if each.unavailable
        ]


def _usable_cpus() -> list[int]:
    return sorted(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else []

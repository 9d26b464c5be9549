"""Inputs whose iteration does not end as their length promises. Strategies that only index them never notice."""

import itertools
import time
from collections.abc import Iterator
from random import Random
from typing import overload

from .striking import LONGEST_S, TASKS, Turn, fault, its_number, tell

STEP_S = 0.02
"""So slow that who waits for the end uses next to no CPU."""


class Endless:
    """Ten inputs by their length and their indices; who iterates over them gets more and more."""

    def __len__(self) -> int:
        return TASKS

    @overload
    def __getitem__(self, number: int) -> Turn: ...

    @overload
    def __getitem__(self, number: slice) -> list[Turn]: ...

    def __getitem__(self, number: int | slice) -> Turn | list[Turn]:
        turns = [Turn(each, strikes=False) for each in range(TASKS)]
        return turns[number]

    def __iter__(self) -> Iterator[Turn]:
        for number in range(TASKS):
            yield self[number]
        tell()
        ends_s = time.monotonic() + LONGEST_S
        for number in itertools.count():
            if time.monotonic() > ends_s:
                raise TimeoutError(f"somebody has asked for inputs for {LONGEST_S} s")
            time.sleep(STEP_S)
            yield self[number % TASKS]


def endless(_: int, rng: Random) -> Endless:
    """The inputs of `iterates_for_ever`."""
    return Endless()


@fault("inputs of length 10 that never end", right=its_number, inputs=endless)
def iterates_for_ever(turn: Turn) -> int:
    """Give back the number of an input, of which there is always one more."""
    return turn.number


class Breaking(Endless):
    """Ten inputs by their length and their indices; their iteration raises half-way."""

    def __iter__(self) -> Iterator[Turn]:
        for number in range(TASKS // 2):
            yield self[number]
        tell()
        raise ValueError(f"there is no input after the first {TASKS // 2}")


def breaking(_: int, rng: Random) -> Breaking:
    """The inputs of `iterates_half_way`."""
    return Breaking()


@fault("inputs of length 10 that raise half-way", right=its_number, inputs=breaking)
def iterates_half_way(turn: Turn) -> int:
    """Give back the number of an input, of which there are fewer than promised."""
    return turn.number

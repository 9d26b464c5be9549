"""What does not go through pickle as it should: exceptions, results and inputs on their way between processes."""

import os
from collections.abc import Callable
from random import Random
from typing import Any

from .striking import STRIKING, Turn, fault, its_number, one_strikes, tell


class TwoArgumentsError(Exception):
    """It pickles, and what comes of it lacks an argument: a frequent mistake."""

    def __init__(self, number: int, reason: str) -> None:
        super().__init__(f"task {number}: {reason}")


@fault("exception that does not unpickle")
def raises_what_does_not_unpickle(turn: Turn) -> int:
    """Raise an exception that pickles and cannot be made again from that.

    Well known: `multiprocessing.Pool` waits forever, executors and joblib break, mpire raises it.
    """
    if turn.strikes:
        tell()
        raise TwoArgumentsError(turn.number, "struck")
    return turn.number


class Sealed:
    """It pickles, and does not unpickle in any process."""

    def __init__(self, number: int) -> None:
        self.number = number

    def __reduce__(self) -> tuple[Any, ...]:
        return _refuse, (self.number,)


def _refuse(number: int) -> Sealed:
    raise ValueError(f"what task {number} gave does not unpickle")


@fault("result that does not unpickle", right=lambda found: type(found) is Sealed and found.number == STRIKING)
def gives_what_does_not_unpickle(turn: Turn) -> int | Sealed:
    """Give back an object that pickles and cannot be made again from that.

    Well known: `multiprocessing.Pool` and mpire wait forever, executors and joblib break.
    """
    if turn.strikes:
        tell()
        return Sealed(turn.number)
    return turn.number


@fault("result that is a lambda", right=lambda found: callable(found) and found() == STRIKING)
def gives_a_lambda(turn: Turn) -> int | Callable[[], int]:
    """Give back a lambda, which does not pickle.

    Well known: MaybeEncodingError from `multiprocessing.Pool`, AttributeError or PicklingError from executors; joblib
    hands it over, mpire waits forever.
    """
    if turn.strikes:
        tell()
        return lambda: turn.number
    return turn.number


class Homebound:
    """An input that unpickles only in the process that it was made in."""

    def __init__(self, turn: Turn) -> None:
        self.number = turn.number
        self.home = os.getpid()

    def __reduce__(self) -> tuple[Any, ...]:
        return _at_home, (Turn(self.number, strikes=True), self.home)


def _at_home(turn: Turn, home: int) -> Homebound:
    if os.getpid() != home:
        tell()
        raise ValueError(f"the input of task {turn.number} does not unpickle in another process")
    return Homebound(turn)


def one_stays(tasks: int, rng: Random) -> list[Turn | Homebound]:
    """Inputs of which one cannot be unpickled elsewhere."""
    return [Homebound(each) if each.strikes else each for each in one_strikes(tasks, rng)]


@fault("input that does not unpickle in a worker", right=its_number, inputs=one_stays)
def takes_what_does_not_unpickle(turn: Turn | Homebound) -> int:
    """Give back the number of an input that does not unpickle in any process but the measured one."""
    return turn.number

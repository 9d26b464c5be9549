"""Exceptions that are no `Exception`, and such with messages that are hard to hand on."""

import sys

from .striking import Turn, fault, tell

MESSAGE_CHARACTERS = 10_000_000


class OutOfTheOrdinaryError(BaseException):
    """No `Exception`, so that most handlers let it pass."""


@fault("a BaseException of its own")
def raises_a_base_exception(turn: Turn) -> int:
    """Raise an exception of a class that derives from `BaseException`.

    Well known: `multiprocessing.Pool` and mpire wait forever, executors and joblib raise it.
    """
    if turn.strikes:
        tell()
        raise OutOfTheOrdinaryError("struck")
    return turn.number


@fault("SystemExit")
def raises_system_exit(turn: Turn) -> int:
    """Call `sys.exit`.

    Well known: `multiprocessing.Pool` waits forever, executors and joblib raise it.
    """
    if turn.strikes:
        tell()
        sys.exit(3)
    return turn.number


@fault("KeyboardInterrupt")
def raises_keyboard_interrupt(turn: Turn) -> int:
    """Raise what Ctrl-C raises.

    Well known: `multiprocessing.Pool` waits forever, executors and joblib raise it.
    """
    if turn.strikes:
        tell()
        raise KeyboardInterrupt("struck")
    return turn.number


@fault("exception with a message of 10 MB")
def raises_at_length(turn: Turn) -> int:
    """Raise an exception with a message of ten million characters."""
    if turn.strikes:
        tell()
        raise ValueError("x" * MESSAGE_CHARACTERS)
    return turn.number


@fault("exception whose message is not UTF-8")
def raises_no_utf_8(turn: Turn) -> int:
    """Raise an exception whose message has halves of characters in it, which no encoding takes."""
    if turn.strikes:
        tell()
        raise ValueError("struck \udcff\ud800")
    return turn.number

"""Ctrl-C, SIGTERM and SIGHUP: how the command ends by them, and when. What comes after the first one changes nothing.

No handler here ever raises: an exception at a random place gets lost in a destructor, or leaves a line half written.
Where nothing has to be put in order, the command leaves at once; what it started ends by itself, as when the
command is killed. Inside of `held`, the interruption is noted, and `wait` raises it.
Importing this touches no handler; `install` does, for a program.
"""

import contextlib
import os
import signal
import sys
from collections.abc import Callable, Iterator, Sequence
from types import FrameType
from typing import NoReturn

from bench.processes.readiness import ready

EXIT_STATUS = 130
_SIGNALS = [getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)]
_PATIENCE_S = 1.0
"""How long the last line waits for a terminal that is stopped."""


class Interrupted(BaseException):
    """The user, or who ends jobs, wants the command to end; no `Exception`, so that nothing takes it for a failure."""


class _State:
    """What has happened, and what depends on it."""

    def __init__(self) -> None:
        self.came = False
        self.raised = False
        self.said = False
        self.held = 0
        self.bell: tuple[int, int] | None = None
        """A pipe that wakes `wait`."""
        self.kept = ""
        self.process = 0
        self.tidy: Callable[[], object] | None = None
        self.undo: list[Callable[[], object]] = []


_state = _State()


def install() -> None:
    """Take the signals over. Again: nothing more.

    Those that are ignored do nothing here (nohup, the background of a shell), but by a handler: what this process starts
    then has none of that, and pools can end their workers. SIGCHLD is as it should be: were it ignored, nobody could wait
    for a process. SIGPIPE is Python's own affair, which ignores it, and lets programs have it that are started.
    """
    _state.process = os.getpid()
    for number in _SIGNALS:
        is_ignored = signal.getsignal(number) in (signal.SIG_IGN, _nothing)
        signal.signal(number, _nothing if is_ignored else _arrived)
    if hasattr(signal, "SIGCHLD"):
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)


def ignore() -> None:
    """From now on nothing interrupts any more: the exit status is decided, and Python goes away with its handlers."""
    hook = sys.unraisablehook
    sys.unraisablehook = lambda _: None  # says so where one arrives at this very moment (bpo-43406)
    for number in _SIGNALS:
        signal.signal(number, signal.SIG_IGN)
    sys.unraisablehook = hook


def hold() -> None:
    """Begin what must not be left at once; `release` ends it."""
    if _state.process and _state.bell is None:
        _state.bell = os.pipe()
    _state.held += 1


def release() -> None:
    """The outermost one leaves the command if it was interrupted meanwhile and no `wait` has said so."""
    _state.held -= 1
    if not _state.held and _state.came and not _state.raised:
        _leave()


@contextlib.contextmanager
def held() -> Iterator[None]:
    """What must not be left at once."""
    hold()
    try:
        yield
    finally:
        release()


def wait(readable: Sequence[int], timeout_s: float | None = None) -> list[int]:
    """Those of some descriptors that can be read; none if that takes longer than `timeout_s`.

    Raises:
        Interrupted: once, where something is held.
    """
    bell = [_state.bell[0]] if _state.bell and not _state.raised else []
    found = [] if _state.came and bell else ready([*readable, *bell], timeout_s=timeout_s)[0]
    if _state.came and not _state.raised:
        _state.raised = True
        raise Interrupted
    return found


def writable(descriptor: int) -> bool:
    """Whether something can be written. Waits for that, but not where the command is to end."""
    if not _state.came:
        ready([_state.bell[0]] if _state.bell else [], [descriptor])
    return bool(ready([], [descriptor], _PATIENCE_S if _state.came else 0)[1])


def keeps(sentence: str) -> None:
    """What the line says of what is kept."""
    _state.kept = sentence


def say() -> None:
    """The one line that says so."""
    if _state.said:
        return
    _state.said = True
    line = f"interrupted: {_state.kept}\n" if _state.kept else "interrupted\n"
    with contextlib.suppress(OSError):
        if writable(2):
            os.write(2, line.encode(errors="replace"))


def say_if_it_came() -> None:
    """The same where there was one."""
    if _state.came:
        say()


def before_leaving(tidy: Callable[[], object] | None) -> None:
    """What is done to the terminal where the command leaves at once; None for nothing any more."""
    _state.tidy = tidy


@contextlib.contextmanager
def undone_by(undo: Callable[[], object]) -> Iterator[None]:
    """What `undo` puts in order where the command leaves at once meanwhile: the latest first, in the handler."""
    _state.undo.append(undo)
    try:
        yield
    finally:
        _state.undo.remove(undo)


def _arrived(number: int, _: FrameType | None) -> None:
    if os.getpid() != _state.process:  # a fork that has yet to become another program
        signal.signal(number, signal.SIG_DFL)
        os.kill(os.getpid(), number)
        return
    if _state.came:
        return
    _state.came = True
    if _state.held and _state.bell:
        os.write(_state.bell[1], b"\0")
    else:
        _leave()


def _nothing(number: int, _: FrameType | None) -> None:
    """A signal that was ignored when the command was started."""


def _leave() -> NoReturn:
    if _state.tidy is not None and writable(2):
        with contextlib.suppress(OSError):
            _state.tidy()
    for each in reversed(_state.undo):
        with contextlib.suppress(Exception):
            each()
    say()
    os._exit(EXIT_STATUS)

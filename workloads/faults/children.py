"""Processes that tasks start, and tasks that do not end when they are told to."""

import os
import signal
import subprocess
import sys
import time
from typing import Any

from .striking import LONGEST_S, Turn, fault, forked, its_number, tell


@fault("a daemonic process that starts a child")
def has_a_daemonic_process_start_a_child(turn: Turn) -> int:
    """Start a process from a daemonic one: an AssertionError."""
    if turn.strikes:
        import multiprocessing

        context = multiprocessing.get_context("fork")
        tell()
        if multiprocessing.current_process().daemon:
            _start_a_child(context)
        else:
            receiver, sender = context.Pipe(duplex=False)
            daemonic = context.Process(target=_report, args=(sender, context), daemon=True)
            with receiver, sender:
                daemonic.start()
                error = receiver.recv()
            daemonic.join()
            raise error
    return turn.number


def _start_a_child(context: Any) -> None:
    child = context.Process(target=int)
    child.start()
    child.join()


def _report(sender: Any, context: Any) -> None:
    signal.alarm(LONGEST_S)
    try:
        _start_a_child(context)
    except AssertionError as error:
        sender.send(error)
    else:
        sender.send(RuntimeError("a daemonic process has started a child"))


_MAIN_ALONE_HAS_IT = """
import multiprocessing, sys

def work():
    pass

process = multiprocessing.get_context("forkserver").Process(target=work, daemon=True)
process.start()
process.join()
sys.exit(process.exitcode)
"""


@fault("forkserver and a function of __main__")
def hands_main_to_a_forkserver(turn: Turn) -> int:
    """Run a `python -c` program that hands a function of its own to a forkserver, which cannot find it."""
    if turn.strikes:
        tell()
        program = subprocess.run(
            [sys.executable, "-P", "-c", _MAIN_ALONE_HAS_IT],
            stderr=subprocess.PIPE,
            timeout=LONGEST_S,
            check=False,
            encoding="utf-8",
            errors="replace",
        )
        if program.returncode != 0:
            kind, _, said = program.stderr.strip().rpartition("\n")[2].partition(": ")
            raise AttributeError(said) if kind == "AttributeError" else RuntimeError(f"{kind}: {said}")
    return turn.number


@fault("a task that never returns")
def never_returns(turn: Turn) -> int:
    """Sleep for longer than any limit."""
    if turn.strikes:
        tell()
        time.sleep(LONGEST_S)
        raise TimeoutError(f"nobody has ended the task within {LONGEST_S} s")
    return turn.number


@fault("a task that ignores SIGTERM")
def ignores_sigterm(turn: Turn) -> int:
    """Ignore the signal that asks processes to end, and sleep for longer than any limit."""
    if turn.strikes:
        import ctypes

        set_handler = ctypes.CDLL(None).signal  # because `signal.signal` works in main threads only
        set_handler.argtypes = ctypes.c_int, ctypes.c_void_p
        set_handler(signal.SIGTERM, int(signal.SIG_IGN))
        tell()
        time.sleep(LONGEST_S)
        raise TimeoutError(f"nobody has ended the task within {LONGEST_S} s")
    return turn.number


@fault("a daemon left behind", right=its_number)
def leaves_a_daemon(turn: Turn) -> int:
    """Fork twice and leave a process in a session of its own, which sleeps; the result is right."""
    if turn.strikes:
        tell()
        os.waitpid(forked(_detach), 0)
    return turn.number


def _detach() -> None:
    os.setsid()
    forked(_be_a_daemon)


def _be_a_daemon() -> None:
    os.closerange(0, 256)  # or those who read from these descriptors would wait for it
    time.sleep(LONGEST_S)

"""Tasks that end the process they run in, and the one to compare all others with, where nothing happens."""

import os
import signal

from .striking import Turn, fault, its_number, tell


@fault("nothing (for comparison)", right=its_number)
def nothing(turn: Turn) -> int:
    """Give back a number, as all tasks of all faults do but the one that strikes."""
    return turn.number


@fault("os._exit(1)")
def exits(turn: Turn) -> int:
    """End the process at once with status 1.

    Well known: `multiprocessing.Pool` waits forever; executors say BrokenProcessPool, joblib TerminatedWorkerError.
    """
    if turn.strikes:
        tell()
        os._exit(1)
    return turn.number


@fault("SIGKILL, as when memory runs out")
def is_killed(turn: Turn) -> int:
    """Send the process SIGKILL, as the kernel does when memory runs out.

    Well known: as with `os._exit`.
    """
    if turn.strikes:
        tell()
        os.kill(os.getpid(), signal.SIGKILL)
    return turn.number


@fault("segmentation fault")
def segfaults(turn: Turn) -> int:
    """Read what is at the address 0, as faulty extension modules do."""
    if turn.strikes:
        import ctypes
        import resource

        _, hard = resource.getrlimit(resource.RLIMIT_CORE)
        resource.setrlimit(resource.RLIMIT_CORE, (0, hard))  # no file is left of it
        tell()
        ctypes.string_at(0)
    return turn.number


@fault("SIGKILL to its process group")
def kills_its_group(turn: Turn) -> int:
    """Send SIGKILL to all processes of the process group, the measured one among them."""
    if turn.strikes:
        tell()
        os.killpg(0, signal.SIGKILL)
    return turn.number

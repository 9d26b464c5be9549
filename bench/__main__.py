"""`python -m bench`."""

import bench

if bench.IS_EARLY:
    bench.without_the_current_folder()  # before anything else is imported

import errno
import os
import sys
from typing import NoReturn

from bench.errors import BenchError, UsageError
from bench.processes import interruption, surroundings
from bench.processes.ending import ended_by


def run() -> NoReturn:
    """The command, as a program of its own: its surroundings, its signals, its streams, its exit status."""
    interruption.install()
    try:
        status = _command()
    except BaseException as error:
        status = ended_by(error, with_traceback="--debug" in sys.argv)
    interruption.ignore()
    surroundings.leave(status)


def _command() -> int:
    surroundings.settle()
    if reason := surroundings.lacks_descriptors():
        raise BenchError(reason)
    from bench.cli import streams

    streams.install()
    _demand_a_folder()
    from bench.cli.main import main

    status = main()
    streams.finish()
    return status


def _demand_a_folder() -> None:
    """Without a current folder no command finds or writes anything."""
    try:
        here = os.getcwd()
    except OSError as error:
        why = "was removed" if isinstance(error, FileNotFoundError) else f"cannot be used ({error.strerror})"
        raise UsageError(f"the current folder {why}; change to one that exists") from None
    try:
        os.stat(here)
    except OSError as error:  # those above it may be another user's
        if error.errno == errno.ENAMETOOLONG:
            raise UsageError(
                f"the current folder has a path of {len(here)} characters, more than this system opens; change to a shorter one"
            ) from None


if __name__ == "__main__":
    run()

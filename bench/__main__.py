"""`python -m bench`."""

import os
import sys
from typing import NoReturn

import bench
from bench import interruption, surroundings
from bench.errors import BenchError


def run() -> NoReturn:
    """The command, as a program of its own: its surroundings, its signals, its streams, its exit status."""
    if bench.IS_EARLY:
        bench.without_the_current_folder()
    interruption.install()
    surroundings.settle()
    if reason := surroundings.lacks_descriptors():
        sys.stderr.write(f"error: {reason}\n")
        sys.exit(BenchError.exit_status)
    from bench.cli import streams

    streams.mend()
    status = _command() if _is_somewhere() else 2
    streams.finish()
    interruption.ignore()
    surroundings.leave(status)


def _is_somewhere() -> bool:
    """Whether the current folder is there; else no command finds or writes anything, and this says so."""
    try:
        os.getcwd()
    except OSError as error:
        why = "was removed" if isinstance(error, FileNotFoundError) else f"cannot be used ({error.strerror})"
        sys.stderr.write(f"error: the current folder {why}; change to one that exists\n")
        return False
    return True


def _command() -> int:
    """The command line, or one line where a package that it needs is missing."""
    try:
        from bench.cli.main import main

        return main()
    except ModuleNotFoundError as error:
        if error.name is None or error.name.startswith("bench"):
            raise
        sys.stderr.write(
            f"error: this Python ({sys.executable}) has no package {error.name!r}; use the one of .venv that `make` "
            "sets up, or pip install concurrency-bench\n"
        )
        return 2


if __name__ == "__main__":
    run()

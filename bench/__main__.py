"""`python -m bench`."""

import sys

import bench
from bench import interruption


def run() -> int:
    """The command, as a program of its own: its signals, its streams, its exit status."""
    if bench.IS_EARLY:
        bench.without_the_current_folder()
    interruption.install()
    from bench.cli import streams

    streams.mend()
    status = _command()
    streams.finish()
    interruption.ignore()
    return status


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
    sys.exit(run())

"""How a command ends that an exception ended: one line and a status, for all of them here.

Status 1 is not among them: it says that a change made code slower, and only a verdict may. Standard library only, because a
missing package is told here, too.
"""

import sys
import traceback

from bench.errors import BenchError, UsageError, lack
from bench.plugins.names import sanitized
from bench.processes import interruption


def ended_by(error: BaseException, *, with_traceback: bool) -> int:
    """Say on the error stream what has happened, on one line.

    Args:
        error: what was raised, expected or not.
        with_traceback: whether it is shown where it came from, before that line.

    Returns:
        The exit status: 2 for wrong usage, 130 for an interruption, 3 for anything else.
    """
    if isinstance(error, interruption.Interrupted | KeyboardInterrupt):
        interruption.say()
        return interruption.EXIT_STATUS
    status, line = _told(error)
    if with_traceback:
        traceback.print_exception(error)
    sys.stderr.write(f"error: {line}\n")
    return status


def _told(error: BaseException) -> tuple[int, str]:
    if isinstance(error, BenchError):
        return error.exit_status, sanitized(str(error))
    if isinstance(error, ModuleNotFoundError) and error.name and not error.name.startswith("bench"):
        return UsageError.exit_status, (
            f"this Python ({sys.executable}) has no package {error.name!r}; use the one of .venv that `make` sets up, "
            "or pip install concurrency-bench"
        )
    if isinstance(error, OSError):
        return BenchError.exit_status, sanitized(lack(error))
    if isinstance(error, MemoryError):
        return BenchError.exit_status, "there is not enough memory for this; what was measured is kept"
    what = sanitized(f"{type(error).__name__}: {error}".removesuffix(": "))
    return BenchError.exit_status, (
        f"{what}; this is a fault of this tool, and what was measured is kept: python -m bench --debug … shows where it is"
    )

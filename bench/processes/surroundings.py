"""What a process of the tool takes over from who started it and must not depend on. Signals: `bench.processes.interruption`.

The user's wishes hold for the user's code: what is changed here is of this process alone and reaches none that it starts.
"""

import os
import sys
import warnings
from typing import NoReturn

from bench.errors import lack

_DESCRIPTORS = 32
"""That many must be free: a run with two workers takes about 20 in the command, as many in its supervisor."""


def settle() -> None:
    """Take a warning for a warning, though `PYTHONWARNINGS=error` was asked for: libraries warn, and that is not their end."""
    warnings.filters[:] = [("default", *each[1:]) if each[0] == "error" else each for each in warnings.filters]  # type: ignore[index]
    warnings._filters_mutated()  # type: ignore[attr-defined]  # noqa: SLF001 - what was looked up before is looked up again


def lacks_descriptors() -> str:
    """Why a command would stop half-way for want of descriptors, and what to do; empty where enough are free."""
    taken: list[int] = []
    refused = None
    try:
        for _ in range(_DESCRIPTORS):
            taken.append(os.open(os.devnull, os.O_RDONLY))  # noqa: PERF401 - those before the one that fails are closed
    except OSError as error:
        refused = error
    finally:
        for each in taken:
            os.close(each)
    return lack(refused) if refused else ""


def leave(status: int) -> NoReturn:
    """End with this status, and without the prompt that `PYTHONINSPECT` and `-i` would have at the end of any program."""
    if sys.flags.inspect:
        import atexit

        atexit._run_exitfuncs()  # noqa: SLF001
        os._exit(status)
    sys.exit(status)

"""Which way of running this work concurrently is best on this machine, and what does it cost?

The public names for plug-ins: the `workload` and `strategy` decorators, `WrongResult` for a workload's check, and
`Unavailable` for what cannot run here. What jobs of each pattern look like is in `bench.patterns`.
Importing this package loads nothing but the standard library.
"""

import os
import sys


def without_the_current_folder() -> None:
    """Take it from the path, where `-m` has put it first: a random.py or json.py of the user's must not take the place of the library's.

    What this package itself needs from its folder it finds by its own path.
    """
    try:
        here = os.getcwd()
    except FileNotFoundError:  # somebody has removed it; who needs it says so
        here = ""
    if sys.path[:1] in ([""], [here]):
        del sys.path[0]


if sys.dont_write_bytecode:
    from bench.byte_code import keep

    keep(__path__[0])

IS_EARLY = "runpy" not in sys.modules
"""Python has not come to `-m` yet: setup.py tells why this is imported so early."""

# `python -m bench`, and not a library in another program. Python has not come to its `__main__` yet.
if sys.argv[:1] == ["-m"] and sys.orig_argv[-len(sys.argv)] in ("bench", "-mbench"):
    if IS_EARLY:
        import runpy  # noqa: F401 - Python does so next, and then that folder is on the path
    else:
        without_the_current_folder()
    from bench.processes import interruption

    interruption.install()  # as early as it can be: a moment ago it was Python's own handler, with its traceback

from bench.errors import BenchError, Unavailable, WrongResult
from bench.plugins.registry import strategy, workload
from bench.version import VERSION

__version__ = VERSION
__all__ = ["BenchError", "Unavailable", "WrongResult", "__version__", "strategy", "workload"]

# The built-in workloads are `bench.workloads` wherever they lie: inside this package when installed, beside it in the
# source tree. So a user's own folder called workloads/ neither breaks nor shadows them.
if not os.path.isdir(os.path.join(__path__[0], "workloads")):
    __path__.append(os.path.dirname(os.path.realpath(__path__[0])))

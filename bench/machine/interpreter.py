"""What tells one interpreter from another: facts that must be equal where two of them are compared. Standard library only."""

import multiprocessing
import platform
import sys
import sysconfig


def python_name() -> str:
    """This interpreter as cases name it: `cpython-3.11.7`, with a `t` for a free-threaded build."""
    threaded = "t" if sysconfig.get_config_var("Py_GIL_DISABLED") else ""
    return f"{sys.implementation.name}-{platform.python_version()}{threaded}"


def facts() -> dict[str, str]:
    """The facts of `bench.records.gate.Arm`."""
    has_gil = getattr(sys, "_is_gil_enabled", lambda: True)()
    return {
        "python": python_name(),
        "build": " ".join(platform.python_build()),
        "compiler": platform.python_compiler(),
        "gil": "on" if has_gil else "off",
        "start method": multiprocessing.get_context().get_start_method(),
    }

"""What tells one interpreter from another: facts that must be equal where two of them are compared. Standard library only."""

import multiprocessing
import os
import platform
import shlex
import sys
import sysconfig


def python_name() -> str:
    """This interpreter as cases name it: `cpython-3.11.7`, with a `t` for a free-threaded build."""
    threaded = "t" if sysconfig.get_config_var("Py_GIL_DISABLED") else ""
    return f"{sys.implementation.name}-{platform.python_version()}{threaded}"


def gil() -> str:
    """`on` or `off`: modules that are imported may turn it on."""
    has_gil = getattr(sys, "_is_gil_enabled", lambda: True)()
    return "on" if has_gil else "off"


def facts() -> dict[str, str]:
    """The facts of `bench.records.gate.Arm` and `bench.records.interpreter.Interpreter`."""
    return {
        "python": python_name(),
        "build": " ".join(platform.python_build()),
        "compiler": platform.python_compiler(),
        "configured": _configured(),
        "gil": gil(),
        "jit": _jit(),
        "start method": multiprocessing.get_context().get_start_method(),
    }


def _configured() -> str:
    """The arguments of `configure`, without those that only say where something lies."""
    words = shlex.split(sysconfig.get_config_var("CONFIG_ARGS") or "")
    return " ".join(each for each in words if os.sep not in each)


def _jit() -> str:
    """`on` or `off`; `none` where the build has no JIT that says so, as all before 3.14."""
    jit = getattr(sys, "_jit", None)
    if jit is None or not jit.is_available():
        return "none"
    return "on" if jit.is_enabled() else "off"

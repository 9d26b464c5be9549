"""Interpreters by what people call them: `3.13`, `3.13t`, a path, the name of a command."""

import logging
import os
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from glob import iglob
from pathlib import Path

from bench.byte_code import cache_folder
from bench.errors import UsageError
from bench.machine import guardian
from bench.plugins.names import sanitized

_TOLD = (
    "sys.version_info >= (3, 11)",
    "bool(sysconfig.get_config_var('Py_GIL_DISABLED'))",
    "hasattr(sys, '_jit') and sys._jit.is_available()",
)
_TELLS = f"import sys, sysconfig; print({', '.join(_TOLD)})"
_LONGEST_WORD = 100
"""Of a version or a command's name."""
_LONGEST_S = 30.0
"""An interpreter may take to say that."""
_PLACES = ("/opt/python*/bin/python3*", "/opt/python*/usr/bin/python3*", "{pyenv}/versions/*/bin/python3*")
"""Where `python-discovery` does not look; uv's store and the folders of PATH are known to it."""
_PROGRAM = re.compile(r"python3(\.\d+)?t?")


@dataclass(frozen=True, slots=True)
class Found:
    """An interpreter."""

    path: str
    is_free_threaded: bool = False
    """Whether its build can run without the GIL."""
    has_jit: bool = False
    """Whether its build has one."""


def found(word: str, folder: str | None = None) -> Found:
    """The interpreter that a word means.

    Args:
        word: a version such as `3.13` or `3.13t`, with an implementation perhaps; a path; or the name of a command.
        folder: what a relative path starts from; the current folder by default.

    Raises:
        UsageError: where there is none, or one of a version that cannot run hosts.
    """
    shown = sanitized(word, 200)
    is_path = os.sep in word
    path = os.path.abspath(os.path.join(folder or os.getcwd(), os.path.expanduser(word))) if is_path else _program(word)
    if path is None:
        raise UsageError(
            f"no Python {shown} was found here; name one by its version, such as 3.13 or 3.13t, or by its path"
        )
    try:
        done = guardian.run([path, "-I", "-c", _TELLS], limit_s=_LONGEST_S)
    except OSError as error:
        raise UsageError(f"{shown} cannot be run: {error.strerror or error}") from None
    told = done.stdout.split()
    if len(told) != len(_TOLD) or told[0] != "True":
        raise UsageError(f"{shown} is no Python of version 3.11 or later")
    return Found(path, *(each == "True" for each in told[1:]))


def _own(path: str) -> str:
    """The command's own interpreter in place of the one that its virtual environment was made of: it has the user's packages."""
    return sys.executable if os.path.realpath(path) == os.path.realpath(sys.executable) else path


def _program(word: str) -> str | None:
    """Where `python-discovery` finds it, which keeps what it learns in the cache folder of the tool; None where nowhere."""
    if len(word) > _LONGEST_WORD:
        return None
    from python_discovery import DiskCache, PythonInfo, PythonSpec, get_interpreter

    # where it cannot keep anything it tells so, and that is no harm
    logging.getLogger("python_discovery").setLevel(logging.CRITICAL)
    cache = DiskCache(Path(cache_folder()) / "interpreters")
    spec = PythonSpec.from_string_spec(word)
    for program in _elsewhere(word):  # one after another: one that is broken hides no other
        info = PythonInfo.from_exe(program, cache, raise_on_error=False)
        if info is not None and info.satisfies(spec, impl_must_match=True):
            return _own(info.executable)
    info = get_interpreter(word, cache=cache)
    return None if info is None else _own(info.executable)


def _elsewhere(word: str) -> Iterator[str]:
    """Programs in places that are looked at first, of the version that is asked for: this Python before all others."""
    version = re.search(r"\d+\.\d+", word)
    if version is None:
        return
    yield sys.executable
    pyenv = os.environ.get("PYENV_ROOT") or os.path.expanduser("~/.pyenv")
    for place in _PLACES:
        for path in sorted(iglob(place.format(pyenv=pyenv)), reverse=True):
            if version[0] in path and _PROGRAM.fullmatch(os.path.basename(path)):
                yield path

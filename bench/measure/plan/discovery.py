"""Interpreters by what people call them: `3.13`, `3.13t`, a path, the name of a command."""

import os
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from glob import iglob
from pathlib import Path
from typing import TYPE_CHECKING

from bench.byte_code import cache_folder
from bench.errors import UsageError
from bench.plugins.names import sanitized

if TYPE_CHECKING:
    from python_discovery import PythonInfo

OLDEST = (3, 11)
"""The first version that can run hosts."""
_PLACES = ("/opt/python*/bin/python3*", "/opt/python*/usr/bin/python3*", "{pyenv}/versions/*/bin/python3*")
"""Where `python-discovery` does not look; uv's store and the folders of PATH are known to it."""
_PROGRAM = re.compile(r"python3(\.\d+)?t?")


@dataclass(frozen=True, slots=True)
class Found:
    """An interpreter."""

    path: str
    is_free_threaded: bool
    """Whether its build can run without the GIL."""


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
    place = os.path.abspath(os.path.join(folder or os.getcwd(), os.path.expanduser(word))) if is_path else word
    info = _looked_up(place)
    if info is None:
        what = f"{shown} is no interpreter" if is_path else f"no Python {shown} was found here"
        raise UsageError(f"{what}; name one by its version, such as 3.13 or 3.13t, or by its path")
    if info.version_info[:2] < OLDEST:
        raise UsageError(
            f"{shown} is Python {info.version_str}; {'.'.join(map(str, OLDEST))} is the oldest that is measured"
        )
    return Found(place if is_path else _own(info.executable), info.free_threaded)


def _own(path: str) -> str:
    """The command's own interpreter in place of the one that its virtual environment was made of: it has the user's packages."""
    return sys.executable if os.path.realpath(path) == os.path.realpath(sys.executable) else path


def _looked_up(word: str) -> "PythonInfo | None":
    """What `python-discovery` knows of it, and keeps in the cache folder of the tool; None where there is none."""
    from python_discovery import DiskCache, PythonInfo, PythonSpec, get_interpreter

    cache = DiskCache(Path(cache_folder()) / "interpreters")
    spec = PythonSpec.from_string_spec(word)
    for program in _elsewhere(word):  # one after another: one that is broken hides no other
        info = PythonInfo.from_exe(program, cache, raise_on_error=False)
        if info is not None and info.satisfies(spec, impl_must_match=True):
            return info
    try:
        return get_interpreter(word, cache=cache)
    except (OSError, RuntimeError, ValueError):  # it is a program, and no Python
        return None


def _elsewhere(word: str) -> Iterator[str]:
    """Programs in places that are looked at first, of the version that is asked for: this Python before all others."""
    version = re.search(r"\d+\.\d+", word)
    if version is None or os.sep in word:
        return
    yield sys.executable
    pyenv = os.environ.get("PYENV_ROOT") or os.path.expanduser("~/.pyenv")
    for place in _PLACES:
        for path in sorted(iglob(place.format(pyenv=pyenv)), reverse=True):
            if version[0] in path and _PROGRAM.fullmatch(os.path.basename(path)):
                yield path

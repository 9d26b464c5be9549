"""Where hosts run by default: with the command's own interpreter, and with the modules of the project that it was started in."""

import os
from collections.abc import Iterator

from bench.errors import UsageError
from bench.measure.wire.requests import Site

_TOP_OF_REPOSITORY = ".git"
_TOPS_OF_PROJECTS = ("pyproject.toml", "setup.py", "setup.cfg")


def here() -> Site:
    """The command's own interpreter, and the modules of the project that it was started in.

    Raises:
        UsageError: if the current folder was removed.
    """
    try:
        return Site(path=project_folders(os.getcwd()))
    except FileNotFoundError:
        raise UsageError("the current folder was removed; change to one that exists") from None


def project_folders(folder: str) -> list[str]:
    """Where the modules of the project lie that a folder belongs to: in itself, at the top, and in `src` there.

    The tops are those of the project and, where that is part of a larger repository, of what lies above it in that.
    """
    return list(dict.fromkeys([folder, *_tops(folder)]))


def _tops(folder: str) -> Iterator[str]:
    above = [folder]
    while (parent := os.path.dirname(above[-1])) != above[-1]:
        above.append(parent)
    has = {
        each: {name for name in (_TOP_OF_REPOSITORY, *_TOPS_OF_PROJECTS) if os.path.exists(os.path.join(each, name))}
        for each in above
    }
    repository = next((number for number, each in enumerate(above) if _TOP_OF_REPOSITORY in has[each]), None)
    tops = [each for each in above[: None if repository is None else repository + 1] if has[each]]
    for each in tops if repository is not None else tops[:1]:
        yield each
        yield os.path.join(each, "src")

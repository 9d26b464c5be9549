"""Where a host runs, and in which manner: what a case of a gate and of an ensemble needs beside its name."""

import os
from collections.abc import Iterator
from dataclasses import dataclass, field

from bench.errors import UsageError


@dataclass(frozen=True, slots=True)
class Place:
    """An interpreter, a folder, and what is added to the environment. By default those of the command."""

    python: str | None = None
    folder: str | None = None
    path: list[str] = field(default_factory=list)
    """Folders of modules, to be found before what is installed and after the standard library."""
    environment: dict[str, str] = field(default_factory=dict)
    top: str | None = None
    """The user's working tree, from which nothing may be loaded; None where it may."""
    root: str | None = None
    """The checkout whose code is to be loaded instead."""


_TOP_OF_REPOSITORY = ".git"
_TOPS_OF_PROJECTS = ("pyproject.toml", "setup.py", "setup.cfg")
_MOST_SHIFT_BYTES = 4096


def here() -> Place:
    """The command's own interpreter, and the modules of the project that it was started in.

    Raises:
        UsageError: if the current folder was removed.
    """
    try:
        return Place(path=project_folders(os.getcwd()))
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


@dataclass(frozen=True, slots=True)
class Manner:
    """How a block is measured that is not alone."""

    turns: bool = False
    """Whether each window waits until the command grants it, so that two hosts never measure at the same time."""
    cpus: list[int] = field(default_factory=list)
    """Where the host stays; anywhere if empty."""
    layout: int | None = None
    """The seed of the memory's layout and of the hashes of strings, the same for all hosts of an ensemble."""
    digest: bool = False
    """Whether a digest of the results is wanted."""
    is_first: bool = True
    """Whether it is the first block of its case, whose results are compared with those of a plain loop."""
    errand: str = ""
    """What the host does in place of a block (`bench.measure.host.errands`)."""

    @property
    def environment(self) -> dict[str, str]:
        """All of an ensemble get the same hashes of strings, unless the user has chosen them, and the same place of the stack.

        The environment lies above the stack and moves it (Mytkowicz et al., ASPLOS 2009).
        """
        if self.layout is None:
            return {}
        hashes = {} if "PYTHONHASHSEED" in os.environ else {"PYTHONHASHSEED": str(self.layout)}
        return hashes | {"BENCH_LAYOUT": "x" * (self.layout % _MOST_SHIFT_BYTES)}


ALONE = Manner()

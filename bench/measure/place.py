"""Where a host runs, and in which manner: what the two arms of a gate need beside the case itself."""

import os
from dataclasses import dataclass, field


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


HERE = Place()
_MOST_SHIFT_BYTES = 4096


@dataclass(frozen=True, slots=True)
class Manner:
    """How a block of a gate differs from a block of a run."""

    arm: str = ""
    calls: int = 1
    """Of the strategy, in each round."""
    turns: bool = False
    """Whether each window waits until the command grants it, so that two arms never measure at the same time."""
    cpus: list[int] = field(default_factory=list)
    """Where the host stays; anywhere if empty."""
    layout: int | None = None
    """The seed of the memory's layout and of the hashes of strings, the same for both arms of a pair."""
    digest: bool = False
    """Whether a digest of the results is wanted."""

    @property
    def environment(self) -> dict[str, str]:
        """Of a pair both arms get the same hashes of strings, unless the user has chosen them, and the same place of the stack.

        The environment lies above the stack and moves it (Mytkowicz et al., ASPLOS 2009).
        """
        if self.layout is None:
            return {}
        hashes = {} if "PYTHONHASHSEED" in os.environ else {"PYTHONHASHSEED": str(self.layout)}
        return hashes | {"BENCH_LAYOUT": "x" * (self.layout % _MOST_SHIFT_BYTES)}


ALONE = Manner()

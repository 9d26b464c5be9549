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


HERE = Place()


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
        """Strings get the same hashes in both arms of a pair, unless the user has chosen them."""
        own = self.layout is not None and "PYTHONHASHSEED" not in os.environ
        return {"PYTHONHASHSEED": str(self.layout)} if own else {}


ALONE = Manner()

"""The control groups that this process is in, of version 2 and of version 1, and those above them. Nothing is made here."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path

_MOUNTS, _OWN = Path("/proc/self/mounts"), Path("/proc/self/cgroup")


@dataclass(frozen=True, slots=True)
class OwnGroup:
    """A group that this process is in."""

    folder: Path
    """It may not be there: a container can be told where it is outside."""
    root: Path
    """Where the hierarchy is mounted."""
    controller: str
    """Of version 1; empty for version 2, where a group has all that those above give it."""

    @property
    def version(self) -> int:
        """Of control groups: 1 or 2."""
        return 1 if self.controller else 2

    def upwards(self) -> Iterator[Path]:
        """Its folder and those of the groups above it, up to where they are mounted."""
        for folder in (self.folder, *self.folder.parents):
            yield folder
            if folder == self.root:
                return


def own_groups(controllers: Collection[str]) -> Iterator[OwnGroup]:
    """The group of version 2, and then those of these controllers of version 1, as far as they are mounted and in sight.

    Raises:
        OSError: where /proc tells no mounts or no groups.
    """
    roots = dict(_roots(controllers))
    for line in sorted(_OWN.read_text().splitlines(), key=lambda each: not each.startswith("0::")):
        _, names, path = line.split(":", 2)
        for controller in names.split(","):
            if (root := roots.get(controller)) and ".." not in path.split("/"):  # else it is above what we see
                yield OwnGroup(root / path.lstrip("/"), root, controller)


def _roots(controllers: Collection[str]) -> Iterator[tuple[str, Path]]:
    """Where each controller of version 1 is mounted, and version 2 under the empty name."""
    for line in _MOUNTS.read_text().splitlines():
        _, mounted, kind, options, *_ = line.split(" ")
        if kind == "cgroup2":
            yield "", Path(mounted)
        elif kind == "cgroup":
            yield from ((each, Path(mounted)) for each in controllers if each in options.split(","))

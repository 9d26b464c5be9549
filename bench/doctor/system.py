"""Files in which a system tells of itself, for what psutil does not: its settings, mostly. Any may be missing."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class System:
    """The file system that is looked at."""

    root: Path = Path("/")

    def text(self, path: str) -> str | None:
        """All of a file, such as `proc/self/mounts`; None where it is not there or may not be read."""
        try:
            return (self.root / path).read_text()
        except (OSError, ValueError):
            return None

    def line(self, path: str) -> str | None:
        """Its first line; None where there is none."""
        text = (self.text(path) or "").strip()
        return text.splitlines()[0] if text else None

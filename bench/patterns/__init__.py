"""The shapes of concurrent work. A workload asks for a pattern, a strategy belongs to one.

Every strategy yields a callable of one signature, `call(task, job) -> results`; the pattern says what the job and the
results are. A module each: its records, and what must hold of results whatever the workload. Standard library only.
"""

from __future__ import annotations

import sys
from _collections_abc import Mapping  # from `collections.abc` it comes with the package around that

from bench.patterns.pattern import LATENCY_PROBABILITIES, Observed, Pattern

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["LATENCY_PROBABILITIES", "PATTERNS", "Observed", "Pattern"]


_NAMES = ("map", "stream", "share", "sync", "serve", "start")


class _Patterns(Mapping[str, Pattern]):
    """The patterns by name, each imported when it is asked for: a host measures one, and pays for no other."""

    def __getitem__(self, name: str) -> Pattern:
        if name not in _NAMES:
            raise KeyError(name)
        __import__(f"bench.patterns.{name}")
        pattern: Pattern = sys.modules[f"bench.patterns.{name}"].PATTERN
        return pattern

    def __contains__(self, name: object) -> bool:
        return name in _NAMES

    def __iter__(self) -> Iterator[str]:
        return iter(_NAMES)

    def __len__(self) -> int:
        return len(_NAMES)


PATTERNS = _Patterns()

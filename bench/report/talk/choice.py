"""Which slides of a run somebody wants."""

import shlex
from collections.abc import Sequence
from dataclasses import dataclass

MOST = 10
"""Slides, where nobody says how many: a talk has no time for more."""


@dataclass(frozen=True, slots=True)
class Choice:
    """What to make slides of; everything by default, and of that the most telling."""

    workloads: Sequence[str] = ()
    """Names or patterns; of a run of faults, of the faults."""
    charts: Sequence[str] = ()
    """Kinds of charts, or patterns of their names."""
    top: int | None = MOST
    """How many at the most; None for all."""

    @property
    def options(self) -> str:
        """The options that ask for it, as a shell takes them; empty where it is the default."""
        found = []
        if self.workloads:
            found += ["--workload", ",".join(self.workloads)]
        if self.charts:
            found += ["--chart", ",".join(self.charts)]
        if self.top != MOST:
            found += ["--top", "all" if self.top is None else str(self.top)]
        return shlex.join(found)

"""What the user of `run` or `all` asks for."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from bench.measure.plan.cases import Selection
from bench.records.conditions import Conditions
from bench.sessions.interpreters import Wanted

PRECISION = 0.05
"""Of ratios, where a workload or a function is named."""


@dataclass(frozen=True, slots=True)
class RunRequest:
    """What the user wants measured, and how."""

    sources: Sequence[str]
    """Files and functions of the user's own, workloads before strategies."""
    selection: Selection
    inputs: str | None
    repetitions: int | None
    rounds: int | None
    conditions: Conditions
    """What holds for every block; with a budget as far as the user set one."""
    results: Path
    identify: bool
    interpreters: Wanted = field(default_factory=Wanted)
    """Those whose cases are measured."""
    precision: float | None = None
    """How narrow the intervals of ratios shall become; None: as narrow as they are when the time is over."""
    is_first_look: bool = False
    """Whether variants are left out, so that there is time for an interval of each case."""

"""What the user of `run` or `all` wants."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from bench.measure.plan.cases import Selection


@dataclass(frozen=True, slots=True)
class Wishes:
    """What the user wants measured, and how."""

    sources: Sequence[str]
    """Files and functions of the user's own, workloads before strategies."""
    selection: Selection
    inputs: str | None
    budget_s: float | None
    repetitions: int | None
    rounds: int | None
    seed: int
    time_limit_s: float
    sample_hz: float
    sampler: str
    accounting: str
    results: Path
    identify: bool
    close: float | None = None
    fresh_rounds: int = 0
    """Rounds of each block, where each gets inputs of its own; 0 where all get the same."""
    precision: float | None = None
    """How narrow the intervals of ratios shall become; None: as narrow as they are when the time is over."""
    is_first_look: bool = False
    """Whether variants are left out, so that there is time for an interval of each case."""

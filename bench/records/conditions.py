"""What holds for every block of a run, whatever its case."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Conditions:
    """How cases are measured: what a plan states, what the command line sets, and what every process that measures is told."""

    seed: int
    """Decides inputs and order."""
    budget_s: float | None
    """The time for the whole command, where there is a limit."""
    time_limit_s: float
    """For one block."""
    sample_hz: float
    """Samples of CPU and memory a second; 0 for none."""
    sampler: str = "auto"
    """What reads single processes: `auto`, `proc` or `psutil`."""
    accounting: str = "cgroup"
    """The most exact layer of accounting that may be used."""
    close: float | None = None
    """How far floats in results may be apart, relatively; None where they have to be equal."""
    fresh_rounds: int = 0
    """Rounds of each block, where each gets inputs that the block has not seen; 0 where all get the same."""

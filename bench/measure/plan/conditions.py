"""What holds for every block of a run, whatever its case."""

from dataclasses import dataclass

from bench.measure.results.explain import publishable
from bench.plugins.names import plain

COMPARE_SHARE, COMPARE_BUDGET_SHARE, ALONE_SHARE = 1 / 6, 1 / 10, 1 / 3


@dataclass(frozen=True, slots=True)
class Conditions:
    """What holds for every block of a run."""

    seed: int
    time_limit_s: float
    sample_hz: float
    inputs: str | None
    """The user's inputs for a plain function: a file or a range."""
    keep_paths: bool = False
    """Whether reasons may name folders."""
    sampler: str = "auto"
    """What reads single processes: `auto`, `proc` or `psutil`."""
    accounting: str = "cgroup"
    """The highest layer of accounting that may be used."""
    budget_s: float | None = None
    """The time for the whole command, where there is a limit."""

    @property
    def compare_s(self) -> float:
        """How long a block may compare its results with those of a plain loop: a share of the time limit, and of the budget."""
        limit_s = COMPARE_SHARE * self.time_limit_s
        return limit_s if self.budget_s is None else min(limit_s, COMPARE_BUDGET_SHARE * self.budget_s)

    @property
    def alone_s(self) -> float:
        """How long all tasks may take one by one, to be timed: a round of a loop that does two within the time limit."""
        return ALONE_SHARE * self.time_limit_s

    close: float | None = None
    """How far floats in results may be apart (`bench.measure.results.closeness`); None where they have to be equal."""

    fresh_rounds: int = 0
    """Rounds of each block, where each gets inputs that the block has not seen; 0 where all get the same."""

    def publishable(self, reason: str) -> str:
        """A reason as the run file may hold it."""
        return plain(reason) if self.keep_paths else publishable(reason)

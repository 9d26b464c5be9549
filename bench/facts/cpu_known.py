"""When CPU is known: one rule for tables, stored runs, exports, comparisons, gates and the pytest plugin.

A reader whose clock is coarse tells CPU of short windows with an error as large as the CPU itself. Such a number is
none, wherever it would be shown, stored for other tools or compared.
"""

import math
from collections.abc import Iterable
from dataclasses import dataclass

from bench.records.block import Block
from bench.records.use import Method

CPU_WITHIN = 0.2
"""CPU is told where its bound is less than this share of it."""
TOO_COARSE = "too little CPU time to measure reliably"
NO_BOUND = "nobody knows how far off it could be"
NOT_RECORDED = "the run file does not hold it"


@dataclass(frozen=True, slots=True)
class CpuSum:
    """CPU of windows of one kind, those together where it was read, and how far off that is. Seconds."""

    total_s: float = 0.0
    windows: int = 0
    below_s: float = 0.0
    """How much more it can have been; infinite where no bound is known."""
    above_s: float = 0.0
    """How much less."""

    def __add__(self, other: "CpuSum") -> "CpuSum":
        return CpuSum(
            self.total_s + other.total_s,
            self.windows + other.windows,
            self.below_s + other.below_s,
            self.above_s + other.above_s,
        )

    @property
    def off_s(self) -> float:
        """The larger of the bounds that are known; infinite without any."""
        return max((each for each in (self.below_s, self.above_s) if math.isfinite(each)), default=math.inf)

    @property
    def why_unknown(self) -> str:
        """Why there is no telling; empty where the CPU is known."""
        if not self.windows:
            return NOT_RECORDED
        if self.off_s < CPU_WITHIN * self.total_s:
            return ""
        return TOO_COARSE if math.isfinite(self.off_s) else NO_BOUND


def cpu_sum(cpu_s: Iterable[float | None], method: Method | None) -> CpuSum:
    """CPU of windows that `method` read, added up; those where it is unknown do not count."""
    known = [each for each in cpu_s if each is not None]
    below_s, above_s = bounds_of(method)
    return CpuSum(math.fsum(known), len(known), below_s * len(known), above_s * len(known)) if known else CpuSum()


def of_warm_rounds(blocks: Iterable[Block]) -> CpuSum:
    """CPU of the warm rounds of blocks."""
    return sum(
        (
            cpu_sum(
                (each.cpu_s for each in block.rounds[1:]), None if block.accounting is None else block.accounting.cpu
            )
            for block in blocks
        ),
        CpuSum(),
    )


def bounds_of(method: Method | None) -> tuple[float, float]:
    """How far the truth can lie above and below a number, infinitely where no bound is known."""
    below, above = (None, None) if method is None else (method.below, method.above)
    return (math.inf if below is None else below, math.inf if above is None else above)

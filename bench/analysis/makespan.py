"""The makespan bound of a case: no schedule of its tasks on so many workers can be faster (Graham, 1969).

Where the inputs state what tasks take, that is so. Elsewhere the tasks are timed one by one in the base's blocks, and the
bound is an estimate with an interval like any other: it is taken from pairs with the base's rounds, as times are, and how far
a case is above it from pairs with that case's. A case below it by no more than that interval is noise, and is said to be.
"""

import statistics
from collections.abc import Sequence
from dataclasses import dataclass

from bench.analysis.estimates import Estimate, around, scaled
from bench.analysis.looks import paired_ratio
from bench.analysis.pace import Paced
from bench.records.block import Block
from bench.records.case import Case

_ROUNDING = 1e-9
"""By so much a time that is the bound may come out below it."""
_LEAST_TASK_S = 50e-6
"""A task shorter than this is not told from the reading of the clock around it, 0.1 to 1 µs with what else it takes."""


BELOW_STATED, BELOW_TIMED = 0.98, 0.95
"""Parts of a bound that the inputs state, and of one from tasks that were timed: a time below them is no honest one. The clock
of a sleep may be a little off, and a task that is timed alone may take a little longer than among others."""


@dataclass(frozen=True, slots=True)
class Bound:
    """What a warm round of a case takes at the least."""

    wall: Estimate
    """Seconds."""
    stated: bool
    """Whether it follows from the inputs; else from the tasks as they were timed one by one."""
    reached: Estimate | None
    """The case's time over it, paired by repetition where both were timed; None where no repetition has both."""

    @property
    def is_undercut(self) -> bool:
        """Whether the case is faster, and not by noise: the whole interval says so, or the inputs do where there is none."""
        if self.reached is None or (self.reached.high is None and not self.stated):
            return False
        highest = self.reached.centre if self.reached.high is None else self.reached.high
        return highest < (BELOW_STATED if self.stated else BELOW_TIMED)

    @property
    def is_level(self) -> bool:
        """Whether it is above the case's time, and nobody can tell them apart."""
        return self.reached is not None and self.reached.centre < 1 - _ROUNDING and not self.is_undercut


def bound_s(
    case: Case, limited_by: str, tasks: int | None, longest_s: float | None, total_s: float | None, cores: int
) -> float | None:
    """The makespan bound in seconds (Graham 1969): max(longest task, sum of tasks / workers).

    Work limited by the CPU gets no more than `cores` workers' worth of it, however many there are.
    """
    workers = tasks if case.workers is None else case.workers
    if longest_s is None or total_s is None or not workers:
        return None
    parallel = min(workers, cores) if limited_by == "cpu" else workers
    return max(longest_s, total_s / parallel)


def stated_bound(case: Case, limited_by: str, block: Block, wall: Estimate, cores: int) -> Bound | None:
    """The bound that the inputs state, as a block of the case has it.

    Args:
        case, block: what was measured, and one of its blocks.
        limited_by: `cpu` or `io`.
        wall: the case's time.
        cores: that may be used.
    """
    least_s = bound_s(case, limited_by, block.tasks, block.longest_task_s, block.total_task_s, cores)
    if not least_s:
        return None
    return Bound(Estimate(least_s, least_s, least_s, 1.0, wall.n), True, scaled(wall, 1 / least_s))


def timed_bound(case: Case, limited_by: str, timed: Sequence[Block], times: Paced, cores: int) -> Bound | None:
    """The bound from tasks that were timed one by one; None where they were not, or are too short for it.

    Args:
        case: what was measured.
        limited_by: `cpu` or `io`.
        timed: the base's blocks.
        times: of the case, beside its base.
        cores: that may be used.
    """
    known = [each for each in timed if each.total_task_s and each.longest_task_s is not None and each.tasks]
    if not known or statistics.median((each.total_task_s or 0) / (each.tasks or 1) for each in known) < _LEAST_TASK_S:
        return None
    bounds = {
        each.repetition: least_s
        for each in known
        if (least_s := bound_s(case, limited_by, each.tasks, each.longest_task_s, each.total_task_s, cores))
    }
    part = paired_ratio(bounds, times.base, fixed=times.fixed)
    if part is None or times.base_wall is None:
        return None
    wall = scaled(part, times.base_wall.centre)
    reached = paired_ratio(times.own, bounds, fixed=times.fixed)
    return Bound(wall, False, None if reached is None else around(times.wall.centre / wall.centre, reached))

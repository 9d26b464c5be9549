"""How much is measured of what: as many ensembles as were asked for, or as there is time for, and how long their rounds take together."""

import math
from dataclasses import dataclass

from bench.measure.engine.time_limit import TimeLimit

ENOUGH = 6
"""Blocks of a case: fewer give no interval."""
MOST_BLOCKS = 34
"""Of a case where nobody said how many: what is not narrow then will not become so."""
FRESH_ROUNDS = 6
"""Where each gets inputs of its own, unless the user wants another number: one for all cases, so that all get equal inputs."""
SHARE_S = 0.12
"""Of a block's warm rounds together, as long as starting and ending its host takes; more blocks narrow an interval sooner than longer ones.
It is the same for all blocks of a run: the tenth call of a process may take another time than the second, as where memory is used again."""
FEWEST_ROUNDS = 3
"""Warm ones of a block, where they are short: a second call may take far longer than a third, as where memory that was given back is
used again (`big_results` under `serial`: 15 ms, and 1 ms from the third on)."""
_FOR_FEWEST, _FOR_SHARE = 2, 3
"""Shares that there has to be time for in a block, so that it has so many rounds, or its share of them; else it has one."""
_PLANNED_SHARE = 0.95
"""How much of the time is planned for."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What the user set; None is for the tool to choose."""

    blocks: int | None = None
    """Of each case."""
    rounds: int | None = None
    """Of each block, the first included."""
    budget_s: float | None = None
    """For the whole command."""
    precision: float | None = None
    """Of ratios."""
    at_least: int = 0
    """Blocks of each case that are measured whatever the time: those of a run that is finished later."""
    earlier_s: float = 0.0
    """What of the time earlier parts of the run took."""


class Agenda:
    """What is next, as it goes."""

    def __init__(self, asked: Asked, began_s: float, cases: int) -> None:
        """At the beginning.

        Args:
            asked: what the user set.
            began_s: when the command began, on the monotonic clock.
            cases: how many there are.
        """
        self._asked = asked
        budget_s = math.inf if asked.budget_s is None else asked.budget_s
        self.limit = TimeLimit(began_s, max(0.0, budget_s - asked.earlier_s))
        self._passes = 0
        shares = budget_s / self.enough / max(1, cases) / SHARE_S
        self.share_s = SHARE_S if shares >= _FOR_SHARE else 0.0
        """For the warm rounds of a block."""
        self.fewest_rounds = FEWEST_ROUNDS if shares >= _FOR_FEWEST else 1
        """After the first, where they are short."""

    @property
    def a_pass_s(self) -> float:
        """Seconds that a pass may take of which all are to fit into the time, so that each case has blocks enough after its first."""
        return max(0.0, _PLANNED_SHARE * self.limit.left_s) / max(1, self.enough - 1)

    @property
    def enough(self) -> int:
        """Blocks that each case should have."""
        return self._asked.blocks or ENOUGH

    @property
    def rounds(self) -> int | None:
        """After the first, where that was asked for."""
        return None if self._asked.rounds is None else self._asked.rounds - 1

    def lacks(self, blocks: int) -> bool:
        """Whether a case with so many blocks may get another: one of a number that was set, or as many as it takes."""
        return self._asked.blocks is None or blocks < self._asked.blocks

    def wants(self, takes_s: float, blocks: int, *, is_narrow: bool) -> bool:
        """Whether another ensemble of a group is wanted, and there is time for it.

        Args:
            takes_s: what it is expected to take.
            blocks: of each case that has the fewest.
            is_narrow: whether its intervals are as narrow as was asked for.
        """
        if not self.lacks(blocks):
            return False
        if self._asked.blocks is None and blocks >= ENOUGH and (is_narrow or blocks >= MOST_BLOCKS):
            return False
        return blocks < self._asked.at_least or self.limit.left_s > takes_s

    def end_pass(self) -> float | None:
        """All groups had their turn.

        Returns:
            After the first pass, what another may take so that each case gets blocks enough, seconds; None after others, and where time
            is no matter.
        """
        self._passes += 1
        is_short = (
            self._passes == 1 and self._asked.budget_s is not None and not self._asked.at_least and self.enough > 1
        )
        return self.a_pass_s if is_short else None

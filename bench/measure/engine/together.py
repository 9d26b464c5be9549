"""Which cases are measured together: those that do the same work, as far as there is room for all of them at once."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from bench.measure.plan.cases import PlannedCase

MOST_HOSTS = 24
"""Of an ensemble."""
MOST_WORKERS = 256
"""Processes and threads that strategies of an ensemble start with, as far as is known."""


@dataclass(slots=True)
class Together:
    """Cases of one work, the bases among them."""

    cases: list[PlannedCase]
    """The bases first."""

    @property
    def work(self) -> str:
        """What they do."""
        return self.cases[0].work

    @property
    def bases(self) -> list[PlannedCase]:
        """Those that the others are compared with."""
        return [each for each in self.cases if each.is_baseline]

    def without(self, keys: set[str]) -> None:
        """Go on without the cases of these keys."""
        self.cases = [each for each in self.cases if each.case.key not in keys]

    def takes_in(self, group: "Together") -> bool:
        """Go on with the cases of another group, too, if that is not too many at once; returns whether it is so."""
        others = [each for each in group.cases if not each.is_baseline]
        if len(self.cases) + len(others) > MOST_HOSTS or _weights([*self.cases, *others]) > MOST_WORKERS:
            return False
        self.cases += others
        return True


@dataclass(slots=True)
class Numbers:
    """The numbers of ensembles, by work: no two of a work have one in common, whatever cases are in them."""

    _next: dict[str, int] = field(default_factory=dict)

    def taken(self, work: str, number: int) -> None:
        """An earlier part of the run has this one."""
        self._next[work] = max(self._next.get(work, 0), number + 1)

    def next(self, work: str) -> int:
        """The next one."""
        number = self._next.get(work, 0)
        self._next[work] = number + 1
        return number


def together(planned: Sequence[PlannedCase]) -> list[Together]:
    """All cases that can be measured, those of one work in one group or, where they are too many, in several: each with the bases."""
    works: dict[str, list[PlannedCase]] = {}
    for each in planned:
        if not each.unavailable:
            works.setdefault(each.work, []).append(each)
    return [Together(cases) for mine in works.values() for cases in _split(mine)]


def _split(cases: Sequence[PlannedCase]) -> Iterator[list[PlannedCase]]:
    bases = [each for each in cases if each.is_baseline]
    room = max(1, MOST_HOSTS - len(bases))
    chosen: list[PlannedCase] = []
    others = [each for each in cases if not each.is_baseline]
    for each in others:
        too_many = _weights([*chosen, each]) > MOST_WORKERS
        if chosen and (len(chosen) == room or too_many):
            yield [*bases, *chosen]
            chosen = []
        chosen.append(each)
    if chosen or not others:
        yield [*bases, *chosen]


def _weights(cases: Sequence[PlannedCase]) -> int:
    """Processes and threads that these start with."""
    return sum(1 + (each.case.workers or 0 if each.strategy.isolation != "none" else 0) for each in cases)


def apart(group: Together, left_out: Sequence[PlannedCase]) -> Together:
    """Take cases out of a group for which there was no room beside the others; they go on in one of their own, with the bases."""
    bases = group.bases
    group.without({each.case.key for each in left_out})
    return Together([*bases, *left_out])

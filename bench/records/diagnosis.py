"""What `doctor` finds out, as plain records: facts of this machine, equal cases measured, programs of known use measured.

`bench.doctor` gathers them, `bench.report.doctor.facts` shows them; nothing here does either. Times are seconds, sizes bytes.
"""

from dataclasses import dataclass, field
from enum import StrEnum

_SERIES_SHARE = 0.01
_ROUNDING_S = 1e-5


class State(StrEnum):
    """How well something can be measured, or is known."""

    GOOD = "good"
    LIMITED = "limited"
    ABSENT = "absent"


@dataclass(frozen=True, slots=True)
class Fact:
    """Something of this machine that bears on what can be measured."""

    group: str
    """Facts of one group are shown together."""
    topic: str
    value: str
    """As text, with its unit."""
    state: State
    meaning: str
    """What follows for measurements."""
    hint: str = ""
    """What to do about it; empty where the state is good."""
    needed: bool = False
    """Whether nothing at all can be measured where it is absent."""


@dataclass(frozen=True, slots=True)
class Noise:
    """One case measured as two arms that take turns, as the cases of a run do: what differs between them is noise."""

    case: str
    """The case's key."""
    took_s: float
    first: dict[int, float]
    """What a call took in the median warm round of each block of the first arm, by the number of its ensemble."""
    second: dict[int, float]
    """What it took in the second arm, in the same ensembles."""
    failed: str = ""
    """Why there are no more blocks than these, where one was not `ok`."""


@dataclass(frozen=True, slots=True)
class Proof:
    """A program of known use, measured: the truth beside the number."""

    program: str
    """What it did, such as `1000 children of 1 ms, reaped`."""
    quantity: str
    """`cpu` (seconds) or `memory` (bytes)."""
    asked: str
    """The best layer that was allowed."""
    layer: str = ""
    """The layer that made the number."""
    truth: float = 0.0
    """As the program says."""
    besides: float = 0.0
    """What is used besides: creating and ending its processes, or their interpreters' memory. Found by the same program
    with next to nothing to do."""
    besides_least: float = 0.0
    besides_most: float = 0.0
    measured: float | None = None
    """Of everything."""
    goal: float = 0.0
    """How far from the truth a good tool may be."""
    bound: str = ""
    """In words, as the record states it."""
    below: float | None = None
    """How much the truth may lie above the number, as the record states it; None where no bound is stated."""
    above: float | None = None
    """How much the truth may lie below the number."""
    series_s: float | None = None
    """The intervals of the CPU series added up; None where that is not what is proved."""
    series_cores: float | None = None
    """Cores used in its busiest interval."""
    series_excess_s: float = 0.0
    """By how much an interval holds more CPU than all cores can give; beyond rounding, none may."""
    unknown: str = ""
    """Why there is no number."""

    @property
    def error(self) -> float | None:
        """How far the number is above the truth, with what is used besides taken off."""
        return None if self.measured is None else self.measured - self.besides - self.truth

    @property
    def meets_goal(self) -> bool | None:
        """Whether it is no farther than the goal."""
        return None if self.error is None else abs(self.error) <= self.goal

    @property
    def inside(self) -> bool | None:
        """Whether the truth can lie within the bound that the record states; None where there is no number."""
        if self.measured is None:
            return None
        low_enough = self.above is None or self.measured - self.above <= self.truth + self.besides_most
        high_enough = self.below is None or self.measured + self.below >= self.truth + self.besides_least
        return low_enough and high_enough

    @property
    def adds_up(self) -> bool | None:
        """Whether the series gives the total to 1 %, no interval more than all cores; None where there is no series."""
        if self.series_s is None or self.measured is None:
            return None
        whole = abs(self.series_s - self.measured) <= _SERIES_SHARE * self.measured
        return whole and self.series_excess_s <= _ROUNDING_S

    @property
    def holds(self) -> bool:
        """Whether nothing contradicts the record: the number is inside its bound, and the series adds up to it."""
        return self.inside is not False and self.adds_up is not False


@dataclass(frozen=True, slots=True)
class Verdict:
    """What numbers of this machine are worth."""

    exact: list[str] = field(default_factory=list)
    bounded: list[str] = field(default_factory=list)
    unknown: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """All that `doctor` found out."""

    facts: list[Fact]
    verdict: Verdict
    noise: Noise | None = None
    """None where it was not asked for."""
    proofs: list[Proof] = field(default_factory=list)

    @property
    def is_healthy(self) -> bool:
        """Whether something can be measured here, and no number was outside its own bound."""
        missing = any(each.needed and each.state is State.ABSENT for each in self.facts)
        return not missing and all(each.holds for each in self.proofs)

"""What a comparison of two sides says: a verdict for each case and quantity, and what it rests on.

A gate (`check`) and the comparison of stored runs (`compare`) end in these records, and so whatever shows or exports
verdicts knows nothing of how they were reached.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from bench.analysis.estimates import Estimate


class Verdict(StrEnum):
    """What is said of a case; in the order of how much it matters to a reader."""

    REGRESSED = "regressed"
    FAILED = "failed"
    """One side failed, or gave another result than the other."""
    MISSING = "missing"
    """The case is not in the head any more."""
    INCOMPARABLE = "incomparable"
    """The two sides ran in unequal environments, or nothing tells whether their results are equal."""
    NEW = "new"
    """The case is not in the base."""
    IMPROVED = "improved"
    INCONCLUSIVE = "inconclusive"
    EQUIVALENT = "equivalent"


GOOD = frozenset({Verdict.EQUIVALENT, Verdict.IMPROVED})
"""What passes a gate in any case."""
ACCEPTED = frozenset({Verdict.INCONCLUSIVE, Verdict.NEW})
"""What passes besides, unless the user says otherwise: a machine that is too noisy is no fault of the change, and neither is a benchmark
that it adds."""
_DECIDED = GOOD | {Verdict.REGRESSED}


class Outcome(StrEnum):
    """What a comparison comes to as a whole."""

    FAILS = "fails"
    UNDECIDED = "undecided"
    """It passes, and cannot vouch for the change: a case is inconclusive, or none was decided."""
    PASSES = "passes"


class Remedy(StrEnum):
    """What would decide more of it."""

    MORE_TIME = "more time"
    """Both sides are measured by the command, which can go on."""
    POOL = "pool"
    """The sides are stored: several files a side, or a check."""


@dataclass(frozen=True, slots=True)
class Side:
    """One of the two sides of a comparison."""

    label: str
    """Such as `main (1a2b3c4)`, or a file's name."""
    facts: dict[str, str] = field(default_factory=dict)
    """Where it was measured: `python`, `cpu`, `cores`, `os`, …, as text; empty where unknown."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """One case on both sides, by one quantity."""

    case: str
    """The case's key, or the name that another tool gave it."""
    name: str
    """For people: what tells it from the other cases."""
    quantity: str
    """One of `bench.quantities.COMPARED`."""
    verdict: Verdict
    reason: str
    """Why it is so, in one line; empty where the numbers say it all."""
    tolerance: float
    """How much of a change is none: 0.02 is from 1 / 1.02 to 1.02."""
    ratio: Estimate | None = None
    """Head / base; `n` is the number of pairs of blocks, or of the side with fewer where they are not paired."""
    base: float | None = None
    """The base's value in the quantity's unit: the median of its blocks; of pairs, what both sides had in a typical one."""
    head: float | None = None
    detectable: float | None = None
    """The smallest change that could have been told from the tolerance, as a ratio above 1, where inconclusive."""
    needed: int | None = None
    """About how many pairs it would take to decide, where inconclusive and a number can be named."""


@dataclass(frozen=True, slots=True)
class Comparisons:
    """Everything that was compared between two sides."""

    base: Side
    head: Side
    cases: list[Comparison]
    alpha: float
    """How often, at the most, identical code would get any false `regressed` or `improved` among these cases."""
    method: str
    """In one line: what was compared, and by which rule."""
    notes: list[str] = field(default_factory=list)
    """What a reader has to know beside the numbers, such as that the sides were measured at different times."""
    accepted: frozenset[Verdict] = ACCEPTED
    """What passes besides `GOOD`."""
    remedy: Remedy = Remedy.MORE_TIME
    """What would decide more."""
    reproduce: str = ""
    """The command that makes the comparison again; empty where it is not known."""

    @property
    def counts(self) -> dict[Verdict, int]:
        """How many cases got each verdict, the worst first; those nobody got are left out."""
        found = Counter(each.verdict for each in self.cases)
        return {each: found[each] for each in Verdict if found[each]}

    @property
    def passes(self) -> bool:
        """Whether there are cases, and each has a verdict that is good or accepted."""
        return bool(self.cases) and all(self.lets_pass(each.verdict) for each in self.cases)

    @property
    def decided(self) -> int:
        """How many cases have a verdict that their numbers reached: regressed, improved or equivalent."""
        return sum(each.verdict in _DECIDED for each in self.cases)

    @property
    def outcome(self) -> Outcome:
        """What it comes to; not decided is neither good nor bad."""
        if not self.passes:
            return Outcome.FAILS
        inconclusive = any(each.verdict is Verdict.INCONCLUSIVE for each in self.cases)
        return Outcome.UNDECIDED if inconclusive or not self.decided else Outcome.PASSES

    def lets_pass(self, verdict: Verdict) -> bool:
        """Whether a case with this verdict passes; a regression never does."""
        return verdict is not Verdict.REGRESSED and verdict in GOOD | self.accepted

    @property
    def exit_status(self) -> int:
        """0 where it passes, 1 where a case regressed, 3 where another verdict keeps it from passing."""
        if any(each.verdict is Verdict.REGRESSED for each in self.cases):
            return 1
        return 0 if self.passes else 3


def worst_first(cases: Sequence[Comparison]) -> list[Comparison]:
    """By verdict, and the larger change first among equals."""
    order = list(Verdict)

    def rank(each: Comparison) -> tuple[int, float, str]:
        change = 0.0 if each.ratio is None else -abs(each.ratio.centre - 1)
        return order.index(each.verdict), change, each.name

    return sorted(cases, key=rank)

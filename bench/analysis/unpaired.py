"""What two stored runs say of each case they share: unpaired, measured at different times, and so with little power.

The block is the unit of inference: the median of each block's warm values, in logarithms, and `bench.analysis.shift`
between the blocks of the two sides. The level is divided over what is compared (Bonferroni), so `alpha` is that of all.
"""

import math
import statistics
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from bench import units
from bench.analysis.comparison import Comparison, Comparisons, Remedy, Side, Verdict
from bench.analysis.estimates import Estimate, exp_of
from bench.analysis.loading import is_unmeasured
from bench.analysis.shift import blocks_needed, shift_estimate
from bench.analysis.stored import MUST_BE_EQUAL, StoredCase, StoredRun, unequal_facts, values_of_blocks

DRIFT = "the runs were measured at different times: drift of the machine between them is in every ratio, and no alpha covers it"
_MOST_NEEDED = 1000
"""More blocks than this are not named: nobody measures so many, and the estimate of the number is as rough."""


@dataclass(frozen=True, slots=True)
class Rule:
    """By what it is decided."""

    tolerance: float
    """How much of a change is none: 0.02 is from 1 / 1.02 to 1.02."""
    error: float
    """How often each interval may miss the true ratio."""


@dataclass(frozen=True)
class _Pair:
    """One case and quantity on both sides."""

    base: StoredCase | None
    head: StoredCase | None
    quantity: str

    @property
    def case(self) -> StoredCase:
        found = self.head if self.base is None else self.base
        assert found is not None
        return found

    @property
    def changed(self) -> str:
        """Why its two sides are other work; empty where they are the same."""
        versions = {side.version for side in (self.base, self.head) if side is not None and side.version}
        return "the code of the benchmark itself changed: its two versions are other work" if len(versions) > 1 else ""

    @cached_property
    def blocks(self) -> tuple[list[float], list[float]]:
        """The median of each block, by side."""
        found = iter(values_of_blocks([each for each in (self.base, self.head) if each is not None], self.quantity))
        base, head = ([] if side is None else next(found) for side in (self.base, self.head))
        return base, head


def compare(
    base: StoredRun, head: StoredRun, quantities: Sequence[str] = ("time",), *, tolerance: float, alpha: float
) -> Comparisons:
    """A verdict for each case of the two runs and each quantity, in the order of the base, and then what is new.

    Cases that could not run on either side are left out and noted.

    Args:
        quantities: of `bench.quantities.COMPARED`.
        tolerance: how much of a change is none; above 0.
        alpha: how often, at the most, identical code may get any false `regressed` or `improved` here.
    """
    within = [f"{name} itself: {run.unequal}" for name, run in (("base", base), ("head", head)) if run.unequal]
    unequal = "; ".join(filter(None, [unequal_facts(base.facts, head.facts), *within]))
    pairs = [
        _Pair(*sides, quantity) for sides in _sides(base, head) for quantity in quantities if _may_have(sides, quantity)
    ]
    tests = sum(1 for each in pairs if all(each.blocks)) if not unequal else 0
    rule = Rule(tolerance, alpha / max(tests, 1))
    return Comparisons(
        base=_side(base, head),
        head=_side(head, base),
        cases=[_comparison(each, rule, unequal) for each in pairs],
        alpha=alpha,
        method=(
            "unpaired: the median of each process, in logarithms; Hodges-Lehmann shift with the exact interval of Mann "
            f"and Whitney's test at {units.percent(1 - rule.error, 6)}, which is alpha {units.percent(alpha)} over "
            f"{units.counted(max(tests, 1), 'comparison')} (Hollander & Wolfe 1999, 4.2 and 4.3)"
        ),
        notes=[*_notes(base, head), *_of_another_kind(base, head, quantities)],
        remedy=Remedy.POOL,
    )


def _sides(base: StoredRun, head: StoredRun) -> list[tuple[StoredCase | None, StoredCase | None]]:
    """The cases by key, without those that were measured on neither side."""
    before, after = ({each.key: each for each in run.cases} for run in (base, head))
    pairs = [(before.get(key), after.get(key)) for key in dict.fromkeys([*before, *after])]
    return [pair for pair in pairs if any(each is not None and not is_unmeasured(each) for each in pair)]


def _may_have(sides: Iterable[StoredCase | None], quantity: str) -> bool:
    """Whether a benchmark is of a quantity, or of no one alone."""
    return any(each is not None and each.kind in ("", quantity) for each in sides)


def _of_another_kind(base: StoredRun, head: StoredRun, quantities: Sequence[str]) -> Iterator[str]:
    """Which cases are left out, because what they measure is none of the quantities."""
    left = {
        each.key: each
        for run in (base, head)
        for each in run.cases
        if not any(_may_have([each], quantity) for quantity in quantities)
    }
    if left:
        first = next(iter(left.values()))
        yield (
            f"{units.counted(len(left), 'case')} left out, which measure no {' and no '.join(quantities)}: such as {first.name} "
            f"({first.kind})"
        )


def _comparison(pair: _Pair, rule: Rule, unequal: str) -> Comparison:
    base, head = pair.blocks
    verdict, reason = _without_numbers(pair, unequal)
    measured = _Measured(None)
    if verdict is None:
        measured = _measured(base, head, rule)
        verdict, reason = measured.verdict, measured.reason
    return Comparison(
        case=pair.case.key,
        name=pair.case.name,
        quantity=pair.quantity,
        verdict=verdict,
        reason=reason,
        tolerance=rule.tolerance,
        ratio=measured.ratio,
        base=statistics.median(base) if base else None,
        head=statistics.median(head) if head else None,
        detectable=measured.detectable,
        needed=measured.needed,
    )


def _without_numbers(pair: _Pair, unequal: str) -> tuple[Verdict | None, str]:
    """The verdict and its reason where no numbers are needed for it; else None."""
    sides = {"base": pair.base, "head": pair.head}
    ran = {name: side for name, side in sides.items() if side is not None and not is_unmeasured(side)}
    if troubles := [f"{name} {side.trouble}" for name, side in ran.items() if side.trouble]:
        return Verdict.FAILED, "; ".join(troubles)
    also = f"; the sides differ in {unequal}" if unequal else ""
    for name, verdict in (("head", Verdict.MISSING), ("base", Verdict.NEW)):
        if name not in ran:
            side = sides[name]
            why = f": {side.trouble}" if side is not None else ""
            return verdict, f"not measured in the {name}{why}{also}"
    return _without_quantity(pair, unequal)


def _without_quantity(pair: _Pair, unequal: str) -> tuple[Verdict | None, str]:
    """The same of a case that was measured on both sides."""
    base, head = pair.blocks
    lacking = [side for side, values in ((pair.base, base), (pair.head, head)) if side is not None and not values]
    told = [text for side in lacking for text in (side.unknown.get(pair.quantity, ""), side.limits) if text]
    why = f": {'; '.join(dict.fromkeys(told))}" if told else ""
    if not base and not head:
        return Verdict.INCONCLUSIVE, f"neither side has {pair.quantity}{why}"
    if not head:
        return Verdict.MISSING, f"the head has no {pair.quantity}{why}"
    if not base:
        return Verdict.NEW, f"the base has no {pair.quantity}{why}"
    why = unequal or pair.changed
    return (Verdict.INCOMPARABLE, why) if why else (None, "")


@dataclass(frozen=True, slots=True)
class _Measured:
    """What the numbers say."""

    ratio: Estimate | None
    verdict: Verdict = Verdict.INCONCLUSIVE
    reason: str = ""
    detectable: float | None = None
    needed: int | None = None


def _measured(base: Sequence[float], head: Sequence[float], rule: Rule) -> _Measured:
    if min(base) <= 0 or min(head) <= 0:
        return _Measured(None, reason="a value is 0: too short for what measured it")
    shift = shift_estimate([math.log(each) for each in base], [math.log(each) for each in head], rule.error)
    low, high, edge = shift.low, shift.high, math.log1p(rule.tolerance)
    ratio = exp_of(shift)
    if low is None or high is None:
        few = f"n = {len(base)} and {len(head)} processes; {blocks_needed(rule.error)} a side are needed at this level"
        return _Measured(ratio, reason=few)
    if low > edge:
        return _Measured(ratio, Verdict.REGRESSED)
    if high < -edge:
        return _Measured(ratio, Verdict.IMPROVED)
    if -edge <= low and high <= edge:
        return _Measured(ratio, Verdict.EQUIVALENT)
    half = (high - low) / 2
    return _Measured(ratio, detectable=math.exp(edge + half), needed=_needed(shift, half, edge))


def _needed(shift: Estimate, half: float, edge: float) -> int | None:
    """Blocks a side that make the interval as narrow as its centre is far from the edge; it shrinks with their root."""
    distance = abs(abs(shift.centre) - edge)
    if distance * math.sqrt(_MOST_NEEDED) < half * math.sqrt(shift.n):
        return None
    return max(shift.n + 1, math.ceil(shift.n * (half / distance) ** 2))


def _side(run: StoredRun, other: StoredRun) -> Side:
    return Side(run.label if run.label != other.label else str(run.path), run.facts)


def _notes(base: StoredRun, head: StoredRun) -> Iterator[str]:
    """What a reader has to know beside the numbers."""
    yield DRIFT
    yield from _origins(base, head)
    yield from (f"{name}: {note}" for name, run in (("base", base), ("head", head)) for note in run.notes)
    yield from _unstated(base.facts, head.facts)
    for name, run in (("base", base), ("head", head)):
        limited = [each for each in run.cases if each.limits]
        if limited:
            such = ", such as" if len({each.limits for each in limited}) > 1 else ""
            yield f"{units.counted(len(limited), 'case')} of the {name} with limits{such}: {limited[0].limits}"
    before, after = ({each.key: each for each in run.cases if is_unmeasured(each)} for run in (base, head))
    if both := [before[key] for key in before if key in after]:
        yield f"{units.counted(len(both), 'case')} measured on neither side, such as {both[0].name}: {both[0].trouble}"


def _origins(base: StoredRun, head: StoredRun) -> Iterator[str]:
    """When and by what each side was measured, and where that differs in what is compared all the same."""
    for name, run in (("base", base), ("head", head)):
        when = run.at_utc or "at an unknown time"
        yield f"{name} measured {when}{' of commit ' if run.commit else ''}{run.commit} by {run.tool}"
    if base.tool != head.tool:
        yield f"measured by different tools: {base.tool} and {head.tool}"
    one, other = base.facts.get("os"), head.facts.get("os")
    if one and other and one != other:
        yield f"measured on different systems: {one} and {other}"


def _unstated(base: Mapping[str, str], head: Mapping[str, str]) -> Iterator[str]:
    """Which facts could not be compared, because a side does not state them."""
    for name, known, others in (("base", base, head), ("head", head, base)):
        if only := [each for each in MUST_BE_EQUAL if each in known and each not in others]:
            yield f"only the {name} states, and so nobody compared: {', '.join(only)}"
    if neither := [each for each in MUST_BE_EQUAL[:2] if each not in {*base, *head}]:
        yield f"neither side states: {', '.join(neither)}; whether it was one machine is for you to know"

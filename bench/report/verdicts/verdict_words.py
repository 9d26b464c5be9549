"""What is said of verdicts in words, for the terminal, markdown, annotations and JUnit alike. Text goes in and out raw.

Whoever shows it makes it fit for where it is shown.
"""

import math
from collections.abc import Mapping

from bench import units
from bench.analysis.comparison import GOOD, Comparison, Comparisons, Outcome, Remedy, Verdict, worst_first
from bench.analysis.estimates import Estimate
from bench.quantities import COMPARED

SIGNS = {
    Verdict.REGRESSED: "✗",
    Verdict.FAILED: "!",
    Verdict.MISSING: "−",
    Verdict.INCOMPARABLE: "≠",
    Verdict.NEW: "+",
    Verdict.IMPROVED: "✓",
    Verdict.INCONCLUSIVE: "?",
    Verdict.EQUIVALENT: "=",
}
"""What tells verdicts apart without colour."""
_ONE_SIDED = {Verdict.NEW, Verdict.MISSING}
OUTCOME_SIGNS = {Outcome.FAILS: "❌", Outcome.UNDECIDED: "⚪", Outcome.PASSES: "✅"}
_REMEDIES = {
    Remedy.MORE_TIME: "Give it more time with --budget, or a larger --tolerance",
    Remedy.POOL: (
        "Pool several files a side, compare --base 'a*.json' --head 'b*.json', or measure both sides now with check --base REV "
        "(--pytest PATH for a suite)"
    ),
}
_MEASURED = {
    Remedy.MORE_TIME: "pairs",
    Remedy.POOL: "processes a side",
}
"""What there has to be more of."""
_LARGEST_IN_PERCENT = 10.0
"""Ratios from here on, and below its inverse, are shown as ratios: `12.3×`."""


def value(quantity: str, number: float | None) -> str:
    """A side's value for reading, from the quantity's unit; `–` where unknown."""
    return COMPARED[quantity].shown(number)


def percent(ratio: float) -> str:
    """A ratio as a change: `+5.1 %` of 1.051, `−2.0 %` of 0.98, `0.0 %` of 1; `12.3×` where it is large."""
    if not math.isfinite(ratio):
        return "–"
    if ratio >= _LARGEST_IN_PERCENT or ratio <= 1 / _LARGEST_IN_PERCENT:
        return units.ratio(ratio)
    size = f"{100 * abs(ratio - 1):.1f}"
    sign = "" if float(size) == 0 else "+" if ratio > 1 else "−"
    return f"{sign}{size} %"


def change(ratio: Estimate | None) -> str:
    """Head / base with its interval: `+5.1 % (+3.9 … +6.4 %)`; `–` where unknown."""
    if ratio is None:
        return "–"
    if ratio.low is None or ratio.high is None:
        return percent(ratio.centre)
    low, high = percent(ratio.low), percent(ratio.high)
    if low.endswith(" %") and high.endswith(" %"):
        low = low.removesuffix(" %")
    return f"{percent(ratio.centre)} ({low} … {high})"


def title(found: Comparisons, each: Comparison) -> str:
    """The case for people, and the quantity where it is not plain that it is time."""
    if {case.quantity for case in found.cases} == {"time"}:
        return each.name
    return f"{each.name}, {COMPARED[each.quantity].words.short}"


def detail(found: Comparisons, each: Comparison) -> str:
    """What stands beside the numbers: the reason, what could have been seen, a tolerance of its own. May be empty."""
    parts = [each.reason] if each.reason else []
    if each.detectable is not None:
        parts.append(f"changes under {percent(each.detectable).removeprefix('+')} are invisible at this noise")
    if each.needed is not None:
        parts.append(f"about {_roughly(each.needed)} {_MEASURED[found.remedy]} would decide")
    if each.tolerance != min(case.tolerance for case in found.cases):
        parts.append(f"tolerance {units.percent(each.tolerance)}")
    return "; ".join(parts)


def _roughly(number: int) -> str:
    """An estimate of a number of things, to two digits: `38`, `3,900`."""
    return f"{round(number, 2 - len(str(number))) if number >= 100 else number:,}"


def sentence(found: Comparisons, each: Comparison) -> str:
    """All of a comparison but its name, in one line."""
    numbers = ""
    if each.base is not None or each.head is not None:
        numbers = f": {value(each.quantity, each.base)} → {value(each.quantity, each.head)}"
    if each.ratio is not None:
        numbers += f", {change(each.ratio)}, n = {each.ratio.n}"
    return "; ".join(filter(None, (f"{each.verdict}{numbers}", detail(found, each))))


def headline(found: Comparisons) -> str:
    """What a reader has to know, in one sentence."""
    if not found.cases:
        return "No case was compared."
    total, worst, counts = len(found.cases), worst_first(found.cases), found.counts
    noun = "case" if len({each.quantity for each in found.cases}) == 1 else "comparison"
    regressed = counts.pop(Verdict.REGRESSED, 0)
    failing = {each: n for each, n in counts.items() if not found.lets_pass(each)}
    if regressed:
        which = ":" if regressed == 1 else ", most of all"
        besides = f"; besides, {_listed(failing)}" if failing else ""
        of = f"{regressed} of {units.counted(total, noun)} regressed{which} "
        return f"{of}{title(found, worst[0])} {change(worst[0].ratio)}{besides}."
    if not found.decided and Verdict.INCONCLUSIVE in counts:
        return f"Nothing was decided: {_listed(counts)}. {_REMEDIES[found.remedy]}."
    if failing:
        n = sum(failing.values())
        do = "does" if n == 1 else "do"
        return f"{n} of {units.counted(total, noun)} {do} not pass: {_listed(failing)}."
    return _passing(found, noun)


def _passing(found: Comparisons, noun: str) -> str:
    """The headline where nothing keeps it from passing; what was not decided comes first."""
    counts = found.counts
    others = {each: n for each, n in counts.items() if each not in GOOD}
    undecided = others.pop(Verdict.INCONCLUSIVE, 0)
    besides = f"; besides, {_listed(others)}" if others else ""
    if not found.decided:
        nothing = "There is nothing to compare" if set(counts) <= _ONE_SIDED else "Nothing was decided"
        return f"{nothing}: {_listed(counts)}."
    improved = [each for each in worst_first(found.cases) if each.verdict is Verdict.IMPROVED]
    better = ""
    if improved:
        which = ":" if len(improved) == 1 else ", most of all"
        better = f", {len(improved)} improved{which} {title(found, improved[0])} {change(improved[0].ratio)}"
    if undecided:
        are = "is" if undecided == 1 else "are"
        of = units.counted(undecided + found.decided, noun)
        return f"{undecided} of {of} {are} not decided; none of the other {found.decided} regressed{better}{besides}."
    return f"None of {units.counted(found.decided, noun)} regressed{better}{besides}."


def counts(found: Comparisons) -> str:
    """How many comparisons got each verdict, and which of these pass only because they are accepted."""
    return _listed(
        {
            f"{each} (accepted)" if each not in GOOD and found.lets_pass(each) else str(each): n
            for each, n in found.counts.items()
        }
    )


def rule(found: Comparisons) -> str:
    """The method in one line, with tolerance and error rate."""
    tolerances = sorted({each.tolerance for each in found.cases})
    parts = [found.method] if found.method else []
    if tolerances:
        parts.append(f"tolerance {' to '.join(map(units.percent, dict.fromkeys((tolerances[0], tolerances[-1]))))}")
    parts.append(
        f"identical code gets any false verdict in at most {units.percent(found.alpha)} of comparisons like this"
    )
    return "; ".join(parts)


def facts(found: Comparisons) -> list[tuple[str, str, str]]:
    """Where the two sides were measured: what is known of either, of the base, and of the head."""
    names = dict.fromkeys((*found.base.facts, *found.head.facts))
    return [(name, found.base.facts.get(name, "–"), found.head.facts.get(name, "–")) for name in names]


def _listed(counts: Mapping[Verdict, int] | Mapping[str, int]) -> str:
    return ", ".join(f"{n} {each}" for each, n in counts.items())

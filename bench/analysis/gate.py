"""The verdicts of a gate: from the blocks of its two arms, pair by pair in the order in which they were measured.

The command that measures asks it after each pair what is decided, and whoever reads the run file later gets the same
verdicts from the same blocks.
"""

import math
import statistics
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace

from bench.analysis.comparison import Comparison, Comparisons, Side, Verdict
from bench.analysis.loading import names_of
from bench.analysis.results import unequal_results, varying
from bench.analysis.sequential import Gate as Rule
from bench.analysis.sequential import fewest
from bench.model import Arm, Block, Case, Gate, Outcome, Plan, Run
from bench.units import counted

METHOD = (
    "pairs of fresh processes, measured now and by turns, on one CPU and without what they waited for it where they use no "
    "more; a sign test that holds at every look, an alarm confirmed on "
    "fresh pairs, Holm over the cases"
)
_SHORT_COMMIT = 7
Reduction = Callable[[list[float]], float]


class Unknown(Exception):  # noqa: N818 - a fact
    """A quantity of a block that nobody knows; the message says why."""


class Gatekeeper:
    """What is known of the cases of a gate so far."""

    def __init__(self, plan: Plan) -> None:
        """Of a plan with a gate; nothing is known yet."""
        assert plan.gate is not None
        self._gate: Gate = plan.gate
        self._close = plan.close
        self.notes: list[str] = []
        """What a reader has to know of the results."""
        self._cases = {case.key: case for case in plan.cases}
        self._names = names_of(plan.cases)
        self._failed: dict[str, tuple[Verdict, str]] = dict(_without_blocks(self._gate, self._cases))
        self._waiting: dict[tuple[str, int], Block] = {}
        self._values: dict[tuple[str, str, str], list[float]] = {}
        self._unknown: dict[tuple[str, str], str] = {}
        wanted = {
            (key, quantity): self._gate.tolerances[key]
            for key in self._cases
            if key not in self._failed  # known before anything is measured, so no error rate is spent on them
            for quantity in self._gate.quantities
        }
        self._rule = Rule(wanted, self._gate.alpha)

    def add(self, block: Block) -> None:
        """Count a block; with the one of the other arm it makes a pair."""
        if block.case in self._failed:
            return
        if block.outcome is not Outcome.OK:
            self._failed[block.case] = Verdict.FAILED, f"{block.arm}: {block.outcome}: {block.reason}"
            return
        other = self._waiting.pop((block.case, block.repetition), None)
        if other is None:
            self._waiting[block.case, block.repetition] = block
            return
        base, head = (other, block) if other.arm == "base" else (block, other)
        if (unequal := unequal_results(base, head, self._close)) is not None:
            self._failed[block.case] = unequal
            return
        if why := varying(base, head, self._close):
            self.notes.append(f"{self._names[block.case]}: {why}")
        for quantity in self._gate.quantities:
            self._count(base, head, quantity)

    def is_decided(self, case: str) -> bool:
        """Whether more pairs of the case would change nothing."""
        return case in self._failed or all(
            (case, each) in self._rule.verdicts or (case, each) in self._unknown for each in self._gate.quantities
        )

    def decided(self) -> int:
        """How many cases are."""
        return sum(map(self.is_decided, self._cases))

    @property
    def fewest(self) -> int:
        """The fewest pairs that decide a case, as things stand."""
        return fewest(self._rule.c)

    def standing(self, case: str) -> str:
        """Where a case stands, in a few words."""
        series = self._rule.series((case, self._gate.quantities[0]))
        if not series.values:
            return "no pair yet"
        return f"{math.expm1(statistics.median(series.values)):+.1%} after {len(series.values)} pairs"

    def said(self, case: str) -> str:
        """What is said of a case now, in a line."""
        told = [
            f"{each.verdict}{'' if each.ratio is None else f' ({each.ratio.centre - 1:+.1%})'}{each.reason and ': '}{each.reason}"
            for each in (self._comparison(case, quantity) for quantity in self._gate.quantities)
        ]
        return f"{self._names[case]}: {', '.join(told)}"

    def comparisons(self) -> list[Comparison]:
        """What can be said of each case, by each quantity."""
        return [self._comparison(case, quantity) for case in self._cases for quantity in self._gate.quantities]

    def _count(self, base: Block, head: Block, quantity: str) -> None:
        key = base.case, quantity
        try:
            ratio = log_ratio(base, head, quantity)
            for block, value in zip((base, head), values_of(base, head, quantity), strict=True):
                self._values.setdefault((*key, block.arm), []).append(value)
        except Unknown as error:
            self._unknown.setdefault(key, str(error))
            return
        self._rule.add(key, ratio)

    def _comparison(self, case: str, quantity: str) -> Comparison:
        key = case, quantity
        base, head = (self._values.get((*key, arm)) for arm in ("base", "head"))
        blank = Comparison(
            case,
            self._names[case],
            quantity,
            Verdict.INCONCLUSIVE,
            "no pair was measured",
            self._gate.tolerances[case],
            base=statistics.median(base) if base else None,
            head=statistics.median(head) if head else None,
        )
        if case in self._failed:
            verdict, reason = self._failed[case]
            return replace(blank, verdict=verdict, reason=reason)
        if key in self._unknown:
            return replace(blank, verdict=Verdict.FAILED, reason=self._unknown[key])
        if not base or not head:
            return blank
        c, series = self._rule.c, self._rule.series(key)
        estimate = series.estimate(c)
        if (decided := self._rule.verdicts.get(key)) is not None:
            return replace(blank, verdict=decided, reason="", ratio=estimate)
        reason = self._why_undecided(key, estimate.n)
        return replace(blank, reason=reason, ratio=estimate, detectable=series.detectable(c), needed=series.needed(c))

    def _why_undecided(self, key: tuple[str, str], pairs: int) -> str:
        least = fewest(self._rule.c)
        if pairs < least:
            return f"{counted(pairs, 'pair')} of blocks; {least} are the fewest that decide: give it more time with --budget"
        if self._rule.series(key).is_alarmed:
            return f"an alarm was not confirmed on fresh pairs, within {pairs} pairs"
        return f"{pairs} pairs of blocks do not tell it from the tolerance"


def _without_blocks(gate: Gate, cases: Mapping[str, Case]) -> Iterator[tuple[str, tuple[Verdict, str]]]:
    """The cases that no pair can say anything about, with their verdicts."""
    for key, arm in gate.one_sided.items():
        verdict = Verdict.NEW if arm == "head" else Verdict.MISSING
        yield key, (verdict, f"only the {arm} has it")
    for key, reason in gate.broken.items():
        yield key, (Verdict.FAILED, reason)
    unequal = unequal_facts(*gate.arms)
    if unequal and not gate.across:
        reason = f"the arms are unequal: {'; '.join(unequal)}; --across compares them all the same"
        for key in cases:
            if key not in gate.one_sided and key not in gate.broken:
                yield key, (Verdict.INCOMPARABLE, reason)


def unequal_facts(base: Arm, head: Arm) -> list[str]:
    """Where the interpreters of two arms differ, a few words each."""
    return [
        f"{name} {base.facts.get(name, 'unknown')} in the base and {head.facts.get(name, 'unknown')} in the head"
        for name in {**base.facts, **head.facts}
        if base.facts.get(name) != head.facts.get(name)
    ]


def log_ratio(base: Block, head: Block, quantity: str) -> float:
    """The log of head / base for a pair of blocks.

    Of times it is the median over the warm rounds that were measured one after the other: a neighbour who slows the
    machine for a while slows both. CPU is summed over the warm rounds, because its clock may be coarse.

    Raises:
        Unknown: if one of the two is not known, or nothing was used.
    """
    if quantity == "time":
        pairs = list(zip(*times_of(base, head), strict=False))
        if not pairs:
            raise Unknown("no warm round was measured")
        return statistics.median(math.log(now) - math.log(then) for then, now in pairs)
    then, now = values_of(base, head, quantity)
    return math.log(now) - math.log(then)


def values_of(base: Block, head: Block, quantity: str) -> tuple[float, float]:
    """A quantity of both blocks of a pair, for one call of the strategy: seconds, CPU-seconds or bytes at the highest.

    Raises:
        Unknown: if one is not known, or nothing was used.
    """
    if quantity == "time":
        base_s, head_s = times_of(base, head)
        return statistics.median(base_s), statistics.median(head_s)
    return _used(base, quantity), _used(head, quantity)


def times_of(base: Block, head: Block) -> tuple[list[float], list[float]]:
    """What a call took in each warm round of a pair of blocks, seconds.

    Without what the rounds waited for a CPU that others used, where that is known of both: what a neighbour takes away is
    none of the code's doing. One rule for both, so that none has an advantage.
    """
    base_s, head_s = base.unhindered_s, head.unhindered_s
    if base_s is None or head_s is None:
        base_s, head_s = ([each.wall_s for each in block.warm_rounds] for block in (base, head))
    return [each / base.calls for each in base_s], [each / head.calls for each in head_s]


def _used(block: Block, quantity: str) -> float:
    if quantity == "cpu":
        used = [each.cpu_s for each in block.warm_rounds]
        return _known(block, "cpu_s", used, sum) / block.calls / max(1, len(used))
    return _known(block, "peak_memory_bytes", [each.peak_memory_bytes for each in block.rounds], max)


def _known(block: Block, name: str, values: Iterable[float | None], reduce: Reduction) -> float:
    there = list(values)
    known = [each for each in there if each is not None]
    what = name.removesuffix("_s").removesuffix("_bytes").replace("_", " ").replace("cpu", "CPU")
    if not known or len(known) < len(there):
        why = block.accounting.unknown.get(name, "") if block.accounting else ""
        raise Unknown(f"{what} of the {block.arm} is unknown{': ' if why else ''}{why}")
    found = reduce(known)
    if found <= 0:
        raise Unknown(f"{what} of the {block.arm} is too little to be measured")
    return found


def judged(run: Run) -> Comparisons:
    """The verdicts of a stored run that was a gate's."""
    gate = run.header.plan.gate
    assert gate is not None
    keeper = Gatekeeper(run.header.plan)
    for block in run.blocks:
        keeper.add(block)
    base, head = gate.arms
    environment = run.header.environment
    machine = {
        "cpu": environment.cpu_model,
        "cores": f"{environment.usable_cores} of {environment.logical_cores}",
        "os": f"{environment.os} {environment.kernel}",
        "load": "unknown" if environment.load_1m is None else f"{environment.load_1m:.2f} before the check",
    }
    return Comparisons(
        Side(_label(base), base.facts | base.packages | machine),
        Side(_label(head), head.facts | head.packages | machine),
        keeper.comparisons(),
        gate.alpha,
        METHOD,
        [*keeper.notes, *_notes(run, gate)],
        frozenset(map(Verdict, gate.accepted)),
    )


def _label(arm: Arm) -> str:
    commit = (arm.commit or "")[:_SHORT_COMMIT] + ("+" if (arm.commit or "").endswith("+") else "")
    return f"{arm.name} {arm.label}" + (f" ({commit})" if commit and not arm.label.startswith(commit) else "")


def _notes(run: Run, gate: Gate) -> Iterator[str]:
    """What a reader has to know beside the numbers."""
    yield from gate.notes
    if gate.across and (unequal := unequal_facts(*gate.arms)):
        yield f"compared across unequal environments, as asked: {'; '.join(unequal)}"
    base, head = (each.packages for each in gate.arms)
    for name in sorted({*base, *head}):
        if base.get(name) != head.get(name):
            yield f"package {name}: {base.get(name, 'absent')} in the base, {head.get(name, 'absent')} in the head"
    leaked = Counter(block.arm for block in run.blocks if block.leaked_processes)
    for arm, blocks in sorted(leaked.items()):
        yield f"the {arm} left processes behind in {blocks} of its blocks; they were ended"
    yield from run.notes
    if run.ending is not None and run.ending.status == "interrupted":
        yield "interrupted: these are the verdicts of what was measured until then"

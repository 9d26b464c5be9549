"""The verdicts of a gate: from the blocks of its two arms, pair by pair in the order in which they were measured.

The command that measures asks it after each pair what is decided, and whoever reads the run file later gets the same
verdicts from the same blocks (`bench.analysis.judged`).
"""

import math
import statistics
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from bench.analysis.comparison import Comparison, Verdict
from bench.analysis.first_rounds import REASON, FirstRounds
from bench.analysis.pair_values import Unknown, log_ratio, values_of
from bench.analysis.results import unequal_results, varying
from bench.analysis.sequential import Gate as Rule
from bench.analysis.sequential import fewest
from bench.facts.cpu_known import CpuSum, of_warm_rounds
from bench.facts.suite_rounds import all_warm
from bench.naming import names_of
from bench.quantities import COMPARED, CPU
from bench.records.block import Block, Outcome
from bench.records.case import Case
from bench.records.gate import Arm, Gate
from bench.records.run import Plan
from bench.units import counted


class GateReferee:
    """The referee of a gate: what is known of its cases so far, and which of them are decided."""

    def __init__(self, plan: Plan) -> None:
        """Of a plan with a gate; nothing is known yet."""
        assert plan.gate is not None
        self._gate: Gate = plan.gate
        self._close = plan.conditions.close
        self._notes: list[str] = []
        self._first_rounds = FirstRounds([each.name for each in self._gate.arms])
        self._cases = {case.key: case for case in plan.cases}
        self._names = names_of(plan.cases)
        self._failed: dict[str, tuple[Verdict, str]] = dict(_without_blocks(self._gate, self._cases))
        self._left_out: dict[str, str] = {}
        """Cases that are none, and why."""
        self._waiting: dict[tuple[str, int], Block] = {}
        self._values: dict[tuple[str, str, str], list[float]] = {}
        self._unknown: dict[tuple[str, str], str] = {}
        self._cpu: dict[tuple[str, str], CpuSum] = {}
        wanted = {
            (key, quantity): self._gate.tolerances[key]
            for key in self._cases
            if key not in self._failed  # known before anything is measured, so no error rate is spent on them
            for quantity in self._gate.quantities
        }
        self._rule = Rule(wanted, self._gate.alpha)

    def add(self, block: Block) -> None:
        """Count a block; with the one of the other arm it makes a pair."""
        if block.case in self._failed or block.case in self._left_out:
            return
        is_skipped = self._gate.suite and block.outcome is Outcome.UNAVAILABLE
        if block.outcome is not Outcome.OK and not is_skipped:
            self._fail(block)
            return
        other = self._waiting.pop((block.case, block.repetition), None)
        if other is None:
            self._waiting[block.case, block.repetition] = block
            return
        base, head = (other, block) if other.arm == "base" else (block, other)
        if skipped := [each for each in (base, head) if each.outcome is not Outcome.OK]:
            self._skip(skipped)
        else:
            self._compare(base, head)

    def _fail(self, block: Block) -> None:
        self._failed[block.case] = Verdict.FAILED, f"{block.arm}: {block.outcome}: {block.reason}"

    def _skip(self, blocks: Sequence[Block]) -> None:
        """A benchmark of a suite skips itself: in one arm it has failed there, and in both it is none."""
        if len(blocks) < len(self._gate.arms):
            self._fail(blocks[0])
        else:
            self._left_out[blocks[0].case] = blocks[-1].reason

    def _compare(self, base: Block, head: Block) -> None:
        if (unequal := unequal_results(base, head, self._close)) is not None:
            self._failed[base.case] = unequal
            return
        if why := varying(base, head, self._close):
            self._notes.append(f"{self._names[base.case]}: {why}")
        if self._gate.suite:
            base, head = all_warm(base), all_warm(head)
        else:
            base, head = self._first_rounds.add(base, head)
        for quantity in self._gate.quantities:
            self._count(base, head, quantity)

    @property
    def notes(self) -> list[str]:
        """What a reader has to know of the results."""
        measured = [each for each in self._cases if each not in self._failed]
        return [
            *self._notes,
            *(f"{self._names[each]} is not measured on either side: {why}" for each, why in self._left_out.items()),
            *(note for each in measured for note in self._first_rounds.notes(each, self._names[each])),
        ]

    def is_decided(self, case: str) -> bool:
        """Whether more pairs of the case would change nothing."""
        return (
            case in self._failed
            or case in self._left_out
            or all(
                (case, each) in self._rule.verdicts or (case, each) in self._unknown for each in self._gate.quantities
            )
        )

    @property
    def cases(self) -> int:
        """How many there are."""
        return len(self._compared)

    def decided(self) -> int:
        """How many cases are."""
        return sum(map(self.is_decided, self._compared))

    def name(self, case: str) -> str:
        """What a case is called: what tells it from the others."""
        return self._names[case]

    @property
    def fewest(self) -> int:
        """The fewest pairs that decide a case, as things stand."""
        return fewest(self._rule.c)

    def so_far(self, case: str) -> tuple[float | None, int]:
        """The median of the case's ratios head / base, None where there are none; and how many pairs it is of."""
        series = self._rule.series((case, self._gate.quantities[0]))
        return math.exp(series.median) if series.values else None, len(series.values)

    def comparisons_of(self, case: str) -> list[Comparison]:
        """What can be said of a case, by each quantity."""
        return [self._comparison(case, quantity) for quantity in self._gate.quantities]

    def comparisons(self) -> list[Comparison]:
        """What can be said of each case, by each quantity."""
        return [each for case in self._compared for each in self.comparisons_of(case)]

    @property
    def _compared(self) -> list[str]:
        return [each for each in self._cases if each not in self._left_out]

    def _count(self, base: Block, head: Block, quantity: str) -> None:
        key = base.case, quantity
        try:
            if COMPARED[quantity] is CPU:
                self._check_cpu(base, head)
            ratio = log_ratio(base, head, quantity)
            for block, value in zip((base, head), values_of(base, head, quantity), strict=True):
                self._values.setdefault((*key, block.arm), []).append(value)
        except Unknown as error:
            self._unknown.setdefault(key, str(error))
            return
        self._rule.add(key, ratio)

    def _check_cpu(self, *pair: Block) -> None:
        """Raise `Unknown` where the CPU of an arm, all its blocks so far together, is too little for its bound."""
        for block in pair:
            known = self._cpu.get((block.case, block.arm), CpuSum()) + of_warm_rounds([block])
            self._cpu[block.case, block.arm] = known
            if known.windows and known.why_unknown:
                raise Unknown(f"CPU of the {block.arm} is unknown: {known.why_unknown}")

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
        at_base, at_head = typical(base, head, estimate.centre)
        blank = replace(blank, base=at_base, head=at_head)
        by = REASON if self._first_rounds.are_compared(case) else ""
        if (decided := self._rule.verdicts.get(key)) is not None:
            return replace(blank, verdict=decided, reason=by, ratio=estimate)
        reason = "; ".join(filter(None, (self._why_undecided(key, estimate.n), by)))
        return replace(blank, reason=reason, ratio=estimate, detectable=series.detectable(c), needed=series.needed(c))

    def _why_undecided(self, key: tuple[str, str], pairs: int) -> str:
        least = fewest(self._rule.c)
        if pairs < least:
            return f"{counted(pairs, 'pair')}, and {least} at least are needed: give it more time with --budget"
        if self._rule.series(key).is_alarmed:
            return f"an alarm was not confirmed on fresh pairs, within {pairs} pairs"
        return f"not decided after {pairs} pairs"


def typical(base: Sequence[float], head: Sequence[float], ratio: float) -> tuple[float, float]:
    """What both arms had in a typical pair, so far apart as the ratio says.

    The medians of the arms would be as near to the truth, and could say of few pairs that the head is faster where the ratio, which is
    of the pairs, says that it is slower.
    """
    middle = statistics.median((math.log(one) + math.log(other)) / 2 for one, other in zip(base, head, strict=True))
    return math.exp(middle) / math.sqrt(ratio), math.exp(middle) * math.sqrt(ratio)


def _without_blocks(gate: Gate, cases: Mapping[str, Case]) -> Iterator[tuple[str, tuple[Verdict, str]]]:
    """The cases that no pair can say anything about, with their verdicts."""
    for key, arm in gate.one_sided.items():
        verdict = Verdict.NEW if arm == "head" else Verdict.MISSING
        yield key, (verdict, f"only the {arm} has it")
    for key, reason in gate.broken.items():
        yield key, (Verdict.FAILED, reason)
    unequal = unequal_facts(*gate.arms)
    if unequal and not gate.across:
        reason = f"the sides are unequal: {'; '.join(unequal)}; --across compares them all the same"
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

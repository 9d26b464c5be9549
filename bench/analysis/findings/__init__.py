"""Coded warnings about measurements, as data: what was found, of which case, and what to do.

A rule, its threshold and its explanation stand together, in the module of what it is about; the table of all is here.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import chain

from bench.analysis.findings import conduct, counting, ending, timing
from bench.analysis.findings.rule import Evidence, Finding, Rule
from bench.analysis.groups import Group
from bench.records.block import Outcome
from bench.records.run import Run

MOST_NAMES = 6
"""Of the cases that a finding is about."""

RULES: tuple[Rule, ...] = (
    conduct.demonstration,
    ending.cut,
    ending.interrupted,
    ending.edited,
    ending.budget,
    timing.cached_results,
    conduct.busy_machine,
    timing.few_blocks,
    timing.unstable,
    timing.uneven,
    timing.too_short,
    timing.below_bound,
    conduct.oversubscribed,
    conduct.leaked_processes,
    conduct.restless,
    conduct.threads_left,
    conduct.gil_is_back,
    timing.partly_compared,
    counting.layers_disagree,
    counting.cpu_lower_bound,
    counting.fewer_layers,
    counting.file_cache,
    counting.slowed_sampler,
    counting.late_sampler,
    timing.superlinear,
)
"""In the order in which reports and `explain` have them."""


_WHAT = {each.code: each.what for each in RULES}


def meaning(code: str) -> str:
    """What a finding with this code says, in a few words; empty for an outcome, whose reason stands beside it."""
    return _WHAT.get(code, "")


def findings(run: Run, groups: Sequence[Group]) -> list[Finding]:
    """All findings of a run: cases that have no time first, then rule by rule."""
    named = [(f"{group.name} {group.labels[each.case.key]}", each) for group in groups for each in group.cases]
    evidence = Evidence(run, groups, named)
    found: dict[tuple[str, str, str], list[Finding]] = {}
    for each in chain(_not_ok(evidence), *(rule.findings(evidence) for rule in RULES)):
        found.setdefault((each.code, each.message, each.hint), []).append(each)
    return [_merged(same) for same in found.values()]


def _not_ok(evidence: Evidence) -> Iterator[Finding]:
    """Outcomes are codes of their own, which `bench.analysis.explanations` has."""
    for name, each in evidence.named:
        if each.outcome is not Outcome.OK:
            key = each.case.key
            yield Finding(str(each.outcome), name, each.reason, "the case is in no ranking and no ratio", (key,))


def _merged(same: Sequence[Finding]) -> Finding:
    """One finding of several that say the same of different cases."""
    names = [each.subject for each in same]
    shown = names if len(names) <= MOST_NAMES else [*names[:MOST_NAMES], f"{len(names) - MOST_NAMES} more"]
    return replace(same[0], subject=", ".join(shown), cases=tuple(case for each in same for case in each.cases))

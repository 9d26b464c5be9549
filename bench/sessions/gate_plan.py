"""What the user wants checked, and what the run file of a check says of it."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Protocol

from bench.errors import UsageError
from bench.measure.plan.cases import Selection
from bench.naming import named
from bench.plugins import sources
from bench.records.case import Case
from bench.records.conditions import Conditions
from bench.records.gate import Gate
from bench.records.run import Plan, Purpose
from bench.selection import fitting_cases, nearest_named
from bench.sessions.arms import Match, Side, Sides
from bench.sessions.recording import Amounts, plan_of


@dataclass(frozen=True, slots=True)
class Tolerances:
    """How much of a change is none."""

    shared: float
    """Where no pattern fits."""
    own: Sequence[tuple[str, float]]
    """Patterns of cases' names, each with a tolerance of its own; the last one that fits counts."""


@dataclass(frozen=True, slots=True)
class CheckRequest:
    """What the user wants checked, and how."""

    words: Sequence[str]
    """Names of workloads, files and functions."""
    selection: Selection
    sides: Sides
    conditions: Conditions
    inputs: str | None
    quantities: list[str]
    tolerances: Tolerances
    alpha: float
    budget_s: float | None
    """For the whole command; None for a minute for each case that both arms have, beside what it takes to find and build them."""
    accepted: list[str]
    across: bool
    results: Path
    suite: Sequence[str] = ()
    """What pytest is given, where a suite of pytest-benchmark is measured: `words`, `selection` and `inputs` say nothing then."""


class Matched(Protocol):
    """What a gate has to know of what was found in both arms, whatever its cases are."""

    @property
    def cases(self) -> list[Case]:
        """All of them, those that only one arm has among them."""

    @property
    def one_sided(self) -> dict[str, str]:
        """As `Gate.one_sided`."""

    @property
    def broken(self) -> dict[str, str]:
        """As `Gate.broken`."""


def gate_plan(
    request: CheckRequest,
    sides: Sequence[Side],
    matched: Match,
    notes: list[str],
    modules: dict[str, str],
    budget_s: float,
) -> Plan:
    """What the run file says of a check.

    Args:
        request: what the user wants checked.
        sides, matched: what was found in both arms.
        notes: what a reader has to know of them.
        modules: the digests of the user's modules in both.
        budget_s: for the whole command.

    Raises:
        UsageError: for a tolerance of no case.
    """
    planned = {case.case.key: case for side in sides for case in side.planned.values()}
    named = [each for each in (*request.words, *request.selection.strategies) if sources.is_source(each)]
    ordered = [planned[case.key] for case in matched.cases]
    plan = plan_of(request.conditions, ordered, Amounts(), named, request.inputs)
    return with_gate(plan, request, sides, matched, notes, modules, budget_s)


def with_gate(
    plan: Plan,
    request: CheckRequest,
    sides: Sequence[Side],
    matched: Matched,
    notes: list[str],
    modules: dict[str, str],
    budget_s: float,
) -> Plan:
    """A plan with what its gate decides; the arguments are those of `gate_plan`.

    Raises:
        UsageError: for a tolerance of no case.
    """
    gate = Gate(
        arms=[each.record for each in sides],
        quantities=request.quantities,
        tolerances=_tolerances(request.tolerances, matched.cases),
        alpha=request.alpha,
        budget_s=budget_s,
        accepted=request.accepted,
        one_sided=matched.one_sided,
        broken=matched.broken,
        notes=notes,
        across=request.across,
        setup=digest_of_setup(request.sides.setup),
        suite=list(request.suite),
    )
    return replace(plan, gate=gate, modules=modules, purpose=Purpose.CHECK)


def digest_of_setup(command: str | None) -> str:
    """What tells the command that builds each arm from another one; empty where there is none."""
    return "" if command is None else hashlib.sha256(command.encode(errors="surrogateescape")).hexdigest()


def _tolerances(wanted: Tolerances, cases: Sequence[Case]) -> dict[str, float]:
    """By case key.

    Raises:
        UsageError: for a pattern that fits no case.
    """
    found = {case.key: wanted.shared for case in cases}
    beside = named(cases)
    for pattern, tolerance in wanted.own:
        fitting = fitting_cases(pattern, beside)
        if not fitting:
            raise UsageError(
                f"--tolerance {pattern}=…: no case of that name; there are {nearest_named([pattern], beside)}"
            )
        found |= dict.fromkeys(fitting, tolerance)
    return found


def check_worth(matched: Match, sides: Sequence[Side]) -> None:
    """The arms run different code, or with different interpreters.

    Raises:
        UsageError: where a workload and its strategy are the tool's own and the interpreter is the same.
    """
    if len({side.site.python for side in sides}) > 1:
        return
    for pair in matched.paired:
        own = {each for side in sides for each in side.found.origins}
        if not own & {pair.head.workload.source, pair.head.strategy.source}:
            raise UsageError(
                f"{pair.head.workload.name} {pair.head.strategy.name} is part of what is installed, the same on both sides; check code of your own "
                "(FILE.py or package.module:function), or give two interpreters"
            )

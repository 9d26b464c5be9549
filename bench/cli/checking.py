"""A gate from the user's wishes to a finished run file: pair after pair, until each case is decided or its time is spent."""

import random
import shlex
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from fnmatch import fnmatchcase
from pathlib import Path

from bench import interruption, sources, units
from bench.analysis.gate import Gatekeeper
from bench.caching import are_looked_up
from bench.cli import fresh_inputs
from bench.cli.absent import explained
from bench.cli.arms import Match, Side, Sides, look, match, opened
from bench.cli.busy import Watch
from bench.cli.measuring import check_inputs
from bench.cli.progress import RunProgress
from bench.cli.recording import BENCH, Amounts, header_of, plan_of, said_of_edit
from bench.errors import EditedError, StorageError, UsageError
from bench.measure import environment
from bench.measure.cases import Selection
from bench.measure.conditions import Conditions
from bench.measure.pairs import PairedCase, Pairs, Shape
from bench.measure.shape import shape_of, trial_of
from bench.measure.version import Version
from bench.model import Block, Case, Ending, Gate, Outcome, Plan
from bench.result import Repeats
from bench.store.runs import RunWriter, check_readable, check_writable
from bench.units import counted

_ROOM = 2
"""Pairs that there should be time for, over the fewest that decide: some go the other way by chance."""


@dataclass(frozen=True, slots=True)
class Wishes:
    """What the user wants checked, and how."""

    words: Sequence[str]
    """Names of workloads, files and functions."""
    selection: Selection
    sides: Sides
    conditions: Conditions
    quantities: list[str]
    tolerance: float
    tolerances: Sequence[tuple[str, float]]
    """Patterns of cases' names, each with a tolerance of its own; the last one that fits counts."""
    alpha: float
    budget_s: float
    """For each case."""
    accepted: list[str]
    across: bool
    results: Path


@dataclass(slots=True)
class _Standing:
    """How far a case is."""

    case: PairedCase
    shape: Shape
    spent_s: float
    last_s: float
    """What the last pair took."""
    pairs: int = 0
    repeats: Sequence[Repeats | None] = (None, None)
    """Of each arm, what shows whether its results come from a cache."""

    def has_time(self, budget_s: float) -> bool:
        """Whether another pair fits. One is measured in any case: it shows whether both arms give the same results."""
        return not self.pairs or self.spent_s + self.last_s <= budget_s


@dataclass(frozen=True, slots=True)
class Checked:
    """A check that has ended."""

    path: Path
    interrupted: bool
    edited: bool
    """Whether an edit of what is measured has ended it."""


@interruption.held()
def check(wishes: Wishes) -> Checked:
    """Measure both arms; every pair is in the run file as soon as it is measured, whatever happens then.

    Raises:
        BenchError: for wrong wishes, where an arm cannot be checked out or built, or where results cannot be stored.
        Interrupted: if the command is, before the first pair.
    """
    began_s = time.monotonic()
    check_writable(wishes.results)
    progress = RunProgress()
    try:
        with opened(wishes.sides, progress.say) as (sides, notes):
            workers, _ = environment.default_workers()
            progress.say("looking for workloads")
            watch = Watch()
            for side in sides:
                look(side, wishes.words, wishes.selection, workers)
            base, head = sides
            matched = match(base, head)
            _check_worth(matched, sides)
            if matched.paired:
                check_inputs([each.head for each in matched.paired], wishes.conditions.inputs)
            if (inputs := wishes.conditions.inputs) is not None and wishes.conditions.fresh_rounds:
                fresh_inputs.share_of(inputs, wishes.conditions.fresh_rounds, progress.line)
            plan = _plan(wishes, sides, matched, notes)
            version = Version(
                {f"{each.name} {name}": file for each in sides for name, file in each.found.modules.items()},
                wishes.conditions.inputs,
            )
            surroundings = environment.describe(head.found.packages, identify=False)
            check_readable(header_of(plan, surroundings))
            with Pairs(wishes.conditions, progress.say, [each.place for each in sides], version) as pairs:
                pairs.prepare(matched.paired)
                if wishes.conditions.fresh_rounds:
                    fresh_inputs.check(pairs.not_fresh(matched.paired))
                watch.say_if_busy(progress.line)
                with RunWriter(wishes.results, header_of(plan, surroundings)) as writer:
                    return _record(writer, _Check(wishes, plan, sides, pairs, progress), matched.paired, began_s)
    finally:
        progress.close()


@dataclass(slots=True)
class _Check:
    """What measures and what decides."""

    wishes: Wishes
    plan: Plan
    sides: Sequence[Side]
    pairs: Pairs
    progress: RunProgress
    keeper: Gatekeeper = field(init=False)

    def __post_init__(self) -> None:
        self.keeper = Gatekeeper(self.plan)

    def blocks(self, cases: Sequence[PairedCase]) -> Iterator[Block]:
        """Block after block, until everything is decided or no time is left."""
        checkouts = {side.name: side.checkout for side in self.sides}
        for block in self._measured(cases):
            failed = block.outcome is Outcome.FAILED
            yield replace(block, reason=explained(block.reason, checkouts[block.arm])) if failed else block

    def _measured(self, cases: Sequence[PairedCase]) -> Iterator[Block]:
        standings: list[_Standing] = []
        for case in cases:
            if not self.keeper.is_decided(case.key):  # arms in unequal environments are not measured at all
                yield from self._tried(case, standings)
        while going := [each for each in standings if self._goes_on(each)]:
            random.shuffle(going)
            for each in going:
                began_s = time.monotonic()
                self.progress.say(f"{self.keeper.name(each.case.key)}: {self.keeper.standing(each.case.key)}")
                blocks = self.pairs.measure(each.case, each.pairs, each.shape)
                if each.pairs == 0:
                    blocks = [replace(one, repeats=of) for one, of in zip(blocks, each.repeats, strict=True)]
                yield from blocks
                each.pairs += 1
                each.last_s = time.monotonic() - began_s
                each.spent_s += each.last_s

    def _tried(self, case: PairedCase, standings: list[_Standing]) -> Iterator[Block]:
        """A first pair, which is recorded only where it failed; it decides what the pairs of the case are made of."""
        self.progress.say(f"trying {self.keeper.name(case.key)}")
        if unavailable := self.pairs.unavailable(case):
            yield from unavailable
            return
        began_s = time.monotonic()
        fresh_rounds = self.wishes.conditions.fresh_rounds
        trial = trial_of(fresh_rounds)
        blocks = self.pairs.measure(case, 0, trial)
        took_s = time.monotonic() - began_s
        repeats = self.pairs.look_into(case, blocks)
        rounds = trial.rounds if fresh_rounds or any(map(are_looked_up, repeats)) else None
        shape = shape_of(case, blocks, took_s, self.wishes.budget_s / (_ROOM * self.keeper.fewest), rounds)
        if shape is None:
            yield from blocks
            return
        standings.append(standing := _Standing(case, shape, took_s, took_s, repeats=repeats))
        self._warn(standing)

    def _warn(self, standing: _Standing) -> None:
        """Say so at once where the time is too short for a verdict; a trial pair takes about as long as others."""
        pairs, least = int(self.wishes.budget_s / standing.last_s), self.keeper.fewest
        if pairs <= least:
            self.progress.line(
                f"warning: {self.keeper.name(standing.case.key)}: {self.wishes.budget_s:g} s is time for about {counted(pairs, 'pair')}, and "
                f"{least} are the fewest that decide: give it {units.seconds(round(1.5 * least * standing.last_s))} or more "
                "with --budget"
            )

    def _goes_on(self, standing: _Standing) -> bool:
        return not self.keeper.is_decided(standing.case.key) and standing.has_time(self.wishes.budget_s)


def _record(writer: RunWriter, check: _Check, cases: Sequence[PairedCase], began_s: float) -> Checked:
    """Store each block as it comes, then the ending."""
    interrupted, edited, rounds_s, pairs = False, "", 0.0, 0
    told = check.keeper.decided()  # what no pair can say anything about
    interruption.keeps(_kept(writer.path, 0))
    try:
        for block in check.blocks(cases):
            writer.append(block)
            check.keeper.add(block)
            rounds_s += sum(each.wall_s for each in block.rounds)
            pairs += block.arm == "head"
            interruption.keeps(_kept(writer.path, pairs))
            if (decided := check.keeper.decided()) > told:
                told = decided
                check.progress.line(
                    f"{check.keeper.said(block.case)}; {decided} of {len(check.plan.cases)} cases decided"
                )
    except interruption.Interrupted:
        interrupted = True
    except EditedError as error:
        edited = error.file
        check.progress.line(said_of_edit(edited, f"{counted(pairs, 'pair')} kept in {writer.path}"))
    except StorageError as error:
        raise StorageError(f"{error}; {_kept(writer.path, pairs)}") from error
    every = check.keeper.decided() == len(check.plan.cases)
    status = "interrupted" if interrupted else "edited" if edited else "complete" if every else "budget"
    writer.append(
        Ending(datetime.now(UTC).isoformat(timespec="seconds"), status, time.monotonic() - began_s, rounds_s, edited)
    )
    return Checked(writer.path, interrupted, bool(edited))


def _kept(path: Path, pairs: int) -> str:
    """What the line of an interruption says from now on."""
    return f"{pairs} pairs are kept in {path}; see them with: {shlex.join([*BENCH, 'report', str(path)])}"


def _plan(wishes: Wishes, sides: Sequence[Side], matched: Match, notes: list[str]) -> Plan:
    """What the run file says of the gate."""
    planned = {case.case.key: case for side in sides for case in side.planned.values()}
    named = [each for each in (*wishes.words, *wishes.selection.strategies) if sources.is_source(each)]
    ordered = [planned[case.key] for case in matched.cases]
    plan = plan_of(wishes.conditions, ordered, Amounts(), named)
    gate = Gate(
        arms=[each.record for each in sides],
        quantities=wishes.quantities,
        tolerances=_tolerances(wishes, matched.cases),
        alpha=wishes.alpha,
        budget_s=wishes.budget_s,
        accepted=wishes.accepted,
        one_sided=matched.one_sided,
        broken=matched.broken,
        notes=notes,
        across=wishes.across,
    )
    return replace(plan, gate=gate)


def _tolerances(wishes: Wishes, cases: Sequence[Case]) -> dict[str, float]:
    """By case key.

    Raises:
        UsageError: for a pattern that fits no case.
    """
    found = {case.key: wishes.tolerance for case in cases}
    for pattern, tolerance in wishes.tolerances:
        fitting = [
            case.key
            for case in cases
            if any(fnmatchcase(each, pattern) for each in (case.workload, case.key, f"{case.workload} {case.strategy}"))
        ]
        if not fitting:
            names = ", ".join(sorted({case.workload for case in cases}))
            raise UsageError(f"--tolerance {pattern}=…: no case of that name; there are {names}")
        found |= dict.fromkeys(fitting, tolerance)
    return found


def _check_worth(matched: Match, sides: Sequence[Side]) -> None:
    """The arms run different code, or with different interpreters.

    Raises:
        UsageError: where a workload and its strategy are the tool's own and the interpreter is the same.
    """
    if len({side.place.python for side in sides}) > 1:
        return
    for pair in matched.paired:
        own = {each for side in sides for each in side.found.origins}
        if not own & {pair.head.workload.source, pair.head.strategy.source}:
            raise UsageError(
                f"{pair.name} is part of what is installed, the same in both arms; check code of your own "
                "(FILE.py or package.module:function), or give two interpreters"
            )

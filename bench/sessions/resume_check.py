"""The rest of a check that was cut: the same arms are found again, and more pairs are measured until all cases are decided."""

import random
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from bench import units
from bench.analysis.gate import GateReferee
from bench.checkouts.worktrees import WORKING_TREE
from bench.errors import UsageError
from bench.measure.engine.contest import Contest
from bench.measure.engine.seats import Seats
from bench.measure.engine.time_limit import TimeLimit
from bench.measure.plan import provenance
from bench.measure.plan.cases import PlannedCase
from bench.measure.plan.version import Version
from bench.processes import interruption
from bench.records.case import Case
from bench.records.gate import Arm, Gate
from bench.records.run import Header, Run
from bench.sessions import suite_check
from bench.sessions.again import command, to_finish
from bench.sessions.arms import Side, Sides, from_here, load, of_side, opened, strayed
from bench.sessions.busy import Watch
from bench.sessions.check import checking_of, prepare, version_of, words_again
from bench.sessions.check_news import CheckNews
from bench.sessions.checking import Checking
from bench.sessions.gate_plan import digest_of_setup
from bench.sessions.progress import Progress
from bench.sessions.recording import Earlier, Measured, record
from bench.sessions.same_again import (
    cannot_go_on,
    check_machine,
    check_modules,
    check_tool,
    check_unfinished,
    named_again,
    not_named,
    spent_s,
)
from bench.store.runs import RunWriter, read
from bench.suites.pair import Pair
from bench.suites.session import SuiteSession
from bench.units import counted


@dataclass(frozen=True, slots=True)
class Again:
    """What the user names again, and how long the rest may take."""

    words: Sequence[str]
    """Files and functions of their own."""
    inputs: str | None
    setup: str | None
    pythons: tuple[str | None, str | None]
    written: Sequence[str]
    """Files that the command writes."""
    suite: Sequence[str]
    """What pytest is given."""
    budget_s: float | None
    """None for what is left of the check's own time, or for all of it again where it is over."""


@interruption.held()
def resume_check(path: Path, again: Again, progress: Progress) -> Measured:
    """Measure pairs until every case of the check in a file is decided, and append them.

    Raises:
        RunFileError: if the file is not valid.
        UsageError: if nothing is missing, or the check cannot go on here; says what differs.
        StorageError: if the file cannot be written, or another process is writing it.
    """
    began_s = time.monotonic()
    with RunWriter.reopen(path) as writer:
        run = read(path)
        if (gate := run.header.plan.gate) is None:
            raise UsageError(f"{path} holds a run and no check; {to_finish('run', again.words, path)}")
        check_unfinished(path, run)
        check_tool(run.header)
        again = _named(path, run.header, gate, again)
        with opened(_sides(gate, again), progress.say) as (sides, _):
            return _go_on(writer, run, sides, again, progress, began_s)


def _go_on(
    writer: RunWriter, run: Run, sides: Sequence[Side], again: Again, progress: Progress, began_s: float
) -> Measured:
    header, gate = run.header, run.header.plan.gate
    assert gate is not None
    progress.say("looking for workloads")
    watch = Watch()
    limit = TimeLimit(began_s, _budget_s(run, gate, again))
    with (
        _suite_of(run, gate, sides, limit)
        if gate.suite
        else _cases_of(run, gate, sides, again, limit, progress) as checking
    ):
        news = CheckNews(checking, _words_again(again), run.blocks)
        progress.line(
            f"finishing {header.id}: {units.are(news.counted)} there, {checking.referee.decided()} of "
            f"{counted(len(header.plan.cases), 'case')} decided; at most {units.seconds(limit.budget_s)}"
        )
        watch.say_if_busy(progress.line)
        return record(writer, checking, news, progress, Earlier(run.blocks, spent_s(run)))


@contextmanager
def _cases_of(
    run: Run, gate: Gate, sides: Sequence[Side], again: Again, limit: TimeLimit, progress: Progress
) -> Iterator[Checking]:
    """The check of cases of the user's own code, as far as it is."""
    header = run.header
    for side in sides:
        load(side, again.words)
    version = version_of(sides, again.inputs)
    _check_same(header, gate, sides, version)
    contests = _contests(header, gate, sides)
    conditions = header.plan.conditions
    with Seats(conditions, progress.say, inputs=again.inputs) as seats:
        prepare(seats, contests, conditions)
        yield checking_of(seats, header.plan, contests, limit, version, sides, run.blocks)


@contextmanager
def _suite_of(run: Run, gate: Gate, sides: Sequence[Side], limit: TimeLimit) -> Iterator[Checking]:
    """The check of a suite, as far as it is."""
    header, limit_s = run.header, run.header.plan.conditions.time_limit_s
    places, rng = suite_check.places_of(sides, gate.suite), random.Random()
    with Pair(places, 1 + max((each.repetition for each in run.blocks), default=-1), rng, limit_s) as first:
        suite_check.look(sides, first.collected)
        version = suite_check.version_of(sides, first.collected)
        _check_same(header, gate, sides, version)
        there = suite_check.match(sides, first.collected).tests
        keys = [each.key for each in header.plan.cases if each.key not in gate.one_sided | gate.broken]
        if gone := [each for each in keys if each not in there]:
            raise cannot_go_on(header, [f"an arm has no {gone[0]} any more"])
        referee = GateReferee(header.plan)
        session = SuiteSession(
            first, places, {each: there[each] for each in keys}, limit, referee, rng, version, limit_s
        )
        session.replay(run.blocks)
        yield Checking(referee, session, limit)


def _check_same(header: Header, gate: Gate, sides: Sequence[Side], version: Version) -> None:
    """Both arms, the user's modules and the machine are as they were.

    Raises:
        UsageError: if one is not.
    """
    if different := [each for then, now in zip(gate.arms, sides, strict=True) for each in _differences(then, now)]:
        raise cannot_go_on(header, different)
    check_modules(header, version)
    check_machine(header, sides[1].found.packages)


def _named(path: Path, header: Header, gate: Gate, again: Again) -> Again:
    """What the user has named, as the arms load it.

    Raises:
        UsageError: where something is missing, or another than was measured.
    """
    if gate.setup is None:
        raise cannot_go_on(header, ["it was measured by a version that did not record what that takes"])
    how = partial(_how_to_finish, path, gate)
    is_of_checkouts = gate.arms[0].commit is not None
    words = [from_here(each) if is_of_checkouts else each for each in again.words]
    words = named_again(path, header, words, again.inputs, how)
    if [*again.suite] != gate.suite:
        if not again.suite:
            raise not_named(header, how([*words, *suite_check.suite_again(gate.suite)]))
        raise cannot_go_on(header, ["--pytest is given something else" if gate.suite else "there was no --pytest"])
    pythons = zip(gate.arms, again.pythons, strict=True)
    if (gate.setup and again.setup is None) or any(arm.python and not given for arm, given in pythons):
        given = [*suite_check.suite_again(again.suite), *(["--inputs", again.inputs] if again.inputs else [])]
        raise not_named(header, how([*words, *given]))
    if digest_of_setup(again.setup) != gate.setup:
        raise cannot_go_on(header, ["--setup is another command" if gate.setup else "there was no --setup"])
    return replace(again, words=words)


def _how_to_finish(path: Path, gate: Gate, words: Sequence[str]) -> str:
    """The command that finishes a check, of these words and all else that has to be named again."""
    built = ["--setup", "COMMAND"] if gate.setup else []
    named = [word for each in gate.arms if each.python for word in (f"--{each.name}-python", each.python)]
    return command("check", *words, *built, *named, "--resume", str(path))


def _sides(gate: Gate, again: Again) -> Sides:
    """The arms, at the commits that were measured."""
    base, head = gate.arms
    if base.commit is None:
        return Sides(None, None, None, again.pythons, again.written)
    is_working_tree = head.label == WORKING_TREE or head.label.startswith(f"{WORKING_TREE}, ")
    revision = None if is_working_tree else _commit(head)
    return Sides(_commit(base), revision, again.setup, again.pythons, again.written)


def _commit(arm: Arm) -> str:
    return (arm.commit or "").removesuffix("+")


def _differences(then: Arm, side: Side) -> Iterator[str]:
    """Where an arm differs from what was measured, a few words each."""
    now = side.record
    if _commit(then) != _commit(now):
        yield f"the commit of the {then.name} was {_commit(then)[:12]} and is {_commit(now)[:12]}"
    if then.python != now.python:
        yield f"the interpreter of the {then.name} was {then.python or 'this one'} and is {now.python or 'this one'}"
    for before, after in ((then.facts, now.facts), (then.packages, now.packages)):
        yield from provenance.changed_facts(before, after, f" of the {then.name}")


def _contests(header: Header, gate: Gate, sides: Sequence[Side]) -> list[Contest]:
    """The cases that both arms had.

    Raises:
        UsageError: if an arm has one no more.
    """
    cases = [each for each in header.plan.cases if each.key not in gate.one_sided and each.key not in gate.broken]
    base, head = sides
    contests = [Contest(_found(header, each, base), _found(header, each, head)) for each in cases]
    for each in contests:
        for side, case in zip(sides, each.arms, strict=True):
            if reason := strayed(side, case):
                raise cannot_go_on(header, [reason])
    return contests


def _found(header: Header, case: Case, side: Side) -> PlannedCase:
    workload = next((each for each in side.found.workloads if each.name == case.workload), None)
    strategy = next((each for each in side.found.strategies if each.name == case.strategy), None)
    if workload is None or strategy is None:
        raise cannot_go_on(header, [f"the {side.name} has no {case.workload} with {case.strategy} any more"])
    return of_side(PlannedCase(case, workload, strategy), side)


def _budget_s(run: Run, gate: Gate, again: Again) -> float:
    """For the rest."""
    left_s = gate.budget_s - spent_s(run)
    is_over = left_s <= 0 or (run.ending is not None and run.ending.status == "budget")
    return again.budget_s or (gate.budget_s if is_over else left_s)


def _words_again(again: Again) -> list[str]:
    sides = Sides(None, None, again.setup, again.pythons)
    return [*suite_check.suite_again(again.suite), *words_again(again.words, again.inputs, sides)]

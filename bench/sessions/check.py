"""A check from the user's request to a finished run file: both arms are found, built and measured now."""

import random
import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial

from bench.analysis.gate import GateReferee
from bench.checkouts.worktrees import Checkout
from bench.machine import environment
from bench.measure.engine.check_session import CheckSession
from bench.measure.engine.contest import Contest
from bench.measure.engine.seats import Seats
from bench.measure.engine.time_limit import TimeLimit
from bench.measure.plan.version import Version
from bench.plugins.sources import is_source
from bench.processes import interruption
from bench.records.block import Block, Outcome
from bench.records.conditions import Conditions
from bench.records.run import Plan
from bench.sessions import fresh_inputs
from bench.sessions.absent import explained
from bench.sessions.again import inputs_again
from bench.sessions.arms import Side, Sides, look, match, opened
from bench.sessions.busy import Watch
from bench.sessions.check_news import CheckNews
from bench.sessions.checking import Checking
from bench.sessions.gate_plan import CheckRequest, check_worth, gate_plan
from bench.sessions.progress import Progress
from bench.sessions.recording import Measured, header_of, record
from bench.sessions.run import check_inputs
from bench.store.runs import RunWriter, check_readable, check_writable

_SECONDS_A_CASE = 60.0


@interruption.held()
def check(request: CheckRequest, progress: Progress) -> Measured:
    """Measure both arms; every pair is in the run file as soon as it is measured, whatever happens then.

    Raises:
        BenchError: for a wrong request, where an arm cannot be checked out or built, or where results cannot be stored.
        Interrupted: if the command is, before the first pair.
    """
    began_s = time.monotonic()
    check_writable(request.results)
    with opened(request.sides, progress.say) as (sides, notes):
        workers, _ = environment.default_workers()
        progress.say("looking for workloads")
        watch = Watch()
        for side in sides:
            look(side, request.words, request.selection, workers)
        matched = match(*sides)
        check_worth(matched, sides)
        conditions, inputs = request.conditions, request.inputs
        if matched.paired:
            check_inputs([each.head for each in matched.paired], inputs, star=conditions.star)
        if inputs is not None and conditions.fresh_rounds:
            fresh_inputs.share_of(inputs, conditions.fresh_rounds, progress.line)
        version = version_of(sides, inputs)
        default_s = time.monotonic() - began_s + _SECONDS_A_CASE * len(matched.paired)
        limit = TimeLimit(began_s, request.budget_s or round(default_s))
        plan = gate_plan(request, sides, matched, notes, version.modules, limit.budget_s)
        surroundings = environment.describe(sides[1].found.packages, identify=False)
        check_readable(header_of(plan, surroundings))
        with Seats(conditions, progress.say, inputs=inputs) as seats:
            prepare(seats, matched.paired, conditions)
            watch.say_if_busy(progress.line)
            with RunWriter(request.results, header_of(plan, surroundings)) as writer:
                checking = checking_of(seats, plan, matched.paired, limit, version, sides)
                again = words_again([*request.words, *request.selection.strategies], inputs, request.sides)
                return record(writer, checking, CheckNews(checking, again), progress)


def version_of(sides: Sequence[Side], inputs: str | None) -> Version:
    """What every pair has to be of: the user's modules in both arms, and the inputs."""
    files = {f"{each.name} {name}": file for each in sides for name, file in each.found.modules.items()}
    return Version(files, inputs)


def prepare(seats: Seats, contests: Sequence[Contest], conditions: Conditions) -> None:
    """Start the preparations of both arms, and look whether rounds get inputs of their own where they should.

    Raises:
        NotFreshError: where they cannot.
    """
    cases = [case for each in contests for case in each.arms]
    seats.prepare(cases)
    if conditions.fresh_rounds:
        fresh_inputs.check(seats.not_fresh(cases))


def words_again(named: Sequence[str], inputs: str | None, sides: Sides) -> list[str]:
    """What has to be given to finish a check: a run file runs no code, so the user names it again."""
    return [*dict.fromkeys(filter(is_source, named)), *inputs_again(inputs), *sides_again(sides)]


def sides_again(sides: Sides) -> list[str]:
    """What of it says how the sides are built and run."""
    base, head = sides.pythons
    own = [("--base-python", base), ("--head-python", head)] if base != head else [("--python", base)]
    options = [("--setup", sides.setup), *own]
    return [word for name, value in options if value is not None for word in (name, value)]


def checking_of(
    seats: Seats,
    plan: Plan,
    contests: Sequence[Contest],
    limit: TimeLimit,
    version: Version,
    sides: Sequence[Side],
    done: Sequence[Block] = (),
) -> Checking:
    """The check of cases, from now on.

    Args:
        seats: who measures.
        plan: with a gate.
        contests: the cases that both arms have.
        limit: the time there is.
        version: what every block has to be of.
        sides: the arms.
        done: the blocks that are there.
    """
    referee = GateReferee(plan)
    checkouts = {each.name: each.checkout for each in sides}
    session = CheckSession(
        seats,
        contests,
        limit,
        referee,
        random.Random(),
        version,
        plan.conditions.fresh_rounds,
        partial(_explained, checkouts),
    )
    session.replay(done)
    return Checking(referee, session, limit)


def _explained(checkouts: Mapping[str, Checkout | None], block: Block) -> Block:
    if block.outcome is not Outcome.FAILED:
        return block
    return replace(block, reason=explained(block.reason, checkouts[block.arm]))

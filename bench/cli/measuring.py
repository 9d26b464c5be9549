"""A measurement from the user's wishes to a finished run file: the recipe that `run` and `all` share."""

import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import chain

from bench import sources
from bench.analysis.loading import names_of
from bench.catalogue import Catalogue, StrategyInfo, WorkloadInfo
from bench.cli import fresh_inputs
from bench.cli.busy import Watch
from bench.cli.options import Wishes
from bench.cli.progress import RunProgress
from bench.cli.recording import Budget, Measured, header_of, plan_of, record
from bench.errors import UsageError
from bench.measure import catalogue, environment, runner
from bench.measure.cases import PlannedCase, Selection, article_cases, expand, left_out
from bench.measure.conditions import Conditions
from bench.measure.interpreter import python_name
from bench.measure.look import not_fresh
from bench.measure.runner import Measurer, Trial
from bench.measure.schedule import Schedule, schedule
from bench.measure.version import Version
from bench.model import Outcome, Plan
from bench.store.runs import RunWriter, check_readable, check_writable

SECONDS_A_CASE, LONGEST_BUDGET_S = 10.0, 455.0
MANY_TASKS = 1000
"""More inputs of a user's function than these do not get a process each, unless the user names such a strategy."""
_PLANNED_SHARE = 0.93
"""How much of the remaining time is planned for; the machine may be slower later than in the trial."""


def measure(wishes: Wishes) -> Measured:
    """Measure what is wished for; what is finished is in the run file, whatever happens then.

    Raises:
        BenchError: for wrong wishes, or where results cannot be stored.
        Interrupted: if the command is, before the first block.
    """
    began_s = time.monotonic()
    check_writable(wishes.results)
    progress = RunProgress()
    try:
        watch = Watch()
        found = looked_for(wishes.sources, progress)
        version = Version(found.modules, wishes.inputs)
        workers, _ = environment.default_workers()
        planned = planned_cases(found, wishes, workers)
        check_available(planned)
        tasks = check_inputs(planned, wishes.inputs)
        if wishes.fresh_rounds and wishes.inputs is not None:
            tasks = fresh_inputs.share_of(wishes.inputs, wishes.fresh_rounds, progress.line)
        if not wishes.selection.strategies:
            planned = sensible_cases(found, planned, tasks, progress.line)
        surroundings = environment.describe(found.packages, identify=wishes.identify)
        conditions = Conditions(
            wishes.seed,
            wishes.time_limit_s,
            wishes.sample_hz,
            wishes.inputs,
            keep_paths=wishes.identify,
            sampler=wishes.sampler,
            accounting=wishes.accounting,
            budget_s=budget_of(wishes, planned),
            close=wishes.close,
            fresh_rounds=wishes.fresh_rounds,
        )
        check_readable(header_of(plan_of(conditions, planned, Schedule(0, {}), wishes.sources), surroundings))
        with Measurer(conditions, progress.say, version=version) as measurer:
            measurer.prepare(planned)
            if wishes.fresh_rounds:
                planned = with_fresh_inputs(measurer, planned, wishes, progress)
            watch.say_if_busy(progress.line)
            trials: dict[str, Trial] = {}
            if not wishes.amount_is_set:
                progress.line(f"trying each of {len(planned)} cases once, at most {wishes.time_limit_s:g} s each")
                trials = runner.try_out(measurer, planned, progress.say, names_of([each.case for each in planned]))
            plan = replace(make_plan(wishes, conditions, planned, trials, began_s), modules=version.modules)
            with RunWriter(wishes.results, header_of(plan, surroundings)) as writer:
                budget = Budget(plan.budget_s, began_s)
                again = [*wishes.sources, *inputs_again(wishes.inputs)]
                first = runner.unmeasured(measurer, planned, trials)
                blocks = chain(first, runner.measure(measurer, plan, planned, budget.allows))
                return record(writer, plan, blocks, progress, budget, again=again)
    finally:
        progress.close()


def looked_for(sources: Sequence[str], progress: RunProgress) -> Catalogue:
    """The workloads and strategies that there are; says which entry points are left out, and why."""
    progress.say("looking for workloads and strategies")
    found = catalogue.find(sources)
    for warning in found.warnings:
        progress.line(f"warning: {warning}")
    return found


def with_fresh_inputs(
    measurer: Measurer, planned: Sequence[PlannedCase], wishes: Wishes, progress: RunProgress
) -> list[PlannedCase]:
    """The cases of which every round can get inputs of its own.

    Raises:
        NotFreshError: if the user names one that cannot, or there is none that can.
    """
    progress.say("looking whether all rounds get inputs of their own")
    why_not = not_fresh(measurer, planned)
    if wishes.selection.workloads:
        fresh_inputs.check(why_not)
    return fresh_inputs.possible(planned, why_not, progress.line)


def inputs_again(inputs: str | None) -> list[str]:
    """The words that give these inputs."""
    return [] if inputs is None else ["--inputs", inputs]


def planned_cases(found: Catalogue, wishes: Wishes, workers: int) -> list[PlannedCase]:
    """The cases that are wished for; `workers` is their number where the user names none."""
    if wishes.selection.is_article:
        return article_cases(found, python_name(), workers)
    return expand(found, selection_of(found, wishes), python_name(), workers)


def sensible_cases(
    found: Catalogue, planned: Sequence[PlannedCase], tasks: int, say: Callable[[str], None]
) -> list[PlannedCase]:
    """What is measured where the user names no strategy; says what is left out of what would fit, and why.

    Args:
        found, planned: what there is, and what of it would be measured.
        tasks: inputs of the user's function; 0 where there is none.
        say: told a line for each reason.
    """
    for name, reason in left_out(found, planned).items():
        say(f"left out: {name} ({reason})")
    if tasks <= MANY_TASKS:
        return list(planned)
    dear = sorted({each.strategy.name for each in planned if each.starts_a_process_a_task})
    say(f"left out: {', '.join(dear)} ({tasks} processes a round; name them to measure them)")
    return [each for each in planned if not each.starts_a_process_a_task]


def selection_of(found: Catalogue, wishes: Wishes) -> Selection:
    """The selection with each source replaced by the names of what it defines.

    Raises:
        UsageError: if a source that was to give workloads gives none, or strategies likewise.
    """
    return replace(
        wishes.selection,
        workloads=names_for(wishes.selection.workloads, "workload", found.workloads),
        strategies=names_for(wishes.selection.strategies, "strategy", found.strategies),
    )


def names_for(words: Sequence[str], kind: str, defined: Sequence[WorkloadInfo] | Sequence[StrategyInfo]) -> list[str]:
    """Words of the command line with each source among them replaced by the names of what it defines.

    Raises:
        UsageError: if a source defines nothing of that kind.
    """
    chosen: list[str] = []
    for word in words:
        mine = [each.name for each in defined if each.source == word] if sources.is_source(word) else [word]
        if not mine:
            raise UsageError(f"{word} defines no {kind}")
        chosen += mine
    return chosen


def check_available(planned: Sequence[PlannedCase]) -> None:
    """Something of what was asked for can be measured here.

    Raises:
        UsageError: if not, with the reasons.
    """
    if all(case.unavailable for case in planned):
        reasons = {
            f"{(case.workload if case.workload.unavailable else case.strategy).name} is unavailable: {case.unavailable}": None
            for case in planned
        }
        raise UsageError("; ".join(reasons))


def check_inputs(planned: Sequence[PlannedCase], inputs: str | None) -> int:
    """Inputs are there if a plain function needs them, and only then.

    Returns:
        How many there are.

    Raises:
        UsageError: if not, or if they do not read.
    """
    from bench.measure.inputs import read_inputs

    needing = {case.workload.name for case in planned if case.workload.needs_inputs}
    if needing and inputs is None:
        raise UsageError(
            f"{', '.join(sorted(needing))} needs inputs; give --inputs FILE (JSON lines) or --inputs 1..100"
        )
    if inputs is not None and not needing:
        raise UsageError("--inputs is for a function of your own; the selected workloads make their inputs themselves")
    return 0 if inputs is None else len(read_inputs(inputs))


def budget_of(wishes: Wishes, planned: Sequence[PlannedCase]) -> float | None:
    """The seconds for the whole command; None where the user set an amount instead."""
    if wishes.budget_s is None and wishes.repetitions is None:
        return min(LONGEST_BUDGET_S, SECONDS_A_CASE * len(planned))
    return wishes.budget_s


def make_plan(
    wishes: Wishes,
    conditions: Conditions,
    planned: Sequence[PlannedCase],
    trials: dict[str, Trial],
    began_s: float,
) -> Plan:
    """The plan that fits the budget, from what the trials took; without trials, what the user set.

    Args:
        wishes, conditions, planned, trials: what to measure, and what is known of it.
        began_s: the command's start.
    """
    budget_s = conditions.budget_s
    working = {key: (trial.block, trial.took_s) for key, trial in trials.items() if trial.block.outcome is Outcome.OK}
    remaining_s = None if budget_s is None else _PLANNED_SHARE * (budget_s - (time.monotonic() - began_s))
    if wishes.amount_is_set:
        available = [each.case.key for each in planned if not each.unavailable]
        chosen = Schedule(wishes.repetitions or 0, dict.fromkeys(available, wishes.rounds or 0))
    else:
        chosen = schedule(working, remaining_s, wishes.repetitions, wishes.rounds) if working else Schedule(0, {})
    return plan_of(conditions, planned, chosen, wishes.sources, budget_s)

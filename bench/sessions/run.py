"""A measurement from the user's request to a finished run file: the recipe that `run` and `all` share."""

import math
import time
from collections.abc import Callable, Sequence
from dataclasses import replace

from bench import units
from bench.errors import UsageError
from bench.machine import environment
from bench.machine.interpreter import python_name
from bench.measure.engine.more_workers import most_of
from bench.measure.engine.seats import Seats
from bench.measure.plan.cases import ALL, PlannedCase, Selection, article_cases, expand, left_out, variants_left_out
from bench.measure.plan.first_look import first_look
from bench.measure.plan.version import Version
from bench.plugins import sources
from bench.records.catalogue import Catalogue, StrategyInfo, WorkloadInfo
from bench.records.run import Plan
from bench.sessions import fresh_inputs, interpreters
from bench.sessions.again import command, inputs_again
from bench.sessions.busy import Watch
from bench.sessions.going_on import GoingOn
from bench.sessions.interpreters import Installed
from bench.sessions.own_functions import own_functions
from bench.sessions.progress import Progress
from bench.sessions.recording import Amounts, Measured, header_of, plan_of, record
from bench.sessions.run_news import RunNews
from bench.sessions.run_request import RunRequest
from bench.store.runs import RunWriter, check_readable, check_writable
from bench.units import counted

SECONDS_A_CASE, SECONDS_A_WORKLOAD, SECONDS_AN_INTERPRETER, LONGEST_BUDGET_S = 10.0, 55.0, 20.0, 455.0
"""Where the user sets no time: for a case, for all those of a workload that is named and of each interpreter more, and for all."""
MANY_TASKS = 1000
"""More inputs of a user's function than these do not get a process each, unless the user names such a strategy."""


def measure(request: RunRequest, progress: Progress) -> Measured:
    """Measure what is asked for; what is finished is in the run file, whatever happens then.

    Raises:
        BenchError: for a wrong request, or where results cannot be stored.
        Interrupted: if the command is, before the first block.
    """
    began_s = time.monotonic()
    check_writable(request.results)
    watch = Watch()
    installed = interpreters.opened(request.interpreters, request.sources, progress)
    version = Version(modules_of(installed), request.inputs)
    planned = wanted(installed, request, progress.line)
    surroundings = environment.describe(installed[0].found.packages, identify=request.identify)
    conditions = replace(request.conditions, budget_s=budget_of(request, planned))
    check_readable(header_of(plan_of(conditions, planned, Amounts(), request.sources, request.inputs), surroundings))
    with Seats(conditions, progress.say, inputs=request.inputs, keep_paths=request.identify) as seats:
        seats.prepare(planned)
        if conditions.fresh_rounds:
            planned = with_fresh_inputs(seats, planned, request, progress)
        watch.say_if_busy(progress.line)
        plan = replace(
            plan_of(conditions, planned, amount_of(request, planned), request.sources, request.inputs),
            modules=version.modules,
            interpreters=[each.record for each in installed if each.record is not None],
            more_workers=most_of(request.selection),
        )
        progress.line(said_of(plan, planned))
        with RunWriter(request.results, header_of(plan, surroundings)) as writer:
            going_on = GoingOn(seats, planned, plan, version, began_s)
            again = [*request.sources, *inputs_again(request.inputs)]
            return record(writer, going_on, RunNews(plan, again), progress)


def modules_of(installed: Sequence[Installed]) -> dict[str, str]:
    """The files of the user's modules, by name; one that interpreters find in different places has a name for each."""
    found: dict[str, str] = {}
    for each in installed:
        for name, file in each.found.modules.items():
            found[name if found.setdefault(name, file) == file else f"{each.name} {name}"] = file
    return found


def with_fresh_inputs(
    seats: Seats, planned: Sequence[PlannedCase], request: RunRequest, progress: Progress
) -> list[PlannedCase]:
    """The cases of which every round can get inputs of its own.

    Raises:
        NotFreshError: if the user names one that cannot, or there is none that can.
    """
    progress.say("looking whether all rounds get inputs of their own")
    why_not = seats.not_fresh(planned)
    if request.selection.workloads:
        fresh_inputs.check(why_not)
    return fresh_inputs.possible(planned, why_not, progress.line)


def wanted(installed: Sequence[Installed], request: RunRequest, say: Callable[[str], None]) -> list[PlannedCase]:
    """The cases that are measured, with inputs where they need some; says what is left out of what would fit, and why.

    Raises:
        UsageError: if nothing of it can be measured here, or there are inputs and nothing takes them, or the other way round.
    """
    workers, _ = environment.default_workers()
    planned = {
        each.name: [replace(case, site=each.site) for case in planned_cases(each.found, request, workers, each.name)]
        for each in installed
    }
    every = [case for cases in planned.values() for case in cases]
    check_available(every)
    tasks = check_inputs(every, request.inputs, star=request.conditions.star)
    if tasks == 1:
        say("there is one input, and so nothing to run at the same time; --inputs 1..100 gives a hundred")
    if request.conditions.fresh_rounds and request.inputs is not None:
        tasks = fresh_inputs.share_of(request.inputs, request.conditions.fresh_rounds, say)
    if not request.selection.names_strategies:
        said: dict[str, list[str]] = {each.name: [] for each in installed}
        every = [
            case
            for each in installed
            for case in sensible_cases(each.found, planned[each.name], tasks, request.selection, said[each.name].append)
        ]
        for line in interpreters.told_once(said):
            say(line)
    return without_variants(every, say) if request.is_first_look else every


def planned_cases(found: Catalogue, request: RunRequest, workers: int, python: str = "") -> list[PlannedCase]:
    """The cases that are asked for.

    Args:
        found: what there is.
        request: what the user asks for.
        workers: their number where the user names none.
        python: the interpreter that has found it, as cases name it; this one by default.
    """
    if request.selection.is_article:
        return article_cases(found, python or python_name(), workers)
    return expand(found, selection_of(found, request), python or python_name(), workers)


def sensible_cases(
    found: Catalogue,
    planned: Sequence[PlannedCase],
    tasks: int,
    selection: Selection,
    say: Callable[[str], None],
) -> list[PlannedCase]:
    """What is measured where the user names no strategy; says what is left out of what would fit, and why.

    Args:
        found, planned: what there is, and what of it would be measured.
        tasks: inputs of the user's function; 0 where there is none.
        selection: what the user asked for.
        say: told a line for each reason.
    """
    for name, reason in left_out(found, planned).items():
        say(f"left out: {name} ({reason})")
    if variants := variants_left_out(found, planned, selection):
        say(f"left out: {counted(len(variants), 'variant')} of these strategies (--strategy {ALL} measures them)")
    if tasks <= MANY_TASKS or selection.strategies:
        return list(planned)
    expensive = sorted({each.strategy.name for each in planned if each.starts_a_process_a_task})
    them = "it" if len(expensive) == 1 else "them"
    say(f"left out: {', '.join(expensive)} ({tasks} processes a round; name {them} to measure {them})")
    return [each for each in planned if not each.starts_a_process_a_task]


def without_variants(planned: Sequence[PlannedCase], say: Callable[[str], None]) -> list[PlannedCase]:
    """The cases of a first look; says how many are left out, if any, and how they are measured."""
    chosen = first_look(planned)
    if left := len(planned) - len(chosen):
        again = command("all", "--scale", "quick")
        say(f"a first look leaves {counted(left, 'variant')} out; measure everything with: {again}")
    return chosen


def selection_of(found: Catalogue, request: RunRequest) -> Selection:
    """The selection with each source replaced by the names of what it defines.

    Raises:
        UsageError: if a source that was to give workloads gives none, or strategies likewise.
    """
    return replace(
        request.selection,
        workloads=names_for(request.selection.workloads, "workload", found.workloads),
        strategies=names_for(request.selection.strategies, "strategy", found.strategies),
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
        if kind == "workload" and (meant := own_functions(word)) and word not in {each.name for each in defined}:
            raise UsageError(f"there is no workload {word!r}; for a function of your own, name it: {meant}")
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


def check_inputs(planned: Sequence[PlannedCase], inputs: str | None, *, star: bool) -> int:
    """Inputs, and what they are made of (`star`), are given if a plain function needs them, and only then.

    Returns:
        How many there are.

    Raises:
        UsageError: if not, or if they do not read.
    """
    from bench.measure.host.inputs import read_inputs

    needing = {case.workload.name for case in planned if case.workload.needs_inputs}
    if needing and inputs is None:
        raise UsageError(
            f"{', '.join(sorted(needing))} needs inputs; give --inputs FILE (JSON lines), --inputs 1..100 or --inputs 1,2,3"
        )
    if inputs is not None and not needing:
        raise UsageError("--inputs is for a function of your own; the selected workloads make their inputs themselves")
    if star and not needing:
        raise UsageError("--star is for a function of your own that takes several arguments; none is selected")
    return 0 if inputs is None else len(read_inputs(inputs))


def budget_of(request: RunRequest, planned: Sequence[PlannedCase]) -> float | None:
    """The seconds for the whole command; None where the user set an amount instead."""
    if request.conditions.budget_s is None and request.repetitions is None:
        works = {each.work for each in planned}
        more = len({each.case.python for each in planned}) - 1
        named_s = (SECONDS_A_WORKLOAD + SECONDS_AN_INTERPRETER * more) * len(works) if request.precision else math.inf
        return min(LONGEST_BUDGET_S, SECONDS_A_CASE * len(planned), named_s)
    return request.conditions.budget_s


def amount_of(request: RunRequest, planned: Sequence[PlannedCase]) -> Amounts:
    """How much is measured of each case, as far as the user set it."""
    available = [each.case.key for each in planned if not each.unavailable]
    precision = request.precision if request.repetitions is None else None
    return Amounts(request.repetitions or 0, dict.fromkeys(available, request.rounds or 0), precision)


def said_of(plan: Plan, planned: Sequence[PlannedCase]) -> str:
    """What is about to be measured, and how long that takes at most."""
    cases = counted(sum(not each.unavailable for each in planned), "case")
    blocks = f", {counted(plan.repetitions, 'block')} of each" if plan.repetitions else ""
    narrow = f", until each ratio is known to ±{100 * plan.precision:g} %" if plan.precision else ""
    limit = f"; at most {units.seconds(plan.conditions.budget_s)}" if plan.conditions.budget_s else ""
    return f"measuring {cases} by turns{blocks}{narrow}{limit}"

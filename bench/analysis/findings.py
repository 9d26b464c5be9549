"""Coded warnings about measurements, as data: what was found, of which case, and what to do.

Each rule is a generator of findings; none prints, and none changes a number.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import chain
from statistics import median

from bench import units
from bench.analysis import cost_findings
from bench.analysis.compared import shortfall
from bench.analysis.estimates import INTERVAL, SURELY, values_needed
from bench.analysis.finding import Finding, Named, Rule
from bench.analysis.groups import Group
from bench.analysis.scaling import curves
from bench.analysis.summary import Summary
from bench.facts import caching, resting
from bench.records.block import Block, Outcome
from bench.records.run import Run

TOO_SHORT_S = 1e-3
UNSTABLE = 0.10
"""Half of the interval's width over the centre."""
BUSY_LOAD = 0.5
"""Runnable processes for each usable core before the run."""
MOST_NAMES = 6
"""Of the cases that a finding is about."""


def findings(run: Run, groups: Sequence[Group]) -> list[Finding]:
    """All findings of a run, rule by rule."""
    named = [(f"{group.name} {group.labels[each.case.key]}", each) for group in groups for each in group.cases]
    found: dict[tuple[str, str, str], list[Finding]] = {}
    for each in chain(*(rule(run, named) for rule in _RULES), _superlinear(run, groups)):
        found.setdefault((each.code, each.message, each.hint), []).append(each)
    return [_merged(same) for same in found.values()]


def _merged(same: Sequence[Finding]) -> Finding:
    """One finding of several that say the same of different cases."""
    names = [each.subject for each in same]
    shown = names if len(names) <= MOST_NAMES else [*names[:MOST_NAMES], f"{len(names) - MOST_NAMES} more"]
    return replace(same[0], subject=", ".join(shown), cases=tuple(case for each in same for case in each.cases))


def _superlinear(run: Run, groups: Sequence[Group]) -> Iterator[Finding]:
    for group in groups:
        for curve in curves(group, run):
            for point in curve.points:
                if point.superlinear and point.speedup.low is not None:
                    yield Finding(
                        "superlinear",
                        f"{group.name} {curve.label}",
                        f"{units.ratio(point.speedup.centre)} as fast with {units.counted(point.workers, 'worker')}, "
                        f"with {SURELY} at least {units.ratio(point.speedup.low)}",
                        "look for what hinders its base, or for a worker that uses more than one core",
                        (point.summary.case.key,),
                    )


def _not_ok(_: Run, named: Named) -> Iterator[Finding]:
    for name, each in named:
        if each.outcome is not Outcome.OK:
            key = each.case.key
            yield Finding(str(each.outcome), name, each.reason, "the case is in no ranking and no ratio", (key,))


def _demonstration(_: Run, named: Named) -> Iterator[Finding]:
    for name, each in named:
        if each.demonstration and each.outcome is Outcome.OK:
            yield Finding(
                "demonstration", name, each.reason, "measure it again, or at a larger scale", (each.case.key,)
            )


def _run_cut(run: Run, _: Named) -> Iterator[Finding]:
    for note in run.notes:
        yield Finding("cut", "run", note, "what is there is whole; measure again for the rest")
    if run.ending is not None and run.ending.status != "complete":
        planned = run.header.plan.blocks
        measured = f"{units.are(units.blocks_of(len(run.blocks), planned), 'was', 'were')} measured"
        if run.ending.status == "budget" and planned is None:
            measured = f"the time was over before every case had an interval: {measured}"
        hints = {
            "interrupted": "the run was interrupted",
            "edited": "every number is of the version before; measure the new one in a run of its own",
        }
        yield Finding(
            run.ending.status,
            "run",
            f"{run.ending.edited} was edited when {measured}" if run.ending.edited else measured,
            hints.get(run.ending.status, "give it more time with --budget"),
        )


def _busy_machine(run: Run, _: Named) -> Iterator[Finding]:
    environment = run.header.environment
    if environment.load_1m is not None and environment.load_1m > BUSY_LOAD * environment.usable_cores:
        yield Finding(
            "busy_machine",
            "run",
            f"{environment.load_1m:.1f} processes were running on {environment.usable_cores} cores before the run",
            "measure on an idle machine, or trust only large differences",
        )


def _few_blocks(_: Run, named: Named) -> Iterator[Finding]:
    few = [each for _, each in named if each.wall is not None and each.wall.low is None]
    if few:
        counts = sorted({each.wall.n for each in few if each.wall is not None})
        shown = str(counts[0]) if len(counts) == 1 else f"{counts[0]} to {counts[-1]}"
        yield Finding(
            "few_blocks",
            "run",
            f"n = {shown} blocks in {units.counted(len(few), 'case')}; {values_needed()} are needed for a {INTERVAL}",
            f"give it more time with --budget, or --blocks {values_needed()}",
            tuple(each.case.key for each in few),
        )


def _unstable(_: Run, named: Named) -> Iterator[Finding]:
    """One finding for each work: on a restless machine it would be one for each case."""
    spreads: dict[tuple[str, str, str], list[tuple[float, str, Summary]]] = {}
    for name, each in named:
        if each.wall is None or each.wall.low is None or each.wall.high is None:
            continue
        spread = (each.wall.high - each.wall.low) / 2 / each.wall.centre
        if spread > UNSTABLE:
            work = (each.case.workload, each.case.scale, each.setting)
            spreads.setdefault(work, []).append((spread, name, each))
    for found in spreads.values():
        spread, name, each = max(found, key=lambda one: one[0])
        assert each.wall is not None
        more = f"; so do those of {len(found) - 1} more strategies, by less" if len(found) > 1 else ""
        yield Finding(
            "unstable",
            name,
            f"the interval reaches ±{100 * spread:.0f} % around {units.seconds(each.wall.centre)}{more}",
            "other work on the machine, or too few blocks",
            tuple(one.case.key for _, _, one in found),
        )


def _too_short(_: Run, named: Named) -> Iterator[Finding]:
    for name, each in named:
        if each.wall is not None and each.wall.centre < TOO_SHORT_S:
            yield Finding(
                "too_short",
                f"{name} ({units.seconds(each.wall.centre)})",
                f"a round takes less than {units.seconds(TOO_SHORT_S)}: the call itself weighs as much as the work",
                "give a round more inputs, or a larger scale",
                (each.case.key,),
            )


def _cached_results(run: Run, named: Named) -> Iterator[Finding]:
    """One finding for each work: every strategy calls the same function."""
    blocks: dict[str, list[Block]] = {}
    for block in run.blocks:
        blocks.setdefault(block.case, []).append(block)
    found: dict[tuple[str, str, str], list[tuple[str, Summary]]] = {}
    for name, each in named:
        if each.wall is not None and caching.is_cached(blocks[each.case.key]):
            found.setdefault((each.case.workload, each.case.scale, each.setting), []).append((name, each))
    for those in found.values():
        name, each = those[0]
        first_s = median(block.per_call[0].wall_s for block in blocks[each.case.key] if block.outcome is Outcome.OK)
        assert each.wall is not None
        more = f"; so it is with {units.counted(len(those) - 1, 'more case')}" if len(those) > 1 else ""
        yield Finding(
            "cached_results",
            name,
            f"warm rounds took {units.seconds(each.wall.centre)} and the first {units.seconds(first_s)}: results come from a "
            f"cache, and some or all were only looked up{more}",
            "use --fresh-inputs, or empty the cache in the function",
            tuple(one.case.key for _, one in those),
        )


def _below_bound(_: Run, named: Named) -> Iterator[Finding]:
    for name, each in named:
        if each.wall is not None and each.bound is not None and each.bound.is_undercut:
            assert each.bound.reached is not None
            high = each.bound.reached.high
            most = "" if high is None else f", with {SURELY} at most {units.percent(high, 2)} of it"
            yield Finding(
                "below_bound",
                name,
                f"{units.seconds(each.wall.centre)} is less than {each.bound.said.replace(' is ', ' of ', 1)}{most}",
                "a worker may use more than one core (BLAS threads?), or the tasks are not independent",
                (each.case.key,),
            )


def _oversubscribed(run: Run, named: Named) -> Iterator[Finding]:
    cores = run.header.environment.usable_cores
    for name, each in named:
        if each.case.options.get("blas_threads") == "default" and each.case.workers != 1:
            yield Finding(
                "oversubscribed",
                name,
                f"each worker may start a BLAS thread for each of the {cores} cores",
                "compare with --option blas_threads=1",
                (each.case.key,),
            )


def _leaked(_: Run, named: Named) -> Iterator[Finding]:
    for name, each in named:
        if each.leaked_processes:
            yield Finding(
                "leaked_processes",
                name,
                f"{each.leaked_processes} processes outlived their blocks and were ended",
                "the strategy or the task starts what it does not stop",
                (each.case.key,),
            )


def _restless(run: Run, named: Named) -> Iterator[Finding]:
    used: dict[str, list[float]] = {}
    for block in run.blocks:
        used.setdefault(block.case, []).append(resting.cores_used(block))
    for name, each in named:
        if (cores := median(used.get(each.case.key, [0.0]))) > resting.RESTLESS:
            yield Finding(
                "restless",
                name,
                f"it uses {cores:.2g} of a core while others have their turns",
                "what it started goes on between calls; its first block stood beside others, the rest beside the base alone",
                (each.case.key,),
            )


def _threads_left(_: Run, named: Named) -> Iterator[Finding]:
    for name, each in named:
        if each.kept_by_threads:
            yield Finding(
                "threads_left",
                name,
                f"the code leaves threads running that a process waits for at its end: {', '.join(each.kept_by_threads)}",
                "what they do is in every number; make them daemons, or start them where they are needed",
                (each.case.key,),
            )


def _partly_compared(run: Run, named: Named) -> Iterator[Finding]:
    few = {block.case: why for block in run.blocks if (why := shortfall(block))}
    for name, each in named:
        if each.case.key in few:
            hint = "give it more time with --time-limit and --budget, or state with `check` or `expect` what is right"
            yield Finding("partly_compared", name, few[each.case.key], hint, (each.case.key,))


_RULES: tuple[Rule, ...] = (
    _not_ok,
    _demonstration,
    _run_cut,
    _cached_results,
    _busy_machine,
    _few_blocks,
    _unstable,
    _too_short,
    _below_bound,
    _oversubscribed,
    _leaked,
    _restless,
    _threads_left,
    _partly_compared,
    *cost_findings.RULES,
)

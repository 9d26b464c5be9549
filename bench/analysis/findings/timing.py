"""Findings about times: too few blocks, wide intervals, rounds that are too short, and times that cannot be."""

from collections.abc import Iterator, Sequence
from statistics import median

from bench import units
from bench.analysis.compared import shortfall
from bench.analysis.estimates import INTERVAL, SURELY, values_needed
from bench.analysis.findings.rule import RUN, Evidence, Seen, case_rule, rule
from bench.analysis.groups import LEVEL_WITHIN
from bench.analysis.makespan import BELOW_STATED, BELOW_TIMED, Bound
from bench.analysis.scaling import curves
from bench.analysis.summary import Summary
from bench.facts import caching
from bench.records.block import Block, Outcome

TOO_SHORT_S = 1e-3
UNSTABLE = 0.10
"""Half of the interval's width over the centre."""
UNEVEN = 0.25
"""How far the mean of the warm rounds is above the middle one."""
_Amount = tuple[float, str, Summary]
"""Of a case how much of it there is, the name in the report, and its summary."""


@rule(
    "cached_results",
    what="warm rounds are faster than the first because results come from a cache",
    why=(
        f"In every block the first round takes at least {caching.WARM_FASTER:g} times as long as the warm ones. In a fresh process the function was then "
        f"called twice with each of several inputs: the second calls took at most 1/{caching.FASTER:g} of the time, and not only for the first input, where "
        "imports are at work."
    ),
    do=(
        "What warm rounds took says little of the work. To time that, use `--fresh-inputs`, or empty the cache in the function. "
        "A cache on disk outlives its process: it is not found this way, and has to be emptied."
    ),
)
def cached_results(evidence: Evidence) -> Iterator[Seen]:
    """One finding for each work: every strategy calls the same function."""
    blocks: dict[str, list[Block]] = {}
    for block in evidence.run.blocks:
        blocks.setdefault(block.case, []).append(block)
    found: dict[tuple[str, str, str], list[tuple[str, Summary]]] = {}
    for name, each in evidence.named:
        if each.wall is not None and caching.is_cached(blocks[each.case.key]):
            found.setdefault((each.case.workload, each.case.scale, each.setting), []).append((name, each))
    for those in found.values():
        name, each = those[0]
        first_s = median(block.per_call[0].wall_s for block in blocks[each.case.key] if block.outcome is Outcome.OK)
        assert each.wall is not None
        more = f"; so it is with {units.counted(len(those) - 1, 'more case')}" if len(those) > 1 else ""
        yield (
            name,
            (
                f"warm rounds took {units.seconds(each.wall.centre)} and the first {units.seconds(first_s)}: results come from a "
                f"cache, and some or all were only looked up{more}"
            ),
            "use --fresh-inputs, or empty the cache in the function",
            tuple(one.case.key for _, one in those),
        )


@rule(
    "few_blocks",
    what=f"there are too few blocks for a {INTERVAL}",
    why=f"An interval at {SURELY} takes {values_needed()} values, and a block, or its pair with a block of the base, gives one.",
    do=f"Give the run more time with `--budget`, or `--blocks {values_needed()}`. Until then who is fastest is a guess.",
)
def few_blocks(evidence: Evidence) -> Iterator[Seen]:
    """At most one, of all cases without an interval."""
    few = [each for _, each in evidence.named if each.wall is not None and each.wall.low is None]
    if few:
        counts = sorted({each.wall.n for each in few if each.wall is not None})
        shown = str(counts[0]) if len(counts) == 1 else f"{counts[0]} to {counts[-1]}"
        yield (
            RUN,
            f"n = {shown} blocks in {units.counted(len(few), 'case')}; {values_needed()} are needed for a {INTERVAL}",
            f"give it more time with --budget, or --blocks {values_needed()}",
            tuple(each.case.key for each in few),
        )


@rule(
    "unstable",
    what=f"the {INTERVAL} of a time is wide",
    why=f"Half of its width is more than {units.percent(UNSTABLE)} of its centre. Of each workload the worst case is named.",
    do="Something else ran, or there are few blocks. Measure longer (`--budget`) when it is quiet; claim no more than intervals bear.",
)
def unstable(evidence: Evidence) -> Iterator[Seen]:
    """One finding for each work: on a restless machine it would be one for each case."""
    spreads = []
    for name, each in evidence.named:
        if each.wall is None or each.wall.low is None or each.wall.high is None:
            continue
        spread = (each.wall.high - each.wall.low) / 2 / each.wall.centre
        if spread > UNSTABLE:
            spreads.append((spread, name, each))
    for (spread, name, each), others, cases in _worst(spreads):
        assert each.wall is not None
        yield (
            name,
            f"the interval is ±{100 * spread:.0f} % around {units.seconds(each.wall.centre)}{others}",
            "other work on the machine, or too few blocks",
            cases,
        )


@rule(
    "uneven",
    what="some rounds take far longer than the middle one, and CPU is the mean of all",
    why=(
        f"The mean of the warm rounds is more than {units.percent(UNEVEN)} above their time, which is the middle one. CPU and cores are means over all rounds. "
        "Of each workload the worst case is named."
    ),
    do="Read CPU and cores with the mean that is named here. The rounds are of several kinds: a lock is passed on at once or late, a cache is hit or missed, the garbage collector runs or does not.",
)
def uneven(evidence: Evidence) -> Iterator[Seen]:
    """One finding for each work, of the cases whose CPU is known."""
    gaps = []
    for name, each in evidence.named:
        cpu_s, cores = each.cost.cpu_s, each.cost.cores_used
        if each.wall is None or cpu_s is None or not cores:
            continue
        mean_s = cpu_s / cores
        if mean_s > (1 + UNEVEN) * each.wall.centre:
            gaps.append((mean_s / each.wall.centre, name, each))
    for (gap, name, each), others, cases in _worst(gaps):
        assert each.wall is not None
        yield (
            name,
            (
                f"the middle round takes {units.seconds(each.wall.centre)}, and the mean of all, to which CPU and cores belong, "
                f"is {units.seconds(gap * each.wall.centre)}{others}"
            ),
            "rounds are of several kinds: read CPU and cores with the mean",
            cases,
        )


def _worst(found: Sequence[_Amount]) -> Iterator[tuple[_Amount, str, tuple[str, ...]]]:
    """Of each work the case with the most, what is said of its others, and the keys of all."""
    works: dict[tuple[str, str, str], list[_Amount]] = {}
    for one in found:
        case = one[2].case
        works.setdefault((case.workload, case.scale, one[2].setting), []).append(one)
    for same in works.values():
        worst = max(same, key=lambda one: one[0])
        others = f"; {units.counted(len(same) - 1, 'more case')} less so" if len(same) > 1 else ""
        yield worst, others, tuple(one.case.key for _, _, one in same)


@rule(
    "too_short",
    what="a round is so short that the call itself weighs as much as the work",
    why=f"The median warm round takes less than {units.seconds(TOO_SHORT_S)}.",
    do="Give a round more inputs, or take a larger scale. What is seen is the cost of the strategy, not of the work.",
)
def too_short(evidence: Evidence) -> Iterator[Seen]:
    """Each such case."""
    for name, each in evidence.named:
        if each.wall is not None and each.wall.centre < TOO_SHORT_S:
            yield (
                f"{name} ({units.seconds(each.wall.centre)})",
                f"a round takes less than {units.seconds(TOO_SHORT_S)}: the call itself weighs as much as the work",
                "give a round more inputs, or a larger scale",
                (each.case.key,),
            )


@case_rule(
    "below_bound",
    what="a time is less than the least that is possible",
    why=(
        f"All of the {INTERVAL} of time over bound, from pairs of blocks, lies below {units.percent(BELOW_STATED)} where the inputs state what tasks "
        f"take, and below {units.percent(BELOW_TIMED)} where tasks were timed one by one. The bound is max(longest task, sum of tasks / workers)."
    ),
    do="Do not cite the time. A worker uses more than one core (BLAS threads?), tasks share work (a cache?), or a task alone takes longer than among others.",
    hint="a worker may use more than one core (BLAS threads?), or the tasks are not independent",
)
def below_bound(each: Summary) -> str | None:
    """By how much."""
    if each.wall is None or each.bound is None or not each.bound.is_undercut:
        return None
    assert each.bound.reached is not None
    high = each.bound.reached.high
    most = "" if high is None else f", with {SURELY} at most {units.percent(high, 2)} of it"
    return f"{units.seconds(each.wall.centre)} is less than {_bound(each.bound)}{most}"


def _bound(bound: Bound) -> str:
    shown = units.seconds(bound.wall.centre)
    if bound.stated:
        return f"the bound of {shown}"
    if bound.wall.low is None or bound.wall.high is None:
        return f"the estimated bound of {shown}"
    return f"the estimated bound of {shown} ({units.between(units.seconds(bound.wall.low), units.seconds(bound.wall.high))})"


@rule(
    "superlinear",
    what="more workers are faster than what they run on can explain",
    why=(
        f"The interval of the speed-up over its own base lies more than {units.percent(LEVEL_WITHIN)} above the workers, or "
        "above the cores where the CPU limits the work. No law of scaling is fitted to it."
    ),
    do="Do not cite the speed-up before it is explained: something hinders the base (caches, a neighbour), or workers use more cores (BLAS).",
)
def superlinear(evidence: Evidence) -> Iterator[Seen]:
    """Each such point of a curve."""
    for group in evidence.groups:
        for curve in curves(group, evidence.run):
            for point in curve.points:
                if point.superlinear and point.speedup.low is not None:
                    yield (
                        f"{group.name} {curve.label}",
                        (
                            f"{units.ratio(point.speedup.centre)} as fast with {units.counted(point.workers, 'worker')}, "
                            f"with {SURELY} at least {units.ratio(point.speedup.low)}"
                        ),
                        "look for what hinders its base, or for a worker that uses more than one core",
                        (point.summary.case.key,),
                    )


@rule(
    "partly_compared",
    what="not all results of a strategy were compared with those of a plain loop",
    why="One input after another takes too long: it gets a sixth of the time limit, and at most a tenth of the budget.",
    do="Give it more time with `--time-limit` and `--budget`, or state with `check` or `expect` what is right.",
)
def partly_compared(evidence: Evidence) -> Iterator[Seen]:
    """Each such case."""
    few = {block.case: why for block in evidence.run.blocks if (why := shortfall(block))}
    for name, each in evidence.named:
        if each.case.key in few:
            hint = "give it more time with --time-limit and --budget, or state with `check` or `expect` what is right"
            yield (name, few[each.case.key], hint, (each.case.key,))

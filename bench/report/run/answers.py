"""The first screen: what was compared, what won where and by how much, what that cost, what to be careful about."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from bench import units
from bench.analysis.estimates import INTERVAL
from bench.analysis.findings.rule import Finding, by_code
from bench.analysis.groups import Group
from bench.analysis.summary import Summary
from bench.report.kit import words
from bench.report.kit.column import cpu_text
from bench.report.kit.headline import headline
from bench.report.kit.results import Results
from bench.report.run.winners import who
from bench.sentences import first_of

MOST_WORKLOADS = 4
"""That are told one by one; of more, those with the largest gains."""
MOST_NAMES, MOST_FINDINGS, LONGEST_SUBJECT = 5, 4, 60


@dataclass(frozen=True, slots=True)
class Said:
    """A line about a workload."""

    number: int
    """Of the workload on the page, from 1."""
    name: str
    text: str


@dataclass(frozen=True, slots=True)
class Answers:
    """To the four questions, in their order."""

    compared: list[str]
    won: list[Said]
    others: list[str]
    """Sentences on the workloads that `won` does not tell, and on what holds for all."""
    cost: list[Said]
    careful: list[tuple[Finding, int]]
    """The first of each code, and how many more there are of it."""
    more_codes: int


def answers(results: Results) -> Answers:
    """The answers of a run."""
    groups = results.groups
    numbers = {id(group): number for number, group in enumerate(groups, 1)}
    told = _told(groups)
    coded = by_code(results.findings)
    return Answers(
        compared=_compared(results),
        won=[Said(numbers[id(group)], group.name, _won(group)) for group in told],
        others=list(_others(groups, told)),
        cost=[Said(numbers[id(group)], group.name, _cost(group)) for group in told if group.ranked],
        careful=[(same[0], len(same) - 1) for same in coded.values()][:MOST_FINDINGS],
        more_codes=max(0, len(coded) - MOST_FINDINGS),
    )


def subject(finding: Finding) -> str:
    """What a finding is about, cut where it is long."""
    about = finding.subject
    return about if len(about) <= LONGEST_SUBJECT else about[: LONGEST_SUBJECT - 1].rstrip() + "…"


def _compared(results: Results) -> list[str]:
    cases = results.summaries
    strategies = len({each.case.strategy for each in cases})
    without = sum(each.wall is None for each in cases)
    environment = results.run.header.environment
    amount = (
        f"{units.counted(len(results.groups), 'workload')} under {units.counted(strategies, 'strategy', 'strategies')}, "
        f"{units.counted(len(cases), 'case')}, {words.amount(results.run)}"
    )
    return [
        amount + (f"; {units.counted(without, 'case')} gave no time" if without else ""),
        words.machine(environment),
        words.python(environment),
    ]


def _told(groups: Sequence[Group]) -> list[Group]:
    if len(groups) <= MOST_WORKLOADS:
        return list(groups)
    gained = [each for each in groups if each.ranked and not each.ranked[0].is_base and each.ranked[0].speedup]
    return sorted(gained, key=_gain, reverse=True)[: MOST_WORKLOADS - 1]


def _gain(group: Group) -> float:
    ratio = group.ranked[0].speedup
    return 0.0 if ratio is None else ratio.centre


def _won(group: Group) -> str:
    """Who, the time, the ratio with its interval, the base's time, and the bound."""
    if not group.ranked:
        return headline(group)
    best = group.ranked[0]
    level = " (level)" if "," in who(group) else ""
    text = f"{who(group)}{level} {_time(best)}{_ratio(best)}"
    return f"{text}; {'no known bound' if best.bound is None else words.bound_sentence(best.bound)}"


def _time(summary: Summary) -> str:
    wall = summary.wall
    if wall is None:
        return "–"
    return units.seconds(wall.centre) + ("" if wall.low is None else f" ({words.interval(wall)})")


def _ratio(best: Summary) -> str:
    if best.is_base:
        return ", the base itself"
    if best.speedup is None or best.base_wall_s is None:
        return f"; no ratio, because {best.base_name} has no time"
    within = words.ratio_interval(best.speedup)
    return (
        f", {units.ratio(best.speedup.centre)}{f' ({within})' if within else ''} as fast as "
        f"{best.base_name}'s {units.seconds(best.base_wall_s)}"
    )


def _others(groups: Sequence[Group], told: Sequence[Group]) -> Iterator[str]:
    """What holds of the workloads that are not told one by one."""
    lacking = {each.wall.n for group in groups for each in group.ranked[:1] if each.wall and each.wall.low is None}
    yield f"No intervals where {words.few(min(lacking))}" if lacking else f"In brackets: {INTERVAL}s"
    if len(told) == len(groups):
        return
    yield f"These are the {len(told)} largest gains of {len(groups)} workloads"
    ranked = [group for group in groups if group.ranked]
    kept = [group.name for group in ranked if group.ranked[0].is_base]
    if kept:
        yield f"The base itself has the lowest time on {len(kept)}: {first_of(kept, MOST_NAMES)}"
    undecided = [group.name for group in ranked if group.is_undecided]
    if undecided:
        yield f"Nothing is certainly faster than the base on {len(undecided)} more: {first_of(undecided, MOST_NAMES)}"


def _cost(group: Group) -> str:
    """CPU, cores and memory of the fastest case and of its base."""
    best = group.ranked[0]
    base = next((each for each in group.ranked if each.is_base), None)
    shown = [best] if base is None or base is best else [best, base]
    return "; ".join(f"{group.labels[each.case.key]} {_used(each)}" for each in shown)


def _used(summary: Summary) -> str:
    cost = summary.cost
    if cost.cpu_s is not None:
        cpu = f"{cpu_text(summary)} CPU"
        cpu += "" if cost.cores_used is None else f" ({units.count(cost.cores_used)} cores)"
    elif cost.cores_used is not None:
        cpu = f"hardly any CPU ({cost.cores_used:.2f} cores)"
    else:
        cpu = "CPU unknown"
    memory = "memory unknown" if cost.peak_memory_bytes is None else units.size(cost.peak_memory_bytes)
    return f"{cpu}, {memory}"

"""What is said of all workloads of a pattern at once: where most is gained, where nothing is, and against what."""

from collections.abc import Sequence

from bench import units
from bench.analysis.groups import Group
from bench.analysis.summary import Summary
from bench.naming import strategy_of
from bench.report.drawing.chart import outcome
from bench.report.kit.families import Family, is_over_a_loop
from bench.report.kit.headline import numbers
from bench.report.kit.subjects import subject
from bench.sentences import listed

_MOST_NAMED = 2


def finding(groups: Sequence[Group], base: str) -> str:
    """Where most is gained and where nothing is; by the fastest case of each group."""
    ranked = [group for group in groups if group.ranked and _gain(group)]
    if not ranked:
        return f"Speed-ups over {base}"
    name = str(Family.LOOP) if is_over_a_loop(ranked[0]) else base
    ahead = [group for group in ranked if group.ranked[0].is_base]
    lost = [group for group in ahead if _is_sure(group)]
    if len(ahead) == len(ranked):
        about = f" for {_listed(ranked)}" if len(ranked) <= _MOST_NAMED else ""
        return f"{'Nothing beats' if len(lost) == len(ranked) else 'Nothing is clearly faster than'} {name}{about}"
    return _most(max(ranked, key=_gain), name, lost)


def _most(most: Group, base: str, lost: Sequence[Group]) -> str:
    """The largest gain, and what nothing is gained for."""
    best = most.ranked[0]
    few = best.speedup is not None and best.speedup.low is None
    with_ = f"for {_about(most)} with {most.labels[best.case.key]}"
    told = f"Up to {'about ' if few else ''}{units.speed(_gain(most))} as fast as {base}, {with_}"
    if few:
        return f"{told}; too few repeats to tell more"
    return told + (f"; {base} wins for {_listed(lost)}" if lost else "")


def _is_sure(group: Group) -> bool:
    """Whether the fastest case of a group is certainly the fastest, by intervals."""
    best = group.ranked[0]
    return len(group.level) == 1 and best.wall is not None and best.wall.low is not None


def evidence(groups: Sequence[Group]) -> str:
    """The numbers of the workload where most is gained."""
    ranked = [group for group in groups if group.ranked and _gain(group)]
    return numbers(max(ranked, key=_gain)) if ranked else ""


def base_of(group: Group, shown: Sequence[Summary]) -> str:
    """The baseline and how long it takes, from the shortest to the longest where these cases differ in it."""
    known = [each.base_wall_s for each in shown if each.base_wall_s is not None]
    if known:
        low, high = units.seconds(min(known)), units.seconds(max(known))
        return f"{group.base_name} {low if low == high else units.between(low, high)}"
    own = next((each for each in group.cases if each.is_base), None)
    if own is None:
        return f"{group.base_name} not measured"
    return f"{group.base_name} {units.seconds(own.wall.centre) if own.wall else outcome(own)}"


def heading(strategy: str, cells: Sequence[dict[str, Summary]]) -> str:
    """A strategy with its workers, from the fewest to the most."""
    return strategy_of([row[strategy].case for row in cells if strategy in row])


def _gain(group: Group) -> float:
    best = group.ranked[0]
    return best.speedup.centre if best.speedup is not None else 0.0


def _about(group: Group) -> str:
    return subject(group.workload, group.setting)


def _listed(groups: Sequence[Group]) -> str:
    return listed(list(dict.fromkeys(map(_about, groups))), _MOST_NAMED + 1)

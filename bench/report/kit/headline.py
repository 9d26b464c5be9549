"""What the cases of a group say in a sentence: who is fastest and by how much, claiming no more than the blocks can tell."""

from bench import units
from bench.analysis.groups import Group
from bench.analysis.summary import Summary
from bench.report.kit import words
from bench.sentences import listed

_MOST_NAMED = 4


def headline(group: Group) -> str:
    """The finding, the bound, and what else to take home, without a full stop."""
    ranked = group.ranked
    if not ranked:
        return "no case gave a time: " + (group.cases[0].reason or str(group.cases[0].outcome))
    bound = ranked[0].bound
    parts = [finding(group) + ("" if bound is None else f"; {words.bound_sentence(bound)}")]
    if slower := [group.labels[each.case.key] for each in group.certainly_slower]:
        parts.append(f"Slower than {group.base_name}: {listed(slower)}")
    if len(ranked) < len(group.cases):
        parts.append(f"{len(group.cases) - len(ranked)} of {len(group.cases)} cases gave no time")
    return ". ".join(parts)


def finding(group: Group) -> str:
    """Who is fastest and by how much; empty where no case has a time."""
    ranked = group.ranked
    if not ranked:
        return ""
    best = ranked[0]
    time = _time(group, best)
    if len(ranked) == 1:
        return f"{group.labels[best.case.key]} takes {time}"
    gain = ""
    if best.speedup is not None and best.base_wall_s is not None and best.speedup.centre != 1:
        gain = f", {units.ratio(best.speedup.centre)} as fast as {best.base_name} ({units.seconds(best.base_wall_s)})"
    if best.wall is None or best.wall.low is None:
        few = f"n = {best.blocks if best.wall is None else best.wall.n} blocks cannot tell more"
        return f"{group.labels[best.case.key]} has the lowest time, {time}{gain}; {few}"
    level = group.level
    who = listed([group.labels[each.case.key] for each in level], _MOST_NAMED)
    if len(level) > 1 and any(each.is_base for each in level):
        return f"{who} are level, {time}; nothing is certainly faster than {best.base_name}"
    return f"{who} {'are' if len(level) > 1 else 'is'} fastest, {time}{gain}"


def _time(group: Group, best: Summary) -> str:
    """What a round takes; how many things are done in a second where the pattern is of many."""
    if group.pattern != "map":
        return f"{units.rate(best.rate)} {group.unit}/s"
    return f"{units.seconds(None if best.wall is None else best.wall.centre)} a round"

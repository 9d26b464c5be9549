"""What the cases of a group say in a sentence: who is fastest and by how much, claiming no more than the blocks can tell.

`spoken` is that as a speaker says it, and `numbers` are its evidence: the title and the subtitle of a slide or a section.
`headline` is the same for readers of tables, with all names.
"""

from collections.abc import Sequence

from bench import units
from bench.analysis.estimates import Estimate
from bench.analysis.groups import Group
from bench.analysis.summary import Summary
from bench.report.kit import words
from bench.report.kit.families import Family, family, is_over_a_loop
from bench.report.kit.subjects import subject
from bench.sentences import listed

_MOST_NAMED = 4
_MOST_SPOKEN = 3
WORTH = 1.05
"""A gain below this is none that one would speak of."""


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
        return f"{group.labels[best.case.key]} has the lowest time, {time}{gain}; too few repeats to rank the rest"
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


def spoken(group: Group) -> str:
    """The finding as a speaker would say it, in words for the workload and for families of strategies."""
    ranked, about = group.ranked, subject(group.workload, group.setting)
    if not ranked:
        return f"No time is known for {about}"
    best = ranked[0]
    if len(ranked) == 1:
        return f"{group.labels[best.case.key]} takes {_spoken_time(group, best)} for {about}"
    if is_over_a_loop(group) and _kinds(group):
        return _of_families(group, about)
    return _of_strategies(group, about)


def numbers(group: Group) -> str:
    """The evidence for `spoken`: both times, the ratio, and the interval, or why there is none."""
    ranked = group.ranked
    if not ranked:
        return group.name
    best = ranked[0]
    parts = [f"{group.name}: {group.labels[best.case.key]} {_time_of(group, best)}"]
    if best.speedup is not None and not best.is_base and best.base_wall_s is not None:
        span = words.ratio_interval(best.speedup)
        within = f" ({span})" if span else ""
        parts.append(f"{group.base_name} {_time_or_rate(group, best, best.base_wall_s)}")
        parts.append(f"{units.ratio(best.speedup.centre)} as fast{within}")
    elif len(ranked) > 1:
        parts.append(f"{group.labels[ranked[1].case.key]} {_time_of(group, ranked[1])}")
    if best.wall is not None and best.wall.low is None:
        parts.append(words.few(best.wall.n))
    return ", ".join(parts)


def _time_of(group: Group, summary: Summary) -> str:
    """What a case takes, or does in a second."""
    return _time_or_rate(group, summary, None if summary.wall is None else summary.wall.centre)


def _time_or_rate(group: Group, summary: Summary, wall_s: float | None) -> str:
    """A time for a round of the case's tasks; a rate where the pattern is of many things."""
    if group.pattern == "map" or not summary.tasks or not wall_s:
        return units.seconds(wall_s)
    return f"{units.rate(summary.tasks / wall_s)} {group.unit}/s"


def _spoken_time(group: Group, summary: Summary) -> str:
    few = summary.wall is None or summary.wall.low is None
    return ("about " if few else "") + units.seconds(None if summary.wall is None else summary.wall.centre)


def _kinds(group: Group) -> dict[str, Summary]:
    """The fastest case of each family but the loop's, by what it is called; of strategies that are in none, each by its label."""
    found: dict[str, Summary] = {}
    for each in group.ranked:
        kind = family(each.case.strategy)
        if kind is not Family.LOOP and not each.is_base and each.speedup is not None:
            found.setdefault(group.labels[each.case.key] if kind is Family.OTHER else str(kind), each)
    return found


def _of_families(group: Group, about: str) -> str:
    """Which families speed the work up, which do not, and by how much."""
    kinds = _kinds(group)
    ratios = {name: each.speedup for name, each in kinds.items() if each.speedup is not None}
    if any(each.low is None for each in ratios.values()):
        return _of_few(group, ratios, about)
    gain = {name: each.centre for name, each in ratios.items() if (each.low or 0) > 1 and each.centre >= WORTH}
    rest = [name for name in ratios if name not in gain]
    if gain:
        level = [name for name in gain if kinds[name] in group.level] or [max(gain, key=gain.__getitem__)]
        return _with_gain(about, gain, level, rest, certain=_none_gains(ratios, rest))
    return _without_gain(ratios, about)


def _of_few(group: Group, ratios: dict[str, Estimate], about: str) -> str:
    """What blocks too few for intervals look like."""
    best = group.ranked[0]
    if best.is_base or best.speedup is None or best.speedup.centre < WORTH:
        return f"Nothing looks faster than a plain loop for {about}; too few repeats to be sure"
    name = max(ratios, key=lambda each: ratios[each].centre)
    ratio = units.speed(ratios[name].centre)
    return f"{_upper(name)}: about {ratio} as fast as a plain loop for {about}; too few repeats to tell more"


def _without_gain(ratios: dict[str, Estimate], about: str) -> str:
    """Whether a plain loop certainly wins, or nothing is certain."""
    if all((each.high or 2) < 1 for each in ratios.values()):
        least = max(each.centre for each in ratios.values())
        return f"A plain loop wins for {about}" + (f": {_losses(ratios)}" if least * WORTH < 1 else "")
    if _none_gains(ratios, list(ratios)):
        return f"Nothing speeds up {about}"
    return f"No clear gain over a plain loop for {about}"


def _none_gains(ratios: dict[str, Estimate], names: Sequence[str]) -> bool:
    """Whether none of these can, by its interval, be worth speaking of."""
    return all((ratios[name].high or WORTH + 1) <= WORTH for name in names)


def _losses(ratios: dict[str, Estimate]) -> str:
    """By how much each family is slower, the least first: `threads are 12× slower, processes 33×`."""
    order = sorted(ratios, key=lambda name: -ratios[name].centre)[:_MOST_SPOKEN]
    told = [f"{name} {_is(name)} {units.speed(ratios[name].centre)}" for name in order[:1]]
    return ", ".join(
        told + [f"{name} {units.speed(ratios[name].centre).removesuffix(' slower')}" for name in order[1:]]
    )


def _with_gain(about: str, gain: dict[str, float], level: list[str], rest: list[str], *, certain: bool) -> str:
    """Which families gain; those that are level with the fastest share its number, and the others have their own."""
    others = [f"{name} {units.speed(gain[name])}" for name in gain if name not in level]
    most = units.speed(max(gain[name] for name in level))
    about_as = "about " if len(level) > 1 else ""
    if rest:
        not_ = "do" if _many(rest) else "does"
        clearly = "" if certain else "clearly "
        do = "do" if _many(level) else "does"
        more = f", {listed(others)}" if others else ""
        return (
            f"{_upper(listed(rest))} {not_}n't {clearly}speed up {about}; {listed(level)} {do}, {about_as}{most}{more}"
        )
    verb = "speed" if _many(level) else "speeds"
    if not others:
        return f"{_upper(listed(level))} {verb} up {about}, {about_as}{most}"
    return f"{_upper(listed(level))} {verb} up {about} most, {about_as}{most}; {listed(others)}"


def _of_strategies(group: Group, about: str) -> str:
    """Which strategies are fastest, and against what."""
    best, level = group.ranked[0], group.level
    name = group.labels[best.case.key]
    if best.wall is None or best.wall.low is None:
        against = "" if best.is_base or best.speedup is None else f", about {_against(best)}"
        return f"{name} looks fastest for {about}{against}; too few repeats to be sure"
    who = listed([group.labels[each.case.key] for each in level], _MOST_SPOKEN)
    if len(level) > 1 and (any(each.is_base for each in level) or best.speedup is None):
        return f"No clear difference for {about} between {who}"
    if best.is_base:
        return f"Nothing beats {name} for {about}"
    told = "" if best.speedup is None else f", {'about ' if len(level) > 1 else ''}{_against(best)}"
    return f"{_upper(who) if len(level) > 1 else who} {'are' if len(level) > 1 else 'is'} fastest for {about}{told}"


def _against(best: Summary) -> str:
    ratio = None if best.speedup is None else best.speedup.centre
    return f"{units.speed(ratio)} as fast as {best.base_name}"


def _many(names: Sequence[str]) -> bool:
    """Whether a list of families takes the plural."""
    return len(names) > 1 or names[0] in _PLURAL


_PLURAL = (Family.THREADS, Family.PROCESSES, Family.INTERPRETERS)


def _is(name: str) -> str:
    return "are" if name in _PLURAL else "is"


def _upper(text: str) -> str:
    """A text as a sentence begins; the name of a strategy stays as it is typed."""
    return text[:1].upper() + text[1:] if text.split(" ", maxsplit=1)[0].rstrip(",") in tuple(Family) else text

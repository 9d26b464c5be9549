"""The answer of a run in a sentence for each workload, with the numbers it rests on."""

from collections.abc import Sequence
from dataclasses import dataclass

from bench import units
from bench.analysis.summary import Summary


@dataclass(frozen=True, slots=True)
class Headline:
    """What to take home about one workload."""

    workload: str
    scale: str
    text: str


def headlines(summaries: Sequence[Summary]) -> list[Headline]:
    """A headline for each workload and scale, in order."""
    groups: dict[tuple[str, str], list[Summary]] = {}
    for each in summaries:
        groups.setdefault((each.case.workload, each.case.scale), []).append(each)
    return [Headline(workload, scale, _text(group)) for (workload, scale), group in groups.items()]


def labels(group: Sequence[Summary]) -> dict[str, str]:
    """A short name for each case of one workload, by key: its strategy, and whatever tells it from the others."""
    values: dict[tuple[str, str], set[str]] = {}
    for each in group:
        for name, value in _facts(each).items():
            values.setdefault((each.case.strategy, name), set()).add(value)
    found = {}
    for each in group:
        strategy = each.case.strategy
        telling = [f"{name}={value}" for name, value in _facts(each).items() if len(values[strategy, name]) > 1]
        found[each.case.key] = " ".join([strategy, *telling])
    return found


def _facts(summary: Summary) -> dict[str, str]:
    workers = "per task" if summary.case.workers is None else str(summary.case.workers)
    return {"workers": workers, **summary.case.options, "python": summary.case.python}


def _text(group: Sequence[Summary]) -> str:
    ranked = sorted((each for each in group if each.wall is not None), key=_wall_s)
    if not ranked:
        return "no case gave a time: " + (group[0].reason or str(group[0].outcome))
    names = labels(group)
    best = ranked[0]
    level = [each for each in ranked if _overlap(each, best)]
    fastest = _listed([names[each.case.key] for each in level])
    text = f"{fastest} {'are' if len(level) > 1 else 'is'} fastest: {units.seconds(_wall_s(best))} a round"
    if best.speedup is not None and best.base_wall_s is not None and len(ranked) > 1:
        text += f", {units.ratio(best.speedup.centre)} as fast as serial ({units.seconds(best.base_wall_s)})"
    if best.bound_s is not None:
        text += f"; the bound is {units.seconds(best.bound_s)}"
    slower = [each for each in ranked if each.speedup is not None and _certainly_slower(each)]
    if slower:
        text += f". Slower than serial: {_listed([names[each.case.key] for each in slower])}"
    failed = len(group) - len(ranked)
    return text + (f". {failed} of {len(group)} cases gave no time" if failed else "")


def _wall_s(summary: Summary) -> float:
    assert summary.wall is not None
    return summary.wall.centre


def _overlap(one: Summary, best: Summary) -> bool:
    """Whether the intervals share a point; without intervals, only the best is the best."""
    if one is best:
        return True
    if one.wall is None or best.wall is None or one.wall.low is None or best.wall.high is None:
        return False
    return one.wall.low <= best.wall.high


def _certainly_slower(summary: Summary) -> bool:
    assert summary.speedup is not None
    return summary.speedup.high is not None and summary.speedup.high < 1


def _listed(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"

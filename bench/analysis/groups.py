"""Cases that do the same work, as groups that can be ranked: their short names, and what they say in a sentence."""

from collections.abc import Sequence
from dataclasses import dataclass

from bench import units
from bench.analysis.summary import Summary

_NAMED_BY_VALUE = {"start_method", "python"}
"""Facts whose values say by themselves what they are."""


@dataclass(frozen=True, slots=True)
class Group:
    """The cases of one workload at one scale and setting: they have one baseline."""

    workload: str
    scale: str
    setting: str
    """The workload's options, where a run measures several settings of it; else empty."""
    cases: list[Summary]
    labels: dict[str, str]
    """A short name of each case by its key: the strategy, and whatever tells it from the others."""
    headline: str
    """What to take home, without a full stop."""

    @property
    def name(self) -> str:
        """The workload, with its setting where there are several."""
        return f"{self.workload} {self.setting}".strip()

    @property
    def ranked(self) -> list[Summary]:
        """The cases with a time, fastest first."""
        return sorted((each for each in self.cases if each.wall is not None), key=_wall_s)

    @property
    def unranked(self) -> list[Summary]:
        """The cases without a time."""
        return [each for each in self.cases if each.wall is None]


def groups(summaries: Sequence[Summary]) -> list[Group]:
    """The groups of a run, in the order of its plan."""
    found: dict[tuple[str, str, str], list[Summary]] = {}
    for each in summaries:
        found.setdefault((each.case.workload, each.case.scale, each.setting), []).append(each)
    works = [(workload, scale) for workload, scale, _ in found]
    return [
        Group(
            workload, scale, setting if works.count((workload, scale)) > 1 else "", cases, labels(cases), _text(cases)
        )
        for (workload, scale, setting), cases in found.items()
    ]


def labels(cases: Sequence[Summary]) -> dict[str, str]:
    """A short name for each of these cases, by key: `pool_map`, or `pool_map ×2 spawn` where others differ in that."""
    values: dict[tuple[str, str], set[str]] = {}
    for each in cases:
        for name, value in _facts(each).items():
            values.setdefault((each.case.strategy, name), set()).add(value)
    return {
        each.case.key: " ".join(
            [each.case.strategy]
            + [_shown(name, value) for name, value in _facts(each).items() if len(values[each.case.strategy, name]) > 1]
        )
        for each in cases
    }


def _facts(summary: Summary) -> dict[str, str]:
    return {"workers": str(summary.case.workers), **summary.case.options, "python": summary.case.python}


def _shown(name: str, value: str) -> str:
    if name == "workers":
        return f"×{value}"
    return value if name in _NAMED_BY_VALUE else f"{name}={value}"


def _text(cases: Sequence[Summary]) -> str:
    ranked = sorted((each for each in cases if each.wall is not None), key=_wall_s)
    if not ranked:
        return "no case gave a time: " + (cases[0].reason or str(cases[0].outcome))
    names = labels(cases)
    best = ranked[0]
    level = [each for each in ranked if _overlap(each, best)]
    fastest = _listed([names[each.case.key] for each in level])
    text = f"{fastest} {'are' if len(level) > 1 else 'is'} fastest: {units.seconds(_wall_s(best))} a round"
    if best.speedup is not None and best.base_wall_s is not None and len(ranked) > 1:
        text += f", {units.ratio(best.speedup.centre)} as fast as serial ({units.seconds(best.base_wall_s)})"
    if best.bound_s is not None:
        text += f"; the bound is {units.seconds(best.bound_s)}"
    slower = [each for each in ranked if _certainly_slower(each)]
    if slower:
        text += f". Slower than serial: {_listed([names[each.case.key] for each in slower])}"
    failed = len(cases) - len(ranked)
    return text + (f". {failed} of {len(cases)} cases gave no time" if failed else "")


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
    return summary.speedup is not None and summary.speedup.high is not None and summary.speedup.high < 1


def _listed(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"

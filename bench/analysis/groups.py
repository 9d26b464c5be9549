"""Cases that do the same work, as groups that can be ranked, and their short names."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from bench.analysis.standing import standing_of
from bench.analysis.summary import Summary, compared
from bench.naming import case_names, python_word, strategy_of
from bench.patterns import PATTERNS
from bench.records.run import Work

LEVEL_WITHIN = 0.02
"""Two cases that may differ by less than this are called level: nobody chooses a strategy for less."""
_UNKNOWN_WITHIN = 2.0
"""A case without an interval may be as fast as one that takes half as long, for all that is known."""


@dataclass(frozen=True, slots=True)
class Group:
    """The cases of one workload at one scale, setting and interpreter: they have one baseline."""

    workload: str
    scale: str
    setting: str
    """The workload's options and the interpreter, each where a run measures several; else empty."""
    cases: list[Summary]
    labels: dict[str, str]
    """A short name of each case by its key: the strategy, its workers, and whatever tells it from the others."""

    @property
    def work(self) -> Work:
        """The pattern of the workload, what limits it, and the strategy it is compared with."""
        return self.cases[0].work

    @property
    def python(self) -> str:
        """The interpreter, as cases name it."""
        return self.cases[0].case.python

    @property
    def gil(self) -> bool | None:
        """Whether the cases ran with the GIL: none of them did without; None where nobody knows."""
        told = {each.gil for each in self.cases}
        return None if None in told else told == {True}

    @property
    def pattern(self) -> str:
        """The workload's pattern."""
        return self.work.pattern

    @property
    def unit(self) -> str:
        """What a round does many of."""
        return _unit(self.work)

    @property
    def baseline(self) -> str:
        """The strategy that speed-ups are relative to, as programs know it."""
        return self.work.baseline

    @property
    def base_name(self) -> str:
        """What speed-ups are relative to, as people know it: `serial`, `value ×2`, `value ×1–4` where they differ."""
        return base_name(self.cases)

    @property
    def name(self) -> str:
        """The workload, with its setting where there are several."""
        return f"{self.workload} {self.setting}".strip()

    @property
    def ranked(self) -> list[Summary]:
        """The cases with a time, fastest first."""
        return _ranked(self.cases)

    @property
    def base_walls_s(self) -> set[float]:
        """The times that the ratios are relative to: variants of the baseline have times of their own."""
        return {each.base_wall_s for each in self.cases if each.base_wall_s is not None}

    @property
    def base_wall_s(self) -> float | None:
        """The baseline's time, where all ratios have the same."""
        times = self.base_walls_s
        return times.pop() if len(times) == 1 else None

    @property
    def best_variants(self) -> dict[str, Summary]:
        """The case of each strategy with the lowest time, or any where none has one; in the order of the plan."""
        found: dict[str, Summary] = {}
        for each in (*self.ranked, *self.unranked):
            found.setdefault(each.case.strategy, each)
        return {name: found[name] for name in dict.fromkeys(each.case.strategy for each in self.cases)}

    @property
    def level(self) -> list[Summary]:
        """The fastest case and those that may be as fast but for `LEVEL_WITHIN`; empty where no case has a time.

        A case whose ratio to it has no interval counts where it takes at most twice as long.
        """
        ranked = self.ranked
        return [each for each in ranked if _level_with(ranked[0], each)]

    @property
    def certainly_slower(self) -> list[Summary]:
        """The cases that are slower than the base, by the interval of their ratio to it."""
        return [each for each in self.ranked if standing_of(each.speedup) == "slower"]

    @property
    def left_out(self) -> str:
        """What charts that show only cases with a time say of the others; empty where there are none."""
        return "; ".join(f"{self.labels[each.case.key]} {each.outcome}: {each.reason}" for each in self.unranked)

    @property
    def timed_base(self) -> Summary | None:
        """The fastest case of the strategy that others are compared with; None where none has a time."""
        return next((each for each in self.ranked if each.is_base), None)

    @property
    def unranked(self) -> list[Summary]:
        """The cases without a time."""
        return [each for each in self.cases if each.wall is None]


def groups(summaries: Sequence[Summary]) -> list[Group]:
    """The groups of a run, in the order of its plan."""
    found: dict[tuple[str, str, str, str], list[Summary]] = {}
    for each in summaries:
        case = each.case
        found.setdefault((case.workload, case.scale, each.setting, case.python), []).append(each)
    settings = {(workload, scale, setting) for workload, scale, setting, _ in found}
    works = [(workload, scale) for workload, scale, _ in settings]
    pythons = {python for *_, python in found}
    return [
        Group(
            workload,
            scale,
            f"{setting if works.count((workload, scale)) > 1 else ''} {python_word(python) if len(pythons) > 1 else ''}".strip(),
            cases,
            labels(cases),
        )
        for (workload, scale, setting, python), cases in found.items()
    ]


def labels(cases: Sequence[Summary]) -> dict[str, str]:
    """A short name for each of these cases, by key: `serial`, `pool_map ×2`, or `pool_map spawn ×2` where others differ in that."""
    return case_names([each.case for each in cases], lambda case: (case.strategy,))


def base_name(cases: Iterable[Summary]) -> str:
    """The strategy that cases with one baseline are compared with, and the workers it had with each of them."""
    found = list(cases)
    bases = [each.base for each in found if each.base is not None]
    return strategy_of(bases) if bases else found[0].base_name


def _unit(work: Work) -> str:
    """What a round of the work does many of."""
    return PATTERNS[work.pattern].unit


def _ranked(cases: Sequence[Summary]) -> list[Summary]:
    return sorted((each for each in cases if each.wall is not None), key=_wall_s)


def _wall_s(summary: Summary) -> float:
    assert summary.wall is not None
    return summary.wall.centre


def _level_with(best: Summary, other: Summary) -> bool:
    """Whether `other` may be as fast as the best but for `LEVEL_WITHIN`, by the interval of their paired ratios."""
    if other is best:
        return True
    ratio = compared(other, best)
    if ratio is None or ratio.low is None:
        return _wall_s(other) <= _UNKNOWN_WITHIN * _wall_s(best)
    return ratio.low <= 1 + LEVEL_WITHIN

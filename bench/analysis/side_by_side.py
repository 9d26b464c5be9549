"""Several runs side by side: of each case its time in every run, and how many times as fast as in the first.

Runs of other machines and interpreters have other case keys, so cases are matched by what was chosen and not by what the
environment gave. The ratios are unpaired, as in `bench.analysis.unpaired`, each with its own interval; they carry no
verdict, and between unequal environments they say nothing of code.
"""

import math
import string
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from bench import units
from bench.analysis.estimates import LEVEL, Estimate, around, exp_of
from bench.analysis.faults import not_ranked
from bench.analysis.loading import own_facts
from bench.analysis.shift import shift_estimate
from bench.analysis.stored import unequal_facts
from bench.analysis.summary import Summary, summarise
from bench.errors import UsageError
from bench.naming import fact_word, facts
from bench.records.run import Run, Work
from bench.store.runs import read

MOST_RUNS = len(string.ascii_uppercase)
_OF_THE_ENVIRONMENT = ("python", "workers", "start_method")
"""Facts of a case that follow from where it was measured, unless a run measured several."""


@dataclass(frozen=True, slots=True)
class Side:
    """One of the runs."""

    letter: str
    """What it is called beside the others: `A` for the first."""
    path: Path
    run: Run
    unequal: str
    """In which facts that decide how fast code is it differs from the first, in one line; empty where in none."""


@dataclass(frozen=True, slots=True)
class Cell:
    """A case in one run; without a summary the run does not have it."""

    summary: Summary | None = None
    ratio: Estimate | None = None
    """How many times as fast as in the first run; None in the first, and where either has no time."""
    variant: str = ""
    """Workers and start method, where the runs differ in them."""
    other_work: str = ""
    """How its work differs from that in the first run, as far as the files tell: such times have no ratio."""

    @property
    def wall(self) -> Estimate | None:
        """A warm round, seconds."""
        return None if self.summary is None else self.summary.wall


@dataclass(frozen=True, slots=True)
class Line:
    """A case in every run."""

    name: str
    """The strategy, and what tells it from the others of its section."""
    strategy: str
    cells: list[Cell]


@dataclass(frozen=True, slots=True)
class Section:
    """The cases of the same work, in the order of the runs' plans."""

    workload: str
    scale: str
    setting: str
    work: Work
    lines: list[Line]

    @property
    def name(self) -> str:
        """The workload, with its setting."""
        return f"{self.workload} {self.setting}".strip()

    @property
    def runs(self) -> set[int]:
        """The places of the runs that have it."""
        return {place for line in self.lines for place, cell in enumerate(line.cells) if cell.summary is not None}


@dataclass(frozen=True, slots=True)
class SideBySide:
    """All that is known of several runs beside each other."""

    sides: list[Side]
    sections: list[Section]
    """What at least two runs have."""
    alone: dict[str, list[str]]
    """By a run's letter, the work that no other run has."""
    differences: list[tuple[str, list[Any]]]
    """Facts of tool, run and environment that are not the same in all runs, each with its value by run."""

    @property
    def tools(self) -> list[str]:
        """The versions of the tool that measured: its workloads may not be the same work in all of them."""
        return list(dict.fromkeys(each.run.header.tool for each in self.sides))

    @property
    def are_equal(self) -> bool:
        """Whether no run differs from the first in a fact that decides how fast code is."""
        return not any(each.unequal for each in self.sides)


def side_by_side(paths: Sequence[Path]) -> SideBySide:
    """Read runs and put them side by side; ratios are to the first.

    Raises:
        RunFileError: if a file is not valid.
        UsageError: if there are too few or too many, one is there twice, or one is not of cases to be ranked.
    """
    if not 2 <= len(paths) <= MOST_RUNS:
        raise UsageError(f"{len(paths)} runs cannot stand side by side; give 2 to {MOST_RUNS}")
    runs = [_ranked(path) for path in paths]
    twice = [name for name, count in Counter(run.header.id for run in runs).items() if count > 1]
    if twice:
        raise UsageError(f"run {twice[0]} is given twice; every RUN has to be another one")
    first = own_facts(runs[0].header.environment)
    sides = [
        Side(letter, path, run, unequal_facts(first, own_facts(run.header.environment)))
        for letter, path, run in zip(string.ascii_uppercase, paths, runs, strict=False)
    ]
    sections = list(_sections([summarise(run) for run in runs]))
    alone: dict[str, list[str]] = {}
    for each in sections:
        if len(each.runs) == 1:
            (place,) = each.runs
            alone.setdefault(sides[place].letter, []).append(f"{each.name} at scale {each.scale}")
    shared = [each for each in sections if len(each.runs) > 1]
    return SideBySide(sides, shared, alone, list(_differences(runs)))


def _ranked(path: Path) -> Run:
    run = read(path)
    if what := not_ranked(run):
        raise UsageError(f"{path.name} is a run of {what}, which has no times to set beside others; report it alone")
    return run


def _differences(runs: Sequence[Run]) -> Iterator[tuple[str, list[Any]]]:
    told = [_told(run) for run in runs]
    for name in dict.fromkeys(name for each in told for name in each):
        values = [each.get(name) for each in told]
        if any(value != values[0] for value in values):
            yield name, values


def _told(run: Run) -> dict[str, Any]:
    header = run.header
    facts = asdict(header.environment)
    packages, _ = facts.pop("packages"), facts.pop("identity")
    return {
        "measured": header.started_utc,
        "tool": header.tool,
        "command": header.command,
        "seed": header.plan.conditions.seed,
        "fresh inputs": header.plan.conditions.fresh_rounds > 0,
        **{name.replace("_", " "): value for name, value in facts.items()},
        **{f"package {name}": version for name, version in packages.items()},
    }


def _sections(summaries: Sequence[Sequence[Summary]]) -> Iterator[Section]:
    works = dict.fromkeys(_work(each) for run in summaries for each in run)
    several = Counter((workload, scale) for workload, scale, _ in works)
    for workload, scale, setting in works:
        mine = [[each for each in run if _work(each) == (workload, scale, setting)] for run in summaries]
        any_of_it = next(each for run in mine for each in run)
        shown = setting if several[workload, scale] > 1 else ""
        yield Section(workload, scale, shown, any_of_it.work, list(_lines(mine)))


def _work(summary: Summary) -> tuple[str, str, str]:
    return summary.case.workload, summary.case.scale, summary.setting


def _lines(runs: Sequence[Sequence[Summary]]) -> Iterator[Line]:
    for strategy in dict.fromkeys(each.case.strategy for run in runs for each in run):
        mine = [[each for each in run if each.case.strategy == strategy] for run in runs]
        dropped = _dropped(mine)
        rows: dict[frozenset[tuple[str, str]], list[Summary | None]] = {}
        for number, run in enumerate(mine):
            for each in run:
                rows.setdefault(_kept(each, dropped), [None] * len(runs))[number] = each
        shared = frozenset.intersection(*rows)
        for kept, found in rows.items():
            said = [fact_word(*each) for each in _said(found, kept - shared)]
            yield Line(" ".join([strategy, *said]), strategy, _cells(found, dropped))


def _said(found: Sequence[Summary | None], apart: frozenset[tuple[str, str]]) -> Iterator[tuple[str, str]]:
    """The facts that a line names: what tells it from others of its strategy, and the workers that all its cells had."""
    every = [facts(each.case) for each in found if each is not None]
    for name, value in every[0].items():
        if (name, value) in apart or (name == "workers" and all(each.get(name) == value for each in every)):
            yield name, value


def _dropped(runs: Sequence[Sequence[Summary]]) -> set[str]:
    """The facts that cases of one strategy are matched without: those of the environment, where no run needs them."""
    dropped: set[str] = set()
    for name in _OF_THE_ENVIRONMENT:
        trial = dropped | {name}
        if all(len({_kept(each, trial) for each in run}) == len(run) for run in runs):
            dropped = trial
    return dropped


def _kept(summary: Summary, dropped: set[str]) -> frozenset[tuple[str, str]]:
    return frozenset((name, value) for name, value in facts(summary.case).items() if name not in dropped)


def _cells(found: Sequence[Summary | None], dropped: set[str]) -> list[Cell]:
    known: list[Mapping[str, str]] = [{} if each is None else facts(each.case) for each in found]
    unlike = [
        name
        for name in sorted(dropped - {"python"})  # the head of the page says which interpreter
        if len({each.get(name) for each in known if each}) > 1
    ]
    variants = [" ".join(fact_word(name, each[name]) for name in unlike if name in each) for each in known]
    works = [_other_work(found[0], each) for each in found]
    return [
        Cell(each, _ratio(found[0], each) if number and not work else None, variant, work)
        for number, (each, variant, work) in enumerate(zip(found, variants, works, strict=True))
    ]


def _other_work(first: Summary | None, other: Summary | None) -> str:
    """What tells that two cases of one name do not do the same; empty where nothing does."""
    if first is None or other is None or first.wall is None or other.wall is None:
        return ""
    if first.tasks != other.tasks:
        told = ["an unknown number of" if each.tasks is None else str(each.tasks) for each in (other, first)]
        return f"{told[0]} tasks in a round, not {told[1]}"
    if first.payload_bytes != other.payload_bytes:
        return f"{units.size(other.payload_bytes)} in a round, not {units.size(first.payload_bytes)}"
    if first.bound is None or other.bound is None or first.case.workers != other.case.workers:
        return ""
    one_s, other_s = first.bound.wall.centre, other.bound.wall.centre
    if first.bound.stated and other.bound.stated and one_s != other_s:
        return f"tasks that take other times: the bound is {units.seconds(other_s)}, not {units.seconds(one_s)}"
    return ""


def _ratio(first: Summary | None, other: Summary | None) -> Estimate | None:
    """The first's time over the other's, as both are shown.

    The interval is that of the Hodges-Lehmann shift of the logarithms of the blocks' medians, which are not paired between
    runs, and holds the ratio of what is shown.
    """
    if first is None or other is None or first.wall is None or other.wall is None:
        return None
    below, above = ([math.log(value) for value in each.block_walls.values()] for each in (other, first))
    shift = exp_of(shift_estimate(below, above, 1 - LEVEL))
    return around(first.wall.centre / other.wall.centre, shift)

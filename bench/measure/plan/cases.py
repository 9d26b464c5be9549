"""Which cases are measured: what fits of what the user selected.

Pure functions of a catalogue and a selection; nothing is started here.
"""

import itertools
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial

from bench.article import CLAIMS, SCALE
from bench.errors import UnknownNameError, UsageError
from bench.measure.wire.requests import Site
from bench.patterns import PATTERNS
from bench.records.case import Case
from bench.records.catalogue import Catalogue, OptionInfo, StrategyInfo, WorkloadInfo
from bench.selection import chosen

ALL = "all"
"""Named in place of strategies: every one that fits and is available."""


@dataclass(frozen=True, slots=True)
class Selection:
    """What the user asked for; empty means all."""

    workloads: Sequence[str] = ()
    """Names or patterns such as `p*`."""
    strategies: Sequence[str] = ()
    """Names, patterns or aliases; `ALL` for those, too, that are not measured unless they are named."""
    scale: str | None = None
    workers: Sequence[int] = ()
    options: Mapping[str, Sequence[str]] = field(default_factory=dict)
    """Values of each option; several make a case each."""
    patterns: Sequence[str] = ()

    @property
    def is_article(self) -> bool:
        """Whether the tutorials' own cases are asked for: their scale, and nothing else named."""
        return self.scale == SCALE and not (self.workloads or self.strategies or self.patterns)

    @property
    def names_strategies(self) -> bool:
        """Whether some are named, and not just all of them."""
        return bool(self.strategies) and ALL not in self.strategies


@dataclass(frozen=True, slots=True)
class PlannedCase:
    """A case with where its workload and strategy come from, and where it runs."""

    case: Case
    workload: WorkloadInfo
    strategy: StrategyInfo
    site: Site | None = None
    """None for where the command runs."""
    arm: str = ""
    """Of a gate; empty in other runs."""

    @property
    def unavailable(self) -> str:
        """Why it cannot be measured here; empty where it can."""
        return self.workload.unavailable or self.strategy.unavailable

    @property
    def starts_a_process_a_task(self) -> bool:
        """Whether a round starts a process for each task."""
        return self.strategy.per_task and self.strategy.isolation == "process"

    @property
    def is_baseline(self) -> bool:
        """Whether the other strategies are compared with this one."""
        return self.strategy.name == PATTERNS[self.workload.pattern].baseline

    @property
    def environment(self) -> dict[str, str | None]:
        """Environment variables that the workload's options ask for."""
        changes: dict[str, str | None] = {}
        for name, option in self.workload.options.items():
            changes |= option.environment.get(self.case.options[name], {})
        return changes

    @property
    def preparation(self) -> str:
        """Cases with equal text share a preparation; those of two arms never do, whose code differs."""
        return "/".join(filter(None, (self.arm, self.workload.name, self.case.scale)))

    @property
    def results(self) -> str:
        """Cases with equal text give the same results, as far as an interpreter gives them."""
        return f"{self.work}/{self.case.python}"

    @property
    def work(self) -> str:
        """Cases with equal text do the same work: their tasks and inputs are equal, and the workload's own options."""
        own = ",".join(f"{name}={self.case.options[name]}" for name in self.workload.options)
        return f"{self.preparation}/{own}"


def expand(catalogue: Catalogue, selection: Selection, python: str, default_workers: int) -> list[PlannedCase]:
    """All cases of a selection, workload by workload.

    A strategy with workloads of its own (`default_workloads`) is measured on other workloads only where the user names either, and on a function of
    the user's own only where the user names the strategy; a demonstration, and a strategy that is unavailable, only where the user names it.

    Raises:
        UnknownNameError: for a workload, strategy or scale that is not there.
        UsageError: for an option or value that nothing selected takes.
    """
    workloads = _workloads(catalogue, selection)
    strategies = _strategies(catalogue, selection)
    _check_options(selection.options, workloads, strategies)
    _check_clashes(workloads, strategies)
    planned = [
        PlannedCase(
            Case(workload.name, scale, strategy.name, workers, python, options, strategy.takes_workers),
            workload,
            strategy,
        )
        for workload in workloads
        for strategy in strategies
        if fits(workload, strategy)
        if not (is_left_to_us(workload, selection) and strategy.showcase and workload.name not in strategy.showcase)
        for scale in [_scale(workload, selection.scale)]
        for workers in _workers(strategy, selection.workers or [default_workers])
        for options in _option_sets({**workload.options, **strategy.options}, selection.options)
    ]
    if not planned:
        raise UsageError(_why_nothing_fits(workloads, strategies))
    return planned


def is_left_to_us(workload: WorkloadInfo, selection: Selection) -> bool:
    """Whether the user leaves it open with which strategies a workload is measured."""
    return not selection.strategies and (workload.needs_inputs or not selection.workloads)


def _workloads(catalogue: Catalogue, selection: Selection) -> list[WorkloadInfo]:
    """Those of the selection.

    Raises:
        UnknownNameError: for a pattern or workload that is not there.
        UsageError: if no workload is of the patterns.
    """
    for pattern in selection.patterns:
        if pattern not in PATTERNS:
            raise UnknownNameError("pattern", pattern, PATTERNS)
    named = chosen("workload", {each.name: each for each in catalogue.workloads}, selection.workloads)
    workloads = [each for each in named if each.pattern in (selection.patterns or PATTERNS)]
    if not workloads:
        raise UsageError(f"--pattern {', '.join(selection.patterns)} leaves out {named[0].name}, a {named[0].pattern}")
    return workloads


def _strategies(catalogue: Catalogue, selection: Selection) -> list[StrategyInfo]:
    """Those of the selection, without demonstrations and what is unavailable unless the user names them.

    Raises:
        UnknownNameError: for one that is not there.
    """
    known = {each.name: each for each in catalogue.strategies}
    wanted = ["*" if each == ALL else each for each in selection.strategies]
    return [
        each
        for each in chosen("strategy", known, wanted, aliases_of(known.values()))
        if each.name in selection.strategies
        or not (each.demonstration or (each.unavailable and not selection.names_strategies))
    ]


def aliases_of(strategies: Iterable[StrategyInfo]) -> dict[str, str]:
    """The names of strategies by what else they are asked for by."""
    return {alias: each.name for each in strategies for alias in each.aliases}


def _why_nothing_fits(workloads: Sequence[WorkloadInfo], strategies: Sequence[StrategyInfo]) -> str:
    """What the first pair lacks: a pattern, or what the workload needs."""
    workload, strategy = workloads[0], strategies[0]
    if workload.pattern != strategy.pattern:
        lacking = f"it is for {strategy.pattern}, and {workload.name} is of the pattern {workload.pattern}"
    else:
        lacking = f"{workload.name} needs {', '.join(sorted(set(workload.needs) - set(strategy.offers)))}"
    return f"no selected strategy fits the selected workloads: not {strategy.name}, because {lacking}"


def left_out(catalogue: Catalogue, planned: Sequence[PlannedCase]) -> dict[str, str]:
    """Strategies that would fit a planned workload if they were available here, and why they are not."""
    kept = {each.strategy.name for each in planned}
    works = {each.workload.name: each.workload for each in planned}.values()
    return {
        each.name: each.unavailable
        for each in catalogue.strategies
        if each.unavailable and each.name not in kept and any(fits(work, each) for work in works)
    }


def variants_left_out(catalogue: Catalogue, planned: Sequence[PlannedCase], selection: Selection) -> list[str]:
    """Strategies that fit a planned function of the user's, and are not measured with it unless they are named."""
    works = {each.workload.name: each.workload for each in planned}.values()
    own = [work for work in works if work.needs_inputs and is_left_to_us(work, selection)]
    return [
        each.name
        for each in catalogue.strategies
        if each.showcase
        and not (each.unavailable or each.demonstration)
        and any(fits(work, each) and work.name not in each.showcase for work in own)
    ]


def article_cases(catalogue: Catalogue, python: str, default_workers: int) -> list[PlannedCase]:
    """The cases whose figures the tutorials print, at their own scale."""
    return [
        case
        for claim in CLAIMS
        for case in expand(
            catalogue,
            Selection([claim.workload], [claim.strategy], SCALE, [claim.workers] if claim.workers else ()),
            python,
            default_workers,
        )
    ]


def fits(workload: WorkloadInfo, strategy: StrategyInfo) -> bool:
    """Whether the strategy can execute the workload: it has its pattern, and provides what that requires."""
    return workload.pattern == strategy.pattern and set(workload.needs) <= set(strategy.offers)


def default_scale(workload: WorkloadInfo) -> str:
    """The scale at which a workload is measured where the user names none."""
    return "standard" if "standard" in workload.scales else workload.scales[0]


def _scale(workload: WorkloadInfo, wanted: str | None) -> str:
    if workload.unavailable or workload.needs_inputs:
        return workload.scales[0] if workload.scales else wanted or "standard"
    scale = wanted or default_scale(workload)
    if scale not in workload.scales:
        raise UnknownNameError(f"scale of {workload.name}:", scale, workload.scales)
    return scale


def _workers(strategy: StrategyInfo, wanted: Sequence[int]) -> list[int | None]:
    if strategy.takes_workers:
        return list(dict.fromkeys(wanted))
    return [1] if strategy.isolation == "none" else [None]


def _option_sets(known: Mapping[str, OptionInfo], wanted: Mapping[str, Sequence[str]]) -> Iterator[dict[str, str]]:
    """Every combination of the wanted values of the options it knows, and the defaults of the others."""
    values = [list(dict.fromkeys(wanted.get(name, [option.default]))) for name, option in known.items()]
    for combination in itertools.product(*values):
        yield dict(zip(known, combination, strict=True))


def _check_options(
    wanted: Mapping[str, Sequence[str]], workloads: Sequence[WorkloadInfo], strategies: Sequence[StrategyInfo]
) -> None:
    takers = [(each.name, each.options) for each in workloads] + [(each.name, each.options) for each in strategies]
    known = {name for _, options in takers for name in options}
    for name, values in wanted.items():
        if name not in known:
            raise UnknownNameError("option", name, known)
        for taker, options in takers:
            for value in values if name in options else ():
                _check_value(f"option {name} of {taker}", options[name], value)


def _check_value(what: str, option: OptionInfo, value: str) -> None:
    counts = not option.choices and value.isascii() and value.isdecimal() and bool(value.strip("0"))
    if value not in option.choices and value != option.default and not counts:
        takes = ", ".join(option.choices) or f"a whole number above 0 (default {option.default})"
        raise UsageError(f"{what} takes {takes}, not {value!r}")


def _check_clashes(workloads: Sequence[WorkloadInfo], strategies: Sequence[StrategyInfo]) -> None:
    for workload in workloads:
        for strategy in filter(partial(fits, workload), strategies):
            for name in workload.options.keys() & strategy.options.keys():
                raise UsageError(f"{workload.name} and {strategy.name} both have an option {name!r}; rename one")

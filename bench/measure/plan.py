"""Decides what is measured: which cases, how many blocks of each, how many rounds in a block, and in which order.

Pure functions of a catalogue, a selection and the trial blocks; nothing is started here.
"""

import itertools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from random import Random
from typing import TypeVar

from bench.errors import UnknownNameError, UsageError
from bench.model import Block, Case, Catalogue, OptionInfo, Plan, StrategyInfo, WorkloadInfo

MIN_REPETITIONS = 3
FULL_REPETITIONS = 9
"""The fewest blocks whose 95 % interval of the median leaves out the lowest and the highest, and so bears an outlier at
either end; 6 to 8 give one that reaches from the lowest to the highest."""
MIN_ROUNDS, TRIAL_ROUNDS, MAX_ROUNDS = 3, 2, 31
"""Rounds of a block, the cold one included."""
BASELINE = "serial"
Named = TypeVar("Named")


@dataclass(frozen=True, slots=True)
class Selection:
    """What the user asked for; empty means all."""

    workloads: Sequence[str] = ()
    """Names or patterns such as `p*`."""
    strategies: Sequence[str] = ()
    scale: str | None = None
    workers: Sequence[int] = ()
    options: Mapping[str, Sequence[str]] = field(default_factory=dict)
    """Values of each option; several make a case each."""


@dataclass(frozen=True, slots=True)
class PlannedCase:
    """A case with where its workload and strategy come from."""

    case: Case
    workload: WorkloadInfo
    strategy: StrategyInfo

    @property
    def unavailable(self) -> str:
        """Why it cannot be measured here; empty where it can."""
        return self.workload.unavailable or self.strategy.unavailable

    @property
    def environment(self) -> dict[str, str | None]:
        """Environment variables that the workload's options ask for."""
        changes: dict[str, str | None] = {}
        for name, option in self.workload.options.items():
            changes |= option.environment.get(self.case.options[name], {})
        return changes

    @property
    def preparation(self) -> str:
        """Cases with equal text share a preparation."""
        return f"{self.workload.name}/{self.case.scale}"


def expand(catalogue: Catalogue, selection: Selection, python: str, default_workers: int) -> list[PlannedCase]:
    """All cases of a selection, workload by workload.

    Raises:
        UnknownNameError: for a workload, strategy or scale that is not there.
        UsageError: for an option or value that nothing selected takes.
    """
    workloads = _chosen("workload", {each.name: each for each in catalogue.workloads}, selection.workloads)
    strategies = _chosen("strategy", {each.name: each for each in catalogue.strategies}, selection.strategies)
    _check_options(selection.options, workloads, strategies)
    _check_clashes(workloads, strategies)
    planned = [
        PlannedCase(Case(workload.name, scale, strategy.name, workers, python, options), workload, strategy)
        for workload in workloads
        for strategy in strategies
        if strategy.pattern == workload.pattern
        for scale in [_scale(workload, selection.scale)]
        for workers in _workers(strategy, selection.workers or [default_workers])
        for options in _option_sets({**workload.options, **strategy.options}, selection.options)
    ]
    if not planned:
        patterns = ", ".join(sorted({each.pattern for each in workloads}))
        raise UsageError(f"no selected strategy fits the pattern of the selected workloads ({patterns})")
    return planned


def _chosen(kind: str, known: Mapping[str, Named], wanted: Sequence[str]) -> list[Named]:
    """The known ones that a wanted name or pattern matches, each once, in the order wanted; all where none is wanted."""
    found: dict[str, Named] = {}
    for name in wanted or ["*"]:
        matching = {key: each for key, each in known.items() if fnmatchcase(key, name)}
        if not matching:
            raise UnknownNameError(kind, name, known)
        found |= {key: each for key, each in matching.items() if key not in found}
    return list(found.values())


def _scale(workload: WorkloadInfo, wanted: str | None) -> str:
    if workload.unavailable or workload.needs_inputs:
        return workload.scales[0] if workload.scales else "standard"
    scale = wanted or ("standard" if "standard" in workload.scales else workload.scales[0])
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
    counts = not option.choices and value.isdecimal() and int(value) > 0
    if value not in option.choices and value != option.default and not counts:
        takes = ", ".join(option.choices) or f"a whole number above 0 (default {option.default})"
        raise UsageError(f"{what} takes {takes}, not {value!r}")


def _check_clashes(workloads: Sequence[WorkloadInfo], strategies: Sequence[StrategyInfo]) -> None:
    for workload in workloads:
        for strategy in strategies:
            for name in workload.options.keys() & strategy.options.keys():
                raise UsageError(f"{workload.name} and {strategy.name} both have an option {name!r}; rename one")


@dataclass(frozen=True, slots=True)
class Schedule:
    """How much is measured of each case."""

    repetitions: int
    rounds: dict[str, int]
    """By case key."""


def schedule(
    trials: Mapping[str, tuple[Block, float]],
    remaining_s: float | None,
    repetitions: int | None = None,
    rounds: int | None = None,
) -> Schedule:
    """Fill `remaining_s` with blocks first, because they are the unit of inference, and then with rounds.

    Never fewer than three blocks of a case, whatever the time.

    Args:
        trials: for each case key its trial block and how long that took altogether, seconds.
        remaining_s: time for all blocks; None: as much as is asked for.
        repetitions: blocks of each case, if the user set them.
        rounds: rounds of each block, if the user set them.
    """
    warm_s = {key: _one_more_round_s(block) for key, (block, _) in trials.items()}
    trial_s = sum(took for _, took in trials.values())

    def repetition_s(counts: Mapping[str, int]) -> float:
        return trial_s + sum((counts[key] - TRIAL_ROUNDS) * each for key, each in warm_s.items())

    def counts(share_s: float) -> dict[str, int]:
        """Rounds of each case when a block's warm rounds may take `share_s`."""
        return {key: max(MIN_ROUNDS, min(MAX_ROUNDS, 1 + int(share_s / each))) for key, each in warm_s.items()}

    def fitting() -> int:
        if remaining_s is None:
            return FULL_REPETITIONS
        least = dict.fromkeys(warm_s, rounds) if rounds else counts(0)
        fit = int(remaining_s / max(repetition_s(least), 1e-9))
        return max(MIN_REPETITIONS, min(FULL_REPETITIONS, fit))

    repetitions = repetitions or fitting()
    if rounds:
        return Schedule(repetitions, dict.fromkeys(warm_s, rounds))
    if remaining_s is None:
        return Schedule(repetitions, counts(1.0))
    low_s, high_s = 0.0, max([0.0, *warm_s.values()]) * MAX_ROUNDS
    for _ in range(40):
        middle_s = (low_s + high_s) / 2
        fits = repetitions * repetition_s(counts(middle_s)) <= remaining_s
        low_s, high_s = (middle_s, high_s) if fits else (low_s, middle_s)
    return Schedule(repetitions, counts(low_s))


def _one_more_round_s(trial: Block) -> float:
    """What another round adds to a block: the round itself, and its check and readings before the next."""
    cold, warm = trial.rounds
    return warm.wall_s + max(0.0, warm.at_s - cold.at_s - cold.wall_s)


def in_order(plan: Plan, keys: Sequence[str]) -> Iterator[tuple[int, list[str]]]:
    """Each repetition's number and its cases in a fresh random order drawn from the plan's seed."""
    rng = Random(f"{plan.seed} order")
    for repetition in range(plan.repetitions):
        shuffled = list(keys)
        rng.shuffle(shuffled)
        yield repetition, shuffled

"""Which cases there are where every strategy is put through every fault, and where the faults are."""

from collections.abc import Sequence

from bench.errors import UsageError
from bench.measure.plan.cases import PlannedCase, aliases_of, fits
from bench.records.case import Case
from bench.records.catalogue import Catalogue, StrategyInfo, WorkloadInfo
from bench.selection import chosen
from bench.workloads.faults import BUILT_IN as SOURCES

__all__ = ["SOURCES", "expand"]
_WORKERS = 2
_SCALE = "fault"


def expand(
    catalogue: Catalogue, faults: Sequence[str], strategies: Sequence[str], start_method: str | None, python: str
) -> list[PlannedCase]:
    """A case for each fault and each strategy that can meet it, fault by fault.

    Args:
        catalogue: with the faults among its workloads.
        faults, strategies: the names wanted; all where empty.
        start_method: of strategies that have one; their own default where None.
        python: the interpreter, as a case names it.

    Raises:
        UnknownNameError: for a name that is not there.
        UsageError: if none of the strategies can meet any of the faults.
    """
    known_faults = {each.name: each for each in catalogue.workloads if each.fault}
    known = {each.name: each for each in catalogue.strategies if each.pattern == "map" and not each.demonstration}
    planned = [
        case
        for fault in chosen("fault", known_faults, faults)
        for strategy in chosen("strategy of the pattern map:", known, strategies, aliases_of(known.values()))
        if not strategy.unavailable or strategies
        if (case := _case(fault, strategy, start_method, python)) is not None
    ]
    if not planned:
        raise UsageError(
            f"{', '.join(strategies)} cannot meet {', '.join(faults)}; see the table of python -m bench faults"
        )
    return planned


def _case(fault: WorkloadInfo, strategy: StrategyInfo, start_method: str | None, python: str) -> PlannedCase | None:
    """None where the strategy cannot meet the fault: it lacks what that takes."""
    if not fits(fault, strategy):
        return None
    settings = dict(fault.under)
    workers: int | None = int(settings.pop("workers", _WORKERS))
    wanted = {"start_method": start_method} if start_method and "start_method" in strategy.options else {}
    wanted |= settings
    options = {name: option.default for name, option in strategy.options.items()} | wanted
    for name, value in wanted.items():
        if name not in strategy.options or value not in (strategy.options[name].choices or [value]):
            return None
    if not strategy.takes_workers:
        workers = 1 if strategy.isolation == "none" else None
    case = Case(fault.name, _SCALE, strategy.name, workers, python, options, strategy.takes_workers)
    return PlannedCase(case, fault, strategy)

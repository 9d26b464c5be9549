"""Every strategy put through every fault: which cases that makes, and how they are gone through.

A fault is a workload that does something wrong (`bench.workloads.faults`). What is asked is what comes of it, not how
long it takes, so several are gone through at once, each by a supervisor of its own.
"""

from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from itertools import groupby

from bench.errors import UsageError
from bench.measure.engine.runner import Measurer, unavailable
from bench.measure.plan.cases import PlannedCase, fits
from bench.measure.plan.conditions import Conditions
from bench.processes import interruption
from bench.records.block import Block
from bench.records.case import Case
from bench.records.catalogue import Catalogue, StrategyInfo, WorkloadInfo
from bench.selection import chosen
from bench.workloads.faults import BUILT_IN as SOURCES

__all__ = ["AT_ONCE", "SOURCES", "expand", "go_through"]
AT_ONCE = 12
"""Most of what hangs uses no CPU."""
_LOOK_S = 0.5
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
        for strategy in chosen("strategy of the pattern map:", known, strategies)
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


def go_through(conditions: Conditions, planned: Sequence[PlannedCase], at_once: int = AT_ONCE) -> Iterator[Block]:
    """A block of one round for each case, in the order in which they end; first those that are unavailable.

    Args:
        conditions: what holds for all of them.
        planned: the cases.
        at_once: how many at a time.
    """
    for case in planned:
        if case.unavailable:
            yield unavailable(case, conditions.publishable)
    waiting = deque(_spread([each for each in planned if not each.unavailable]))
    with ExitStack() as stack:  # closes the last first: each leaves alone what was there before it
        idle = [stack.enter_context(Measurer(conditions, lambda _: None)) for _ in range(min(at_once, len(waiting)))]
        for each in idle:
            stack.callback(each.dismiss)  # all of them before the first is waited for
        busy: dict[int, Measurer] = {}
        while waiting or busy:
            while idle and waiting:
                measurer = idle.pop()
                case = waiting.popleft()
                measurer.make_file(case)
                measurer.begin(case, 0, 1)
                busy[measurer.answers] = measurer
            for each in busy.values():
                each.look()
            for readable in interruption.wait(list(busy), _LOOK_S):
                block = busy[readable].take()
                if block is not None:
                    idle.append(busy.pop(readable))
                    yield block


def _spread(planned: Sequence[PlannedCase]) -> Iterator[PlannedCase]:
    """The cases in an order in which neighbours share neither a fault nor a strategy: some of either need much."""
    rows = [list(row) for _, row in groupby(planned, key=lambda each: each.workload.name)]
    for shift in range(max(map(len, rows), default=0)):
        for number, row in enumerate(rows):
            if shift < len(row):
                yield row[(shift + number) % len(row)]

"""What came of faults: a cell for each strategy and fault of a run that put the ones through the others."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from bench.records.block import Block, Outcome
from bench.records.case import Case
from bench.records.run import Purpose, Run

CONTROL = "nothing"
"""The fault that is none: what tells that a strategy works at all."""
_UNRANKED = {Purpose.CHECK: "a check", Purpose.FAULTS: "faults"}


class Kind(StrEnum):
    """How a strategy met a fault."""

    RESULT = "result"
    """It gave back the right results."""
    RAISED = "raised"
    """It raised an exception in the process that called it."""
    HANG = "HANG"
    """It had neither given back results nor raised when the time limit was over, or hung when it was left after that."""
    DIED = "died"
    """The process that called it ended."""
    WRONG = "wrong"
    """It gave back other results, and said nothing."""


@dataclass(frozen=True, slots=True)
class Cell:
    """What a strategy did about a fault."""

    strategy: str
    fault: str
    kind: Kind
    raised: str
    """The class of the exception; empty where none came."""
    noticed_s: float | None
    """From the fault to the exception, or to the end of the process; None where nothing told."""
    left: int
    """Processes that were there afterwards, or at the time limit, and had to be ended."""
    reason: str

    @property
    def what(self) -> str:
        """What came, in one or two words."""
        if self.kind in (Kind.HANG, Kind.DIED) and self.raised:
            return f"{self.raised}, then {self.kind}"
        return self.raised or str(self.kind)


@dataclass(frozen=True, slots=True)
class Fault:
    """A row of the table."""

    name: str
    title: str
    cells: dict[str, Cell]
    """By name of the strategy; those that cannot meet it, or were not asked to, have none."""

    @property
    def alike(self) -> list[list[Cell]]:
        """The cells by what came of the fault, in the order of the kinds, the most frequent first."""
        found: dict[str, list[Cell]] = {}
        for each in self.cells.values():
            found.setdefault(each.what, []).append(each)
        return sorted(found.values(), key=lambda cells: ([*Kind].index(cells[0].kind), -len(cells)))


@dataclass(frozen=True, slots=True)
class FaultTable:
    """All of them."""

    strategies: list[str]
    faults: list[Fault]

    @property
    def cells(self) -> list[Cell]:
        """Row by row."""
        return [cell for fault in self.faults for cell in fault.cells.values()]

    def of(self, strategy: str, kind: Kind) -> int:
        """How many faults a strategy met so."""
        return sum(cell.strategy == strategy and cell.kind is kind for cell in self.cells)


def not_ranked(run: Run) -> str:
    """What a run is of that ranks no cases: `a check` or `faults`; empty where it does rank them."""
    return _UNRANKED.get(run.header.plan.purpose, "")


def fault_table(run: Run) -> FaultTable:
    """The table of a run, its strategies and faults in the order of the plan."""
    cases = {case.key: case for case in run.header.plan.cases}
    met = [(cases[block.case], block) for block in run.blocks if block.outcome is not Outcome.UNAVAILABLE]
    strategies = list(dict.fromkeys(case.strategy for case in cases.values()))
    return FaultTable(
        [each for each in strategies if any(case.strategy == each for case, _ in met)],
        [Fault(name, work.fault, _row(name, strategies, met)) for name, work in run.header.plan.works.items()],
    )


def _row(fault: str, strategies: Sequence[str], met: Sequence[tuple[Case, Block]]) -> dict[str, Cell]:
    found = {case.strategy: _cell(case, block) for case, block in met if case.workload == fault}
    return {name: found[name] for name in strategies if name in found}


def _cell(case: Case, block: Block) -> Cell:
    kind = _kind(block)
    raised = "" if kind in (Kind.RESULT, Kind.WRONG) else block.raised
    noticed_s = None if kind is Kind.HANG and not raised else block.noticed_s
    return Cell(case.strategy, case.workload, kind, raised, noticed_s, block.leaked_processes, block.reason)


def _kind(block: Block) -> Kind:
    match block.outcome:
        case Outcome.OK:
            return Kind.RESULT
        case Outcome.WRONG:
            return Kind.WRONG
        case Outcome.TIMED_OUT:
            return Kind.HANG
        case Outcome.FAILED if block.raised:
            return Kind.RAISED
        case _:
            return Kind.DIED

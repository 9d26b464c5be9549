"""A check on its way, whoever measures: what its plan, the pairs that are there and the time make of the next ones."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

from bench.analysis.gate import GateReferee
from bench.measure.engine.check_session import Shortage
from bench.measure.engine.time_limit import TimeLimit
from bench.records.block import Block
from bench.records.run import Addition


class Session(Protocol):
    """Who measures pairs of both arms."""

    def blocks(self) -> Iterator[Block | Addition]:
        """The next ones, pair after pair, each as soon as it is measured."""

    @property
    def shortage(self) -> Shortage | None:
        """How the time is too short for verdicts on all cases."""


@dataclass(frozen=True, slots=True)
class Checking:
    """A check on its way: what its plan, the pairs that are there and the time make of the next ones."""

    referee: GateReferee
    session: Session
    limit: TimeLimit

    @property
    def spent_s(self) -> float:
        """Since the command began."""
        return self.limit.spent_s

    @property
    def left_s(self) -> float:
        """Of the time there is."""
        return self.limit.left_s

    @property
    def is_cut(self) -> bool:
        """Whether the time was over before every case was decided."""
        return self.referee.decided() < self.referee.cases

    def blocks(self) -> Iterator[Block | Addition]:
        """The next ones."""
        return self.session.blocks()

    def left_over(self) -> Sequence[str]:
        """None: the verdicts say what there was no time for."""
        return ()

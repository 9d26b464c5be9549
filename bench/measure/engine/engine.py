"""The loop that measures: ensembles of all groups of cases, pass after pass, each pass in random order, until there is enough.

What a group is, whether it goes on and how an ensemble of it is made is the affair of a run (`bench.measure.engine.session`) or of a check
(`bench.measure.engine.check_session`).
"""

from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Sequence
from random import Random
from typing import Generic, TypeVar

from bench.measure.engine.seats import Seats
from bench.measure.plan.version import Version
from bench.records.block import Block
from bench.records.run import Addition

Group = TypeVar("Group")


class Engine(ABC, Generic[Group]):
    """Groups of cases, who measures them, and the loop."""

    def __init__(self, seats: Seats, groups: Iterable[Group], rng: Random, version: Version) -> None:
        """Nothing is measured yet.

        Args:
            seats: who measures.
            groups: what is measured together.
            rng: of orders and layouts.
            version: what every block has to be of.
        """
        self.seats = seats
        self.groups = list(groups)
        self.rng = rng
        self.version = version

    def blocks(self) -> Iterator[Block | Addition]:
        """Block after block; and, before the first block of cases that are taken on, what names them.

        Raises:
            EditedError: if the version is another one.
        """
        for block in self.unmeasured():
            self.learn(block)
            yield block
        while self.groups:
            went_on = False
            for group in self.rng.sample(self.groups, len(self.groups)):
                if self.goes_on(group):
                    went_on = True
                    yield from self.measured(group)
            for record in self.beside():
                went_on = True
                yield record
            if not self.end_pass(went_on=went_on):
                return

    def measured(self, group: Group) -> Iterator[Block]:
        """The blocks of the next ensemble of a group, each counted."""
        for block in self.ensemble(group):
            self.learn(block)
            yield block

    def beside(self) -> Iterator[Block | Addition]:
        """Cases that are taken on after a pass, and their first blocks; none, where nothing is."""
        return iter(())

    @abstractmethod
    def unmeasured(self) -> Iterator[Block]:
        """Records of what cannot be measured."""

    @abstractmethod
    def goes_on(self, group: Group) -> bool:
        """Whether another ensemble of a group is wanted, and there is time for it."""

    @abstractmethod
    def ensemble(self, group: Group) -> Sequence[Block]:
        """The blocks of the next ensemble of a group."""

    @abstractmethod
    def learn(self, block: Block) -> None:
        """Count a block, one just measured or one of an earlier part."""

    @abstractmethod
    def end_pass(self, *, went_on: bool) -> bool:
        """All groups had their turn: whether there is another pass.

        Args:
            went_on: whether one of them did.
        """

"""A run: ensembles of groups of cases that do the same work, until the agenda says that it is enough."""

from collections.abc import Iterator, Sequence
from functools import partial
from random import Random
from typing import Protocol

from bench.facts.resting import is_restless
from bench.measure.engine.agenda import Agenda
from bench.measure.engine.amount import Amount, Fixed
from bench.measure.engine.costs import Costs
from bench.measure.engine.engine import Engine
from bench.measure.engine.ensemble import Ensemble, Entrant, measured
from bench.measure.engine.look import Look
from bench.measure.engine.more_workers import MoreWorkers
from bench.measure.engine.room import Room
from bench.measure.engine.runner import unavailable
from bench.measure.engine.seats import Seats
from bench.measure.engine.together import Numbers, Together, apart, together
from bench.measure.engine.waiting_cases import Waiting
from bench.measure.plan.cases import PlannedCase
from bench.measure.plan.version import Version
from bench.quantities import elapsed_call_s
from bench.records.block import Block, Outcome
from bench.records.run import Addition

_LEAVING_S = 0.1
"""What a host takes to stop and to leave, where it compares no results."""


class Referee(Protocol):
    """What decides whether intervals are narrow; it sees every block."""

    def add(self, block: Block) -> None:
        """Count a block."""

    def is_narrow(self, keys: Sequence[str]) -> bool:
        """Whether those of the cases of these keys are."""


class Session(Engine[Together]):
    """What is measured, how far that is, and who measures it."""

    def __init__(
        self,
        seats: Seats,
        planned: Sequence[PlannedCase],
        agenda: Agenda,
        referee: Referee,
        rng: Random,
        version: Version,
        fresh_rounds: int = 0,
        more: MoreWorkers | None = None,
    ) -> None:
        """Nothing is measured yet.

        Args:
            seats: who measures.
            planned: the cases, those that are unavailable among them.
            agenda: how much is measured.
            referee: whether it is enough.
            rng: of orders and layouts.
            version: what every block has to be of.
            fresh_rounds: of each block, where each gets inputs of its own; 0 where all get the same.
            more: what is taken on beside the cases; nothing if None.
        """
        super().__init__(seats, together(planned), rng, version)
        self._planned = list(planned)
        self._agenda = agenda
        self._referee = referee
        self._fresh_rounds = fresh_rounds
        self._numbers = Numbers()
        self._count: dict[str, int] = dict.fromkeys((each.case.key for each in planned), 0)
        self._call_s: dict[str, float] = {}
        self._costs = Costs()
        self._waiting = Waiting(self._costs)
        self._failed: set[str] = set()
        self._look = Look(seats.first)
        self._more = more

    def short(self) -> list[PlannedCase]:
        """The cases that have fewer blocks than they should, because there was no time."""
        enough = self._agenda.enough
        return [
            each
            for each in self._planned
            if not each.unavailable and each.case.key not in self._failed and self._count[each.case.key] < enough
        ]

    def replay(self, blocks: Sequence[Block]) -> None:
        """Go on where these blocks end."""
        works = {each.case.key: each.work for each in self._planned}
        for block in blocks:
            self._numbers.taken(works[block.case], block.repetition)
            self.learn(block)
        lacking = {each.case.key for each in self.short()}
        parts = [[each for each in self._planned if (each.case.key in lacking) is part] for part in (True, False)]
        self.groups = [group for part in parts for group in together(self._with_bases(part))]

    def _with_bases(self, cases: Sequence[PlannedCase]) -> list[PlannedCase]:
        """These cases, and those that they are compared with."""
        works = {each.work for each in cases}
        return [each for each in self._planned if each in cases or (each.is_baseline and each.work in works)]

    def learn(self, block: Block) -> None:
        """Count a block."""
        self._count[block.case] += 1
        if block.outcome is Outcome.OK:
            self._call_s[block.case] = elapsed_call_s(block) if block.warm_rounds else block.per_call[0].wall_s
        else:
            self._failed.add(block.case)
        self._referee.add(block)
        if self._more is not None:
            self._more.add(block)

    def unmeasured(self) -> Iterator[Block]:
        """Of each case that is unavailable."""
        for case in self._planned:
            if case.unavailable and not self._count[case.case.key]:
                yield unavailable(case, self.seats.first.publishable)

    def beside(self) -> Iterator[Block | Addition]:
        """The cases that are taken on, and their first blocks."""
        for cases, others, addition in self._taken_on():
            yield addition
            yield from self._beside(cases, others)

    def end_pass(self, *, went_on: bool) -> bool:
        """All groups had their turn; where none went on, what waits for time that is left over comes back."""
        for group in self.groups:
            group.without(self._failed)
        if went_on:
            if (a_pass_s := self._agenda.end_pass()) is not None:
                self._waiting.drop(self.groups, self._call_s, a_pass_s)
            return True
        is_anyone = self._is_anyone_waiting()
        self.groups += self._waiting.brought_back(self.groups, self._agenda.a_pass_s)
        return is_anyone

    def goes_on(self, group: Together) -> bool:
        """Whether another ensemble of a group is wanted, and there is time for it."""
        group.without(self._failed)
        going = [each.case.key for each in self._entering(group)]
        if not going:
            return False
        fewest = min(self._count[key] for key in going)
        # while others have no interval yet, one for each is enough
        is_narrow = self._is_anyone_waiting() or self._referee.is_narrow(going)
        return self._agenda.wants(self._costs.of(going), fewest, is_narrow=is_narrow)

    def _is_anyone_waiting(self) -> bool:
        """Whether cases lack an interval for which there may still be time."""
        return any(self._count[key] < self._agenda.enough for key in self._waiting.keys() - self._failed)

    def _entering(self, group: Together) -> list[PlannedCase]:
        """The cases of which there is to be another block, with their bases; bases alone only until they have enough."""
        entering = [each for each in group.cases if not each.is_baseline and self._lacks(each)]
        if entering or not group.cases:
            return [*group.bases, *entering]
        if any(each.work == group.work and not each.is_baseline for each in self._planned):
            return [each for each in group.bases if self._count[each.case.key] < self._agenda.enough]
        return [each for each in group.bases if self._lacks(each)]

    def _lacks(self, case: PlannedCase) -> bool:
        return self._agenda.lacks(self._count[case.case.key])

    def ensemble(self, group: Together) -> Sequence[Block]:
        """One ensemble of a group; where there is no room for all its cases at once, the others get a group of their own."""
        began_s = self._agenda.limit.spent_s
        blocks, left_out, once_s = self.version.throughout(partial(self._measure, group))
        blocks = [self._looked_into(group, block) for block in blocks]
        blocks += self._without_room(group, left_out)
        restless = {each.case for each in blocks if is_restless(each)}
        self._part(group, [each for each in group.cases if each.case.key in restless and not each.is_baseline])
        self._costs.learn(blocks, self._agenda.limit.spent_s - began_s - once_s)
        return blocks

    def _without_room(self, group: Together, left_out: Sequence[PlannedCase]) -> list[Block]:
        """Have cases measured apart for which there was no room in memory; the records of those that have none beside the base alone."""
        others = [each for each in group.cases if not each.is_baseline]
        if len(left_out) < len(others):
            self._part(group, left_out)
            return []
        for each in others[1:]:  # there was none for any of them
            self._part(group, [each])
        if not left_out or len(others) > 1:
            return []
        key = left_out[0].case.key
        self._failed.add(key)
        reason = "there is no room for it in memory beside the case that it is compared with"
        return [] if self._count[key] else [Block(key, 0, Outcome.UNAVAILABLE, reason=reason)]

    def _part(self, group: Together, cases: Sequence[PlannedCase]) -> None:
        if cases and len(group.cases) > len(group.bases) + 1:
            self.groups.append(apart(group, cases))

    def _taken_on(self) -> Iterator[tuple[Sequence[PlannedCase], Together, Addition]]:
        """Cases that are to be measured too, and beside which others."""
        if self._more is None:
            return
        agenda = self._agenda
        going = [each.case.key for group in self.groups for each in group.cases]
        for addition, cases in self._more.due(going, self._costs.of, agenda.a_pass_s, agenda.limit.left_s):
            others = next((each for each in self.groups if each.cases and each.work == cases[0].work), None)
            if others is not None:
                self._planned += cases
                self._count |= dict.fromkeys((each.case.key for each in cases), 0)
                yield cases, others, addition

    def _beside(self, cases: Sequence[PlannedCase], others: Together) -> Iterator[Block]:
        """The first ensembles of cases that were taken on, with the bases; then they join the others, where there is room."""
        for group in together([*others.bases, *cases]):
            self.groups.append(group)
            yield from self.measured(group)
            if others.takes_in(group):
                self.groups.remove(group)

    def _measure(self, group: Together) -> tuple[Sequence[Block], list[PlannedCase], float]:
        """The blocks of an ensemble, the cases that had no room in it, and what first blocks took to compare results, seconds."""
        cases = self._entering(group)
        entrants = [
            Entrant(measurer, case, is_first=not self._count[case.case.key])
            for measurer, case in zip(self.seats.taken(len(cases)), cases, strict=True)
        ]
        room = Room()
        ensemble = Ensemble(entrants, self._numbers.next(group.work), self.rng, is_wanted=room.is_left)
        blocks = measured(ensemble, [self._amount(each) for each in cases])
        is_first = any(each.is_first for each in entrants)
        once_s = max(0.0, ensemble.ended_in_s - _LEAVING_S * len(cases)) if is_first else 0.0
        return blocks, [cases[which] for which in ensemble.left_out], once_s

    def _amount(self, case: PlannedCase) -> Amount:
        if self._fresh_rounds:
            return Fixed(self._fresh_rounds - 1)
        agenda = self._agenda
        return Amount(agenda.share_s, self._call_s.get(case.case.key), agenda.rounds, agenda.fewest_rounds)

    def _looked_into(self, group: Together, block: Block) -> Block:
        if self._count[block.case]:
            return block
        return self._look.into(next(each for each in group.cases if each.case.key == block.case), block)

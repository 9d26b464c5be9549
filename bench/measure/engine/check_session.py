"""A check: pairs of blocks of each case, one of each arm, until the referee has decided it or its share of the time is over."""

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from random import Random
from typing import Protocol

from bench.accounting.affinity import allowed_cpus
from bench.measure.engine.contest import ARMS, Contest, PairAmount, Size, size_of
from bench.measure.engine.engine import Engine
from bench.measure.engine.ensemble import Ensemble, Entrant, measured
from bench.measure.engine.look import Look
from bench.measure.engine.runner import unavailable
from bench.measure.engine.seats import Seats
from bench.measure.engine.time_limit import TimeLimit
from bench.measure.plan.version import Version
from bench.records.block import Block, Outcome

_ROOM = 2
"""Pairs that there should be time for, over the fewest that decide: some go the other way by chance."""
_ROOMY = 1.5
"""Those that the user is told to give time for."""


class Decider(Protocol):
    """What decides cases; it sees every block."""

    @property
    def fewest(self) -> int:
        """The fewest pairs that decide a case, as things stand."""

    def add(self, block: Block) -> None:
        """Count a block."""

    def is_decided(self, case: str) -> bool:
        """Whether more pairs of the case of this key would change nothing."""


@dataclass(frozen=True, slots=True)
class Shortage:
    """What there is time for, where that is too little."""

    pairs: int
    """Of each undecided case, those that are there included."""
    needed_s: float
    """For the whole command, so that a verdict is likely."""


def shortage_of(there: int, least: int, pair_s: float, limit: TimeLimit) -> Shortage | None:
    """How the time is too short; None where it is not.

    Args:
        there: pairs of each undecided case.
        least: that decide one.
        pair_s: what another pair of all of them takes.
        limit: the time there is.
    """
    pairs = there + int(max(0.0, limit.left_s) / pair_s)
    if pairs > least:
        return None
    return Shortage(pairs, limit.spent_s + max(1.0, _ROOMY * least - there) * pair_s)


class CheckSession(Engine[Contest]):
    """The cases that both arms have, and how far they are."""

    def __init__(
        self,
        seats: Seats,
        contests: Sequence[Contest],
        limit: TimeLimit,
        decider: Decider,
        rng: Random,
        version: Version,
        fresh_rounds: int = 0,
        explained: Callable[[Block], Block] = lambda block: block,
    ) -> None:
        """Nothing is measured yet.

        Args:
            seats: who measures.
            contests: the cases.
            limit: the time there is.
            decider: of each case.
            rng: of orders and layouts.
            version: what every block has to be of.
            fresh_rounds: of each block, where each gets inputs of its own; 0 where all get the same.
            explained: gives a block that failed with what else is known of why.
        """
        super().__init__(seats, contests, rng, version)
        self._limit = limit
        self._decider = decider
        self._fresh_rounds = fresh_rounds
        self._explained = explained
        self._look = Look(seats.first)
        self._by_key = {each.key: each for each in contests}
        self._shares_are_over = False
        """Whether what is left goes to whoever has a pair that fits into it."""

    @property
    def undecided(self) -> list[Contest]:
        """Those that more pairs may decide."""
        return [each for each in self.groups if not self._decider.is_decided(each.key)]

    @property
    def share_s(self) -> float:
        """The time of a case, what was spent on it included: the undecided share all that is not gone; decided ones leave theirs to them."""
        undecided = self.undecided
        there_s = max(0.0, self._limit.left_s) + sum(each.spent_s for each in undecided)
        return there_s / max(1, len(undecided))

    @property
    def shortage(self) -> "Shortage | None":
        """How the time is too short for verdicts on all cases; None where it is not, or where that is not known yet."""
        undecided = self.undecided
        if not undecided or not all(each.pairs and each.last_s for each in undecided):
            return None
        pass_s = sum(each.last_s for each in undecided)
        there, least = min(each.pairs for each in undecided), self._decider.fewest
        return shortage_of(there, least, pass_s, self._limit)

    def replay(self, blocks: Sequence[Block]) -> None:
        """Go on where these blocks end."""
        for block in blocks:
            self.learn(block)

    def learn(self, block: Block) -> None:
        """Count a block."""
        self._by_key[block.case].learn(block)
        self._decider.add(block)

    def unmeasured(self) -> Iterator[Block]:
        """Of each arm in which a case is unavailable."""
        for contest in self.undecided:
            number = contest.number
            for case in contest.arms:
                if case.unavailable:
                    yield replace(unavailable(case, self.seats.first.publishable), repetition=number)

    def end_pass(self, *, went_on: bool) -> bool:
        """All had their turn: there is another pass where one went on, or where what no share has room for is enough for a pair."""
        if not went_on and not self._shares_are_over:
            self._shares_are_over = True
            return any(map(self.goes_on, self.groups))
        return went_on

    def goes_on(self, group: Contest) -> bool:
        """Whether a case is undecided, and another pair fits into its time."""
        if self._decider.is_decided(group.key):
            return False
        # one is measured in any case: it shows whether both arms give the same results
        own_s = float("inf") if self._shares_are_over else self.share_s - group.spent_s
        return not group.pairs or group.last_s <= min(self._limit.left_s, own_s)

    def ensemble(self, group: Contest) -> Sequence[Block]:
        """The next pair of a case."""
        if group.pairs:
            return self._pair(group, group.number)
        first = self._looked_into(group, self._pair(group, group.number, digest=True))
        if not _are_unequal(first):
            return first
        second = self._pair(group, group.number + 1, digest=True)  # are they so from process to process?
        varied = [_varied(one, other) for one, other in zip(first, second, strict=True)]
        return [*varied, *(replace(each, result=None) for each in second)]

    def _pair(self, contest: Contest, number: int, *, digest: bool = False) -> Sequence[Block]:
        """A block of each arm, in the order of `ARMS`, however they ended."""
        began_s = time.monotonic()
        blocks = self.version.throughout(partial(self._measure, contest, number, digest=digest))
        contest.took(time.monotonic() - began_s, blocks)
        return [self._explained(each) for each in blocks]

    def _measure(self, contest: Contest, number: int, *, digest: bool) -> Sequence[Block]:
        """Neither arm is always the first, or always measured from the same seat."""
        seats = self.rng.sample(self.seats.taken(len(ARMS)), len(ARMS))
        cases = self.rng.sample(contest.arms, len(ARMS))
        entrants = [Entrant(*each, is_first=digest) for each in zip(seats, cases, strict=True)]
        usable = sorted(allowed_cpus() or ()) if contest.is_alone else []
        cpus = [self.rng.choice(usable)] if usable else []
        began_s = time.monotonic()
        amount = PairAmount(partial(self._size, contest, began_s))
        blocks = measured(Ensemble(entrants, number, self.rng, cpus, digest=digest), [amount] * len(ARMS))
        return sorted(blocks, key=lambda each: ARMS.index(each.arm))

    def _size(self, contest: Contest, began_s: float, firsts_s: Sequence[float]) -> Size:
        """Of a pair whose first rounds took so long; the blocks of all later ones are measured by what those of the pair before took."""
        if self._fresh_rounds or contest.is_looked_up:
            return Size(self._fresh_rounds or 2, 1)
        pair_s = self.share_s / (_ROOM * self._decider.fewest)
        if len(contest.calls_s) < len(ARMS):
            return size_of(firsts_s, time.monotonic() - began_s - sum(firsts_s), pair_s)
        return size_of(contest.calls_s, contest.besides_s, pair_s)

    def _looked_into(self, contest: Contest, pair: Sequence[Block]) -> Sequence[Block]:
        """What shows, of each arm, whether its results come from a cache, where one arm or the other gives a reason to look."""
        looked = [self._look.into(case, block) for case, block in zip(contest.arms, pair, strict=True)]
        if any(each.outcome is not Outcome.OK for each in pair) or not any(each.repeats for each in looked):
            return pair
        return [replace(one, repeats=self._look.at(each)) for one, each in zip(pair, contest.arms, strict=True)]


def _are_unequal(pair: Sequence[Block]) -> bool:
    """Whether the arms gave different results, and it is not known yet whether each gives the same every time."""
    results = [each.result for each in pair if each.result is not None and each.result.digest]
    is_known = any(each.outcome is not Outcome.OK for each in pair) or all(each.varies for each in results)
    return not is_known and len({each.digest for each in results}) == len(ARMS)


def _varied(first: Block, second: Block) -> Block:
    """A block of an arm with a word where another process of the same arm gave something else."""
    one, other = first.result, second.result
    if one is None or other is None or not other.digest or one.varies or one.digest == other.digest:
        return first
    return replace(first, result=replace(one, varies=f"{one.shown}, then {other.shown}"))

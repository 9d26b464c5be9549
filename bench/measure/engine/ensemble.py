"""An ensemble: hosts that are alive together and measure by turns, one window at a time, so that what the machine does befalls all.

A machine that others use too is slower by a third for seconds at a time; a turn is short beside that. Each host has a
supervisor of its own, so that none sees the other's processes, and holds still until its turn comes.

All hosts of an ensemble get the same luck with hashes and addresses, and each ensemble another: one seed of PYTHONHASHSEED, of the
padding of the memory (`bench.measure.host.layout`) and of the place of the stack, and no random addresses. Identical code then
runs at identical addresses. Measured here, a loop of 10 ms made 5 % slower, 25 pairs each: with random addresses the
logs of the pairs' ratios had a robust standard deviation of 1.4 and 2.6 %, with equal ones 0.6 % both times.
"""

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from random import Random

from bench.measure.engine.amount import Amount
from bench.measure.engine.runner import Measurer
from bench.measure.plan.cases import PlannedCase
from bench.measure.wire.requests import BlockSettings
from bench.records.block import Block

_SEEDS = 1 << 32
"""PYTHONHASHSEED is below it."""


@dataclass(frozen=True, slots=True)
class Entrant:
    """One case of an ensemble, and who measures it."""

    measurer: Measurer
    case: PlannedCase
    is_first: bool = False
    """Whether it is the case's first block, whose results are compared."""


class Ensemble:
    """One ensemble, from the start of its hosts to their end."""

    def __init__(
        self,
        entrants: Sequence[Entrant],
        number: int,
        rng: Random,
        cpus: Sequence[int] = (),
        *,
        digest: bool = False,
        is_wanted: Callable[[], bool] = lambda: True,
    ) -> None:
        """Start the hosts, in random order, and wait until each is ready for its first turn.

        Args:
            entrants: no two have a measurer in common.
            number: of the ensemble, the repetition of its blocks.
            rng: of orders and layouts.
            cpus: where the hosts stay; anywhere if empty.
            digest: whether digests of the results are wanted.
            is_wanted: asked before each but the first starts its strategy, and before its first round, whether there is room for it.
        """
        self._is_wanted = is_wanted
        self.left_out: list[int] = []
        """Entrants for which there was no room: there are no blocks of them."""
        self._entrants = entrants
        self.rng = rng
        self.ended_in_s = 0.0
        """How long all took to stop, to compare their results and to leave."""
        self.blocks: list[Block | None] = [each.measurer.unprepared(each.case, number) for each in entrants]
        """Of each entrant, once it has ended."""
        for each in entrants:
            if each.is_first:
                each.measurer.make_file(each.case)
        layout = rng.randrange(_SEEDS)
        for which in self.shuffled():
            each = entrants[which]
            settings = BlockSettings(True, list(cpus), layout, digest, is_first=each.is_first)
            each.measurer.begin(each.case, number, 0, settings)
        for which in self.alive():
            self._until_turn(which)

    def alive(self) -> list[int]:
        """Which entrants have not ended."""
        return [which for which, block in enumerate(self.blocks) if block is None and which not in self.left_out]

    def shuffled(self) -> list[int]:
        """Those that have not ended, in random order."""
        alive = self.alive()
        return self.rng.sample(alive, len(alive))

    def turn(self, which: int, calls: int = 1, untimed: int = 0) -> None:
        """Let an entrant go through one window, and on to the next: its start, a round of so many calls, or the rest where there are none."""
        measurer = self._entrants[which].measurer
        if self.blocks[which] is None and which not in self.left_out and not measurer.is_leaving:
            measurer.grant(calls, untimed)
            self._until_turn(which)

    def took_s(self, which: int) -> float:
        """How long a call took in an entrant's last round, seconds."""
        return self._entrants[which].measurer.took_s

    def most_calls(self, which: int) -> int:
        """How many calls a round of an entrant may have."""
        return self._entrants[which].measurer.most_calls

    def _until_turn(self, which: int) -> None:
        """Wait until an entrant holds still again, or leaves."""
        measurer = self._entrants[which].measurer
        while self.blocks[which] is None and not (measurer.awaits_turn or measurer.is_leaving):
            self.blocks[which] = measurer.take()

    def ended(self, which: int) -> Block:
        """Let an entrant go on until it has left."""
        measurer = self._entrants[which].measurer
        while (block := self.blocks[which]) is None:
            if measurer.awaits_turn:
                measurer.grant(calls=0)
            self.blocks[which] = measurer.take()
        return block

    def make_room(self, which: int) -> None:
        """End an entrant that has measured nothing yet, and leave it out, where there is no room for it beside the first one."""
        if which and self.blocks[which] is None and not self._is_wanted():
            self._entrants[which].measurer.leave_out()
            self.left_out.append(which)


def measured(ensemble: Ensemble, amounts: Sequence[Amount]) -> Sequence[Block]:
    """Go through an ensemble: starts, first rounds, all other rounds and stops, each in random turns. Its blocks, however they ended.

    Args:
        ensemble: whose hosts are ready.
        amounts: how many rounds and calls each entrant gets, in their order; each is told what the first round took.
    """
    for which in ensemble.shuffled():
        ensemble.make_room(which)
        ensemble.turn(which)
    for which in ensemble.shuffled():
        ensemble.make_room(which)
        ensemble.turn(which)
        amounts[which].first(ensemble.took_s(which), ensemble.most_calls(which))
    for which in _in_turn(ensemble, [each.rounds for each in amounts]):
        calls = amounts[which].calls
        ensemble.turn(which, calls, amounts[which].untimed)
        amounts[which].warm(ensemble.took_s(which))
    return finished(ensemble)


def finished(ensemble: Ensemble) -> Sequence[Block]:
    """Let all that are left stop their strategies and leave, in the order of the entrants: what comes first keeps its results for others."""
    began_s = time.monotonic()
    for which in ensemble.alive():
        ensemble.turn(which, calls=0)
    for which in ensemble.alive():
        ensemble.ended(which)
    ensemble.ended_in_s = time.monotonic() - began_s
    return [block for block in ensemble.blocks if block is not None]


def _in_turn(ensemble: Ensemble, rounds: Sequence[int]) -> Iterator[int]:
    """Whose turn it is, until each had so many."""
    for order in passes(rounds, ensemble.rng):
        yield from order


def passes(rounds: Sequence[int], rng: Random) -> Iterator[list[int]]:
    """The turns of entrants that have so many each: passes over all of them, in random order and then the other way round.

    So of two each is before the other as often, and what drifts meanwhile befalls both alike. Who has fewer than others has them
    evenly spread over the passes.
    """
    count, order = max(rounds, default=0), list(range(len(rounds)))
    for number in range(count):
        if number % 2:
            order.reverse()
        else:
            rng.shuffle(order)
        yield [each for each in order if (number + 1) * rounds[each] // count > number * rounds[each] // count]

"""A suite in both arms of a gate: pair after pair, each of all benchmarks that are not decided, until all are or the time is over."""

import math
from collections.abc import Iterator, Mapping, Sequence
from random import Random

from bench.measure.engine.check_session import Decider, Shortage, shortage_of
from bench.measure.engine.time_limit import TimeLimit
from bench.measure.plan.version import Version
from bench.records.block import Block
from bench.suites.pair import Pair
from bench.suites.process import Place
from bench.suites.visits import passes


class SuiteSession:
    """The benchmarks that both arms have, and how far they are."""

    def __init__(
        self,
        first: Pair,
        places: Sequence[Place],
        tests: Mapping[str, str],
        limit: TimeLimit,
        decider: Decider,
        rng: Random,
        version: Version,
        limit_s: float,
    ) -> None:
        """Nothing is measured yet.

        Args:
            first: a pair that has collected; it is measured next, and left then.
            places: the arms.
            tests: the ids of the benchmarks by the keys of their cases, in the order of the suite.
            limit: the time there is.
            decider: of each case.
            rng: of orders and layouts.
            version: what every pair has to be of.
            limit_s: how long collecting may take, and one benchmark.
        """
        self._first = first
        self._places = places
        self._tests = tests
        self._limit = limit
        self._decider = decider
        self._rng = rng
        self._version = version
        self._limit_s = limit_s
        self._began_in_s = first.began_in_s
        self._took_s: dict[str, float] = {}
        self._pairs = dict.fromkeys(tests, 0)
        self._number = 0

    @property
    def undecided(self) -> list[str]:
        """The keys of the cases that more pairs may decide."""
        return [each for each in self._tests if not self._decider.is_decided(each)]

    @property
    def shortage(self) -> Shortage | None:
        """How the time is too short for verdicts on all cases; None where it is not, or where that is not known yet."""
        undecided = self.undecided
        if not undecided or not all(each in self._took_s for each in undecided):
            return None
        pair_s = self._began_in_s + math.fsum(self._took_s[each] for each in undecided)
        there, least = min(self._pairs[each] for each in undecided), self._decider.fewest
        return shortage_of(there, least, pair_s, self._limit)

    def replay(self, blocks: Sequence[Block]) -> None:
        """Go on where these blocks end."""
        for block in blocks:
            self._learn(block)

    def blocks(self) -> Iterator[Block]:
        """Block after block, those of a pair next to each other.

        Raises:
            EditedError: if the version is another one.
            MeasurementError: if a process does not come so far that it measures.
        """
        pair: Pair | None = self._first
        while pair is not None:
            with pair:
                tests = [(each, self._tests[each]) for each in self._fitting(self._limit.left_s)]
                for both in pair.blocks(tests, self._has_time):
                    self._version.check()
                    for block in both:
                        self._learn(block)
                        yield block
            pair = self._next()

    def _next(self) -> Pair | None:
        """Another pair, where one is wanted and there is time for it."""
        if not self._fitting(self._limit.left_s - self._began_in_s):
            return None
        self._version.check()
        pair = Pair(self._places, self._number, self._rng, self._limit_s)
        self._began_in_s = pair.began_in_s
        return pair

    def _fitting(self, left_s: float) -> list[str]:
        """The undecided cases that there is time for, in the order of the suite; all of them where none was measured yet."""
        if not any(self._pairs.values()):
            return self.undecided
        found = []
        for key in self.undecided:
            took_s = self._took_s.get(key, 0.0)
            if took_s <= left_s:
                found.append(key)
                left_s -= took_s
        return found

    def _has_time(self, key: str, is_first: bool) -> bool:
        """Whether there still is time for a visit of a benchmark in both arms, its first in the pair or another."""
        if is_first and not any(self._pairs.values()):
            return True
        return self._limit.left_s > self._took_s.get(key, 0.0) / passes(len(self._tests))

    def _learn(self, block: Block) -> None:
        key = block.case
        if block.arm == self._places[0].arm:
            self._took_s[key] = 0.0
        else:
            self._pairs[key] += 1
        self._took_s[key] += block.whole.wall_s if block.whole else 0.0
        self._number = max(self._number, block.repetition + 1)
        self._decider.add(block)

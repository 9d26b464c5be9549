"""A pair: a process of pytest in each arm of a gate, which run the same benchmarks by turns and never at once.

Both are alive together, so that what the machine does meanwhile befalls both: times of the two arms are taken next to each other,
and not a whole suite apart. Both get the same luck with hashes of strings, the place of the stack and addresses, and each pair another
(as `bench.measure.engine.ensemble` has it).
"""

import time
from collections.abc import Callable, Iterator, Sequence
from itertools import product
from random import Random
from types import TracebackType
from typing import Self

from bench.measure.wire.requests import BlockSettings
from bench.records.block import Block, Outcome
from bench.suites.process import Collected, Place, SuiteProcess
from bench.suites.visits import MOST_S, Visit, Visits, passes, visit_of

_SEEDS = 1 << 32
"""PYTHONHASHSEED is below it."""
_ENDED = (Outcome.KILLED, Outcome.TIMED_OUT)
"""What comes of a benchmark in which its process has ended."""


class Pair:
    """Two processes, for as long as the context lasts."""

    def __init__(self, places: Sequence[Place], number: int, rng: Random, limit_s: float) -> None:
        """Start them, and wait until both have collected.

        Args:
            places: the arms.
            number: of the pair, the repetition of its blocks.
            rng: of orders and layouts.
            limit_s: how long collecting may take, and one visit of a benchmark.

        Raises:
            MeasurementError: where one does not come so far.
            Interrupted: if the command is.
        """
        self._number = number
        self._rng = rng
        self._limit_s = limit_s
        self._processes: list[SuiteProcess] = []
        began_s = time.monotonic()
        layout = BlockSettings(layout=rng.randrange(_SEEDS)).environment
        try:
            for place in rng.sample(places, len(places)):
                self._processes.append(SuiteProcess(place, MOST_S, layout))
            arms = [each.arm for each in places]
            self._processes.sort(key=lambda each: arms.index(each.arm))
            self.collected: list[Collected] = [each.collected(limit_s) for each in self._processes]
            """What each arm has."""
        except BaseException as error:
            self.__exit__(type(error), error, None)
            raise
        self._collected_s = time.monotonic()
        self.began_in_s = self._collected_s - began_s
        """How long both took to collect, seconds."""

    def blocks(
        self, tests: Sequence[tuple[str, str]], has_time: Callable[[str, bool], bool] = lambda _, __: True
    ) -> Iterator[list[Block]]:
        """The two blocks of each benchmark, as soon as both are there. Where a process ends, what comes after has none.

        Args:
            tests: the benchmarks in their order, each a case's key and the id of the test.
            has_time: asked before each visit whether there is time for it, with the key and whether it is the first.

        Raises:
            Interrupted: if the command is.
        """
        for process in self._processes:
            process.send(wanted=[test for _, test in tests] * passes(len(tests)))
        visits = {key: Visits() for key, _ in tests}
        for key in self._finished(tests, visits, has_time):
            blanks = [Block(key, self._number, Outcome.FAILED, arm=each.arm) for each in self._processes]
            yield visits[key].blocks(blanks)

    def _finished(
        self, tests: Sequence[tuple[str, str]], visits: dict[str, Visits], has_time: Callable[[str, bool], bool]
    ) -> Iterator[str]:
        """Visit them, pass after pass; the key of each after its last visit."""
        last = passes(len(tests)) - 1
        begun: list[str] = []
        for number, (key, test) in product(range(last + 1), tests):
            if not visits[key].are_wanted:
                if not self._skip(test):
                    break
                continue
            if not has_time(key, number == 0):
                break
            both = self._visit(test)
            visits[key].add(both)
            begun += [] if key in begun else [key]
            if any(each.outcome in _ENDED for each in both):
                break
            if number == last or not visits[key].are_wanted:
                begun.remove(key)
                yield key
        yield from begun

    def _skip(self, test: str) -> bool:
        """Whether both came to a benchmark, and leave it out."""
        came = [each.skip(test, self._limit_s) for each in self._processes]
        return all(came)

    def _visit(self, test: str) -> list[Visit]:
        """What comes of a benchmark in both, in the order of the arms; which is first is by chance."""
        made = {each.arm: self._turn(each, test) for each in self._rng.sample(self._processes, len(self._processes))}
        return [made[each.arm] for each in self._processes]

    def _turn(self, process: SuiteProcess, test: str) -> Visit:
        began_s = time.monotonic()
        at_s = began_s - self._collected_s
        try:
            told = process.run(test, self._limit_s)
        except TimeoutError:
            process.kill()
            why = f"it still lasted after {self._limit_s:g} s: give it a longer --time-limit"
            return Visit(at_s, time.monotonic() - began_s, Outcome.TIMED_OUT, why)
        took_s = time.monotonic() - began_s
        if told is None:
            return Visit(at_s, took_s, Outcome.KILLED, f"pytest {process.ending()}")
        return visit_of(told, at_s, took_s)

    def close(self) -> None:
        """Let both leave, or end them where they do not."""
        for process in self._processes:
            process.leave()
        for process in self._processes:
            process.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if error is not None:
            for process in self._processes:
                process.kill()
        self.close()

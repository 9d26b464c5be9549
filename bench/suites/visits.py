"""Visits of a benchmark: each time that pytest ran it in one process, and the blocks that those of a pair make.

The two processes of a pair run a short benchmark several times by turns, so that times of both are taken next to each other: the
machine of others changes its speed within seconds.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from bench.facts.validity import inconsistency
from bench.plugins.names import sanitized
from bench.records.block import Block, Outcome
from bench.records.use import Window
from bench.suites.process import Told

PASSES = 4
"""Over all benchmarks at the most, in each process."""
_PAIR_S = 4.0
"""Of all visits of a pair, as long as that is a pass at least: starting its processes takes about a second."""
MOST_S = 0.05
"""Of the rounds of a visit, where the suite says no less: all together as long as the rounds of a gate's block."""
_AGAIN_S = 0.2
"""A visit that takes longer is the only one."""

Round = tuple[int, float]
"""Its calls and its seconds."""


@dataclass(frozen=True, slots=True)
class Visit:
    """A benchmark that was run once in one process."""

    at_s: float
    """When it began, since the processes of its pair had collected."""
    took_s: float
    """All of it, with fixtures and calibration."""
    outcome: Outcome
    reason: str = ""
    rounds: Sequence[Round] = ()


def passes(benchmarks: int) -> int:
    """How often the processes of a pair go through so many benchmarks."""
    return max(1, min(PASSES, int(_PAIR_S / (2 * MOST_S * max(1, benchmarks)))))


def visit_of(told: Told, at_s: float, took_s: float) -> Visit:
    """What a process has said of a benchmark that has ended."""
    if told.outcome == "ok" and not told.rounds:
        return Visit(at_s, took_s, Outcome.FAILED, "pytest-benchmark has no times of it")
    return Visit(at_s, took_s, Outcome(told.outcome), sanitized(told.reason), told.rounds)


class Visits:
    """Those of one benchmark in both processes of a pair, a visit of each at a time."""

    def __init__(self) -> None:
        """None yet."""
        self._both: list[Sequence[Visit]] = []

    def add(self, both: Sequence[Visit]) -> None:
        """Take the next visits, in the order of the arms."""
        self._both.append(both)

    @property
    def are_wanted(self) -> bool:
        """Whether there are to be more: those that were there went well, and were short."""
        return all(each.outcome is Outcome.OK and each.took_s <= _AGAIN_S for both in self._both for each in both)

    def blocks(self, blanks: Sequence[Block]) -> list[Block]:
        """The record of each arm.

        The first visits say how it went; of later ones those count that went well in both arms, because a test may be made to run
        once. Where a process has ended in one of them, that is what came of it.
        """
        last = self._both[-1]
        is_whole = not any(each.outcome in (Outcome.KILLED, Outcome.TIMED_OUT) for each in last)
        first = self._both[0] if is_whole else last
        if any(each.outcome is not Outcome.OK for each in first):
            return [_without_times(blank, each) for blank, each in zip(blanks, first, strict=True)]
        good = [both for both in self._both if all(each.outcome is Outcome.OK for each in both)]
        alike = [_alike(both) for both in good]
        return [_block(blank, [both[number] for both in alike]) for number, blank in enumerate(blanks)]


def _alike(both: Sequence[Visit]) -> list[Visit]:
    """Two visits with as many rounds each, so that each round of one arm has one of the other beside it."""
    count = min(len(each.rounds) for each in both)
    return [replace(each, rounds=regrouped(each.rounds, count)) for each in both]


def regrouped(rounds: Sequence[Round], count: int) -> list[Round]:
    """So many rounds of these, at least one and no more than there are: neighbours are put together, as many to each."""
    edges = [len(rounds) * number // count for number in range(count + 1)]
    parts = [rounds[first:end] for first, end in pairwise(edges)]
    return [(sum(calls for calls, _ in part), sum(wall_s for _, wall_s in part)) for part in parts]


def _without_times(blank: Block, visit: Visit) -> Block:
    return replace(blank, outcome=visit.outcome, reason=visit.reason, whole=Window(visit.at_s, visit.took_s))


def _block(blank: Block, visits: Sequence[Visit]) -> Block:
    rounds = [each for visit in visits for each in visit.rounds]
    made = replace(
        blank,
        outcome=Outcome.OK,
        calls=[calls for calls, _ in rounds],
        rounds=[window for visit in visits for window in _windows(visit)],
        whole=Window(visits[0].at_s, sum(each.took_s for each in visits)),
    )
    wrong = inconsistency(made)
    return replace(blank, reason=f"pytest-benchmark's times make no sense: {wrong}") if wrong else made


def _windows(visit: Visit) -> Iterator[Window]:
    at_s = visit.at_s
    for _, wall_s in visit.rounds:
        yield Window(at_s, wall_s)
        at_s += wall_s

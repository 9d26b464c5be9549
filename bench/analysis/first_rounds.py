"""The first rounds of a gate's pairs: what is compared where warm ones come from a cache, and worth a word elsewhere."""

import statistics
from collections.abc import Iterator, Sequence

from bench.facts import caching
from bench.quantities import elapsed_call_s
from bench.records.block import Block
from bench.units import seconds

REASON = "the first rounds are compared, because later ones look results up in a cache"
_MOST_APART = 2.0
"""How much more, or less, first rounds may have changed than warm ones without a word: there are few of them."""
_LEAST_S, _FEWEST = 1e-3, 3
"""By how much at the least, and of how many pairs."""
_MOST_LEFT, _LEAST_LEFT_S, _FEWEST_TO_TELL = 3.0, 5e-3, 2
"""How many times as long the first process of all may take for its first round as later ones, which find its files in
memory; by how much at the least, because a neighbour slows down what is short; and how many pairs it takes to tell."""


class FirstRounds:
    """What the first and the warm rounds of the cases of a gate took."""

    def __init__(self, arms: Sequence[str]) -> None:
        """Of no pair yet; `arms` are the names of the base and the head."""
        self._arms = arms
        self._cached: dict[str, list[str]] = {}
        self._first_s: dict[tuple[str, str], list[float]] = {}
        self._warm_s: dict[tuple[str, str], list[float]] = {}
        self._faster_warm: set[str] = set()
        self._are_looked_into: set[str] = set()

    def add(self, base: Block, head: Block) -> tuple[Block, Block]:
        """Count a pair; give back what is compared of it.

        The first pair of a case says whether its results come from a cache. It is enough that those of one arm do: first
        rounds are then all that the two have in common.
        """
        if arms := [each.arm for each in (base, head) if caching.are_looked_up(each.repeats)]:
            self._cached.setdefault(base.case, arms)
        for each in (base, head):
            if each.warm_rounds:
                self._first_s.setdefault((each.case, each.arm), []).append(_first_call_s(each))
                self._warm_s.setdefault((each.case, each.arm), []).append(elapsed_call_s(each))
            if each.repeats is not None:
                self._are_looked_into.add(each.case)
            if caching.is_faster_warm(each):
                self._faster_warm.add(each.case)
        if base.case not in self._cached:
            return base, head
        return caching.of_first_round(base), caching.of_first_round(head)

    def are_compared(self, case: str) -> bool:
        """Whether the first rounds of a case are compared."""
        return case in self._cached

    def notes(self, case: str, name: str) -> Iterator[str]:
        """What a reader has to know of a case."""
        if any((case, arm) not in self._first_s for arm in self._arms):
            return
        first_s, warm_s = (
            [statistics.median(known[case, arm]) for arm in self._arms] for known in (self._first_s, self._warm_s)
        )
        took = _in_both(first_s)
        if arms := self._cached.get(case):
            whose = "" if len(arms) == 2 else f" of the {arms[0]}"
            yield (
                f"{name}: results{whose} come from a cache, so the first rounds are compared, {took}; in warm ones, "
                f"{seconds(warm_s[0])} and {seconds(warm_s[1])}, some or all are only looked up; to compare warm rounds that do "
                "the work, use --fresh-inputs, or empty the cache in the function"
            )
            return
        if case in self._faster_warm and len(self._first_s[case, self._arms[0]]) >= _FEWEST:
            apart = (first_s[1] / first_s[0]) / (warm_s[1] / warm_s[0])
            is_small = abs(first_s[1] - first_s[0]) < _LEAST_S or 1 / _MOST_APART < apart < _MOST_APART
            if not is_small:
                yield f"{name}: first rounds took {took}; the verdict is of the warm rounds after them"
        if case in self._are_looked_into:
            yield from self._left(case, name)

    def _left(self, case: str, name: str) -> Iterator[str]:
        """That the very first processes had to do what later ones found done."""
        of_arms = [self._first_s[case, arm] for arm in self._arms]
        if min(map(len, of_arms)) < _FEWEST_TO_TELL:
            return
        very_first_s = [each[0] for each in of_arms]
        later_s = [statistics.median(each[1:]) for each in of_arms]
        if any(
            one_s > _MOST_LEFT * each_s and one_s - each_s > _LEAST_LEFT_S
            for one_s, each_s in zip(very_first_s, later_s, strict=True)
        ):
            yield (
                f"{name}: the first process of all took {_in_both(very_first_s)} for its first round, and later ones "
                f"{_in_both(later_s)}: it left them something, on disk perhaps; if that is results, the verdict is of looking "
                "them up: empty it in the function"
            )


def _first_call_s(block: Block) -> float:
    """The first call of the first round, if all others in it took as long as those of warm rounds."""
    wall_s, calls = block.rounds[0].wall_s, block.calls[0]
    return max(wall_s - (calls - 1) * elapsed_call_s(block), wall_s / calls)


def _in_both(values_s: Sequence[float]) -> str:
    return f"{seconds(values_s[0])} in the base and {seconds(values_s[1])} in the head"

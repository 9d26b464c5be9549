"""The first rounds of a gate's pairs: what is compared where warm ones come from a cache, and worth a word elsewhere."""

import statistics
from collections.abc import Iterator

from bench import caching
from bench.model import Block
from bench.units import seconds

REASON = "the first rounds are compared, because later ones look results up in a cache"
_MOST_ALIKE = 2.0
"""How far first rounds of two arms may be apart without a word: they are few, and cold."""
_FEWEST = 3


class FirstRounds:
    """What the first and the warm rounds of the cases of a gate took."""

    def __init__(self) -> None:
        """Of no pair yet."""
        self._cached: dict[str, list[str]] = {}
        self._first_s: dict[tuple[str, str], list[float]] = {}
        self._warm_s: dict[tuple[str, str], list[float]] = {}
        self._faster_warm: set[str] = set()

    def add(self, base: Block, head: Block) -> tuple[Block, Block]:
        """Count a pair; give back what is compared of it.

        The first pair of a case says whether its results come from a cache. It is enough that those of one arm do: first
        rounds are then all that the two have in common.
        """
        if arms := [each.arm for each in (base, head) if caching.are_looked_up(each.repeats)]:
            self._cached.setdefault(base.case, arms)
        for each in (base, head):
            if each.warm_rounds:
                self._first_s.setdefault((each.case, each.arm), []).append(each.rounds[0].wall_s)
                self._warm_s.setdefault((each.case, each.arm), []).append(caching.warm_round_s(each))
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
        first_s, warm_s = (
            [known.get((case, arm), []) for arm in ("base", "head")] for known in (self._first_s, self._warm_s)
        )
        if not all(first_s):
            return
        base_s, head_s = map(statistics.median, first_s)
        took = f"{seconds(base_s)} in the base and {seconds(head_s)} in the head"
        if arms := self._cached.get(case):
            base, head = (seconds(statistics.median(each)) for each in warm_s)
            whose = "" if len(arms) == 2 else f" of the {arms[0]}"
            yield (
                f"{name}: results{whose} come from a cache, so the first rounds are compared, {took}; warm rounds, {base} "
                f"and {head}, only look results up: to compare warm ones, use --fresh-inputs, or empty the cache in the function"
            )
        elif (
            case in self._faster_warm
            and len(first_s[0]) >= _FEWEST
            and not 1 / _MOST_ALIKE < head_s / base_s < _MOST_ALIKE
        ):
            yield f"{name}: first rounds took {took}; the verdict is of the warm rounds after them"

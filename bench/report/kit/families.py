"""The family of a strategy, which is its colour in every chart, and its place in the family, which is its marker.

The four families are a plain loop, threads, processes and event loops (`async`); interpreters have a colour of their own, and
so have strategies that are not built in, of which a run file holds the name alone. A family follows from what the
strategy's decorator declares (its `isolation`, and whether it provides an `event_loop`), so nothing here names a strategy.
"""

from collections.abc import Iterable, Mapping
from enum import StrEnum
from functools import cache
from zlib import crc32

from bench.analysis.groups import Group
from bench.plugins import registry, sources
from bench.strategies import BUILT_IN


class Family(StrEnum):
    """What executes the work; the value is what people call it. In the order in which they are shown."""

    LOOP = "a plain loop"
    THREADS = "threads"
    PROCESSES = "processes"
    ASYNC = "asyncio"
    INTERPRETERS = "interpreters"
    OTHER = "others"


_OF_ISOLATION = {
    "none": Family.LOOP,
    "thread": Family.THREADS,
    "process": Family.PROCESSES,
    "interpreter": Family.INTERPRETERS,
}


def family(strategy: str) -> Family:
    """The family of a strategy by its name; `OTHER` where it is not built in."""
    return _places()[strategy][0] if strategy in _places() else Family.OTHER


def is_over_a_loop(group: Group) -> bool:
    """Whether the ratios of a group are to a plain loop."""
    return group.pattern == "map" and family(group.baseline) is Family.LOOP


def by_family(strategies: Iterable[str]) -> list[str]:
    """Strategies with those of a family together, in the order of families."""
    order = list(Family)
    return sorted(strategies, key=lambda each: order.index(family(each)))


def place(strategy: str) -> int:
    """A number that tells a strategy from the others of its pattern and family; by the name where it is not built in."""
    return _places()[strategy][1] if strategy in _places() else crc32(strategy.encode())


@cache
def _places() -> Mapping[str, tuple[Family, int]]:
    """Of each built-in strategy its family, and how many of its pattern and family are before it."""
    for source in BUILT_IN:
        sources.load(source)
    found: dict[str, tuple[Family, int]] = {}
    counts: dict[tuple[str, Family], int] = {}
    for each in registry.strategies.values():
        if each.module in BUILT_IN:
            kind = Family.ASYNC if "event_loop" in each.provides else _OF_ISOLATION.get(each.isolation, Family.OTHER)
            found[each.name] = kind, counts.get((each.pattern, kind), 0)
            counts[each.pattern, kind] = found[each.name][1] + 1
    return found

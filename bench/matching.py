"""What a pattern fits: one meaning for every option, word and marker that names workloads, strategies, faults or cases.

A pattern fits what is called exactly so; where nothing is, what it fits as a shell pattern (`*`, `?`, `[ab]`), as a whole;
and of cases, where nothing does, what has it as a part. So a name chooses what bears it and nothing else, also where it
has brackets in it or is the beginning of another one. Upper and lower case differ. Nothing here knows what a case is.
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from fnmatch import fnmatchcase
from itertools import zip_longest
from typing import TypeVar

Thing = TypeVar("Thing")


def fitting(pattern: str, called: Mapping[Thing, Sequence[Collection[str]]], *, parts: bool = False) -> list[Thing]:
    """The things that a pattern fits, in the order in which they are given.

    Args:
        pattern: a name, or a shell pattern.
        called: the names of each thing, from those that tell it from all others to those that it shares. A pattern
            that is a name means the first kind of which it is one.
        parts: whether it may be a part of a name, where it fits no whole one.
    """
    for kind in zip_longest(*called.values(), fillvalue=()):
        if found := [thing for thing, names in zip(called, kind, strict=True) if pattern in names]:
            return found
    every = {thing: [name for kind in names for name in kind] for thing, names in called.items()}
    found = _having(every, lambda name: fnmatchcase(name, pattern))
    return _having(every, lambda name: pattern in name) if parts and not found else found


def _having(every: Mapping[Thing, Sequence[str]], fits: Callable[[str], bool]) -> list[Thing]:
    """The things of whose names one fits."""
    return [thing for thing, names in every.items() if any(map(fits, names))]


def nearest(pattern: str, names: Iterable[str]) -> list[str]:
    """All of the names, each once, those that are written most like a pattern first."""
    from difflib import SequenceMatcher  # only on this path: the help must start fast

    return sorted(sorted(set(names)), key=lambda name: -SequenceMatcher(None, pattern, name).ratio())

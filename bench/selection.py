"""How things are chosen by their names from what is there, and what is said where nothing fits.

What a pattern fits, `bench.matching` decides; what a case is called, `bench.naming`.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from bench.errors import UnknownNameError
from bench.matching import fitting, nearest
from bench.naming import CaseName
from bench.sentences import first_of

Known = TypeVar("Known")
_MOST_NAMED = 5


def chosen(kind: str, known: Mapping[str, Known], wanted: Sequence[str]) -> list[Known]:
    """The known ones that a wanted name or pattern fits, each once, in the order wanted; all where none is wanted.

    Raises:
        UnknownNameError: for a pattern that fits none; `kind` says what they are.
    """
    called = {name: [[name]] for name in known}
    found: dict[str, None] = {}
    for pattern in wanted or ["*"]:
        matching = fitting(pattern, called)
        if not matching:
            raise UnknownNameError(kind, pattern, known)
        found |= dict.fromkeys(matching)
    return [known[name] for name in found]


@dataclass(frozen=True, slots=True)
class Wanted:
    """Patterns of the cases that are wanted; where there are none of a kind, all are."""

    cases: Sequence[str] = ()
    workloads: Sequence[str] = ()
    """What another tool measured is of no workload and no strategy."""
    strategies: Sequence[str] = ()

    def __str__(self) -> str:
        """The options that ask for it."""
        told = (("--case", self.cases), ("--workload", self.workloads), ("--strategy", self.strategies))
        return " ".join(f"{option} {','.join(patterns)}" for option, patterns in told if patterns)

    def of(self, cases: Collection[CaseName]) -> set[str]:
        """The keys of those that are wanted. Names of one case that differ, as several runs have them, all count."""
        keys = {each.key for each in cases}
        if self.cases:
            keys &= {key for pattern in self.cases for key in fitting_cases(pattern, cases)}
        for patterns, names in (
            (self.workloads, {each.key: each.workload for each in cases}),
            (self.strategies, {each.key: each.strategy for each in cases}),
        ):
            if patterns:
                called = {name: [[name]] for name in names.values() if name}
                fit = {name for pattern in patterns for name in fitting(pattern, called)}
                keys &= {key for key, name in names.items() if name in fit}
        return keys


def fitting_cases(pattern: str, cases: Iterable[CaseName]) -> list[str]:
    """The keys of the cases that a pattern fits: by key, by name, without its workers, or by workload."""
    called: dict[str, list[set[str]]] = {}
    for each in cases:
        kinds = called.setdefault(each.key, [set() for _ in each.callings])
        for known, names in zip(kinds, each.callings, strict=True):
            known.update(names)
    return fitting(pattern, called, parts=True)


def nearest_named(patterns: Sequence[str], names: Iterable[str]) -> str:
    """Some names of what is there, in a sentence, for who has asked for what is not."""
    return first_of(nearest(" ".join(patterns), names), _MOST_NAMED) or "none"

"""How things are chosen by their names from what is there, and what is said where nothing fits.

What a pattern fits, `bench.matching` decides; what a case is called, `bench.naming`.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import TypeVar

from bench.errors import UnknownNameError
from bench.matching import fitting, nearest
from bench.naming import CaseName
from bench.sentences import first_of

Known = TypeVar("Known")
_MOST_NAMED = 5
NO_ALIASES: Mapping[str, str] = MappingProxyType({})


def chosen(
    kind: str, known: Mapping[str, Known], wanted: Sequence[str], aliases: Mapping[str, str] = NO_ALIASES
) -> list[Known]:
    """The known ones that a wanted name or pattern fits, each once, in the order wanted; all where none is wanted.

    Args:
        kind: what they are.
        known: by their names.
        wanted: names, patterns or aliases.
        aliases: what else some are asked for by, whatever the case, and the names of these.

    Raises:
        UnknownNameError: for a pattern that fits none.
    """
    called = {name: [[name]] for name in known}
    meant = {alias.casefold(): name for alias, name in aliases.items()}
    found: dict[str, None] = {}
    for pattern in wanted or ["*"]:
        alias = meant.get(pattern.casefold())
        matching = fitting(pattern, called) or ([] if alias is None else [alias])
        if not matching:
            raise UnknownNameError(kind, pattern, [*known, *aliases])
        found |= dict.fromkeys(matching)
    return [known[name] for name in found]


@dataclass(frozen=True, slots=True)
class CaseFilter:
    """Patterns of the cases that are wanted, of each kind; where there are none of a kind, it leaves all."""

    cases: Sequence[str] = ()
    workloads: Sequence[str] = ()
    """What another tool measured is of no workload and no strategy."""
    strategies: Sequence[str] = ()

    def __str__(self) -> str:
        """The options that ask for it."""
        told = (("--workload", self.workloads), ("--strategy", self.strategies))
        own = [f"--case {pattern}" for pattern in self.cases]  # whose names may have commas in them
        return " ".join(own + [f"{option} {','.join(patterns)}" for option, patterns in told if patterns])

    def kept(self, cases: Collection[CaseName]) -> set[str]:
        """The keys of the cases that it leaves. Names of one case that differ, as several runs have them, all count."""
        keys = {each.key for each in cases}
        workloads = {each.key: [[each.workload]] if each.workload else [] for each in cases}
        strategies = {each.key: [[each.strategy]] if each.strategy else [] for each in cases}
        for patterns, called in ((self.workloads, workloads), (self.strategies, strategies)):
            if patterns:
                keys &= {key for pattern in patterns for key in fitting(pattern, called)}
        if self.cases:
            keys &= {key for pattern in self.cases for key in fitting_cases(pattern, cases)}
        return keys

    def nearest(self, cases: Iterable[CaseName]) -> str:
        """Some names of cases in a sentence, for who has asked for what is not there."""
        return nearest_named((*self.cases, *self.workloads, *self.strategies), cases)


def fitting_cases(pattern: str, cases: Iterable[CaseName]) -> list[str]:
    """The keys of the cases that a pattern fits: by key, by name, without its workers, or by workload."""
    called: dict[str, list[set[str]]] = {}
    for each in cases:
        kinds = called.setdefault(each.key, [set() for _ in each.callings])
        for known, names in zip(kinds, each.callings, strict=True):
            known.update(names)
    return fitting(pattern, called, parts=True)


def nearest_named(patterns: Sequence[str], cases: Iterable[CaseName]) -> str:
    """The names of cases that are written most like patterns that fit none, in a sentence."""
    return first_of(nearest(" ".join(patterns), (each.name for each in cases)), _MOST_NAMED) or "none"

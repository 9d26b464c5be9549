"""What kind of work a group of cases does: what people ask about, by its pattern, what limits it, and how much data it moves.

The pattern says most. A map is told apart by what was measured, not by its name, so a user's own function has a kind too:
how much of a core its base used, what went through pipes, and whether threads made it faster.
"""

from collections.abc import Callable, Iterable
from enum import StrEnum

from bench.analysis.groups import Group
from bench.analysis.standing import standing
from bench.analysis.summary import Summary
from bench.facts.waiting import WAITS_BELOW, gives_way
from bench.quantities import SWITCHES


class Kind(StrEnum):
    """Kinds of work, in the order in which they are answered."""

    WAITING = "waiting"
    """A map whose tasks leave the CPU idle: downloads, sleeps."""
    MIXED = "mixed"
    """A map whose tasks wait and compute."""
    PYTHON = "python"
    """A map limited by the CPU that processes speed up and threads do not, under a GIL."""
    NATIVE = "native"
    """A map limited by the CPU that threads speed up, under a GIL: C code that releases it, such as numpy's."""
    COMPUTING = "computing"
    """A map limited by the CPU of which nobody knows more."""
    LARGE_DATA = "large data"
    """A map whose tasks take or give so much that moving it to processes counts."""
    MESSAGES = "messages"
    STATE = "state"
    LOCKS = "locks"
    SERVERS = "servers"
    STARTS = "starts"
    OTHER = "other"
    """Of a pattern that has no kind of its own."""


COMPUTES_ABOVE = 0.8
"""Of a core: a base that uses more is limited by the CPU."""
LARGE_BYTES = 100_000
"""Bytes a task that a strategy writes more than the base: it takes 50 µs and more to pickle, send and read them."""
_OF_PATTERN = {
    "stream": Kind.MESSAGES,
    "share": Kind.STATE,
    "sync": Kind.LOCKS,
    "serve": Kind.SERVERS,
    "start": Kind.STARTS,
}


def kind_of(group: Group) -> Kind:
    """The kind of a group's work; where nobody knows whether there was a GIL, that counts as none."""
    if group.pattern != "map":
        return _OF_PATTERN.get(group.pattern, Kind.OTHER)
    if _bytes_a_task(group) >= LARGE_BYTES:
        return Kind.LARGE_DATA
    return _limited_by(group) or (_computing(group) if group.gil else Kind.COMPUTING)


def in_threads(case: Summary) -> bool:
    """Whether the workers of a case are threads of one process, by the name of its strategy: all built-in ones say so in it."""
    return "thread" in case.case.strategy


def has_several_workers(case: Summary) -> bool:
    """Whether it has; a strategy that takes no number has as many as tasks."""
    return case.case.workers is None or case.case.workers > 1


def _limited_by(group: Group) -> Kind | None:
    """Whether it waits; None where the CPU limits it. What was measured counts before what the workload states."""
    bases = [each for each in group.cases if each.is_base]
    used = [each.cost.cores_used for each in bases if each.cost.cores_used is not None]
    if not used:
        return Kind.WAITING if group.work.bound == "io" else None
    if not all(gives_way(each.cost[SWITCHES.name], each.tasks) for each in bases):
        return None
    if min(used) < WAITS_BELOW:
        return Kind.WAITING
    return Kind.MIXED if min(used) < COMPUTES_ABOVE and group.work.bound != "cpu" else None


def _computing(group: Group) -> Kind:
    if _is_faster(group.ranked, in_threads):
        return Kind.NATIVE
    tried = any(in_threads(each) and has_several_workers(each) for each in group.ranked)
    if tried and _is_faster(group.ranked, lambda each: not in_threads(each)):
        return Kind.PYTHON
    return Kind.COMPUTING


def _is_faster(cases: Iterable[Summary], chosen: Callable[[Summary], bool]) -> bool:
    return any(standing(each) == "faster" for each in cases if chosen(each))


def _bytes_a_task(group: Group) -> float:
    """The most that a strategy writes for a task beyond what the base does: what it hands to processes and back."""
    base = min((each.cost["written_bytes"] or 0.0 for each in group.ranked if each.is_base), default=0.0)
    return max(
        (((each.cost["written_bytes"] or 0.0) - base) / each.tasks for each in group.ranked if each.tasks), default=0.0
    )

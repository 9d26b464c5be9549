"""Runs as `compare` and `history` see them, whichever tool stored them: values by case, and where they were measured."""

import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from bench.errors import UsageError
from bench.naming import CaseName
from bench.quantities import COMPARED, TIME
from bench.selection import CaseFilter
from bench.units import counted

MUST_BE_EQUAL = ("cpu", "cores", "quota", "python", "build", "gil", "start method", "governor")
"""Facts that decide how fast code is: where both sides state one and it differs, times of the two say nothing."""


@dataclass(frozen=True, slots=True)
class StoredCase:
    """The values of one case."""

    key: str
    """The same text in every run that measured the case; another tool's own name of the benchmark."""
    name: str
    """For people: what tells it from the other cases of its run."""
    values: dict[str, list[list[float]]]
    """By quantity (`bench.quantities.COMPARED`): for each block, which is a process, its warm values in the quantity's
    unit; of times those of all rounds, of others one value."""
    trouble: str = ""
    """Why it has no values: how its blocks ended, in one line."""
    limits: str = ""
    """What its values leave out, in one line: such as that only a mean was stored."""
    unknown: dict[str, str] = field(default_factory=dict)
    """Why it lacks a quantity that others have, by the quantity."""
    workload: str = ""
    """Empty where another tool measured it."""
    strategy: str = ""
    elapsed_s: list[list[float]] = field(default_factory=list)
    """Its times by the clock, where `values` has them without what rounds waited for a CPU that others used; else empty."""
    version: str = ""
    """Of the benchmark's own code, where its tool says: what has two of them is other work."""
    kind: str = ""
    """What the benchmark is of and has no other quantity than, where its tool has benchmarks of each; else empty."""

    @property
    def named(self) -> CaseName:
        """What it is known by."""
        return CaseName(self.key, self.name, self.workload, self.strategy)


@dataclass(frozen=True, slots=True)
class StoredRun:
    """One stored run."""

    label: str
    """The file's name, without its folder."""
    path: Path
    tool: str
    """Such as `concurrency-bench 0.5.0` or `pytest-benchmark 3.2.2`; the name alone where the file has no version."""
    at_utc: str
    """When it was measured, ISO 8601; empty where the file does not say."""
    commit: str
    """Of the code that was measured; empty where the file does not say, and with a `+` where it had changes."""
    facts: dict[str, str]
    """Where it was measured, as text: `cpu`, `cores`, `quota`, `python`, `build`, `gil`, `start method`, `governor`,
    `os`, `packages`. What the file does not say is left out."""
    cases: list[StoredCase] = field(default_factory=list)
    unequal: str = ""
    """Where its files were measured in unequal environments, if they are several; then its values are no sample."""
    notes: list[str] = field(default_factory=list)
    """What a reader has to know of several files as one sample."""


def unequal_facts(base: Mapping[str, str], head: Mapping[str, str]) -> str:
    """Which of the facts that must be equal are not, in one line; empty where all that both state are equal."""
    return "; ".join(
        f"{name}: {base[name]} and {head[name]}"
        for name in MUST_BE_EQUAL
        if name in base and name in head and base[name] != head[name]
    )


def chosen(runs: Sequence[StoredRun], wanted: CaseFilter) -> list[StoredRun]:
    """The runs, each with those of its cases that are wanted; what fits is decided by the cases of all of them.

    Raises:
        UsageError: if no case of any is wanted.
    """
    cases = [case.named for run in runs for case in run.cases]
    keys = wanted.kept(cases)
    if not cases:
        raise UsageError(f"there is no case in {counted(len(runs), 'run')}")
    if not keys:
        raise UsageError(f"no case of {counted(len(runs), 'run')} fits {wanted}; there are {wanted.nearest(cases)}")
    return [replace(run, cases=[each for each in run.cases if each.key in keys]) for run in runs]


def values_of_blocks(cases: Sequence[StoredCase], quantity: str) -> list[list[float]]:
    """For each of several cases that are set against each other: the middle value of each of its blocks, which may be none.

    Waits for the CPU are taken off the times of all of them or of none, as in the pairs of a check.
    """
    timed = [each for each in cases if each.values.get(quantity)]
    by_the_clock = COMPARED[quantity] is TIME and not all(each.elapsed_s for each in timed)
    return [
        [
            statistics.median(block)
            for block in (each.elapsed_s if by_the_clock and each.elapsed_s else each.values.get(quantity, ()))
            if block
        ]
        for each in cases
    ]

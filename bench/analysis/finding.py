"""What a finding is, and what the rules that make findings are given."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from bench.analysis.summary import Summary
from bench.records.run import Run

Named = Sequence[tuple[str, Summary]]
"""The cases of a run, each with the name it goes by in the report."""


@dataclass(frozen=True, slots=True)
class Finding:
    """A warning about a measurement."""

    code: str
    subject: str
    """What it is about: `workload strategy` or `run`."""
    message: str
    hint: str
    cases: tuple[str, ...] = ()
    """The keys of the cases that it is about; empty where it is about the run."""


Rule = Callable[[Run, Named], Iterator[Finding]]


def by_code(findings: Iterable[Finding]) -> dict[str, list[Finding]]:
    """Findings by their codes, in the order in which the codes come up."""
    found: dict[str, list[Finding]] = {}
    for each in findings:
        found.setdefault(each.code, []).append(each)
    return found

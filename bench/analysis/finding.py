"""What a finding is, and what the rules that make findings are given."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from bench.analysis.summary import Summary
from bench.model import Run

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

"""What a finding is, and what a rule that makes findings is made of: its code, what it means, and how it looks."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from bench.analysis.groups import Group
from bench.analysis.summary import Summary
from bench.records.run import Run

RUN = "run"
"""The subject of a finding that is about the whole run."""


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


@dataclass(frozen=True, slots=True)
class Evidence:
    """What rules look at."""

    run: Run
    groups: Sequence[Group]
    named: Sequence[tuple[str, Summary]]
    """The cases of the run, each with the name it goes by in the report."""


Seen = tuple[str, str, str, tuple[str, ...]]
"""A finding without its code: subject, message, hint, and the keys of its cases."""


@dataclass(frozen=True, slots=True)
class Rule:
    """One code: what it means, in sentences for who looks it up, and the generator that finds it."""

    code: str
    what: str
    """What it says; begins with a small letter and ends without a full stop, to stand in a list."""
    why: str
    """How it is found, with the threshold: the constant that decides, not a number written down again."""
    do: str
    """What a user can do about it, or conclude from it."""
    look: Callable[[Evidence], Iterator[Seen]]

    def findings(self, evidence: Evidence) -> Iterator[Finding]:
        """All of this code, of the cases one by one."""
        for subject, message, hint, cases in self.look(evidence):
            yield Finding(self.code, subject, message, hint, cases)


def rule(code: str, *, what: str, why: str, do: str) -> Callable[[Callable[[Evidence], Iterator[Seen]]], Rule]:
    """Make a `Rule` of the generator below it, which prints nothing and changes no number."""
    return lambda look: Rule(code, what, why, do, look)


def case_rule(
    code: str, *, what: str, why: str, do: str, hint: str
) -> Callable[[Callable[[Summary], str | None]], Rule]:
    """Make a `Rule` of the function below it, which looks at one case: what is found there, or None."""

    def made(message: Callable[[Summary], str | None]) -> Rule:
        def look(evidence: Evidence) -> Iterator[Seen]:
            for name, each in evidence.named:
                if (seen := message(each)) is not None:
                    yield (name, seen, hint, (each.case.key,))

        return Rule(code, what, why, do, look)

    return made


def by_code(findings: Iterable[Finding]) -> dict[str, list[Finding]]:
    """Findings by their codes, in the order in which the codes come up."""
    found: dict[str, list[Finding]] = {}
    for each in findings:
        found.setdefault(each.code, []).append(each)
    return found

"""All that a report shows of one run, loaded and summarised once."""

from dataclasses import dataclass, field
from pathlib import Path

from bench.analysis.across import Across, across
from bench.analysis.findings import findings
from bench.analysis.findings.rule import Finding
from bench.analysis.groups import Group, groups
from bench.analysis.summary import Summary, summarise
from bench.records.run import Run
from bench.store.runs import read


@dataclass(frozen=True, slots=True)
class Results:
    """A run with what the analysis made of it."""

    path: Path
    run: Run
    summaries: list[Summary]
    groups: list[Group]
    findings: list[Finding]
    across: list[Across] = field(default_factory=list)
    """Each work on the interpreters of the plan, where they are several."""


def load_results(path: Path) -> Results:
    """Read and summarise a run file.

    Raises:
        RunFileError: if it is not valid.
    """
    return results_of(path, read(path))


def results_of(path: Path, run: Run) -> Results:
    """Summarise a run that was read from a file."""
    summaries = summarise(run)
    found = groups(summaries)
    beside = across(found, run.header.plan.interpreters)
    return Results(path, run, summaries, found, findings(run, found), beside)

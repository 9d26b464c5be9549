"""All that a report shows of one run, loaded and summarised once."""

from dataclasses import dataclass
from pathlib import Path

from bench.analysis.findings import Finding, findings
from bench.analysis.headline import Headline, headlines
from bench.analysis.summary import Summary, summarise
from bench.model import Run
from bench.store.runs import read


@dataclass(frozen=True, slots=True)
class Results:
    """A run with what the analysis made of it."""

    path: Path
    run: Run
    summaries: list[Summary]
    headlines: list[Headline]
    findings: list[Finding]

    def groups(self) -> list[tuple[Headline, list[Summary]]]:
        """Each workload's headline with its cases, in the order of the plan."""
        return [
            (
                headline,
                [
                    each
                    for each in self.summaries
                    if (each.case.workload, each.case.scale) == (headline.workload, headline.scale)
                ],
            )
            for headline in self.headlines
        ]


def load_results(path: Path) -> Results:
    """Read and summarise a run file.

    Raises:
        RunFileError: if it is not valid.
    """
    run = read(path)
    summaries = summarise(run)
    return Results(path, run, summaries, headlines(summaries), findings(run, summaries))

"""The figures of the tutorials beside what was measured here, line by line."""

from collections.abc import Sequence
from dataclasses import dataclass

from bench import units
from bench.analysis.summary import Summary
from bench.article import CLAIMS, SCALE, Claim
from bench.report.kit import words


@dataclass(frozen=True, slots=True)
class Line:
    """A figure of the tutorials, finished for reading."""

    what: str
    printed: str
    bound: str
    measured: str
    remark: str


HEADINGS = ("the tutorials' example", "printed there", "bound", "measured here", "what to mind")


def lines(summaries: Sequence[Summary]) -> list[Line]:
    """A line for each figure of which the run has the case, at the tutorials' own scale."""
    return [_line(claim, each) for claim in CLAIMS for each in summaries if _is_of(claim, each)]


def _is_of(claim: Claim, summary: Summary) -> bool:
    case = summary.case
    same = (case.workload, case.strategy, case.scale) == (claim.workload, claim.strategy, SCALE)
    return same and claim.workers in (None, case.workers)


def _line(claim: Claim, summary: Summary) -> Line:
    return Line(claim.what, claim.printed, words.bound(summary), _measured(summary), claim.remark)


def _measured(summary: Summary) -> str:
    if summary.wall is None:
        return f"{summary.outcome}: {summary.reason}"
    ratio = "" if summary.speedup is None or summary.is_base else (
        f", {units.ratio(summary.speedup.centre)} as fast as {summary.base_name}"
    )  # fmt: skip
    return f"{units.seconds(summary.wall.centre)}{ratio} (n = {summary.rounds})"

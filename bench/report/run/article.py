"""The figures of the tutorials beside what was measured here, line by line."""

from collections.abc import Sequence

from bench import units
from bench.analysis.summary import Summary
from bench.article import CLAIMS, SCALE, Claim
from bench.report.kit import words
from bench.report.kit.table import Column, Table, texts

_COLUMNS = [
    Column(each, kind="text")
    for each in ("the tutorials' example", "printed there", "bound", "measured here", "what to mind")
]


def table(summaries: Sequence[Summary]) -> Table:
    """A row for each figure of which the run has the case, at the tutorials' own scale."""
    rows = (
        (claim.what, claim.printed, words.bound(each), _measured(each), claim.remark)
        for claim in CLAIMS
        for each in summaries
        if _is_of(claim, each)
    )
    return texts(_COLUMNS, rows, "The tutorials' figures")


def _is_of(claim: Claim, summary: Summary) -> bool:
    case = summary.case
    same = (case.workload, case.strategy, case.scale) == (claim.workload, claim.strategy, SCALE)
    return same and claim.workers in (None, case.workers)


def _measured(summary: Summary) -> str:
    if summary.wall is None:
        return f"{summary.outcome}: {summary.reason}"
    ratio = "" if summary.speedup is None or summary.is_base else (
        f", {units.ratio(summary.speedup.centre)} as fast as {summary.base_name}"
    )  # fmt: skip
    return f"{units.seconds(summary.wall.centre)}{ratio} (n = {summary.rounds})"

"""The tables of a group's cases: their results, and what they cost. Shared by the page, markdown and the terminal."""

from collections.abc import Sequence

from bench.analysis.groups import Group
from bench.analysis.standing import standing
from bench.analysis.summary import Summary
from bench.plugins.names import sanitized
from bench.records.block import Outcome
from bench.report.kit.table import Cell, Column, Row, Table, styled


def results_table(group: Group, columns: Sequence[Column], longest_reason: int | None = None) -> Table:
    """All cases, fastest first, then those without a time and why.

    Args:
        group: the cases.
        columns: after the one with the names.
        longest_reason: letters of a reason that are shown; all by default.
    """
    names = _names(group)
    failed = [
        Row([names.cell(each)], outcome(each, longest_reason), each.case.key, str(each.outcome))
        for each in group.unranked
    ]
    return Table([names, *columns], _rows(group, [names, *columns]) + failed)


def costs_table(group: Group, columns: Sequence[Column]) -> Table:
    """The cases with a time, and the columns that hold something; of the others a sentence."""
    if not group.ranked:
        return Table([], [])
    kept = [column for column in columns if not all(map(column.why, group.ranked))]
    empty: dict[str, list[str]] = {}
    for column in columns:
        if column not in kept:
            reasons = "; ".join(dict.fromkeys(map(column.why, group.ranked)))
            empty.setdefault(reasons, []).append(column.heading)
    notes = [f"Not known of any case: {', '.join(names)} ({reasons})." for reasons, names in empty.items()]
    shown = [_names(group), *kept] if kept else []
    return Table(shown, _rows(group, shown), notes=notes)


def _names(group: Group) -> Column:
    return Column("strategy", lambda each: group.labels[each.case.key], kind="name")


def _rows(group: Group, columns: Sequence[Column]) -> list[Row]:
    return [
        Row([column.cell(each) for column in columns], key=each.case.key, standing=standing(each))
        for each in group.ranked
    ]


def outcome(summary: Summary, longest_reason: int | None = None) -> Cell:
    """The outcome of a case without a time, and its reason."""
    bad = summary.outcome not in (Outcome.OK, Outcome.UNAVAILABLE)
    style = "red" if bad else "yellow" if summary.outcome is Outcome.UNAVAILABLE else ""
    reason = summary.reason if longest_reason is None else sanitized(summary.reason, longest_reason)
    return styled((str(summary.outcome), style), (f": {reason}", ""))

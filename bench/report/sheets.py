"""Tables as finished text: cells, and notes that say why a cell has nothing. Shared by the page, markdown and terminal."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from bench.analysis.groups import Group
from bench.report.column import Column


@dataclass(frozen=True, slots=True)
class Cell:
    """A text, and the note that explains it; 0 where there is nothing to explain."""

    text: str
    note: int = 0
    why: str = ""
    """What the note says."""


@dataclass(frozen=True, slots=True)
class Row:
    """A case."""

    name: str
    cells: list[Cell]
    """Empty where the case has no time."""
    why: str
    """The outcome and reason of a case without a time."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """A table."""

    headings: list[str]
    """Of all columns, the one with the names first."""
    rows: list[Row]
    left_out: list[str]
    """Sentences on columns that would hold nothing."""

    def __bool__(self) -> bool:
        """Whether there is a column beside the names, or a word on why not."""
        return len(self.headings) > 1 or bool(self.left_out)


class Notes:
    """The notes below the tables of a group, numbered from 1 as they come up."""

    def __init__(self) -> None:
        self.texts: list[str] = []

    def number(self, text: str) -> int:
        """The number of a note; 0 for no text."""
        if text and text not in self.texts:
            self.texts.append(text)
        return self.texts.index(text) + 1 if text else 0


def results_sheet(group: Group, columns: Sequence[Column], notes: Notes) -> Sheet:
    """All cases, fastest first, then those without a time and why."""
    failed = [Row(group.labels[each.case.key], [], f"{each.outcome}: {each.reason}") for each in group.unranked]
    return Sheet(_headings(columns), _rows(group, columns, notes) + failed, [])


def costs_sheet(group: Group, columns: Sequence[Column], notes: Notes) -> Sheet:
    """The cases with a time, and the columns that hold something; of the others a sentence."""
    if not group.ranked:
        return Sheet(_headings(()), [], [])
    kept = [column for column in columns if not all(map(column.why, group.ranked))]
    empty: dict[str, list[str]] = {}
    for column in columns:
        if column not in kept:
            reasons = "; ".join(dict.fromkeys(map(column.why, group.ranked)))
            empty.setdefault(reasons, []).append(column.heading)
    left_out = [f"Not known of any case: {', '.join(names)} ({reasons})." for reasons, names in empty.items()]
    return Sheet(_headings(kept), _rows(group, kept, notes), left_out)


def missing(group: Group, columns: Sequence[Column]) -> list[str]:
    """What cells without a value mean, a sentence for each reason: where there is no room for notes."""
    found: dict[str, dict[str, None]] = {}
    for column in columns:
        for reason in filter(None, map(column.why, group.ranked)):
            found.setdefault(reason, {})[column.heading] = None
    return [f"– for {' and '.join(headings)}: {reason}" for reason, headings in found.items()]


def _headings(columns: Iterable[Column]) -> list[str]:
    return ["strategy", *(column.heading for column in columns)]


def _rows(group: Group, columns: Sequence[Column], notes: Notes) -> list[Row]:
    return [
        Row(
            group.labels[each.case.key],
            [Cell(column.text(each), notes.number(column.why(each)), column.why(each)) for column in columns],
            "",
        )
        for each in group.ranked
    ]

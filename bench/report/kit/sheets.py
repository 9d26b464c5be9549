"""Tables as finished text: cells, and notes that say why a cell has nothing. Shared by the page, markdown and terminal."""

from collections.abc import Sequence
from dataclasses import dataclass

from bench.analysis.groups import Group
from bench.analysis.summary import Summary
from bench.report.kit import words
from bench.report.kit.column import Column


@dataclass(frozen=True, slots=True)
class Cell:
    """A text, and the note that explains it; 0 where there is nothing to explain."""

    text: str
    note: int = 0
    why: str = ""
    """What the note says."""
    value: float | None = None
    """The number behind the text, in SI units; None where there is none."""


@dataclass(frozen=True, slots=True)
class Row:
    """A case."""

    name: str
    cells: list[Cell]
    """Empty where the case has no time."""
    why: str
    """The outcome and reason of a case without a time."""
    key: str
    """The case's."""
    standing: str
    """`faster`, `slower` or `undecided` against the base, as far as intervals tell; `base`; or an outcome."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """A table."""

    columns: list[Column]
    """After the one with the names."""
    rows: list[Row]
    left_out: list[str]
    """Sentences on columns that would hold nothing."""

    def __bool__(self) -> bool:
        """Whether there is a column beside the names, or a word on why not."""
        return bool(self.columns or self.left_out)

    @property
    def headings(self) -> list[str]:
        """Of all columns, the one with the names first."""
        return ["strategy", *(each.heading for each in self.columns)]


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
    failed = [
        Row(group.labels[each.case.key], [], f"{each.outcome}: {each.reason}", each.case.key, str(each.outcome))
        for each in group.unranked
    ]
    return Sheet(list(columns), _rows(group, columns, notes) + failed, [])


def costs_sheet(group: Group, columns: Sequence[Column], notes: Notes) -> Sheet:
    """The cases with a time, and the columns that hold something; of the others a sentence."""
    if not group.ranked:
        return Sheet([], [], [])
    kept = [column for column in columns if not all(map(column.why, group.ranked))]
    empty: dict[str, list[str]] = {}
    for column in columns:
        if column not in kept:
            reasons = "; ".join(dict.fromkeys(map(column.why, group.ranked)))
            empty.setdefault(reasons, []).append(column.heading)
    left_out = [f"Not known of any case: {', '.join(names)} ({reasons})." for reasons, names in empty.items()]
    return Sheet(kept, _rows(group, kept, notes), left_out)


def _rows(group: Group, columns: Sequence[Column], notes: Notes) -> list[Row]:
    return [
        Row(
            group.labels[each.case.key],
            [_cell(column, each, notes) for column in columns],
            "",
            each.case.key,
            standing(each),
        )
        for each in group.ranked
    ]


def _cell(column: Column, summary: Summary, notes: Notes) -> Cell:
    text, why = column.text(summary), column.why(summary)
    if not text:  # only intervals of ratios are empty
        text, why = "–", why or words.no_ratio_interval(summary)
    return Cell(text, notes.number(why), why, column.value(summary))


def standing(summary: Summary) -> str:
    """`faster`, `slower` or `undecided` against the base, as far as intervals tell; `base`; or the outcome."""
    ratio = summary.speedup
    if summary.wall is None:
        return str(summary.outcome)
    if summary.is_base:
        return "base"
    if ratio is None or ratio.low is None or ratio.high is None or ratio.low <= 1 <= ratio.high:
        return "undecided"
    return "faster" if ratio.low > 1 else "slower"

"""A table as one record: columns, rows of cells, a title and notes. What shows it, in whatever format, is told nothing else.

`bench.report.kit.fitted_table` and `folded_table` show it on a terminal, `markdown` and the templates' macros as markdown and
HTML. A cell's text is finished: whoever shows it leaves out columns, shortens names and escapes, but rounds nothing.
"""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

UNKNOWN = "–"
"""Stands where there is no value."""


@dataclass(frozen=True, slots=True)
class Cell:
    """A finished text, and the number behind it."""

    text: str
    value: float | None = None
    """What it is sorted by, in SI units and not rounded; None where there is no single number."""
    note: str = ""
    """Why there is no value."""
    style: str = ""
    """A colour of the terminal, which only repeats what the text says."""
    parts: tuple[tuple[str, str], ...] = ()
    """The text in pieces with a style each, where it has several."""
    is_code: bool = False
    """Whether it is what somebody types, which markdown sets apart."""

    @property
    def shown(self) -> str:
        """The text where there are notes: a dash where there is nothing but one."""
        return self.text or (UNKNOWN if self.note else "")


def styled(*parts: tuple[str, str]) -> Cell:
    """A cell of pieces, each with a style."""
    if len(parts) == 1:
        return Cell(parts[0][0], style=parts[0][1])
    return Cell("".join(text for text, _ in parts), parts=parts)


Kind = Literal["name", "text", "number"]
"""What a column holds: names that rows begin with, on the left, on one line and never left out; texts of any length, on the
left, going on below themselves; numbers with their units, on the right and never broken."""


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table: its heading, and what makes its cells where the rows are of things of one kind."""

    heading: str
    text: Callable[[Any], str] = str
    importance: int = 99
    """Where a terminal has little room: 1 is the last to be left out."""
    short_heading: str = ""
    """The heading on a terminal, if it is another one."""
    why: Callable[[Any], str] = lambda _: ""
    """Why a case with a time has nothing there; empty where it has something, or nothing is the answer."""
    value: Callable[[Any], float | None] = lambda _: None
    """What cells are sorted by; None also for what is no single number, such as an interval."""
    name: str = ""
    """What it is called for the tables of all workloads together, where its heading differs from one to the other."""
    kind: Kind = "number"
    least: int = 0
    """Its least width on a terminal."""

    @property
    def label(self) -> str:
        """Its name, or its heading."""
        return self.name or self.heading

    @property
    def terminal_heading(self) -> str:
        """What stands above it on a terminal."""
        return self.short_heading or self.heading

    @property
    def key(self) -> str:
        """What it is called in an address."""
        return re.sub(r"\W+", "-", self.label).strip("-").lower()

    def cell(self, thing: Any) -> Cell:
        """The cell of a row that is of this thing."""
        return Cell(self.text(thing), self.value(thing), self.why(thing))


@dataclass(frozen=True, slots=True)
class Row:
    """The cells of a thing."""

    cells: Sequence[Cell]
    """One for each column; only the first where something stands instead of the others."""
    instead: Cell | None = None
    """What the row has in place of all cells but the first."""
    key: str = ""
    """What the row is of, for a page's filter."""
    standing: str = ""
    """What a page's filter chooses by: `faster`, `slower` or `undecided` against the base, `base`, or an outcome."""


@dataclass(frozen=True, slots=True)
class Table:
    """Rows under columns."""

    columns: Sequence[Column]
    rows: Sequence[Row]
    title: str = ""
    notes: Sequence[str] = ()
    """Sentences below it."""

    def __bool__(self) -> bool:
        """Whether there is anything to show."""
        return bool(self.columns or self.notes)

    @property
    def headings(self) -> list[str]:
        """The headings of all columns."""
        return [each.heading for each in self.columns]


def texts(columns: Sequence[Column], rows: Iterable[Iterable[str | Cell]], title: str = "") -> Table:
    """The table of these texts."""
    cells = ([each if isinstance(each, Cell) else Cell(each) for each in row] for row in rows)
    return Table(columns, list(map(Row, cells)), title)


class Notes:
    """The notes of cells below one or several tables, numbered from 1 as they are shown."""

    def __init__(self) -> None:
        self.texts: list[str] = []

    def number(self, text: str) -> int:
        """The number of a note; 0 for no text."""
        if text and text not in self.texts:
            self.texts.append(text)
        return self.texts.index(text) + 1 if text else 0

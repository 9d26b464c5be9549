"""A table of numbers on a terminal, in the width there is: units below units, no number cut, names shortened in the middle.

Columns that find no room are left out, the least important first; whoever shows the table says which.
"""

import re
import textwrap
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from rich.cells import cell_len, chop_cells
from rich.console import Console, ConsoleOptions, RenderableType
from rich.text import Text

from bench.report.kit.folded_table import folded
from bench.report.kit.spelling import spelled
from bench.report.kit.table import UNKNOWN, Cell, Column, Row, Table

SHORTEST_NAME = 24
"""Names longer than this are shortened before a column of numbers is left out."""
_GAP = 2
_SHORTEST_HINT = 8
"""The least of a name that still tells something."""
_AMOUNT = re.compile(r"(?P<head>.*\d)(?P<unit>(?: ?[^\s\d]+)?)")
_NUMBER = re.compile(r"(?:≥ )?-?\d+(?:\.\d+)?")


@dataclass(frozen=True, slots=True)
class FittedTable:
    """A table with names on the left and numbers in columns on the right; below them rows that have a word instead."""

    table: Table

    def fitting(self, width: int, encoding: str = "utf-8") -> list[Column]:
        """The columns of numbers that have room beside shortened names, in their order; the most important at any rate."""
        left = width - sum(_GAP + min(SHORTEST_NAME, each) for each in self._name_widths(encoding)) + _GAP
        numbers = self._columns(names=False)
        kept: list[int] = []
        for place in sorted(range(len(numbers)), key=lambda each: numbers[each][0].importance):
            needed = _GAP + _width(_lines(*numbers[place], encoding)[1])
            if needed <= left or not kept:
                left -= needed
                kept.append(place)
        return [numbers[place][0] for place in sorted(kept)]

    def left_out(self, width: int, encoding: str = "utf-8") -> list[str]:
        """The headings of the columns that have no room."""
        kept = self.fitting(width, encoding)
        return [column.terminal_heading for column, _ in self._columns(names=False) if column not in kept]

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> Iterator[RenderableType]:
        """A line each for the headings and every row; reasons go on below themselves."""
        encoding, width = options.encoding, options.max_width
        kept = self.fitting(width, encoding)
        lines = [_lines(*each, encoding) for each in self._columns(names=False) if each[0] in kept]
        above = max((len(heading) for heading, _ in lines), default=1)
        numbers = [[" " * _width(texts)] * (above - len(heading)) + heading + texts for heading, texts in lines]
        names = self._names(width - sum(_GAP + _width(each) for each in numbers), encoding)
        names = [[" " * _width(each)] * (above - 1) + each for each in names]
        if self._whole:
            for number, row in enumerate(zip(*names, *numbers, strict=True)):
                line = (" " * _GAP).join(row).rstrip()
                yield Text(line, style="dim" if number < above else "", no_wrap=True, overflow="crop")
        if len(self._whole) < len(self.table.rows):
            yield self._rest(_width(names[0]) if self._whole else 0, width, encoding)

    def _rest(self, least: int, width: int, encoding: str) -> RenderableType:
        """The rows without numbers, their names as wide as those above."""
        longest = max(width // 3, least)
        columns = Column("", kind="name", least=least), Column("", kind="text")
        rows = [
            Row([Cell(shortened(spelled(row.cells[0].text, encoding), longest, encoding)), row.instead])
            for row in self.table.rows
            if row.instead is not None
        ]
        return folded(Table(columns, rows), padding=(0, _GAP), headings=False)

    @property
    def _whole(self) -> list[Row]:
        """The rows that have numbers."""
        return [each for each in self.table.rows if each.instead is None]

    def _columns(self, *, names: bool) -> list[tuple[Column, list[str]]]:
        """The columns of names or of numbers, each with its texts."""
        return [
            (column, [row.cells[number].text for row in self._whole])
            for number, column in enumerate(self.table.columns)
            if (column.kind == "name") is names
        ]

    def _name_widths(self, encoding: str) -> list[int]:
        """How wide each column of names is where nothing is shortened."""
        return [
            max(cell_len(spelled(each, encoding)) for each in (column.terminal_heading, *texts))
            for column, texts in self._columns(names=True)
        ]

    def _names(self, room: int, encoding: str) -> list[list[str]]:
        """The columns of names in so much room, headings first, each as wide as its names."""
        columns = self._columns(names=True)
        given = _shares(self._name_widths(encoding), room - _GAP * (len(columns) - 1))
        return [
            [
                _padded(shortened(spelled(each, encoding), width, encoding), width)
                for each in (column.terminal_heading, *texts)
            ]
            for (column, texts), width in zip(columns, given, strict=True)
        ]


def shortened(name: str, width: int, encoding: str = "utf-8") -> str:
    """A name in so many columns; its middle gives way to `…`, because names differ at their ends."""
    if cell_len(name) <= width:
        return name
    gap = spelled("…", encoding)
    room = max(width - len(gap), 2)
    return chop_cells(name, room - room // 2)[0] + gap + chop_cells(name[::-1], room // 2)[0][::-1]


def aligned(texts: Sequence[str]) -> list[str]:
    """Numbers with their units as text of equal width: units below units.

    Decimal points stand below each other where all have the same unit; where units differ that would put 900 µs before
    1.00 ms, and the last digits are below each other instead. A unit without a blank before it stays with its number.
    """
    parts = [(found["head"], found["unit"]) if (found := _AMOUNT.fullmatch(each)) else (each, "") for each in texts]
    units = {unit for head, unit in parts if head != UNKNOWN}
    ends = max(map(len, units), default=0)
    decimals = [len(head) - head.find(".") if _NUMBER.fullmatch(head) and "." in head else 0 for head, _ in parts]
    most = max(decimals, default=0) if len(units) == 1 else 0
    made = []
    for (head, unit), own in zip(parts, decimals, strict=True):
        behind = " " * (most - own)
        if head == UNKNOWN:
            made.append(head)
        else:
            made.append(f"{head}{behind}{unit:<{ends}}" if unit[:1] == " " else f"{head}{unit:<{ends}}{behind}")
    return _right(made)


def _lines(column: Column, numbers: Sequence[str], encoding: str) -> tuple[list[str], list[str]]:
    """The heading, in lines no wider than its numbers or its longest word, and the numbers; all of equal width."""
    texts = [spelled(each, encoding) for each in aligned(numbers)]
    bonded = column.terminal_heading.replace("× ", "×\xa0").replace(" %", "\xa0%")  # these stay together
    longest = max(map(len, bonded.split(" ")))
    lines = textwrap.wrap(bonded, max(_width(texts), longest), break_long_words=False, break_on_hyphens=False)
    both = _right([*(spelled(each.replace("\xa0", " "), encoding) for each in lines), *texts])
    return both[: len(lines)], both[len(lines) :]


def _right(texts: Sequence[str]) -> list[str]:
    width = _width(texts)
    return [" " * (width - cell_len(each)) + each for each in texts]


def _shares(wanted: Sequence[int], room: int) -> list[int]:
    """The room divided: nobody gets more than wanted, and who wants more than an equal share leaves none unused."""
    given = [0] * len(wanted)
    for left, number in zip(range(len(wanted), 0, -1), sorted(range(len(wanted)), key=wanted.__getitem__), strict=True):
        given[number] = min(wanted[number], max(room // left, _SHORTEST_HINT))
        room -= given[number]
    return given


def _padded(text: str, width: int) -> str:
    return text + " " * (width - cell_len(text))


def _width(texts: Sequence[str]) -> int:
    return max(map(cell_len, texts), default=0)

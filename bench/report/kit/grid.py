"""Rows of names and numbers in the width there is: units below units, no number cut, names shortened in the middle.

Columns that find no room are left out, the least important first; whoever shows the grid says which.
"""

import re
import textwrap
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from rich.cells import cell_len, chop_cells
from rich.console import Console, ConsoleOptions, RenderableType
from rich.table import Table
from rich.text import Text

from bench.report.kit.spelling import spelled

SHORTEST_NAME = 24
"""Names longer than this are shortened before a column of numbers is left out."""
_GAP = 2
_SHORTEST_HINT = 8
"""The least of a name that still tells something."""
_AMOUNT = re.compile(r"(?P<head>.*\d)(?P<unit>(?: ?[^\s\d]+)?)")
_NUMBER = re.compile(r"(?:≥ )?-?\d+(?:\.\d+)?")
UNKNOWN = "–"
"""Stands where there is no value."""


@dataclass(frozen=True, slots=True)
class Lane:
    """A column of a grid, as finished text."""

    heading: str
    texts: Sequence[str]
    """A text for each row that has numbers."""
    importance: int
    """1 is the last to be left out."""


@dataclass(frozen=True, slots=True)
class Grid:
    """Names on the left, numbers in columns on the right; below them rows that have a word instead of numbers."""

    headings: Sequence[str]
    """Of the names."""
    names: Sequence[Sequence[str]]
    """For each row that has numbers, one under each heading."""
    lanes: Sequence[Lane]
    without: Mapping[str, Text] = field(default_factory=dict)
    """Names of rows without numbers, and what they have instead."""

    def fitting(self, width: int, encoding: str = "utf-8") -> list[Lane]:
        """The columns that have room beside shortened names, in their order; the most important at any rate."""
        left = width - sum(_GAP + min(SHORTEST_NAME, each) for each in self._name_widths(encoding)) + _GAP
        kept: list[Lane] = []
        for lane in sorted(self.lanes, key=lambda each: each.importance):
            needed = _GAP + _width(_lines(lane, encoding)[1])
            if needed <= left or not kept:
                left -= needed
                kept.append(lane)
        return [lane for lane in self.lanes if lane in kept]

    def left_out(self, width: int, encoding: str = "utf-8") -> list[str]:
        """The headings of the columns that have no room."""
        kept = self.fitting(width, encoding)
        return [lane.heading for lane in self.lanes if lane not in kept]

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> Iterator[RenderableType]:
        """A line each for the headings and every row; reasons go on below themselves."""
        encoding, width = options.encoding, options.max_width
        lanes = [_lines(lane, encoding) for lane in self.fitting(width, encoding)]
        above = max((len(heading) for heading, _ in lanes), default=1)
        numbers = [[" " * _width(texts)] * (above - len(heading)) + heading + texts for heading, texts in lanes]
        names = self._names(width - sum(_GAP + _width(each) for each in numbers), encoding)
        names = [[" " * _width(each)] * (above - 1) + each for each in names]
        if self.names:
            for number, row in enumerate(zip(*names, *numbers, strict=True)):
                line = (" " * _GAP).join(row).rstrip()
                yield Text(line, style="dim" if number < above else "", no_wrap=True, overflow="crop")
        if self.without:
            yield self._rest(_width(names[0]) if self.names else 0, width, encoding)

    def _rest(self, least: int, width: int, encoding: str) -> Table:
        """The rows without numbers, their names as wide as those above."""
        table = Table.grid(padding=(0, _GAP, 0, 0))
        table.add_column(no_wrap=True, min_width=least)
        table.add_column(overflow="fold")
        for name, instead in self.without.items():
            table.add_row(shortened(spelled(name, encoding), max(width // 3, least), encoding), instead)
        return table

    def _name_widths(self, encoding: str) -> list[int]:
        """How wide each column of names is where nothing is shortened."""
        return [
            max(cell_len(spelled(each, encoding)) for each in (heading, *column))
            for heading, column in zip(self.headings, self._columns, strict=True)
        ]

    @property
    def _columns(self) -> list[list[str]]:
        """The names by their headings."""
        return [[row[number] for row in self.names] for number in range(len(self.headings))]

    def _names(self, room: int, encoding: str) -> list[list[str]]:
        """The columns of names in so much room, headings first, each as wide as its names."""
        given = _shares(self._name_widths(encoding), room - _GAP * (len(self.headings) - 1))
        return [
            [_padded(shortened(spelled(each, encoding), width, encoding), width) for each in (heading, *column)]
            for heading, column, width in zip(self.headings, self._columns, given, strict=True)
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


def _lines(lane: Lane, encoding: str) -> tuple[list[str], list[str]]:
    """The heading, in lines no wider than its numbers or its longest word, and the texts; all of equal width."""
    texts = [spelled(each, encoding) for each in aligned(lane.texts)]
    heading = lane.heading.replace("× ", "×\xa0").replace(" %", "\xa0%")  # these stay together
    longest = max(map(len, heading.split(" ")))
    lines = textwrap.wrap(heading, max(_width(texts), longest), break_long_words=False, break_on_hyphens=False)
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

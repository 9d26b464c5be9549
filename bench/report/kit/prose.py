"""Sentences on a terminal: no longer than the eye follows, however wide the terminal is."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from rich.console import Console, ConsoleOptions, RenderableType
from rich.text import Text

WIDTH = 100
"""Columns of a line of text at the most; tables take what they need."""

_BEFORE_UNIT = re.compile(r"(?<=\d) (?=(?:[kMGT]?B|[mµn]?s|%|[kMG])(?!\w))")
_BOND = "\ue000"
"""Of the private use area, one column wide: rich breaks lines at every blank, the no-break space too."""


@dataclass(frozen=True, slots=True)
class Prose:
    """A paragraph, indented as a whole."""

    text: Text
    indent: int = 0

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> Iterator[RenderableType]:
        """The text in lines of at most `WIDTH`, with no number parted from its unit."""
        bound = self.text.copy()
        bound.plain = _BEFORE_UNIT.sub(_BOND, bound.plain)
        for line in bound.wrap(console, min(options.max_width, WIDTH) - self.indent, overflow="fold"):
            line.plain = line.plain.replace(_BOND, " ")
            line.rstrip()
            line.pad_left(self.indent)
            yield line

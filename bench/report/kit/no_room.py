"""What a terminal is too narrow for, said below the tables."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from rich.console import Console, ConsoleOptions, RenderableType
from rich.text import Text

from bench.report.kit.fitted_table import FittedTable
from bench.report.kit.prose import Prose
from bench.sentences import listed


@dataclass(frozen=True, slots=True)
class NoRoom:
    """Which columns of tables have no room, and where they are."""

    tables: Sequence[FittedTable]

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> Iterator[RenderableType]:
        """A sentence; nothing where all columns are shown."""
        width = options.max_width
        if missed := dict.fromkeys(name for each in self.tables for name in each.left_out(width, options.encoding)):
            text = (
                f"No room in {width} columns for {listed(list(missed))}: a wider terminal shows more, --csv and the "
                "report all."
            )
            yield Prose(Text(text, style="dim"))

"""A table of texts on a terminal: what does not fit goes on below itself, and nothing is left out."""

from rich.console import RenderableType
from rich.table import Table as RichTable
from rich.text import Text

from bench.report.kit.table import Cell, Table


def folded(table: Table, *, padding: tuple[int, int] = (0, 2), headings: bool = True) -> RenderableType:
    """The table in the width there is.

    Args:
        table: its rows have all their cells.
        padding: blanks before and behind each cell, but not at the table's edges.
        headings: whether they are shown.
    """
    made = RichTable(
        title=table.title or None, title_justify="left", title_style="bold", box=None, pad_edge=False,
        padding=(0, padding[1], 0, padding[0]), show_header=headings, header_style="dim",
    )  # fmt: skip
    for column in table.columns:
        whole = column.kind != "text"
        made.add_column(
            column.heading,
            justify="right" if column.kind == "number" else "left",
            no_wrap=whole,
            overflow="ellipsis" if whole else "fold",
            min_width=column.least or None,
        )
    for row in table.rows:
        made.add_row(*map(text_of, row.cells))
    return made


def text_of(cell: Cell) -> Text:
    """A cell's text in its colours."""
    return Text.assemble(*cell.parts) if cell.parts else Text(cell.text, style=cell.style)

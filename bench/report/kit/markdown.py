"""Text and tables as GitHub's markdown. All that comes from a run, a name or an error goes through `escaped`.

GitHub makes links of mentions, numbers of issues, and addresses even where markdown is escaped (cmark-gfm's autolinks, and
its filters of the page): these are broken by a zero-width space, so that a text neither notifies nor refers to anybody.
"""

import re

from bench.plugins.names import sanitized
from bench.report.kit.table import Cell, Notes, Table

_BREAK = "\u200b"
_MARKUP = re.compile(r"([\\`*_\[\]<>#|~$&])")
_LINKED = re.compile(r"(@|#|:(?=//)|\bwww(?=\.)|\bgh(?=-\d))", re.IGNORECASE)


def escaped(text: str) -> str:
    """Text on one line that is nothing but text in markdown, also in a cell of a table; not for the start of a line."""
    broken = _LINKED.sub(lambda match: match[0] + _BREAK, sanitized(text, len(text)))
    return " ".join(_MARKUP.sub(r"\\\1", broken).split())


def code(text: str) -> str:
    """Text on one line as it stands, to be copied: between more backticks than it has in a row."""
    line = " ".join(sanitized(text, len(text)).split())
    fence = "`" * (1 + max((len(each) for each in re.findall("`+", line)), default=0))
    room = " " if line.startswith("`") or line.endswith("`") else ""
    return f"{fence}{room}{line}{room}{fence}"


def table_text(table: Table, notes: Notes | None = None) -> str:
    """A table of GitHub's markdown, in lines; empty without columns.

    Args:
        table: what is shown.
        notes: gives the notes of cells their numbers, and has them afterwards; without it they are not shown.
    """
    if not table.columns:
        return ""
    rule = "".join("---:|" if each.kind == "number" else "---|" for each in table.columns)
    heads = "".join(f" {escaped(each)}".rstrip() + " |" for each in table.headings)
    lines = [f"|{heads}", f"|{rule}"]
    for row in table.rows:
        cells = [_cell(each, notes) for each in row.cells]
        cells += [] if row.instead is None else [_cell(row.instead, notes)]
        lines.append("|" + "".join(f" {each} |" for each in cells) + " |" * (len(table.columns) - len(cells)))
    return "\n".join(lines)


def _cell(cell: Cell, notes: Notes | None) -> str:
    number = notes.number(cell.note) if notes else 0
    text = f"`{cell.text}`" if cell.is_code else escaped(cell.shown)
    return text + (f" ({number})" if number else "")

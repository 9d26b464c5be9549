"""Rows as CSV, whatever they are of."""

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, TextIO

_FORMULA_BEGINS = ("=", "+", "-", "@", "＝", "＋", "－", "＠")


def write_rows(path: Path, columns: Sequence[str], rows: Iterable[Mapping[str, Any]]) -> None:
    """Write rows as CSV under a line of the columns' names; numbers as Python writes them, so that nothing is lost.

    Args:
        path: the file to write.
        columns: the keys of every row, in the order in which they are written.
        rows: the values by column; None is an empty cell.

    Raises:
        OSError: if the file cannot be written.
    """
    with path.open("w", newline="", encoding="utf-8") as file:
        _write(file, columns, rows)


def csv_text(columns: Sequence[str], rows: Iterable[Mapping[str, Any]]) -> str:
    """The same as text."""
    text = io.StringIO(newline="")
    _write(text, columns, rows)
    return text.getvalue()


def _write(file: TextIO, columns: Sequence[str], rows: Iterable[Mapping[str, Any]]) -> None:
    writer = csv.DictWriter(file, columns, lineterminator="\n")
    writer.writeheader()
    writer.writerows({name: _cell(value) for name, value in each.items()} for each in rows)


def _cell(value: Any) -> Any:
    """A name that a spreadsheet would take for a formula begins with an apostrophe instead."""
    return f"'{value}" if isinstance(value, str) and value.lstrip().startswith(_FORMULA_BEGINS) else value

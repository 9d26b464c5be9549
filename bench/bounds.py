"""How much is read of a file that somebody else may have written: one set of limits, whatever is read and by whom."""

from __future__ import annotations

import os
import stat

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import BinaryIO

LONGEST_FILE_BYTES = 1 << 28
"""Of what is read whole: a small compressed file can hold any number of blanks."""
LONGEST_LINE_BYTES = 1 << 26
MOST_VALUES = 8_000_000
"""Commas and brackets in what is decoded at once: each may take some 70 bytes."""


def opened(path: str | os.PathLike[str]) -> BinaryIO:
    """A regular file, open for reading.

    Raises:
        OSError, ValueError: if it is none or cannot be read.
    """
    check_regular(os.stat(path))
    file = open(path, "rb", opener=_without_waiting)  # noqa: SIM115 - the caller's
    try:
        check_regular(os.fstat(file.fileno()))  # another may be in its place by now
    except OSError:
        file.close()
        raise
    return file


def check_regular(found: os.stat_result) -> None:
    """It is a file: reading a pipe waits forever, and opening a device may do something.

    Raises:
        OSError: if it is none.
    """
    if not stat.S_ISREG(found.st_mode):
        raise OSError(0, "it is no file")


def _without_waiting(path: str, flags: int) -> int:
    """Open without waiting for the other end, where it is a pipe."""
    return os.open(path, flags | getattr(os, "O_NONBLOCK", 0))


def said_of_length(name: str, what: str) -> str:
    """What is said of a file that is longer than `LONGEST_FILE_BYTES`; `what` would not be so long."""
    return f"{name} is longer than {LONGEST_FILE_BYTES >> 20} MiB, and no {what} is"


def values_in(read: bytes) -> int:
    """How many values there can be in JSON, at the most."""
    return sum(map(read.count, (b",", b"{", b"[")))

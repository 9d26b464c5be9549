"""The command's standard streams: closed ones are opened, and readers may go away without harm to a measurement.

This stands below all that writes - print, click, rich, warnings - so that none of it has to know.
"""

import errno
import io
import os
import stat
import sys
from collections.abc import Callable
from typing import TextIO

from bench.processes import interruption
from bench.report.kit.spelling import HANDLER

_PYTHONS_OWN = ("strict", "surrogateescape", "backslashreplace")
"""What Python does with signs that a stream cannot hold, unless PYTHONIOENCODING asks for something else."""


class _Output(io.FileIO):
    """Standard output: once nobody reads it any more (`| head`, a closed terminal), the rest goes nowhere."""

    def __init__(self, descriptor: int) -> None:
        super().__init__(descriptor, "w", closefd=False)

    def write(self, data: "memoryview", /) -> int:  # type: ignore[override]
        """Write some of it, as `FileIO` does; other errors than a missing reader are raised.

        Where the command was interrupted and nobody takes what it writes, all the rest is dropped.
        """
        if not interruption.writable(self.fileno()):
            _silence(self.fileno())
        try:
            return super().write(data)
        except OSError as error:
            if not self._is_borne(error):
                raise
            _silence(self.fileno())
            return len(data)

    def _is_borne(self, error: OSError) -> bool:
        is_device = stat.S_ISCHR(os.fstat(self.fileno()).st_mode)
        return error.errno == errno.EPIPE or (error.errno == errno.EIO and is_device)


class _Errors(_Output):
    """The error stream: nothing that goes wrong with it matters, and it holds up no interruption."""

    def _is_borne(self, error: OSError) -> bool:
        return True


def install() -> None:
    """Take the streams over. Before anything else is opened, lest a file of ours get the number of a closed stream."""
    for descriptor in range(3):
        try:
            os.fstat(descriptor)
        except OSError:
            os.set_inheritable(os.open(os.devnull, os.O_RDWR), True)  # it gets the lowest free number, which is this
    sys.stdout = _text(_Output, 1, sys.stdout)
    sys.stderr = _text(_Errors, 2, sys.stderr)


def finish() -> None:
    """Write out what is buffered, or drop what cannot be written: Python's own try at its end would say so again."""
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except OSError:
            _silence(stream.fileno())
            stream.flush()


def _text(kind: Callable[[int], _Output], descriptor: int, given: TextIO | None) -> io.TextIOWrapper:
    raw = io.BufferedWriter(kind(descriptor))  # type: ignore[type-var]  # its write takes what a BufferedWriter gives
    if not isinstance(given, io.TextIOWrapper):  # it was closed
        return io.TextIOWrapper(raw, encoding="utf-8", errors=HANDLER)
    return io.TextIOWrapper(
        raw,
        encoding=given.encoding,
        errors=HANDLER if given.errors in _PYTHONS_OWN else given.errors,
        line_buffering=given.line_buffering,
        write_through=given.write_through,
    )


def _silence(descriptor: int) -> None:
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, descriptor)
    os.close(nowhere)

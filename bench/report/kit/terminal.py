"""The one place where results are printed, and what a terminal is given. Rendering takes finished data."""

import os
import re
import sys
from typing import TextIO

from rich.console import Console, RenderableType

from bench.plugins.names import sanitized

WIDTH = 120
"""Columns where there is neither a terminal nor COLUMNS."""
TERMINAL_WIDTH = 80
"""Columns of a terminal that does not say."""
_DUMB = ("dumb", "unknown")
_COLUMNS = re.compile("0*[1-9][0-9]{0,3}")
"""What COLUMNS may be: no screen has ten thousand. Anything else in it is passed over."""
_SIZE = ("COLUMNS", "LINES")


def styled(stream: TextIO) -> bool:
    """Whether what goes there may hold escape codes: colour, bold, a bar that is drawn anew.

    Not where NO_COLOR has a value (no-color.org); always where FORCE_COLOR has one (force-color.org); else on terminals
    that are not dumb.
    """
    if os.environ.get("NO_COLOR"):
        return False
    if os.environ.get("FORCE_COLOR"):
        return True
    return stream.isatty() and os.environ.get("TERM", "") not in _DUMB


def console(stream: TextIO) -> Console:
    """A console on this stream: its width is COLUMNS, else the terminal's, else `WIDTH`; text on it is only text."""
    shows = styled(stream)
    return Console(
        file=stream,
        width=_width(stream),
        color_system="standard" if shows else None,  # the 16 colours that every terminal has a scheme for
        force_terminal=shows,
        no_color=not shows,
        highlight=False,
        markup=False,
        emoji=False,
        legacy_windows=False,
        _environ={name: value for name, value in os.environ.items() if name not in _SIZE},  # it trusts what they hold
    )


def _width(stream: TextIO) -> int:
    asked = os.environ.get("COLUMNS", "")
    if _COLUMNS.fullmatch(asked):
        return int(asked)
    if not stream.isatty():
        return WIDTH
    return os.get_terminal_size(stream.fileno()).columns or TERMINAL_WIDTH


def show(renderable: RenderableType) -> None:
    """Print to standard output in the width there is; no line ends in blanks."""
    output = console(sys.stdout)
    with output.capture() as captured:
        output.print(renderable)
    sys.stdout.writelines(f"{line.rstrip(' ')}\n" for line in captured.get().split("\n")[:-1])


def note(text: str) -> None:
    """Tell the user something beside what was asked for, in one line on standard error."""
    print(f"note: {sanitized(text)}", file=sys.stderr)


def show_text(text: str) -> None:
    """Print text as it is, unwrapped, for programs to read; it ends in one line break."""
    print(text, end="" if text.endswith("\n") else "\n")

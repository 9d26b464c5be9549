"""Exceptions and values of measured code as one line of text, whatever they are."""

from __future__ import annotations

import os

from bench.errors import BenchError
from bench.measure.results.short_text import beginning
from bench.plugins.names import sanitized
from bench.plugins.sources import is_installed

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

_MUST_PICKLE = (
    "; what goes to and from processes must pickle: functions at a module's top level, plain inputs and results "
    "(threads and forked children get them as they are)"
)
_ONE_ARGUMENT = "; an input is one argument, and with --star a list of them"
_LONGEST_LINE = 80
_LOOKED_AT = 8000
"""Characters of what may be long without end; what is shown of them is at most 500."""
_FRAME = r'File "([^"]+)", line (\d+)'
_HEX_DIGITS = "0123456789abcdefABCDEF"


def explain(error: BaseException) -> str:
    """An exception in one line: its type, its message, where it was raised, and what to do where that is known."""
    if isinstance(error, BenchError):
        return one_line(error)
    said = one_line(error)
    frames = _frames(error)
    mine = [(file, line) for file, line in frames if _is_the_users(file)]
    hint = ""
    if any(word in said for word in ("pickle", "Pickl", "local object", "sending result")):
        hint = _MUST_PICKLE
    elif isinstance(error, TypeError) and "positional argument" in said and not mine:
        hint = _ONE_ARGUMENT
    return f"{type(error).__name__}: {said}{_shown_place((mine or frames)[-1:])}{hint}"


def _frames(error: BaseException) -> list[tuple[str, int]]:
    """File and line of each call that led to it: in the worker, where the error brings the worker's traceback as text, else here."""
    if "RemoteTraceback" in type(error.__cause__).__name__:
        import re  # which whoever brings such text has loaded

        if remote := re.findall(_FRAME, _ends(str(error.__cause__))):
            return [(file, int(line)) for file, line in remote]
    found = []
    trace = error.__traceback__
    while trace is not None:
        found.append((trace.tb_frame.f_code.co_filename, trace.tb_lineno))
        trace = trace.tb_next
    return found


def _is_the_users(file: str) -> bool:
    """Whether code is neither Python's nor the tool's nor installed."""
    tool = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
    not_theirs = (os.path.dirname(os.__file__) + os.sep, tool + os.sep, "<")
    return not file.startswith(not_theirs) and not is_installed(file)


def _shown_place(frames: list[tuple[str, int]]) -> str:
    """Where it was raised, with the line of code if it is the user's."""
    if not frames:
        return ""
    ((file, line),) = frames
    code = ""
    if _is_the_users(file):
        from linecache import getline

        code = sanitized(getline(file, line).strip(), _LONGEST_LINE)
    return f" ({os.path.basename(file)}:{line}{code and ': '}{code})"


def _ends(text: str) -> str:
    """Of a traceback whose message is long: its frames come before the message, and after that of its cause."""
    return text if len(text) <= 2 * _LOOKED_AT else f"{text[:_LOOKED_AT]}\n{text[-_LOOKED_AT:]}"


def one_line(error: BaseException) -> str:
    """The error's message on one line of at most 500 characters."""
    try:
        text = str(error)
    except Exception:
        text = "(no message)"
    return _cut(" ".join(_without_addresses(_first_part(text)).split()), 500)


def _first_part(text: str) -> str:
    """What is looked at of a text that may be a hundred megabytes; the next character shows that there is more."""
    if len(text) <= _LOOKED_AT:
        return text
    begin = 0
    while (blanks := text[begin : begin + _LOOKED_AT]).isspace():
        begin += len(blanks)
    begin = begin + len(blanks) - len(blanks.lstrip()) if blanks else 0
    end = begin + _LOOKED_AT
    return f"{text[begin:end]}{'…' if len(text) > end else ''}"


def _without_addresses(text: str) -> str:
    """They differ from process to process."""
    before, *others = text.split(" at 0x")
    return before + "".join(
        each.lstrip(_HEX_DIGITS) if each[:1] in {*_HEX_DIGITS} else f" at 0x{each}" for each in others
    )


def shortened(value: Any, limit: int = 60, show: Callable[[Any], str] = repr) -> str:
    """`value` as text, cut where it is long."""
    return _cut(beginning(value, limit + 1) if show is repr else show(value), limit)


def _cut(text: str, limit: int) -> str:
    return text if len(text) <= limit else text[: limit - 1] + "…"


def shown(value: Any) -> str:
    """The value for people, shortened; its class where it does not show itself."""
    try:
        return _cut(_without_addresses(beginning(value, _LOOKED_AT)), 60)
    except Exception:  # a number of 5000 digits has no text
        return f"of type {type(value).__name__}"


def publishable(text: str) -> str:
    """`text` on one line that any file can hold and any terminal can show, without what must not be published."""
    from bench import publishing  # which no measured process needs

    return sanitized(publishing.publishable(" ".join(text.encode("utf-8", "backslashreplace").decode().split())))

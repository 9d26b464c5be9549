"""Exceptions and values of measured code as one line of text, whatever they are."""

import os
import re
import traceback
from collections.abc import Callable
from typing import Any

from bench.errors import BenchError
from bench.names import plain

_MUST_PICKLE = (
    "; what goes to and from processes must pickle: functions at a module's top level, plain inputs and results "
    "(threads and forked children get them as they are)"
)


def explain(error: BaseException) -> str:
    """An exception in one line: its type, its message, where it was raised, and what to do where that is known."""
    if isinstance(error, BenchError):
        return one_line(error)
    unpicklable = any(word in one_line(error) for word in ("pickle", "Pickl", "local object", "sending result"))
    return f"{type(error).__name__}: {one_line(error)}{_place(error)}{_MUST_PICKLE if unpicklable else ''}"


def _place(error: BaseException) -> str:
    """Where it was raised: in the worker, where the error brings the worker's traceback as text, else here."""
    remote = re.findall(r'File "([^"]+)", line (\d+)', str(error.__cause__)) if error.__cause__ is not None else []
    if remote and "RemoteTraceback" in type(error.__cause__).__name__:
        file, line = remote[-1]
    else:
        frames = traceback.extract_tb(error.__traceback__)
        if not frames:
            return ""
        file, line = frames[-1].filename, str(frames[-1].lineno)
    return f" ({os.path.basename(file)}:{line})"


def one_line(error: BaseException) -> str:
    """The error's message on one line of at most 500 characters."""
    try:
        text = str(error)
    except Exception:
        text = "(no message)"
    return shortened(" ".join(_without_addresses(text).split()), 500, str)


def _without_addresses(text: str) -> str:
    """They differ from process to process."""
    return re.sub(r" at 0x[0-9a-fA-F]+", "", text)


def shortened(value: Any, limit: int = 60, show: Callable[[Any], str] = repr) -> str:
    """`value` as text, cut where it is long."""
    text = show(value)
    return text if len(text) <= limit else text[: limit - 1] + "…"


def shown(value: Any) -> str:
    """The value for people, shortened; its class where it does not show itself."""
    try:
        return shortened(value, show=lambda each: _without_addresses(repr(each)))
    except Exception:  # a number of 5000 digits has no text
        return f"of type {type(value).__name__}"


def publishable(text: str) -> str:
    """`text` on one line that any file can hold and any terminal can show, without the user's home folder and the folders of absolute paths."""
    home = os.path.expanduser("~")
    text = " ".join(text.encode("utf-8", "backslashreplace").decode().split())
    if len(home) > 1:
        text = text.replace(home, "~")
    return plain(re.sub(r"(?<![\w.:/~])/(?:[^\s/'\":]+/)+", "…/", text))

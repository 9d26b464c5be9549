"""Exceptions and values of measured code as one line of text, whatever they are."""

import os
import re
import traceback
from collections.abc import Callable
from typing import Any

from bench.errors import BenchError


def explain(error: BaseException) -> str:
    """An exception in one line: its type, its message, where it was raised, and what to do where that is known."""
    if isinstance(error, BenchError):
        return one_line(error)
    frames = traceback.extract_tb(error.__traceback__)
    place = f" ({os.path.basename(frames[-1].filename)}:{frames[-1].lineno})" if frames else ""
    hint = "; define the function at the top level of its module" if "pickle" in str(error).lower() else ""
    return f"{type(error).__name__}: {one_line(error)}{place}{hint}"


def one_line(error: BaseException) -> str:
    """The error's message on one line of at most 500 characters."""
    try:
        text = str(error)
    except Exception:
        text = "(no message)"
    return shortened(" ".join(text.split()), 500, str)


def shortened(value: Any, limit: int = 60, show: Callable[[Any], str] = repr) -> str:
    """`value` as text, cut where it is long."""
    text = show(value)
    return text if len(text) <= limit else text[: limit - 1] + "…"


def without_folders(text: str) -> str:
    """`text` with the folders of every absolute path in it taken off: run files are published."""
    return re.sub(r"(?<![\w.:/~])/(?:[^\s/'\":]+/)+", "…/", text)

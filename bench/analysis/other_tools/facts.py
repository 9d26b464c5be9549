"""Facts of other tools' files as text, in the forms that `StoredRun` has them in."""

from datetime import datetime
from typing import Any


def interpreter(implementation: Any, version: str) -> str:
    """Such as `cpython-3.11.7`, of what is known of it."""
    return "-".join(filter(None, (as_text(implementation).lower(), version)))


def moment(text: str) -> str:
    """A moment in ISO 8601; empty where the text is none."""
    try:
        return datetime.fromisoformat(text).isoformat()
    except ValueError:
        return ""


def as_text(value: Any) -> str:
    """A fact as text; empty where it is no text or number."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return ""
    try:
        return str(value)
    except ValueError:  # an integer of 5000 digits has no text
        return ""

"""What a name may be, and how text from elsewhere is made fit to be shown. One rule, for registering and for reading.

A name ends up in terminals, pages, charts, tables and case keys. Standard library only: measured processes load this.
"""

from __future__ import annotations

from bench.errors import SourceError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

LONGEST_NAME, LONGEST_TEXT = 200, 2000
_LONGEST_PATH = 300
"""Characters of one that is shown: what is wrong with it has to be seen as well."""


def name_problem(name: object, *, may_be_empty: bool = False) -> str:
    """Why this is no name of a workload, scale, strategy or option, in a few words; empty where it is one."""
    if not isinstance(name, str):
        return f"it is of type {type(name).__name__}; it must be text"
    if not name.strip() and not (may_be_empty and not name):
        return "it is empty"
    if len(name) > LONGEST_NAME:
        return f"it has {len(name)} characters; it may have {LONGEST_NAME}"
    if not name.isprintable():
        odd = next(each for each in name if not each.isprintable())
        return f"it holds U+{ord(odd):04X}; control characters and invisible ones are not allowed"
    return ""


def check(what: str, names: Iterable[object], *, may_be_empty: bool = False) -> None:
    """Take names of one kind.

    Raises:
        SourceError: if one is no name; `what` says whose it is.
    """
    for name in names:
        if wrong := name_problem(name, may_be_empty=may_be_empty):
            told = f" {name[:40]!r}" if isinstance(name, str) and name else ""
            raise SourceError(f"{what}{told} is no name: {wrong}")


def sanitized(text: str, longest: int = LONGEST_TEXT) -> str:
    """Text on one line, cut where it is long; a control character or an invisible one becomes `�`, a line break a blank."""
    shown = text if len(text) <= longest else text[: longest - 1] + "…"
    if shown.isprintable():
        return shown
    return "".join(
        each if each.isprintable() else " " if each.isspace() else "\N{REPLACEMENT CHARACTER}" for each in shown
    )


def shown_path(path: object) -> str:
    """A path as errors show it."""
    return sanitized(str(path), _LONGEST_PATH)

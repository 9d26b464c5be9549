"""Text as GitHub's markdown. All that comes from a run, a name or an error goes through here.

GitHub makes links of mentions, numbers of issues, and addresses even where markdown is escaped (cmark-gfm's autolinks, and
its filters of the page): these are broken by a zero-width space, so that a text neither notifies nor refers to anybody.
"""

import re

from bench.plugins.names import plain

_BREAK = "\u200b"
_MARKUP = re.compile(r"([\\`*_\[\]<>#|~$&])")
_LINKED = re.compile(r"(@|#|:(?=//)|\bwww(?=\.)|\bgh(?=-\d))", re.IGNORECASE)


def escaped(text: str) -> str:
    """Text on one line that is nothing but text in markdown, also in a cell of a table; not for the start of a line."""
    broken = _LINKED.sub(lambda match: match[0] + _BREAK, plain(text, len(text)))
    return " ".join(_MARKUP.sub(r"\\\1", broken).split())

"""The command as it was given."""

import shlex
import sys

from bench.publishing import publishable


def command_line() -> str:
    """The command as it can be given again, without what must not be published: each word by itself, while it has its ends."""
    words = [publishable(each) for each in sys.argv[1:]]
    return " ".join(["python -m bench", *(_quoted(each) for each in words)])


def _quoted(word: str) -> str:
    """A word as a shell takes it; the sign for what is left out needs no quotes."""
    seen = word.replace("…", "_")
    return word if shlex.quote(seen) == seen else shlex.quote(word)

"""The command that makes a comparison again, from the one that made it."""

import shlex
from collections.abc import Iterator, Mapping, Sequence

BENCH = ("python", "-m", "bench")
"""How a command of this tool begins."""
_COMMANDS = frozenset({"check", "compare"})
_FILES = ("--markdown", "--junit")
"""Options with a value that say where verdicts go."""
_FLAGS = frozenset({"--json", "--github", "--no-github"})


def again(command: str, revisions: Mapping[str, str]) -> str:
    """A command line without what says where its verdicts go; empty if it is none that ends in verdicts.

    Args:
        command: as `Header.command` has it.
        revisions: what an option's revision is now, by the option: a branch moves on, and the commit does not.
    """
    try:
        words = shlex.split(command)
    except ValueError:  # a quote that was cut
        return ""
    if tuple(words[:3]) != BENCH or words[3:4] == [] or words[3] not in _COMMANDS:
        return ""
    return " ".join(quoted(each) for each in [*words[:4], *_kept(words[4:], revisions)])


def _kept(words: Sequence[str], revisions: Mapping[str, str]) -> Iterator[str]:
    """The words that decide what is compared."""
    rest = iter(words)
    for word in rest:
        option, equals, _ = word.partition("=")
        if option in _FILES:
            if not equals:
                next(rest, None)
        elif option in revisions:
            if not equals:
                next(rest, None)
            yield from (option, revisions[option])
        elif word not in _FLAGS:
            yield word


def quoted(word: str) -> str:
    """A word as a shell takes it; the sign for what is left out of a public text stays as it is."""
    seen = word.replace("…", "_")
    return word if shlex.quote(seen) == seen else shlex.quote(word)

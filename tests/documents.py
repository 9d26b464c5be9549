"""What people read: the README, the pages of the docs, and the commands that these and the help of commands show."""

import inspect
import re
import shlex
from pathlib import Path

from bench.cli.main import COMMANDS, cli
from tests.conftest import ROOT

PAGES = (ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md")), ROOT / "docs" / "examples" / "README.md")
_FENCED = re.compile(r"^```.*?^```", re.DOTALL | re.MULTILINE)
_OPERATORS = {"|", ">", ">>", "<", "&&", "||", ";", "&"}


def named_files(page: Path) -> dict[str, str]:
    """The files that a page shows whole, below a comment with their names."""
    return dict(re.findall(r"<!-- (\w+\.py) -->\n```python\n(.*?)```", page.read_text(), re.DOTALL))


def shown_commands(page: Path) -> list[str]:
    """Every `python -m …` and `make …` of a page, as somebody would type it, without what is a synopsis ([…], …)."""
    text = re.sub(r"\\\n\s*", "", page.read_text())
    prose = _FENCED.sub("", text)
    lines = [" ".join(each.split()) for each in re.findall(r"`([^`]+)`", prose)]
    lines += [each.removeprefix("$ ").strip() for block in _FENCED.findall(text) for each in block.splitlines()]
    lines += [re.split(r" {2,}", each)[0] for each in re.findall(r"^    (python -m .*)$", prose, re.MULTILINE)]
    return [
        each for each in dict.fromkeys(lines) if re.match(r"(python -m|make) ", each) and not re.search(r"[…\[]", each)
    ]


def helped_commands() -> list[str]:
    """The examples in the help of every command."""
    helps = [inspect.getdoc(cli.callback), *(cli.get_command(None, each).help for each in COMMANDS)]
    lines = [re.split(r" {2,}", line.strip())[0] for each in helps for line in each.splitlines()]
    return [each for each in lines if each.startswith("python -m ")]


def words_of(line: str) -> list[str]:
    """The words of the first command of a line for a shell."""
    lexer = shlex.shlex(line, posix=True, punctuation_chars=True)
    lexer.wordchars += "".join({*"$*,:{}@^%+…×"} - set(lexer.wordchars))
    words = list(lexer)
    return words[: next((at for at, each in enumerate(words) if each in _OPERATORS), len(words))]


def parsed(words: list[str]) -> dict[str, object]:
    """What a command takes its words for; a wrong command, option or value raises what a user would be told."""
    name, *given = words
    return cli.get_command(None, name).make_context(name, given).params

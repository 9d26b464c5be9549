"""Checks the style of what people read: pages without their code, and texts in the code (help, messages, docstrings).

The rules are proselint's; `[tool.proselint]` in pyproject.toml says which of them, and what else is left alone. Spelling is
codespell's business.
"""

import ast
import inspect
import re
import sys
import tomllib
from collections.abc import Iterator, Sequence
from pathlib import Path

from proselint.checks import __register__
from proselint.config import DEFAULT
from proselint.registry import CheckRegistry
from proselint.tools import LintFile

CheckRegistry().register_many(__register__)  # of the process
ROOT = Path(__file__).parent.parent
CODE = re.compile(r"^```.*?^```|^ {4}.*?$|`[^`]*`|<!--.*?-->|\]\([^)]*\)|^\|[ :|-]+\|$", re.DOTALL | re.MULTILINE)
"""Of a page what is not prose: blocks of code, names in backticks, comments, targets of links, rules of tables."""
NAME = re.compile(r"`[^`]*`")
LEAST_WORDS = 4
"""Of a text in the code; shorter ones are names, keys and formats."""


def main() -> int:
    """Print what is found, a line each with its file and line; give back the exit status."""
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["proselint"]
    config = DEFAULT | {"checks": DEFAULT["checks"] | dict.fromkeys(settings["off"], False)}
    allowed = re.compile("|".join(settings["allowed"]), re.IGNORECASE)
    found = 0
    for path, text, lines in texts():
        file = LintFile(str(path), text)
        for each in file.lint(config):
            start, end = each.check_result.span
            said = " ".join(file.content[start:end].split())
            if not allowed.fullmatch(said):
                print(f"{path.relative_to(ROOT)}:{lines[each.pos[0] - 1]}: {said}: {each.check_result.message}")
                found += 1
    return min(found, 1)


def texts() -> Iterator[tuple[Path, str, Sequence[int]]]:
    """What each file says, and of each line of that the line in the file."""
    for page in (ROOT / "README.md", ROOT / "CHANGELOG.md", *sorted((ROOT / "docs").rglob("*.md"))):
        text = CODE.sub(blank, page.read_text(encoding="utf-8"))
        yield page, text, range(1, text.count("\n") + 2)
    for folder in ("bench", "workloads", "docs/examples"):
        for module in sorted((ROOT / folder).rglob("*.py")):
            said: list[str] = []
            lines: list[int] = []
            for node in ast.walk(ast.parse(module.read_text(encoding="utf-8"))):
                if (
                    isinstance(node, ast.Constant)
                    and isinstance(node.value, str)
                    and len(node.value.split()) >= LEAST_WORDS
                ):
                    text = [*NAME.sub(blank, inspect.cleandoc(node.value)).splitlines(), "·"]
                    said += text
                    lines += range(node.lineno, node.lineno + len(text))
            if said:
                yield module, "\n".join(said), lines


def blank(code: re.Match[str]) -> str:
    """As many lines without a word, so that what follows keeps its line."""
    return "\n" * code[0].count("\n") if "\n" in code[0] else ", ,"


if __name__ == "__main__":
    sys.exit(main())

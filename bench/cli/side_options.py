"""The options of `check` that say what its two sides are: revisions, interpreters, or both."""

import functools
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import click

from bench.errors import UsageError
from bench.sessions.arms import Sides

_OPTIONS = (
    click.option("--base", metavar="REV", help="The revision to compare with."),
    click.option("--head", metavar="REV", help="The revision that is compared (the working tree as it is)."),
    click.option("--setup", metavar="CMD", help="Shell command that builds each side, run in its checkout."),
    click.option(
        "--python",
        metavar="PYTHON",
        help="Interpreter of both sides, by version or path; a relative path is looked up in each checkout.",
    ),
    click.option("--base-python", metavar="PYTHON", help="Interpreter of the base (this one)."),
    click.option("--head-python", metavar="PYTHON", help="Interpreter of the head (this one)."),
)


def side_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command these options; it gets what they mean together as its argument `sides`."""

    @functools.wraps(function)
    def command(
        *arguments: Any,
        base: str | None,
        head: str | None,
        setup: str | None,
        python: str | None,
        base_python: str | None,
        head_python: str | None,
        **others: Any,
    ) -> Any:
        sides = Sides(base, head, setup, (base_python or python, head_python or python))
        return function(*arguments, sides=sides, **others)

    for option in reversed(_OPTIONS):
        command = option(command)
    return command


def told_apart(sides: Sides, words: Sequence[str], written: Sequence[str]) -> Sides:
    """The sides of a new check of what `words` name; `written` are the files that the verdicts go to.

    Raises:
        UsageError: where there is nothing to tell them apart, or nothing to check.
    """
    if not words:
        raise UsageError(
            "name what to check: FILE.py, FILE.py:function or package.module:function, or a suite with --pytest"
        )
    if sides.base is None and (sides.head is not None or sides.setup is not None):
        raise UsageError("--head and --setup go with --base REV, the revision to compare with")
    if sides.base is None and len(set(sides.pythons)) == 1:
        raise UsageError("give --base REV, or two interpreters with --base-python and --head-python")
    return replace(sides, written=written)

"""The options of commands that end in the results of a run: as tables for people, or as JSON or CSV for programs."""

import functools
from collections.abc import Callable
from typing import Any, Literal

import click

from bench.errors import UsageError

Form = Literal["tables", "json", "csv"]
"""What goes to standard output; `json` and `csv` alone, so that a program can read it."""


def form_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command --json and --csv; it gets what they mean together as its argument `form`.

    Both at once are a `UsageError`, before the command begins.
    """

    @functools.wraps(function)
    def command(*arguments: Any, as_json: bool, as_csv: bool, **others: Any) -> Any:
        return function(*arguments, form=_form(as_json=as_json, as_csv=as_csv), **others)

    command = click.option("--csv", "as_csv", is_flag=True, help="Print summary.csv, a row a case, and make no report.")(command)  # fmt: skip
    return click.option("--json", "as_json", is_flag=True, help="Print the summary as JSON, and make no report.")(command)  # fmt: skip


def _form(*, as_json: bool, as_csv: bool) -> Form:
    if as_json and as_csv:
        raise UsageError("--json and --csv both go to standard output; give one of them")
    return "json" if as_json else "csv" if as_csv else "tables"

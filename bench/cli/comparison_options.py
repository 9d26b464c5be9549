"""The options of commands that end in verdicts, `check` and `compare`: where the verdicts go, and which of them pass."""

import functools
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

from bench.analysis.comparison import ACCEPTED, GOOD, Comparisons, Verdict
from bench.cli.files import is_special, write_whole
from bench.errors import StorageError, UnknownNameError, UsageError
from bench.plugins.names import shown_path

_STANDARD_OUTPUT = Path("-")
_ACCEPTABLE = [each for each in Verdict if each not in GOOD | {Verdict.REGRESSED}]


@dataclass(frozen=True, slots=True)
class Outputs:
    """What the user wants of the verdicts."""

    as_json: bool
    markdown: Path | None
    """A file, or `-` for standard output."""
    junit: Path | None
    github: bool
    """Whether to tell GitHub's runner: annotations, and the job summary."""
    accepted: frozenset[Verdict]
    """What passes besides `GOOD`; it belongs into `Comparisons.accepted`."""

    @property
    def files(self) -> list[str]:
        """What is written to."""
        return [str(each) for each in (self.markdown, self.junit) if each not in (None, _STANDARD_OUTPUT)]

    @property
    def is_for_a_program(self) -> bool:
        """Whether standard output is to be read by a program."""
        return self.as_json or self.markdown == _STANDARD_OUTPUT


class Accepted(click.ParamType[frozenset[Verdict]]):
    """Verdicts divided by commas, or `none`."""

    name = "a,b,…"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> frozenset[Verdict]:
        """The verdicts.

        Raises:
            UsageError: for what is no verdict, or one that cannot be accepted.
        """
        if isinstance(value, frozenset):
            return value
        words = [each.strip() for each in value.split(",") if each.strip()]
        if words == ["none"]:
            return frozenset()
        for word in words:
            if word == Verdict.REGRESSED:
                raise UsageError("--accept takes no 'regressed'; give that case a larger --tolerance")
            if word not in {*_ACCEPTABLE, *GOOD}:
                raise UnknownNameError("verdict to --accept", word, [*map(str, _ACCEPTABLE), "none"])
        return frozenset(map(Verdict, words)) or self.fail("it is empty; write none", param, ctx)


_OPTIONS = (
    click.option("--accept", type=Accepted(), default=ACCEPTED, show_default=",".join(sorted(ACCEPTED)),
                 help=f"What passes besides equivalent and improved: {', '.join(_ACCEPTABLE)}; or none."),
    click.option("--json", "as_json", is_flag=True, help="Print the verdicts as JSON."),
    click.option("--markdown", type=click.Path(path_type=Path), metavar="FILE",
                 help="Write them for a pull-request comment; - for standard output."),
    click.option("--junit", type=click.Path(path_type=Path), metavar="FILE", help="Write them as JUnit XML."),
    click.option("--github/--no-github", default=lambda: os.environ.get("GITHUB_ACTIONS") == "true",
                 show_default="on where GITHUB_ACTIONS=true", help="Annotate in GitHub Actions and add to the job summary."),
)  # fmt: skip


def comparison_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command these options; it gets what they mean together as its argument `outputs`.

    Contradicting options are a `UsageError`, and a file that cannot be written a `StorageError`, before the command begins.
    """

    @functools.wraps(function)
    def command(
        *arguments: Any,
        accept: frozenset[Verdict],
        as_json: bool,
        markdown: Path | None,
        junit: Path | None,
        github: bool,
        **others: Any,
    ) -> Any:
        outputs = Outputs(as_json, markdown, junit, github, accept)
        _check(outputs)
        return function(*arguments, outputs=outputs, **others)

    for option in reversed(_OPTIONS):
        command = option(command)
    return command


def show(found: Comparisons | Sequence[Comparisons], outputs: Outputs) -> None:
    """Print the verdicts, tell GitHub, and write files, as it was asked for and in this order.

    Where standard output is for a program, GitHub's annotations go to standard error, which its runner reads as well.

    Raises:
        StorageError: if a file cannot be written.
    """
    from bench.report.kit import terminal
    from bench.report.verdicts.comparisons import as_json
    from bench.report.verdicts.markdown_comparison import as_markdown

    several = [found] if isinstance(found, Comparisons) else list(found)
    if outputs.as_json:
        terminal.show_text(as_json(found))
    elif outputs.markdown == _STANDARD_OUTPUT:
        terminal.show_text(as_markdown(several).rstrip("\n"))
    else:
        _show_tables(several, outputs)
    if outputs.github:
        _tell_github(several, errors=outputs.is_for_a_program)
    if outputs.markdown not in (None, _STANDARD_OUTPUT):
        write_markdown(several, outputs.markdown)
    if outputs.junit is not None:
        write_junit(several, outputs.junit)


def write_markdown(found: Sequence[Comparisons], path: Path) -> None:
    """Write the verdicts as markdown.

    Raises:
        StorageError: if it cannot be written; an earlier file is as it was.
    """
    from bench.report.verdicts.markdown_comparison import as_markdown

    write_whole(path, as_markdown(found), "--markdown")


def write_junit(found: Sequence[Comparisons], path: Path) -> None:
    """Write the verdicts as JUnit XML.

    Raises:
        StorageError: if it cannot be written; an earlier file is as it was.
    """
    from bench.report.verdicts.junit import as_junit

    write_whole(path, as_junit(found), "--junit")


def _show_tables(found: Sequence[Comparisons], outputs: Outputs) -> None:
    from rich.console import Group
    from rich.text import Text

    from bench.report.kit import terminal
    from bench.report.verdicts.annotations import fence
    from bench.report.verdicts.comparisons import terminal_table

    opening, closing = fence() if outputs.github else ("", "")
    if opening:
        terminal.show_text(opening)
    for number, each in enumerate(found):
        terminal.show(Group(*([Text()] if number else []), *terminal_table(each)))
    if closing:
        terminal.show_text(closing)


def _tell_github(found: Sequence[Comparisons], *, errors: bool) -> None:
    from bench.report.verdicts.annotations import annotations
    from bench.report.verdicts.markdown_comparison import as_markdown

    for line in annotations(found):
        click.echo(line, err=errors)
    if summary := os.environ.get("GITHUB_STEP_SUMMARY"):
        try:
            with open(summary, "a", encoding="utf-8") as file:
                file.write(f"\n{as_markdown(found)}\n")  # HTML before or after it would go on
        except OSError as error:
            raise StorageError(
                f"cannot write the job summary to {shown_path(summary)}: {error.strerror}; use --no-github"
            ) from error


def _check(outputs: Outputs) -> None:
    if outputs.as_json and outputs.markdown == _STANDARD_OUTPUT:
        raise UsageError("--json and --markdown - both want standard output; give --markdown a file")
    for option, path in (("--markdown", outputs.markdown), ("--junit", outputs.junit)):
        if path is None or (path == _STANDARD_OUTPUT and option == "--markdown"):
            continue
        name = shown_path(path)
        try:
            is_folder = path.is_dir()
        except OSError as error:
            raise StorageError(f"cannot write {name}: {error.strerror}; give another {option}") from None
        if is_folder:
            raise StorageError(f"cannot write {name}: it is a folder; give {option} a file")
        if not path.parent.is_dir():
            raise StorageError(
                f"cannot write {name}: there is no folder {shown_path(path.parent)}; make it or give another {option}"
            )
        if not os.access(path if is_special(path) else path.parent, os.W_OK):
            raise StorageError(f"cannot write {name}: no permission; give another {option}")

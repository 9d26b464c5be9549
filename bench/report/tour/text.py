"""The tour in a terminal: each lesson's title, its sentence, and the command that measures it alone."""

import textwrap
from collections.abc import Iterator, Sequence

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.text import Text

from bench.analysis.estimates import INTERVAL
from bench.analysis.tour.taught import Taught, measured
from bench.report.kit import words
from bench.report.tour.words import again, busy, notes, sentence

_ASIDE = (0, 0, 0, 2)
_COMMAND_WIDTH = 72
"""Columns of a line of a command, without what leads on to the next."""


def terminal_text(lessons: Sequence[Taught]) -> Group:
    """All lessons, and what they were measured on."""
    return Group(*_parts(lessons))


def _parts(lessons: Sequence[Taught]) -> Iterator[RenderableType]:
    for each in lessons:
        yield Text.assemble((each.lesson.title, "bold"))
        yield Padding(Text(sentence(each)), _ASIDE)
        for note in notes(each):
            yield Padding(Text(note, style="yellow"), _ASIDE)
        yield Padding(Text(_folded(again(each.lesson)), style="dim"), _ASIDE)
        yield Text()
    if told := busy(lessons):
        yield Text(told, style="yellow")
    runs = [run for _, _, run in measured(lessons)]
    if runs:
        environment = runs[0].header.environment
        for line in (f"In brackets: {INTERVAL}s", words.machine(environment), words.python(runs[0].header)):
            yield Text(line, style="dim")


def _folded(command: str) -> str:
    """A command on as many lines as it takes, as a shell reads them."""
    lines = textwrap.wrap(command, _COMMAND_WIDTH, break_long_words=False, break_on_hyphens=False)
    return " \\\n    ".join(lines)

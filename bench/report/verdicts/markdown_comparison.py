"""Verdicts as markdown, for GitHub's job summary and a comment on a pull request. Names are the user's, so all is escaped."""

from collections import Counter
from collections.abc import Iterator, Sequence

from bench.analysis.comparison import Comparisons, worst_first
from bench.plugins.names import sanitized
from bench.publishing import publishable
from bench.report.kit import markdown
from bench.report.kit.table import Cell, Column, Row, Table, texts
from bench.report.verdicts import verdict_words as words
from bench.report.verdicts.table import verdict_table

MARKER = "<!-- concurrency-bench -->"
"""By this a workflow finds the comment that it wrote before."""
MOST_ROWS = 10
_LONGEST = 300
"""Of a name or a reason, which are the user's."""
_LONGEST_TOLD = 5000
"""Of what this tool says in whole sentences, and of a command."""


def as_markdown(found: Sequence[Comparisons]) -> str:
    """All of it, the marker first, and last the command that makes it again."""
    commands = dict.fromkeys(each.reproduce for each in found if each.reproduce)
    parts = [
        MARKER,
        *(line for each in found for line in _section(each)),
        *(f"Reproduce locally: {markdown.code(_public(each, _LONGEST_TOLD))}" for each in commands),
    ]
    return "\n".join(parts).rstrip() + "\n"


def escaped(text: str) -> str:
    """Text for a comment, which everybody reads: cut where it is long, and without what must not be published."""
    return markdown.escaped(_public(text))


def _public(text: str, longest: int = _LONGEST) -> str:
    return sanitized(publishable(text), longest)


def _told(text: str) -> str:
    """A sentence of this tool, which is never cut in the middle."""
    return markdown.escaped(_public(text, _LONGEST_TOLD))


def _section(found: Comparisons) -> Iterator[str]:
    yield f"### {words.OUTCOME_SIGNS[found.outcome]} {_told(words.headline(found))}"
    yield ""
    if found.cases:
        yield f"{escaped(words.counts(found))}: {escaped(found.head.label)} against {escaped(found.base.label)}."
        yield ""
        yield from _table(found)
        yield ""
    if found.notes:
        yield from (f"- Note: {_told(note)}" for note in found.notes)
        yield ""
    yield "<details><summary>Method and environment</summary>"
    yield ""
    yield f"Method: {_told(words.rule(found))}."
    yield ""
    yield _environment(found)
    yield ""
    yield "</details>"
    yield ""


def _table(found: Comparisons) -> Iterator[str]:
    cases = worst_first(found.cases)
    yield _shown(verdict_table(found, cases[:MOST_ROWS]))
    if rest := Counter(str(each.verdict) for each in cases[MOST_ROWS:]):
        yield ""
        yield f"and {', '.join(f'{n} {verdict}' for verdict, n in rest.items())} {'case' if rest.total() == 1 else 'cases'}"


def _environment(found: Comparisons) -> str:
    columns = [Column(each, kind="text") for each in ("", "base", "head")]
    return _shown(texts(columns, [("measured", found.base.label, found.head.label), *words.facts(found)]))


def _shown(table: Table) -> str:
    """A table with the texts that a comment may have."""
    rows = [Row([Cell(_public(cell.text)) for cell in row.cells]) for row in table.rows]
    return markdown.table_text(Table(table.columns, rows))

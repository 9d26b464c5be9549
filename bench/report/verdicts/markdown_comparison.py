"""Verdicts as markdown, for GitHub's job summary and a comment on a pull request. Names are the user's, so all is escaped."""

from collections import Counter
from collections.abc import Iterator, Sequence

from bench.analysis.comparison import Comparison, Comparisons, worst_first
from bench.plugins.names import plain
from bench.publishing import publishable
from bench.report.kit import markdown
from bench.report.verdicts import verdict_words as words

MARKER = "<!-- concurrency-bench -->"
"""By this a workflow finds the comment that it wrote before."""
MOST_ROWS = 10
_LONGEST = 300


def as_markdown(found: Sequence[Comparisons]) -> str:
    """All of it, the marker first."""
    parts = [MARKER, *(line for each in found for line in _section(each))]
    return "\n".join(parts).rstrip() + "\n"


def escaped(text: str) -> str:
    """Text for a comment, which everybody reads: cut where it is long, and without what must not be published."""
    return markdown.escaped(plain(publishable(text), _LONGEST))


def _section(found: Comparisons) -> Iterator[str]:
    yield f"### {'✅' if found.passes else '❌'} {escaped(words.headline(found))}"
    yield ""
    if found.cases:
        yield f"{escaped(words.counts(found))}: {escaped(found.head.label)} against {escaped(found.base.label)}."
        yield ""
        yield from _table(found)
        yield ""
    if found.notes:
        yield from (f"- Note: {escaped(note)}" for note in found.notes)
        yield ""
    yield "<details><summary>Method and environment</summary>"
    yield ""
    yield f"Method: {escaped(words.rule(found))}."
    yield ""
    yield from _environment(found)
    yield ""
    yield "</details>"
    yield ""


def _table(found: Comparisons) -> Iterator[str]:
    cases = worst_first(found.cases)
    yield "| verdict | case | base | head | change | blocks | |"
    yield "|---|---|---:|---:|---:|---:|---|"
    for each in cases[:MOST_ROWS]:
        yield f"| {' | '.join(_cells(found, each))} |"
    if rest := Counter(str(each.verdict) for each in cases[MOST_ROWS:]):
        yield ""
        yield f"and {', '.join(f'{n} {verdict}' for verdict, n in rest.items())} {'case' if rest.total() == 1 else 'cases'}"


def _cells(found: Comparisons, each: Comparison) -> tuple[str, ...]:
    return (
        escaped(f"{words.SIGNS[each.verdict]} {each.verdict}"),
        escaped(words.title(found, each)),
        escaped(words.value(each.quantity, each.base)),
        escaped(words.value(each.quantity, each.head)),
        escaped(words.change(each.ratio)),
        "" if each.ratio is None else str(each.ratio.n),
        escaped(words.detail(found, each)),
    )


def _environment(found: Comparisons) -> Iterator[str]:
    yield "| | base | head |"
    yield "|---|---|---|"
    yield f"| measured | {escaped(found.base.label)} | {escaped(found.head.label)} |"
    for name, base, head in words.facts(found):
        yield f"| {escaped(name)} | {escaped(base)} | {escaped(head)} |"

"""The table of comparisons, for the terminal and for markdown."""

from collections.abc import Iterator, Sequence

from bench.analysis.comparison import Comparison, Comparisons
from bench.report.kit.table import Cell, Column, Table, texts
from bench.report.verdicts import verdict_words as words

COLUMNS = (
    Column("verdict", kind="text"),
    Column("case", kind="text"),
    *map(Column, ("base", "head", "change", "blocks")),
    Column("", kind="text"),
)
"""The last has what else there is to say."""


def verdict_table(found: Comparisons, cases: Sequence[Comparison]) -> Table:
    """A row for each of these comparisons. Its texts are raw, as in `verdict_words`."""
    return texts(COLUMNS, (_row(found, each) for each in cases))


def _row(found: Comparisons, each: Comparison) -> Iterator[str | Cell]:
    yield f"{words.SIGNS[each.verdict]} {each.verdict}"
    yield words.title(found, each)
    yield words.value(each.quantity, each.base)
    yield words.value(each.quantity, each.head)
    yield words.change(each.ratio)
    yield "" if each.ratio is None else str(each.ratio.n)
    yield words.detail(found, each)

"""What `doctor` shows, as rich renderables: facts group by group with their hints, proofs, and the verdict last.

Every state is a word; its colour only repeats it.
"""

import itertools
from collections.abc import Iterator, Sequence

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.text import Text

from bench.records.diagnosis import Diagnosis, Fact, State, Verdict
from bench.report.doctor.proofs import proof_tables
from bench.report.kit.folded_table import folded
from bench.report.kit.table import Cell, Column, Table, styled, texts

_STYLES = {State.GOOD: "green", State.LIMITED: "yellow", State.ABSENT: "red"}
_TOPIC_WIDTH = 22


def diagnosis_text(found: Diagnosis) -> Group:
    """Everything."""
    parts: list[RenderableType] = []
    for name, facts in itertools.groupby(found.facts, key=lambda fact: fact.group):
        parts += [Text(name, style="bold"), _facts(list(facts)), Text()]
    parts += proof_tables(found.proofs)
    parts += [Text("verdict", style="bold"), _verdict(found)]
    return Group(*parts)


def _facts(facts: Sequence[Fact]) -> RenderableType:
    columns = [
        Column("state", kind="name", least=max(map(len, State))),
        Column("topic", kind="name", least=_TOPIC_WIDTH),
        Column("value", kind="text"),
    ]
    rows = ((Cell(each.state, style=_STYLES[each.state]), each.topic, _words(each)) for each in facts)
    return _indented(texts(columns, rows))


def _words(fact: Fact) -> Cell:
    hint = f"\n→ {fact.hint}" if fact.hint else ""
    return styled((fact.value, ""), (f"; {fact.meaning}", "dim"), (hint, ""))


def _verdict(found: Diagnosis) -> RenderableType:
    return _indented(texts([Column("kind", kind="name"), Column("what", kind="text")], _kinds(found.verdict)))


def _indented(table: Table) -> RenderableType:
    return Padding(folded(table, headings=False), (0, 0, 0, 2))


def _kinds(verdict: Verdict) -> Iterator[tuple[str, str]]:
    for name, what in (("exact", verdict.exact), ("bounded", verdict.bounded), ("unknown", verdict.unknown)):
        yield f"{name} here", "; ".join(what) or "nothing"

"""What `doctor` shows, as rich renderables: facts group by group with their hints, proofs, and the verdict last.

Every state is a word; its colour only repeats it.
"""

import itertools
from collections.abc import Iterator, Sequence

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from bench.records.diagnosis import Diagnosis, Fact, State, Verdict
from bench.report.doctor.proofs import proof_tables

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
    table = Table.grid(padding=(0, 2, 0, 0))
    table.add_column(width=max(map(len, State)), no_wrap=True)
    table.add_column(width=_TOPIC_WIDTH)
    table.add_column(overflow="fold")
    for each in facts:
        table.add_row(Text(each.state, style=_STYLES[each.state]), Text(each.topic), _words(each))
    return Padding(table, (0, 0, 0, 2))


def _words(fact: Fact) -> Group:
    lines = [Text.assemble(fact.value, (f"; {fact.meaning}", "dim"))]
    if fact.hint:
        lines.append(Text(f"→ {fact.hint}"))
    return Group(*lines)


def _verdict(found: Diagnosis) -> RenderableType:
    table = Table.grid(padding=(0, 2, 0, 0))
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    for name, what in _kinds(found.verdict):
        table.add_row(name, Text(what))
    return Padding(table, (0, 0, 0, 2))


def _kinds(verdict: Verdict) -> Iterator[tuple[str, str]]:
    for name, what in (("exact", verdict.exact), ("bounded", verdict.bounded), ("unknown", verdict.unknown)):
        yield f"{name} here", "; ".join(what) or "nothing"

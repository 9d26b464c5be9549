"""Verdicts for the terminal and for programs."""

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from itertools import groupby
from typing import Any

from rich.cells import cell_len
from rich.console import Console, ConsoleOptions, RenderableType
from rich.padding import Padding
from rich.text import Text

from bench.analysis.comparison import Comparisons, Outcome, Verdict, worst_first
from bench.plugins.names import sanitized
from bench.quantities import COMPARED
from bench.report.kit.folded_table import folded
from bench.report.kit.json_text import json_text
from bench.report.kit.table import Cell, Column, Row, Table
from bench.report.verdicts import verdict_words as words
from bench.report.verdicts.table import COLUMNS, verdict_table

_STYLES = {
    Verdict.REGRESSED: "bold red",
    Verdict.FAILED: "bold red",
    Verdict.MISSING: "red",
    Verdict.INCOMPARABLE: "red",
    Verdict.NEW: "yellow",
    Verdict.IMPROVED: "green",
    Verdict.INCONCLUSIVE: "yellow",
    Verdict.EQUIVALENT: "bold",
}
_OUTCOME_STYLES = {Outcome.FAILS: "bold red", Outcome.UNDECIDED: "bold yellow", Outcome.PASSES: "bold green"}
_HEADINGS = [each.heading for each in COLUMNS[1:6]]
_GAP, _SHORTEST_NAME = 2, 16


def terminal_table(found: Comparisons) -> list[RenderableType]:
    """The headline, the comparisons under their verdicts, the worst first; then how it was found, and where."""
    parts: list[RenderableType] = [Text(sanitized(words.headline(found)), style=_OUTCOME_STYLES[found.outcome])]
    if found.cases:
        parts += [Text(words.counts(found)), Text(), _Rows(found), Text()]
    parts += [Text.assemble(("note: ", "yellow"), sanitized(note)) for note in found.notes]
    return [*parts, *(Text(line, style="dim") for line in _origin(found))]


@dataclass(frozen=True, slots=True)
class _Rows:
    """The comparisons in the width there is: a table whose names go on in a second line, or no columns at all."""

    found: Comparisons

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> Iterator[RenderableType]:
        """Under each verdict its rows, and below a row what else there is to say."""
        cases = worst_first(self.found.cases)
        cells = [[sanitized(cell.text) for cell in row.cells[1:6]] for row in verdict_table(self.found, cases).rows]
        widths = [max(map(cell_len, column)) for column in zip(_HEADINGS, *cells, strict=True)]
        room = options.max_width - 1 - sum(widths[1:]) - _GAP * len(widths)
        in_columns = room >= min(_SHORTEST_NAME, widths[0])
        widths[0] = min(widths[0], room)
        if in_columns:
            yield _line([Cell(each, style="dim") for each in (" ", *_HEADINGS)], widths)
        for verdict, rows in groupby(zip(cases, cells, strict=True), lambda row: row[0].verdict):
            style, sign = _STYLES[verdict], words.SIGNS[verdict]
            yield Text(str(verdict), style=style)
            for each, row in rows:
                if in_columns:
                    yield _line([Cell(sign, style=style), *map(Cell, row)], widths)
                    said = words.detail(self.found, each)
                else:
                    yield Text.assemble((f"{sign} ", style), row[0])
                    said = words.sentence(self.found, each)
                if said:
                    yield Padding(Text(sanitized(said), style="dim"), (0, 0, 0, 4))


def _line(cells: Sequence[Cell], widths: Sequence[int]) -> RenderableType:
    """A row as a table of its own, so that a reason can follow in the whole width."""
    sign = Column("", kind="name", least=1)
    columns = [replace(column, least=width) for column, width in zip(COLUMNS[1:6], widths, strict=True)]
    return folded(Table([sign, *columns], [Row(cells)]), padding=(0, _GAP), headings=False)


def _origin(found: Comparisons) -> Iterator[str]:
    facts = words.facts(found)
    unequal = any(base != head for _, base, head in facts)
    for name, side in (("base", found.base), ("head", found.head)):
        own = [f"{fact} {text}" for fact, text in side.facts.items()] if unequal else []
        yield sanitized(" · ".join((f"{name}: {side.label}", *own)))
    if facts and not unequal:
        yield sanitized("both: " + " · ".join(f"{fact} {text}" for fact, text, _ in facts))
    yield sanitized(words.rule(found))


def as_json(found: Comparisons | Sequence[Comparisons]) -> str:
    """Everything of the record, for a program; of several records a list of such objects.

    Keys: `base` and `head` (`label`; `facts`, text by name), `passes`, `outcome`, `exit_status`, `counts` (by verdict), `alpha`
    (a fraction), `method`, `notes`, `accepted` (verdicts), `remedy`, `reproduce`, and `cases`, each with `case` (the key), `name`, `quantity`,
    `unit` (s or B), `verdict`, `reason`, `tolerance` (a fraction), `base` and `head` (in that unit), `ratio` (head / base:
    `centre`, `low`, `high`, `level`, `n`), `detectable` (a ratio above 1) and `needed` (blocks). What is unknown, and a
    number that is none (infinite, NaN), is null.
    """
    if isinstance(found, Comparisons):
        return json_text(_record(found))
    return json_text([_record(each) for each in found])


def _record(found: Comparisons) -> dict[str, Any]:
    return {
        "base": asdict(found.base),
        "head": asdict(found.head),
        "passes": found.passes,
        "outcome": found.outcome,
        "exit_status": found.exit_status,
        "counts": {str(each): n for each, n in found.counts.items()},
        "alpha": found.alpha,
        "method": found.method,
        "notes": found.notes,
        "accepted": sorted(map(str, found.accepted)),
        "remedy": found.remedy,
        "reproduce": found.reproduce,
        "cases": [asdict(each) | {"unit": COMPARED[each.quantity].unit} for each in found.cases],
    }

"""The tables of `list`, as rich renderables. Loads nothing of the analysis: the list is there at once."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from rich.console import Console, ConsoleOptions, Group, RenderableType
from rich.text import Text

from bench.patterns import PATTERNS, Pattern
from bench.records.catalogue import Catalogue, OptionInfo, StrategyInfo, WorkloadInfo
from bench.report.kit.folded_table import folded
from bench.report.kit.table import Cell, Column, styled, texts

_ROOMY = 120
"""Columns from which on options have a column of their own."""


def catalogue_tables(found: Catalogue, workers: int, workers_from: str) -> Group:
    """Pattern by pattern its workloads and strategies, with scales and options, and what is unavailable."""
    parts: list[RenderableType] = []
    for pattern in PATTERNS.values():
        workloads = [each for each in found.workloads if each.pattern == pattern.name]
        strategies = [each for each in found.strategies if each.pattern == pattern.name]
        if workloads or strategies:
            parts += [_title(pattern), _workloads(workloads), Text(), _strategies(pattern, strategies, workers), Text()]
    parts.append(Text(f"Workers default to the CPUs this process may use: {workers}, by {workers_from}.", style="dim"))
    return Group(*parts)


def _title(pattern: Pattern) -> Text:
    return Text.assemble((pattern.name, "bold"), f": {pattern.summary}; counted in {pattern.unit}")


def _workloads(workloads: Sequence[WorkloadInfo]) -> "_Names":
    rows = []
    for work in workloads:
        scales = "from --inputs" if work.needs_inputs else ", ".join(work.scales)
        notes = [f"Needs {', '.join(work.needs)}."] if work.needs else []
        notes += ["Also as a coroutine."] if work.coroutine and not work.needs else []
        rows.append(_Row(work.name, scales, _what(work.summary, notes, work.unavailable), _options(work.options)))
    return _Names("workload", "scales", rows)


def _strategies(pattern: Pattern, strategies: Sequence[StrategyInfo], workers: int) -> "_Names":
    rows = []
    for way in strategies:
        own = "per task" if way.per_task else "1" if way.isolation == "none" else "its own"
        notes = ["A demonstration: measured only when named, never ranked."] if way.demonstration else []
        notes += [f"Unless named, on {', '.join(way.showcase)} only."] if way.showcase else []
        notes += ["The baseline."] if way.name == pattern.baseline else []
        what = _what(way.summary, notes, way.unavailable)
        rows.append(_Row(way.name, str(workers) if way.takes_workers else own, what, _options(way.options)))
    return _Names("strategy", "workers", rows)


@dataclass(frozen=True, slots=True)
class _Row:
    name: str
    amount: str
    """Scales of a workload, workers of a strategy."""
    what: Sequence[tuple[str, str]]
    """In pieces with a style each."""
    options: Sequence[str]


@dataclass(frozen=True, slots=True)
class _Names:
    """Names with what they are: in four columns where there is room, else amounts and options below the description."""

    kind: str
    amount: str
    rows: Sequence[_Row]

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> Iterator[RenderableType]:
        """One table."""
        longest = max((len(each.name) for each in self.rows), default=0)
        name = Column(self.kind, kind="text", least=min(longest, options.max_width // 3))
        if options.max_width >= _ROOMY:
            others = [Column(each, kind="text") for each in (self.amount, "what", "options")]
            rows = ((each.name, each.amount, styled(*each.what), "\n".join(each.options)) for each in self.rows)
            yield folded(texts([name, *others], rows))
        else:
            yield folded(texts([name, Column("what", kind="text")], map(self._short, self.rows)))

    def _short(self, row: _Row) -> tuple[str, Cell]:
        below = "; ".join((f"{self.amount}: {row.amount}", *row.options))
        return row.name, styled(*row.what, ("\n" + below, "dim"))


def _what(summary: str, notes: Sequence[str], unavailable: str) -> Sequence[tuple[str, str]]:
    if unavailable:
        return ("unavailable", "yellow"), (f": {unavailable}", "")
    return ((" ".join([summary, *notes]), ""),)


def _options(options: dict[str, OptionInfo]) -> list[str]:
    return [f"{name}={'|'.join(each.choices) or each.default}" for name, each in options.items()]

"""The tables of `list`, as rich renderables. Loads nothing of the analysis: the list is there at once."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from rich.console import Console, ConsoleOptions, Group, RenderableType
from rich.table import Table
from rich.text import Text

from bench.patterns import PATTERNS, Pattern
from bench.records.catalogue import Catalogue, OptionInfo, StrategyInfo, WorkloadInfo

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
    what: Text
    options: Sequence[str]


@dataclass(frozen=True, slots=True)
class _Names:
    """Names with what they are: in four columns where there is room, else amounts and options below the description."""

    kind: str
    amount: str
    rows: Sequence[_Row]

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> Iterator[RenderableType]:
        """One table."""
        roomy = options.max_width >= _ROOMY
        table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
        for heading in (self.kind, self.amount, "what", "options") if roomy else (self.kind, "what"):
            table.add_column(heading, overflow="fold", header_style="dim")
        table.columns[0].min_width = min(max((len(each.name) for each in self.rows), default=0), options.max_width // 3)
        for each in self.rows:
            if roomy:
                table.add_row(each.name, each.amount, each.what, "\n".join(each.options))
            else:
                below = "; ".join((f"{self.amount}: {each.amount}", *each.options))
                table.add_row(each.name, Text.assemble(each.what, ("\n" + below, "dim")))
        yield table


def _what(summary: str, notes: Sequence[str], unavailable: str) -> Text:
    if unavailable:
        return Text.assemble(("unavailable", "yellow"), f": {unavailable}")
    return Text(" ".join([summary, *notes]))


def _options(options: dict[str, OptionInfo]) -> list[str]:
    return [f"{name}={'|'.join(each.choices) or each.default}" for name, each in options.items()]

"""The tables of `list`, as rich renderables. Loads nothing of the analysis: the list is there at once."""

from collections.abc import Sequence

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from bench.catalogue import Catalogue, OptionInfo, StrategyInfo, WorkloadInfo
from bench.patterns import PATTERNS, Pattern


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


def _workloads(workloads: Sequence[WorkloadInfo]) -> Table:
    table = _table("workload", "scales", "what", "options")
    for work in workloads:
        scales = "from --inputs" if work.needs_inputs else ", ".join(work.scales)
        notes = [f"Needs {', '.join(work.needs)}."] if work.needs else []
        notes += ["Also as a coroutine."] if work.coroutine and not work.needs else []
        table.add_row(work.name, scales, _what(work.summary, notes, work.unavailable), _options(work.options))
    return table


def _strategies(pattern: Pattern, strategies: Sequence[StrategyInfo], workers: int) -> Table:
    table = _table("strategy", "workers", "what", "options")
    for way in strategies:
        own = "per task" if way.per_task else "1" if way.isolation == "none" else "its own"
        notes = ["A demonstration: measured only when named, never ranked."] if way.demonstration else []
        notes += [f"Unless named, on {', '.join(way.showcase)} only."] if way.showcase else []
        notes += ["The baseline."] if way.name == pattern.baseline else []
        what = _what(way.summary, notes, way.unavailable)
        table.add_row(way.name, str(workers) if way.takes_workers else own, what, _options(way.options))
    return table


def _table(*names: str) -> Table:
    table = Table(box=None, pad_edge=False)
    for name in names:
        table.add_column(name, overflow="fold", header_style="dim")
    return table


def _what(summary: str, notes: Sequence[str], unavailable: str) -> Text:
    if unavailable:
        return Text(f"unavailable: {unavailable}", style="yellow")
    return Text(" ".join([summary, *notes]))


def _options(options: dict[str, OptionInfo]) -> str:
    return "\n".join(f"{name}={'|'.join(each.choices) or each.default}" for name, each in options.items())

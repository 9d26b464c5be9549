"""The tables of `list`, as rich renderables. Loads nothing of the analysis: the list is there at once."""

from rich.console import Group
from rich.table import Table
from rich.text import Text

from bench.model import Catalogue, OptionInfo


def catalogue_tables(found: Catalogue, workers: int, workers_from: str) -> Group:
    """Workloads and strategies with their scales and options, and what is unavailable."""
    workloads = Table(title="Workloads", title_justify="left", title_style="bold", box=None, pad_edge=False)
    for name in ("name", "pattern", "scales", "what", "options"):
        workloads.add_column(name, overflow="fold", header_style="dim")
    for work in found.workloads:
        scales = "from --inputs" if work.needs_inputs else ", ".join(work.scales)
        workloads.add_row(
            work.name, work.pattern, scales, _what(work.summary, work.unavailable), _options(work.options)
        )
    strategies = Table(title="Strategies", title_justify="left", title_style="bold", box=None, pad_edge=False)
    for name in ("name", "pattern", "workers", "what", "options"):
        strategies.add_column(name, overflow="fold", header_style="dim")
    for way in found.strategies:
        own = "per task" if way.per_task else "1" if way.isolation == "none" else "its own"
        taken = str(workers) if way.takes_workers else own
        strategies.add_row(way.name, way.pattern, taken, _what(way.summary, way.unavailable), _options(way.options))
    note = Text(f"Workers default to the CPUs this process may use: {workers}, by {workers_from}.", style="dim")
    return Group(workloads, Text(), strategies, Text(), note)


def _what(summary: str, unavailable: str) -> Text:
    return Text(f"unavailable: {unavailable}", style="yellow") if unavailable else Text(summary)


def _options(options: dict[str, OptionInfo]) -> str:
    return "\n".join(f"{name}={'|'.join(each.choices) or each.default}" for name, each in options.items())

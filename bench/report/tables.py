"""The terminal's tables, as rich renderables: one a workload, then findings and where it was measured."""

from rich.console import Group as Stack
from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from bench import units
from bench.analysis.groups import Group
from bench.analysis.summary import Summary
from bench.report import words
from bench.report.results import Results


def result_tables(results: Results) -> Stack:
    """Everything the terminal shows of a run."""
    parts: list[RenderableType] = []
    for group in results.groups:
        parts += [group_table(group), Text(group.headline, style="italic"), Text()]
    if results.findings:
        parts += [Text("Findings", style="bold"), *(_finding_lines(results)), Text()]
    environment = results.run.header.environment
    for line in (
        words.machine(environment),
        words.python(environment),
        f"{words.amount(results.run)}; {words.share(results.run)}",
        f"run file: {results.path}",
    ):
        parts.append(Text(line, style="dim"))
    return Stack(*parts)


def group_table(group: Group) -> Table:
    """The cases of one workload, fastest first, then those without a time."""
    base = next((each.base_wall_s for each in group.cases if each.base_wall_s is not None), None)
    speedup = "× serial" if base is None else f"× {units.seconds(base)}"
    table = Table(
        title=f"{group.name} at scale {group.scale}",
        title_justify="left",
        title_style="bold",
        box=None,
        pad_edge=False,
        padding=(0, 1, 0, 0),
        header_style="dim",
    )
    table.add_column("strategy", overflow="fold", min_width=12)
    for name in ("round", "95 % interval", speedup, "CPU", "cores", "memory", "start", "stop"):
        table.add_column(name, justify="right", no_wrap=True)
    for each in (*group.ranked, *group.unranked):
        table.add_row(group.labels[each.case.key], *_cells(each))
    return table


def _cells(summary: Summary) -> list[str | Text]:
    if summary.wall is None:
        return [Text(str(summary.outcome), style="red")]
    ratio = units.ratio(summary.speedup.centre) if summary.speedup else "–"
    return [
        units.seconds(summary.wall.centre),
        words.interval(summary.wall),
        ratio,
        units.seconds(summary.cpu_s),
        units.count(summary.cores_used),
        units.size(summary.peak_memory_bytes),
        units.seconds(summary.start_s),
        units.seconds(summary.stop_s),
    ]


def _finding_lines(results: Results) -> list[Text]:
    return [
        Text.assemble((f"{each.code} ", "yellow"), f"{each.subject}: {each.message} ", (f"({each.hint})", "dim"))
        for each in results.findings
    ]

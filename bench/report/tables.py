"""The terminal's tables, as rich renderables: one a workload, then findings and where it was measured."""

from collections.abc import Sequence

from rich.console import Group as Stack
from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from bench.analysis.groups import Group
from bench.report import article, cells, words
from bench.report.results import Results


def result_tables(results: Results) -> Stack:
    """Everything the terminal shows of a run."""
    parts: list[RenderableType] = []
    for group in results.groups:
        parts += [group_table(group), Text(group.headline, style="italic"), Text()]
    told = article.lines(results.summaries)
    if told:
        parts += [article_table(told), Text()]
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
    shown = [each for each in cells.columns(group) if each.narrow]
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
    for column in shown:
        table.add_column(column.short_heading or column.heading, justify="right", no_wrap=True)
    for each in (*group.ranked, *group.unranked):
        values: list[str | Text] = [column.text(each) for column in shown]
        if each.wall is None:
            values = [Text(str(each.outcome), style="red")]
        table.add_row(group.labels[each.case.key], *values)
    return table


def article_table(told: Sequence[article.Line]) -> Table:
    """What the tutorials print beside what was measured."""
    table = Table(title="The tutorials' figures", title_justify="left", title_style="bold", box=None, pad_edge=False)
    for heading in article.HEADINGS:
        table.add_column(heading, overflow="fold", header_style="dim")
    for each in told:
        table.add_row(each.what, each.printed, each.bound, each.measured, each.remark)
    return table


def _finding_lines(results: Results) -> list[Text]:
    return [
        Text.assemble((f"{each.code} ", "yellow"), f"{each.subject}: {each.message} ", (f"({each.hint})", "dim"))
        for each in results.findings
    ]

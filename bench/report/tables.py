"""The terminal's tables, as rich renderables: one a workload, then findings and where it was measured."""

from collections.abc import Sequence

from rich.console import Group as Stack
from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from bench.names import plain
from bench.report import article, words
from bench.report.group_table import GroupTable
from bench.report.results import Results


def result_tables(results: Results) -> Stack:
    """Everything the terminal shows of a run."""
    parts: list[RenderableType] = []
    for group in results.groups:
        parts += [GroupTable(group), Text()]
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
        f"run file: {plain(str(results.path))}",
    ):
        parts.append(Text(line, style="dim"))
    return Stack(*parts)


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

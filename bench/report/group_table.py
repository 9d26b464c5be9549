"""The terminal's table of one group, and what stands below it, in the width there is."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from rich.cells import cell_len
from rich.console import Console, ConsoleOptions, RenderableType
from rich.table import Table
from rich.text import Text

from bench.analysis.groups import Group
from bench.report import cells, costs
from bench.report.column import Column
from bench.report.sheets import missing

NAME_WIDTH = 24
"""Of the first column; longer names go on in the next line."""


@dataclass(frozen=True, slots=True)
class GroupTable:
    """Fastest first, then the cases without a time; columns on the right that do not fit are named below."""

    group: Group

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> Iterator[RenderableType]:
        """The table and the lines below it."""
        narrow = [each for each in cells.columns(self.group) if each.narrow]
        shown = _fitting(self.group, narrow, options.max_width)
        yield _table(self.group, shown)
        yield Text(self.group.headline, style="italic")
        if per_worker := costs.memory_per_worker(self.group):
            yield Text(per_worker)
        for line in missing(self.group, shown):
            yield Text(line, style="dim")
        if left_out := [_heading(each).replace("\n", " ") for each in narrow[len(shown) :]]:
            yield Text(f"no room here for {', '.join(left_out)}: see the report, or a wider terminal", style="dim")


def _heading(column: Column) -> str:
    return column.short_heading or column.heading


def _fitting(group: Group, columns: Sequence[Column], width: int) -> list[Column]:
    """The columns from the left that fit, the first at any rate: half a number is a wrong one."""
    left = width - min(NAME_WIDTH, max(cell_len(name) for name in group.labels.values()))
    shown: list[Column] = []
    for column in columns:
        texts = (*_heading(column).split("\n"), *(column.text(each) for each in group.ranked))
        left -= 1 + max(map(cell_len, texts))
        if left < 0 and shown:
            break
        shown.append(column)
    return shown


def _table(group: Group, columns: Sequence[Column]) -> Table:
    table = Table(
        title=f"{group.name} at scale {group.scale}",
        title_justify="left",
        title_style="bold",
        box=None,
        pad_edge=False,
        padding=(0, 0, 0, 1),
        header_style="dim",
    )
    table.add_column("strategy", overflow="fold", min_width=12)
    for column in columns:
        table.add_column(_heading(column), justify="right", no_wrap=True)
    for each in (*group.ranked, *group.unranked):
        values: list[str | Text] = [column.text(each) for column in columns]
        if each.wall is None:
            values = [Text(str(each.outcome), style="red")]
        table.add_row(group.labels[each.case.key], *values)
    return table

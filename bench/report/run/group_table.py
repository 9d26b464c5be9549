"""The terminal's table of one group, with what it says in a sentence above it, in the width there is."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from rich.console import Console, ConsoleOptions, RenderableType
from rich.text import Text

from bench import units
from bench.analysis.groups import Group
from bench.report.kit import words
from bench.report.kit.fitted_table import FittedTable
from bench.report.kit.prose import Prose
from bench.report.kit.table import UNKNOWN, Table
from bench.report.run import cells, costs
from bench.report.run.case_tables import results_table
from bench.sentences import listed

LONGEST_REASON = 240
"""Of a case without a time; all of it is in the report and in the run file."""


@dataclass(frozen=True, slots=True)
class GroupTable:
    """Fastest first, then the cases without a time and why."""

    group: Group
    sentence: str = ""
    """What to take home from it, where nothing above has said so."""

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> Iterator[RenderableType]:
        """The title, the sentence, the table, and what each extra worker adds."""
        yield Prose(title(self.group))
        if told := ". ".join(filter(None, (self.sentence, *_besides(self.group)))):
            yield Prose(Text(f"{told}."))
        yield self.shown
        if per_worker := costs.memory_per_worker(self.group):
            yield Prose(Text(f"{per_worker}."))

    @property
    def shown(self) -> FittedTable:
        """The table, with all columns that have a value in a row at least; what fits is decided where it is drawn."""
        return FittedTable(_without_empty(self._table))

    def unknown(self) -> dict[str, dict[str, None]]:
        """Why values are unknown, and under which headings."""
        found: dict[str, dict[str, None]] = {}
        table = self._table
        for number, column in enumerate(table.columns):
            for row in table.rows:
                if row.instead is None and row.cells[number].text and (reason := row.cells[number].note):
                    found.setdefault(reason, {})[column.terminal_heading] = None
        return found

    @property
    def _table(self) -> Table:
        return results_table(self.group, cells.terminal_columns(self.group), LONGEST_REASON)


def title(group: Group) -> Text:
    """The workload, its scale, and the baseline with its time where it has one."""
    base_s = group.base_wall_s
    base = group.base_name if base_s is None else f"{group.base_name}, {units.seconds(base_s)}"
    return Text.assemble((group.name, "bold"), f" at scale {group.scale} · base: {base}")


def _without_empty(table: Table) -> Table:
    """The table without columns that have nothing in any row."""
    whole = [row for row in table.rows if row.instead is None]
    kept = [
        number
        for number in range(len(table.columns))
        if number == 0 or any(row.cells[number].text not in ("", UNKNOWN) for row in whole)
    ]
    rows = [row if row.instead else replace(row, cells=[row.cells[number] for number in kept]) for row in table.rows]
    return Table([table.columns[number] for number in kept], rows)


def _besides(group: Group) -> Iterator[str]:
    """The bound of the fastest case, and who is certainly slower than the base; sentences without a full stop."""
    best = next(iter(group.ranked), None)
    if best is not None and best.bound is not None:
        bound = words.bound_sentence(best.bound)
        yield bound[0].upper() + bound[1:]
    if slower := [group.labels[each.case.key] for each in group.certainly_slower]:
        yield f"Slower than {group.base_name}: {listed(slower)}"

"""The terminal's table of one group, with what it says in a sentence above it, in the width there is."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from rich.console import Console, ConsoleOptions, RenderableType
from rich.text import Text

from bench import units
from bench.analysis.groups import Group
from bench.analysis.summary import Summary
from bench.plugins.names import plain
from bench.records.block import Outcome
from bench.report.kit import words
from bench.report.kit.column import Column
from bench.report.kit.grid import UNKNOWN, Grid, Lane
from bench.report.kit.prose import Prose
from bench.report.run import cells, costs

_LONGEST_REASON = 240
"""Of a case without a time; all of it is in the report and in the run file."""


@dataclass(frozen=True, slots=True)
class GroupTable:
    """Fastest first, then the cases without a time and why."""

    group: Group

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> Iterator[RenderableType]:
        """The title, the sentence, the table, and what each worker more takes."""
        yield Prose(title(self.group))
        yield Prose(Text(f"{self.group.headline}{_intervals(self.group)}."))
        yield self.grid
        if per_worker := costs.memory_per_worker(self.group):
            yield Prose(Text(f"{per_worker}."))

    @property
    def grid(self) -> Grid:
        """The table, with all columns that there are; what fits is decided where it is drawn."""
        labels = self.group.labels
        return Grid(
            ("strategy",),
            [(labels[each.case.key],) for each in self.group.ranked],
            _lanes(self.group),
            {labels[each.case.key]: outcome(each) for each in self.group.unranked},
        )

    def unknown(self) -> dict[str, dict[str, None]]:
        """Why values are unknown, and under which headings."""
        found: dict[str, dict[str, None]] = {}
        for column in _telling(self.group):
            for reason in filter(None, map(column.why, self.group.ranked)):
                found.setdefault(reason, {})[heading(column)] = None
        return found


def title(group: Group) -> Text:
    """The workload, its scale, and the baseline with its time where it has one."""
    base_s = group.base_wall_s
    base = group.base_name if base_s is None else f"{group.base_name}, {units.seconds(base_s)}"
    return Text.assemble((group.name, "bold"), f" at scale {group.scale} · base: {base}")


def heading(column: Column) -> str:
    """What stands above the column on a terminal, where the title names the base."""
    return column.short_heading or column.heading


def outcome(summary: Summary) -> Text:
    """The outcome of a case without a time, and its reason."""
    bad = summary.outcome not in (Outcome.OK, Outcome.UNAVAILABLE)
    style = "red" if bad else "yellow" if summary.outcome is Outcome.UNAVAILABLE else ""
    return Text.assemble((str(summary.outcome), style), f": {plain(summary.reason, _LONGEST_REASON)}")


def _lanes(group: Group) -> list[Lane]:
    """The columns that have a value in a row at least."""
    lanes = [
        Lane(heading(column), [column.text(each) for each in group.ranked], column.importance)
        for column in _telling(group)
    ]
    return [lane for lane in lanes if any(text not in ("", UNKNOWN) for text in lane.texts)]


def _telling(group: Group) -> Sequence[Column]:
    """All columns, but intervals only where a case has one: the sentence says how many blocks there are."""
    known = any(each.wall is not None and each.wall.low is not None for each in group.ranked)
    return [each for each in cells.terminal_columns(group) if known or "interval" not in each.heading]


def _intervals(group: Group) -> str:
    """Of the fastest case's time and of its ratio to the base, as a sentence after the headline."""
    best = next(iter(group.ranked), None)
    if best is None or best.wall is None or best.wall.low is None:
        return ""
    told = [f"of the time {words.interval(best.wall)}"]
    if not best.is_base and (ratio := words.ratio_interval(best.speedup)):
        told.append(f"of the ratio {ratio}")
    return f". 95 % intervals: {', '.join(told)}" if len(told) > 1 else f". 95 % interval {told[0]}"

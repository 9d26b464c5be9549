"""What the terminal shows of a run: who won where, a table for each workload, findings, and where it was measured."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from rich.console import Console, ConsoleOptions, RenderableType
from rich.text import Text

from bench import units
from bench.analysis.across import Across
from bench.analysis.findings.rule import Finding, by_code
from bench.plugins.names import sanitized
from bench.records.block import Outcome
from bench.report.kit import words
from bench.report.kit.fitted_table import FittedTable
from bench.report.kit.folded_table import folded
from bench.report.kit.no_room import NoRoom
from bench.report.kit.prose import Prose
from bench.report.kit.results import Results
from bench.report.run import across_words, article
from bench.report.run.answer_words import is_by_kind, line_of, lines
from bench.report.run.group_table import GroupTable
from bench.report.run.overall import overall
from bench.sentences import listed

_MOST_SUBJECTS = 3
"""Findings of one code that are told one by one."""
_LONGEST_MESSAGE = 300
_INDENT = 2


@dataclass(frozen=True, slots=True)
class ResultTables:
    """Everything the terminal shows of a run, in the width there is."""

    results: Results

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> Iterator[RenderableType]:
        """The parts, with an empty line after each."""
        told_above = len(self.results.groups) > 1 and not is_by_kind(self.results)
        groups = [
            GroupTable(each, "" if told_above else line_of(self.results, each).sentence) for each in self.results.groups
        ]
        across = [FittedTable(across_words.table(each)) for each in self.results.across]
        told = article.table(self.results.summaries)
        parts: list[Sequence[RenderableType]] = [
            *[[*_across(found), shown] for found, shown in zip(self.results.across, across, strict=True)],
            list(_answers(self.results)) if len(groups) > 1 else [],
            list(overall(self.results)) if is_by_kind(self.results) else [],
            *[[each] for each in groups],
            [folded(told, padding=(1, 1))] if told.rows else [],
            _legend(groups, across),
            list(finding_lines(self.results.findings)) if self.results.findings else [],
        ]
        for part in filter(None, parts):
            yield from part
            yield Text()
        yield from _origin(self.results)


def result_tables(results: Results) -> ResultTables:
    """Everything the terminal shows of a run."""
    return ResultTables(results)


def _answers(results: Results) -> Iterator[RenderableType]:
    """What the report begins with, too: a line for each kind of work, or for each of a few workloads."""
    yield Text("What to use", style="bold")
    for each in lines(results):
        where = f" · {each.workload}{f' ({each.others})' if each.others else ''}" if is_by_kind(results) else ""
        name = each.kind if where else each.workload
        yield Prose(Text.assemble((name, "bold"), f": {each.sentence}", (where, "dim")), _INDENT)
        if not where:
            yield from (Prose(Text(f"careful: {one}", style="dim"), 2 * _INDENT) for one in each.cautions)


def _across(found: Across) -> Iterator[RenderableType]:
    """What it means to move from one interpreter to another."""
    yield Text(f"{found.name} across interpreters", style="bold")
    yield from (Prose(Text(each), _INDENT) for each in across_words.sentences(found))


def finding_lines(findings: Sequence[Finding]) -> Iterator[RenderableType]:
    """Code by code: how many cases, the first few of them, what to do, and where a code is explained."""
    yield Text("Findings", style="bold")
    for code, found in by_code(findings).items():
        cases = {case for each in found for case in each.cases}
        bad = code in set(Outcome) - {Outcome.OK, Outcome.UNAVAILABLE}
        of = units.counted(len(cases), "case") if cases else "the run"
        yield Text.assemble((code, "red" if bad else "yellow"), (f" · {of}", "dim"))
        for each in found[:_MOST_SUBJECTS]:
            subject = "" if each.subject == "run" else f"{each.subject}: "
            yield Prose(Text(subject + sanitized(each.message, _LONGEST_MESSAGE)), _INDENT)
        if len(found) > _MOST_SUBJECTS:
            yield Prose(Text(f"and {len(found) - _MOST_SUBJECTS} more like these"), _INDENT)
        for hint in dict.fromkeys(each.hint for each in found[:_MOST_SUBJECTS]):
            yield Prose(Text(f"→ {hint}", style="dim"), _INDENT)
    yield Prose(Text(f"What a code means, and what to do: python -m bench explain {findings[0].code}", style="dim"))


def _legend(groups: Sequence[GroupTable], others: Sequence[FittedTable]) -> list[RenderableType]:
    """What a dash means, and which columns had no room and where they are."""
    unknown: dict[str, dict[str, None]] = {}
    for each in groups:
        for reason, headings in each.unknown().items():
            unknown.setdefault(reason, {}).update(headings)
    said = [f"– for {listed(list(headings))}: {reason}." for reason, headings in unknown.items()]
    if said:
        said.append("A column that has no value in a table is not shown there.")
    return [*(Prose(Text(each, style="dim")) for each in said), NoRoom([*others, *(each.shown for each in groups)])]


def _origin(results: Results) -> Iterator[RenderableType]:
    environment = results.run.header.environment
    for line in (
        words.machine(environment),
        words.python(results.run.header),
        f"{words.amount(results.run)}; {words.share(results.run)}",
        f"run file: {sanitized(str(results.path))}",
    ):
        yield Text(line, style="dim", overflow="fold")

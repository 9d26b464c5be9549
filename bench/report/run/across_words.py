"""What a run of several interpreters says of moving from one to another, as sentences and as a table."""

from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

from bench import units
from bench.analysis.across import Across, Move, Row, Step
from bench.analysis.estimates import INTERVAL, Estimate
from bench.analysis.standing import standing_of
from bench.analysis.summary import Summary
from bench.naming import python_word, strategy_of
from bench.report.kit import words
from bench.report.kit.families import Family, family
from bench.report.kit.table import Cell, Column, Table
from bench.report.kit.table import Row as TableRow
from bench.sentences import listed

_DIFFERING = {"version": "version", "compiler": "compiler", "configured": "configure flags"}
_SLOWEST = "cpython-3.13."
SLOWEST = (
    "The free-threaded build of 3.13 runs without the specializing interpreter that all other builds have, and is the slowest of its kind; "
    "those of 3.14 and later have it."
)


def sentences(found: Across) -> list[str]:
    """A sentence for each reading, and what has to be known of the builds."""
    told = [_sentence(each) for each in found.steps]
    slow = {each.name for each in found.interpreters if each.is_free_threaded and each.version.startswith(_SLOWEST)}
    is_told = any({each.before.case.python, each.after.case.python} & slow for each in found.steps)
    return [*told, *([SLOWEST] if is_told else [])]


def _sentence(step: Step) -> str:
    named = strategy_of([step.after.case])
    here, there = (python_word(each.case.python) for each in (step.before, step.after))
    match step.move:
        case Move.ALONE:
            loop = "A plain loop" if family(step.after.case.strategy) is Family.LOOP else named.capitalize()
            who, than = f"{loop} on {there}", f"one on {here}"
        case Move.THREADS if step.before.is_base:
            who, than = f"On {there}, {named}", "a plain loop there"
        case Move.THREADS:
            who, than = f"On {there}, {named}", f"the same on {here}"
        case Move.BEST:
            who, than = f"The fastest on {there}, {named},", f"the fastest on {here}, {strategy_of([step.before.case])}"
    return f"{who} {_gain(step.ratio, than)}: {_times(step)}{_apart(step)}."


def _gain(ratio: Estimate | None, than: str) -> str:
    """How a time stands against another one: `is 1.9× as fast as with it (1.8–2.0)`, `takes 1.4× as long as on 3.13.0`."""
    if ratio is None:
        return f"and {than} were not measured together"
    if ratio.low is not None and standing_of(ratio) == "undecided":
        return f"shows no clear difference from {than} ({words.ratio_interval(ratio)})"
    about = "about " if ratio.low is None else ""
    if "1.00" in (units.significant(ratio.centre), units.significant(1 / ratio.centre)):
        return f"is {about}as fast as {than}"
    if ratio.centre >= 1:
        within = words.ratio_interval(ratio)
        return f"is {about}{units.significant(ratio.centre)}× as fast as {than}{f' ({within})' if within else ''}"
    turned = Estimate(
        1 / ratio.centre, ratio.high and 1 / ratio.high, ratio.low and 1 / ratio.low, ratio.level, ratio.n
    )
    within = words.ratio_interval(turned)
    return f"takes {about}{units.significant(turned.centre)}× as long as {than}{f' ({within})' if within else ''}"


def _times(step: Step) -> str:
    times = [units.seconds(each.wall.centre) for each in (step.before, step.after) if each.wall is not None]
    return " → ".join(times)


def _apart(step: Step) -> str:
    """What else differs than the interpreter's name tells, beside the number that it may explain."""
    told = [_DIFFERING[each] for each in step.differing]
    return f"; the builds differ in {listed(told)}, too" if told else ""


def table(found: Across) -> Table:
    """A row for each strategy: its time on each interpreter, and how many times as fast that is as on the first that has it."""
    first = python_word(found.interpreters[0].name)
    has_intervals = any(ratio is not None and ratio.low is not None for row in found.rows for _, ratio in row.cells)
    columns = [Column("strategy", kind="name")]
    for number, each in enumerate(found.interpreters):
        here = python_word(each.name)
        columns.append(Column(here, importance=1))
        if number:
            columns.append(Column(f"× {first}", name=f"{here} × {first}", importance=2))
        if number and has_intervals:
            columns.append(Column(INTERVAL, name=f"{here} × {first}, {INTERVAL}", importance=3))
    rows = [[Cell(row.label), *_cells(row, has_intervals=has_intervals)] for row in found.rows]
    return Table(columns, [TableRow(each) for each in rows])


def _cells(row: Row, *, has_intervals: bool) -> Iterator[Cell]:
    for number, (case, ratio) in enumerate(row.cells):
        yield _time(case)
        if number:
            told, _, within = ("–", "", "") if ratio is None else words.speed_with_interval(ratio).partition(" (")
            yield Cell(told, None if ratio is None else ratio.centre)
            if has_intervals:
                yield Cell(within.rstrip(")") or "–")


def _time(case: Summary | None) -> Cell:
    if case is None or case.wall is None:
        return Cell("–", note="" if case is None else case.reason)
    return Cell(units.seconds(case.wall.centre), case.wall.centre)


def record(found: Across) -> dict[str, Any]:
    """The readings of a work for a program."""
    return {
        "work": found.name,
        "interpreters": [asdict(each) for each in found.interpreters],
        "steps": [
            {
                "move": each.move,
                "before": each.before.case.key,
                "after": each.after.case.key,
                "ratio": None if each.ratio is None else asdict(each.ratio),
                "differing": list(each.differing),
                "sentence": _sentence(each),
            }
            for each in found.steps
        ],
    }

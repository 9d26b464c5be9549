"""Columns of tables whose rows are summaries, and those that show a quantity of `bench.analysis.cost.Cost`."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from typing import Any

from bench import units
from bench.analysis.summary import Summary
from bench.quantities import CPU, Quantity
from bench.report.kit import words
from bench.report.kit.table import Column

Value = Callable[[Summary], float | None]
"""The number behind a cell, in SI units, not rounded; None where it is unknown."""


def number(
    heading: str,
    value: str | Value,
    shown: Callable[[float | None], str] = units.seconds,
    importance: int = 99,
    *,
    short_heading: str = "",
    why: Callable[[Summary], str] = lambda _: "",
    name: str = "",
) -> Column:
    """A column of numbers.

    Args:
        heading: above it.
        value: what gives the number, or the path of an attribute of the summary to it.
        shown: makes text of it.
        importance: as in `Column`, and so are all that follow.
    """
    get = value if callable(value) else at(value)
    return Column(heading, lambda each: shown(get(each)), importance, short_heading, why, get, name)


def has_intervals(cases: Iterable[Summary]) -> bool:
    """Whether any of the cases has an interval of its time."""
    return any(each.wall is not None and each.wall.low is not None for each in cases)


def told_of(cases: Sequence[Summary], columns: Iterable[Column]) -> list[Column]:
    """The columns for these cases: those of intervals only where one of the cases has one."""
    known = has_intervals(cases)
    return [each for each in columns if known or "interval" not in each.heading]


def at(path: str) -> Callable[[Summary], Any]:
    """What is found there; None where something on the way is not known."""

    def value(summary: Summary) -> Any:
        found: Any = summary
        for name in path.split("."):
            found = None if found is None else getattr(found, name)
        return found

    return value


def of_cost(quantity: Quantity, importance: int = 99) -> Column:
    """What a case costs of a quantity, and why that is unknown where it is."""
    name = quantity.name
    return number(
        quantity.heading,
        lambda each: each.cost[name],
        quantity.shown,
        importance,
        why=lambda each: each.cost.why(name),
    )


def bound(importance: int = 99, why: Callable[[Summary], str] = lambda _: "") -> Column:
    """The makespan bound, and whether it is an estimate."""
    return Column(
        "bound",
        words.bound,
        importance,
        why=why,
        value=lambda each: None if each.bound is None else each.bound.wall.centre,
    )


def cpu(importance: int = 99) -> Column:
    """CPU of a round; `≥` where it is a lower bound."""
    return replace(of_cost(CPU, importance), text=cpu_text)


def cpu_text(summary: Summary) -> str:
    """CPU of a round for reading; `≥` where it is a lower bound."""
    least = "≥ " if summary.cost.cpu_is_lower_bound else ""
    return least + CPU.shown(summary.cost.cpu_s)


def cores(importance: int = 99) -> Column:
    """Cores used in a round; of cases that leave the CPU idle to a hundredth, because the bound tells no more."""
    return Column(
        "cores",
        _cores,
        importance,
        why=lambda each: each.cost.why("cores_used"),
        value=lambda each: each.cost.cores_used,
    )


def _cores(summary: Summary) -> str:
    used = summary.cost.cores_used
    if used is not None and summary.cost.cpu_s is None:
        return f"{used:.2f}"
    return units.count(used)

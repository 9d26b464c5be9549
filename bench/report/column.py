"""A column of a table, and the columns that show a quantity of `bench.analysis.cost.Cost`."""

from collections.abc import Callable
from dataclasses import dataclass

from bench import units
from bench.analysis.summary import Summary


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table."""

    heading: str
    text: Callable[[Summary], str]
    importance: int = 99
    """Where there is little room: 1 is the last to be left out."""
    short_heading: str = ""
    """The heading there, if it is another one."""
    why: Callable[[Summary], str] = lambda _: ""
    """Why a case with a time has nothing there; empty where it has something, or nothing is the answer."""


def of_cost(
    heading: str, name: str, shown: Callable[[float | None], str] = units.count, importance: int = 99
) -> Column:
    """The quantity of this name, and why it is unknown where it is."""
    return Column(
        heading, lambda each: shown(getattr(each.cost, name)), importance, why=lambda each: each.cost.why(name)
    )


def cpu(importance: int = 99) -> Column:
    """CPU of a round; `≥` where it is a lower bound."""
    return Column("CPU", _cpu, importance, why=lambda each: each.cost.why("cpu_s"))


def _cpu(summary: Summary) -> str:
    least = "≥ " if summary.cost.cpu_is_lower_bound else ""
    return least + units.seconds(summary.cost.cpu_s)


def cores(importance: int = 99) -> Column:
    """Cores used in a round; of cases that leave the CPU idle to a hundredth, because the bound tells no more."""
    return Column("cores", _cores, importance, why=lambda each: each.cost.why("cores_used"))


def _cores(summary: Summary) -> str:
    used = summary.cost.cores_used
    if used is not None and summary.cost.cpu_s is None:
        return f"{used:.2f}"
    return units.count(used)

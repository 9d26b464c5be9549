"""How cases are named to people. One rule for tables, headlines, findings, charts, verdicts and progress.

A strategy that takes a number of workers is never named without it: `thread_pool ×2`. Beside that a name has what tells a
case from the others it stands with. Programs know cases by `Case.key`, which this does not change.
"""

import re
from collections.abc import Callable, Iterable, Sequence

from bench.records.case import Case

NAMED_BY_VALUE = frozenset({"scale", "start_method", "python"})
"""Facts whose values say by themselves what they are."""
_WORKERS = re.compile(r" ×\d+(?= |$)")


def case_names(cases: Sequence[Case], begins: Callable[[Case], tuple[str, ...]]) -> dict[str, str]:
    """A name for each case, by key; cases that begin alike have different ones.

    Args:
        cases: those that are named beside each other.
        begins: the words that a name begins with, such as workload and strategy. Whatever differs between cases that
            begin alike follows, and the workers.
    """
    values: dict[tuple[tuple[str, ...], str], set[str]] = {}
    for case in cases:
        for name, value in facts(case).items():
            values.setdefault((begins(case), name), set()).add(value)
    return {
        case.key: " ".join(
            [*begins(case)]
            + [
                fact_word(name, value)
                for name, value in facts(case).items()
                if name == "workers" or len(values[begins(case), name]) > 1
            ]
        )
        for case in cases
    }


def facts(case: Case) -> dict[str, str]:
    """What cases of one workload and strategy may differ in, in the order in which names have it.

    The workers come last: where a name is too long, its middle is left out.
    """
    workers = {"workers": str(case.workers)} if case.takes_workers and case.workers is not None else {}
    return {"scale": case.scale, **case.options, "python": case.python, **workers}


def fact_word(name: str, value: str) -> str:
    """A fact as a word of a name: `×2`, `spawn`, `chunk_size=8`."""
    if name == "workers":
        return f"×{value}"
    return value if name in NAMED_BY_VALUE else f"{name}={value}"


def workers_of(cases: Iterable[Case]) -> str:
    """The workers that cases of one strategy had: `×2`, `×2–8` from the fewest to the most; empty where it takes no number."""
    numbers = sorted({case.workers for case in cases if case.takes_workers and case.workers is not None})
    return "×" + "–".join(dict.fromkeys(map(str, (numbers[0], numbers[-1])))) if numbers else ""


def strategy_of(cases: Sequence[Case]) -> str:
    """The strategy of these cases with the workers they had, as the heading of what is theirs: `thread_pool ×2`."""
    return f"{cases[0].strategy} {workers_of(cases)}".strip()


def without_workers(name: str) -> str:
    """A name that these functions made, for all numbers of workers: `thread_pool` of `thread_pool ×2`."""
    return _WORKERS.sub("", name)

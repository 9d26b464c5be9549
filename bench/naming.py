"""How cases are named to people. One rule for tables, headlines, findings, charts, verdicts and progress.

A strategy that takes a number of workers is never named without it: `thread_pool ×2`. Beside that a name has what tells a
case from the others it stands with. Programs know cases by `Case.key`, which this does not change.
"""

import re
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from bench.records.case import Case

NAMED_BY_VALUE = frozenset({"scale", "start_method", "python"})
"""Facts whose values say by themselves what they are."""
_WORKERS = re.compile(r" ×\d+(?= |$)")


@dataclass(frozen=True, slots=True)
class CaseName:
    """A case as it is known beside others, whichever tool measured it."""

    key: str
    """What programs know it by: `Case.key`, or the whole name that another tool gave it."""
    name: str
    workload: str = ""
    """Empty where another tool measured it."""
    strategy: str = ""

    @property
    def callings(self) -> Sequence[Collection[str]]:
        """All that people may call it: what tells it from all others, then what it shares with some, then its workload."""
        shared = {without_workers(self.name), f"{self.workload} {self.strategy}".strip()}
        return {self.key, self.name}, shared - {""}, {self.workload} - {""}


def named(cases: Sequence[Case]) -> list[CaseName]:
    """Cases that stand beside each other, as they are known."""
    names = names_of(cases)
    return [CaseName(case.key, names[case.key], case.workload, case.strategy) for case in cases]


def names_of(cases: Sequence[Case]) -> dict[str, str]:
    """For each case, by key: workload, strategy and workers, and of the rest what differs between cases of these two.

    No two have the same name: the key stands for it where this would not tell them apart.
    """
    return told_apart(case_names(cases, lambda case: (case.workload, case.strategy)))


def told_apart(names: Mapping[str, str]) -> dict[str, str]:
    """Names by key; where several keys have one name, the key stands for it."""
    shared = Counter(names.values())
    return {key: name if shared[name] == 1 else key for key, name in names.items()}


def case_names(cases: Sequence[Case], begins: Callable[[Case], tuple[str, ...]]) -> dict[str, str]:
    """A name for each case, by key; cases that begin alike have different ones.

    Args:
        cases: those that are named beside each other.
        begins: the words that a name begins with, such as workload and strategy. Whatever differs between cases that
            begin alike follows, and the workers.
    """
    apart = facts_apart(cases, begins)
    return {
        case.key: " ".join(
            [*filter(None, begins(case))]
            + [
                fact_word(name, value)
                for name, value in facts(case).items()
                if name == "workers" or name in apart[case.key]
            ]
        )
        for case in cases
    }


def facts_apart(cases: Sequence[Case], begins: Callable[[Case], tuple[str, ...]]) -> dict[str, set[str]]:
    """The names of the facts in which each case, by key, differs from any that begins alike."""
    values: dict[tuple[tuple[str, ...], str], set[str]] = {}
    for case in cases:
        for name, value in facts(case).items():
            values.setdefault((begins(case), name), set()).add(value)
    return {case.key: {name for name in facts(case) if len(values[begins(case), name]) > 1} for case in cases}


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
    if name == "python":
        return python_word(value)
    return value if name in NAMED_BY_VALUE else f"{name}={value}"


def python_word(name: str) -> str:
    """An interpreter as people know it: `3.13.0t`, `3.13.0t gil=on`, `pypy-7.3`."""
    return name.removeprefix("cpython-").replace(",", " ")


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

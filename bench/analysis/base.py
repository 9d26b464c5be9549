"""Which case another is compared with. Standard library alone: this is asked while a run measures, too."""

from bench.records.case import Case
from bench.records.run import Plan


def baseline(case: Case, plan: Plan) -> Case | None:
    """The case that `case` is compared with: the baseline strategy on the same work and interpreter.

    Where the run has several variants of it, the one with most in common; a variant is its own.
    """
    candidates = [
        each
        for each in plan.cases
        if each.strategy == plan.works[case.workload].baseline
        and (each.workload, each.scale, each.python) == (case.workload, case.scale, case.python)
        and setting(each, plan) == setting(case, plan)
    ]
    return case if case in candidates else max(candidates, key=lambda each: _in_common(each, case), default=None)


def _in_common(one: Case, other: Case) -> int:
    return len(one.options.items() & other.options.items()) + (one.workers == other.workers)


def setting(case: Case, plan: Plan) -> str:
    """The options of the case's workload, as text: cases with different ones do not do the same work."""
    return " ".join(
        f"{name}={case.options[name]}" for name in plan.works[case.workload].options if name in case.options
    )

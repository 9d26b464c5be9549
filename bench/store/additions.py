"""Cases that a run took on while it measured, as a part of its plan."""

from dataclasses import replace

from bench.errors import RunFileError
from bench.records.case import Case
from bench.records.run import Addition, Header, Plan
from bench.store.checks import check_header
from bench.store.lines import shown


def with_addition(plan: Plan, addition: Addition) -> Plan:
    """The plan with these cases too: each behind those of its workload and strategy, as if all had been planned at once."""
    cases = list(plan.cases)
    for case in addition.cases:
        cases.insert(_behind(cases, case), case)
    return replace(plan, cases=cases, rounds=plan.rounds | addition.rounds)


def checked(header: Header, addition: Addition, place: str) -> Header:
    """The header with the plan that holds these cases too.

    Raises:
        RunFileError: if one is of a workload or strategy that the plan has not, or is there already, or the rest does not fit.
    """
    known = {(each.workload, each.strategy) for each in header.plan.cases}
    for case in addition.cases:
        if (case.workload, case.strategy) not in known:
            raise RunFileError(
                f"{place}: field `cases` has {shown(case.key)}: the plan has no case of that workload and strategy"
            )
    keys = {each.key for each in addition.cases}
    if keys != set(addition.rounds):
        odd = min(keys ^ set(addition.rounds))
        raise RunFileError(f"{place}: field `rounds` {'lacks' if odd in keys else 'has'} the case {shown(odd)}")
    grown = replace(header, plan=with_addition(header.plan, addition))
    check_header(grown, place)
    return grown


def _behind(cases: list[Case], added: Case) -> int:
    """The place behind the last case of the same workload and strategy."""
    return max(
        place
        for place, each in enumerate(cases, 1)
        if (each.workload, each.strategy) == (added.workload, added.strategy)
    )

"""What must hold in a run file's header beyond the types of its fields: names, and a plan whose parts fit each other."""

from collections.abc import Iterator
from collections.abc import Set as AbstractSet

from bench.errors import RunFileError
from bench.patterns import PATTERNS
from bench.plugins.names import name_problem
from bench.records.gate import Gate
from bench.records.run import Header, Plan, Purpose
from bench.store.lines import shown


def check_header(header: Header, place: str) -> None:
    """Names are names, the plan's parts fit each other, and nothing is counted below 0.

    Raises:
        RunFileError: if not.
    """
    may_be_empty = {"options"} | ({"strategy", "baseline"} if header.plan.gate and header.plan.gate.suite else set())
    for field, name in _names(header):
        if wrong := name_problem(name, may_be_empty=field in may_be_empty):
            raise RunFileError(f"{place}: field `{field}` has the name {shown(name)}: {wrong}")
    for problem in _inconsistencies(header.plan):
        raise RunFileError(f"{place}: field {problem}")


def _inconsistencies(plan: Plan) -> Iterator[str]:
    """What in a plan does not fit the rest of it, a few words each."""
    cases = {each.key for each in plan.cases}
    yield from (
        f"`works` lacks the workload {shown(each.workload)}" for each in plan.cases if each.workload not in plan.works
    )
    yield from (
        f"`workers` is {shown(each.workers)}; it must be above 0"
        for each in plan.cases
        if each.workers is not None and each.workers < 1
    )
    yield from (
        f"`pattern` is {shown(each.pattern)}; known: {', '.join(PATTERNS)}"
        for each in plan.works.values()
        if each.pattern not in PATTERNS
    )
    yield from (f"`rounds` has the case {shown(each)}, which the plan has not" for each in set(plan.rounds) - cases)
    if len(cases) < len(plan.cases):
        yield "`cases` has a case twice"
    yield from _gate_inconsistencies(plan.gate, cases)
    if (plan.purpose is Purpose.CHECK) != (plan.gate is not None):
        yield f"`purpose` is {shown(plan.purpose)}, and there is {'no' if plan.gate is None else 'a'} `gate`"
    if plan.repetitions < 0 or min(plan.rounds.values(), default=0) < 0:
        yield "`repetitions` or `rounds` is below 0"


def _gate_inconsistencies(gate: Gate | None, cases: AbstractSet[str]) -> Iterator[str]:
    """The same of what a gate decides."""
    if gate is None:
        return
    if [each.name for each in gate.arms] != ["base", "head"]:
        yield f"`arms` is {shown([each.name for each in gate.arms])}; it must be base and head"
    if not 0 < gate.alpha < 1:
        yield f"`alpha` is {shown(gate.alpha)}; it must be between 0 and 1"
    for name, known in (("tolerances", gate.tolerances), ("one_sided", gate.one_sided), ("broken", gate.broken)):
        yield from (f"`{name}` has the case {shown(each)}, which the plan has not" for each in set(known) - cases)
    yield from (f"`tolerances` lacks the case {shown(each)}" for each in cases - set(gate.tolerances))
    yield from (
        f"`tolerances` has {shown(each)}; a tolerance is above 0 and below 10"
        for each in gate.tolerances.values()
        if not 0 < each < 10
    )


def _names(header: Header) -> Iterator[tuple[str, str]]:
    """All names in a header, each with its field."""
    yield "id", header.id
    for case in header.plan.cases:
        yield from (("workload", case.workload), ("scale", case.scale), ("strategy", case.strategy))
        yield "python", case.python
        yield from (("option", name) for name in case.options)
        yield from (("options", value) for value in case.options.values())
    for key, work in header.plan.works.items():
        yield from (("works", key), ("bound", work.bound), ("baseline", work.baseline))
        yield from (("option", each) for each in work.options)
    yield from (("demonstrations", each) for each in header.plan.demonstrations)

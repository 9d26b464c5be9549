"""What must hold in a run file beyond the types of its fields: names, plans, and numbers that things are computed from."""

import math
from collections.abc import Iterator
from collections.abc import Set as AbstractSet
from dataclasses import fields

from bench.errors import RunFileError
from bench.model import Block, Gate, Header, Plan
from bench.names import objection
from bench.patterns import LATENCY_PROBABILITIES, PATTERNS
from bench.store.lines import shown
from bench.usage import Samples

_COLUMNS = tuple(each.name for each in fields(Samples))
_MOST_REPETITIONS = 10**9
_SHORTEST_S = 1e-12
"""No clock tells less; a time below it is none, and what is divided by it overflows."""


def check_header(header: Header, place: str) -> None:
    """Names are names, the plan's parts fit each other, and nothing is counted below 0.

    Raises:
        RunFileError: if not.
    """
    for field, name in _names(header):
        if wrong := objection(name, may_be_empty=field == "options"):
            raise RunFileError(f"{place}: field `{field}` has the name {shown(name)}: {wrong}")
    for problem in _misfits(header.plan):
        raise RunFileError(f"{place}: field {problem}")


def _misfits(plan: Plan) -> Iterator[str]:
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
    yield from _gate_misfits(plan.gate, cases)
    if plan.repetitions < 0 or min(plan.rounds.values(), default=0) < 0:
        yield "`repetitions` or `rounds` is below 0"


def _gate_misfits(gate: Gate | None, cases: AbstractSet[str]) -> Iterator[str]:
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


def check_block(block: Block, place: str) -> None:
    """Every round took time, because things are divided by it later; quantiles are all there, and columns alike.

    Raises:
        RunFileError: if not.
    """
    if block.calls < 1:
        raise RunFileError(f"{place}: field `calls` is {shown(block.calls)}; it counts from 1")
    if not 0 <= block.repetition <= _MOST_REPETITIONS:
        raise RunFileError(f"{place}: field `repetition` is {shown(block.repetition)}; it counts from 0")
    for timed in block.latencies:
        if len(timed.quantiles_s) != len(LATENCY_PROBABILITIES):
            raise RunFileError(
                f"{place}: field `latencies` has {len(timed.quantiles_s)} quantiles of {shown(timed.what)}; "
                f"it must have {len(LATENCY_PROBABILITIES)}"
            )
    lengths = {name: len(getattr(block.samples, name)) for name in _COLUMNS}
    if len(set(lengths.values())) > 1:
        told = ", ".join(f"{name} {length}" for name, length in lengths.items())
        raise RunFileError(f"{place}: field `samples` has columns of different lengths: {told}")
    if (block.longest_task_s is None) != (block.total_task_s is None):
        raise RunFileError(f"{place}: of the fields `longest_task_s` and `total_task_s` one is missing")
    _check_waits(block, place)
    for number, each in enumerate(block.rounds):
        if not _SHORTEST_S <= each.wall_s < math.inf:
            raise RunFileError(f"{place}: field `rounds[{number}].wall_s` is {each.wall_s!r}; it must be above 0")


def _check_waits(block: Block, place: str) -> None:
    """There is a wait for each round, shorter than it, where there are any."""
    if block.cpu_waits_s and len(block.cpu_waits_s) != len(block.rounds):
        raise RunFileError(
            f"{place}: field `cpu_waits_s` has {len(block.cpu_waits_s)} values of {len(block.rounds)} rounds"
        )
    for number, waited_s in enumerate(block.cpu_waits_s[: len(block.rounds)]):
        if waited_s is not None and not 0 <= waited_s < block.rounds[number].wall_s:
            raise RunFileError(
                f"{place}: field `cpu_waits_s[{number}]` is {waited_s!r}; a round takes longer than it waits"
            )

"""The inputs of a workload: the same for every strategy, because they are drawn from the run's seed.

Rounds get the same inputs, or each its own (`--fresh-inputs`): another draw, or another part of those that the user gave.
"""

from __future__ import annotations

import os
from _collections_abc import Hashable  # see `bench.patterns`
from types import SimpleNamespace

from bench.errors import UsageError
from bench.measure.results.explain import shortened
from bench.patterns import PATTERNS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from random import Random
    from typing import Any

    from bench.measure.wire.requests import WorkRequest
    from bench.plugins.registry import Workload

_JSON_BEGINS = frozenset('[{"-0123456789tfn')
"""What a JSON value begins with."""
_MOST_DIGITS = 18
"""Of the ends of a range: what a list has room for."""


def opened(message: dict[str, Any]) -> Any:
    """A request as `bench.measure.wire.requests` has it, of the message that it came in."""
    parts = {name: SimpleNamespace(**message[name]) for name in ("conditions", "settings", "site") if name in message}
    return SimpleNamespace(**message | parts)


def generator(request: WorkRequest, number: int = 0, other: int = 0) -> Random:
    """The workload's own stream of random numbers: adding a workload to a run changes no other one's inputs.

    Args:
        request: what is measured.
        number: of the round, from 0, where each gets inputs of its own.
        other: is not 0 for other inputs than any round gets.
    """
    from random import Random  # of which a user's function with inputs of its own has no need

    of_round = f" round {number}" if number else ""
    return Random(f"{request.conditions.seed + other} {request.workload} {request.scale}{of_round}")


def make_inputs(workload: Workload, request: WorkRequest, number: int = 0, other: int = 0) -> Any:
    """The job of a round: all inputs of a `map`, the record of another pattern.

    Args:
        workload, request: what is measured.
        number, other: as `generator` has them.

    Raises:
        UsageError: if there are none, or the user's file of inputs does not read.
    """
    if workload.inputs is None:
        assert request.inputs is not None, "nobody measures such a function without"
        inputs: Any = read_inputs(request.inputs)
        if rounds := request.conditions.fresh_rounds:
            inputs = part(inputs, rounds, number)
    else:
        size = workload.scales[request.scale]
        prepared = [request.prepared] if workload.prepare is not None else []
        inputs = workload.inputs(size, generator(request, number, other), *prepared)
    if workload.pattern == "map" and not hasattr(inputs, "__len__"):
        kind = type(inputs).__name__
        raise UsageError(f"the inputs of workload {workload.name!r} are of type {kind}, not a list: give back list(…)")
    if PATTERNS[workload.pattern].amount(inputs) < 1:
        raise UsageError(f"workload {workload.name!r} has no inputs at scale {request.scale!r}")
    return inputs


def part(inputs: Sequence[Any], rounds: int, number: int) -> Sequence[Any]:
    """The inputs of one round of several, of which none has an input of another, and all have as many.

    Every round takes one input in turn, so that inputs in an order, such as from small to large, weigh alike in all of
    them. Inputs that equal an earlier one are left out, and so are the last ones that are too few for another turn.
    """
    different = distinct(inputs)
    return different[number::rounds][: len(different) // rounds]


def distinct(inputs: Sequence[Any]) -> Sequence[Any]:
    """The inputs without those that equal an earlier one; of JSON values, or a range."""
    if isinstance(inputs, range):
        return inputs
    found: dict[Hashable, Any] = {}
    for each in inputs:
        found.setdefault(_key(each), each)
    return list(found.values())


def _key(value: Any) -> Hashable:
    """Equal for JSON values that are."""
    if isinstance(value, list):
        return "list", *map(_key, value)
    if isinstance(value, dict):
        return "dict", frozenset((name, _key(each)) for name, each in value.items())
    return value if isinstance(value, Hashable) else repr(value)


def located(text: str | None) -> str | None:
    """The inputs that `text` names, told so that processes in other folders find them: the same for all, wherever their code goes to."""
    return text if text is None or not is_file(text) else os.path.abspath(text)


def is_file(text: str) -> bool:
    """Whether `text` names a file of inputs; else it is a range, or the inputs themselves."""
    return _ends(text) is None and written_out(text) is None


def read_inputs(text: str) -> Sequence[Any]:
    """The inputs that `text` names: whole numbers as `1..100`, JSON values as `1,2,3` or `["a","b"]`, or a file of JSON lines.

    Raises:
        UsageError: naming the file, the line and what is wrong with it, or the limit that it is beyond.
    """
    if (ends := _ends(text)) is not None:
        return _range(text, *ends)
    if (values := written_out(text)) is not None:
        if not values:
            raise UsageError(f"--inputs {shortened(text, 60, str)} is an empty list; give at least one input")
        return values
    from bench.measure.host.input_file import read  # with `json`, which no range of numbers needs

    return read(text)


def _ends(text: str) -> tuple[str, str] | None:
    """The two numbers of a range; None where it is none."""
    first, dots, last = text.partition("..")
    return (first, last) if dots and all(each.removeprefix("-").isdecimal() for each in (first, last)) else None


def written_out(text: str) -> list[Any] | None:
    """The inputs themselves, where `text` is JSON values divided by commas, or one list of them; None where it is none.

    A file whose name is a JSON value is given with its folder: `./10`.
    """
    if text[:1] not in _JSON_BEGINS:
        return None
    from bench.measure.host.input_file import DECODER  # with `json`, which no range of numbers needs

    try:
        values: list[Any] = DECODER.decode(f"[{text}]")
    except (ValueError, RecursionError):
        return None
    is_list = len(values) == 1 and isinstance(values[0], list)
    return values[0] if is_list else values


def _range(text: str, first: str, last: str) -> range:
    shown = shortened(text, 60, str)
    if max(len(first), len(last)) > _MOST_DIGITS:
        raise UsageError(f"--inputs {shown} has a number of more than {_MOST_DIGITS} digits")
    numbers = range(int(first), int(last) + 1)
    if not numbers:
        raise UsageError(f"--inputs {shown} is empty: its first number is above its last")
    return numbers

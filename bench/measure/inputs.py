"""The inputs of a workload: the same for every strategy, because they are drawn from the run's seed.

Rounds get the same inputs, or each its own (`--fresh-inputs`): another draw, or another part of those that the user gave.
"""

import json
import os
import re
from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from io import TextIOWrapper
from random import Random
from typing import Any, BinaryIO

from bench import bounds
from bench.errors import UsageError
from bench.measure.explain import shortened
from bench.patterns import PATTERNS
from bench.registry import Workload

_RANGE = re.compile(r"(-?\d+)\.\.(-?\d+)")
_MOST_DIGITS = 18
"""Of the ends of a range: what a list has room for."""


def generator(request: dict[str, Any], number: int = 0) -> Random:
    """The workload's own stream of random numbers: adding a workload to a run changes no other one's inputs."""
    of_round = f" round {number}" if number else ""
    return Random(f"{request['seed']} {request['workload']} {request['scale']}{of_round}")


def make_inputs(workload: Workload, request: dict[str, Any], number: int = 0) -> Any:
    """The job of a round: all inputs of a `map`, the record of another pattern.

    Args:
        workload, request: what is measured.
        number: of the round, from 0, where each gets inputs of its own.

    Raises:
        UsageError: if there are none, or the user's file of inputs does not read.
    """
    if workload.inputs is None:
        inputs: Any = read_inputs(request["inputs"])
        if rounds := request.get("fresh", 0):
            inputs = part(inputs, rounds, number)
    else:
        size = workload.scales[request["scale"]]
        prepared = [request["prepared"]] if workload.prepare is not None else []
        inputs = workload.inputs(size, generator(request, number), *prepared)
    if workload.pattern == "map" and not hasattr(inputs, "__len__"):
        kind = type(inputs).__name__
        raise UsageError(f"the inputs of workload {workload.name!r} are of type {kind}, not a list: give back list(…)")
    if PATTERNS[workload.pattern].amount(inputs) < 1:
        raise UsageError(f"workload {workload.name!r} has no inputs at scale {request['scale']!r}")
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
    return text if text is None or _RANGE.fullmatch(text) else os.path.abspath(text)


def read_inputs(text: str) -> Sequence[Any]:
    """The inputs that `text` names: whole numbers as `1..100`, or a file with a JSON value on each line.

    Raises:
        UsageError: naming the file, the line and what is wrong with it, or the limit that it is beyond.
    """
    ends = _RANGE.fullmatch(text)
    if ends is not None:
        return _range(text, ends[1], ends[2])
    try:
        with TextIOWrapper(bounds.opened(text), encoding="utf-8-sig") as file:
            _check_bounds(text, file.buffer)
            values = list(_values(text, file))
    except UnicodeDecodeError as error:
        raise UsageError(f"{text} is not UTF-8 text ({error.reason})") from None
    except ValueError as error:
        raise UsageError(f"--inputs {shortened(text)} names no file: {error}") from None
    except OSError as error:
        raise UsageError(
            f"--inputs {text}: {error.strerror}; give a file of JSON lines, or a range such as 1..100"
        ) from None
    if not values:
        raise UsageError(f"{text} holds no inputs; write one JSON value a line")
    return values


def _check_bounds(text: str, file: BinaryIO) -> None:
    """Its values fit in memory: every process of the measurement holds them."""
    size, shown = os.fstat(file.fileno()).st_size, shortened(text, 200, str)
    if size > bounds.LONGEST_FILE_BYTES:
        raise UsageError(f"--inputs {bounds.said_of_length(shown, 'file of inputs')}; give a part of it")
    if size > bounds.MOST_VALUES:  # each takes a byte at the least
        read = file.read(size)
        if bounds.values_in(read) + read.count(b"\n") > bounds.MOST_VALUES:
            raise UsageError(f"--inputs {shown} holds more than {bounds.MOST_VALUES} values; give a part of it")
        file.seek(0)


def _range(text: str, first: str, last: str) -> range:
    shown = shortened(text, 60, str)
    if max(len(first), len(last)) > _MOST_DIGITS:
        raise UsageError(f"--inputs {shown} has a number of more than {_MOST_DIGITS} digits")
    numbers = range(int(first), int(last) + 1)
    if not numbers:
        raise UsageError(f"--inputs {shown} is empty: its first number is above its last")
    return numbers


def _values(file: str, lines: Iterable[str]) -> Iterator[Any]:
    """The value of each line that is not empty, as fast as a loop can: there may be millions, and every round reads them anew."""
    scan: Callable[[str, int], tuple[Any, int]] = _DECODER.scan_once  # type: ignore[attr-defined]
    for number, line in enumerate(lines, start=1):
        try:
            value, end = scan(line, 0)
        except (StopIteration, ValueError, RecursionError):
            if line.strip():
                yield _slowly(file, number, line)
            continue
        yield value if line[end:] == "\n" else _slowly(file, number, line)


def _slowly(file: str, number: int, line: str) -> Any:
    """The value of a line with spaces around it or no end, or what is wrong with it."""
    try:
        return _DECODER.decode(line)
    except (ValueError, RecursionError) as error:
        raise UsageError(f"{file}, line {number}: not JSON ({error}); write one JSON value a line") from None


def _no_constant(name: str) -> Any:
    raise ValueError(f"{name} is no JSON")


_DECODER = json.JSONDecoder(parse_constant=_no_constant)
"""One for all lines: `json.loads` with an option makes a decoder each time, which is nine tenths of reading a short line."""

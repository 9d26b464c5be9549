"""The inputs of a workload: the same for every strategy, because they are drawn from the run's seed."""

import json
import re
from collections.abc import Sequence
from random import Random
from typing import Any

from bench.errors import UsageError
from bench.patterns import PATTERNS
from bench.registry import Workload


def generator(request: dict[str, Any]) -> Random:
    """The workload's own stream of random numbers: adding a workload to a run changes no other one's inputs."""
    return Random(f"{request['seed']} {request['workload']} {request['scale']}")


def make_inputs(workload: Workload, request: dict[str, Any]) -> Any:
    """The job of a round: all inputs of a `map`, the record of another pattern.

    Raises:
        UsageError: if there are none, or the user's file of inputs does not read.
    """
    if workload.inputs is None:
        inputs: Any = read_inputs(request["inputs"])
    else:
        size = workload.scales[request["scale"]]
        prepared = [request["prepared"]] if workload.prepare is not None else []
        inputs = workload.inputs(size, generator(request), *prepared)
    if PATTERNS[workload.pattern].amount(inputs) < 1:
        raise UsageError(f"workload {workload.name!r} has no inputs at scale {request['scale']!r}")
    return inputs


def read_inputs(text: str) -> Sequence[Any]:
    """The inputs that `text` names: whole numbers as `1..100`, or a file with a JSON value on each line.

    Raises:
        UsageError: naming the file, the line and what is wrong with it.
    """
    ends = re.fullmatch(r"(-?\d+)\.\.(-?\d+)", text)
    if ends is not None:
        numbers = range(int(ends[1]), int(ends[2]) + 1)
        if not numbers:
            raise UsageError(f"--inputs {text} is empty: its first number is above its last")
        return numbers
    try:
        with open(text, encoding="utf-8") as file:
            values = [_value(text, number, line) for number, line in enumerate(file, start=1) if line.strip()]
    except UnicodeDecodeError as error:
        raise UsageError(f"{text} is not UTF-8 text ({error.reason})") from None
    except OSError as error:
        raise UsageError(
            f"--inputs {text}: {error.strerror}; give a file of JSON lines, or a range such as 1..100"
        ) from None
    if not values:
        raise UsageError(f"{text} holds no inputs; write one JSON value a line")
    return values


def _value(file: str, number: int, line: str) -> Any:
    try:
        return json.loads(line)
    except (ValueError, RecursionError) as error:
        raise UsageError(f"{file}, line {number}: not JSON ({error}); write one JSON value a line") from None

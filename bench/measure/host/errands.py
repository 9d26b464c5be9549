"""What a host does in place of a block: it looks at a workload, and measures nothing that a report shows.

Hosts load this where they are sent for it.
"""

from collections.abc import Sequence
from sys import getrefcount
from typing import Any

from bench.errors import NotFreshError
from bench.measure.host.inputs import make_inputs
from bench.measure.results.digest import Incomparable, digest
from bench.measure.results.parts import is_array
from bench.measure.results.plain_loop import spread
from bench.plugins.registry import Workload
from bench.processes.pristine import time

TYPE_CHECKING = False
if TYPE_CHECKING:
    from bench.measure.wire.requests import BlockRequest

_MOST_INPUTS, _FEW_INPUTS = 64, 3


def repeats(workload: Workload, request: "BlockRequest") -> dict[str, Any]:
    """Call the task with different inputs, each twice: the fields of `bench.records.result.Repeats`.

    The second call gets an input that is equal and no part of the first one. Where there are few different inputs, more
    are drawn with another seed. It ends when its time does.
    """
    from bench.strategies.serial import one_after_another

    clock = time.perf_counter
    ends_s = clock() + request.compare_s
    inputs = _pairs(workload, request)
    first_s, again_s, same = [], [], True
    results = one_after_another(workload.task, (each for pair in inputs for each in pair))
    unshared = object()
    our_references = getrefcount(unshared)
    for _ in inputs:
        began = clock()
        first = next(results)
        first_s.append(clock() - began)
        if getrefcount(first) <= our_references:  # nobody can give it again, and it may be large
            same, first = False, None
        began = clock()
        second = next(results)
        ended = clock()
        again_s.append(ended - began)
        same = same and first is second and _is_made_anew(first)
        del first, second  # before the next are made
        if ended > ends_s:
            break
    return {"first_s": first_s, "again_s": again_s, "is_same_object": same}


def _pairs(workload: Workload, request: "BlockRequest") -> list[tuple[Any, Any]]:
    found: dict[Any, tuple[Any, Any]] = {}
    for other in (0, 1) if workload.inputs else (0,):
        inputs, again = make_inputs(workload, request, other=other), make_inputs(workload, request, other=other)
        for position in spread(min(len(inputs), len(again))):
            if len(found) >= _MOST_INPUTS:
                break
            found.setdefault(_key(inputs[position]), (inputs[position], again[position]))
        if len(found) >= _FEW_INPUTS:
            break
    return list(found.values())


def _is_made_anew(result: Any) -> bool:
    """Whether code that makes such a result makes another object each time, and no constant or shared one."""
    return isinstance(result, list | dict | set | bytearray) or is_array(result)


def freshness(workload: Workload, request: "BlockRequest") -> None:
    """Make the inputs of all rounds of a block.

    Raises:
        NotFreshError: if a round has an input of an earlier one, or another number of them.
    """
    seen: set[Any] = set()
    amount = 0
    for number in range(request.conditions.fresh_rounds):
        inputs: Sequence[Any] = make_inputs(workload, request, number)
        amount = amount or len(inputs)
        if len(inputs) != amount:
            raise NotFreshError(
                f"{workload.name} makes {amount} inputs for round 1 and {len(inputs)} for round {number + 1}; all rounds need as many"
            )
        keys = [_key(each) for each in inputs]
        if again := sum(each in seen for each in keys):
            raise NotFreshError(
                f"{workload.name} makes inputs for round {number + 1} that earlier rounds had ({again} of {amount}): "
                "draw them from `rng`"
            )
        seen.update(keys)


def _key(value: Any) -> Any:
    """Equal for inputs that are; what cannot be compared is like no other."""
    try:
        return digest(value)
    except Incomparable:
        return object()


ERRANDS = {"repeats": repeats, "freshness": freshness}

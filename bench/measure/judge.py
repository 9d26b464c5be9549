"""Whether results are right: by what the pattern demands, what the workload states, or what a plain loop gives."""

from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any

from bench.errors import WrongResult
from bench.measure.explain import shortened
from bench.patterns import PATTERNS
from bench.pristine import time
from bench.registry import Workload

Task = Callable[..., Any]


def judge(workload: Workload, scale: str, job: Any, results: Any) -> None:
    """Raise `WrongResult` where the results are not what the pattern and the workload expect."""
    PATTERNS[workload.pattern].check(workload.task, job, results)
    if workload.check is not None:
        try:
            workload.check(job, results)
        except AssertionError as error:
            raise WrongResult(str(error) or "the workload's check failed") from error
    expected = expected_result(workload, scale, job)
    if expected is not None:
        found = workload.combine(results) if workload.combine else results
        if not same(found, expected):
            raise WrongResult(f"the result is {shortened(found)}, not {shortened(expected)}")


def expected_result(workload: Workload, scale: str, job: Any) -> Any | None:
    """What the workload says must come out at this scale; None where it says nothing."""
    expect = workload.expect
    return expect(job) if callable(expect) else (expect or {}).get(scale)


def states_nothing(workload: Workload, scale: str) -> bool:
    """Whether nobody says what must come out: a `map` without a check and without an expectation for this scale."""
    unstated = workload.check is None and not callable(workload.expect) and scale not in (workload.expect or {})
    return unstated and workload.pattern == "map"


def is_comparable(workload: Workload) -> bool:
    """Whether two processes must give the same results: those of a `map` that states no check of its own."""
    return workload.pattern == "map" and workload.check is None


def result_of(results: Any) -> dict[str, str] | None:
    """The fields of `bench.model.Result`; None for what has no digest, such as a list that contains itself."""
    from bench.measure.digest import digest

    try:
        found = digest(results)
    except RecursionError:
        return None
    try:
        return {"digest": found, "shown": shortened(results)}
    except Exception:  # a number of 5000 digits has no text
        return {"digest": found, "shown": f"results of type {type(results).__name__}"}


def unlike_plain(position: int, found: Any, expected: Any) -> str:
    """How a result differs from what a plain loop gives for the same input; empty where the two are the same."""
    if same(found, expected):
        return ""
    if shortened(found) == shortened(expected):
        return (
            f"input {position} gave {shortened(found)} twice, and the two do not compare equal; "
            "give back plain data, or state with `check` what must hold"
        )
    return (
        f"input {position} gave {shortened(found)}, and {shortened(expected)} in a plain loop afterwards; "
        "does the function give other results when it is called again, or the strategy change the order?"
    )


def same(found: Any, expected: Any) -> bool:
    """Equality, by the pickled bytes where `==` does not say (arrays, plain objects) or denies itself (NaN)."""
    with suppress(Exception):  # any type may refuse to be compared
        if bool(found == expected):
            return True
    import pickle  # only where it is needed: a fork copies what its parent has loaded

    def settled(value: Any) -> bytes:
        """Bytes that do not depend on which parts of the value are one object: those of a copy's copy."""
        return pickle.dumps(pickle.loads(pickle.dumps(value)))  # noqa: S301 - its own bytes, of this moment

    try:
        return settled(found) == settled(expected)
    except Exception:  # what cannot be pickled is not the same
        return False


def stated_bound(workload: Workload, inputs: Sequence[Any]) -> dict[str, float]:
    """The longest task and the sum of all, where the workload's inputs say what a task takes at the least."""
    if workload.least_s is None or not inputs:
        return {}
    least = [float(workload.least_s(each)) for each in inputs]
    return {"longest_s": max(least), "total_s": sum(least)}


def can_be_timed_alone(workload: Workload) -> bool:
    """Whether single tasks can be timed: not those of a coroutine function, where the event loop would be timed."""
    return workload.pattern == "map" and workload.least_s is None and "coroutines" not in workload.needs


def timed_alone(task: Task, inputs: Sequence[Any], limit_s: float) -> dict[str, float]:
    """The longest task and the sum of all, each timed by itself outside of any round; nothing where that takes longer than the limit."""
    from bench.strategies.serial import one_after_another

    clock = time.perf_counter
    longest = total = 0.0
    last = clock() + limit_s
    began = clock()
    for _ in one_after_another(task, inputs):
        ended = clock()
        if ended > last:
            return {}
        longest = max(longest, ended - began)
        total += ended - began
        began = clock()
    return {"longest_s": longest, "total_s": total}

"""Whether results are right: by what the pattern demands, what the workload states, or what a plain loop gives."""

from __future__ import annotations

from bench.errors import WrongResult
from bench.measure.results.explain import shown
from bench.measure.results.lazy import laziness, refusal
from bench.patterns import PATTERNS
from bench.plugins.registry import Workload
from bench.processes.pristine import time

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Any

    from bench.measure.results.equality import Difference
    from bench.measure.wire.words import TaskTimes

    Task = Callable[..., Any]


def check(workload: Workload, scale: str, job: Any, results: Any, close: float | None = None) -> None:
    """Raise `WrongResult` where the results are not what the pattern and the workload expect.

    Args:
        workload, scale, job, results: what was done, and what came of it.
        close: how far floats may be from those expected, as `--close` has it.
    """
    if workload.pattern == "map" and not workload.fault and (why := refusal(results)):
        raise WrongResult(why)
    PATTERNS[workload.pattern].check(workload.task, job, results)
    if workload.check is not None:
        try:
            verdict = workload.check(job, results)
        except AssertionError as error:
            raise WrongResult(str(error) or "the workload's check failed") from error
        _refuse(verdict)
    expected = expected_result(workload, scale, job)
    if expected is not None:
        found = workload.combine(results) if workload.combine else results
        if (different := _difference(found, expected, close)) is not None:
            part = f": result{different.path} is {different.found}, not {different.expected}" if different.path else ""
            raise WrongResult(f"the result is {shown(found)}, not {shown(expected)}{part}{_why(different)}")


def _refuse(verdict: Any) -> None:
    """Raise `WrongResult` for a check that gave back False, or has not begun; any other value says nothing."""
    if what := laziness(type(verdict)):
        getattr(verdict, "close", bool)()  # or a coroutine says on standard error that nobody awaited it
        raise WrongResult(f"the workload's check gave back {what}, so it has checked nothing; make it a plain function")
    truth = verdict if isinstance(verdict, bool) else _of_numpy(verdict)
    if truth is False:
        raise WrongResult("the workload's check gave back False; raise WrongResult in it to say what is wrong")


def _of_numpy(verdict: Any) -> bool | None:
    """What a truth value of numpy's kind says; None for what is none."""
    is_one = getattr(getattr(verdict, "dtype", None), "kind", "") == "b" and getattr(verdict, "shape", None) == ()
    return bool(verdict) if is_one else None


def _difference(found: Any, expected: Any, close: float | None) -> Difference | None:
    """Where the two first differ. What `==` calls equal at once is settled without the modules that look closer."""
    try:
        if (found == expected) is True:
            return None
    except Exception:  # noqa: S110 - any type may refuse to be compared
        pass
    from bench.measure.results.equality import difference

    return difference(found, expected, close)


def _why(different: Difference) -> str:
    return f" (they cannot be compared: {different.why}; state with `check` what must hold)" if different.why else ""


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


def unlike_plain(position: int, found: Any, expected: Any, close: float | None = None) -> str:
    """How a result differs from what a plain loop gives for the same input; empty where the two are the same, or close."""
    different = _difference(found, expected, close)
    return "" if different is None else differently(position, different)


def differently(position: int, different: Difference) -> str:
    """That an input gave another result than in a plain loop, and where the two first differ."""
    is_part = bool(different.path)
    gave = f"input {position}{f': result{different.path} is' if is_part else ' gave'} {different.found}"
    if different.why or different.found == different.expected:
        why = f"cannot be compared: {different.why}" if different.why else "do not compare equal"
        return f"{gave} twice, and the two {why}; give back plain data, or state with `check` what must hold"
    return (
        f"{gave}, and {different.expected} in a plain loop afterwards; "
        "does the function give other results when it is called again, or the strategy change the order?"
    )


def stated_bound(workload: Workload, inputs: Sequence[Any]) -> TaskTimes:
    """The longest task and the sum of all, where the workload's inputs say what a task takes at the least."""
    if workload.min_task_s is None or not inputs:
        return {}
    least = [float(workload.min_task_s(each)) for each in inputs]
    return {"longest_s": max(least), "total_s": sum(least)}


def can_be_timed_alone(workload: Workload) -> bool:
    """Whether single tasks can be timed: not those of a coroutine function, where the event loop would be timed."""
    return workload.pattern == "map" and workload.min_task_s is None and "coroutines" not in workload.requires


def timed_alone(task: Task, inputs: Sequence[Any], limit_s: float) -> TaskTimes:
    """The longest task and the sum of all, each timed by itself outside of any round; nothing where that takes longer than the limit."""
    from bench.strategies.serial import one_after_another

    clock = time.perf_counter
    longest = total = 0.0
    last = clock() + limit_s
    began = clock()
    for result in one_after_another(task, inputs):
        ended = clock()
        del result  # before the next one is made
        if ended > last:
            return {}
        longest = max(longest, ended - began)
        total += ended - began
        began = clock()
    return {"longest_s": longest, "total_s": total}

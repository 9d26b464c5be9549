"""The measured interpreter: it starts one strategy, runs its rounds, and stops it.

It holds nothing but the standard library, the strategy and the workload, has one thread, and measures nothing but the
wall time of its own phases. At each boundary of a phase it stops and waits for the supervisor, which reads the
counters of the process tree meanwhile, so that reading them falls in no phase.
"""

import gc
import os
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any

from bench import sources
from bench.errors import WrongResult
from bench.measure.channel import Channel, ParentGone
from bench.measure.explain import explain, one_line, shortened
from bench.measure.inputs import make_inputs
from bench.measure.layout import random_padding
from bench.registry import Workload

Task = Callable[[Any], Any]


def main() -> None:
    """Answer one request for a block and leave."""
    channel = Channel()
    request = channel.receive()
    if request is None:
        return
    padding = random_padding()  # before the strategy and the workload are imported
    try:
        run_block(request, channel)
    except ParentGone:
        pass
    except WrongResult as error:
        channel.send({"event": "ended", "outcome": "wrong", "reason": one_line(error)})
    except BaseException as error:  # whatever measured code raises is an outcome, SystemExit included
        channel.send({"event": "ended", "outcome": "failed", "reason": explain(error)})
    del padding


def run_block(request: dict[str, Any], channel: Channel) -> None:
    """One block: the conversation with the supervisor, in order."""
    workload = sources.load_workload(request["workload_source"], request["workload"])
    strategy = sources.load_strategy(request["strategy_source"], request["strategy"])
    inputs = make_inputs(workload, request)  # no task ever gets these: it may change what it gets
    ask(channel, event="ready", tasks=len(inputs), **stated_bound(workload, inputs))

    began = time.perf_counter()
    with strategy.bind(request["workers"], request["options"]) as call:
        ask(channel, event="started", seconds=time.perf_counter() - began)
        results = run_rounds(request, channel, workload, inputs, call)
        if request["alone"] and workload.least_s is None:
            ask(channel, event="phase", name="running the tasks one by one")
            ask(channel, event="alone", **timed_alone(workload.task, make_inputs(workload, request)))
        if request["verify"] and states_nothing(workload, request["scale"]):
            ask(channel, event="phase", name="comparing the results with a plain loop's")
            compare_with_serial(workload.task, make_inputs(workload, request), results)
        ask(channel, event="phase", name="stopping the strategy")
        began = time.perf_counter()
    ask(channel, event="stopped", seconds=time.perf_counter() - began)
    channel.send({"event": "ended", "outcome": "ok", "reason": ""})


def ask(channel: Channel, **message: Any) -> None:
    """Tell the supervisor and wait until it has read its counters; leave if it is gone."""
    channel.send(message)
    if channel.receive() is None:
        os._exit(1)


def run_rounds(
    request: dict[str, Any],
    channel: Channel,
    workload: Workload,
    inputs: Sequence[Any],
    call: Callable[[Task, Sequence[Any]], list[Any]],
) -> list[Any]:
    """Run and check every round; give back the last one's results."""
    results: list[Any] = []
    clock = time.perf_counter
    task = workload.task
    for _ in range(request["rounds"]):
        results = []
        given = make_inputs(workload, request)
        gc.collect()  # what earlier rounds and checks left is taken away here, not in the next one's time
        ask(channel, event="round")
        began = clock()
        results = call(task, given)
        ended = clock()
        ask(channel, event="measured", at=began, seconds=ended - began)
        judge(workload, request["scale"], inputs, results)
    return results


def expected_result(workload: Workload, scale: str, inputs: Sequence[Any]) -> Any | None:
    """What the workload says must come out at this scale; None where it says nothing."""
    expect = workload.expect
    return expect(inputs) if callable(expect) else (expect or {}).get(scale)


def states_nothing(workload: Workload, scale: str) -> bool:
    """Whether the workload has neither a check nor an expectation for this scale."""
    return workload.check is None and not callable(workload.expect) and scale not in (workload.expect or {})


def judge(workload: Workload, scale: str, inputs: Sequence[Any], results: list[Any]) -> None:
    """Raise `WrongResult` where the results are not what the workload expects."""
    if len(results) != len(inputs) and workload.pattern == "map":
        raise WrongResult(f"{len(results)} results came back for {len(inputs)} inputs")
    if workload.check is not None:
        try:
            workload.check(inputs, results)
        except AssertionError as error:
            raise WrongResult(str(error) or "the workload's check failed") from error
    expected = expected_result(workload, scale, inputs)
    if expected is not None:
        found = workload.combine(results) if workload.combine else results
        if not same(found, expected):
            raise WrongResult(f"the result is {shortened(found)}, not {shortened(expected)}")


def compare_with_serial(task: Task, inputs: Sequence[Any], results: list[Any]) -> None:
    """For a workload that states no expectation: the results must be those of a plain loop."""
    for position, (each, found) in enumerate(zip(inputs, results, strict=True)):
        expected = task(each)
        if not same(found, expected):
            raise WrongResult(
                f"input {position} gave {shortened(found)}, and {shortened(expected)} when run alone; "
                "does the function depend on earlier calls, or the strategy change the order?"
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


def timed_alone(task: Task, inputs: Sequence[Any]) -> dict[str, float]:
    """The longest task and the sum of all, each timed by itself outside of any round."""
    clock = time.perf_counter
    longest = total = 0.0
    for each in inputs:
        began = clock()
        task(each)
        took = clock() - began
        longest = max(longest, took)
        total += took
    return {"longest_s": longest, "total_s": total}

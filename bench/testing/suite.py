"""The suite that every strategy of a pattern must pass: `test_mine = conformance(mine)` in a test file.

It holds a strategy to what its callers rely on: right results, for odd and large jobs and round after round, of a `map`
in order; errors of tasks that reach the caller; and nothing left behind. Tasks are at the top level, so that they pickle by name. It needs pytest.
"""

import signal
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, suppress
from functools import partial
from random import Random
from typing import Any

from bench.errors import Unavailable
from bench.patterns import PATTERNS
from bench.patterns.share import Sharing
from bench.patterns.start import Starts
from bench.patterns.stream import Stream, mark_of
from bench.patterns.sync import HandOffs
from bench.plugins import registry, sources
from bench.testing.leftovers import end_processes, left_behind, may_be_of_another, present

WORKERS = 3
DEADLINE_S = 60.0
"""A check that takes longer hangs."""
MANY_INPUTS = 2000
Open = Callable[[], AbstractContextManager[Callable[..., Any]]]
Check = Callable[[Open], None]


def conformance(strategy_function: Callable[..., Any], **options: str | int) -> Callable[..., None]:
    """A test function, parametrised with every check of the strategy's pattern.

    Args:
        strategy_function: what `@strategy` has decorated.
        options: values of the strategy's options; the others have their defaults.
    """
    import pytest

    strategy = next((each for each in registry.strategies.values() if each.open is strategy_function), None)
    if strategy is None:
        raise TypeError(f"{strategy_function!r} is not a strategy; decorate it with bench.strategy")
    unknown = options.keys() - strategy.options.keys()
    if unknown:
        raise TypeError(f"strategy {strategy.name!r} has no option {', '.join(sorted(unknown))}")
    texts = {name: str(value) for name, value in options.items()}

    @pytest.mark.parametrize("check", checks(strategy).values(), ids=list(checks(strategy)))
    def test(check: Check) -> None:
        if strategy.unavailable:
            pytest.skip(strategy.unavailable)
        try:
            hold(check, partial(strategy.bind, WORKERS, texts))
        except Unavailable as reason:
            pytest.skip(str(reason))

    return test


def checks(strategy: registry.Strategy) -> dict[str, Check]:
    """The checks of a strategy's pattern by name; those of jobs that require what it does not provide are left out."""
    if strategy.pattern == "map":
        coroutines = {"coroutines": _coroutines} if "coroutines" in strategy.provides else {}
        return MAP_CHECKS | coroutines
    if strategy.pattern == "serve":
        return {name: partial(_served, name) for name in ("echo", "echo_connects")}
    jobs: dict[str, Check] = {
        name: partial(_job, PATTERNS[strategy.pattern].check, task, job)
        for name, (task, job, required) in JOBS[strategy.pattern].items()
        if required <= strategy.provides
    }
    return jobs | {"an_error": partial(_failing, FAILING_JOBS[strategy.pattern])}


def hold(check: Check, opened: Open) -> None:
    """Do one check; once more where all it leaves is shared memory that may be of another program, killed meanwhile.

    Raises:
        AssertionError: where results differ, or something is left behind.
        WrongResult: where the pattern says that results are wrong.
        TimeoutError: where it hangs.
    """
    left = _left_by(check, opened)
    if left and all(map(may_be_of_another, left)):
        left = _left_by(check, opened)
    if left:
        raise AssertionError(f"left behind: {', '.join(sorted(left))}")


def _left_by(check: Check, opened: Open) -> set[str]:
    before = present()
    try:
        with _deadline():
            check(opened)
    except TimeoutError:
        end_processes(present() - before)
        raise
    left = left_behind(before)
    end_processes(left)
    return left


def _double(value: Any) -> Any:
    return value * 2


async def _double_later(value: Any) -> Any:
    import asyncio

    await asyncio.sleep(0.001 if value % 2 else 0)
    return value * 2


def _same(value: Any) -> Any:
    return value


def _late_first(value: int) -> int:
    time.sleep(0.05 if value == 0 else 0)
    return value


def _fail_at_three(value: int) -> bytes:
    if value == 3:
        raise LookupError("three")
    return bytes(200_000)  # more than a pipe holds: who sends it waits until somebody takes it


def _gives(call: Callable[..., Any], task: Callable[..., Any], inputs: Sequence[Any], expected: list[Any]) -> None:
    """Two rounds; results are compared by one, because they may be large."""
    for which in ("first", "second"):
        found = call(task, inputs)
        assert isinstance(found, list), f"results are of type {type(found).__name__}, not list"
        assert len(found) == len(expected), f"{len(found)} results for {len(expected)} inputs in the {which} round"
        for position, (one, other) in enumerate(zip(found, expected, strict=True)):
            assert type(one) is type(other) and one == other, (
                f"result {position} of {len(expected)} in the {which} round is {one!r:.60}, not {other!r:.60}"
            )


def _small_jobs(opened: Open) -> None:
    """No inputs, one, fewer than workers, and some more; results of several types."""
    mixed = [None, (1, 2), {"a": [1]}, "", (), (None,), {}]
    with opened() as call:
        for count in (0, 1, WORKERS - 1, 7):
            _gives(call, _double, range(count), [2 * each for each in range(count)])
        _gives(call, _same, mixed, mixed)


def _many_inputs(opened: Open) -> None:
    with opened() as call:
        results = call(_double, range(MANY_INPUTS))
        assert results == [2 * each for each in range(MANY_INPUTS)], f"the results of {MANY_INPUTS} inputs"


def _large(opened: Open) -> None:
    sizes = [0, 10_000_000]
    with opened() as call:
        _gives(call, bytes, sizes, [bytes(each) for each in sizes])
        _gives(call, len, [bytes(each) for each in sizes], sizes)


def _late_task(opened: Open) -> None:
    with opened() as call:
        _gives(call, _late_first, range(5), list(range(5)))


def _task_that_raises(opened: Open) -> None:
    """The exception reaches the caller, and the strategy can be left, in order and by the exception."""
    with opened() as call:
        _raises(lambda: call(_fail_at_three, range(8)))

    def unhandled() -> None:
        with opened() as call:
            call(_fail_at_three, range(8))

    _raises(unhandled)


def _raises(action: Callable[[], Any]) -> None:
    try:
        action()
    except LookupError as error:
        found = error
    else:
        raise AssertionError("a task raised LookupError('three'), and nothing reached the caller")
    assert type(found) is LookupError and found.args == ("three",), f"{found!r} instead of LookupError('three')"


def _coroutines(opened: Open) -> None:
    with opened() as call:
        _gives(call, _double_later, range(20), [2 * each for each in range(20)])


MAP_CHECKS: dict[str, Check] = {
    "small_jobs": _small_jobs,
    "many_inputs": _many_inputs,
    "large_inputs_and_results": _large,
    "late_task_keeps_its_place": _late_task,
    "exception_reaches_the_caller": _task_that_raises,
}


def _failing(job: Any, opened: Open) -> None:
    """An error of the task reaches the caller, also where others are in the middle of something."""
    with suppress(LookupError), opened() as call:
        call(_raise, job)
        raise AssertionError("the task's error did not reach the caller")


def _raise(*_: object) -> Any:
    raise LookupError("the task has failed")


def _job(judge: Callable[..., None], task: Callable[..., Any], job: Any, opened: Open) -> None:
    """Two rounds of a job, judged by its pattern."""
    with opened() as call:
        for _ in range(2):
            judge(task, job, call(task, job))


def _served(name: str, opened: Open) -> None:
    """Two rounds of a built-in workload's requests, with its own clients."""
    workload = sources.load_workload("bench.workloads.echo", name)
    size, rng = workload.scales["quick"], Random(1)
    assert workload.prepare is not None and workload.inputs is not None
    with workload.prepare(size, rng) as prepared:
        _job(PATTERNS["serve"].check, workload.task, workload.inputs(size, rng, prepared), opened)


def _one_slot(number: int) -> tuple[int, int]:
    return 0, number + 1


def _four_slots(number: int) -> tuple[int, int]:
    return number % 4, number + 1


def _nothing() -> None:
    pass


_NONE: frozenset[str] = frozenset()
JOBS: dict[str, dict[str, tuple[Callable[..., Any], Any, frozenset[str]]]] = {
    "stream": {
        "small_messages": (mark_of, Stream(200, 64), _NONE),
        "large_messages": (mark_of, Stream(5, 1_000_000), _NONE),
        "one_message": (mark_of, Stream(1, 16), _NONE),
        "many_producers": (mark_of, Stream(100, 64, producers=3), frozenset({"many_producers"})),
        "many_consumers": (mark_of, Stream(100, 64, consumers=3), frozenset({"many_consumers"})),
        "round_trips": (mark_of, Stream(20, 64, round_trips=True), frozenset({"round_trips"})),
    },
    "share": {
        "one_slot": (_one_slot, Sharing(100), _NONE),
        "four_slots": (_four_slots, Sharing(100, 4), _NONE),
        "fewer_updates_than_workers": (_one_slot, Sharing(WORKERS - 1), _NONE),
    },
    "sync": {
        "in_turn": (_nothing, HandOffs(30, in_turn=True), _NONE),
        "fewer_passes_than_actors": (_nothing, HandOffs(WORKERS - 1, in_turn=True), _NONE),
        "whoever_comes_first": (_nothing, HandOffs(30, in_turn=False), frozenset({"exclusion"})),
    },
    "start": {"one": (time.perf_counter, Starts(1), _NONE), "three": (time.perf_counter, Starts(3), _NONE)},
}


FAILING_JOBS: dict[str, Any] = {
    "stream": Stream(200, 4096),  # more than a pipe holds
    "share": Sharing(20_000),
    "sync": HandOffs(30, in_turn=True),
    "start": Starts(2),
}


class _Late(BaseException):
    """The deadline has passed. No `Exception`, so that a strategy's own handlers do not take it for a task's error."""


@contextmanager
def _deadline() -> Iterator[None]:
    """Raise TimeoutError where something takes too long; only the main thread can be interrupted."""

    def interrupt(*_: object) -> None:
        raise _Late

    if threading.current_thread() is not threading.main_thread() or not hasattr(signal, "SIGALRM"):
        yield
        return
    earlier = signal.signal(signal.SIGALRM, interrupt)
    signal.setitimer(signal.ITIMER_REAL, DEADLINE_S, 1.0)  # again, where what hangs goes on to the next wait
    try:
        yield
    except _Late:
        raise TimeoutError(f"it hangs: no end after {DEADLINE_S:.0f} s") from None
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, earlier)

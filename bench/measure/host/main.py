"""The measured interpreter: it starts one strategy, runs its rounds, and stops it.

It holds nothing but the standard library, the strategy and the workload, has one thread, and measures nothing but the
wall time of its own phases. At each boundary of a phase it stops and waits for the supervisor, which reads the
counters of the process tree meanwhile, so that reading them falls in no phase. Its clock and all else that it uses after the
user's code is there come from `bench.processes.pristine`: no library's rebinding of names reaches them.
"""

from __future__ import annotations

import sys

from bench.errors import NotFreshError, SourceError, Unavailable, WrongResult
from bench.measure.host.conversation import ask, ask_turn, left, raised, tell
from bench.measure.host.inputs import make_inputs, opened
from bench.measure.host.layout import random_padding
from bench.measure.host.observations import Observations
from bench.measure.results import judge
from bench.measure.results.explain import explain, one_line
from bench.patterns import PATTERNS
from bench.plugins import sources
from bench.processes.channel import Channel, ParentGone
from bench.processes.pristine import gc, os, time

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Any

    from bench.measure.host.waiting import Waiting
    from bench.measure.results.given_back import GivenBack
    from bench.measure.wire.requests import BlockRequest
    from bench.measure.wire.words import TaskTimes
    from bench.plugins.registry import Workload

    Call = Callable[[Callable[..., Any], Any], Any]


def main() -> None:
    """Answer one request for a block and leave."""
    channel = Channel()
    message = channel.receive()
    if message is None:
        return
    request: BlockRequest = opened(message)
    pin(request.settings.cpus)
    padding = random_padding(request.settings.layout)  # before the strategy and the workload are imported
    try:
        run_block(request, channel)
    except ParentGone:
        pass
    except Unavailable as error:
        tell(channel, left("unavailable", one_line(error)))
    except WrongResult as error:
        tell(channel, left("wrong", one_line(error)))
    except NotFreshError as error:
        tell(channel, left("failed", one_line(error), error))
    except BaseException as error:  # whatever measured code raises is an outcome, SystemExit included
        tell(channel, left("failed", explain(error), error))
    del padding
    if "threading" in sys.modules:
        from bench.measure.host.leaving import leave_soon

        leave_soon(channel)


def run_block(request: BlockRequest, channel: Channel) -> None:
    """One block: the conversation with the supervisor, in order."""
    workload = sources.load_workload(request.workload_source, request.workload, star=request.conditions.star)
    if request.settings.errand:
        run_errand(request, channel, workload)
        return
    if request.fault:
        name_semaphores()
    strategy = sources.load_strategy(request.strategy_source, request.strategy)
    pattern = PATTERNS[workload.pattern]
    ask(channel, {"event": "next"})  # others hold still now: what makes inputs may touch what theirs are made of
    job = make_inputs(workload, request)  # no task ever gets this one: it may change what it gets
    tasks, payload_bytes = pattern.amount(job), pattern.payload_bytes(job)
    checks = workload.check is not None
    bound: TaskTimes = {} if request.conditions.fresh_rounds else judge.stated_bound(workload, job)
    ask(channel, {"event": "ready", "tasks": tasks, "payload_bytes": payload_bytes, "checks": checks, **bound})
    job = to_check_by(workload, request, job)
    began = time.perf_counter()
    with strategy.bind(request.workers, request.options, workload.strategy_options) as call:
        ask(channel, {"event": "started", "at": began, "seconds": time.perf_counter() - began})
        given_back = results_to_compare(request, workload, job)
        results = run_rounds(request, channel, workload, job, call, given_back)
        if request.settings.digest:
            refuse_foreign_modules(request)
        if given_back is not None:
            ask(channel, {"event": "phase", "name": "taking a digest of the results"})
            ask(channel, {"event": "result", "result": given_back.told(results)})
        ask(channel, {"event": "stopping"})
        began = time.perf_counter()
    ask(channel, {"event": "stopped", "at": began, "seconds": time.perf_counter() - began})
    if request.verifies or request.keeps or request.times_alone:
        from bench.measure.host.closer_look import look_closer

        kept = [results]
        del results  # by its last user, before a plain loop makes another half a gigabyte
        look_closer(request, channel, workload, kept)
    tell(channel, left("ok"))


def run_errand(request: BlockRequest, channel: Channel, workload: Workload) -> None:
    """What is done in place of a block: nothing of it is measured."""
    from bench.measure.host.errands import ERRANDS

    ask(channel, {"event": "errand", "found": ERRANDS[request.settings.errand](workload, request)})
    tell(channel, left("ok"))


def to_check_by(workload: Workload, request: BlockRequest, job: Any) -> Any:
    """A job, or how many inputs it has where nobody asks for more than that."""
    return range(len(job)) if judge.states_nothing(workload, request.scale) else job


def pin(cpus: list[int]) -> None:
    """Stay on these CPUs, and so all that is started later; where there are none named, or the system knows no such thing, on any."""
    if cpus and hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, cpus)


def watching_waits(request: BlockRequest) -> Waiting | None:
    """What tells how long rounds wait for a CPU, where a host stays on one."""
    if not request.settings.cpus:
        return None
    from bench.measure.host.waiting import watched

    return watched()


def refuse_foreign_modules(request: BlockRequest) -> None:
    """Raise `SourceError` where this arm of a gate has loaded code that is not its own, at whatever moment."""
    top, root = request.site.top, request.site.root
    if top is not None and root is not None:
        from bench.measure.host.foreign_modules import why_foreign

        if why := why_foreign(top, root):
            raise SourceError(why)


def name_semaphores() -> None:
    """Have those of multiprocessing named by this process: a fault may kill it with the tracker that would remove them."""
    from multiprocessing.process import current_process

    vars(current_process())["_config"]["semprefix"] = f"/bench-{os.getpid()}"


def results_to_compare(request: BlockRequest, workload: Workload, job: Any) -> GivenBack | None:
    """What gathers the results, where another process must give the same."""
    if not request.settings.digest or not judge.is_comparable(workload):
        return None
    from bench.measure.results.given_back import GivenBack

    is_stated = judge.expected_result(workload, request.scale, job) is not None
    return GivenBack(request.conditions.close, is_stated=is_stated)


def run_rounds(
    request: BlockRequest,
    channel: Channel,
    workload: Workload,
    job: Any,
    call: Call,
    given_back: GivenBack | None = None,
) -> Any:
    """Run and check every round that is granted, of so many calls; give back the last call's results.

    A round may begin with calls that no time is taken of, because others have filled the processor's caches meanwhile. Where
    rounds get inputs of their own, and results are compared later, it gives back those of all rounds in one list.
    """
    results: list[Any] = []
    every: list[Any] = []
    is_fresh = request.conditions.fresh_rounds > 0
    keeps_every = is_fresh and (request.verifies or request.keeps or given_back is not None)
    clock = time.perf_counter
    task = workload.task
    observations = Observations(PATTERNS[workload.pattern])
    waiting = watching_waits(request)
    number = 0
    while (grant := ask_turn(channel))["calls"]:
        results, given = [], []  # before the next ones are made, or there would be two of each
        which = number if is_fresh else 0
        run_untimed(channel, call, task, [make_inputs(workload, request, which) for _ in range(grant["untimed"])])
        given = [make_inputs(workload, request, which) for _ in range(grant["calls"])]
        gc.collect()  # what earlier rounds and checks left is taken away here, not in the next one's time
        ask(channel, {"event": "round"})
        if waiting:
            waiting.begin()
        began = clock()
        try:
            results = [call(task, each) for each in given]
        except BaseException as error:
            tell(channel, raised(error))  # now: the strategy may hang when it is left
            raise
        ended = clock()
        waited = waiting.end(ended - began) if waiting else None
        ask(channel, {"event": "measured", "at": began, "seconds": ended - began, "waited": waited})
        if is_fresh and number > 0:
            job = to_check_by(workload, request, make_inputs(workload, request, number))
        check_round(request, channel, workload, job, results)
        if keeps_every:
            every += results[-1]
        elif given_back is not None:
            given_back.add(results[-1])
        if number > 0:
            observations.add_all(results)
        number += 1
    ask(channel, {"event": "observed", "gil": gil(), **observations.summary()})
    return every if keeps_every else results[-1]


def gil() -> str | None:
    """Whether the GIL is on now, `on` or `off`; None where the build always has it."""
    if "t" not in getattr(sys, "abiflags", ""):
        return None
    return "on" if sys._is_gil_enabled() else "off"  # type: ignore[attr-defined, unused-ignore]  # noqa: SLF001 - the documented way


def run_untimed(channel: Channel, call: Call, task: Callable[..., Any], given: Sequence[Any]) -> None:
    """Calls whose results nobody looks at."""
    try:
        for each in given:
            call(task, each)
    except BaseException as error:
        tell(channel, raised(error))
        raise


def check_round(request: BlockRequest, channel: Channel, workload: Workload, job: Any, results: Sequence[Any]) -> None:
    """Raise `WrongResult` where what a round gave is not right."""
    try:
        for each in results:
            judge.check(workload, request.scale, job, each, request.conditions.close)
    except WrongResult:
        tell(channel, {"event": "leaving", "name": "stopping the strategy after wrong results"})
        raise

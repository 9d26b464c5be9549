"""A strategy that is open for a test, and what it uses while pytest-benchmark's fixture times it.

Counters of CPU and memory (`bench.accounting.region`) are read before and after what is timed, never within.
PYTEST_DONT_REWRITE
"""

import os
import signal
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import asdict
from types import FrameType
from typing import Any, NoReturn, Self

import pytest

from bench.accounting.descendants import below, end_descendants
from bench.accounting.region import Region, RegionUse
from bench.errors import Unavailable
from bench.facts.cpu_known import cpu_sum
from bench.measure.plan.cases import PlannedCase
from bench.plugins import registry, sources
from bench.processes.pristine import time

_GRACE_S = 2.0
"""After an interruption, a strategy may take so long to stop before its processes are ended."""


def skip(benchmark: Any, reason: str) -> NoReturn:
    """Skip the test; pytest-benchmark would say that its fixture was not used."""
    if benchmark is not None:
        benchmark.skipped = True
    pytest.skip(reason)


def use_pristine_clock(benchmark: Any, node: pytest.Item) -> None:
    """Have pytest-benchmark time by a clock that no test can rebind, unless the user has chosen another than the usual one."""
    marker = node.get_closest_marker("benchmark")
    usual = node.config.getoption("benchmark_timer", "") == "time.perf_counter" and not (
        marker and "timer" in marker.kwargs
    )
    if usual and hasattr(benchmark, "_timer"):
        benchmark._timer = time.perf_counter  # noqa: SLF001 - there is no other way


class OpenStrategy:
    """A strategy that has been started: call it as its pattern says, `strategy(task, inputs)` for a `map`."""

    def __init__(self, case: PlannedCase, call: Callable[..., Any], signals: "_Interruption") -> None:
        self._signals = signals
        self.case = case.case
        """What it is, with its workers and options."""
        self.calls = 0
        self.yielded = call
        """What the strategy itself yields."""
        self.interruption: BaseException | None = None

    def __call__(self, task: Callable[..., Any], job: Any) -> Any:
        """Run a round; what the task raises comes out."""
        self.calls += 1
        try:
            return self.yielded(task, job)
        except Unavailable as reason:
            pytest.skip(str(reason))
        except Exception as error:
            if self._signals.raised is None:
                raise
            self.interruption = self._signals.raised  # Python drops what is raised while it forks
            raise self.interruption from error
        except BaseException as error:
            self.interruption = error
            raise


@contextmanager
def opened(case: PlannedCase, benchmark: Any) -> Iterator[OpenStrategy]:
    """The strategy of a case, started; what `benchmark` times is accounted for, if it times at all.

    Raises:
        Unavailable: if it cannot run here.
    """
    check_available(case)
    region = Region() if getattr(benchmark, "enabled", False) else None
    info = {} if benchmark is None else benchmark.extra_info
    with started(case, {}, info) as strategy:
        if region is not None:
            _account(benchmark, strategy, region)
        yield strategy


def check_available(case: PlannedCase) -> None:
    """Raise `Unavailable`, with the reason, where the case cannot be measured here."""
    if case.unavailable:
        raise Unavailable(case.unavailable)


@contextmanager
def started(case: PlannedCase, asked: Mapping[str, Any], info: dict[str, Any]) -> Iterator[OpenStrategy]:
    """The strategy started, and stopped again whatever happens; `info` gets what it is and how long both took."""
    name, workers, options = case.case.strategy, case.case.workers, case.case.options
    strategy = registry.strategies.get(name) or sources.load_strategy(case.strategy.source, name)
    with _Interruption() as interruption:
        manager = strategy.bind(workers, options, asked)
        began = time.perf_counter()
        found = OpenStrategy(case, manager.__enter__(), interruption)
        info.update(strategy=name, workers=workers, options=options, start_s=time.perf_counter() - began)
        try:
            yield found
        finally:
            began = time.perf_counter()
            _leave(manager, found.interruption, interruption)
            info["stop_s"] = time.perf_counter() - began


class _Interruption:
    """What becomes of a test's processes when it is interrupted: the strategy has some time, then they are ended.

    A pool that is terminated ends them itself, and may hang if they die meanwhile; an executor waits for its running
    tasks whatever happens, and so does who has started a process a task.
    """

    def __enter__(self) -> Self:
        self._there = [each.pid for each in below(())]
        self._late = threading.Timer(_GRACE_S, end_descendants, (self._there, _leave_to_owner))
        self._came = False
        self.raised: BaseException | None = None
        """What the signal raised in this process."""
        self._before: Any = None
        if threading.current_thread() is threading.main_thread() and callable(signal.getsignal(signal.SIGINT)):
            self._process = os.getpid()
            self._before = signal.signal(signal.SIGINT, self._arrived)
        return self

    def _arrived(self, number: int, frame: FrameType | None) -> None:
        if os.getpid() == self._process:  # a forked worker has this handler, too
            self.come()
        try:
            self._before(number, frame)
        except BaseException as error:
            self.raised = error
            raise

    def come(self) -> None:
        """Let the time run, once."""
        if not self._came:
            self._came = True
            self._late.start()

    def __exit__(self, *_: object) -> None:
        if self._before is not None:
            signal.signal(signal.SIGINT, self._before)
        if self._came:
            self._late.cancel()
            self._late.join()
            end_descendants(self._there)


def _leave_to_owner(_: int) -> None:
    """Wait for no process: the strategy that is being left does."""


def _leave(manager: AbstractContextManager[Any], error: BaseException | None, interruption: _Interruption) -> None:
    """Stop a strategy; it learns by what its call was interrupted, if it was."""
    if error is None:
        manager.__exit__(None, None, None)
        return
    interruption.come()
    with suppress(type(error), Exception):
        manager.__exit__(type(error), error, error.__traceback__)


def _account(benchmark: Any, strategy: OpenStrategy, region: Region) -> None:
    """Have both ways to time something account for it; what pytest-benchmark makes of itself stays a fixture of its kind."""
    kind = type(benchmark)

    def accounted(name: str) -> Callable[..., Any]:
        def timed(fixture: Any, *arguments: Any, **named: Any) -> Any:
            before = strategy.calls
            region.begin()
            result = getattr(kind, name)(fixture, *arguments, **named)
            region.end()
            if calls := strategy.calls - before:
                use = region.use()
                fixture.extra_info.update(calls=calls, **cpu_told(use, use.cpu_s, calls), **told(use))
            return result

        return timed

    ways = {name: accounted(name) for name in ("__call__", "pedantic")}
    benchmark.__class__ = type(kind.__name__, (kind,), ways)


def cpu_told(use: RegionUse, cpu_s: Sequence[float], calls: int) -> dict[str, Any]:
    """What `extra_info` gets of the CPU of regions that made so many calls: seconds a call, or why that is unknown."""
    found = cpu_sum(cpu_s, use.cpu)
    if why := found.why_unknown:
        return {"cpu_s": None, "cpu_unknown": why}
    return {"cpu_s": found.total_s / calls}


def told(use: RegionUse) -> dict[str, Any]:
    """What `extra_info` gets of a use but for the CPU."""
    return {
        "peak_memory_bytes": use.peak_memory_bytes,
        "memory_before_bytes": use.memory_before_bytes,
        "processes_started": use.processes_started,
        "accounting": {"cpu": asdict(use.cpu), "memory": asdict(use.memory)},
    }

"""The rounds of a case, timed by pytest-benchmark's fixture: fresh inputs for each, and its results checked.

PYTEST_DONT_REWRITE
"""

import os
import sys
import warnings
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from functools import partial
from math import ceil
from typing import Any, NoReturn

import pytest

from bench.accounting.kernel import own_its_orphans_and_die_with_parent
from bench.accounting.region import Region
from bench.errors import MeasurementError, WrongResult
from bench.measure.host.inputs import make_inputs
from bench.measure.plan.cases import PlannedCase
from bench.measure.results import judge, plain_loop
from bench.measure.wire.requests import PreparationRequest, Site, message_of
from bench.plugins import registry, sources
from bench.plugins.registry import Workload
from bench.processes.child import Child
from bench.processes.pristine import gc, time
from bench.processes.watching import ended_how
from bench.pytest_plugin.timing import OpenStrategy, check_available, cpu_told, started, told
from bench.records.conditions import Conditions

_PREPARATION_S = 1800.0
"""As long as `bench.measure.supervisor.main` gives it."""
_COMPARE_S = 10.0
"""For a plain loop over the inputs: as long as a block of a run gives it by default."""


@dataclass(frozen=True, slots=True)
class Limits:
    """How much is measured."""

    min_rounds: int
    max_time_s: float
    region: Region | None
    """Accounts for the rounds; None where nothing is measured, and one round is only tried."""


class CaseRounds:
    """The rounds of a case, to be measured by one call."""

    def __init__(
        self, benchmark: Any, strategy: OpenStrategy, workload: Workload, request: PreparationRequest, limits: Limits
    ) -> None:
        self._benchmark = benchmark
        self._strategy = strategy
        self._workload = workload
        self._request = request
        self._limits = limits
        self._job = make_inputs(workload, request)  # no task ever gets this one: it may change what it gets
        self._results: Any = None

    def __call__(self, rounds: int | None = None) -> Any:
        """Measure so many rounds, by default what fits into pytest-benchmark's max_time; the results of the last one.

        Fails the test where results are wrong, and raises what the task raises.
        """
        __tracebackhide__ = True
        try:
            if self._limits.region is None:
                self._benchmark.pedantic(self._run, setup=self._begin)
                self._end()
            else:
                self._measure(self._limits.region, rounds)
            if judge.states_nothing(self._workload, self._request.scale):
                self._compare()
        except WrongResult as error:
            pytest.fail(f"wrong result of {self._strategy.case.key}: {error}", pytrace=False)
        return self._results

    def _compare(self) -> None:
        """The results are those of a plain loop, as far as there is time to see; others are compared by nobody."""
        pace = plain_loop.Pace(_COMPARE_S)
        comparison = plain_loop.Comparison(self._workload.task, self._inputs, self._results, pace, lambda *_: None)
        comparison.run(None)
        self._benchmark.extra_info["compared"] = comparison.compared

    def _measure(self, region: Region, rounds: int | None) -> None:
        try:
            first_s = self._round()
            began = time.perf_counter()
            self._round()
            fit = self._limits.max_time_s / (time.perf_counter() - began)
        except Exception as error:
            self._benchmark.pedantic(partial(_fail, error))  # which notes that there is nothing to report
            raise
        region.forget()
        rounds = rounds or max(self._limits.min_rounds, ceil(fit))
        self._benchmark.pedantic(self._run, setup=self._begin, teardown=self._end, rounds=rounds)
        use = region.use()
        self._benchmark.extra_info.update(
            first_round_s=first_s, **cpu_told(use, use.cpu_s[:rounds], rounds), **told(use)
        )

    def _round(self) -> float:
        """A round that pytest-benchmark does not time; the seconds it took."""
        (given,), _ = self._begin()
        began = time.perf_counter()
        self._run(given)
        took_s = time.perf_counter() - began
        self._end()
        return took_s

    def _inputs(self) -> Any:
        return make_inputs(self._workload, self._request)

    def _begin(self) -> tuple[tuple[Any], dict[str, Any]]:
        """What a round gets, made outside of it."""
        self._results = None
        given = self._inputs()
        gc.collect()  # what earlier rounds and checks left is taken away here, not in the next one's time
        if self._limits.region is not None:
            self._limits.region.begin()
        return (given,), {}

    def _run(self, given: Any) -> None:
        self._results = self._strategy(self._workload.task, given)

    def _end(self, *_: Any) -> None:
        if self._limits.region is not None:
            self._limits.region.end()
        judge.check(self._workload, self._request.scale, self._job, self._results)


def _fail(error: Exception) -> NoReturn:
    raise error


@contextmanager
def rounds_of(case: PlannedCase, benchmark: Any, node: pytest.Item) -> Iterator[CaseRounds]:
    """The rounds of a case; its preparation, its environment variables and its strategy last as long as the context.

    Raises:
        Unavailable: if it cannot run here.
        MeasurementError: if its preparation fails.
    """
    check_available(case)
    name, scale = case.case.workload, case.case.scale
    workload = registry.workloads.get(name) or sources.load_workload(case.workload.source, name)
    marker = node.get_closest_marker("bench_case")
    seed = marker.kwargs.get("seed", 1) if marker else 1
    request = PreparationRequest(
        workload=name,
        workload_source=case.workload.source,
        scale=scale,
        conditions=Conditions(seed, None, _PREPARATION_S, 0),
        id=name,
        site=Site(),
        environment={},
    )
    benchmark.group = benchmark.group or f"{name} {scale}"
    benchmark.extra_info.update(workload=name, scale=scale, seed=seed)
    with ExitStack() as stack:
        stack.enter_context(_variables(case.environment))
        kept = []
        if workload.prepare is not None:
            child = stack.enter_context(_preparation())
            request = replace(request, prepared=_prepared(child, request))
            kept.append(child.process.pid)
        limits = _limits(node, Region(kept) if getattr(benchmark, "enabled", False) else None)
        strategy = stack.enter_context(started(case, workload.strategy_options, benchmark.extra_info))
        yield CaseRounds(benchmark, strategy, workload, request, limits)


def _limits(node: pytest.Item, region: Region | None) -> Limits:
    """By the marker `benchmark`, else by the command line."""
    marker = node.get_closest_marker("benchmark")
    said = marker.kwargs if marker else {}
    least, longest = (
        said.get(each, node.config.getoption(f"benchmark_{each}", 1)) for each in ("min_rounds", "max_time")
    )
    return Limits(int(least), float(longest), region)


def _preparation() -> Child:
    """A process for what a workload needs, as the harness has one; it finds what this process finds."""
    path = os.pathsep.join(sys.path)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # a fork beside threads, of pytest-xdist for instance
        return Child(
            "bench.measure.host.prepare",
            environment=os.environ | {"PYTHONPATH": path},
            before_exec=own_its_orphans_and_die_with_parent,
        )


def _prepared(child: Child, request: PreparationRequest) -> Any:
    child.send(message_of(request))
    answer = child.receive(_PREPARATION_S) or {"error": f"its process {ended_how(child.process.wait())}"}
    if "error" in answer:
        raise MeasurementError(f"the preparation of {request.workload} failed: {answer['error']}")
    return answer["prepared"]


@contextmanager
def _variables(changes: Mapping[str, str | None]) -> Iterator[None]:
    """Environment variables set, or removed where None; for the processes that are started meanwhile."""
    before = {name: os.environ.get(name) for name in changes}
    _set(changes)
    try:
        yield
    finally:
        _set(before)


def _set(changes: Mapping[str, str | None]) -> None:
    for name, value in changes.items():
        os.environ.pop(name, None)
        if value is not None:
            os.environ[name] = value

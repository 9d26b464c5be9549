"""The pytest plugin: fixtures that put a test under strategies, timed by pytest-benchmark's own fixture.

    @pytest.mark.strategies("serial", "thread_pool", "process_pool", workers=2)
    def test_resize(benchmark, strategy):
        benchmark(strategy, resize, paths)

    @pytest.mark.bench_case("primes", scale="quick", strategies=["serial", "process_pool"], workers=2)
    def test_primes(bench_case):
        bench_case()

It loads nothing of this tool but what importing `bench` loads, until a test uses one of the two. PYTEST_DONT_REWRITE
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

from bench.errors import Unavailable, UsageError

if TYPE_CHECKING:
    from bench.pytest_plugin.rounds import CaseRounds
    from bench.pytest_plugin.timing import OpenStrategy

_STRATEGIES = (
    "strategies(*names, workers=None, **options): the strategies that the fixture `strategy` goes through, by name or "
    "pattern; several workers, or several values of an option, make a test each"
)
_BENCH_CASE = (
    "bench_case(workload, scale=None, strategies=None, workers=None, seed=1, **options): the workload that the fixture "
    "`bench_case` measures, and under which strategies; by default under the baseline of its pattern"
)
_NEEDS_BENCHMARK = "timing needs pytest-benchmark: pip install 'concurrency-bench[pytest]'"


class _NoBenchmark:
    """What stands in where no plugin has a fixture `benchmark`."""

    @pytest.fixture
    def benchmark(self) -> None:
        """Say what to install."""
        pytest.fail(_NEEDS_BENCHMARK, pytrace=False)


@pytest.hookimpl(trylast=True)  # pytest-benchmark is there by now if it ever will
def pytest_configure(config: pytest.Config) -> None:
    """Make the markers known."""
    for each in (_STRATEGIES, _BENCH_CASE):
        config.addinivalue_line("markers", each)
    plugins = [plugin for _, plugin in config.pluginmanager.list_name_plugin()]
    if not any(hasattr(each, "benchmark") for each in plugins):
        config.pluginmanager.register(_NoBenchmark())


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """A test for each strategy that is asked for by a marker."""
    for fixture, marker in (("strategy", "strategies"), ("bench_case", "bench_case")):
        if fixture in metafunc.fixturenames and metafunc.definition.get_closest_marker(marker):
            from bench.pytest_plugin import cases as pytest_cases

            try:
                cases = pytest_cases.marked(metafunc.definition, marker)
            except UsageError as error:
                raise pytest.Collector.CollectError(f"{metafunc.definition.nodeid}: {error}") from None
            metafunc.parametrize(fixture, list(cases), indirect=True)


@pytest.fixture
def strategy(request: pytest.FixtureRequest) -> Iterator["OpenStrategy"]:
    """A strategy, started before the test and stopped after it: the callable that it yields.

    `strategy(task, inputs)` gives the results in order; for patterns other than `map`, `strategy(task, job)` with the
    records of `bench.patterns`. Which one is said by the marker `strategies`; without it, `serial`. Where the test also
    takes `benchmark`, its `extra_info` gets the strategy, the seconds to start and stop it, and what the process tree
    used while `benchmark` ran: `cpu_s` (of one call, pytest-benchmark's own loop with it), `peak_memory_bytes` and
    `memory_before_bytes` (pytest itself is in both), `processes_started`; and in `accounting` how exact they are.

    Raises:
        WrongResult, or whatever the task raises, out of the call.
    """
    from bench.pytest_plugin import cases as pytest_cases
    from bench.pytest_plugin import timing as pytest_timing

    benchmark = request.getfixturevalue("benchmark") if "benchmark" in request.fixturenames else None
    case = pytest_cases.of_request(request, "strategies")
    pytest_timing.use_pristine_clock(benchmark, request.node)
    try:
        with pytest_timing.opened(case, benchmark) as found:
            yield found
    except Unavailable as reason:
        pytest_timing.skip(benchmark, str(reason))


@pytest.fixture
def bench_case(request: pytest.FixtureRequest, benchmark: object) -> Iterator["CaseRounds"]:
    """Measure the case that the marker `bench_case` names: `bench_case()` runs its rounds and gives the last results.

    Each round gets fresh inputs, the same for every strategy, and its results are checked: a wrong one fails the test.
    A first round and a second are run before those that pytest-benchmark times, as many as fit into its max_time and at
    least its min_rounds; `bench_case(rounds=20)` runs so many. `extra_info` gets what the fixture `strategy` puts there,
    `cpu_s` as the mean of the rounds alone, and the workload, the scale and the seconds of the first round.
    """
    from bench.pytest_plugin import cases as pytest_cases
    from bench.pytest_plugin import rounds as pytest_rounds
    from bench.pytest_plugin import timing as pytest_timing

    case = pytest_cases.of_request(request, "bench_case")
    pytest_timing.use_pristine_clock(benchmark, request.node)
    try:
        with pytest_rounds.rounds_of(case, benchmark, request.node) as rounds:
            yield rounds
    except Unavailable as reason:
        pytest_timing.skip(benchmark, str(reason))

"""Workers are started, say hello and are joined, in that order; none is left, and errors reach the caller."""

import gc
import multiprocessing
import os
import subprocess
import sys
import threading
import time
from multiprocessing import forkserver, resource_tracker
from random import Random

import psutil
import pytest
from bench.workloads.starting import held, start_empty, start_holding

from bench import WrongResult
from bench.patterns import PATTERNS
from bench.patterns.start import Started, Starts
from bench.plugins import registry
from bench.strategies import starting
from tests.conftest import environment

NAMES = [
    "start_thread",
    "start_fork",
    "start_process",
    "start_subclass",
    "start_pool",
    "start_thread_executor",
    "start_process_executor",
    "start_interpreter",
]
AVAILABLE = [name for name in NAMES if not registry.strategies[name].unavailable]
PROCESSES = [name for name in AVAILABLE if registry.strategies[name].isolation == "process"]
VARIANTS = [
    (name, {"start_method": method} if method else {})
    for name in AVAILABLE
    for method in (multiprocessing.get_all_start_methods() if registry.strategies[name].options else [None])
]
CHECK = PATTERNS["start"].check


@pytest.fixture(autouse=True)
def nothing_is_left():
    resource_tracker.ensure_running()  # these stay, with a descriptor each
    forkserver.ensure_running()
    gc.collect()  # an earlier test's garbage holds descriptors
    before = counts()
    yield
    gc.collect()
    deadline = time.monotonic() + 10
    while counts() != before and time.monotonic() < deadline:
        time.sleep(0.01)
    assert counts() == before


def counts():
    """Descriptors, threads and children (zombies included) of this process."""
    return (
        len(os.listdir("/proc/self/fd")),
        threading.active_count(),
        len(psutil.Process().children(recursive=True)),
    )


def opened(name, options=None):
    return registry.strategies[name].bind(None, options or {})


def own_id():
    return float(os.getpid())


def fail():
    raise LookupError("no hello")


def leave():
    os._exit(5)


def too_late():
    return time.perf_counter() + 1000


@pytest.mark.many(4)
@pytest.mark.parametrize(("name", "options"), VARIANTS)
def test_each_worker_is_asked_for_then_begins_then_is_joined(name, options):
    with opened(name, options) as call:
        for count in (2, 1):
            started = call(start_empty, Starts(count))
            CHECK(start_empty, Starts(count), started)
            moments = [
                moment
                for three in zip(started.asked, started.began, started.joined, strict=True)
                for moment in three
            ]  # fmt: skip
            assert moments == sorted(moments), "one after the other"


@pytest.mark.many(10)
@pytest.mark.parametrize("name", AVAILABLE)
def test_workers_run_where_the_isolation_says(name):
    with opened(name) as call:
        ids = call(own_id, Starts(3)).began
    assert (len(set(ids)) == 3 and os.getpid() not in ids) if name in PROCESSES else set(ids) == {os.getpid()}


@pytest.mark.many(4)
@pytest.mark.parametrize(("name", "options"), VARIANTS)
def test_an_exception_reaches_the_caller_and_nothing_is_left(name, options):
    with opened(name, options) as call, pytest.raises(Exception, match="no hello"):
        call(fail, Starts(2))


@pytest.mark.parametrize("name", ["start_fork", "start_process", "start_subclass"])
def test_a_worker_that_dies_is_reported_with_its_exit_code(name):
    with opened(name) as call, pytest.raises(ChildProcessError, match="exit code 5"):
        call(leave, Starts(1))


@pytest.mark.long
def test_many_forks_are_all_reaped():
    with opened("start_fork") as call:
        CHECK(start_empty, Starts(100), call(start_empty, Starts(100)))


@pytest.mark.parametrize("name", ["start_thread", "start_fork"])
def test_a_hello_that_was_not_between_is_wrong(name):
    with opened(name) as call, pytest.raises(WrongResult, match="worker 0 began"):
        CHECK(too_late, Starts(1), call(too_late, Starts(1)))


def test_a_missing_hello_is_wrong():
    with pytest.raises(WrongResult, match="1 workers are known as began, of 2"):
        CHECK(start_empty, Starts(2), Started([1.0, 3.0], [1.5], [2.0, 4.0]))


def test_the_clock_is_one_for_all_processes():
    assert "MONOTONIC" in time.get_clock_info("perf_counter").implementation


def test_every_start_method_has_its_subclass_of_process():
    assert set(starting._GREETERS) == {"fork", "spawn", "forkserver"}
    for method, greeter in starting._GREETERS.items():
        assert issubclass(greeter, multiprocessing.get_context(method).Process)


def test_the_interpreter_says_what_it_needs():
    assert registry.strategies["start_interpreter"].unavailable == (
        "" if sys.version_info >= (3, 14) else "needs Python 3.14"
    )


def test_memory_is_held_once_and_is_resident():
    code = (
        "import psutil; from bench.workloads.starting import held; before = psutil.Process().memory_info().rss\n"
        "block = held(50_000_000); print(held(50_000_000) is block, psutil.Process().memory_info().rss - before)"
    )
    # in a process of its own: this one may have as much from what another test has freed
    done = subprocess.run([sys.executable, "-c", code], env=environment(), capture_output=True, text=True, check=True)
    is_same, grown = done.stdout.split()
    assert is_same == "True"
    assert int(grown) > 45_000_000


def test_the_workload_that_holds_memory_makes_it_with_its_inputs(monkeypatch):
    import bench.workloads.starting as module

    monkeypatch.setattr(module, "HELD_BYTES", 1_000_000)
    held.cache_clear()
    job = registry.workloads["start_holding"].inputs(3, Random(1))
    assert job == Starts(3)
    assert held.cache_info().currsize == 1
    with opened("start_process") as call:
        CHECK(start_holding, job, call(start_holding, job))
    held.cache_clear()

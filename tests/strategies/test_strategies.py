"""What is special about single strategies; what all have in common is in the conformance suite."""

import asyncio
import multiprocessing
import os
import signal
import sys
import threading
import time
from contextlib import contextmanager

import pytest

from bench import workload
from bench.plugins import registry, sources
from bench.strategies import BUILT_IN
from bench.testing.leftovers import SHARED_MEMORY, new_since, present

for family in BUILT_IN:
    sources.load(family)

METHODS = multiprocessing.get_all_start_methods()
NAMES = [
    name
    for name, each in registry.strategies.items()
    if each.module in BUILT_IN and each.pattern == "map" and not each.unavailable
]
POOLS = [name for name in NAMES if name.startswith("pool_") and name != "pool_of_threads"]
KEPT_POOLS = sorted({"process_pool", *POOLS} - {"pool_inherited", "pool_initializer"})


def opened(name, options=None, workers=2):
    return registry.strategies[name].bind(workers, options or {})


def double(value):
    return value * 2


def process_id(_):
    return os.getpid()


def running_threads(_):
    time.sleep(0.05)
    return threading.active_count()


def die_by_signal(number):
    os.kill(os.getpid(), number)


def fail_or_fill(value):
    if value == 3:
        raise LookupError("three")
    return bytes(200_000)


def stop_iteration(_):
    return next(iter([]))


@pytest.mark.parametrize("name", NAMES)
def test_work_runs_where_the_isolation_says(name):
    with opened(name) as call:
        ids = set(call(process_id, range(8)))
    elsewhere = registry.strategies[name].isolation == "process"
    assert (os.getpid() not in ids) if elsewhere else ids == {os.getpid()}


@pytest.mark.parametrize("name", ["processes", "process_subclass", "fork"])
def test_there_is_a_process_for_each_task(name):
    with opened(name) as call:
        assert len(set(call(process_id, range(6)))) == 6


@pytest.mark.parametrize("name", KEPT_POOLS)
def test_pools_reuse_their_processes_round_after_round(name):
    with opened(name, workers=2) as call:
        assert len({*call(process_id, range(12)), *call(process_id, range(12))}) <= 2


@pytest.mark.parametrize("name", ["threads", "processes", "process_subclass", "fork", "asyncio"])
def test_no_more_tasks_are_alive_at_once_than_the_option_says(name):
    with opened(name, {"at_once": "3"}) as call:
        assert call(double, range(20)) == [2 * each for each in range(20)]
    if registry.strategies[name].isolation == "thread":
        before = threading.active_count()
        with opened(name, {"at_once": "3"}) as call:
            assert max(call(running_threads, range(12))) <= before + 3


@pytest.mark.parametrize("name", ["processes", "process_subclass", "fork"])
def test_a_process_that_dies_is_reported_with_its_exit_code(name):
    with opened(name) as call:
        with pytest.raises(ChildProcessError, match="exit code 7"):
            call(os._exit, [7])
        with pytest.raises(ChildProcessError, match="exit code -9"):
            call(die_by_signal, [signal.SIGKILL])
        assert call(double, [1]) == [2], "the strategy can go on"


@pytest.mark.many(2)
@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("name", ["processes", "process_subclass"])
def test_a_failure_does_not_wait_for_results_that_nobody_takes(name, method):
    """The results of the others are larger than a pipe, so their processes end only when someone reads them."""
    with opened(name, {"start_method": method}) as call, pytest.raises(LookupError, match="three"):
        call(fail_or_fill, range(7))


def test_a_forked_child_never_runs_what_the_parent_would_clean_up():
    @contextmanager
    def noted():
        try:
            yield
        finally:
            os.write(writer, b"%d\n" % os.getpid())

    reader, writer = os.pipe()
    with noted(), opened("fork") as call, pytest.raises(ChildProcessError, match="exit code 1"):
        call(sys.exit, [3])
    os.close(writer)
    with open(reader, "rb") as file:
        cleaned = file.read().split()
    assert cleaned == [b"%d" % os.getpid()]


def test_the_chunk_size_decides_how_many_tasks_go_to_a_worker_together():
    """With chunks of half the inputs each of two workers can get one chunk only, so neighbours run in one process."""
    for name in ("process_pool", "pool_map", "pool_imap", "pool_imap_unordered", "pool_starmap"):
        with opened(name, {"chunk_size": "6"}, workers=2) as call:
            ids = call(process_id, list(range(12)))
        assert len(set(ids[:6])) == len(set(ids[6:])) == 1, name


@pytest.mark.parametrize("name", ["threads", "thread_pool", "pool_of_threads", "asyncio"])
def test_tasks_in_threads_are_under_way_together(name):
    meeting = threading.Barrier(2, timeout=30)  # broken, and so an error, unless two tasks wait at once
    with opened(name, workers=2) as call:
        call(lambda _: meeting.wait(), [0, 1])


def test_inherited_inputs_and_tasks_need_not_be_picklable():
    locks = [threading.Lock(), threading.Lock()]
    with opened("pool_inherited") as call:
        assert call(lambda lock: lock.locked(), locks) == [False, False]


@pytest.mark.parametrize("method", METHODS)
def test_shared_memory_is_gone_after_a_round_and_its_tracker_is_quiet(method, capfd):
    with opened("pool_shared_memory", {"start_method": method}) as call:
        before = present()
        inputs = [bytes(100_000), "text", bytes(0), bytearray(9)]
        assert call(double, inputs) == [each * 2 for each in inputs]
        with pytest.raises(LookupError, match="three"):
            call(fail_or_fill, range(7))
        assert not {each for each in new_since(before) if each.startswith(f"{SHARED_MEMORY}bench-{os.getpid()}-")}
    assert "resource_tracker" not in capfd.readouterr().err


def test_asyncio_awaits_the_coroutine_that_the_workload_names(monkeypatch):
    monkeypatch.setattr(registry, "workloads", {})

    async def in_the_loop(value):
        await asyncio.sleep(0)
        return threading.current_thread() is threading.main_thread(), value

    def task(value):
        raise AssertionError("the coroutine takes its place")

    workload(name="both", inputs=lambda size, rng: [], scales={"quick": 1}, coroutine=in_the_loop)(task)
    with opened("asyncio") as call:
        assert call(task, [1, 2]) == [(True, 1), (True, 2)]


def test_asyncio_awaits_together_and_no_more_than_the_option_says():
    async def count(_):
        alive.append(1)
        most.append(len(alive))
        await asyncio.sleep(0.01)
        alive.pop()

    for at_once, inputs, expected in ((4, 12, 4), (100, 7, 7)):
        alive, most = [], []
        with opened("asyncio", {"at_once": str(at_once)}) as call:
            call(count, range(inputs))
        assert max(most) == expected


def test_asyncio_raises_the_tasks_own_exception_and_cancels_the_others():
    cancelled = []

    async def fail_or_wait(value):
        if value == 3:
            raise LookupError("three") from ValueError("its cause")
        try:
            await asyncio.sleep(60)
        except asyncio.CancelledError:
            cancelled.append(value)
            raise

    with opened("asyncio") as call:
        with pytest.raises(LookupError, match="three") as caught:
            call(fail_or_wait, range(5))
        assert repr(caught.value.__cause__) == "ValueError('its cause')"
        assert sorted(cancelled) == [0, 1, 2, 4] or sorted(cancelled) == [0, 1, 2]
        with pytest.raises(RuntimeError, match="StopIteration"):
            call(stop_iteration, [1])


@pytest.mark.skipif(
    not registry.strategies["interpreter_pool"].unavailable,
    reason="needs a Python without InterpreterPoolExecutor, before 3.14",
)
def test_what_this_python_lacks_is_unavailable_with_a_reason():
    assert registry.strategies["interpreter_pool"].unavailable == "needs Python 3.14"


@pytest.mark.parametrize("name", ["joblib_loky", "mpire"])
def test_engines_take_tuples_and_dicts_as_they_are(name):
    if registry.strategies[name].unavailable:
        pytest.skip(registry.strategies[name].unavailable)
    with opened(name) as call:
        assert call(double, [(1, 2), [3]]) == [(1, 2, 1, 2), [3, 3]]
        assert call(len, [{"a": 1}, (1, 2, 3)]) == [1, 3]

"""Every strategy gives what a plain loop gives, with real threads and processes."""

import multiprocessing
import os
import threading
import time

import pytest

from bench import registry, sources
from bench.strategies import BUILT_IN

for family in BUILT_IN:
    sources.load(family)

METHODS = multiprocessing.get_all_start_methods()
NAMES = [name for name, each in registry.strategies.items() if each.module in BUILT_IN]
VARIANTS = [
    (name, {"start_method": method} if method else {})
    for name in NAMES
    for method in (METHODS if "start_method" in registry.strategies[name].options else [None])
]


def opened(name, options=None, workers=2):
    return registry.strategies[name].bind(workers, options or {})


def double(value):
    return value * 2


def megabytes(count):
    return bytes(count * 1_000_000)


def fail_at_three(value):
    if value == 3:
        raise LookupError("three")
    return value


def late_first(value):
    time.sleep(0.2 if value == 0 else 0)
    return value


def process_id(_):
    return os.getpid()


def running_threads(_):
    time.sleep(0.05)
    return threading.active_count()


@pytest.mark.parametrize(("name", "options"), VARIANTS)
@pytest.mark.parametrize("inputs", [[], [1], [1, 2, 3], list(range(40))], ids=["none", "one", "few", "many"])
def test_results_are_those_of_a_loop_in_order(name, options, inputs):
    with opened(name, options, workers=3) as call:
        assert call(double, inputs) == [2 * each for each in inputs]
        assert call(double, inputs) == [2 * each for each in inputs], "the second round"


@pytest.mark.parametrize("name", NAMES)
def test_results_of_ten_megabytes_arrive_whole(name):
    with opened(name) as call:
        assert [len(each) for each in call(megabytes, [0, 10])] == [0, 10_000_000]


@pytest.mark.parametrize("name", NAMES)
def test_an_exception_in_a_task_reaches_the_caller(name):
    with opened(name) as call, pytest.raises(LookupError, match="three"):
        call(fail_at_three, range(5))


@pytest.mark.parametrize("name", NAMES)
def test_a_task_that_ends_late_keeps_its_place(name):
    with opened(name) as call:
        assert call(late_first, [0, 1, 2]) == [0, 1, 2]


@pytest.mark.parametrize("name", NAMES)
def test_work_runs_where_the_isolation_says(name):
    with opened(name) as call:
        ids = set(call(process_id, range(8)))
    elsewhere = registry.strategies[name].isolation == "process"
    assert (os.getpid() not in ids) if elsewhere else ids == {os.getpid()}


def test_a_process_for_each_task_and_pools_that_reuse_theirs():
    with opened("processes") as call:
        assert len(set(call(process_id, range(6)))) == 6
    for name in ("process_pool", "pool_map"):
        with opened(name, workers=2) as call:
            assert len(set(call(process_id, range(12)))) <= 2


@pytest.mark.parametrize("name", ["threads", "processes"])
def test_no_more_tasks_are_alive_at_once_than_the_option_says(name):
    with opened(name, {"at_once": "3"}) as call:
        assert call(double, range(20)) == [2 * each for each in range(20)]
    if name == "threads":
        before = threading.active_count()
        with opened(name, {"at_once": "3"}) as call:
            assert max(call(running_threads, range(12))) <= before + 3


def test_a_process_that_dies_is_reported_with_its_exit_code():
    with opened("processes") as call, pytest.raises(ChildProcessError, match="exit code 7"):
        call(os._exit, [7])


def test_the_chunk_size_decides_how_many_tasks_go_to_a_worker_together():
    """With chunks of half the inputs each of two workers can get one chunk only, so neighbours run in one process."""
    for name in ("process_pool", "pool_map"):
        with opened(name, {"chunk_size": "6"}, workers=2) as call:
            ids = call(process_id, list(range(12)))
        assert len(set(ids[:6])) == len(set(ids[6:])) == 1


def test_leaving_a_pool_leaves_no_process():
    import psutil

    before = {each.pid for each in psutil.Process().children(recursive=True)}
    for name in ("process_pool", "pool_map", "processes"):
        with opened(name) as call:
            call(double, range(4))
    left = [each for each in psutil.Process().children(recursive=True) if each.pid not in before]
    assert left == []


@pytest.mark.parametrize("name", ["threads", "thread_pool"])
def test_tasks_in_threads_are_under_way_together(name):
    meeting = threading.Barrier(2, timeout=30)  # broken, and so an error, unless two tasks wait at once
    with opened(name, workers=2) as call:
        call(lambda _: meeting.wait(), [0, 1])

"""What the tutorials say of queues, pools and shared values holds, with real processes."""

import json
import multiprocessing
import os
import queue
import signal
import subprocess
import sys
import threading
import time
from contextlib import contextmanager

import pytest

from tests.conftest import environment
from tests.strategies.test_semantics import FORK, LONG_S, every_start_method, received, started

# from Python 3.12 on a fork warns where pytest itself has threads, as under pytest-xdist
pytestmark = pytest.mark.filterwarnings("ignore:.*multi-threaded:DeprecationWarning")

plain = 0


@contextmanager
def a_queue(size=0):
    made = FORK.Queue(size)
    try:
        yield made
    finally:
        made.cancel_join_thread()
        made.close()


@contextmanager
def pool_of(workers, *arguments):
    with FORK.Pool(workers, *arguments) as pool:
        yield pool
        pool.close()
        pool.join()


@contextmanager
def taking_at_least(least_s):
    began = time.monotonic()
    try:
        yield
    finally:
        assert time.monotonic() - began >= least_s


def test_a_full_queue_and_an_empty_one_raise_at_once_or_after_the_timeout():
    with a_queue(1) as messages:
        messages.put("first")
        for put, least_s in (
            (lambda: messages.put_nowait("second"), 0),
            (lambda: messages.put("second", block=False), 0),
            (lambda: messages.put("second", timeout=0.1), 0.09),
        ):
            with pytest.raises(queue.Full), taking_at_least(least_s):
                put()
        assert messages.get(timeout=LONG_S) == "first"
        for get, least_s in (
            (messages.get_nowait, 0),
            (lambda: messages.get(block=False), 0),
            (lambda: messages.get(timeout=0.1), 0.09),
        ):
            with pytest.raises(queue.Empty), taking_at_least(least_s):
                get()


def write(messages, values):
    for each in values:
        messages.put(each)


def read_forever(messages, line):
    while True:
        line.send(messages.get())


def test_a_reader_that_never_ends_is_terminated_and_takes_its_queue_with_it():
    """It dies while it holds the lock under which one reader at a time waits, and nobody can read any more."""
    mine, theirs = FORK.Pipe()
    with a_queue() as messages, mine, theirs, started(read_forever, messages, theirs) as reader:
        with started(write, messages, "ABC") as writer:
            writer.join()
        assert [received(mine) for _ in "ABC"] == ["A", "B", "C"]
        deadline = time.monotonic() + LONG_S
        while messages._rlock.acquire(block=False):
            messages._rlock.release()
            assert time.monotonic() < deadline, "the reader does not wait for more"
        reader.terminate()
        reader.join()
        assert reader.exitcode == -signal.SIGTERM
        messages.put("D")
        with pytest.raises(queue.Empty):
            messages.get(timeout=0.2)


def test_what_three_producers_put_is_read_after_they_are_joined():
    with a_queue() as messages:
        producers = [FORK.Process(target=write, args=(messages, [number])) for number in range(3)]
        for each in producers:
            each.start()
        for each in producers:
            each.join()
            assert each.exitcode == 0
        assert sorted(messages.get(timeout=LONG_S) for _ in producers) == [0, 1, 2]


def test_a_producer_of_more_than_a_pipe_holds_ends_only_after_the_queue_is_drained():
    size = 1_000_000
    with a_queue() as messages, started(write, messages, [bytes(size)]) as producer:
        producer.join(timeout=0.5)
        assert producer.is_alive(), "a join without a timeout would never end"
        assert len(messages.get(timeout=LONG_S)) == size
        producer.join(timeout=LONG_S)
        assert producer.exitcode == 0


def change_globals(value, number, array):
    global plain  # noqa: PLW0603
    plain = 5
    value.value = 5
    number.value = 2.5
    array[:] = [3, 2, 1]


@every_start_method
def test_a_global_changed_in_a_child_is_not_changed_in_the_parent_but_a_value_and_an_array_are(method):
    context = multiprocessing.get_context(method)
    value, number, array = context.Value("i", 0), context.Value("d", 0.0), context.Array("i", 3)
    with started(change_globals, value, number, array, context=context) as process:
        process.join()
        assert process.exitcode == 0
    assert plain == 0
    assert (value.value, number.value, array[:]) == (5, 2.5, [3, 2, 1])


def know(event):
    global is_done  # noqa: PLW0603
    is_done = event


def first_after_second(number):
    """Input 0 ends after input 1, whatever the machine does."""
    if number == 0:
        assert is_done.wait(LONG_S)
    return number


def second_before_first(number):
    result = first_after_second(number)
    if number == 1:
        is_done.set()
    return result


def test_map_and_imap_keep_the_order_and_imap_unordered_gives_what_ends_first():
    event = FORK.Event()
    with pool_of(2, know, (event,)) as pool:
        assert pool.map(second_before_first, [0, 1], chunksize=1) == [0, 1]
        event.clear()
        assert list(pool.imap(second_before_first, [0, 1])) == [0, 1]
        event.clear()
        results = pool.imap_unordered(first_after_second, [0, 1])
        assert results.next(LONG_S) == 1
        event.set()
        assert results.next(LONG_S) == 0


def where(*arguments):
    return os.getpid(), arguments


def test_callbacks_run_in_the_parent_but_not_in_its_main_thread():
    called = []

    def note(value):
        called.append((os.getpid(), threading.current_thread() is threading.main_thread(), value))

    with pool_of(1) as pool:
        worker, arguments = pool.apply_async(where, (1, 2, 3), callback=note).get(LONG_S)
        with pytest.raises(ZeroDivisionError):
            pool.apply_async(divmod, (1, 0), callback=note, error_callback=note).get(LONG_S)
        assert pool.starmap(where, [(), (1,), (1, 2)]) == [(worker, ()), (worker, (1,)), (worker, (1, 2))]
    assert arguments == (1, 2, 3)
    assert worker != os.getpid()
    assert [each[:2] for each in called] == [(os.getpid(), False)] * 2
    assert called[0][2] == (worker, (1, 2, 3))
    assert isinstance(called[1][2], ZeroDivisionError)


def test_results_can_be_had_without_close_and_join():
    with FORK.Pool(3) as pool:
        waiting = [pool.apply_async(pow, (each, 2)) for each in range(9)]
        assert [each.get(LONG_S) for each in waiting] == [each**2 for each in range(9)]


@pytest.mark.long
def test_nine_tasks_of_one_second_on_three_workers_take_at_least_three_seconds(bench, tmp_path):
    known = {each["name"] for each in json.loads(bench("list", "--json").stdout)["strategies"]}
    commands = []
    for name in sorted({"pool_map", "pool_apply_async"} & known):  # side by side, because they only sleep
        (tmp_path / name).mkdir()
        arguments = ["--scale", "article", "--workers", "3", "--strategy", name, "--blocks", "1", "--rounds", "2"]
        command = [sys.executable, "-m", "bench", "run", "downloads_even", *arguments, "--json"]
        commands.append(subprocess.Popen(command, cwd=tmp_path / name, env=environment(), text=True,
                                         stdout=subprocess.PIPE, stderr=subprocess.PIPE))  # fmt: skip
    assert commands
    for (out, err), status in [(each.communicate(timeout=LONG_S), each.returncode) for each in commands]:
        assert status == 0, err
        (case,) = json.loads(out)["cases"]
        assert case["outcome"] == "ok"
        assert case["bound_s"] == 3.0
        assert case["wall_s"] >= 3.0

"""What makes pairs of blocks alike: waiting for a CPU is told apart, and addresses are the same."""

import os
import subprocess
import sys
import time
from threading import Thread

import pytest

from bench.accounting.kernel import fix_addresses
from bench.measure.host.waiting import watched

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="needs Linux")
BURN = "while True: pass"


@pytest.fixture
def one_cpu():
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {min(before)})
    yield
    os.sched_setaffinity(0, before)


@pytest.fixture
def waiting():
    found = watched()
    if found is None:
        pytest.skip("needs a kernel that counts what threads wait for")
    return found


@pytest.fixture
def childless(waiting):
    """As if this process had no children: other tests may have left it a resource tracker."""
    waiting._children = os.open(os.devnull, os.O_RDONLY)
    return waiting


def burn(cpu_s):
    end_s = time.thread_time() + cpu_s
    while time.thread_time() < end_s:
        pass


def test_what_a_neighbour_takes_away_is_waiting(one_cpu, childless):
    waiting = childless
    neighbours = [subprocess.Popen([sys.executable, "-I", "-c", BURN]) for _ in range(2)]
    try:
        time.sleep(0.2)
        waiting.begin()
        began_s = time.perf_counter()
        burn(0.1)
        took_s = time.perf_counter() - began_s
        waited_s = waiting.end(took_s)
    finally:
        for each in neighbours:
            each.kill()
            each.wait()
    assert waited_s is not None
    assert took_s > 0.15, "two neighbours leave a third"
    assert 0.1 <= took_s - waited_s < 0.1 + 0.5 * (took_s - 0.1), "most of what is missing was waited for"


def test_what_was_waited_beside_the_round_is_no_part_of_it(one_cpu, childless):
    """So that no round is left with no time at all."""
    neighbour = subprocess.Popen([sys.executable, "-I", "-c", BURN])
    try:
        time.sleep(0.2)
        childless.begin()
        burn(0.05)
        ran_s = 0.05
        waited_s = childless.end(0.06)
    finally:
        neighbour.kill()
        neighbour.wait()
    assert waited_s is not None
    assert 0 <= waited_s <= 0.06 - ran_s


def test_sleeping_is_no_waiting(childless):
    waiting = childless
    waiting.begin()
    time.sleep(0.1)
    waited_s = waiting.end(0.1)
    assert waited_s is not None
    assert waited_s < 0.05


def test_nothing_is_said_where_the_process_itself_may_be_what_was_waited_for(waiting):
    waiting.begin()
    thread = Thread(target=burn, args=(0.1,))
    thread.start()
    thread.join()
    assert waiting.end(0.1) is None, "another thread"
    waiting.begin()
    subprocess.run([sys.executable, "-I", "-c", "pass"], check=True)
    assert waiting.end(0.1) is None, "a child that ended"
    with subprocess.Popen([sys.executable, "-I", "-c", "input()"], stdin=subprocess.PIPE):
        waiting.begin()
        burn(0.01)
        assert waiting.end(0.1) is None, "a child that lives"


def test_a_process_with_fixed_addresses_has_the_same_ones_each_time():
    def places(before):
        program = [sys.executable, "-I", "-c", "print(id(object()), id(print))"]
        environment = {**os.environ, "PYTHONHASHSEED": "7"}
        return {
            subprocess.run(program, env=environment, preexec_fn=before, capture_output=True, check=True).stdout
            for _ in range(4)
        }

    if len(places(None)) == 1:
        pytest.skip("needs a system that gives random addresses")
    fixed = places(fix_addresses)
    if len(fixed) > 1:
        pytest.skip("needs the right to call personality(2)")
    assert len(fixed) == 1

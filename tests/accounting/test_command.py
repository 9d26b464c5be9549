"""The account of any command: its status and output are its own, its use is all of its tree's, nothing stays."""

import os
import sys

import pytest

from tests.outside import in_own_process, measured

POSIX = pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")


def python(script):
    return [sys.executable, "-c", f"import os, signal, sys, time\n{script}"]


@pytest.mark.parametrize(
    ("script", "status"),
    [("sys.exit(0)", 0), ("sys.exit(7)", 7), ("os.kill(os.getpid(), 9)", -9), ("os.abort()", -6)],
)
def test_the_exit_status_is_that_of_subprocess(script, status):
    assert measured(python(script)).status == status


@pytest.mark.parametrize("size", [0, 1, 70_000, 1_000_000])
def test_the_output_comes_whole_and_in_order(size):
    found = measured(python(f"sys.stdout.write(''.join(chr(97 + i % 26) for i in range({size})))"))
    assert found.output == "".join(chr(97 + i % 26) for i in range(size)).encode()


@POSIX
def test_output_that_a_descendant_holds_open_is_not_waited_for_longer_than_it_lives():
    found = measured(python("print('a', flush=True)\nif os.fork() == 0: time.sleep(0.3); os._exit(0)"))
    assert found.output == b"a\n"
    assert found.finished.window.wall_s >= 0.3


@POSIX
def test_a_descendant_that_stays_is_ended_and_no_process_is_left():
    body = """
        import psutil
        from bench.accounting import command
        command._LINGER_S = 0.2
        script = "import os, signal, time\\nfor _ in range(3):\\n  if os.fork() == 0: os.setsid(); time.sleep(600)"
        found = command.measure_command([sys.executable, "-c", script])
        answer([found.status, [each.status() for each in psutil.Process().children(recursive=True)]])
    """
    assert in_own_process(body) == [0, []]


@POSIX
def test_what_was_there_before_is_neither_counted_nor_ended():
    body = """
        import psutil, subprocess
        from bench.accounting.command import measure_command
        kept = subprocess.Popen([sys.executable, "-c", "while True: pass"])
        found = measure_command([sys.executable, "-c", "import time; time.sleep(0.5)"]).finished
        alive = kept.poll() is None
        kept.kill(); kept.wait()
        answer([alive, found.window.wall_s, found.window.processes_started, found.accounting.cpu_by_layer])
    """
    alive, wall_s, started, by_layer = in_own_process(body)
    assert alive
    assert started == 1
    assert max(by_layer.values()) < 0.5 * wall_s


def test_with_the_series_off_every_total_is_there():
    script = "end = time.process_time() + 0.2\nwhile time.process_time() < end: pass"
    on, off = measured(python(script), sample_hz=50).finished, measured(python(script), sample_hz=0).finished
    assert off.samples.at_s == off.samples.cpu_s == []
    assert (off.sampling.due, off.sampling.hz_achieved, off.sampling.late_p99_s) == (0, None, None)
    assert off.window.cpu_s >= 0.2
    assert on.window.peak_memory_bytes > 1_000_000
    if off.accounting.memory.layer.startswith("cgroup"):
        assert off.window.peak_memory_bytes > 1_000_000
    else:
        assert off.window.peak_memory_bytes or "no sample" in off.accounting.unknown["whole peak_memory_bytes"]
    assert len(on.samples.at_s) > 5
    assert on.samples.cpu_s[-1] == on.window.cpu_s
    assert on.sampling.due >= on.sampling.missed
    known = [{name for name in each.__slots__ if getattr(each, name) is not None} for each in (on.window, off.window)]
    assert {name for name in known[0] - known[1] if not name.endswith("_bytes")} == set()


def test_a_command_that_is_over_at_once_used_a_little_and_none_of_it_is_nothing():
    for best in ("cgroup", "ledger"):
        finished = measured(python("os._exit(0)"), best=best).finished
        assert finished.window.cpu_s > 0
        assert finished.window.wall_s > 0
        assert finished.window.peak_memory_bytes is None or finished.window.peak_memory_bytes > 0


def test_a_command_that_is_not_there_is_an_error_and_leaves_no_group():
    body = """
        from bench.accounting import control_groups
        from bench.accounting.command import measure_command
        try:
            measure_command(["/nowhere/to/be/found"])
        except OSError as error:
            said = str(error)
        folders = {each.folder for each in control_groups._candidates()}
        answer([said, [str(found) for each in folders for found in each.glob(f"concurrency-bench-{os.getpid()}-*")]])
    """
    said, left = in_own_process(body)
    assert "/nowhere/to/be/found" in said
    assert left == []


def test_many_commands_one_after_another_are_counted_apart():
    body = """
        from bench.accounting.command import measure_command
        script = "import os, sys, time\\nwhile time.process_time() < float(sys.argv[1]): pass"
        wanted = [0.3, 0.1, 0.2, 0.1]
        answer([[each, measure_command([sys.executable, "-c", script, str(each)]).finished.window.cpu_s] for each in wanted])
    """
    for wanted_s, found_s in in_own_process(body):
        assert wanted_s - 0.005 <= found_s <= wanted_s + 0.1


@pytest.mark.skipif(sys.platform != "linux", reason="needs Linux's counters")
def test_faults_switches_and_starts_are_those_of_the_whole_tree():
    pages, times = 5000, 50
    script = (
        "import mmap\n"
        f"for _ in range({times}): time.sleep(0.0005)\n"
        "if os.fork() == 0:\n"
        f"    block = mmap.mmap(-1, {pages} << 12, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)\n"
        "    block.madvise(15)\n"  # no huge pages
        f"    for each in range({pages}): block[each << 12] = 1\n"
        "    os._exit(0)\n"
        "os.wait()"
    )
    window = measured(python(script)).finished.window
    assert window.minor_faults >= pages
    assert window.voluntary_switches >= times
    assert window.major_faults >= 0
    assert window.processes_started >= 1
    assert window.started_at_most >= 2
    assert window.user_s + window.system_s == pytest.approx(window.cpu_s, abs=0.02)

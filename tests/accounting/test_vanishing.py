"""What makes readers of processes crash or count wrong: ends in the middle of a reading, ids given again, crowds, rights.

Real processes throughout; what needs rights that the tests do not have is skipped with the reason.
"""

import os
import sys
import time

import pytest

from bench.accounting.proc_process import Process
from bench.accounting.reading import Identity
from tests.outside import as_nobody, in_own_process, namespaced, oracle

pytestmark = pytest.mark.skipif(
    sys.platform != "linux", reason="needs Linux: the trees are made with what it alone has"
)
BOTH = pytest.mark.parametrize("sampler", ["proc", "psutil"])
TICK_S = 1 / os.sysconf("SC_CLK_TCK")
COST_S = 0.004
"""Of starting and ending a process, at most; it is in no truth."""
LATE_S = 0.0002
"""Who waits while a process still does its last steps on another core misses those; its clock, read later, has them."""


@pytest.mark.many(2)
@BOTH
@pytest.mark.parametrize("ending", ["reaped", "unreaped", "ignored", "orphaned"])
def test_hundreds_of_children_that_end_while_they_are_read_break_nothing_and_cpu_is_conserved(sampler, ending):
    """Read without a pause, while children of a millisecond are born and end all the time."""
    body = """
        import subprocess
        from bench.accounting.control_groups import find_places
        from bench.accounting.group import Group
        from bench.accounting.kernel import adopt_orphans
        from bench.accounting.readers import open_reader
        from bench.accounting.reading import Watched
        adopt_orphans()
        watched, place = Watched(()), find_places().cpu
        group = Group(place) if place else None
        told, tell = os.pipe()

        def join():
            "What the process has used before it is in its group is not in that."
            group.join()
            os.write(tell, str(time.process_time()).encode())

        reader, readings, reap = open_reader(sys.argv[1], watched, clocks=True), [], watched.reaper.reap
        process = subprocess.Popen(sys.argv[2:], stdout=subprocess.PIPE, preexec_fn=group and join)
        while not readings or process.returncode is None:
            readings.append((reader.glance() if len(readings) % 3 else reader.read()).cpu_s)
            reader.counters()
            for pid in reader.ended_children():
                if pid != process.pid: reap(pid)
            process.returncode = reap(process.pid)
        while reader.read().processes or reader.ended_children():
            [reap(pid) for pid in reader.ended_children()]
        truth = float(process.stdout.read().split()[-1])
        last, all_s = reader.read(), group and group.cpu().cpu_s + float(os.read(told, 100))
        if group: group.remove()
        answer([truth, readings == sorted(readings), last.cpu_s, watched.reaper.used.cpu_s, last.processes_seen, all_s])
    """
    children = 300
    true_s, rose, total_s, waited_s, seen, all_s = in_own_process(
        body, sampler, *oracle("burner", ending, children, 1, 3)
    )
    assert rose
    assert total_s <= true_s + children * COST_S
    assert all_s is None or total_s <= all_s + 0.001
    assert seen >= 1
    assert waited_s <= total_s + 0.001
    if ending != "ignored":
        assert total_s <= waited_s + children * LATE_S
        assert total_s >= true_s - children * LATE_S


GIVEN_AGAIN = """
    import subprocess
    from bench.accounting.kernel import adopt_orphans
    from bench.accounting.readers import open_reader
    from bench.accounting.reading import Watched
    adopt_orphans()

    def burning(seconds):
        "A child that has burned so much."
        read, write = os.pipe()
        pid = os.fork()
        if pid == 0:
            while time.process_time() < seconds: pass
            os.write(write, b"x")
            time.sleep(600)
        os.read(read, 1)
        os.close(read); os.close(write)
        return pid

    def end(pid, reap):
        os.kill(pid, 9)
        while reap(pid) is None: time.sleep(0.001)

    def give_again(pid):
        with open("/proc/sys/kernel/ns_last_pid", "w") as file:
            file.write(str(pid - 1))

    def one_more():
        "The kernel's last id is another then, as it is where ids come round by themselves."
        pid = os.fork()
        if pid == 0: os._exit(0)
        os.waitpid(pid, 0)
"""


@BOTH
@pytest.mark.parametrize("seen_between", [True, False])
def test_an_id_that_is_given_again_is_another_process(sampler, seen_between):
    """The first ends and is waited for, and a second one gets its id before the next reading; or after it."""
    body = """
    watched = Watched(())
    reader, reap = open_reader(sys.argv[1], watched, clocks=True), watched.reaper.reap
    first = burning(0.2)
    reader.read()
    end(first, reap)
    if sys.argv[2] == "True": reader.read()
    give_again(first)
    second = burning(0.1)
    one_more()
    both = reader.read()
    end(second, reap)
    after = reader.read()
    answer([first == second, both.cpu_s, both.processes, both.processes_seen, after.cpu_s, watched.reaper.used.cpu_s])
    """
    prefix = namespaced()
    prefix[1:2] = ["-m", "-p", "-f", "--mount-proc"]  # ids of its own, so that no other process takes the one we want
    again, both_s, living, seen, after_s, waited_s = in_own_process(
        GIVEN_AGAIN + body, sampler, seen_between, before=prefix
    )
    if not again:
        pytest.skip("needs a kernel that gives the id again, as this one did not")
    assert (living, seen) == (1, 2)
    assert 0.3 - 2 * TICK_S <= both_s <= waited_s + 1e-3
    assert after_s == pytest.approx(waited_s, abs=1e-3)


def test_a_process_that_started_at_another_time_is_another():
    """On paper, for systems where no id can be had twice."""
    process = Process(os.getpid(), keep=True)
    try:
        assert process.refresh()
        process.identity = Identity(os.getpid(), process.identity.started - 1)
        assert not process.refresh()
    finally:
        process.close()


def test_a_process_that_is_gone_is_not_read_from_one_that_has_its_id_now():
    """Its descriptors fail forever, whoever has the id."""
    pid = os.fork()
    if pid == 0:
        time.sleep(600)
    process = Process(pid, keep=True)
    try:
        assert process.refresh()
        assert process.glance(clock=True)
        os.kill(pid, 9)
        os.waitpid(pid, 0)
        assert not process.refresh()
        assert not process.glance(clock=True)
        assert process.children() == []
    finally:
        process.close()
    with pytest.raises(ProcessLookupError):
        Process(pid, keep=True)


CROWD = """
import os, signal
for _ in range(1000):
    if os.fork() == 0: signal.pause()
print(flush=True)
signal.pause()
"""


@pytest.mark.long
@BOTH
def test_a_tree_of_a_thousand_is_seen_whole_in_one_reading_with_few_descriptors(sampler):
    body = """
        import resource, subprocess
        resource.setrlimit(resource.RLIMIT_NOFILE, (1024, 1024))
        from bench.accounting.readers import open_reader
        from bench.accounting.reading import Watched
        root = subprocess.Popen([sys.executable, "-c", sys.argv[2]], stdout=subprocess.PIPE, start_new_session=True)
        root.stdout.readline()
        try:
            reader = open_reader(sys.argv[1], Watched(()), clocks=True)
            readings = [reader.read().processes for _ in range(12)]
            kept = len(os.listdir("/proc/self/fd"))
            told = len(reader.counters())
        finally:
            os.killpg(root.pid, 9)
        reader.close()
        answer([readings, kept, told, len(os.listdir("/proc/self/fd"))])
    """
    processes, kept, told, after = in_own_process(body, sampler, CROWD)
    assert processes == [1001] * 12
    assert told == 1001
    assert kept < 900
    assert after < 20


@BOTH
def test_of_a_process_that_may_not_be_looked_into_the_rest_is_told(everybodys, sampler):
    """It has made itself unreadable, as programs with secrets do: `io` and `smaps` of it are closed to its own user."""
    body = """
        import dataclasses, subprocess
        from bench.accounting.readers import open_reader
        from bench.accounting.reading import Watched
        script = ("import ctypes, sys, time; ctypes.CDLL(None).prctl(4, 0, 0, 0, 0)\\n"
                  "while time.process_time() < 0.1: pass\\nprint(flush=True); sys.stdin.read()")
        process = subprocess.Popen([sys.executable, "-c", script], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        process.stdout.readline()
        reader = open_reader(sys.argv[1], Watched(()), clocks=True)
        reading, counters, sets = reader.read(), reader.counters(), reader.sets()
        process.communicate(b"")
        answer([dataclasses.asdict(reading), [dataclasses.asdict(each) for each in counters.values()],
                dataclasses.asdict(sets), reader.read().cpu_s])
    """
    reading, (counters,), sets, after_s = in_own_process(body, sampler, before=as_nobody(everybodys))
    assert reading["processes"] == 1
    assert reading["cpu_s"] >= 0.1 - 2 * TICK_S
    assert reading["rss_bytes"] > 1_000_000
    assert counters["read_bytes"] is counters["written_bytes"] is None
    assert sets["pss_bytes"] is sets["uss_bytes"] is None
    assert after_s >= reading["cpu_s"]


@BOTH
def test_of_a_process_that_is_hidden_altogether_nothing_is_told_and_its_cpu_comes_when_it_ends(everybodys, sampler):
    """It has made itself unreadable where /proc hides what one may not look into."""
    body = """
        import subprocess
        from bench.accounting.readers import open_reader
        from bench.accounting.reading import Watched
        script = ("import ctypes, sys, time; ctypes.CDLL(None).prctl(4, 0, 0, 0, 0)\\n"
                  "while time.process_time() < 0.1: pass\\nprint(flush=True); sys.stdin.read()")
        process = subprocess.Popen([sys.executable, "-c", script], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        process.stdout.readline()
        watched = Watched(())
        reader = open_reader(sys.argv[1], watched, clocks=True)
        reading = reader.read()
        process.stdin.close()
        while watched.reaper.reap(process.pid) is None: time.sleep(0.001)
        answer([reading.processes, reading.cpu_s, reader.read().cpu_s, watched.reaper.used.cpu_s])
    """
    hidden = "mount -t proc -o hidepid=2 proc /proc"
    processes, before_s, after_s, waited_s = in_own_process(body, sampler, before=as_nobody(everybodys, hidden))
    assert processes == 0
    assert before_s == 0
    assert after_s == pytest.approx(waited_s, abs=1e-6)
    assert waited_s >= 0.1 - TICK_S

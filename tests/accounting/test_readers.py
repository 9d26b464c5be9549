"""The two readers of process trees tell the same of the same real trees."""

import sys
from textwrap import dedent

import pytest

from tests.outside import in_own_process

BOTH = pytest.mark.parametrize("sampler", ["proc", "psutil"])
LINUX = pytest.mark.skipif(sys.platform != "linux", reason="needs Linux: the tree is made with what it alone has")
TREE = """
    import ctypes, signal, subprocess, threading
    from bench.accounting.readers import open_reader
    from bench.accounting.reading import Watched
    from bench.accounting.descendants import end_descendants
    from bench.accounting.kernel import adopt_orphans
    adopt_orphans()

    def start(script):
        "A process that says when it is ready, and ends when its input does."
        script = "import ctypes, os, signal, sys, threading, time\\n" + script + "\\nprint(flush=True); sys.stdin.read()"
        process = subprocess.Popen([sys.executable, "-c", script], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        process.stdout.readline()
        return process

    def read(sampler, times=1, excluded=()):
        reader = open_reader(sampler, Watched(excluded), clocks=True)
        for _ in range(times):
            reading = reader.read()
        return reader, reading
"""
FAMILY = """
held = b"x" * 60_000_000
if os.fork() == 0:
    while time.process_time() < 0.3: pass
    time.sleep(600)
threading.Thread(target=lambda: os.fork() == 0 and time.sleep(600)).start()
mine = f"/proc/self/task/{os.getpid()}/children"
while not any(time.clock_gettime((~int(each) << 3) | 2) > 0.3 for each in open(mine).read().split()): time.sleep(0.01)
"""


def told(body, *arguments):
    """What a script says that has the helpers above."""
    return in_own_process(dedent(TREE) + dedent(body) + "end_descendants()", *arguments)


@LINUX
def test_both_see_the_same_tree():
    """A process of 60 MB, a child that works, and one that another thread than the first has started."""
    body = """
        import dataclasses
        start(sys.argv[1])
        answer([dataclasses.asdict(read(each)[1]) for each in ("proc", "psutil")])
    """
    proc, psutil = told(body, FAMILY)
    assert proc["processes"] == psutil["processes"] == 3
    assert proc["processes_seen"] == psutil["processes_seen"] == 3
    assert proc["rss_bytes"] == pytest.approx(psutil["rss_bytes"], rel=0.1)
    assert proc["rss_bytes"] > 60_000_000
    assert proc["memory_bytes"] <= proc["rss_bytes"]
    assert proc["cpu_s"] > 0.3
    assert proc["cpu_s"] == pytest.approx(psutil["cpu_s"], abs=2 * 3 * 0.01 + 0.02)


@BOTH
def test_threads_are_counted_beside_each_process_s_first(sampler):
    body = """
        root = start("for _ in range(5): threading.Thread(target=time.sleep, args=(600,), daemon=True).start()")
        answer(read(sys.argv[1])[1].threads_seen)
    """
    assert told(body, sampler) == 5


@LINUX
@BOTH
def test_a_zombie_holds_nothing_keeps_its_cpu_and_waits_to_be_reaped(sampler):
    body = """
        pid = os.fork()
        if pid == 0:
            while time.process_time() < 0.1: pass
            os._exit(0)
        os.waitid(os.P_PID, pid, os.WEXITED | os.WNOWAIT)
        reader, reading = read(sys.argv[1])
        reader._watched.reaper.reap(pid)
        after = reader.read()
        answer([pid, reading.processes, reading.rss_bytes, reading.cpu_s, reader.ended_children(), after.cpu_s])
    """
    _, processes, rss_bytes, cpu_s, ended, after_s = told(body, sampler)
    assert (processes, rss_bytes, ended) == (0, 0, [])
    assert cpu_s >= 0.1 - 0.02
    assert cpu_s - 1e-3 <= after_s <= cpu_s + 0.02 + 1e-3


@LINUX
@BOTH
def test_ended_children_are_those_of_this_process_alone(sampler):
    body = """
        root = start("if os.fork() == 0: os._exit(0)\\ntime.sleep(0.05)")
        mine = os.fork()
        if mine == 0: os._exit(0)
        os.waitid(os.P_PID, mine, os.WEXITED | os.WNOWAIT)
        answer([mine, read(sys.argv[1])[0].ended_children()])
    """
    mine, ended = told(body, sampler)
    assert ended == [mine]


@LINUX
@BOTH
@pytest.mark.parametrize("name", ["two words", ") R 1 1 (", "a\nb) S 9", "(((", ")", ""])
def test_no_name_of_a_process_confuses_a_reader(sampler, name):
    body = """
        root = start(f"ctypes.CDLL(None).prctl(15, {sys.argv[2]!r}.encode(), 0, 0, 0)\\nheld = b'x' * 20_000_000")
        reader, reading = read(sys.argv[1])
        (who, counters), = reader.counters().items()
        answer([who.pid == root.pid, counters.parent == os.getpid(), reading.processes, reading.rss_bytes, reading.cpu_s])
    """
    is_root, is_child, processes, rss_bytes, cpu_s = told(body, sampler, name)
    assert is_root
    assert is_child
    assert processes == 1
    assert 20_000_000 < rss_bytes < 200_000_000
    assert 0 <= cpu_s < 20


@BOTH
def test_the_excluded_and_what_is_below_them_are_not_counted(sampler):
    body = """
        kept, root = start("if os.fork() == 0: time.sleep(600)"), start("")
        reader, reading = read(sys.argv[1], excluded=[kept.pid])
        answer([[each.pid for each in reader.counters()] == [root.pid], reading.processes])
    """
    assert told(body, sampler) == [True, 1]


@BOTH
def test_of_a_process_that_is_gone_what_was_seen_is_kept_and_never_falls(sampler):
    body = """
        root = start("while time.process_time() < 0.1: pass")
        reader, first = read(sys.argv[1])
        root.communicate(b"")
        after = [reader.read() for _ in range(3)]
        answer([first.cpu_s, [each.cpu_s for each in after], after[-1].processes, after[-1].processes_seen])
    """
    first_s, after_s, processes, seen = told(body, sampler)
    assert first_s >= 0.1 - 0.02
    assert [first_s, *after_s] == sorted([first_s, *after_s])
    assert (processes, seen) == (0, 1)


@LINUX
def test_who_ignores_sigchld_is_found_by_the_fast_reader_and_psutil_cannot_tell():
    body = """
        root = start("signal.signal(signal.SIGCHLD, signal.SIG_IGN)")
        found = []
        for each in ("proc", "psutil"):
            reader = open_reader(each, Watched(()), clocks=True)
            seen = [reader.read().ignores_children for _ in range(60)]
            found.append([seen[-1], next(iter(reader.counters().values())).ignores_children])
        answer(found)
    """
    assert told(body) == [[True, True], [None, False]]


@LINUX
def test_counters_and_sets_of_both_agree_where_both_tell():
    body = """
        import dataclasses
        root = start("held = b'x' * 40_000_000\\nif os.fork() == 0: time.sleep(600)\\nos.read(os.open('/dev/zero', 0), 5_000_000)")
        found = []
        for each in ("proc", "psutil"):
            reader, reading = read(each)
            counters = {who.pid: dataclasses.asdict(counters) for who, counters in reader.counters().items()}
            sets, after = dataclasses.asdict(reader.sets()), reader.read()
            found.append([counters[root.pid], sets, reading.memory_bytes, after.rss_bytes, after.memory_bytes])
        answer(found)
    """
    proc, psutil = told(body)
    for counters, sets, _, rss_bytes, memory_bytes in (proc, psutil):
        assert sets["uss_bytes"] + 40_000_000 > 40_000_000
        assert sets["uss_bytes"] <= sets["pss_bytes"] < rss_bytes
        assert 40_000_000 < sets["pss_bytes"] < 80_000_000, "what the two share counts once"
        assert memory_bytes < 80_000_000 < rss_bytes
        assert counters["user_s"] + counters["system_s"] < 20
        assert sets["processes"] == 2
    for name in ("parent", "rss_bytes", "user_s", "system_s"):
        assert proc[0][name] == pytest.approx(psutil[0][name], rel=0.02, abs=0.02)
    assert proc[0]["read_bytes"] > 5_000_000
    assert proc[0]["minor_faults"] > 40_000_000 // 4096 // 512  # huge pages bring 512 at once
    assert proc[0]["peak_rss_bytes"] > 40_000_000
    assert psutil[0]["read_bytes"] is psutil[0]["minor_faults"] is psutil[0]["peak_rss_bytes"] is None

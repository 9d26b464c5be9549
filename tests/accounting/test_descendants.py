"""Real trees of processes: who adopts orphans, who dies with whom, and that nothing of them stays."""

import os
import signal
import subprocess
import sys
import time

import psutil
import pytest

from bench.accounting import descendants as module
from bench.accounting.descendants import await_end, descendants, end_descendants, why_blind
from bench.accounting.reaping import Reaper
from tests.outside import in_own_process

LINUX = pytest.mark.skipif(sys.platform != "linux", reason="needs Linux to adopt and to die with others")
SLEEPING = "import time; time.sleep(600)"


@LINUX
def test_orphans_come_to_the_process_that_adopts_and_end_with_it_even_if_they_ignore_sigterm():
    body = """
        import signal
        from bench.accounting.descendants import await_end, descendants, end_descendants
        from bench.accounting.kernel import adopt_orphans, is_subreaper
        before = is_subreaper()
        adopt_orphans()
        read, write = os.pipe()
        if os.fork() == 0:
            if os.fork() == 0:
                os.setsid(); signal.signal(signal.SIGTERM, signal.SIG_IGN); os.write(write, b'x'); time.sleep(600)
            os._exit(0)
        os.wait(); os.read(read, 1)
        seen, left = len(descendants()), len(await_end((), 0.1))
        began = time.monotonic()
        answer([before, is_subreaper(), seen, left, end_descendants(), len(descendants()), time.monotonic() - began])
    """
    before, after, seen, left, ended, remaining, took_s = in_own_process(body)
    assert (before, after) == (False, True)
    assert (seen, left, ended, remaining) == (1, 1, 1, 0)
    assert took_s >= module._GRACE_S


def test_the_excluded_and_what_is_below_them_are_left_alone():
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as kept:
        excluded = {each.pid for each in psutil.Process().children()}
        with subprocess.Popen([sys.executable, "-c", SLEEPING]) as other:
            assert end_descendants(excluded) == 1
            assert other.wait(timeout=10) in (-signal.SIGTERM, 0)  # reaped by us or by it
        assert kept.poll() is None
        kept.communicate(b"\n")


@LINUX
def test_a_process_dies_with_its_parent():
    body = """
        import signal, subprocess, psutil
        from bench.accounting.kernel import die_with_parent
        read, write = os.pipe()
        if os.fork() == 0:
            child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)'], preexec_fn=die_with_parent)
            os.write(write, str(child.pid).encode()); os.kill(os.getpid(), signal.SIGKILL)
        os.wait(); pid = int(os.read(read, 20))
        for _ in range(500):
            if not psutil.pid_exists(pid) or psutil.Process(pid).status() == 'zombie': break
            time.sleep(0.01)
        else:
            os.kill(pid, 9); answer('alive')
        answer('dead')
    """
    assert in_own_process(body) == "dead"


def test_zombies_do_not_count_as_living():
    pid = os.fork()
    if pid == 0:
        os._exit(0)
    deadline = time.monotonic() + 10
    while any(each.pid == pid for each in descendants()) and time.monotonic() < deadline:
        time.sleep(0.01)
    assert pid not in {each.pid for each in descendants()}


def test_a_zombie_that_is_met_is_handed_to_the_one_who_keeps_account():
    reaper = Reaper()
    excluded = {each.pid for each in psutil.Process().children()}
    pid = os.fork()
    if pid == 0:
        while time.process_time() < 0.05:
            pass
        os._exit(3)
    assert await_end(excluded, 10, reaper.reap) == []
    assert reaper.cpu_s[pid] >= 0.05 - 0.001
    assert reaper.used.cpu_s == reaper.cpu_s[pid]
    assert reaper.used.minor_faults > 0
    assert reaper.peak_rss_bytes > 0
    assert reaper.reap(pid) == 0, "as subprocess has it of a child that another has waited for"


@pytest.mark.parametrize(("ending", "code"), [("os._exit(7)", 7), ("os.kill(os.getpid(), 9)", -9)])
def test_exit_codes_are_those_of_subprocess(ending, code):
    reaper = Reaper()
    with subprocess.Popen([sys.executable, "-c", f"import os; input(); {ending}"], stdin=subprocess.PIPE) as process:
        assert reaper.reap(process.pid) is None
        process.stdin.write(b"\n")
        process.stdin.flush()
        while (found := reaper.reap(process.pid)) is None:
            time.sleep(0.001)
        process.returncode = found
    assert found == code


def test_processes_can_be_told_apart_here_and_if_not_the_reason_is_said(monkeypatch):
    assert why_blind() == ""

    def hidden(self):
        raise FileNotFoundError(2, "No such file or directory", "/proc/stat")

    monkeypatch.setattr(psutil.Process, "create_time", hidden)
    assert "/proc/stat" in why_blind()

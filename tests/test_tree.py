"""Real process trees."""

import os
import select
import signal
import subprocess
import sys
import time

import psutil
import pytest

from bench.measure import tree

CHILD = [sys.executable, "-c"]


def in_own_process(script: str) -> str:
    """The output of a script that may make itself the parent of orphans without touching the tests' process."""
    done = subprocess.run([*CHILD, script], capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_memory_and_processes_of_the_whole_tree_are_seen():
    script = "import subprocess, sys; x = b'x' * 50_000_000; p = subprocess.Popen([sys.executable, '-c', 'import sys; sys.stdin.read()'], stdin=subprocess.PIPE); print(flush=True); input()"
    with subprocess.Popen([*CHILD, script], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        process.stdout.readline()
        reading = tree.PsutilReader(process.pid).read()
        process.communicate(b"\n")
    assert reading.processes == 2
    assert reading.memory_bytes > 50_000_000


def test_cpu_of_children_that_were_reaped_is_kept_and_never_falls():
    script = (
        "import os, time\n"
        "for _ in range(3):\n"
        "    if os.fork() == 0:\n"
        "        while time.process_time() < 0.1: pass\n"
        "        os._exit(0)\n"
        "    os.wait()\n"
        "print(flush=True); input()"
    )
    with subprocess.Popen([*CHILD, script], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        reader = tree.PsutilReader(process.pid)
        readings = []
        while not select.select([process.stdout], [], [], 0.02)[0]:
            readings.append(reader.read())
        last = reader.read()
        process.communicate(b"\n")
    assert [each.cpu_s for each in readings] == sorted(each.cpu_s for each in readings)
    assert last.cpu_s >= 0.3 - 4 * tree.TICK_S


def test_a_process_that_is_gone_gives_the_last_reading():
    with subprocess.Popen([*CHILD, "pass"]) as process:
        reader = tree.PsutilReader(process.pid)
        before = reader.read()
        process.wait()
        after = reader.read()
    assert after.cpu_s >= before.cpu_s
    assert after.processes == 0


@pytest.mark.skipif(sys.platform != "linux", reason="adopting orphans needs Linux's subreaper")
def test_orphans_come_to_the_process_that_adopts_and_end_with_it_even_if_they_ignore_sigterm():
    out = in_own_process(
        "import os, signal, sys, time\n"
        "from bench.measure import tree\n"
        "tree.adopt_orphans()\n"
        "read, write = os.pipe()\n"
        "if os.fork() == 0:\n"
        "    if os.fork() == 0:\n"
        "        os.setsid(); signal.signal(signal.SIGTERM, signal.SIG_IGN); os.write(write, b'x'); time.sleep(600)\n"
        "    os._exit(0)\n"
        "os.wait(); os.read(read, 1)\n"
        "print(len(tree.descendants()), len(tree.await_end((), 0.1)))\n"
        "began = time.monotonic(); print(tree.end_descendants()); print(len(tree.descendants()))\n"
        "print(time.monotonic() - began >= 0.5)\n"
    )
    assert out.split() == ["1", "1", "1", "0", "True"]


def test_the_excluded_and_what_is_below_them_are_left_alone():
    with subprocess.Popen([*CHILD, "input()"], stdin=subprocess.PIPE) as kept:
        excluded = {each.pid for each in psutil.Process().children()}
        with subprocess.Popen([*CHILD, "import time; time.sleep(600)"]) as other:
            assert tree.end_descendants(excluded) == 1
            assert other.wait(timeout=10) in (-signal.SIGTERM, 0)  # reaped by us or by it
        assert kept.poll() is None
        kept.communicate(b"\n")


@pytest.mark.skipif(sys.platform != "linux", reason="dying with the parent needs Linux's PDEATHSIG")
def test_a_process_dies_with_its_parent():
    out = in_own_process(
        "import os, signal, subprocess, sys, time\n"
        "from bench.measure import tree\n"
        "read, write = os.pipe()\n"
        "if os.fork() == 0:\n"
        "    p = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)'], preexec_fn=tree.die_with_parent)\n"
        "    os.write(write, str(p.pid).encode()); os.kill(os.getpid(), signal.SIGKILL)\n"
        "os.wait(); pid = int(os.read(read, 20))\n"
        "import psutil\n"
        "for _ in range(500):\n"
        "    if not psutil.pid_exists(pid) or psutil.Process(pid).status() == 'zombie': break\n"
        "    time.sleep(0.01)\n"
        "else: os.kill(pid, 9); print('alive')\n"
    )
    assert out == ""


def test_zombies_do_not_count_as_living():
    pid = os.fork()
    if pid == 0:
        os._exit(0)
    deadline = time.monotonic() + 10
    while any(each.pid == pid for each in tree.descendants()) and time.monotonic() < deadline:
        time.sleep(0.01)
    assert pid not in {each.pid for each in tree.descendants()}

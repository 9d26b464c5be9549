"""Control groups of blocks: they count everything, are swept when their maker was killed, and never stay."""

import glob
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from bench.accounting import control_groups, own_groups
from bench.accounting.control_groups import find_places, sweep
from bench.accounting.group import PREFIX, Group
from bench.measure.engine.runner import Measurer
from bench.measure.plan import catalogue
from bench.measure.plan.cases import Selection, expand
from bench.records.block import Outcome
from bench.records.conditions import Conditions

BEFORE_S = 0.005
"""What a process uses before it joins its group is not in that."""


@pytest.fixture
def place():
    """Where groups can be made that count CPU."""
    places = find_places()
    if places.cpu is None:
        pytest.skip(places.why_no_cpu)
    return places.cpu


@pytest.fixture
def memory_place():
    places = find_places()
    if places.memory is None:
        pytest.skip(places.why_no_memory)
    return places.memory


@pytest.fixture
def group(place):
    made = Group(place)
    yield made
    made.remove()


def made_by(pid):
    """Folders of groups that a process of this id has made, wherever groups may be."""
    parents = {parent.folder for parent in control_groups._candidates()}
    # parents may vanish while they are looked through, which only this `glob` bears
    return [Path(found) for parent in parents for found in glob.glob(f"{parent}/{PREFIX}{pid}-*")]


def started(script, joins=None):
    """A Python process that has said that it is ready."""
    process = subprocess.Popen(
        [sys.executable, "-c", f"import os, signal, sys, time\n{script}\nprint(flush=True); time.sleep(600)"],
        stdout=subprocess.PIPE,
        preexec_fn=joins,  # noqa: PLW1509
    )
    process.stdout.readline()
    return process


def ended(process):
    process.kill()
    process.wait()
    process.stdout.close()


def test_cpu_of_all_that_is_below_a_process_is_counted_however_it_ends(group):
    script = """
signal.signal(signal.SIGCHLD, signal.SIG_IGN)
def burn():
    while time.process_time() < 0.1: pass
if os.fork() == 0: burn(); os._exit(0)
burn()"""
    process = started(script, group.join)
    try:
        deadline = time.monotonic() + 20
        while group.cpu().cpu_s < 0.2 - BEFORE_S and time.monotonic() < deadline:
            time.sleep(0.01)
        found = group.cpu()
        assert found.cpu_s >= 0.2 - BEFORE_S
        assert found.user_s + found.system_s == pytest.approx(found.cpu_s, abs=0.02)
        assert process.pid in group.processes()
    finally:
        ended(process)


def test_peaks_of_windows_are_told_apart_where_the_kernel_can_and_the_highest_is_kept(memory_place):
    group = Group(memory_place)
    script = "x = b'x' * 64_000_000\ndel x\nprint(flush=True); sys.stdin.readline(); y = b'x' * 16_000_000"
    process = subprocess.Popen(
        [sys.executable, "-c", f"import sys\n{script}\nprint(flush=True); sys.stdin.read()"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        preexec_fn=group.join,  # noqa: PLW1509
    )
    try:
        process.stdout.readline()
        before_bytes = group.highest_bytes()
        assert before_bytes >= 64_000_000
        group.begin_peak()
        process.stdin.write(b"\n")
        process.stdin.flush()
        process.stdout.readline()
        peak_bytes = group.peak_bytes()
        assert peak_bytes is None or 16_000_000 <= peak_bytes < before_bytes
        assert group.highest_bytes() >= before_bytes
        assert 0 <= group.file_cache_bytes() <= group.memory_bytes() + 4096 * 64
    finally:
        process.communicate(b"")
        group.remove()


def test_a_group_is_removed_with_all_that_lives_in_it(group):
    script = "signal.signal(signal.SIGTERM, signal.SIG_IGN)\nfor _ in range(5):\n if os.fork() == 0: time.sleep(600)"
    process = started(script, group.join)
    assert len(group.processes()) == 6
    group.remove()
    assert process.wait(timeout=10) == -signal.SIGKILL
    process.stdout.close()
    assert made_by(os.getpid()) == []
    group.remove()


def test_a_group_is_removed_even_if_its_processes_go_on_making_others(group):
    script = "print(flush=True)\nwhile True:\n if os.fork() == 0 and os.fork() == 0: time.sleep(0.2); os._exit(0)\n time.sleep(0.002)"
    process = started(script, group.join)
    group.remove()
    assert process.wait(timeout=10) == -signal.SIGKILL
    process.stdout.close()
    assert made_by(os.getpid()) == []


def test_what_a_killed_maker_left_is_swept_and_what_a_living_one_has_is_not(place):
    script = (
        "from bench.accounting.control_groups import Group, find_places\n"
        "Group(find_places().cpu)\n"
        "if sys.argv[1:]: os.kill(os.getpid(), 9)"
    )
    living = started(script)
    killed = started(script)
    try:
        assert len(made_by(living.pid)) == len(made_by(killed.pid)) == 1
        ended(killed)
        sweep()
        assert made_by(killed.pid) == []
        assert len(made_by(living.pid)) == 1
    finally:
        ended(living)
        sweep()
    assert made_by(living.pid) == []


def test_a_group_that_still_has_processes_is_left_until_they_are_gone(place):
    """Its maker may live in another container, whose ids we do not see: nothing is killed on a guess."""
    script = (
        "from bench.accounting.control_groups import Group, find_places\n"
        "group = Group(find_places().cpu)\n"
        "if os.fork() == 0:\n os.setsid(); group.join(); os.close(1); time.sleep(600)\n"
        "while not group.processes(): time.sleep(0.01)"
    )
    maker = started(script)
    (folder,) = made_by(maker.pid)
    (left,) = map(int, (folder / "cgroup.procs").read_text().split())
    ended(maker)
    try:
        sweep()
        assert made_by(maker.pid) == [folder]
        os.kill(left, 0)
    finally:
        os.kill(left, signal.SIGKILL)
    deadline = time.monotonic() + 10
    while made_by(maker.pid) and time.monotonic() < deadline:
        sweep()
        time.sleep(0.01)
    assert made_by(maker.pid) == []


@pytest.fixture
def on_paper(tmp_path, monkeypatch):
    """Mounts and own groups as a test says."""

    def write(mounts, own):
        for name, text in (("_MOUNTS", mounts), ("_OWN", own)):
            (tmp_path / name).write_text(text.format(tmp_path))
            monkeypatch.setattr(own_groups, name, tmp_path / name)
        return tmp_path

    return write


def test_groups_are_tried_from_our_own_upwards_and_version_2_first(on_paper):
    mounts = "x {0}/two cgroup2 rw 0 0\nx {0}/one cgroup rw,cpu,cpuacct 0 0\nx {0}/m cgroup rw,memory 0 0\n"
    folder = on_paper(mounts, "5:cpu,cpuacct:/a\n4:memory:/a\n3:name=systemd:/\n0::/a/b\n")
    for each in ("two/a/b", "one/a", "m"):
        (folder / each).mkdir(parents=True)
    (folder / "two/a/cgroup.subtree_control").write_text("cpu memory\n")
    found = [(str(each.folder.relative_to(folder)), each.version, each.cpu, each.memory)
             for each in control_groups._candidates()]  # fmt: skip
    assert found == [
        ("two/a/b", 2, True, False),
        ("two/a", 2, True, True),
        ("two", 2, True, False),
        ("one/a", 1, True, False),
        ("one", 1, True, False),
        ("m", 1, False, True),
    ]


def test_no_group_is_made_outside_of_one_that_sets_a_limit(on_paper):
    """What is started there would not be held to it."""
    folder = on_paper("x {0}/two cgroup2 rw 0 0\n", "0::/a/b\n")
    (folder / "two/a/b").mkdir(parents=True)
    (folder / "two/a/cpu.max").write_text("50000 100000\n")
    (folder / "two/a/b/cpu.max").write_text("max 100000\n")
    found = [str(each.folder.relative_to(folder)) for each in control_groups._candidates()]
    assert found == ["two/a/b", "two/a"]


@pytest.mark.parametrize(
    ("mounts", "own", "reason"),
    [
        ("x {0}/nowhere cgroup2 rw 0 0\n", "0::/\n", "no control groups are mounted here"),
        ("x / ext4 rw 0 0\n", "0::/\n", "no control groups are mounted here"),
        ("x {0}/ cgroup2 rw 0 0\n", "0::/../above\n", "no control groups are mounted here"),
    ],
)
def test_why_there_is_no_place_is_said(on_paper, mounts, own, reason):
    on_paper(mounts, own)
    assert find_places() == control_groups.Places(None, None, reason, reason)


def test_where_proc_tells_nothing_that_is_the_reason(monkeypatch):
    monkeypatch.setattr(own_groups, "_OWN", Path("/nowhere/cgroup"))
    assert find_places().why_no_cpu == "no control groups here: /nowhere/cgroup: No such file or directory"
    sweep()


@pytest.fixture
def case(tmp_path, workload_file, monkeypatch):
    """A block that lasts long enough to be killed in the middle, if it is told to."""
    monkeypatch.chdir(tmp_path)
    file = workload_file(
        "import os, time\n"
        "@workload(inputs=lambda size, rng: [0.0, 0.0], scales={'quick': 1})\n"
        "def waiting(x):\n"
        "    open('begun', 'w').close()\n"
        "    time.sleep(600 if os.path.exists('long') else 0)\n"
        "    return x\n"
    )
    (found,) = expand(catalogue.find([file]), Selection(["waiting"], ["pool_map"]), "py", 2)
    return found


def test_no_group_remains_after_a_run(place, case):
    with Measurer(Conditions(1, None, 30, 20), lambda _: None) as measurer:
        supervisor = measurer._supervisor.process.pid
        assert measurer.block(case, 0, 2).outcome is Outcome.OK
        assert made_by(supervisor) == []
    assert made_by(supervisor) == []


def test_no_group_remains_where_the_supervisor_was_killed(place, case, tmp_path):
    (tmp_path / "long").touch()
    with Measurer(Conditions(1, None, 30, 20), lambda _: None) as measurer:
        supervisor = measurer._supervisor.process
        import threading

        def kill_when_busy():
            while not (tmp_path / "begun").exists():
                time.sleep(0.01)
            supervisor.kill()

        threading.Thread(target=kill_when_busy, daemon=True).start()
        assert measurer.block(case, 0, 2).outcome is Outcome.KILLED
        assert made_by(supervisor.pid) == []
        (tmp_path / "long").unlink()
        assert measurer.block(case, 0, 2).outcome is Outcome.OK
    assert made_by(supervisor.pid) == []

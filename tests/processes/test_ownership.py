"""Whose a folder is, told by locks: also from another PID namespace, as a container beside has one."""

import contextlib
import multiprocessing
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

import pytest

from bench.accounting.control_groups import find_places, sweep
from bench.accounting.group import Group
from bench.checkouts.worktrees import Worktrees
from bench.processes import ownership, scratch
from tests.checkouts.test_worktrees import git, repository
from tests.conftest import environment
from tests.outside import in_own_namespace


@pytest.fixture
def beside():
    """Runs a program in a PID namespace of its own, in which this process is not seen."""
    prefix = in_own_namespace()

    def run(code: str) -> str:
        done = subprocess.run(
            [*prefix, sys.executable, "-c", code],
            env=environment(TMPDIR=tempfile.gettempdir()),
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    return run


@pytest.fixture
def temporary(tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return tmp_path


def test_a_living_group_is_left_by_a_sweep_in_another_namespace(beside):
    places = find_places()
    if places.cpu is None:
        pytest.skip(places.why_no_cpu)
    group = Group(places.cpu)  # empty, as it is before its process joins it
    try:
        beside("from bench.accounting.control_groups import sweep; sweep()")
        assert group.processes() == []
        assert group._folder.is_dir()
    finally:
        group.remove()
    assert not group._folder.exists()


def test_a_group_whose_maker_was_killed_is_swept_from_another_namespace(beside):
    """Though a living process has its maker's number there: that of the program that sweeps."""
    places = find_places()
    if places.cpu is None:
        pytest.skip(places.why_no_cpu)
    folder = Path(f"{places.cpu.folder}/concurrency-bench-1-{os.getpid()}")
    folder.mkdir()
    beside("from bench.accounting.control_groups import sweep; sweep()")
    assert not folder.exists()


def test_groups_of_one_number_in_two_namespaces_get_names_of_their_own():
    places = find_places()
    if places.cpu is None:
        pytest.skip(places.why_no_cpu)
    first = Group(places.cpu)
    number = int(first._folder.name.rpartition("-")[2])
    taken = Path(f"{first._folder.parent}/concurrency-bench-{os.getpid()}-{number + 1}")
    taken.mkdir()
    second = Group(places.cpu)
    try:
        assert second._folder not in (first._folder, taken)
    finally:
        first.remove()
        second.remove()
        taken.rmdir()


def test_a_folder_for_temporary_files_is_left_by_a_sweep_in_another_namespace(beside, temporary):
    mine = scratch.Scratch()
    inside = mine.fresh()
    (temporary / "benchtmp-1").mkdir()  # the sweeping program's own number there
    beside("from bench.processes import scratch; scratch.sweep()")
    assert os.path.isdir(inside)
    assert not (temporary / "benchtmp-1").exists()
    mine.close()


def test_shared_memory_that_a_process_in_another_namespace_uses_is_left(beside):
    if not os.access("/dev/shm", os.W_OK):
        pytest.skip("needs a /dev/shm that can be written")
    gone = 4_194_305
    used, left = (Path(f"/dev/shm/bench-{gone}-{os.getpid()}{each}") for each in "ab")
    for each in (used, left):
        each.write_bytes(b"x")
    forget = f"from bench.processes import scratch; scratch.forget([{gone}])"
    try:
        with used.open("r+b"):
            beside(forget)
            assert used.exists()
            assert not left.exists()
        beside(forget)
        assert not used.exists()
    finally:
        for each in (used, left):
            each.unlink(missing_ok=True)


def test_a_worktree_of_a_living_check_is_kept_by_one_that_does_not_see_its_folder(beside, tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.chdir(repository(tmp_path / "mine", {"a.py": "1\n"}))
    trees = Worktrees("HEAD", None, None)
    away = tmp_path / "away"
    try:
        folder = Path(trees.base.root).parent.parent
        folder.rename(away)  # as another container has another /tmp
        beside(
            "from bench.checkouts.worktrees import _forget_lost_worktrees, git_path, share\n"
            "share(git_path('objects'), _forget_lost_worktrees)"
        )
        away.rename(folder)
        assert trees.base.root in git(".", "worktree", "list", "--porcelain")
    finally:
        trees.close()
    assert "benchtmp" not in git(".", "worktree", "list", "--porcelain")


def _make_and_check(folder, results):
    bad = 0
    for number in range(150):
        path, descriptor = ownership.make_own(f"{folder}/own-{os.getpid()}-{number}-{again}" for again in range(10_000))
        bad += not os.path.isdir(path)
        os.rmdir(path)
        os.close(descriptor)
    results.put(bad)


def test_no_sweep_ever_takes_a_folder_from_who_has_just_made_it(tmp_path):
    """Makers and a sweep race: what a maker was given is there until it removes it itself."""
    context = multiprocessing.get_context("fork")
    results = context.Queue()
    makers = [context.Process(target=_make_and_check, args=(str(tmp_path), results)) for _ in range(3)]
    for each in makers:
        each.start()
    while any(each.is_alive() for each in makers):
        for each in os.listdir(tmp_path):
            with ownership.abandoned(str(tmp_path / each)) as is_left:
                if is_left:
                    with contextlib.suppress(OSError):
                        os.rmdir(tmp_path / each)
    assert [results.get() for _ in makers] == [0, 0, 0]


def test_what_is_held_is_free_once_its_holder_was_killed(tmp_path):
    code = f"from bench.processes import ownership; ownership.make_own([{str(tmp_path / 'a')!r}]); print(flush=True); import time; time.sleep(600)"
    holder = subprocess.Popen([sys.executable, "-c", code], env=environment(), stdout=subprocess.PIPE)
    holder.stdout.readline()
    with ownership.abandoned(str(tmp_path / "a")) as is_left:
        assert not is_left
    holder.send_signal(signal.SIGKILL)
    holder.wait()
    holder.stdout.close()
    with ownership.abandoned(str(tmp_path / "a")) as is_left:
        assert is_left


@pytest.mark.long
def test_a_run_beside_crashes_none(beside, bench, workload_file):
    """Sweeps in another namespace while blocks of a run begin and end: all are measured."""
    file = workload_file("def task(x):\n    return x\n")
    done: list[subprocess.CompletedProcess[str]] = []
    words = ("--inputs", "1..2", "--strategy", "serial,processes", "--blocks", "4", "--rounds", "2")
    thread = threading.Thread(target=lambda: done.append(bench("run", f"{file}:task", *words)))
    thread.start()
    sweeping = "from bench.accounting.control_groups import sweep\nfor _ in range(300): sweep()"
    began = time.monotonic()
    while thread.is_alive() and time.monotonic() - began < 110:
        beside(sweeping)
    thread.join()
    assert done[0].returncode == 0, done[0].stderr
    sweep()

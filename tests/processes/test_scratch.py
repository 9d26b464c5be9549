"""Where measured code puts its temporary files, what is removed of it and what is not, and how long a block is given."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from bench.measure.supervisor import deadline
from bench.measure.supervisor.deadline import Deadline
from bench.processes import scratch
from bench.processes.scratch import Scratch
from bench.report.faults import text as faults
from tests.conftest import environment


@pytest.fixture(autouse=True)
def temporary(tmp_path, monkeypatch):
    """A folder of its own for temporary files, and one for shared memory."""
    monkeypatch.setattr(scratch.tempfile, "gettempdir", lambda: str(tmp_path))
    monkeypatch.setattr(scratch, "_SHARED_MEMORY", tmp_path / "shm")
    (tmp_path / "shm").mkdir()
    return tmp_path


@pytest.fixture
def short(tmp_path, monkeypatch):
    """Where folders with short paths are made."""
    place = tmp_path / "shm" / "short"
    place.mkdir()
    monkeypatch.setattr(scratch, "_SHORT", (str(tmp_path / "absent"), str(place)))
    return place


def folders(where: Path):
    return sorted(path.name for path in where.iterdir() if path.name != "shm")


def test_a_folder_is_fresh_each_time_and_goes_with_its_process(temporary):
    mine = Scratch()
    first, second = mine.fresh(), mine.fresh()
    assert first != second
    Path(first, "left").write_text("x")
    Path(second, "deep", "er").mkdir(parents=True)
    scratch.clear(first)
    assert not Path(first).exists() and Path(second).exists()
    mine.close()
    assert folders(temporary) == []


def test_nobody_else_reads_it_and_sockets_fit_into_its_paths(temporary):
    folder = Scratch().fresh()
    assert os.stat(Path(folder).parent).st_mode & 0o077 == 0
    assert len(folder) - len(str(temporary)) <= len("/benchtmp-4194304/9999")


def test_where_the_path_is_long_measured_code_knows_it_by_a_short_one(temporary, short):
    mine = Scratch()
    first, second = mine.temporary(), mine.temporary()
    for each in (first, second):
        assert Path(each).parent.parent == short
        Path(each, "left").write_text("x")
    assert Path(first).resolve().is_relative_to(temporary / f"benchtmp-{os.getpid()}")
    real = Path(first).resolve()
    mine.remove(first)
    assert not os.path.lexists(first) and not real.exists() and Path(second, "left").exists()
    mine.close()
    assert folders(temporary) == [] and folders(short) == []


def test_what_measured_code_puts_in_place_of_its_folder_takes_nobody_elses_with_it(temporary, short):
    mine, others = Scratch(), temporary / "shm" / "precious"
    others.mkdir()
    (others / "file").touch()
    folder = mine.temporary()
    os.unlink(folder)
    os.symlink(others, folder)
    mine.remove(folder)
    assert (others / "file").exists() and not os.path.lexists(folder)
    folder = mine.temporary()
    real = Path(folder).resolve()
    real.rmdir()
    real.symlink_to(others)
    mine.remove(folder)
    mine.close()
    assert (others / "file").exists()
    assert folders(short) == []


def test_where_no_short_path_can_be_had_the_reason_says_what_to_do(temporary, monkeypatch):
    monkeypatch.setattr(scratch, "_SHORT", (str(temporary / "absent"),))
    mine = Scratch()
    with pytest.raises(
        scratch.NoFolder, match=r"TMPDIR is too long for sockets: .*; set TMPDIR to a path of at most 31 characters"
    ):
        mine.temporary()
    mine.close()


def test_folders_with_short_paths_are_swept_too(temporary, short):
    (short / "benchtmp-1").mkdir()
    mine = Scratch()
    folder = mine.temporary()
    scratch.sweep()
    assert os.path.isdir(folder) and not (short / "benchtmp-1").exists()
    mine.close()


def test_a_name_that_is_taken_is_left_to_who_has_it(temporary):
    """By a process of the same number: an earlier one, or one in another container."""
    first, second = Scratch(), Scratch()
    assert os.listdir(first.fresh()) == os.listdir(second.fresh()) == []
    assert len(folders(temporary)) == 2
    second.close()
    assert folders(temporary) == [f"benchtmp-{os.getpid()}"]
    first.close()


def test_sweeping_removes_what_nobody_holds_any_more_and_nothing_else(temporary):
    held = Scratch()
    others = ["benchtmp-", "benchtmp-mine", "bench-1"]
    for name in ("benchtmp-1", "benchtmp-1-ab12", "benchtmp-99999999999999999999999", *others):
        (temporary / name).mkdir()
    (temporary / "benchtmp-2").symlink_to(temporary / "bench-1")
    scratch.sweep()
    assert folders(temporary) == sorted([f"benchtmp-{os.getpid()}", "benchtmp-2", *others])
    held.close()


def test_a_users_folder_of_that_name_is_left(temporary):
    mine = temporary / "benchtmp-20261129"
    mine.mkdir(mode=0o700)
    (mine / "thesis.txt").write_text("years of work")
    (temporary / "benchtmp-3").mkdir()
    scratch.sweep()
    assert folders(temporary) == ["benchtmp-20261129"]
    assert (mine / "thesis.txt").read_text() == "years of work"


def test_the_folder_of_a_process_that_was_killed_is_nobodys(temporary):
    code = f"from bench.processes import scratch; scratch.tempfile.gettempdir = lambda: {str(temporary)!r}; scratch.Scratch(); import os; os.kill(os.getpid(), 9)"
    subprocess.run([sys.executable, "-c", code], env=environment(), check=False)
    assert len(folders(temporary)) == 1
    scratch.sweep()
    assert folders(temporary) == []


def test_a_thousand_folders_in_each_other_are_removed_too(temporary):
    folder = Scratch().fresh()
    where = os.open(folder, os.O_RDONLY)
    for _ in range(1500):
        os.mkdir("deeper", dir_fd=where)
        deeper = os.open("deeper", os.O_RDONLY, dir_fd=where)
        os.close(where)
        where = deeper
    os.close(where)
    scratch.clear(folder)
    assert not os.path.exists(folder)


def test_measured_code_may_remove_the_folder_above_its_own(temporary):
    mine = Scratch()
    shutil.rmtree(os.path.dirname(mine.fresh()))
    assert os.listdir(mine.fresh()) == []


def test_where_no_folder_can_be_made_the_reason_names_the_place(temporary, monkeypatch):
    monkeypatch.setattr(scratch.tempfile, "gettempdir", lambda: str(temporary / "absent"))
    with pytest.raises(
        scratch.NoFolder, match="cannot make a folder in .*/absent: No such file or directory; set TMPDIR"
    ):
        Scratch()


GONE = 4_194_305
"""No process has this number, nor those above: Linux gives none beyond 4,194,304."""


def test_shared_memory_is_forgotten_by_the_number_of_its_process(temporary):
    shared = temporary / "shm"
    for pid in (GONE, GONE * 10):
        for name in (f"sem.loky-{pid}-abc", f"bench-{pid}-1f", f"bench-{pid}-1f_3"):
            (shared / name).write_text("x")
        (shared / f"joblib_memmapping_folder_{pid}_a_b").mkdir()
    (shared / "psm_12345678").write_text("x")
    there = set(os.listdir(shared))
    scratch.forget([GONE])
    assert there - set(os.listdir(shared)) == {
        f"sem.loky-{GONE}-abc", f"bench-{GONE}-1f", f"bench-{GONE}-1f_3", f"joblib_memmapping_folder_{GONE}_a_b"
    }  # fmt: skip


def test_all_processes_of_a_block_are_forgotten_and_no_others(temporary):
    shared = temporary / "shm"
    for pid in (GONE, GONE + 1, GONE + 2):
        (shared / f"sem.loky-{pid}-abc").write_text("x")
    scratch.forget([GONE, GONE + 2])
    assert os.listdir(shared) == [f"sem.loky-{GONE + 1}-abc"]


def test_what_a_living_process_has_is_left_to_it_though_it_has_the_number_of_one_that_ended(temporary):
    (temporary / "shm" / f"sem.loky-{os.getpid()}-abc").write_text("x")
    scratch.forget([os.getpid()])
    assert len(os.listdir(temporary / "shm")) == 1


class Machine:
    """A clock, and the CPU that a block's processes have used by then."""

    def __init__(self, monkeypatch, share):
        self.now_s = 100.0
        self.share = share
        monkeypatch.setattr(deadline.time, "perf_counter", lambda: self.now_s)

    def used_s(self):
        return (self.now_s - 100.0) * self.share

    def lasts(self, given):
        while not given.is_over():
            self.now_s += 0.05
            assert self.now_s < 1000
        return self.now_s - 100.0


def test_a_block_ends_at_its_limit(monkeypatch):
    machine = Machine(monkeypatch, 1.0)
    assert machine.lasts(Deadline(100.0, 2.0)) == pytest.approx(2, abs=0.1)


def test_time_that_was_not_its_own_is_added(monkeypatch):
    machine = Machine(monkeypatch, 1.0)
    given = Deadline(100.0, 2.0)
    given.add(5.0)
    assert machine.lasts(given) == pytest.approx(7, abs=0.1)


@pytest.mark.parametrize(
    ("share", "limit_s", "lasts_s"), [(0.0, 2.0, 3.0), (0.02, 2.0, 3.0), (0.5, 2.0, 5.0), (2.0, 4.0, 10.0)]
)
def test_a_fault_hangs_when_its_processes_do_nothing_and_otherwise_at_a_multiple_of_the_limit(
    monkeypatch, share, limit_s, lasts_s
):
    machine = Machine(monkeypatch, share)
    given = Deadline(100.0, limit_s, machine.used_s)
    assert machine.lasts(given) == pytest.approx(lasts_s, abs=1.1)
    assert given.lasted_s == pytest.approx(lasts_s, abs=1.1)


def test_the_report_says_how_long_who_works_is_given():
    assert deadline._MOST_TIMES == faults.MOST_TIMES


def test_who_works_first_and_hangs_then_is_ended_a_look_later(monkeypatch):
    machine = Machine(monkeypatch, 0.0)
    machine.used_s = lambda: min(machine.now_s, 103.0)
    assert machine.lasts(Deadline(100.0, 4.0, machine.used_s)) == pytest.approx(5, abs=1.1)

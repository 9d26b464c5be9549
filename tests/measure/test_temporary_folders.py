"""Where the user's temporary files go has no say in what works: sockets have room under every TMPDIR."""

import os
import shutil
import tempfile
import uuid
from pathlib import Path

import pytest

from bench.measure.engine.runner import Measurer
from bench.measure.plan import catalogue
from bench.measure.plan.cases import Selection, expand
from bench.processes.scratch import sweep
from bench.records.block import Outcome
from bench.records.conditions import Conditions
from tests.conftest import tries

SHARED = Path("/dev/shm")

LENGTHS = (10, 30, 31, 32, 47, 48, 49, 59, 60, 66, 74, 75, 90, 107, 108, 150, 200)
TASK = """
import os, socket, tempfile
from multiprocessing import Manager
from multiprocessing.connection import Client, Listener
from bench import workload

@workload(inputs=lambda size, rng: [1, 2], scales={"quick": 1})
def sockets(x):
    with Listener(family="AF_UNIX") as listener:  # in multiprocessing's own folder
        assert len(os.fsencode(listener.address)) <= 107
    with Manager() as manager:
        assert manager.list([x])[0] == x
    with tempfile.TemporaryDirectory() as folder, socket.socket(socket.AF_UNIX) as mine:
        mine.bind(os.path.join(folder, "a-server.socket"))
    return x
"""


def folder_of(length, character="x"):
    """A new folder whose path has so many bytes; directly below /tmp, as a user's would be."""
    path = f"/tmp/{uuid.uuid4().hex[:5]}"
    os.mkdir(path)
    while len(os.fsencode(path)) + 100 < length:
        path += "/" + "y" * 60
    rest = length - len(os.fsencode(path)) - 1
    if rest > 0:
        width = len(character.encode())
        path += "/" + character * (rest // width) + "x" * (rest % width)
    os.makedirs(path, exist_ok=True)
    return path


@pytest.fixture
def under(tmp_path, monkeypatch):
    """Measures sockets under strategies that make some, with TMPDIR as long as said."""
    monkeypatch.chdir(tmp_path)
    Path("mine.py").write_text(TASK)

    def measured(length, strategies, character="x"):
        path = folder_of(length, character)
        monkeypatch.setenv("TMPDIR", path)
        monkeypatch.setattr(tempfile, "tempdir", None)
        cases = expand(catalogue.find(["mine.py"]), Selection(["sockets"], list(strategies)), "py", 2)
        with Measurer(Conditions(1, None, 60, 0), lambda _: None) as measurer:
            blocks = [measurer.block(each, 0, 2) for each in cases]
        assert os.listdir(path) == []
        shutil.rmtree(path[:10])
        return blocks

    yield measured
    monkeypatch.undo()
    tempfile.tempdir = None


@pytest.mark.many(1)
@pytest.mark.parametrize("length", LENGTHS if tries(1) > 1 else (10, 48, 66, 200))
def test_strategies_with_sockets_work_however_long_the_path_is(under, length):
    for block in under(length, ("serial", "process_pool")):
        assert block.outcome is Outcome.OK, block.reason


@pytest.mark.skipif(tries(1) == 1, reason="needs BENCH_FAULT_TRIES=2 or more, as .ci/run sets it: it takes long")
@pytest.mark.parametrize("length", [74, 200])
def test_strategies_of_each_kind_that_may_start_processes_work(under, length):
    for block in under(length, ("processes", "process_pool", "joblib_loky", "threads")):
        assert block.outcome is Outcome.OK, block.reason


def test_bytes_count_and_not_characters(under):
    for block in under(64, ("serial",), character="é"):
        assert block.outcome is Outcome.OK, block.reason


@pytest.mark.many(1)
@pytest.mark.parametrize("place", ["/nowhere/at/all", "/proc", "", "/dev/null"])
def test_where_tmpdir_is_no_folder_another_is_taken_as_python_does(begin, place):
    command = begin("run", "mine.py:f", "--inputs", "1..2", "--strategy", "serial", "--blocks", "1", "--rounds", "2",
                    files={"mine.py": "def f(x):\n    return x\n"}, env={"TMPDIR": place})  # fmt: skip
    assert command.process.wait(60) == 0, command.stderr()


def test_a_path_that_is_too_long_for_any_file_is_told_in_one_line(begin, tmp_path):
    where = os.open(tmp_path, os.O_RDONLY)
    path = str(tmp_path)
    while len(path) < 4070:
        name = "x" * min(200, 4075 - len(path))
        os.mkdir(name, dir_fd=where)
        deeper = os.open(name, os.O_RDONLY, dir_fd=where)
        os.close(where)
        where, path = deeper, f"{path}/{name}"
    os.close(where)
    command = begin("run", "mine.py:f", "--inputs", "1..2", "--strategy", "serial", "--blocks", "1", "--rounds", "2",
                    files={"mine.py": "def f(x):\n    return x\n"}, env={"TMPDIR": path})  # fmt: skip
    status = command.process.wait(60)
    (line,) = [each for each in command.stderr().splitlines() if each.startswith("error: ")]
    assert status in (2, 3)
    assert "File name too long; set TMPDIR to another" in line
    assert len(line) < 500


@pytest.mark.skipif(not SHARED.is_dir(), reason="needs /dev/shm")
def test_a_semaphore_that_was_being_made_when_its_process_was_killed_is_swept_away():
    left, held, whole, named = (SHARED / f"sem.{uuid.uuid4().hex[:length]}" for length in (6, 6, 6, 7))
    try:
        for each in (left, held, named):
            each.touch()
        whole.write_bytes(bytes(32))
        with held.open("r+b"):
            sweep()
            assert [each.exists() for each in (left, held, whole, named)] == [False, True, True, True]
        sweep()
        assert not held.exists(), "nobody makes it any more"
    finally:
        for each in (left, held, whole, named):
            each.unlink(missing_ok=True)

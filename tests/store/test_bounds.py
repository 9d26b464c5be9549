"""Files without bounds: refused in one line, before anything is measured or much memory is taken."""

import gzip
import os
import time

import pytest

from bench import bounds
from bench.cli.files import is_special, write_whole
from bench.cli.prove_gate_command import _page
from bench.errors import RunFileError, UsageError
from bench.measure.host.foreign_modules import _projects
from bench.measure.host.inputs import read_inputs
from bench.store import json_files, runs, trials


def test_millions_of_empty_gzip_members_are_read_in_time(tmp_path):
    path = tmp_path / "members.json"
    path.write_bytes(gzip.compress(b"") * 1_000_000)
    began = time.monotonic()
    with pytest.raises(RunFileError, match="is empty"):
        json_files.content(path)
    assert time.monotonic() - began < 60


def test_more_values_than_fit_in_memory_are_refused():
    with pytest.raises(RunFileError, match="more than 8000000 values"):
        json_files.decoded(b"[" + b"{}," * 5_000_000 + b"{}]", "many.json")


def test_a_sparse_line_is_refused(tmp_path):
    path = tmp_path / "sparse.jsonl"
    path.touch()
    os.truncate(path, 5 << 30)
    with pytest.raises(RunFileError, match="line 1: longer than"):
        runs.read(path)


def sparse(path, size=5 << 30):
    path.touch()
    os.truncate(path, size)
    return path


@pytest.mark.parametrize(
    "take", [lambda path: read_inputs(str(path)), trials.read, _page], ids=["inputs", "trials", "page"]
)
def test_what_is_read_whole_has_a_limit_and_is_a_file(tmp_path, take):
    with pytest.raises(UsageError, match="sparse.* is longer than 256 MiB, and no .* is"):
        take(sparse(tmp_path / "sparse"))
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(UsageError, match="it is no file"):
        take(tmp_path / "pipe")
    for number, content in enumerate((b"\xff\xfe{}\n", b"[" * 100_000 + b"\n", b'{"tool": 3\n', b"\0\n")):
        path = tmp_path / f"{number}.jsonl"
        path.write_bytes(content)
        with pytest.raises(UsageError):
            take(path)


def test_inputs_of_more_values_than_fit_in_memory_are_refused(tmp_path, monkeypatch):
    path = tmp_path / "inputs.jsonl"
    path.write_text("[1, 2]\n" * 50)
    monkeypatch.setattr(bounds, "MOST_VALUES", 150)
    assert read_inputs(str(path)) == [[1, 2]] * 50
    monkeypatch.setattr(bounds, "MOST_VALUES", 149)
    with pytest.raises(UsageError, match="holds more than 149 values; give a part of it"):
        read_inputs(str(path))


def test_files_that_name_a_project_may_hold_anything(tmp_path):
    began = time.monotonic()
    for number, content in enumerate(
        (b"a = " + b"[" * 100_000, b"\n" * 1_000_000, b"\xff", b"[project]\nname = 'found'\n")
    ):
        (tmp_path / str(number)).mkdir()
        for name in ("pyproject.toml", "setup.cfg"):
            (tmp_path / str(number) / name).write_bytes(content)
    sparse(tmp_path / "pyproject.toml")
    sparse(tmp_path / "setup.py")
    os.mkfifo(tmp_path / "setup.cfg")
    assert set(_projects(str(tmp_path))) == {"found"}
    assert time.monotonic() - began < 60


@pytest.mark.skipif(not os.path.isdir("/dev/shm"), reason="needs /dev/shm")
def test_a_file_in_shared_memory_is_replaced(tmp_path):
    from pathlib import Path

    path = Path(f"/dev/shm/bench-{os.getpid()}.json")
    try:
        write_whole(path, "first", "--output")
        write_whole(path, "second", "--output")
        assert path.read_text() == "second"
    finally:
        path.unlink(missing_ok=True)
    assert all(is_special(Path(each)) for each in ("/dev/stdout", "/dev/fd/1", "/dev/null", "/proc/self/fd/1"))

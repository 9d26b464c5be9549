"""Options and files without bounds: refused in one line, before anything is measured or much memory is taken."""

import gzip
import os
import time

import pytest

from bench.cli.files import is_special, write_whole
from bench.errors import RunFileError
from bench.store import json_files, runs

HOSTILE = ("nan", "inf", "-inf", "-1", "9" * 400, "1e400", str(2**127), "0x10", "")


@pytest.mark.parametrize(
    "option", ["--seed", "--time-limit", "--budget", "--sample-hz", "--blocks", "--rounds", "--workers"]
)
@pytest.mark.parametrize("value", HOSTILE)
def test_a_hostile_number_is_refused_in_one_line_or_is_a_number_that_reads(bench, option, value):
    if (option, value) == ("--seed", "-1"):
        return
    done = bench("run", "primes", option, value)
    assert done.returncode == 2, done.stdout
    assert "Traceback" not in done.stderr


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


@pytest.mark.skipif(not os.path.isdir("/dev/shm"), reason="no /dev/shm")
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

"""Every pattern through the real command, with every case: all are ok, and nothing is left on the machine."""

import json
import os
import time
import uuid
from pathlib import Path
from tempfile import mkdtemp

import pytest

from bench.patterns import PATTERNS
from tests.conftest import started_by


@pytest.mark.long
@pytest.mark.skipif(not os.path.isdir("/dev/shm"), reason="needs /dev/shm")
@pytest.mark.parametrize("pattern", PATTERNS)
def test_every_case_of_a_pattern_is_ok_and_leaves_nothing(bench, tmp_path, monkeypatch, pattern):
    temporary = Path(mkdtemp(dir="/tmp"))  # a manager's socket lies there, and its path may have 107 bytes
    marker = uuid.uuid4().hex
    monkeypatch.setenv("BENCH_TEST_MARKER", marker)
    monkeypatch.setenv("TMPDIR", str(temporary))
    done = bench(
        "run", "--pattern", pattern, "--scale", "quick", "--blocks", "1", "--rounds", "2", "--json", timeout=300
    )
    assert done.returncode == 0, done.stderr
    cases = json.loads(done.stdout)["cases"]
    assert {each["pattern"] for each in cases} == {pattern}
    assert {each["outcome"] for each in cases} == {"ok"}
    assert all(each["tasks_per_s"] > 0 for each in cases)
    assert not [each for each in json.loads(done.stdout)["findings"] if each["code"] == "leaked_processes"]
    assert started_by(marker) == []
    temporary.rmdir()  # only an empty folder can be removed
    assert abandoned_shared_memory() == set()


def abandoned_shared_memory():
    """Segments and semaphores that are open in no process, and stay so: other tests make some at the same time."""
    found = unopened_shared_memory()
    for _ in range(20):
        if not found:
            break
        time.sleep(0.25)
        found &= unopened_shared_memory()
    return found


def unopened_shared_memory():
    there = {name for name in os.listdir("/dev/shm") if name.startswith(("bench-", "psm_", "sem.mp"))}
    for pid in filter(str.isdecimal, os.listdir("/proc")):
        try:
            with open(f"/proc/{pid}/maps", encoding="utf-8", errors="replace") as file:
                there -= {line.split("/dev/shm/", 1)[1].strip() for line in file if "/dev/shm/" in line}
        except OSError:
            continue
    return there


@pytest.mark.long
@pytest.mark.parametrize("name", ["value_unlocked", "threads_unlocked", "global_variable"])
def test_a_demonstration_is_measured_when_named_never_ranked_and_no_failure(bench, name):
    done = bench("run", "counter", "--strategy", f"value,{name}", "--scale", "quick", "--blocks", "1", "--rounds", "2", "--json")  # fmt: skip
    assert done.returncode == 0, done.stderr
    good, shown = json.loads(done.stdout)["cases"]
    assert good["outcome"] == "ok"
    assert shown["wall_s"] is None
    assert shown["reason"]
    if name == "global_variable":
        assert shown["outcome"] == "wrong"
        assert "100% of it is lost" in shown["reason"]

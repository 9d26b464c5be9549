"""Results folders that fill up, cannot be written or go away while the command measures: real mounts, the real command."""

import re
import shutil
import subprocess
import sys
import time

import pytest

from bench.store.runs import read
from tests.commands import nothing_is_left
from tests.conftest import environment, only_run
from tests.outside import as_nobody, namespaced

BODY = "@workload(inputs=lambda size, rng: [1, 2], scales={'quick': 1})\ndef double(value): return 2 * value\n"
RUN = [
    sys.executable, "-m", "bench", "run", "mine.py", "--strategy", "serial,threads", "--scale", "quick",
    "--blocks", "30", "--rounds", "3",
]  # fmt: skip
ONE_LINE = r"error: [^\n]*"


def last_line(done) -> str:
    return done.stderr.rstrip("\n").rpartition("\n")[2]


def ran(command, folder, marker, timeout=200):
    done = subprocess.run(
        command, cwd=folder, env=environment(BENCH_TEST_MARKER=marker), capture_output=True, text=True, timeout=timeout,
        check=False,
    )  # fmt: skip
    nothing_is_left(marker)
    assert "Traceback" not in done.stderr
    return done


def test_a_disk_that_fills_up_ends_the_run_in_one_line_and_keeps_every_block(tmp_path, workload_file):
    workload_file(BODY)
    small, kept = tmp_path / "small", tmp_path / "kept"
    small.mkdir()
    prefix = namespaced(f"mount -t tmpfs -o size=64k none {small}")
    script = f'"$@" --results {small}; status=$?; cp -r {small} {kept}; exit $status'
    done = ran([*prefix, "sh", "-c", script, "sh", *RUN], tmp_path, f"disk {tmp_path}")
    assert done.returncode == 3
    (path,) = kept.glob("*.jsonl")
    assert re.fullmatch(f"error: cannot write {small}/{path.name}: No space left on device; .*", last_line(done))
    found = read(path)
    assert 0 < len(found.blocks) < 60
    assert found.ending is None
    assert [each for each in found.notes if "is cut and was left out" in each] == [], "nothing half was left"
    assert [each.repetition for each in found.blocks[::2]] == list(range((len(found.blocks) + 1) // 2))


@pytest.mark.long
def test_a_report_that_does_not_fit_ends_in_one_line(tmp_path, workload_file):
    workload_file(BODY)
    assert ran([*RUN[:-4], "--blocks", "1", "--rounds", "2"], tmp_path, f"first {tmp_path}").returncode == 0
    small = tmp_path / "small"
    small.mkdir()
    prefix = namespaced(f"mount -t tmpfs -o size=64k none {small}")
    command = [*prefix, sys.executable, "-m", "bench", "report", "--reports", str(small)]
    done = ran(command, tmp_path, f"report {tmp_path}")
    assert done.returncode == 3
    assert re.fullmatch(f"error: cannot write the report to {small}/.*: No space left on device; .*", last_line(done))
    assert read(only_run(tmp_path)).ending is not None


@pytest.mark.long
def test_a_report_that_does_not_fit_leaves_the_earlier_one_as_it_was(tmp_path, workload_file):
    workload_file(BODY)
    assert ran([*RUN[:-4], "--blocks", "1", "--rounds", "2"], tmp_path, f"first {tmp_path}").returncode == 0
    report = [sys.executable, "-m", "bench", "report"]
    assert ran(report, tmp_path, f"whole {tmp_path}").returncode == 0
    whole = {path.name: path.read_bytes() for path in tmp_path.glob("reports/*/*")}
    done = ran(["prlimit", "--fsize=8192", *report], tmp_path, f"again {tmp_path}")
    assert done.returncode == 3
    assert "cannot write the report to" in last_line(done)
    assert {path.name: path.read_bytes() for path in tmp_path.glob("reports/*/*")} == whole
    assert len(list((tmp_path / "reports").iterdir())) == 1


def test_a_full_disk_is_said_before_anything_is_measured(tmp_path, workload_file):
    workload_file(BODY)
    small = tmp_path / "small"
    small.mkdir()
    prefix = namespaced(f"mount -t tmpfs -o size=4k,nr_inodes=1 none {small}")
    done = ran([*prefix, *RUN, "--results", str(small)], tmp_path, f"full {tmp_path}")
    assert done.returncode == 3
    assert re.fullmatch(
        f"error: cannot write to {small}: No space left on device; give another .* --results", last_line(done)
    )


@pytest.mark.parametrize("kind", ["mounted read-only", "of another user"])
def test_a_folder_that_cannot_be_written_is_said_before_anything_is_measured(tmp_path, workload_file, kind):
    workload_file(BODY)
    results = tmp_path / "results"
    results.mkdir()
    if kind == "mounted read-only":
        prefix = namespaced(f"mount --bind {results} {results}", f"mount -o remount,ro,bind {results}")
        why = "Read-only file system"
    else:
        for folder in (tmp_path, *tmp_path.parents[:2]):
            folder.chmod(0o755)
        prefix, why = as_nobody(tmp_path), "Permission denied"
    before = {each.name for each in tmp_path.iterdir()}
    done = ran([*prefix, *RUN, "--results", str(results)], tmp_path, f"{kind} {tmp_path}")
    assert done.returncode == 3, done.stderr
    assert last_line(done) == done.stderr.rstrip("\n"), "nothing was done before"
    assert done.stderr == f"error: cannot write to {results}: {why}; give another folder with --results\n"
    assert list(results.iterdir()) == []
    assert {each.name for each in tmp_path.iterdir()} - before <= {"kept0", "kept1", "kept2"}


@pytest.mark.many(1)
@pytest.mark.parametrize("going", ["the file is removed", "the folder is renamed", "the folder is removed"])
def test_results_that_go_away_meanwhile_end_the_run_in_one_line(tmp_path, workload_file, going):
    workload_file(BODY)
    marker = f"{going} {tmp_path}"
    process = subprocess.Popen(
        RUN, cwd=tmp_path, env=environment(BENCH_TEST_MARKER=marker), text=True, stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )  # fmt: skip
    with process:
        deadline = time.monotonic() + 120
        results = tmp_path / "results"
        while time.monotonic() < deadline and process.poll() is None:
            if any(len(path.read_bytes().splitlines()) > 2 for path in results.glob("*.jsonl")):
                break
            time.sleep(0.01)
        (path,) = results.glob("*.jsonl")
        if going == "the file is removed":
            path.unlink()
        elif going == "the folder is renamed":
            results.rename(tmp_path / "elsewhere")
        else:
            shutil.rmtree(results)
        _, errors = process.communicate(timeout=120)
    assert process.returncode == 3, errors
    told = errors.rstrip("\n").rpartition("\n")[2]
    assert re.fullmatch(f"error: results/{path.name} was removed or renamed while this run was writing it", told)
    assert "Traceback" not in errors
    nothing_is_left(marker)
    if going == "the folder is renamed":
        assert len(read(tmp_path / "elsewhere" / path.name).blocks) > 1


@pytest.mark.long
def test_two_commands_at_once_in_one_folder_have_a_file_each_and_both_are_complete(tmp_path, workload_file):
    workload_file(BODY)
    command = [*RUN[:-4], "--blocks", "3", "--rounds", "2"]
    both = [
        subprocess.Popen(command, cwd=tmp_path, env=environment(), stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
        for _ in range(2)
    ]
    for each in both:
        _, errors = each.communicate(timeout=200)
        assert each.returncode == 0, errors
    found = [read(path) for path in (tmp_path / "results").iterdir()]
    assert len({each.header.id for each in found}) == 2
    for each in found:
        assert len(each.blocks) == each.header.plan.blocks
        assert each.ending.status == "complete"

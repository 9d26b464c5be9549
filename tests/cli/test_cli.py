"""The real command, as a user gives it."""

import json
import os
import pty
import re
import subprocess
import sys
import time
import uuid

import pytest

from bench.patterns import PATTERNS
from bench.store.runs import read
from tests.commands import nothing_is_left
from tests.conftest import ROOT, environment, only_run

SIX = "serial,threads,thread_pool,processes,process_pool,pool_map"
SHORT = ("--blocks", "2", "--rounds", "2", "--scale", "quick")


def test_help_has_examples_everywhere(bench):
    for command in ([], ["all"], ["run"], ["report"], ["list"]):
        done = bench(*command, "--help")
        assert done.returncode == 0
        assert "Examples:" in done.stdout
        assert "python -m bench" in done.stdout


def test_list_shows_what_there_is_for_people_and_for_programs(bench):
    found = json.loads(bench("list", "--json").stdout)
    assert [each["name"] for each in found["workloads"]][:2] == ["downloads", "downloads_even"]
    assert {each["pattern"] for each in found["strategies"]} == set(PATTERNS)
    shown = bench("list").stdout
    assert all(each["name"] in shown for each in [*found["workloads"], *found["strategies"]])
    assert "Workers default to the CPUs this process may use" in shown
    servers = json.loads(bench("list", "--pattern", "serve", "--json").stdout)
    assert {each["pattern"] for each in (*servers["workloads"], *servers["strategies"])} == {"serve"}


def test_list_says_what_is_unavailable_and_why(bench, tmp_path):
    (tmp_path / "numpy.py").write_text("raise ModuleNotFoundError(\"No module named 'numpy'\", name='numpy')")
    done = subprocess.run(
        [sys.executable, "-m", "bench", "list"],
        env=environment(PYTHONPATH=f"{tmp_path}:{ROOT}"), cwd=tmp_path, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert "unavailable: bench.workloads.matrix needs the module 'numpy'; pip install it" in " ".join(
        done.stdout.split()
    )


def test_a_run_is_stored_shown_and_reported(bench, tmp_path):
    done = bench("run", "downloads", "--strategy", "serial,threads", *SHORT)
    assert done.returncode == 0, done.stderr
    assert "downloads at scale quick" in done.stdout
    said = [each for each in done.stderr.splitlines() if not each.startswith("this machine is busy: ")]
    assert "of the" not in "\n".join(said)
    run = read(only_run(tmp_path))
    assert [each.strategy for each in run.header.plan.cases] == ["serial", "threads"]
    assert len(run.blocks) == 4
    assert run.ending.status == "complete"
    assert 0 < run.ending.rounds_s < run.ending.wall_s
    done = bench("report")
    page = done.stdout.splitlines()[-1]
    assert page == f"reports/{run.header.id}/index.html"
    assert (tmp_path / page).is_file()
    cases = json.loads(bench("report", run.header.id[:10], "--json").stdout)["cases"]
    assert [each["outcome"] for each in cases] == ["ok", "ok"]


def test_a_run_file_names_no_user_host_or_folder(bench, tmp_path, workload_file):
    import getpass
    import platform

    workload_file("import os\ndef f(x):\n    raise OSError(f'in {os.getcwd()}/deep/file.txt')\n")
    done = bench("run", str(tmp_path / "mine.py") + ":f", "--inputs", "1..3", "--strategy", "serial,pool_map", *SHORT)
    assert done.returncode == 3
    text = only_run(tmp_path).read_text()
    for private in (str(tmp_path), platform.node(), os.path.expanduser("~") + "/", f'"{getpass.getuser()}"'):
        assert private not in text
    assert "in …/file.txt" in text


@pytest.mark.long
def test_a_users_function_needs_no_packaging(bench, tmp_path, workload_file):
    workload_file("def square(x):\n    return x * x\n")
    done = bench("run", "mine.py:square", "--inputs", "1..20", "--strategy", "serial,processes,pool_map", "--json",
                 "--start-method", "fork,spawn", *SHORT)  # fmt: skip
    assert done.returncode == 0, done.stderr
    cases = json.loads(done.stdout)["cases"]
    assert [
        (each["workload"], each["outcome"], each["workers"]) for each in cases if each["strategy"] == "processes"
    ] == [("mine:square", "ok", 20)] * 2
    (tmp_path / "lines.jsonl").write_text("1\n\n2.5\n")
    assert bench("run", "mine.py:square", "--inputs", "lines.jsonl", "--strategy", "serial", *SHORT).returncode == 0


@pytest.mark.long
def test_many_inputs_do_not_get_a_process_each_unless_that_is_asked_for(bench, workload_file):
    workload_file("def square(x):\n    return x * x\n")
    short = ("--blocks", "1", "--rounds", "2", "--json")
    done = bench("run", "mine.py:square", "--inputs", "1..1001", *short)
    assert "left out: processes (1001 processes a round; name it to measure it)" in done.stderr
    assert not {"fork", "processes"} & {each["strategy"] for each in json.loads(done.stdout)["cases"]}
    done = bench("run", "mine.py:square", "--inputs", "1..1001", "--strategy", "fork", *short)
    assert [each["outcome"] for each in json.loads(done.stdout)["cases"]] == ["ok"]


def test_a_users_workload_and_strategy_come_from_a_file(bench, workload_file):
    workload_file(
        "from contextlib import contextmanager\n"
        "@workload(inputs=lambda size, rng: list(range(size)), scales={'quick': 4}, combine=sum, expect={'quick': 6})\n"
        "def number(x):\n    return x\n"
        "@strategy('reversed', isolation='none')\n"
        "@contextmanager\n"
        "def reversed_():\n    yield lambda task, inputs: [task(x) for x in reversed(inputs)][::-1]\n"
    )
    done = bench("run", "--workload", "mine.py", "--strategy", "serial,mine.py", "--json", *SHORT)
    assert done.returncode == 0, done.stderr
    assert [(each["strategy"], each["outcome"]) for each in json.loads(done.stdout)["cases"]] == [
        ("serial", "ok"),
        ("reversed", "ok"),
    ]


@pytest.mark.long
def test_one_bad_case_stops_no_other_and_the_exit_status_says_so(bench, tmp_path, workload_file):
    workload_file("import os\nunpicklable = (lambda: lambda x: x)()\n")
    done = bench("run", "mine.py:unpicklable", "--inputs", "1..3", "--json", *SHORT)
    assert done.returncode == 3
    outcomes = {each["strategy"]: (each["outcome"], each["reason"]) for each in json.loads(done.stdout)["cases"]}
    assert outcomes["serial"] == outcomes["threads"] == ("ok", "")
    assert outcomes["pool_map"][0] == "failed"
    assert "pickle" in outcomes["pool_map"][1]
    assert "must pickle: functions at a module's top level" in outcomes["pool_map"][1]
    assert re.search(r" pool_map ×\d+: failed: ", done.stderr)
    assert "Traceback" not in done.stderr


@pytest.mark.many(12)
@pytest.mark.parametrize(
    ("arguments", "status", "message"),
    [
        (["run", "prims"], 2, "unknown workload 'prims'; did you mean 'primes'?"),
        (["rum"], 2, "unknown command 'rum'; did you mean 'run'?"),
        (["run", "primes", "--strategy", "tread_pool"], 2, "did you mean 'thread_pool'?"),
        (["run", "primes", "--workers", "0"], 2, "--workers takes whole numbers above 0, not '0'"),
        (["run", "primes", "--option", "x"], 2, "--option takes NAME=VALUE, not 'x'"),
        (["run", "primes", "--budget", "fast"], 2, "'fast' is not a duration"),
        (["run", "mine.py:f"], 2, "there is no file mine.py"),
        (["run", "here.py:f"], 2, "needs inputs; give --inputs FILE (JSON lines), --inputs 1..100 or"),
        (["run", "here.py:f", "--inputs", "empty.jsonl"], 2, "empty.jsonl holds no inputs"),
        (["run", "here.py:f", "--inputs", "bad.jsonl"], 2, "bad.jsonl, line 2: not JSON"),
        (["run", "here.py:f", "--inputs", "5..1"], 2, "--inputs 5..1 is empty"),
        (
            ["run", "here.py:later", "--inputs", "1..2", "--strategy", "threads"],
            2,
            "not threads, because here:later needs coroutines",
        ),
        (
            ["run", "primes", "--results", "here.py/x"],
            3,
            "cannot write to here.py/x: it is not a folder; give another with --results",
        ),
        (["all", "--reports", "here.py/x"], 3, "here.py/x: it is not a folder; give another with --reports"),
        (["report"], 2, "no run in results"),
        (["report", "here.py"], 2, "here.py, line 1: not JSON"),
        (["run", "primes", "--workers", ""], 2, "Invalid value for '--workers': it is empty"),
        (["run", "primes", "--rounds", "1"], 2, "Invalid value for '--rounds'"),
        (["run", "primes", "--nope"], 2, "No such option '--nope'"),
        (["all", "--quick", "--scale", "article"], 2, "--quick is the scale quick"),
    ],
)
def test_wrong_usage_is_one_clear_line(bench, tmp_path, arguments, status, message):
    (tmp_path / "here.py").write_text("def f(x):\n    return x\nasync def later(x):\n    return x\n")
    (tmp_path / "empty.jsonl").write_text("\n")
    (tmp_path / "bad.jsonl").write_text("1\n{\n")
    done = bench(*arguments)
    assert done.returncode == status, done.stderr
    assert message in done.stderr
    assert "Traceback" not in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1
    assert done.stderr.startswith("error: ")
    assert done.stdout == ""


@pytest.mark.long
def test_modules_of_the_users_named_like_the_librarys_are_not_taken_for_them(bench, tmp_path):
    for name in ("random", "json", "statistics", "select", "numpy", "pandas"):
        (tmp_path / f"{name}.py").write_text("raise RuntimeError('not this one')")
    done = bench("run", "downloads", "--strategy", "serial,pool_map", "--start-method", "fork,spawn", *SHORT)
    assert done.returncode == 0, done.stderr
    assert bench("report").returncode == 0


def test_a_missing_package_is_one_line(tmp_path):
    done = subprocess.run(
        [sys.executable, "-S", "-m", "bench", "list"],
        cwd=ROOT,
        env=environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    assert "has no package 'click'" in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_a_command_that_is_killed_leaves_no_process_and_a_file_that_reads(tmp_path):
    marker = uuid.uuid4().hex
    process = subprocess.Popen(
        [sys.executable, "-m", "bench", "run", "primes", "--strategy", SIX, "--scale", "quick", "--blocks", "500"],
        cwd=tmp_path, env=environment(BENCH_TEST_MARKER=marker), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    deadline = time.monotonic() + 60
    while not any(path.read_bytes().count(b"\n") > 2 for path in (tmp_path / "results").glob("*.jsonl")):
        assert time.monotonic() < deadline
        time.sleep(0.02)
    process.kill()
    process.wait()
    nothing_is_left(marker)
    run = read(only_run(tmp_path))
    assert run.ending is None
    assert "of 3000 planned blocks" in " ".join(run.notes)


@pytest.mark.long
def test_progress_shows_the_time_left_on_a_terminal(tmp_path):
    parent, child = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "bench", "run", "downloads", "--strategy", SIX, "--blocks", "3", "--scale", "quick"],
        cwd=tmp_path, env=environment(TERM="xterm", COLUMNS="100"), stdout=subprocess.DEVNULL, stderr=child,
    )  # fmt: skip
    os.close(child)
    shown = b""
    try:
        while data := os.read(parent, 4096):
            shown += data
    except OSError:  # the terminal's other end is closed
        pass
    os.close(parent)
    assert process.wait(timeout=60) == 0
    text = re.sub(r"\x1b\[[0-9;?]*[a-zA-Z]", "", shown.decode("utf-8", "replace"))
    assert "measuring 6 cases by turns, 3 blocks of each" in text
    assert "18/18" in text
    assert " left" in text


@pytest.mark.long
def test_a_run_ends_with_its_budget_and_names_what_there_was_no_time_for(bench, tmp_path, workload_file):
    """A round takes a quarter of the whole budget: there is no time for blocks enough."""
    workload_file("import time\ndef slow(x):\n    time.sleep(0.5)\n    return x\n")
    done = bench("run", "mine.py:slow", "--inputs", "1..2", "--strategy", "serial,threads", "--budget", "4s")
    assert done.returncode == 0, done.stderr
    run = read(only_run(tmp_path))
    assert run.header.plan.conditions.budget_s == 4
    assert 0 < len(run.blocks) < 12
    assert run.ending.status == "budget"
    assert (
        "no time for intervals of mine:slow under serial, threads; measure them with: python -m bench run mine.py:slow "
        "--strategy serial,threads" in done.stderr
    )
    assert f"{len(run.blocks)} blocks were measured" in done.stdout
    assert "--strategy serial,threads --inputs 1..2" in done.stderr
    words = ("--strategy", "serial,pool_map", "--workers", "3", "--chunk-size", "2", "--budget", "3s")
    again = "--strategy serial,pool_map --workers 3 --option chunk_size=2 --inputs 1..2"
    assert again in bench("run", "mine.py:slow", "--inputs", "1..2", *words).stderr

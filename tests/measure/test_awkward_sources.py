"""Functions and files that are not as one expects: what can be measured is, and the rest is one clear line without a traceback."""

import subprocess
import sys

import pytest

from bench.store.runs import read
from tests.conftest import environment, only_run

FILES = {
    "mine.py": "import os, operator\nupper = str.upper\nlength = len\nbound = 'abc'.count\ngetter = operator.itemgetter(0)\n",
    "moving.py": "import os\nos.makedirs('away', exist_ok=True)\nos.chdir('away')\ndef f(x):\n    os.chdir('/')\n    return x\n",
    "closing.py": "import os\nos.closerange(3, 200)\ndef f(x):\n    return x\n",
    "late.py": "import os\ndef f(x):\n    os.closerange(3, 200)\n    kept = [os.open('taken', os.O_CREAT | os.O_RDWR) for _ in range(100)]\n    return x\n",
    "halves.py": """
from contextlib import contextmanager
from bench import strategy
@strategy("halves", isolation="none")
@contextmanager
def halves():
    yield lambda task, inputs: [task(each) for each in inputs]
""",
    "in.jsonl": '"ab"\n"cd"\n',
}
QUICK = ("--blocks", "1", "--rounds", "3")


@pytest.fixture
def run(bench, tmp_path):
    for name, text in FILES.items():
        (tmp_path / name).write_text(text)

    def run(*words):
        done = bench("run", *words, "--inputs", "in.jsonl", *QUICK)
        assert "Traceback" not in done.stderr
        return done

    return run


@pytest.mark.many(1)
@pytest.mark.parametrize("function", ["upper", "length", "bound", "getter"])
def test_what_is_built_in_is_a_function_like_others(run, tmp_path, function):
    done = run(f"mine.py:{function}", "--strategy", "serial,process_pool")
    assert done.returncode == 0, done.stderr
    assert {each.outcome for each in read(only_run(tmp_path)).blocks} == {"ok"}


@pytest.mark.many(2)
@pytest.mark.parametrize(
    ("source", "meant"),
    [
        (":upper", "FILE.py:FUNCTION"),
        ("mine.py::upper", "mine.py:upper"),
        ("mine.py:", "FILE.py:FUNCTION"),
        ("./mine:upper", "./mine.py:upper"),
        ("./a/b:upper", "FILE.py:FUNCTION"),
        ("mine.py:upper:x", "FILE.py:FUNCTION"),
        ("..mine:upper", "FILE.py:FUNCTION"),
    ],
)
def test_what_names_no_function_is_said_with_what_would(run, source, meant):
    done = run(source)
    assert done.returncode == 2
    assert done.stdout == ""
    (line,) = done.stderr.splitlines()[-1:]
    assert f"{source!r} names no function in a file or a module" in line
    assert meant in line


def test_code_that_goes_to_another_folder_is_measured_with_the_files_that_were_named(run, tmp_path):
    done = run("moving.py:f", "--strategy", "serial,halves.py,process_pool", "--start-method", "spawn")
    assert done.returncode == 0, done.stderr
    assert {each.outcome for each in read(only_run(tmp_path)).blocks} == {"ok"}


def test_files_that_are_closed_at_import_are_a_line(run):
    done = run("closing.py:f")
    assert done.returncode == 3
    assert "the code has closed all files of its process" in done.stderr


def test_files_that_are_closed_in_a_task_fail_the_block_and_nothing_is_written_into_the_users(run, tmp_path):
    done = run("late.py:f", "--strategy", "serial")
    assert done.returncode == 3
    (block,) = read(only_run(tmp_path)).blocks
    assert block.outcome == "failed"
    assert "the code has closed all files of its process" in block.reason
    assert [each.read_bytes() for each in tmp_path.rglob("taken")] == [b""]


def test_inputs_that_are_no_list_are_said_with_what_to_do(bench, workload_file):
    file = workload_file(
        "@workload(inputs=lambda size, rng: iter(range(size)), scales={'quick': 3})\ndef w(x):\n    return x\n"
    )
    done = bench("run", "--workload", file, *QUICK)
    assert done.returncode == 3
    assert "the inputs of workload 'w' are of type range_iterator, not a list: give back list(…)" in done.stderr


@pytest.mark.many(1)
@pytest.mark.parametrize("options", [("-W", "error"), ("-X", "dev"), ("-bb", "-W", "error")])
def test_options_of_the_interpreter_that_make_warnings_errors_change_nothing(tmp_path, options):
    (tmp_path / "mine.py").write_text("def f(x):\n    return x\n")
    words = ("run", "mine.py:f", "--inputs", "1..3", "--strategy", "serial,threads", *QUICK)
    done = subprocess.run(
        [sys.executable, *options, "-m", "bench", *words],
        cwd=tmp_path, env=environment(), capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "Warning" not in done.stderr
    assert {each.outcome for each in read(only_run(tmp_path)).blocks} == {"ok"}


def test_a_folder_that_was_removed_is_a_line(tmp_path):
    (tmp_path / "gone").mkdir()
    script = f"cd {tmp_path}/gone && rmdir {tmp_path}/gone && exec {sys.executable} -m bench run primes"
    done = subprocess.run(
        ["sh", "-c", script], env=environment(), capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode in (2, 3)
    assert "Traceback" not in done.stderr
    assert done.stderr.startswith("error: ")


@pytest.mark.parametrize("most", [8, 12, 16, 20])
def test_too_few_open_files_is_one_line_that_says_so(tmp_path, most):
    (tmp_path / "mine.py").write_text("def f(x):\n    return x\n")
    words = ("run", "mine.py:f", "--inputs", "1..4", "--strategy", "serial,process_pool", *QUICK)
    done = subprocess.run(
        ["sh", "-c", f'ulimit -n {most}; exec "$@"', "sh", sys.executable, "-m", "bench", *words],
        cwd=tmp_path, env=environment(), capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 3 and "Traceback" not in done.stderr, done.stderr
    assert "open files" in done.stderr.splitlines()[-1]

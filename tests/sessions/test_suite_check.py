"""`check --pytest`: a suite of pytest-benchmark in two revisions, from the command to the verdicts."""

import json
import shlex
import signal
import sys
from pathlib import Path

import pytest

from bench.analysis.comparison import Verdict
from bench.analysis.judged import judged
from bench.store.runs import read
from tests.checkouts.test_worktrees import git, repository, standing, write
from tests.commands import nothing_is_left, until
from tests.conftest import only_run
from tests.sessions.test_check import check, pairs_in
from tests.suites.suites import PACKAGE, SHORT, project

SLOWER = PACKAGE.replace("sum(range(n))", "max(sum(range(n)) for _ in range(3))")
NAMED = ("--pytest", "tests")
WORDS = ("--base", "HEAD", *NAMED, "--alpha", "20%")
WORK = "tests/test_speed.py::test_work"


def verdicts(done):
    return {each["name"]: (each["verdict"], each["reason"]) for each in json.loads(done.stdout)["cases"]}


@pytest.mark.long
def test_a_suite_that_became_slower_fails_and_its_comment_and_its_report_say_so(tmp_path, bench):
    folder = project(tmp_path / "mine", {"src/mine/__init__.py": SLOWER})
    before = standing(folder)
    done = check(folder, *WORDS, "--budget", "2m", "--markdown", "verdicts.md", "--results", "results")
    comment = (folder / "verdicts.md").read_text()
    (folder / "verdicts.md").unlink()
    assert standing(folder) == before
    assert done.returncode == 1, done.stdout + done.stderr
    run = read(only_run(folder))
    names = [WORK, "tests/test_speed.py::test_small[1]", "tests/test_speed.py::test_small[2]"]
    found = {each.name: each for each in judged(run).cases}
    assert list(found) == names
    assert {each.verdict for each in found.values()} == {Verdict.REGRESSED}
    assert 2.5 < found[WORK].ratio.centre < 3.5
    assert done.stdout.splitlines()[0].startswith("3 of 3 cases regressed, most of all tests/test_speed.py::test_")
    assert "3 of 3 cases decided" in done.stderr
    assert [(each.repetition, each.arm) for each in run.blocks if each.case == run.header.plan.cases[0].key] == [
        (number, arm) for number in range(found[WORK].ratio.n) for arm in ("base", "head")
    ]

    commit = git(folder, "rev-parse", "HEAD")[:12]
    assert f"python -m bench check --base {commit} --pytest tests --alpha 20% --budget 2m" in comment

    again = bench("report", str(only_run(folder)))
    assert again.returncode == 0, again.stderr
    assert again.stdout.strip() in done.stdout


def test_what_only_one_arm_has_and_what_is_broken_or_skipped_in_one(tmp_path):
    base = {"tests/test_gone.py": "def test_gone(benchmark):\n    benchmark(sum, [])\n",
            "tests/test_broken.py": "def test_it(benchmark):\n    benchmark(sum, [])\n",
            "tests/test_both.py": "import absent_of_all\n"}  # fmt: skip
    head = {"tests/test_new.py": "def test_new(benchmark):\n    benchmark(sum, [])\n",
            "tests/test_broken.py": "import absent_here\ndef test_it(benchmark):\n    benchmark(sum, [])\n",
            "tests/test_gone.py": "import pytest\n@pytest.mark.skip(reason='slow')\ndef test_gone(benchmark):\n    pass\n"}  # fmt: skip
    folder = project(tmp_path / "mine", head, base)
    done = check(folder, *WORDS, "--json", "--budget", "1ms")
    assert done.returncode == 3, done.stderr
    found = verdicts(done)
    assert found["tests/test_new.py::test_new"] == ("new", "only the head has it")
    assert found["tests/test_gone.py::test_gone"] == ("missing", "only the base has it")
    verdict, reason = found["tests/test_broken.py::test_it"]
    assert verdict == "failed"
    assert reason.startswith("head: ModuleNotFoundError: No module named 'absent_here'")
    notes = " ".join(json.loads(done.stdout)["notes"])
    assert (
        "tests/test_both.py cannot be loaded on either side: ModuleNotFoundError: No module named 'absent_of_all'"
        in notes
    )


def test_a_change_that_adds_the_first_benchmarks_passes(tmp_path):
    folder = repository(tmp_path / "mine", {"mine.py": PACKAGE, ".gitignore": "results/\n"})
    write(folder, {"tests/test_speed.py": "import mine\ndef test_a(benchmark):\n    benchmark(mine.work, 3)\n"})
    done = check(folder, "--base", "HEAD", *NAMED, "--json")
    assert done.returncode == 0, done.stderr
    assert verdicts(done) == {"tests/test_speed.py::test_a": ("new", "only the head has it")}


@pytest.mark.long
def test_what_skips_itself_in_both_arms_is_a_note_and_in_one_a_failure(tmp_path):
    both = "import pytest\ndef test_both(benchmark):\n    pytest.skip('no database')\ndef test_none(benchmark):\n    pass\n"
    one = "import pytest\ndef test_one(benchmark):\n    benchmark(sum, [])\n"
    head = one.replace("benchmark(sum, [])", "pytest.skip('not now')")
    folder = project(
        tmp_path / "mine", {"tests/test_one.py": head}, {"tests/test_one.py": one, "tests/test_both.py": both}
    )
    done = check(folder, *WORDS, "--json", "--budget", "5s")
    assert done.returncode == 3, done.stderr
    found = verdicts(done)
    assert found["tests/test_one.py::test_one"] == ("failed", "head: unavailable: not now")
    assert not [each for each in found if "test_both.py" in each]
    notes = json.loads(done.stdout)["notes"]
    assert "tests/test_both.py::test_both is not measured on either side: no database" in notes
    assert "tests/test_both.py::test_none is not measured on either side: it does not call its fixture" in notes


def test_a_package_that_is_the_same_in_both_arms_is_no_comparison(tmp_path):
    folder = project(tmp_path / "mine")
    write(folder, {"tests/conftest.py": f"import sys\nsys.path.insert(0, {str(folder / 'src')!r})\n"})
    done = check(folder, "--base", "HEAD", *NAMED)
    said = (
        "error: head: src/mine/__init__.py was loaded from the working tree and not from the checkout; it is the same on both "
        "sides: install the package in each, with --setup and --python, or put it at the top or in src"
    )
    assert (done.returncode, done.stderr.splitlines()[-1]) == (2, said)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--pytest", ""), "--pytest is empty; give it what pytest is given: tests/bench"),
        (("--pytest", "'a"), "--pytest \"'a\": no closing quotation"),
        ((*NAMED, "mine.py"), "--pytest measures a suite, and mine.py is another selection; check one of the two"),
        ((*NAMED, "--quantity", "cpu"), "--pytest compares times: pytest-benchmark measures nothing else; take away --quantity"),
        ((*NAMED, "--workers", "2", "--inputs", "1..3"),
         "--pytest leaves to the suite how it is measured; take away inputs, workers"),
        (NAMED, "give --base REV, or two interpreters with --base-python and --head-python"),
        ((*NAMED, "--base", "HEAD", "--tolerance", "nope=1%"), "--tolerance nope=…: no case of that name; there are"),
        (("--base", "HEAD", "--pytest", "src"),
         "no test of src uses pytest-benchmark's fixture, on neither side"),
        (("--base", "HEAD", "--pytest", "nowhere"),
         "base: pytest cannot use what it is given: file or directory not found: nowhere"),
    ],
)  # fmt: skip
@pytest.mark.many(6)
def test_wrong_usage_is_one_line(tmp_path, words, said):
    folder = project(tmp_path / "mine")
    done = check(folder, *words)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.splitlines()[-1].startswith(f"error: {said}")
    assert not list(folder.glob("results/*"))


@pytest.mark.long
def test_a_check_that_was_cut_is_finished_with_the_pairs_that_are_there(begin, tmp_path):
    folder = project(tmp_path / "mine", {"src/mine/__init__.py": SLOWER})
    command = begin("check", *WORDS, "--budget", "10m", cwd=folder)
    until(lambda: pairs_in(folder) >= 2, "no pairs")
    command.process.send_signal(signal.SIGINT)
    assert command.process.wait(60) == 130
    nothing_is_left(command.marker)
    path = only_run(folder)
    before = path.read_bytes()
    told = command.stderr().splitlines()[-1].partition("finish it with: ")[2]
    words = shlex.split(told)
    assert words == ["python", "-m", "bench", "check", *NAMED, "--resume", f"results/{path.name}"]
    refused = check(folder, "--resume", str(path))
    assert (refused.returncode, refused.stderr.count("\n")) == (2, 1)
    assert "which runs only where you name it: python -m bench check --pytest tests --resume" in refused.stderr
    done = check(folder, *words[4:], "--json")
    assert done.returncode == 1, done.stderr
    assert path.read_bytes().startswith(before)
    run = read(path)
    assert run.ending.status == "complete"
    assert {each.verdict for each in judged(run).cases} == {Verdict.REGRESSED}
    assert len({(each.case, each.arm, each.repetition) for each in run.blocks}) == len(run.blocks)


def test_identical_suites_are_no_change_and_the_command_leaves_nothing(begin, tmp_path):
    folder = project(tmp_path / "mine")
    command = begin("check", "--base", "HEAD", *NAMED, "--budget", "8s", "--tolerance", "90%", cwd=folder)
    assert command.process.wait(120) == 0
    nothing_is_left(command.marker)
    assert {each.verdict for each in judged(read(only_run(folder))).cases} <= {Verdict.EQUIVALENT, Verdict.INCONCLUSIVE}


@pytest.mark.long
def test_two_interpreters_run_the_suite_of_the_working_tree(tmp_path):
    folder = project(tmp_path / "mine")
    other = Path(sys.executable).with_name("python3" if Path(sys.executable).name != "python3" else "python")
    words = ("--base-python", sys.executable, "--head-python", str(other), "--pytest", "tests", "--budget", "1ms")
    done = check(folder, *words, "--json")
    assert done.returncode == 0, done.stderr
    assert {verdict for verdict, _ in verdicts(done).values()} == {"inconclusive"}
    assert not list(folder.rglob("__pycache__"))


@pytest.mark.long
def test_names_that_are_none_are_shortened_and_stay_apart(tmp_path):
    names = ["x" * 300, "x" * 299 + "y", "a\u200bb", "ordinary"]
    source = f"import pytest\n@pytest.mark.parametrize('n', {names!r}, ids={names!r})\ndef test_a(benchmark, n):\n    benchmark(len, n)\n"
    folder = repository(
        tmp_path / "mine", {"pyproject.toml": SHORT, "tests/test_names.py": source, ".gitignore": "results/\n"}
    )
    done = check(folder, *WORDS, "--json", "--budget", "1ms")
    assert done.returncode == 0, done.stderr
    found = verdicts(done)
    assert len(found) == 4
    assert all(len(each) <= 200 and each.isprintable() for each in found)


def test_history_takes_all_rounds_of_a_suite_for_warm_ones(tmp_path, bench):
    folder = repository(tmp_path / "mine", {"pyproject.toml": SHORT, ".gitignore": "results/\n", "tests/test_long.py": (
        "import time\ndef test_once(benchmark):\n    benchmark.pedantic(time.sleep, (0.3,), rounds=1)\n"
    )})  # fmt: skip
    done = check(folder, *WORDS, "--budget", "1ms")
    assert done.returncode == 0, done.stderr
    assert [len(each.rounds) for each in read(only_run(folder)).blocks] == [1, 1]
    told = bench("history", "tests/test_long.py::test_once", "--results", str(folder / "results"), "--json")
    assert told.returncode == 0, told.stderr
    assert "no warm round" not in told.stdout + told.stderr

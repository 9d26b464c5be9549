"""`check`: from two revisions to verdicts, with real repositories and processes; and what must never pass silently."""

import json
import math
import os
import re
import signal
import statistics
import subprocess
import sys
import tempfile
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bench.analysis.comparison import Verdict
from bench.analysis.gate import GateReferee, typical
from bench.analysis.judged import judged
from bench.cli.main import main
from bench.facts.cpu_known import TOO_COARSE
from bench.records.block import Outcome
from bench.records.gate import Arm, Gate
from bench.records.result import Result
from bench.store.runs import read
from tests import builders
from tests.checkouts.test_worktrees import git, repository, standing, write
from tests.commands import kill, nothing_is_left, until
from tests.conftest import environment, only_run, started_by

QUICK = settings(max_examples=40, deadline=None)
BEGINNING = """
import os, random, signal, time
from bench import workload

def w(task):
    return workload(inputs=lambda size, rng: list(range(size)), scales={"standard": 3})(task)
"""


def check(folder, *words, env=None, timeout=120):
    return subprocess.run(
        [sys.executable, "-m", "bench", "check", *words],
        cwd=folder, env=environment(**(env or {})), capture_output=True, text=True, timeout=timeout, check=False,
    )  # fmt: skip


def revisions(folder, base, head, name="mine.py"):
    """A repository whose commit holds `base` and whose working tree `head`."""
    repository(folder, {name: base, ".gitignore": "results/\n__pycache__/\n"})
    write(folder, {name: head})
    return folder


def newest(folder):
    return max((folder / "results").glob("*.jsonl"), key=lambda path: path.stat().st_mtime_ns)


def verdicts(done):
    """By workload and quantity, of a check with --json."""
    found = json.loads(done.stdout)
    return {(each["name"].split()[0], each["quantity"]): (each["verdict"], each["reason"]) for each in found["cases"]}


@pytest.fixture(scope="module", autouse=True)
def scratch(tmp_path_factory):
    """Where the tool's folders are made, of these tests alone."""
    folder = tmp_path_factory.mktemp("tmp")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TMPDIR", str(folder))
        patch.setattr(tempfile, "tempdir", None)
        yield folder


@pytest.fixture(autouse=True)
def nothing_stays(scratch):
    yield
    assert not list(scratch.glob("benchtmp-*"))


# ------------------------------------------------------------------------------------------------- a change that is there

SLOWER = """
def slower(x):
    time.sleep(0.002)
    return x
"""


@pytest.fixture(scope="module")
def changed(tmp_path_factory):
    """A check of a case that takes twice as long, CPU-seconds and 50 MB more: what it said, and where."""
    folder = tmp_path_factory.mktemp("changed") / "mine"
    base = BEGINNING + "@w" + SLOWER.replace("time.sleep(0.002)", "sum(range(150_000)); time.sleep(0.002)")
    more = "KEPT.append(b'x' * 50_000_000) if not KEPT else sum(range(400_000)); time.sleep(0.004)"
    head = "KEPT = []\n" + base.replace("sum(range(150_000)); time.sleep(0.002)", more)
    revisions(folder, base, head)
    before = standing(folder)
    words = ("--base", "HEAD", "mine.py", "--quantity", "time,cpu,memory", "--alpha", "5%", "--budget", "60s")
    outputs = ("--junit", "junit.xml", "--markdown", "verdicts.md", "--github", "--results", "results")
    env = {"GITHUB_STEP_SUMMARY": str(folder.parent / "summary"), "GITHUB_ACTIONS": ""}
    done = check(folder, *words, *outputs, env=env)
    files = {name: (folder / name).read_text() for name in ("junit.xml", "verdicts.md")}
    for name in files:
        (folder / name).unlink()
    return done, folder, files, (before, standing(folder))


def test_a_change_for_the_worse_fails(changed):
    done, folder, _, _ = changed
    assert done.returncode == 1, done.stdout + done.stderr
    run = read(only_run(folder))
    assert [(each.quantity, each.verdict) for each in judged(run).cases] == [
        (quantity, Verdict.REGRESSED) for quantity in ("time", "cpu", "memory")
    ]
    assert run.ending.status == "complete"
    assert "3 regressed" in done.stdout
    assert "slower serial: regressed (+" in done.stderr
    assert "1 of 1 cases decided" in done.stderr


def test_the_users_repository_is_as_it_was(changed):
    _, _, _, (before, after) = changed
    assert after == before


def test_the_record_holds_both_arms_pair_by_pair(changed):
    _, folder, _, _ = changed
    run = read(only_run(folder))
    arms = run.header.plan.gate.arms
    commit = git(folder, "rev-parse", "HEAD")
    assert [(each.name, each.label, each.commit) for each in arms] == [
        ("base", "HEAD", commit),
        ("head", "working tree", f"{commit}+"),
    ]
    assert [(each.repetition, each.arm) for each in run.blocks] == [
        (number, name) for number in range(len(run.blocks) // 2) for name in ("base", "head")
    ]
    assert [each.result is not None for each in run.blocks] == [True, True] + [False] * (len(run.blocks) - 2)


def test_who_reads_the_run_gets_the_verdicts_that_were_printed(changed, bench):
    done, folder, _, _ = changed
    again = bench("report", str(only_run(folder)))
    assert again.returncode == 0, again.stderr
    assert again.stdout.strip() in done.stdout
    found = json.loads(bench("report", str(only_run(folder)), "--json").stdout)
    assert [(each["verdict"], each["ratio"]["centre"]) for each in found["cases"]] == [
        (each.verdict, each.ratio.centre) for each in judged(read(only_run(folder))).cases
    ]
    assert found["exit_status"] == 1


def test_what_it_writes_for_others_says_the_same(changed):
    done, folder, files, _ = changed
    assert "regressed" in files["verdicts.md"]
    assert "regressed" in (folder.parent / "summary").read_text()
    assert len(re.findall(r"^::error .*slower", done.stdout, re.MULTILINE)) == 3
    suites = ET.fromstring(files["junit.xml"])
    assert len(list(suites.iter("testcase"))) == 3
    assert len(list(suites.iter("failure"))) == 3


def test_a_run_that_was_cut_anywhere_reads(changed, tmp_path, bench):
    _, folder, _, _ = changed
    whole = only_run(folder).read_bytes()
    lines = whole.splitlines(keepends=True)
    path = tmp_path / "cut.jsonl"
    for kept in (1, 2, 3, len(lines) // 2, len(lines) - 1):
        for more in (0, 1, len(lines[kept]) - 1):
            path.write_bytes(b"".join(lines[:kept]) + lines[kept][:more])
            found = judged(read(path))
            assert len(found.cases) == 3
            assert any("the run was cut" in note for note in found.notes)
            if kept < 3:
                assert {each.verdict for each in found.cases} == {Verdict.INCONCLUSIVE}
    done = bench("report", str(path))
    assert done.returncode == 0
    assert "the run was cut" in done.stdout


def test_what_the_blocks_of_an_arm_left_is_noted(changed):
    _, folder, _, _ = changed
    run = read(only_run(folder))
    blocks = [
        replace(each, kept_by_threads=["poller"], leaked_processes=1) if each.arm == "head" else each
        for each in run.blocks
    ]
    notes = judged(replace(run, blocks=blocks)).notes
    assert "the head leaves threads running that its process would wait for: poller" in notes
    assert any(each.startswith("the head left processes behind in ") for each in notes)
    assert not any(each.startswith(("the base leaves", "the base left")) for each in notes)


def test_both_blocks_of_a_pair_measure_as_much(changed):
    _, folder, _, _ = changed
    blocks = read(only_run(folder)).blocks
    assert all(base.calls == head.calls for base, head in zip(blocks[::2], blocks[1::2], strict=True))


# -------------------------------------------------------------------------------------- what must never pass silently

BASE = """
@w
def same(x): return x
@w
def reordered(x): return {str(each) for each in range(50)}, {str(each): each for each in range(9)}
@w
def removed(x): return x
@w
def raising_in_base(x): raise ValueError("in the base")
@w
def raising(x): return x
@w
def hanging(x): return x
@w
def leaving(x): return x
@w
def killed(x): return x
@w
def another(x): return x
@w
def chance(x): return random.random()
"""
HEAD = """
@w
def same(x): return x
@w
def reordered(x):
    return {str(each) for each in reversed(range(50))}, {str(each): each for each in reversed(range(9))}
@w
def added(x): return x
@w
def raising_in_base(x): return x
@w
def raising(x): raise KeyError(x)
@w
def hanging(x): time.sleep(600)
@w
def leaving(x): os._exit(7)
@w
def killed(x): os.kill(os.getpid(), signal.SIGKILL)
@w
def another(x): return x + (x == 2)
@w
def chance(x): return random.random()
"""


@pytest.fixture(scope="module")
def broken(tmp_path_factory):
    """A check of cases that all went wrong in another way, and of two that did not."""
    folder = revisions(tmp_path_factory.mktemp("broken") / "mine", BEGINNING + BASE, BEGINNING + HEAD)
    done = check(folder, "--base", "HEAD", "mine.py", "--budget", "100ms", "--time-limit", "1500ms", "--json")
    return done, verdicts(done)


@pytest.mark.parametrize(
    ("name", "verdict", "reason"),
    [
        ("removed", "missing", "only the base has it"),
        ("added", "new", "only the head has it"),
        ("raising_in_base", "failed", "base: failed: ValueError: in the base"),
        ("raising", "failed", "head: failed: KeyError: 0"),
        ("hanging", "failed", "head: timed_out: round 1 still lasted after 1."),
        ("leaving", "failed", "head: failed: the measured process exited with status 7"),
        ("killed", "failed", "head: killed: the measured process was ended by SIGKILL"),
        ("another", "failed", "the base gives [0, 1, 2], and the head [0, 1, 3]"),
        ("chance", "inconclusive", "1 pair, and "),
        ("same", "inconclusive", "1 pair, and "),
        ("reordered", "inconclusive", "1 pair, and "),
    ],
)
def test_what_went_wrong_has_its_verdict_and_its_reason(broken, name, verdict, reason):
    _, found = broken
    assert found[name, "time"][0] == verdict
    assert found[name, "time"][1].startswith(reason)


def test_it_ends_with_status_3_and_says_each_as_it_comes(broken):
    done, _ = broken
    assert done.returncode == 3
    assert "Traceback" not in done.stderr
    assert "killed serial: failed: head: killed" in done.stderr


def test_a_new_case_passes_unless_only_others_are_accepted(tmp_path):
    base = BEGINNING + "@w\ndef same(x): return x\n"
    folder = revisions(tmp_path / "mine", base, base + "@w\ndef added(x): return x\n")
    words = ("--base", "HEAD", "mine.py", "--budget", "100ms", "--json")
    accepted = check(folder, *words)
    assert accepted.returncode == 0
    assert verdicts(accepted)["added", "time"][0] == "new"
    run = read(only_run(folder))
    for others, status in ((["new"], 3), (["inconclusive"], 3), (["inconclusive", "new"], 0)):
        gate = replace(run.header.plan.gate, accepted=others)
        header = replace(run.header, plan=replace(run.header.plan, gate=gate))
        assert judged(replace(run, header=header)).exit_status == status


def test_one_pair_is_measured_whatever_the_budget(tmp_path):
    """It shows whether both give the same results: nothing would, if a slow case passed as inconclusive without one."""
    base = BEGINNING + "@w\ndef same(x):\n    time.sleep(0.02)\n    return x\n"
    folder = revisions(tmp_path / "mine", base, base.replace("return x", "return -x"))
    done = check(folder, "--base", "HEAD", "mine.py", "--budget", "1ms", "--json")
    assert done.returncode == 3
    assert verdicts(done)["same", "time"] == ("failed", "the base gives [0, 1, 2], and the head [0, -1, -2]")


def test_a_function_that_one_side_cannot_import_is_no_new_one(tmp_path):
    base = "import nowhere_at_all\ndef f(x): return x\n"
    folder = revisions(tmp_path / "mine", base, "def f(x): return x\n")
    done = check(folder, "--base", "HEAD", "mine.py:f", "--inputs", "1..3", "--json")
    assert done.returncode == 3
    ((verdict, reason),) = verdicts(done).values()
    assert verdict == "failed"
    assert reason.startswith("base: mine.py needs the module 'nowhere_at_all'")


# ------------------------------------------------------------------------------------------------ the code that is measured


def test_identical_trees_are_no_change(tmp_path):
    base = BEGINNING + "@w" + SLOWER
    folder = revisions(tmp_path / "mine", base, base)
    done = check(folder, "--base", "HEAD", "mine.py", "--budget", "3s", "--tolerance", "20%", "--json")
    assert done.returncode == 0, done.stdout
    assert verdicts(done)["slower", "time"][0] in {"equivalent", "inconclusive"}
    assert "base and head have the same code" in json.loads(done.stdout)["notes"]


EARLY = "import library\ndef f(x): return library.value\n"
LATE = "def f(x):\n    import library\n    return bool(library.value)\n"


@pytest.fixture
def with_library(tmp_path):
    return library_repository(tmp_path, EARLY)


def library_repository(tmp_path, source):
    """A repository whose library is where only an installation finds it, and differs between the revisions."""
    folder = repository(tmp_path / "mine", {"mine.py": source, "lib/library.py": "value = 1\n"})
    write(folder, {"lib/library.py": "value = 2\n"})
    return folder


WORDS = ("--base", "HEAD", "mine.py:f", "--inputs", "1..3", "--budget", "100ms", "--json")


@pytest.mark.long
@pytest.mark.parametrize("source", [EARLY, LATE])
def test_an_editable_installation_is_no_checkout(tmp_path, source):
    """Both sides would run the working tree's library, and be equal."""
    python = tmp_path / "venv" / "bin" / "python"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", tmp_path / "venv"], check=True)
    (packages,) = (tmp_path / "venv").glob("lib/python*/site-packages")
    folder = library_repository(tmp_path, source)
    (packages / "editable.pth").write_text(f"{folder}/lib\n")
    done = check(folder, *WORDS, "--python", str(python))
    assert done.returncode == 3
    ((verdict, reason),) = verdicts(done).values()
    assert verdict == "failed"
    assert "lib/library.py was loaded from the working tree and not from the checkout" in reason


def test_a_module_that_is_installed_is_no_checkout(tmp_path):
    folder = repository(tmp_path / "mine", {"README": ""})
    done = check(folder, "--base", "HEAD", "textwrap:dedent", "--inputs", "1..3", "--json")
    assert done.returncode == 3
    ((verdict, reason),) = verdicts(done).values()
    assert verdict == "failed"
    assert "textwrap:dedent was loaded from" in reason


def test_folders_on_the_path_and_absolute_files_are_those_of_each_side(with_library):
    words = [f"{with_library}/mine.py:f" if each == "mine.py:f" else each for each in WORDS]
    paths = os.pathsep.join([f"{with_library}/lib", str(with_library), environment()["PYTHONPATH"]])
    done = check(with_library, *words, env={"PYTHONPATH": paths})
    ((verdict, reason),) = verdicts(done).values()
    assert (verdict, reason) == ("failed", "the base gives [1, 1, 1], and the head [2, 2, 2]")


def test_within_a_folder_of_a_repository_of_any_name(tmp_path):
    folder = revisions(tmp_path / "a b 'ü", "", "", name="inner/x.py")
    write(folder, {"inner/mine.py": "def f(x): return x\n"})
    done = check(folder / "inner", "--base", "HEAD", "mine.py:f", "--inputs", "1..3", "--budget", "100ms", "--json")
    assert done.returncode == 0, done.stderr
    assert [each[0] for each in verdicts(done).values()] == ["new"]


@pytest.mark.long
def test_setup_makes_what_is_measured(tmp_path):
    folder = revisions(tmp_path / "mine", "", "", name="value")
    write(folder, {"value": "2"})
    made = "import built\ndef f(x): return built.value\n"
    words = ("--base", "HEAD", "mine.py:f", "--inputs", "1..3", "--budget", "100ms", "--json")
    setup = f"printf '{made.encode('unicode_escape').decode()}' > mine.py; echo \"value = '$(cat value)'\" > built.py"
    done = check(folder, *words, "--setup", setup)
    assert verdicts(done)["mine:f", "time"] == ("failed", "the base gives ['', '', ''], and the head ['2', '2', '2']")
    done = check(folder, *words, "--setup", "echo no compiler >&2; test -s value")
    assert done.returncode == 3
    assert done.stderr.splitlines()[-1] == "error: --setup failed in the base (exited with status 1): no compiler"
    assert not (folder / "mine.py").exists()


# ---------------------------------------------------------------------------------------------------------- interpreters


def other_python():
    """One that pyenv keeps, or that .ci/run has installed."""
    there, debians = Path.home() / ".pyenv" / "versions", Path("/opt")
    found = [*there.glob("3.1[1-9]*/bin/python"), *debians.glob("python3.1[1-9]/usr/bin/python3.1[1-9]")]
    for path in sorted(found):
        if f"python{sys.version_info[0]}.{sys.version_info[1]}" != path.resolve().name:
            return str(path)
    return pytest.skip(f"needs another Python of 3.11 or later in {there} or {debians} (.ci/run puts 3.14 there)")


@pytest.mark.long
def test_two_interpreters_are_compared_only_where_that_is_asked(tmp_path):
    (tmp_path / "mine.py").write_text("def f(x): return x\n")
    words = ("mine.py:f", "--inputs", "1..3", "--head-python", other_python(), "--json", "--budget", "100ms")
    done = check(tmp_path, *words)
    assert done.returncode == 3
    ((verdict, reason),) = verdicts(done).values()
    assert verdict == "incomparable"
    assert re.search(r"the sides are unequal: python cpython-\S+ in the base and cpython-\S+ in the head", reason)
    assert not read(newest(tmp_path)).blocks
    done = check(tmp_path, *words, "--across")
    assert done.returncode == 0, done.stderr
    assert [each[0] for each in verdicts(done).values()] == ["inconclusive"]
    assert any("compared across unequal environments, as asked" in each for each in json.loads(done.stdout)["notes"])


# -------------------------------------------------------------------------------------------------------- wrong usage

ONE_LINE = [
    ([], "name what to check"),
    (["mine.py"], "give --base REV, or two interpreters"),
    (["mine.py", "--head", "HEAD"], "--head and --setup go with --base"),
    (["mine.py", "--setup", "true"], "--head and --setup go with --base"),
    (["mine.py", "--python", sys.executable], "give --base REV, or two interpreters"),
    (["mine.py", "--base", "nowhere"], "--base nowhere: there is no such revision here"),
    (["absent.py", "--base", "HEAD"], "there is no file absent.py"),
    (["mine.py:absent", "--base", "HEAD"], "unknown function in mine: 'absent'"),
    (["primes", "--base", "HEAD"], "is part of what is installed, the same on both sides"),
    (["mine.py:f", "--base", "HEAD"], "inputs"),
    (["mine.py:f", "--base", "HEAD", "--inputs", "1..3", "--tolerance", "x*=5%"], "no case of that name"),
    (["mine.py:f", "--base", "HEAD", "--tolerance", "2"], "'2' is not a share"),
    (["mine.py:f", "--base", "HEAD", "--alpha", "200%"], "--alpha is how often"),
    (["mine.py:f", "--base", "HEAD", "--budget", "0s"], "'0s' is not a duration"),
    (["mine.py:f", "--base", "HEAD", "--quantity", "tim"], "unknown quantity 'tim'; did you mean 'time'?"),
    (["mine.py:f", "--base", "HEAD", "--accept", "regressed"], "--accept takes no 'regressed'"),
    (["mine.py:f", "--base", "HEAD", "--strategy", "serail"], "unknown strategy 'serail'; did you mean 'serial'?"),
    (["mine.py:f", "--base-python", "/nowhere/python"], "/nowhere/python cannot be run: No such file or directory"),
    (["mine.py:f", "--base-python", "true"], "no Python true was found here"),
    (["mine.py:f", "--base", "HEAD", "--json", "--markdown", "-"], "both want standard output"),
]


@pytest.fixture(scope="module")
def small(tmp_path_factory):
    return revisions(tmp_path_factory.mktemp("small") / "mine", "def f(x): return x\n", "def f(x): return x\n")


@pytest.mark.many(5)
@pytest.mark.parametrize(("words", "said"), ONE_LINE, ids=[" ".join(words) for words, _ in ONE_LINE])
def test_wrong_usage_is_one_line(small, words, said, monkeypatch, capfd):
    monkeypatch.chdir(small)
    assert main(["check", *words]) == 2
    told = capfd.readouterr()
    line = told.err.splitlines()[-1]
    assert line.startswith("error: ")
    assert said in line
    assert len(told.err.splitlines()) == 1
    assert not told.out
    assert not list(small.glob("results/*"))


def test_help_shows_and_outside_of_a_repository_it_says_so(bench, tmp_path):
    help_text = bench("check", "--help").stdout
    assert "python -m bench check --base main" in help_text
    (tmp_path / "mine.py").write_text("")
    done = check(tmp_path, "--base", "HEAD", "mine.py", env={"GIT_CEILING_DIRECTORIES": str(tmp_path.parent)})
    assert done.returncode == 2
    assert done.stderr.startswith("error: --base needs a git repository")


# ------------------------------------------------------------------------------------------------------- interruptions


def pairs_in(folder):
    return sum(path.read_bytes().count(b'"arm":"head"') for path in folder.glob("results/*.jsonl"))


@pytest.fixture
def long(begin, tmp_path):
    """A check that stays undecided for long, and what must be as it was."""
    base = BEGINNING + "@w\ndef uneven(x):\n    time.sleep(random.SystemRandom().choice((0.001, 0.01)))\n    return x\n"
    folder = revisions(tmp_path / "mine", base, base + "# changed\n")
    before = standing(folder)
    command = begin("check", "--base", "HEAD", "mine.py", "--tolerance", "1%", "--budget", "10m", cwd=folder)
    return command, folder, before


@pytest.mark.long
def test_an_interruption_keeps_the_pairs_and_shows_what_they_say(long, bench):
    command, folder, before = long
    until(lambda: pairs_in(folder) >= 2, "no pairs")
    command.process.send_signal(signal.SIGINT)
    assert command.process.wait(30) == 130
    nothing_is_left(command.marker)
    path = only_run(folder)
    run = read(path)
    assert run.ending.status == "interrupted"
    told = [line for line in command.stderr().splitlines() if line.startswith("interrupted")]
    kept = len(run.blocks) // 2
    assert told == [
        f"interrupted: {kept} pairs are kept in results/{path.name}; finish it with: python -m bench check mine.py --resume results/{path.name}"
    ]
    assert "inconclusive" in command.stdout()
    shown = bench("report", str(path))
    assert "interrupted: these are the verdicts of what was measured until then" in " ".join(shown.stdout.split())
    assert standing(folder) == before


def supervisors_of(marker):
    """Those that have their program: one that was born a moment ago still has that of its parent."""
    commands = {pid: Path(f"/proc/{pid}/cmdline").read_bytes() for pid in started_by(marker)}
    return [pid for pid, command in commands.items() if b"bench.measure.supervisor.main" in command]


@pytest.mark.many(1)
@pytest.mark.parametrize("victim", ["command", "supervisors"])
def test_killed_in_the_middle_nothing_is_left(long, victim):
    command, folder, before = long
    until(lambda: pairs_in(folder) >= 1, "no pairs")
    if victim == "command":
        command.process.kill()
    else:
        kill(until(lambda: supervisors_of(command.marker), "no supervisor"))
    assert command.process.wait(30) == (-9 if victim == "command" else 3)
    nothing_is_left(command.marker)
    run = read(only_run(folder))
    assert (run.ending is None) == (victim == "command")
    assert judged(run).cases[0].verdict is (Verdict.INCONCLUSIVE if victim == "command" else Verdict.FAILED)
    assert standing(folder) == before


def test_a_setup_that_hangs_can_be_interrupted(begin, tmp_path):
    folder = revisions(tmp_path / "mine", "", "def f(x): return x\n")
    before = standing(folder)
    command = begin(
        "check", "--base", "HEAD", "mine.py:f", "--inputs", "1..3", "--setup", f"touch {tmp_path}/began; sleep 600",
        cwd=folder,
    )  # fmt: skip
    until((tmp_path / "began").exists, "no setup")
    command.process.send_signal(signal.SIGINT)
    assert command.process.wait(20) == 130
    assert command.stderr() == "interrupted\n"
    nothing_is_left(command.marker)
    assert standing(folder) == before


# --------------------------------------------------------------------------------------------------- verdicts of records

CASES = [builders.case(), builders.case("threads")]
FACTS = {"python": builders.PYTHON}


EXACT = builders.accounting(cpu=replace(builders.CPU_METHOD, below=1e-5, above=1e-5))


def gated(ratios, swapped=False, quantities=("time",), **changes):
    """A run of pairs of blocks of the first case, with these ratios of head to base; swapped, the arms change places."""
    arms = [Arm("base", "main", None, FACTS), Arm("head", "working tree", None, FACTS)]
    gate = Gate(arms, list(quantities), {each.key: 0.02 for each in CASES}, 0.01, 60.0, ["inconclusive"], **changes)
    blocks = []
    for number, ratio in enumerate(ratios):
        for name, slower in zip(("base", "head"), (ratio, 1.0) if swapped else (1.0, ratio), strict=True):
            walls = [0.02, *(0.01 * slower * (1 + each / 100) for each in range(3))]
            memory = int(1e7 * slower)
            blocks.append(builders.block(CASES[0], number, walls, memory, arm=name, accounting=EXACT))
    return builders.run(blocks, CASES, gate=gate)


MIRRORED = {Verdict.REGRESSED: Verdict.IMPROVED, Verdict.IMPROVED: Verdict.REGRESSED}
RATIOS = st.one_of(
    st.lists(st.floats(0.3, 3.0), min_size=1, max_size=40),
    st.tuples(st.floats(0.5, 2.0), st.lists(st.floats(0.98, 1.02), min_size=12, max_size=40)).map(
        lambda drawn: [drawn[0] * each for each in drawn[1]]
    ),
)


@QUICK
@given(RATIOS)
def test_swapped_arms_have_mirrored_verdicts(ratios):
    quantities = ("time", "cpu", "memory")
    for one, other in zip(
        judged(gated(ratios, quantities=quantities)).cases,
        judged(gated(ratios, swapped=True, quantities=quantities)).cases,
        strict=True,
    ):
        assert other.verdict == MIRRORED.get(one.verdict, one.verdict)
        sides = (one.base, other.head), (one.head, other.base)
        assert all(mine == its if mine is None else mine == pytest.approx(its, rel=1e-12) for mine, its in sides)
        assert one.needed == other.needed
        if one.ratio is not None:
            assert other.ratio.centre * one.ratio.centre == pytest.approx(1, abs=1e-12)
            if one.ratio.low is not None:
                assert other.ratio.low * one.ratio.high == pytest.approx(1, abs=1e-12)
                assert other.ratio.high * one.ratio.low == pytest.approx(1, abs=1e-12)


@QUICK
@given(st.lists(st.tuples(st.floats(0.2, 5.0), st.floats(0.2, 5.0)), min_size=1, max_size=12))
def test_the_times_beside_a_change_are_as_far_apart_as_it_says(pairs):
    base, head = zip(*pairs, strict=True)
    ratio = math.exp(statistics.median(math.log(other / one) for one, other in pairs))
    at_base, at_head = typical(base, head, ratio)
    assert at_head / at_base == pytest.approx(ratio)
    assert min(map(min, pairs)) * (1 - 1e-9) <= math.sqrt(at_base * at_head) <= max(map(max, pairs)) * (1 + 1e-9)


@pytest.mark.parametrize(
    ("ratios", "verdict", "status"),
    [
        ([2.0], Verdict.REGRESSED, 1),
        ([0.5], Verdict.IMPROVED, 0),
        ([1.001, 0.999], Verdict.EQUIVALENT, 0),
        ([1.01, 1.03], Verdict.INCONCLUSIVE, 0),
    ],
)
def test_pairs_that_agree_decide(ratios, verdict, status):
    found = judged(gated(ratios * (16 // len(ratios)), one_sided={CASES[1].key: "base"}))
    assert [each.verdict for each in found.cases] == [verdict, Verdict.MISSING]
    assert replace(found, cases=found.cases[:1]).exit_status == status
    assert found.exit_status == (1 if status else 3)


def test_what_is_known_beforehand_costs_no_power():
    """A case that is gone leaves the error rate to the one that is there."""
    alone = judged(gated([2.0] * 10, one_sided={CASES[1].key: "base"})).cases[0]
    beside = judged(gated([2.0] * 10)).cases[0]
    assert (alone.verdict, beside.verdict) == (Verdict.REGRESSED, Verdict.INCONCLUSIVE)


def test_where_one_block_of_a_pair_is_not_ok_the_case_failed():
    made = gated([1.0] * 20)
    bad = replace(made.blocks[7], outcome=Outcome.WRONG, reason="the result is 1, not 2", rounds=[])
    found = judged(replace(made, blocks=[*made.blocks[:7], bad, *made.blocks[8:]])).cases[0]
    assert (found.verdict, found.reason) == (Verdict.FAILED, "head: wrong: the result is 1, not 2")


@pytest.mark.parametrize(
    ("base", "head", "reason"),
    [
        (Result("a", "[1]"), Result("b", "[2]"), "the base gives [1], and the head [2]"),
        (Result("a", "[1…"), Result("b", "[1…"), "the sides give different results, which both look like [1…"),
        (Result("a", "[1]"), Result("a", "[1]"), ""),
        (None, Result("a", "[1]"), ""),
    ],
)
def test_results_that_differ_fail_the_case(base, head, reason):
    made = gated([1.0] * 20)
    first = [replace(made.blocks[0], result=base), replace(made.blocks[1], result=head)]
    found = judged(replace(made, blocks=[*first, *made.blocks[2:]])).cases[0]
    assert (found.verdict, found.reason) == (Verdict.FAILED if reason else Verdict.EQUIVALENT, reason)


def test_what_nobody_knows_of_a_quantity_fails():
    made = gated([1.0] * 20, quantities=("cpu",))
    blocks = [replace(each, rounds=[replace(one, cpu_s=None) for one in each.rounds]) for each in made.blocks]
    found = judged(replace(made, blocks=blocks)).cases[0]
    assert (found.verdict, found.reason) == (Verdict.FAILED, "CPU of the base is unknown")


def test_cpu_that_no_table_would_have_fails_and_memory_is_that_of_warm_rounds():
    made = gated([1.0] * 20, quantities=("cpu", "memory"))
    coarse = builders.accounting(cpu=replace(builders.CPU_METHOD, below=0.002, above=0.002))
    cold = [replace(each.rounds[0], peak_memory_bytes=10**9 * (1 + each.arm.count("h"))) for each in made.blocks]
    blocks = [
        replace(each, accounting=coarse, rounds=[first, *each.warm_rounds])
        for each, first in zip(made.blocks, cold, strict=True)
    ]
    cpu, memory = judged(replace(made, blocks=blocks)).cases[:2]
    assert (cpu.verdict, cpu.reason) == (Verdict.FAILED, f"CPU of the base is unknown: {TOO_COARSE}")
    assert (memory.verdict, [memory.base, memory.head]) == (Verdict.EQUIVALENT, pytest.approx([1e7, 1e7], rel=1e-12))


def test_what_is_said_on_the_way_is_what_is_said_in_the_end(tmp_path):
    made = gated([2.0] * 7 + [0.9] * 2 + [2.1] * 12)
    referee, said = GateReferee(made.header.plan), []
    for each in made.blocks:
        referee.add(each)
        said.append(referee.is_decided(CASES[0].key))
    assert said == sorted(said)
    assert said[-1]
    assert judged(read(builders.stored(made, tmp_path))).cases == referee.comparisons()

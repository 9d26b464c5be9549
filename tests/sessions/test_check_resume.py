"""`check --resume`: a check that was cut goes on with the pairs that are there, and only where both arms are as they were."""

import json
import shlex
import signal
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from bench.analysis.comparison import Verdict
from bench.analysis.judged import judged
from bench.records.run import Purpose
from bench.store.lines import to_line
from bench.store.runs import read
from tests.checkouts.test_worktrees import git
from tests.commands import nothing_is_left, until
from tests.conftest import only_run
from tests.sessions.test_check import check, pairs_in, revisions

BASE = "import time\ndef work(x):\n    time.sleep(0.002)\n    return x\n"
HEAD = BASE.replace("0.002", "0.005")
NAMED = ("mine.py:work", "--inputs", "1..3")
WORDS = ("--base", "HEAD", *NAMED)


def cut(begin, folder, how, *words):
    """A check that was ended after a few pairs: its file, and what it said."""
    command = begin("check", *words, "--budget", "10m", cwd=folder)
    until(lambda: pairs_in(folder) >= 2, "no pairs")
    command.process.send_signal(how)
    assert command.process.wait(60) == (130 if how == signal.SIGINT else -9)
    nothing_is_left(command.marker)
    return only_run(folder), command.stderr()


def whole_pairs(run):
    """The numbers of the pairs of which both blocks are there."""
    of_arms = [{each.repetition for each in run.blocks if each.arm == arm} for arm in ("base", "head")]
    return of_arms[0] & of_arms[1]


@pytest.mark.long
@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGKILL])
def test_a_check_that_was_cut_ends_with_the_verdicts_of_all_its_pairs(begin, tmp_path, how):
    folder = revisions(tmp_path / "mine", BASE, HEAD)
    path, said = cut(begin, folder, how, *WORDS)
    before = path.read_bytes()
    again = ["check", *NAMED, "--resume", f"results/{path.name}"]
    if how == signal.SIGINT:
        told = said.splitlines()[-1].partition("finish it with: ")[2]
        assert shlex.split(told) == ["python", "-m", "bench", *again]
    else:  # between the two blocks of a pair, and within a line
        lines = before.splitlines(keepends=True)
        base = max(number for number, line in enumerate(lines) if b'"arm":"base"' in line)
        before = b"".join(lines[: base + 1])
        path.write_bytes(before + lines[base][:50])
    done = check(folder, *again[1:], "--json")
    assert done.returncode == 1, done.stdout + done.stderr
    assert path.read_bytes().startswith(before), "what was there stays as it was"
    run = read(path)
    assert (run.ending.status, run.notes) == ("complete", [])
    assert run.ending.rounds_s == pytest.approx(sum(each.wall_s for block in run.blocks for each in block.rounds))
    assert len({(each.arm, each.repetition) for each in run.blocks}) == len(run.blocks)
    assert {each.arm for each in run.blocks} == {"base", "head"}
    pairs = whole_pairs(run)
    assert len(run.blocks) == 2 * len(pairs) + (how == signal.SIGKILL)
    assert sum(each.result is not None for each in run.blocks if each.repetition in pairs) == 2
    (case,) = judged(run).cases
    assert (case.verdict, case.ratio.n) == (Verdict.REGRESSED, len(pairs))
    assert [each["verdict"] for each in json.loads(done.stdout)["cases"]] == ["regressed"]
    complete = check(folder, *again[1:])
    assert (complete.returncode, complete.stderr.count("\n")) == (2, 1)
    assert "is complete: there is nothing to finish" in complete.stderr


@pytest.mark.long
def test_every_host_that_is_started_is_a_block(tmp_path):
    source = (
        "import os\nSEEN = []\ndef work(x):\n    if not SEEN:\n        SEEN.append(x)\n"
        "        with open(os.environ['HOSTS'], 'a') as file:\n            file.write(f'{os.getpid()}\\n')\n    return x\n"
    )
    folder = revisions(tmp_path / "mine", source, source + "\n")
    words = ("--base", "HEAD", "mine.py:work", "--inputs", "1..6", "--fresh-inputs", "--budget", "5s")
    done = check(folder, *words, env={"HOSTS": str(tmp_path / "hosts")})
    assert done.returncode in (0, 1), done.stderr
    assert len(set((tmp_path / "hosts").read_text().split())) == len(read(only_run(folder)).blocks)


@pytest.fixture(scope="module")
def stopped(tmp_path_factory):
    """A check that its time has ended after a pair: its folder, its file, and what is in it."""
    folder = revisions(tmp_path_factory.mktemp("stopped") / "mine", BASE, HEAD)
    done = check(folder, *WORDS, "--setup", "touch built", "--budget", "1ms", "--results", "results")
    assert done.returncode == 0, done.stderr
    path = only_run(folder)
    return folder, path, path.read_bytes()


@pytest.fixture
def refused(stopped):
    """Resumes it with these words, of another header perhaps: the one line that refuses it. The file stays as it is."""
    folder, path, there = stopped

    def resumed(*words, header=None):
        run = read(path)
        now = there if header is None else to_line(header(run.header)) + b"".join(there.splitlines(keepends=True)[1:])
        path.write_bytes(now)
        done = check(folder, *words, "--resume", str(path))
        assert path.read_bytes() == now
        path.write_bytes(there)
        assert (done.returncode, done.stderr.count("\n")) == (2, 1), done.stderr
        return done.stderr

    return resumed


AGAIN = (*NAMED, "--setup", "touch built")


def gate_with(**changes):
    return lambda header: replace(
        header, plan=replace(header.plan, gate=replace(header.plan.gate, **changes(header.plan.gate)))
    )


def with_base(**changes):
    def changed(header):
        gate = header.plan.gate
        arms = [replace(gate.arms[0], **changes), gate.arms[1]]
        return replace(header, plan=replace(header.plan, gate=replace(gate, arms=arms)))

    return changed


@pytest.mark.many(2)
@pytest.mark.parametrize(
    ("change", "said"),
    [
        (with_base(facts={"python": "cpython-2.7"}), "python of the base was cpython-2.7 and is "),
        (with_base(packages={"abacus": "0.1"}), "abacus of the base was 0.1 and is absent"),
        (with_base(commit="0" * 40), "--base " + "0" * 40 + ": there is no such revision here"),
        (lambda header: replace(header, tool="0.0.1"), "concurrency-bench was 0.0.1 and is "),
        (
            lambda header: replace(header, environment=replace(header.environment, cpu_model="Z80")),
            "cpu model was Z80 and is ",
        ),
        (
            lambda header: replace(header, plan=replace(header.plan, modules=header.plan.modules | {"base mine": "1"})),
            "the file of the module base mine has changed",
        ),
        (
            lambda header: replace(header, plan=replace(header.plan, gate=replace(header.plan.gate, setup=None))),
            "it was measured by a version that did not record what that takes",
        ),
    ],
)
def test_where_something_differs_it_is_refused(refused, change, said):
    assert said in refused(*AGAIN, header=change)


@pytest.mark.many(2)
@pytest.mark.parametrize(
    ("words", "said"),
    [
        ((), "check mine.py:work --inputs 1..3 --setup COMMAND --resume"),
        (NAMED, "check mine.py:work --inputs 1..3 --setup COMMAND --resume"),
        (AGAIN[:1] + AGAIN[3:], "check mine.py:work --inputs 1..3 --setup COMMAND --resume"),
        ((*NAMED, "--setup", "true"), "--setup is another command"),
        ((*AGAIN, "--head-python", sys.executable), "the interpreter of the head was this one and is "),
        (("mine.py:other", *AGAIN), "mine.py:other was not measured"),
        ((*AGAIN, "--tolerance", "5%", "--base", "HEAD"), "take away base, tolerance"),
    ],
)
def test_code_of_the_users_own_runs_only_where_they_name_it(refused, words, said):
    assert said in refused(*words)


def test_an_edit_or_another_commit_of_the_working_tree_is_seen(stopped, refused):
    folder, _, _ = stopped
    (folder / "mine.py").write_text(HEAD + "# more\n")
    assert "the file of mine.py:work has changed" in refused(*AGAIN)
    (folder / "mine.py").write_text(HEAD)
    git(folder, "commit", "--quiet", "--allow-empty", "--message", "another")
    assert "the commit of the head was " in refused(*AGAIN)
    git(folder, "reset", "--quiet", "--soft", "HEAD~1")


def test_each_command_names_the_one_that_finishes_a_file(stopped, bench, tmp_path):
    folder, path, there = stopped
    wrong = bench("run", *NAMED, "--resume", str(path), cwd=folder)
    assert (wrong.returncode, wrong.stderr.count("\n")) == (2, 1)
    assert f"holds a check; finish it with: python -m bench check mine.py:work --resume {path}" in wrong.stderr
    assert path.read_bytes() == there
    run = read(path)
    other = tmp_path / "run.jsonl"
    other.write_bytes(to_line(replace(run.header, plan=replace(run.header.plan, gate=None, purpose=Purpose.RANKING))))
    wrong = check(folder, *NAMED, "--resume", str(other))
    assert (wrong.returncode, wrong.stderr.count("\n")) == (2, 1)
    assert (
        f"holds a run and no check; finish it with: python -m bench run mine.py:work --resume {other}" in wrong.stderr
    )


@pytest.mark.long
def test_a_check_that_its_time_has_ended_gets_more(stopped):
    folder, path, there = stopped
    assert read(path).ending.status == "budget"
    assert "there is time for about 1 pair of each case, and at least 10 are needed to decide" in " ".join(
        check(folder, *WORDS, "--budget", "1ms", "--results", "elsewhere").stderr.split()
    )
    done = check(folder, *AGAIN, "--resume", str(path), "--budget", "100s")
    assert done.returncode == 1, done.stderr
    run = read(path)
    assert (run.ending.status, run.header.plan.gate.budget_s) == ("complete", 0.001)
    path.write_bytes(there)


@pytest.mark.long
def test_two_interpreters_are_named_again(begin, tmp_path):
    folder = tmp_path / "mine"
    folder.mkdir()
    (folder / "mine.py").write_text(BASE)
    pythons = ("--base-python", sys.executable, "--head-python", str(Path(sys.executable).parent / "python3"))
    path, said = cut(begin, folder, signal.SIGINT, *NAMED, *pythons, "--tolerance", "50%")
    told = shlex.split(said.splitlines()[-1].partition("finish it with: ")[2])
    assert told == ["python", "-m", "bench", "check", *NAMED, *pythons, "--resume", f"results/{path.name}"]
    unnamed = check(folder, *NAMED, "--resume", str(path))
    assert unnamed.returncode == 2
    assert (
        "runs only where you name it: python -m bench check mine.py:work --inputs 1..3 --base-python" in unnamed.stderr
    )
    done = check(folder, *told[4:])
    assert done.returncode == 0, done.stderr
    assert read(path).ending.status == "complete"

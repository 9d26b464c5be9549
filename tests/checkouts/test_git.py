"""Calls of git: nothing that a repository names is executed in a folder that is looked at, and no step outlives who wants it."""

import os
import re
import shutil
import signal
import stat
import subprocess
import sys
import time
from pathlib import Path

import pytest

from bench.checkouts import git as calls
from bench.checkouts import worktrees
from bench.errors import MeasurementError, UsageError
from bench.machine import environment
from tests.checkouts.test_worktrees import git, opened, repository, scratch, write  # noqa: F401 - fixtures
from tests.commands import nothing_is_left, until
from tests.conftest import environment as variables
from tests.conftest import started_by

WORK = """
from bench import workload
@workload(inputs=lambda size, rng: list(range(size)), scales={"standard": 3})
def work(x):
    return x
"""
HOOKS = ("post-checkout", "post-index-change", "reference-transaction", "pre-commit", "post-commit", "update")
SETTINGS = (
    *("core.fsmonitor", "core.pager", "core.editor", "core.sshCommand", "core.askPass", "core.gitProxy"),
    *("core.alternateRefsCommand", "diff.external", "diff.evil.textconv", "diff.evil.command", "gpg.program"),
    *("merge.evil.driver", "credential.helper", "sequence.editor", "alias.status", "alias.rev-parse", "pager.status"),
    *("uploadpack.packObjectsHook", "remote.origin.uploadpack", "interactive.diffFilter", "trailer.evil.command"),
)
FILTERS = ("filter.evil.clean", "filter.evil.smudge", "filter.evil.process")


def traps(folder, tmp_path, filters=FILTERS):
    """Set up all that git can be told to execute; gives the folder in which each leaves its name."""
    sprung = tmp_path / "sprung"
    sprung.mkdir(exist_ok=True)
    inside = folder / git(folder, "rev-parse", "--git-dir")
    for name in (*SETTINGS, *filters):
        trap = tmp_path / "traps" / name
        script(trap, f'#!/bin/sh\n: > "{sprung}/{name}"\nexec cat\n')
        git(folder, "config", name, str(trap))
    for name in HOOKS:
        script(inside / "hooks" / name, f'#!/bin/sh\n: > "{sprung}/hook-{name}"\n')
        script(folder / "own-hooks" / name, f'#!/bin/sh\n: > "{sprung}/hook-{name}"\n')
    git(folder, "config", "core.hooksPath", str(folder / "own-hooks"))
    git(folder, "config", "log.showSignature", "true")
    (inside / "info").mkdir(exist_ok=True)
    (inside / "info" / "attributes").write_text("* filter=evil diff=evil merge=evil\n")
    return sprung


def script(path, text):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    path.chmod(path.stat().st_mode | stat.S_IXUSR)


@pytest.fixture
def mine(tmp_path):
    folder = repository(tmp_path / "mine", {"mine.py": WORK, "other.py": "", ".gitignore": "results/\n"})
    write(folder, {"mine.py": WORK + "# changed"})
    git(folder, "commit", "-q", "-a", "-m", "two")
    return folder


@pytest.mark.long
@pytest.mark.parametrize(
    "words",
    [
        ("run", "mine.py", "--strategy", "serial", "--blocks", "1", "--rounds", "2"),
        ("check", "mine.py", "--base", "HEAD~1", "--budget", "1ms"),
        ("doctor",),
    ],
    ids=lambda words: words[0],
)
def test_nothing_that_a_repository_names_is_executed(bench, mine, tmp_path, words):
    sprung = traps(mine, tmp_path)
    write(mine, {"other.py": "x"})  # git has to look into what has changed
    done = bench(*words, cwd=mine)
    assert "Traceback" not in done.stderr
    may = set(FILTERS) if words[0] == "check" else set()  # who has files checked out wants them as git writes them
    assert {each.name for each in sprung.iterdir()} <= may


def test_looking_tells_the_commit_and_whether_there_are_changes_whatever_filters_there_are(mine, tmp_path, monkeypatch):
    monkeypatch.chdir(mine)
    commit = git(mine, "rev-parse", "HEAD")
    sprung = traps(mine, tmp_path)
    assert calls.look() == (commit, False)
    os.utime("mine.py")
    assert calls.look() == (commit, False)
    write(mine, {"mine.py": "x"})
    assert calls.look() == (commit, True)
    git(mine, "-c", "core.hooksPath=", "config", "filter.a=b.clean", "false")
    assert calls.look() is None, "a name that no option can take back"
    assert not list(sprung.iterdir())


def test_nothing_is_executed_in_submodules_either(mine, tmp_path, monkeypatch, scratch):  # noqa: F811
    inner = repository(tmp_path / "origin", {"a.py": "1"})
    git(mine, "-c", "protocol.file.allow=always", "submodule", "--quiet", "add", str(inner), "deep")
    git(mine, "commit", "-q", "-m", "inner")
    sprung = traps(mine / "deep", tmp_path, filters=())
    write(mine, {"deep/a.py": "2"})
    monkeypatch.chdir(mine)
    calls.look()
    with opened() as trees:
        assert (Path(trees.head.root) / "deep" / "a.py").read_text() == "2"
    assert not list(sprung.iterdir())


def test_looking_fetches_nothing_for_a_partial_clone(mine, tmp_path, monkeypatch):
    git(mine, "config", "uploadpack.allowFilter", "true")
    git(tmp_path, "-c", "protocol.file.allow=always", "clone", "-q", "--filter=blob:none", f"file://{mine}", "clone")
    clone = tmp_path / "clone"
    sprung = traps(clone, tmp_path)
    shutil.rmtree(clone / ".git" / "objects" / "pack")
    monkeypatch.chdir(clone)
    calls.look()
    assert not list(sprung.iterdir())


def test_a_hooks_variables_lead_nowhere_else(mine, tmp_path, monkeypatch):
    other = repository(tmp_path / "other", {"b.py": "1"})
    monkeypatch.chdir(mine)
    commit = git(mine, "rev-parse", "HEAD")
    monkeypatch.setenv("GIT_DIR", str(other / ".git"))
    monkeypatch.setenv("GIT_INDEX_FILE", str(other / ".git" / "index"))
    monkeypatch.setenv("GIT_OBJECT_DIRECTORY", str(tmp_path / "nowhere"))
    assert calls.look() == (commit, False)
    assert environment.describe({}, identify=False).git_commit == commit


def test_no_repository_and_no_git_are_no_commit(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert calls.look() is None
    monkeypatch.setenv("PATH", str(tmp_path))
    assert calls.look() is None


# ------------------------------------------------------------------------------------------------------------ slow steps


def slow(tmp_path, word, child="sleep 1000 &"):
    """A PATH with a git that says so and sleeps where `word` is one of its arguments, and has a child that sleeps, too."""
    real = shutil.which("git")
    script(
        tmp_path / "bin" / "git",
        f'#!/bin/sh\ncase " $* " in *" {word} "*) {child} : > "{tmp_path}/asleep"; exec sleep 1000;; esac\nexec {real} "$@"\n',
    )
    return f"{tmp_path / 'bin'}:{os.environ['PATH']}"


@pytest.mark.many(2)
@pytest.mark.parametrize(
    "number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGKILL], ids=lambda it: it.name
)
@pytest.mark.parametrize("word", ["add", "write-tree", "worktree", "ls-tree", "status"])
def test_git_is_ended_at_once_with_the_command(begin, mine, tmp_path, number, word):
    write(mine, {".env": "TOKEN=1"})
    killed_alone = (word, number) == ("status", signal.SIGKILL)  # the command itself is git's parent: git goes with it
    path = slow(tmp_path, word, "" if killed_alone else "sleep 1000 &")
    command = begin(
        *("check", "--base", "HEAD~1", "mine.py", "--budget", "1ms"),
        cwd=mine,
        env={"PATH": path, "TMPDIR": str(tmp_path)},
    )
    until((tmp_path / "asleep").exists, "git was not asked")
    began_s = time.monotonic()
    command.process.send_signal(number)
    status = command.process.wait(timeout=50)
    nothing_is_left(command.marker)
    assert time.monotonic() - began_s < 50
    if number == signal.SIGKILL:
        until(lambda: not list(tmp_path.glob("benchtmp-*")) or word == "worktree", "what was written is left")
    else:
        assert (status, command.stderr()) == (130, "interrupted\n")
        assert not list(tmp_path.glob("benchtmp-*"))
    assert "TOKEN" not in everything(mine / ".git")


def everything(folder):
    """All objects of a repository as text."""
    names = git(folder, "cat-file", "--batch-all-objects", "--batch-check=%(objecttype) %(objectname)").splitlines()
    return "".join(git(folder, "cat-file", "blob", each.split()[1]) for each in names if each.startswith("blob"))


def test_each_step_that_may_take_long_is_said_before_it_is_done_and_again(mine, tmp_path, monkeypatch, scratch):  # noqa: F811
    monkeypatch.chdir(mine)
    monkeypatch.setattr(worktrees, "_SAY_AGAIN_S", 0.01)
    said = []
    worktrees.Worktrees("HEAD~1", None, "sleep 0.3", progress=said.append).close()
    assert list(dict.fromkeys(said))[-5:] == [
        "reading the working tree",
        "checking out the base",
        "running --setup in the base",
        "checking out the head",
        "running --setup in the head",
    ]
    assert said.count("running --setup in the head") > 5


# ------------------------------------------------------------------------------------------------------------- revisions


@pytest.mark.many(10)
@pytest.mark.parametrize(
    ("revision", "said"),
    [
        ("^HEAD", "that is no single commit"),
        ("HEAD~1..HEAD", "that is a range"),
        ("HEAD~1...HEAD", "that is a range"),
        ("HEAD^!", "there is no such revision"),
        ("HEAD^@", "there is no such revision"),
        ("HEAD:mine.py", "that is a blob"),
        ("HEAD:", "that is a tree"),
        ("HEAD^{tree}", "that is a tree"),
        ("blob", "that is a tag of something else"),
        ("", "'': that is no name"),
        (" ", "' ': that is no name"),
        ("HEAD\0", "that is no name"),
        ("HEAD\nHEAD", "there is no such revision"),
        ("-x", "there is no such revision"),
        ("--all", "there is no such revision"),
        ("--output=/tmp/x", "there is no such revision"),
        ("0000", "there is no such revision"),
        ("0" * 40, "there is no such revision"),
        ("@{upstream}", "there is no such revision"),
        ("*", "there is no such revision"),
    ],
)
@pytest.mark.parametrize("option", ["--base", "--head"])
def test_what_is_no_single_commit_is_wrong_usage(mine, monkeypatch, scratch, revision, said, option):  # noqa: F811
    monkeypatch.chdir(mine)
    git(mine, "tag", "-a", "blob", "-m", "x", git(mine, "rev-parse", "HEAD:mine.py"))
    given = (revision, None) if option == "--base" else ("HEAD", revision)
    with pytest.raises(UsageError, match=f"^{option} [^\0]*{said}"), opened(*given):
        pass
    assert not list(scratch.iterdir())


@pytest.mark.parametrize("revision", ["HEAD~1", "@{0}", ":/one", "HEAD^{/one}", "v1", "main@{0}", "main"])
def test_every_way_to_name_a_commit_is_taken(mine, monkeypatch, scratch, revision):  # noqa: F811
    monkeypatch.chdir(mine)
    git(mine, "tag", "-a", "v1", "-m", "one")
    with opened(revision, "HEAD") as trees:
        assert trees.base.commit == git(mine, "rev-list", "-1", revision)


@pytest.mark.parametrize(
    "words",
    [
        *(["all"], ["run", "primes"], ["report"], ["check", "x.py", "--base", "HEAD"], ["compare", "a", "b"]),
        *(["export", "a"], ["history"], ["prove-gate"], ["faults"], ["explain", "few_blocks"], ["list"], ["doctor"]),
        *(["--help"], ["--version"], []),
    ],
    ids=" ".join,
)
def test_without_a_current_folder_every_command_is_one_line(tmp_path, words):
    gone = tmp_path / "gone"
    gone.mkdir()
    done = subprocess.run(
        ["/bin/sh", "-c", 'rmdir "$PWD" && exec "$@"', "sh", sys.executable, "-m", "bench", *words],
        cwd=gone, env=variables(), capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "error: the current folder was removed; change to one that exists\n"
    assert not started_by(str(gone))


@pytest.mark.parametrize("words", [["run", "mine.py:f"], ["list"], ["report"]], ids=" ".join)
def test_a_current_folder_of_a_path_that_cannot_be_opened_is_one_line(tmp_path, words):
    deeper = 'i=0; while [ $i -lt 60 ]; do mkdir -p $0 && cd -P $0 || exit 9; i=$((i + 1)); done; exec "$@"'
    done = subprocess.run(
        ["/bin/sh", "-c", deeper, "d" * 100, sys.executable, "-m", "bench", *words],
        cwd=tmp_path, env=variables(), capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    subprocess.run(["rm", "-rf", tmp_path / ("d" * 100)], check=True)
    assert (done.returncode, done.stdout) == (2, "")
    assert re.fullmatch(
        r"error: the current folder has a path of 6\d\d\d characters, more than this system opens; change to a shorter one\n",
        done.stderr,
    )


def test_a_git_that_is_killed_is_told_on_one_line(mine, tmp_path, monkeypatch):
    script(tmp_path / "programs" / "git", "#!/bin/sh\nkill -9 $$\n")
    monkeypatch.setenv("PATH", str(tmp_path / "programs"), prepend=os.pathsep)
    with pytest.raises(MeasurementError, match="^git status failed: it was ended by SIGKILL$"):
        calls.git("status")


def kill_git_at(question, tmp_path, monkeypatch):
    """From now on a git that is asked this is killed."""
    real = shutil.which("git")
    lines = f'#!/bin/sh\ncase "$*" in *"{question}"*) kill -9 $$;; esac\nexec {real} "$@"\n'
    script(tmp_path / "programs" / "git", lines)
    monkeypatch.setenv("PATH", str(tmp_path / "programs"), prepend=os.pathsep)


def test_looking_executes_no_filter_where_git_was_killed_before_it_named_them(mine, tmp_path, monkeypatch):
    monkeypatch.chdir(mine)
    sprung = traps(mine, tmp_path)
    write(mine, {"other.py": "x"})
    kill_git_at("config --null", tmp_path, monkeypatch)
    assert calls.look() is None
    assert not list(sprung.iterdir())


@pytest.mark.parametrize("question", ["rev-parse --show-toplevel", "rev-parse --verify", "cat-file -t"])
def test_a_git_that_is_killed_has_not_said_no(mine, tmp_path, monkeypatch, question):
    """That there is no repository, or no such revision, is not known then; and the command was no wrong one."""
    kill_git_at(question, tmp_path, monkeypatch)
    with pytest.raises(MeasurementError, match=r"^git [a-z-]+ failed: it was ended by SIGKILL$"):
        worktrees.Worktrees("HEAD", None, None)

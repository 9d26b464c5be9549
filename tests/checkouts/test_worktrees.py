"""Checkouts of two revisions: what is in them, and that the user's repository is as it was, whatever happens."""

import contextlib
import glob
import hashlib
import os
import re
import shutil
import signal
import subprocess
import tempfile
import time
from pathlib import Path

import pytest

from bench.checkouts.worktrees import Worktrees
from bench.errors import MeasurementError, UsageError
from bench.machine.guardian import adopting
from tests.commands import kill, nothing_is_left, until
from tests.conftest import started_by

AUTHOR = ("-c", "user.name=a", "-c", "user.email=a@example.org")


def git(folder, *arguments, **more):
    done = subprocess.run(
        ["git", "--no-optional-locks", *AUTHOR, *arguments],
        cwd=folder,
        env=os.environ | more,
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout.rstrip("\n")


def repository(folder, files):
    """A repository with one commit of these files."""
    folder.mkdir(parents=True, exist_ok=True)
    write(folder, files)
    git(folder, "init", "-q", "-b", "main")
    git(folder, "add", "--all")
    git(folder, "commit", "-q", "-m", "one")
    return folder


def write(folder, files):
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)


def standing(folder):
    """All that must be as it was: each file's bytes and time, the index, the stash, branches, settings, worktrees."""
    files = {
        str(path): (path.stat().st_mtime_ns, hashlib.sha256(path.read_bytes()).hexdigest())
        for path in sorted(folder.rglob("*"))
        if path.is_file() and ".git/objects" not in str(path) and "results" not in path.parts
    }
    told = [git(folder, *words) for words in (
        ("status", "--porcelain", "--ignored"), ("stash", "list"), ("for-each-ref",), ("worktree", "list"),
    )]  # fmt: skip
    return files, [line for line in "\n".join(told).splitlines() if "results/" not in line]


@pytest.fixture
def scratch(tmp_path, monkeypatch):
    """Where the tool's folders are made, of this test alone."""
    folder = tmp_path / "tmp"
    folder.mkdir()
    monkeypatch.setenv("TMPDIR", str(folder))
    monkeypatch.setattr(tempfile, "tempdir", None)
    yield folder
    monkeypatch.setattr(tempfile, "tempdir", None)


@pytest.fixture
def mine(tmp_path, scratch, monkeypatch):
    """A repository with a folder in it, with changes of all kinds, and a stash; the current folder."""
    folder = repository(
        tmp_path / "mine", {"a.py": "1", "inner/b.py": "1", "staged.py": "1", "gone.py": "1", ".gitignore": "*.log"}
    )
    write(folder, {"a.py": "stashed"})
    git(folder, "stash")
    write(folder, {"a.py": "changed", "new/c.py": "1", "x.log": "1", "staged.py": "2"})
    git(folder, "add", "staged.py")
    (folder / "gone.py").unlink()
    monkeypatch.chdir(folder)
    return folder


@contextlib.contextmanager
def opened(base="HEAD", head=None, setup=None):
    trees = Worktrees(base, head, setup)
    try:
        yield trees
    finally:
        trees.close()


def contents(checkout):
    root = Path(checkout.root)
    return {
        str(path.relative_to(root)): path.read_text()
        for path in root.rglob("*")
        if path.is_file() and ".git" not in path.parts
    }


def test_the_head_is_the_working_tree_as_it_is_and_the_base_a_commit(mine, scratch):
    before = standing(mine)
    with opened() as trees:
        assert contents(trees.base) == {
            "a.py": "1", "inner/b.py": "1", "staged.py": "1", "gone.py": "1", ".gitignore": "*.log"
        }  # fmt: skip
        assert contents(trees.head) == {
            "a.py": "changed", "inner/b.py": "1", "staged.py": "2", "new/c.py": "1", ".gitignore": "*.log"
        }  # fmt: skip
        assert trees.base.commit == trees.head.commit == git(mine, "rev-parse", "HEAD")
        assert (trees.base.dirty, trees.head.dirty) == (False, True)
        assert len(trees.base.root) == len(trees.head.root)
        assert trees.base.top == str(mine)
    assert standing(mine) == before
    assert not list(scratch.iterdir())
    assert not (mine / ".git" / "worktrees").exists()


def test_equal_contents_have_equal_names(mine):
    with opened(head="HEAD") as trees:
        assert trees.base.tree == trees.head.tree
        assert not trees.head.dirty
    git(mine, "add", "--all")
    git(mine, "commit", "-q", "-m", "two")
    with opened() as trees:
        assert trees.base.tree == trees.head.tree
        assert not trees.head.dirty


def test_in_a_folder_of_the_repository(mine, monkeypatch):
    monkeypatch.chdir(mine / "new")  # which the base has not
    with opened() as trees:
        assert trees.head.folder == os.path.join(trees.head.root, "new")
        assert os.listdir(trees.head.folder) == ["c.py"]
        assert os.listdir(trees.base.folder) == []


def test_a_git_that_is_killed_while_it_removes_a_worktree_leaves_none(mine, tmp_path, monkeypatch, scratch):
    before, real, program = standing(mine), shutil.which("git"), tmp_path / "bin" / "git"
    program.parent.mkdir()
    program.write_text(
        f'#!/bin/sh\ncase "$*" in *"worktree remove"*) mkdir {tmp_path}/killed && kill -9 $$;; esac\nexec {real} "$@"\n'
    )
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{program.parent}:{os.environ['PATH']}")
    with opened():
        pass
    assert (tmp_path / "killed").is_dir()
    assert standing(mine) == before
    assert not list(scratch.iterdir())


def test_paths_with_spaces_and_letters_of_all_kinds(tmp_path, scratch, monkeypatch):
    folder = repository(tmp_path / "a b 'c\" ü 文", {"ä ö/d.py": "1"})
    monkeypatch.chdir(folder / "ä ö")
    write(folder, {"ä ö/é.py": "2"})
    with opened() as trees:
        assert sorted(os.listdir(trees.head.folder)) == ["d.py", "é.py"]
    assert not list(scratch.iterdir())


def test_what_is_no_repository_or_no_revision_is_said(mine, tmp_path, monkeypatch):
    for words in ((("nowhere", None), "--base nowhere"), (("HEAD", "--nowhere"), "--head --nowhere")):
        with pytest.raises(UsageError, match=f"{words[1]}: there is no such revision here$"):
            Worktrees(*words[0], None)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    with pytest.raises(UsageError, match="--base needs a git repository: .*not a git repository"):
        Worktrees("HEAD", None, None)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(UsageError, match="--base needs git, and there is none here"):
        Worktrees("HEAD", None, None)


def test_a_shallow_clone_gets_a_hint(mine, tmp_path, monkeypatch):
    git(mine, "commit", "-q", "-m", "two")
    git(tmp_path, "clone", "-q", "--depth", "1", f"file://{mine}", "clone")
    monkeypatch.chdir(tmp_path / "clone")
    with pytest.raises(UsageError, match=r"--base HEAD~1: .* this clone is shallow: fetch all of it \(fetch-depth: 0"):
        Worktrees("HEAD~1", None, None)


def test_an_empty_repository_has_no_revision(tmp_path, scratch, monkeypatch):
    git(tmp_path, "init", "-q", "empty")
    monkeypatch.chdir(tmp_path / "empty")
    with pytest.raises(UsageError, match="there is no such revision"):
        Worktrees("HEAD", None, None)


def test_no_hook_is_run(mine, tmp_path):
    for name in ("post-checkout", "pre-commit", "reference-transaction", "post-index-change"):
        hook = mine / ".git" / "hooks" / name
        hook.parent.mkdir(exist_ok=True)
        hook.write_text(f"#!/bin/sh\ntouch '{tmp_path}/hook-{name}'\n")
        hook.chmod(0o755)
    git(tmp_path, "worktree", "list", GIT_DIR=str(mine / ".git"))
    with opened():
        pass
    assert not list(tmp_path.glob("hook-*"))


@pytest.mark.long
@pytest.mark.parametrize("index", ["{}/.git/index", ".git/index"])
def test_within_a_hook_the_users_index_is_not_written(mine, monkeypatch, index):
    """git sets these for a pre-commit hook, and `git worktree add` writes into the index that is named there."""
    git(mine, "commit", "-q", "-m", "two")
    before = standing(mine)
    monkeypatch.setenv("GIT_DIR", ".git")
    monkeypatch.setenv("GIT_INDEX_FILE", index.format(mine))
    with opened("HEAD~1", setup="git rm -q --cached a.py") as trees:
        assert contents(trees.head)["a.py"] == "changed"
    monkeypatch.delenv("GIT_DIR")
    monkeypatch.delenv("GIT_INDEX_FILE")
    assert standing(mine) == before


def test_a_change_that_only_the_contents_show_is_in_the_head(tmp_path, scratch, monkeypatch):
    """Of the same size, within the same tick as the index: git has to look into the file."""
    folder = repository(tmp_path / "mine", {"a.py": "1"})
    git(folder, "config", "core.trustctime", "false")
    at_ns = (10**18, 10**18)
    os.utime(folder / "a.py", ns=at_ns)
    git(folder, "add", "--renormalize", "a.py")
    git(folder, "update-index", "--really-refresh")
    write(folder, {"a.py": "2"})
    os.utime(folder / "a.py", ns=at_ns)
    os.utime(folder / ".git" / "index", ns=at_ns)
    monkeypatch.chdir(folder)
    with opened() as trees:
        assert contents(trees.head) == {"a.py": "2"}


def test_setup_builds_both_in_their_folders(mine, monkeypatch):
    monkeypatch.chdir(mine / "inner")
    with opened(setup="cat b.py > built && pwd > where && cat") as trees:
        for each in (trees.base, trees.head):
            assert Path(each.folder, "built").read_text() == "1"
            assert Path(each.folder, "where").read_text().strip() == os.path.join(each.root, "inner")
    assert not (mine / "inner" / "built").exists()


@pytest.mark.many(1)
@pytest.mark.parametrize(
    ("setup", "said"),
    [
        ("echo all is; echo lost >&2; exit 5", "in the base (exited with status 5): all is lost"),
        ("test -f gone.py", "in the head (exited with status 1): it said nothing"),
        ("kill -9 $$", "in the base (was ended by SIGKILL): it said nothing"),
        ("yes no | head -c 9999; exit 1", "no no no"),
    ],
)
def test_a_setup_that_fails_says_where_and_its_last_words(mine, scratch, setup, said):
    before = standing(mine)
    with pytest.raises(MeasurementError, match=re.escape(said)) as found:
        Worktrees("HEAD", None, setup)
    assert str(found.value).startswith("--setup failed")
    assert len(str(found.value)) < 500
    assert standing(mine) == before
    assert not list(scratch.iterdir())


def test_a_lost_worktree_of_ours_is_forgotten_and_one_of_the_users_is_not(mine, tmp_path, scratch):
    for name in ("lost", "locked", "benchtmp-9/base"):
        git(mine, "worktree", "add", "-q", "--detach", str(tmp_path / name))
    git(mine, "worktree", "lock", str(tmp_path / "locked"))
    for name in ("lost", "locked", "benchtmp-9"):
        shutil.rmtree(tmp_path / name)
    with opened():
        pass
    left = git(mine, "worktree", "list", "--porcelain")
    assert f"worktree {tmp_path}/lost\n" in left
    assert f"worktree {tmp_path}/locked\n" in left
    assert "benchtmp-" not in left


def test_where_the_child_is_killed_everything_is_removed_all_the_same(mine, scratch):
    before = standing(mine)
    with opened() as trees:
        assert len(list(scratch.iterdir())) == 1
        trees._child.process.kill()
        os.waitid(os.P_PID, trees._child.process.pid, os.WEXITED | os.WNOWAIT)
        with adopting():  # as whatever starts a process meanwhile: it looks who is there
            pass
    assert standing(mine) == before
    assert not list(scratch.iterdir())


PROGRAM = """
import sys
from bench.processes import interruption
from bench.checkouts.worktrees import Worktrees
interruption.install()
with interruption.held():
    trees = Worktrees("HEAD", None, sys.argv[1])
    try:
        print("there", flush=True)
        interruption.wait([])
    except interruption.Interrupted:
        pass
    finally:
        trees.close()
"""
SLOW = "echo $$ > started; sleep 600 & sleep 600"


def begun(begin, mine, setup):
    """A program that has both checkouts, or is in the middle of the base's `setup`."""
    program = ("-c", PROGRAM)
    return begin(setup, program=program, cwd=mine)


def until_checked_out(command, scratch):
    """Wait until it is; whatever it makes on the way has to be where a sweep would find it."""

    def is_it():
        folders = [each.name for each in os.scandir(scratch) if each.is_dir()]  # `tempfile` tries it with a file
        assert all(name.startswith("benchtmp-") for name in folders), folders
        return command.stdout() or glob.glob(f"{scratch}/*/*/base/started")  # folders may vanish under it

    until(is_it, "no checkout")


@pytest.mark.many(1)
@pytest.mark.parametrize("setup", ["true", SLOW], ids=["ready", "in setup"])
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL], ids=["int", "term", "kill"])
def test_however_the_command_ends_nothing_is_left(begin, mine, scratch, setup, number):
    before = standing(mine)
    command = begun(begin, mine, setup)
    until_checked_out(command, scratch)
    command.process.send_signal(number)
    command.process.wait(20)
    nothing_is_left(command.marker, 10)
    assert not list(scratch.iterdir())
    assert standing(mine) == before


@pytest.mark.parametrize("setup", ["true", SLOW], ids=["ready", "in setup"])
def test_however_the_child_ends_nothing_is_left(begin, mine, scratch, setup):
    before = standing(mine)
    command = begun(begin, mine, setup)
    until_checked_out(command, scratch)
    (folder,) = scratch.iterdir()
    os.kill(int(folder.name.removeprefix("benchtmp-")), signal.SIGKILL)
    time.sleep(0.05)
    command.process.send_signal(signal.SIGINT)
    command.process.wait(20)
    nothing_is_left(command.marker, 10)
    assert not list(scratch.iterdir())
    assert standing(mine) == before


def test_where_both_are_killed_the_next_one_removes_everything(begin, mine, scratch):
    before = standing(mine)
    command = begun(begin, mine, "true")
    until(command.stdout, "no checkout")
    kill(started_by(command.marker))
    command.process.wait(20)
    nothing_is_left(command.marker)
    assert list(scratch.iterdir())

    def the_next_one_does():
        with opened():
            is_its_own = len(list(scratch.iterdir())) == 1
        return is_its_own and not list(scratch.iterdir()) and standing(mine) == before

    # a killed process holds its locks a moment longer than it has an environment
    until(the_next_one_does, "a folder stays, or git knows one", 20)


def test_two_at_a_time_do_not_disturb_each_other(mine, scratch):
    before = standing(mine)
    with opened() as one, opened("HEAD", "HEAD") as other:
        assert contents(one.head)["a.py"] == "changed"
        one.close()
        assert contents(other.head)["a.py"] == "1"
    assert standing(mine) == before
    assert not list(scratch.iterdir())

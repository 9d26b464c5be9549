"""`check` in repositories as people have them: files that git ignores, submodules, repositories in others, results in the tree."""

import json
import os
import re
from pathlib import Path

import pytest

from bench.store.runs import read
from tests.checkouts.test_worktrees import contents, git, mine, opened, repository, scratch, write  # noqa: F401 - fixtures
from tests.commands import kill, nothing_is_left, until
from tests.conftest import started_by
from tests.outside import as_nobody, give_to_nobody, in_own_process
from tests.sessions.test_check import check

WORK = """
from bench import workload
{}
@workload(inputs=lambda size, rng: list(range(size)), scales={{"standard": 3}})
def work(x):
    {}
    return x
"""
QUICK = ("--base", "HEAD", "mine.py", "--budget", "1s")


@pytest.fixture
def here(scratch, tmp_path, monkeypatch):  # noqa: F811
    """An empty folder, which is the current one, for a repository of the test's."""
    folder = tmp_path / "here"
    folder.mkdir()
    monkeypatch.chdir(folder)
    return folder


def objects(folder):
    return sorted(str(path) for path in (folder / ".git").rglob("*") if path.is_file())


def with_submodule(folder, path, files, **config):
    """A repository inside of another, as `git submodule add` leaves it, and a commit with it."""
    inner = repository(folder.parent / f"origin-{Path(path).name}", files)
    git(folder, "-c", "protocol.file.allow=always", "submodule", "--quiet", "add", str(inner), path)
    for name, value in config.items():
        git(folder, "config", "-f", ".gitmodules", f"submodule.{path}.{name}", value)
    git(folder, "add", "--all")
    git(folder, "commit", "-q", "-m", "inner")
    return folder / path


# --------------------------------------------------------------------------------------------------------- ignored files


@pytest.mark.many(1)
@pytest.mark.parametrize(
    ("imports", "body", "ignored"),
    [
        ("import pack._version", "", "pack/_version.py"),
        ("from pack import _fast", "", "pack/_fast.cpython-311-x86_64-linux-gnu.so"),
        ("import generated.tables", "", "generated/tables.py"),
        ("open('data/words.txt')", "", "data/words.txt"),
        ("", "open('data/words.txt').close()", "data/words.txt"),
        ("import os", "open(os.path.join(os.path.dirname(__file__), 'more.bin')).close()", "more.bin"),
    ],
)
def test_what_git_ignores_is_named_with_what_to_do(here, imports, body, ignored):
    repository(here, {
        "mine.py": WORK.format(imports, body), "pack/__init__.py": "", ".gitignore": f"/{ignored}\nresults/\n"
    })  # fmt: skip
    write(here, {ignored: ""})
    done = check(here, *QUICK)
    assert done.returncode in (2, 3), done.stdout + done.stderr
    said = " ".join((done.stdout + done.stderr).split())
    assert f"git ignores {ignored}, so the checkout has none; make it there with --setup 'COMMAND'" in said
    assert "pip install" not in said


def test_a_whole_file_of_workloads_that_git_ignores_is_named(here):
    repository(here, {"other.py": "", ".gitignore": "mine.py\nresults/\n"})
    write(here, {"mine.py": WORK.format("", "")})
    done = check(here, *QUICK)
    assert done.returncode == 2
    assert done.stderr.endswith(
        "there is no file mine.py; git ignores mine.py, so the checkout has none; make it there with --setup 'COMMAND'\n"
    )


def test_what_is_missing_for_another_reason_is_not_put_down_to_git(here):
    repository(here, {"mine.py": WORK.format("import absent_package", ""), ".gitignore": "*.log\nresults/\n"})
    write(here, {"x.log": ""})
    done = check(here, *QUICK)
    assert done.returncode == 2
    assert done.stderr.endswith("needs the module 'absent_package'; pip install it\n")


def test_an_extension_that_was_built_in_place_is_noted_though_the_package_runs_without_it(mine):  # noqa: F811
    write(mine, {".gitignore": "*.log\n*.so\nbuild/", "inner/_fast.abi3.so": "", "build/other.so": ""})
    with opened() as trees:
        assert trees.notes == [
            "git ignores inner/_fast.abi3.so: neither checkout has such a module; build it with --setup 'COMMAND'"
        ]
    with opened(setup="mkdir -p inner; touch inner/_fast.abi3.so") as trees:
        assert trees.notes == []


# ------------------------------------------------------------------------------------------------------------ submodules


def test_checkouts_have_what_is_in_submodules_from_the_users_own_clones(here):
    repository(here, {"a.py": "1"})
    lib = with_submodule(here, "vendor/lib", {"lib.py": "1"})
    deep = with_submodule(lib, "deep", {"deep.py": "1"})
    git(here, "add", "--all")
    git(here, "commit", "-q", "-m", "deep")
    git(lib, "tag", "v1")
    before = objects(here)
    with opened() as trees:
        for each in (trees.base, trees.head):
            found = contents(each)
            assert (found["vendor/lib/lib.py"], found["vendor/lib/deep/deep.py"]) == ("1", "1")
            assert git(os.path.join(each.root, "vendor/lib"), "describe", "--tags", "--dirty") == "v1"
            assert git(each.root, "status", "--porcelain") == ""
        assert trees.base.tree == trees.head.tree
        assert not trees.head.dirty
    assert deep.is_dir()
    assert objects(here) == before


@pytest.mark.many(2)
@pytest.mark.parametrize("ignore", [None, "all", "dirty"])
@pytest.mark.parametrize("committed", [False, True])
def test_a_change_inside_of_a_submodule_is_a_change_of_the_head(here, ignore, committed):
    repository(here, {"a.py": "1"})
    lib = with_submodule(here, "lib", {"lib.py": "1"}, **({"ignore": ignore} if ignore else {}))
    write(lib, {"lib.py": "2", "new.py": "2"})
    if committed:
        git(lib, "add", "--all")
        git(lib, "commit", "-q", "-m", "two")
    before, status = objects(here), git(here, "status", "--porcelain", "--ignore-submodules=none")
    with opened() as trees:
        assert contents(trees.base)["lib/lib.py"] == "1"
        assert (contents(trees.head)["lib/lib.py"], contents(trees.head)["lib/new.py"]) == ("2", "2")
        assert trees.base.tree != trees.head.tree
        assert trees.head.dirty
    assert objects(here) == before
    assert git(here, "status", "--porcelain", "--ignore-submodules=none") == status


@pytest.mark.long
def test_a_slower_submodule_regresses(here):
    source = "import time\ndef f():\n    time.sleep({})\n"
    beginning = "import os, sys\nsys.path.insert(0, os.path.join(os.path.dirname(__file__), 'lib'))\nimport slow"
    repository(here, {"mine.py": WORK.format(beginning, "slow.f()"), ".gitignore": "results/\n__pycache__/\n"})
    lib = with_submodule(here, "lib", {"slow.py": source.format(0.001), ".gitignore": "__pycache__/\n"})
    write(lib, {"slow.py": source.format(0.01)})
    done = check(here, "--base", "HEAD", "mine.py", "--budget", "60s", "--json")
    found = json.loads(done.stdout)
    assert [each["verdict"] for each in found["cases"]] == ["regressed"], done.stderr
    assert not any("same code" in note for note in found["notes"])


def test_a_commit_that_the_users_clone_lacks_is_said(here):
    repository(here, {"a.py": "1"})
    lib = with_submodule(here, "lib", {"lib.py": "1"})
    git(here, "update-index", "--cacheinfo", f"160000,{'1' * 40},lib")
    git(here, "commit", "-q", "-m", "of another clone")
    assert lib.is_dir()
    with opened() as trees:
        assert "lib/lib.py" not in contents(trees.base)
        assert contents(trees.head)["lib/lib.py"] == "1"
        (note,) = trees.notes
    assert re.match(
        r"the checkout of \w{8} has nothing in lib: your clone of it lacks the commit 11111111; fetch it", note
    )


def test_a_submodule_that_is_not_there_is_left_empty(here, tmp_path, monkeypatch):
    repository(here, {"a.py": "1"})
    with_submodule(here, "lib", {"lib.py": "1"})
    git(tmp_path, "clone", "-q", str(here), "clone")
    monkeypatch.chdir(tmp_path / "clone")
    with opened() as trees:
        assert not any(each.startswith("lib/") for each in contents(trees.head))
        assert trees.base.tree == trees.head.tree
        assert trees.notes == []


def test_setup_may_update_submodules_as_ever(here):
    repository(here, {"a.py": "1"})
    with_submodule(here, "lib", {"lib.py": "1"})
    config = (here / ".git/config").read_text(), (here / ".git/modules/lib/config").read_text()
    with opened(setup="git submodule update --init") as trees:
        assert contents(trees.head)["lib/lib.py"] == "1"
    assert config == ((here / ".git/config").read_text(), (here / ".git/modules/lib/config").read_text())


# -------------------------------------------------------------------------------------------- repositories that git keeps not


@pytest.mark.parametrize("commits", [0, 1])
def test_a_repository_that_git_does_not_keep_is_left_out_with_a_note(mine, commits):  # noqa: F811
    nested = mine / "some where" / "nested"
    repository(nested, {"n.py": "1"})
    if not commits:
        git(nested, "update-ref", "-d", "HEAD")
    with opened() as trees:
        assert contents(trees.head)["a.py"] == "changed"
        assert not any("nested" in each for each in contents(trees.head))
        assert trees.notes == [
            "some where/nested/ is a repository of its own that git does not keep here: it is in neither checkout"
        ]


def test_a_file_that_cannot_be_read_is_left_out_with_a_note(everybodys):
    """By a user without rights, because root may read everything."""
    theirs = repository(everybodys / "theirs", {"a.py": "1"})
    (theirs / "secret").touch(0)
    give_to_nobody(theirs)
    body = """
        os.chdir(sys.argv[1])
        os.environ |= {"HOME": sys.argv[1], "TMPDIR": sys.argv[2]}
        from bench.checkouts.worktrees import Worktrees
        trees = Worktrees("HEAD", None, None)
        answer(trees.notes)
        trees.close()
    """
    notes = in_own_process(body, theirs, everybodys, before=as_nobody(everybodys))
    assert notes == ["secret cannot be read, and git does not keep it: it is in neither checkout"]


# ------------------------------------------------------------------------------------------------- the user's own .git


def test_the_objects_of_a_working_tree_stay_out_of_the_users_repository(mine):  # noqa: F811
    (mine / "large").write_bytes(os.urandom(5_000_000))
    before = objects(mine)
    with opened() as trees:
        assert (Path(trees.head.root) / "large").stat().st_size == 5_000_000
        git(mine, "fsck", "--full")
        git(mine, "gc", "-q", "--prune=now")  # what a user may do meanwhile
        assert git(trees.head.root, "rev-parse", "HEAD") == trees.head.commit
        assert git(trees.head.root, "status", "--porcelain").splitlines() == [
            " M a.py", " D gone.py", "M  staged.py", "?? large", "?? new/"
        ]  # fmt: skip
    git(mine, "fsck", "--full")
    assert sum(path.stat().st_size for path in (mine / ".git").rglob("*") if path.is_file()) < 1_000_000
    assert len(objects(mine)) <= len(before)


def test_what_is_killed_leaves_no_objects_there_either(begin, mine, scratch):  # noqa: F811
    (mine / "large").write_bytes(os.urandom(5_000_000))
    before = objects(mine)
    command = begin("check", "--base", "HEAD", "a.py", "--setup", "echo > started; sleep 600", cwd=mine)
    until(lambda: list(scratch.glob("*/*/base/started")), "no checkout")
    kill(started_by(command.marker))
    command.process.wait(20)
    nothing_is_left(command.marker)

    def the_next_one_sweeps():
        with opened():
            pass
        return objects(mine) == before and not list(scratch.iterdir())

    (mine / "results").rmdir()
    until(the_next_one_sweeps, "something stays", 20)


@pytest.mark.long
def test_what_a_check_wrote_is_no_change_of_the_next_ones_head(here):
    repository(here, {"mine.py": WORK.format("", ""), ".gitignore": "__pycache__/\n", "kept/old.jsonl": "1"})
    for results in ("results", "kept"):
        for _ in range(2):
            done = check(here, *QUICK, "--results", results, "--junit", "out.xml", "--markdown", "of.md")
            assert done.returncode == 0, done.stderr
            assert "base and head have the same code" in done.stdout
        path = max((here / results).glob("2*.jsonl"), key=lambda each: each.stat().st_mtime_ns)
        assert not read(path).header.plan.gate.arms[1].commit.endswith("+")
    write(here, {"kept/old.jsonl": "2"})
    with opened() as trees:
        assert contents(trees.head)["kept/old.jsonl"] == "2"
        assert trees.head.dirty


def test_the_tools_reports_are_no_change_and_the_users_are(mine):  # noqa: F811
    write(mine, {
        "reports/20261120T223100Z-a1b2c3/index.html": "1", "reports/monthly.py": "1",
        "reports/20261120T223100Z-a1b2c3+20261120T223100Z-a1b2c4/index.html": "1",
    })  # fmt: skip
    with opened() as trees:
        assert {each for each in contents(trees.head) if "reports" in each} == {"reports/monthly.py"}

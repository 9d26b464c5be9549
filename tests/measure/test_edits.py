"""Code and inputs that are edited while they are measured: two versions are never in one run, and it is said which file it was."""

import json
import os
import threading
import time
from pathlib import Path

import pytest

from bench.errors import EditedError
from bench.measure.plan import version as module
from bench.measure.plan.version import Version
from bench.records.block import Outcome
from bench.store.lines import to_line
from bench.store.runs import read
from tests.commands import until
from tests.conftest import only_run

FAST, SLOW = "def f(x):\n    return x\n", "import time\ndef f(x):\n    time.sleep(0.01)\n    return x\n"
MINE = "import package.deep\nimport helper\ndef work(x):\n    return helper.f(x) + package.deep.ZERO\n"
FILES = {
    "mine.py": MINE,
    "helper.py": FAST,
    "package/__init__.py": "",
    "package/deep.py": "ZERO = 0\n",
    "inputs": "1\n2\n3\n",
}
RUN = ("run", "mine.py:work", "--inputs", "inputs", "--strategy", "serial,threads", "--rounds", "3", "--blocks", "400")


@pytest.fixture
def files(tmp_path):
    """A project in a folder."""
    folder = tmp_path / "project"
    for name, text in FILES.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    return folder


def blocks(folder, least):
    """Whether so many blocks are there."""
    paths = list((folder / "results").glob("*.jsonl"))
    return paths and len(paths[0].read_bytes().splitlines()) > least


@pytest.mark.long
@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("mine.py", MINE + "# another\n"),
        ("helper.py", SLOW),
        ("package/deep.py", "ZERO = 0.0\n"),
        ("inputs", "1\n2\n3\n4\n"),
        ("helper.py", None),
    ],
)
def test_a_run_ends_where_a_file_of_it_is_edited(begin, files, name, text):
    command = begin(*RUN, cwd=files)
    until(lambda: blocks(files, 4), "no blocks")
    if text is None:
        (files / name).unlink()
    else:
        (files / name).write_text(text)
    assert command.process.wait(60) == 3
    run = read(only_run(files))
    assert (run.ending.status, run.ending.edited) == ("edited", name)
    assert 4 <= len(run.blocks) < 800
    assert {block.outcome for block in run.blocks} == {Outcome.OK}
    rounds_s = [each.wall_s for block in run.blocks if "serial" in block.case for each in block.warm_rounds]
    assert sorted(rounds_s)[len(rounds_s) // 2] < 0.01, "all of the fast version"
    assert f"{name} was edited, and the run ends here: {len(run.blocks)} of 800 planned blocks" in command.stderr()
    assert "all of the version before" in command.stderr()
    shown = " ".join(command.stdout().split())
    assert f"{name} was edited when {len(run.blocks)} of 800 planned blocks were measured" in shown


@pytest.mark.long
def test_what_is_written_and_holds_the_same_is_the_same(begin, files):
    command = begin(*RUN[:-1], "30", cwd=files)
    for _ in range(20):
        until(lambda: command.process.poll() is not None or blocks(files, 1), "no blocks")
        (files / "helper.new").write_text(FAST)  # a host that loads it now would else find half of it
        (files / "helper.new").replace(files / "helper.py")
        time.sleep(0.05)
    assert command.process.wait(120) == 0, command.stderr()
    assert read(only_run(files)).ending.status == "complete"


def test_a_file_that_is_being_written_is_looked_at_again(tmp_path):
    file = tmp_path / "a.py"
    file.write_text("1")
    version = Version({"a": str(file)})
    for half in ("", "partly", None):
        if half is None:
            file.unlink()
        else:
            file.write_text(half)
        writer = threading.Timer(0.1, file.write_text, ["1"])
        writer.start()
        assert version.check(), "written, and the same"
        writer.join()
        assert not version.check()


def test_a_write_between_two_looks_at_a_file_is_seen_once(tmp_path, monkeypatch):
    file = tmp_path / "a.py"
    file.write_text("1")
    version = Version({"a": str(file)})
    look, looks = module._facts, []

    def facts(path):
        found = look(path)
        looks.append(path)
        if len(looks) == 2:  # between the facts and the contents
            file.write_text("1")
        return found

    file.write_text("1")
    monkeypatch.setattr(module, "_facts", facts)
    assert version.check()
    assert not version.check()


def test_an_edit_in_the_first_block_ends_the_run_without_one(begin, files):
    (files / "helper.py").write_text(
        f"import pathlib\ndef f(x):\n    file = pathlib.Path({str(files)!r}, 'package/deep.py')\n"
        "    file.write_text('ZERO = 0  # other\\n')\n    return x\n"
    )
    command = begin("run", "mine.py:work", "--inputs", "inputs", "--strategy", "serial", "--budget", "3s", cwd=files)
    assert command.process.wait(60) == 3
    path = only_run(files)
    assert command.stderr().endswith(
        f"package/deep.py was edited, and the run ends here: 0 blocks are kept in results/{path.name}, all of the version "
        "before; measure the new one anew\n"
    )
    assert read(path).blocks == []


@pytest.mark.long
def test_a_run_of_which_a_module_changed_is_not_finished(bench, files):
    run = (*RUN[:-1], "2")
    assert bench(*run, cwd=files).returncode == 0
    path = only_run(files)
    cut = b"".join(path.read_bytes().splitlines(keepends=True)[:2])
    resume = ("run", "mine.py:work", "--inputs", "inputs", "--resume", str(path))
    more = MINE.replace("import helper", "import helper, third")
    for name, text, said in (
        ("helper.py", SLOW, "the file of the module helper has changed"),
        ("package/deep.py", "ZERO = 1\n", "the file of the module package.deep has changed"),
        ("mine.py", more, "the file of mine.py:work has changed"),
    ):
        path.write_bytes(cut)
        (files / "third.py").write_text("")
        (files / name).write_text(text)
        done = bench(*resume, cwd=files)
        assert (done.returncode, path.read_bytes()) == (2, cut)
        assert said in done.stderr
        (files / name).write_text(FILES[name])
    assert bench(*resume, cwd=files).returncode == 0
    assert read(path).ending.status == "complete"


@pytest.mark.long
def test_a_run_that_an_edit_ended_is_finished_where_the_edit_is_taken_back(begin, bench, files):
    command = begin(*RUN[:-1], "15", cwd=files)
    until(lambda: blocks(files, 2), "no blocks")
    (files / "helper.py").write_text(SLOW)
    assert command.process.wait(60) == 3
    (files / "helper.py").write_text(FAST)
    path = only_run(files)
    assert bench("run", "mine.py:work", "--inputs", "inputs", "--resume", str(path), cwd=files).returncode == 0
    run = read(path)
    assert (run.ending.status, run.ending.edited, len(run.blocks)) == ("complete", "", 30)


@pytest.mark.long
def test_a_run_file_that_holds_no_modules_is_finished_as_ever(bench, files):
    from dataclasses import replace

    assert bench(*RUN[:-1], "2", cwd=files).returncode == 0
    path = only_run(files)
    header = read(path).header
    assert list(header.plan.modules) == ["package", "package.deep", "helper", "mine"]
    path.write_bytes(to_line(replace(header, plan=replace(header.plan, modules={}))))
    assert bench("run", "mine.py:work", "--inputs", "inputs", "--resume", str(path), cwd=files).returncode == 0


@pytest.mark.long
@pytest.mark.parametrize("name", ["mine.py", "helper.py", "inputs"])
def test_a_check_of_two_interpreters_ends_where_a_file_of_it_is_edited(begin, files, name):
    import sys

    other = Path(sys.executable).parent / "python3"
    words = ("mine.py:work", "--inputs", "inputs", "--base-python", sys.executable, "--head-python", str(other))
    command = begin("check", *words, "--budget", "100s", "--tolerance", "0.1%", "--json", cwd=files)
    until(lambda: blocks(files, 4), "no pairs")
    (files / name).write_text(FILES[name] + "\n")
    assert command.process.wait(60) == 3, command.stderr()
    run = read(only_run(files))
    assert (run.ending.status, run.ending.edited) == ("edited", name)
    assert len(run.blocks) % 2 == 0
    assert any(note.startswith(f"{name} was edited, which ended") for note in json.loads(command.stdout())["notes"])


def test_a_version_is_what_files_hold_and_not_when_they_were_written(tmp_path):
    file = tmp_path / "a.py"
    file.write_text("1")
    version = Version({"a": str(file)}, "1..3")
    assert not version.check()
    os.utime(file, ns=(1, 1))
    assert version.check()
    assert not version.check()
    made = []
    assert version.throughout(lambda: made.append(file.write_text("1"))) is None
    assert len(made) == 2, "measured once more: there may have been something else in it"
    before = file.stat()
    file.write_text("2")
    os.utime(file, ns=(before.st_atime_ns, before.st_mtime_ns))
    with pytest.raises(EditedError, match=r"a\.py was edited"):
        version.check()

"""Folders that reports are written into: what else is there stays, several commands at once, kills while it is drawn."""

import os
import random
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import psutil
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bench.accounting.affinity import cpus
from bench.errors import StorageError
from bench.machine import parallel
from bench.report.kit.folder import LIST, fresh_folder
from tests import builders
from tests.commands import nothing_is_left, until
from tests.conftest import environment, started_by, tries

AT_ONCE = 3


def put(target, files):
    with fresh_folder(target) as fresh:
        for name, text in files.items():
            (fresh / name).write_text(text)


def there(target):
    return {str(each.relative_to(target)): each.read_text() for each in target.rglob("*") if each.is_file()}


def reports(target):
    return {name: text for name, text in there(target).items() if name != LIST}


NAMES = st.sampled_from(["1-ranking.png", "index.html", "notes", "2026", "sub/9-x.png", "a b"])
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("report"), st.dictionaries(NAMES.filter(lambda name: "/" not in name), st.text("ab", max_size=2))),
        st.tuples(st.just("user"), st.tuples(NAMES, st.text("xy", min_size=1, max_size=3))),
    ),
    max_size=8,
)  # fmt: skip


@settings(max_examples=60)
@given(STEPS)
def test_what_the_user_writes_is_never_lost_and_what_the_tool_wrote_is_never_stale(tmp_path_factory, steps):
    """Whatever the order of reports and edits."""
    target = tmp_path_factory.mktemp("reports") / "run"
    target.mkdir()
    users, last = [], {}
    for kind, what in steps:
        if kind == "report":
            put(target, what)
            last = dict(what)
            assert {name: reports(target)[name] for name in last} == last
        else:
            name, text = what
            if (target / name).exists() and (target / name).read_text() in users:
                users.remove((target / name).read_text())  # by the user's own hand
            (target / name).parent.mkdir(exist_ok=True)
            (target / name).write_text(text)
            users.append(text)
            last.pop(name, None)
    assert sorted(reports(target).values()) == sorted([*users, *last.values()])


def test_a_report_that_was_edited_is_kept_and_named(tmp_path, capsys):
    target = tmp_path / "run"
    put(target, {"index.html": "1", "old.svg": "1"})
    (target / "index.html").write_text("mine")
    (target / "talk").mkdir()
    (target / "1-notes.png").write_text("mine too")
    capsys.readouterr()
    put(target, {"index.html": "2"})
    assert reports(target) == {"index.html": "2", "kept-1/index.html": "mine", "1-notes.png": "mine too"}
    said = capsys.readouterr().err
    assert said == f"note: index.html in {target} was not as a report has left it; it is kept in {target / 'kept-1'}\n"
    assert (target / "talk").is_dir()
    put(target, {"index.html": "3"})
    assert capsys.readouterr().err == ""


def test_links_folders_and_lists_of_others_are_left(tmp_path):
    target, elsewhere = tmp_path / "run", tmp_path / "elsewhere"
    (target / "index.html").mkdir(parents=True)
    elsewhere.write_text("mine")
    (target / "a.svg").symlink_to(elsewhere)
    (target / LIST).write_text(f"{'0' * 64}  ../elsewhere\nrubbish\n{'0' * 64}  a.svg\n\xff")
    put(target, {"index.html": "1", "a.svg": "2"})
    assert elsewhere.read_text() == "mine"
    assert (target / "kept-1/index.html").is_dir()
    assert (target / "kept-1/a.svg").is_symlink()
    assert reports(target)["a.svg"] == "2"


def test_the_list_is_one_for_sha256sum(tmp_path):
    put(tmp_path / "run", {"a b.svg": "1", "index.html": ""})
    done = subprocess.run(["sha256sum", "--check", LIST], cwd=tmp_path / "run", capture_output=True, check=False)
    assert done.returncode == 0, done.stderr


def test_what_a_killed_command_has_left_goes_with_the_next_one_and_folders_alike_stay(tmp_path):
    code = (
        "import os, sys; from pathlib import Path; from bench.report.kit.folder import fresh_folder\n"
        "with fresh_folder(Path(sys.argv[1])) as fresh: (fresh / 'x').touch(); os.kill(os.getpid(), 9)"
    )
    mine = [".run.new", ".run.12345678.new", ".run.mine.new"]
    for name in mine:
        (tmp_path / name).mkdir()
    put(tmp_path / "another", {"x": ""})
    whole = there(tmp_path)
    for target in ("run", "another/talk"):
        subprocess.run([sys.executable, "-c", code, str(tmp_path / target)], env=environment(), check=False)
        assert there(tmp_path).keys() > whole.keys()
        put(tmp_path / "another", {"x": ""})
        assert there(tmp_path) == whole
    assert {each.name for each in tmp_path.iterdir()} == {"another", *mine}


def test_who_waits_for_a_folder_says_so_in_the_end(tmp_path, monkeypatch):
    import fcntl

    (tmp_path / "run").mkdir()
    holder = os.open(tmp_path / "run", os.O_RDONLY)
    fcntl.flock(holder, fcntl.LOCK_EX)
    monkeypatch.setattr("bench.report.kit.folder._PATIENCE_S", 0.05)
    with pytest.raises(StorageError, match="another command has been writing to .*run for a minute"):
        put(tmp_path / "run", {"x": ""})
    os.close(holder)
    assert [each.name for each in tmp_path.iterdir()] == ["run"]


def test_many_at_once_leave_one_whole_report(tmp_path):
    target = tmp_path / "run"
    ones = [{f"{number % 4}-{name}": str(number) for name in "abc"} for number in range(24)]
    threads = [threading.Thread(target=put, args=(target, each)) for each in ones]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert reports(target) in ones
    assert [each.name for each in tmp_path.iterdir()] == ["run"]


@pytest.mark.long
@pytest.mark.parametrize("more", [(), ("--talk",)], ids=["report", "talk"])
def test_reports_of_one_run_at_once_all_succeed_and_are_whole(begin, tmp_path, more):
    path = builders.stored(builders.typical_run(), tmp_path)
    commands = [begin("report", str(path), *more, "--reports", str(tmp_path / "reports")) for _ in range(AT_ONCE)]
    for each in commands:
        assert each.process.wait(120) == 0, each.stderr()
        assert each.stderr() == ""
    place = Path(commands[0].stdout().splitlines()[-1])
    target = place if more else place.parent
    listed = [line.partition("  ")[2] for line in (target / LIST).read_text().splitlines()]
    assert sorted(listed) == sorted(each.name for each in target.iterdir() if each.is_file() and each.name != LIST)
    assert "README.md" in listed if more else "index.html" in listed
    assert not [each for each in target.parent.iterdir() if each.name.startswith(".")]


@pytest.mark.many(1)
@pytest.mark.parametrize("kind", ["TERM", "HUP", "INT", "KILL"])
def test_an_end_while_it_draws_leaves_no_process_and_lets_go_of_the_output(begin, tmp_path, kind):
    path = builders.stored(builders.typical_run(), tmp_path)
    moments = random.Random(kind)
    for _ in range(tries(2) // 2):
        command = begin("report", str(path), "--png", stdout=subprocess.PIPE)
        drawn = until(
            lambda command=command: drawing(command) or command.process.poll() is not None, "nothing is drawn"
        )
        time.sleep(moments.uniform(0, 0.5))
        command.process.send_signal(getattr(signal, f"SIG{kind}"))
        with command.process.stdout:
            command.process.stdout.read()  # ends when nobody holds the other end
        status = command.process.wait(60)
        nothing_is_left(command.marker, 10)
        assert status in (0, -9 if kind == "KILL" else 130), drawn
        assert "Traceback" not in command.stderr()
        if status == 130:
            assert command.stderr() == "interrupted\n"
            assert not list((command.folder / "reports").glob(".*"))


def drawing(command):
    """The processes that a command has begun."""
    return [pid for pid in started_by(command.marker) if pid != command.process.pid]


@pytest.mark.long
def test_a_process_that_is_killed_while_it_draws_costs_nothing(begin, tmp_path):
    path = builders.stored(builders.typical_run(), tmp_path)
    command = begin("report", str(path), "--png")
    found = until(lambda: drawing(command) or command.process.poll() is not None, "nothing is drawn")
    if found is not True:
        psutil.Process(found[0]).kill()
    assert command.process.wait(120) == 0, command.stderr()
    assert (command.folder / command.stdout().splitlines()[-1]).is_file()
    nothing_is_left(command.marker, 10)


PARENT = """
import os, sys, time
from pathlib import Path
from bench.machine import parallel
from bench.accounting import kernel

if sys.argv[2] == "pipe":
    kernel.die_with_parent = lambda: None  # as where there is no prctl

def work(number):
    Path(sys.argv[1], str(os.getpid())).touch()
    time.sleep(600)

list(parallel.each_of(work, 4))
"""


@pytest.mark.skipif(cpus() < 2, reason="needs two cores: on one nothing is shared out")
@pytest.mark.parametrize("by", ["kernel", "pipe"])
def test_processes_end_with_their_parent_however_that_ends(tmp_path, by):
    with subprocess.Popen(
        [sys.executable, "-c", PARENT, str(tmp_path), by], env=environment(), stdout=subprocess.PIPE
    ) as parent:
        there = until(lambda: len(list(tmp_path.iterdir())) == min(4, cpus()) and list(tmp_path.iterdir()), by)
        parent.kill()
        assert parent.stdout.read() == b""
    until(lambda: not any(psutil.pid_exists(int(each.name)) for each in there), "processes are left", 10)


def test_what_is_shared_out_comes_in_order_and_errors_come_too():
    assert list(parallel.each_of(lambda number: number * number, 20)) == [number * number for number in range(20)]

    def fails(number):
        raise OSError(28, f"full {number}")

    with pytest.raises(OSError, match="full 0"):
        list(parallel.each_of(fails, 4))


CUT = """
import signal, sys
from bench.machine import parallel

PARENT = __import__("os").getpid()

def work(number):
    if number == 0 and __import__("os").getpid() != PARENT:
        signal.setitimer(signal.ITIMER_REAL, float(sys.argv[1]))  # which ends it, while it hands over its result
    return bytes(1 << 27) if number == 0 else number

print([len(each) if isinstance(each, bytes) else each for each in parallel.each_of(work, 4)])
"""


@pytest.mark.parametrize("after_s", [0.06, 0.15, 0.3])
def test_a_process_that_is_killed_with_half_a_result_handed_over_holds_nobody_up(after_s):
    done = subprocess.run(
        [sys.executable, "-c", CUT, str(after_s)],
        env=environment(),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (done.returncode, done.stdout) == (0, f"[{1 << 27}, 1, 2, 3]\n"), done.stderr


@pytest.mark.long
def test_files_that_the_tool_has_written_are_in_a_list_of_the_report(tmp_path):
    from bench.report.run.build import build_report

    page = build_report(builders.results(builders.typical_run(), tmp_path), Path(tmp_path, "reports"))
    assert (page.parent / LIST).is_file()

"""Commands of ours where the surroundings are odd: users without a name or a home, few descriptors or a thousand, ignored
signals, warnings as errors. Each works, or says in one line what to do."""

import os
import re
import resource
import shutil
import signal
import subprocess
import sys
from functools import partial

import pytest

from bench.processes.readiness import ready
from bench.store.runs import read
from tests.commands import nothing_is_left, until
from tests.conftest import ROOT, environment, only_run

RUN = ("run", "mine.py:naps", "--inputs", "1..2", "--strategy", "serial,process_pool", "--workers", "2",
       "--blocks", "1", "--rounds", "2")  # fmt: skip
MINE = """
import signal, time
def naps(x):
    time.sleep(0.001)
    return x
def signals(x):
    return [str(signal.getsignal(each)) for each in (signal.SIGCHLD, signal.SIGTERM, signal.SIGHUP, signal.SIGINT)]
"""
NOBODYS = 12345
IGNORED = (signal.SIGCHLD, signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGPIPE)


def ends_well(command, status=0):
    assert command.process.wait(120) == status, command.stderr()
    assert "Traceback" not in command.stderr()
    assert "Warning" not in command.stderr()
    nothing_is_left(command.marker)
    return command


def without_a_name():
    """`setpriv` in front of a command: a user of a number alone, who may read what root may and write what others may."""
    if os.getuid() or not shutil.which("setpriv"):
        pytest.skip("needs root and setpriv")
    keep = "-all,+dac_read_search"
    drop = f"--reuid={NOBODYS} --regid={NOBODYS} --clear-groups --inh-caps={keep} --ambient-caps={keep}"
    return ["setpriv", *drop.split()]


@pytest.mark.long
@pytest.mark.parametrize("home", [None, "/root"])
def test_a_user_without_a_name_and_a_home_measures_and_reports(begin, tmp_path, home):
    folder = tmp_path / "theirs"
    folder.mkdir()
    folder.chmod(0o777)
    for each in (tmp_path, *tmp_path.parents[:3]):
        each.chmod(0o755 | each.stat().st_mode) if each.stat().st_uid == os.getuid() else None
    (folder / "mine.py").write_text(MINE)
    variables = {
        key: value for key, value in environment().items() if key not in ("HOME", "USER", "LOGNAME", "BENCH_CACHE")
    }
    variables |= {"HOME": home} if home else {}
    for arguments in (
        (*RUN, "--identify"),
        ("run", "thumbnails", "--quick", "--strategy", "serial", "--blocks", "1", "--rounds", "2"),
        ("report",),
        ("history",),
        ("doctor", "--noise", "0"),
        ("list",),
    ):
        done = subprocess.run(
            [*without_a_name(), sys.executable, "-m", "bench", *arguments],
            cwd=folder, env=variables, capture_output=True, text=True, timeout=120, check=False,
        )  # fmt: skip
        assert done.returncode == 0, (arguments, done.stderr)
        for noise in ("Traceback", "atplotlib", "Error"):
            assert noise not in done.stderr, (arguments, done.stderr)
    assert not (folder / "~").exists()
    first = min((folder / "results").glob("*.jsonl"))
    assert read(first).header.environment.identity["user"] == str(NOBODYS)


@pytest.mark.long
def test_signals_that_the_parent_ignores_harm_nothing_and_reach_no_measured_code(begin):
    """As nohup has it, a shell without jobs, and a container whose first process waits for nobody."""

    def ignore():
        for each in IGNORED:
            signal.signal(each, signal.SIG_IGN)

    command = ends_well(begin(*RUN, files={"mine.py": MINE}, preexec_fn=ignore))
    assert {block.outcome.value for block in read(only_run(command.folder)).blocks} == {"ok"}
    seen = begin("run", "mine.py", "--strategy", "serial", "--blocks", "1", "--rounds", "2", preexec_fn=ignore, files={"mine.py": """
import signal
from bench import workload, WrongResult
def check(inputs, results):
    raise WrongResult(results)
@workload(inputs=lambda size, rng: [1], scales={"standard": 1}, check=check)
def dispositions(x):
    return [each.name for each in signal.Signals if signal.getsignal(each) is signal.SIG_IGN]
"""})  # fmt: skip
    assert seen.process.wait(120) == 3
    (block,) = read(only_run(seen.folder)).blocks
    assert re.findall(r"SIG\w+", block.reason) == ["SIGPIPE", "SIGXFSZ"]  # which Python ignores itself


@pytest.mark.many(1)
@pytest.mark.parametrize("most", [6, 15, 20, 30])
@pytest.mark.parametrize("arguments", [RUN, ("list",), ("explain", "few_blocks")], ids=lambda each: each[0])
def test_few_descriptors_are_one_line_that_says_what_to_do(begin, most, arguments):
    limit = partial(resource.setrlimit, resource.RLIMIT_NOFILE, (most, most))
    command = ends_well(begin(*arguments, files={"mine.py": MINE}, preexec_fn=limit), status=3)
    (line,) = command.stderr().splitlines()
    assert line == (
        f"error: a process may have only {most} open files here, and that is too few; allow more, with `ulimit -n 1024`"
    )


@pytest.mark.long
def test_a_thousand_inherited_descriptors_harm_nothing(begin):
    """As where a parent forgets to close its own: `select` cannot take a number from 1024 on."""

    def inherit():
        resource.setrlimit(resource.RLIMIT_NOFILE, (4096, 4096))
        for _ in range(1100):
            os.set_inheritable(os.open(os.devnull, os.O_RDONLY), True)

    folder = None
    for arguments in (RUN, ("report",), ("doctor", "--noise", "0")):
        command = begin(*arguments, files={"mine.py": MINE}, folder=folder, preexec_fn=inherit, close_fds=False)
        assert ends_well(command).stdout()
        folder = command.folder
    interrupted = begin(*RUN[:-3], "300", "--rounds", "2", files={"mine.py": MINE}, preexec_fn=inherit, close_fds=False)
    until(lambda: [*interrupted.folder.glob("results/*.jsonl")], "no run file")
    interrupted.process.send_signal(signal.SIGINT)
    assert interrupted.process.wait(60) == 130, interrupted.stderr()
    nothing_is_left(interrupted.marker)


@pytest.mark.parametrize("first", [0, 1100])
def test_what_is_ready_is_told_whatever_its_number(first):
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(4096, before[1]), before[1]))
    import fcntl

    reading, writing = (fcntl.fcntl(each, fcntl.F_DUPFD, first) for each in os.pipe())
    try:
        assert ready([reading], [writing], 0) == ([], [writing])
        assert ready([reading], timeout_s=0.001) == ([], [])
        os.write(writing, b"x")
        assert ready([reading], [writing], 60) == ([reading], [writing])
        assert ready([reading], timeout_s=None) == ([reading], [])
    finally:
        os.close(reading)
        os.close(writing)
        resource.setrlimit(resource.RLIMIT_NOFILE, before)


def test_select_is_called_in_one_place():
    asking = [
        path.name
        for path in (ROOT / "bench").rglob("*.py")
        if re.search(r"^import select$", path.read_text(), re.MULTILINE)
    ]
    assert asking == ["readiness.py"]


WISHES = {
    "warnings as errors": {"PYTHONWARNINGS": "error"},
    "developer mode": {"PYTHONDEVMODE": "1", "PYTHONWARNINGS": "error"},
    "no docstrings and no asserts": {"PYTHONOPTIMIZE": "2"},
    "a prompt at the end": {"PYTHONINSPECT": "1"},
    "an encoding of long ago": {"PYTHONUTF8": "0", "LC_ALL": "C", "PYTHONCOERCECLOCALE": "0"},
    "junk": {
        "PYTHONSTARTUP": "/nonexistent", "PYTHONNODEBUGRANGES": "1", "PYTHONUNBUFFERED": "1", "PYTHONHASHSEED": "5",
        "PYTHONPATH": f"{ROOT}{os.pathsep}/nonexistent{os.pathsep}{__file__}{os.pathsep}",
    },
}  # fmt: skip


@pytest.mark.long
@pytest.mark.parametrize("wish", WISHES)
def test_what_is_asked_of_python_by_variables_harms_no_command(begin, tmp_path, wish):
    variables = WISHES[wish]
    command = ends_well(begin(*RUN, files={"mine.py": MINE}, env=variables))
    for arguments, status in (
        (("report",) if "PYTHONWARNINGS" in variables or "LC_ALL" in variables else ("report", "--json"), 0),
        (("history",), 0),
        (("run", "no.py"), 2),
    ):
        done = begin(*arguments, folder=command.folder, env=variables)
        assert done.process.wait(120) == status, (arguments, done.stderr())
        assert "Traceback" not in done.stderr()
        assert status or done.stderr() == ""


WARNS = """
import sys, warnings
names = {names!r}
class Finder:
    def find_spec(self, name, path=None, target=None):
        if name in names:
            warnings.warn(f"{{name}} is deprecated", UserWarning)
sys.meta_path.insert(0, Finder())
"""


@pytest.mark.long
def test_a_librarys_warning_ends_nothing_of_ours_and_code_of_the_users_as_they_wish(begin, tmp_path):
    """Where warnings are errors, as in the tests of a project that calls this tool."""
    folder = tmp_path / "site"
    folder.mkdir()
    libraries = ("psutil", "msgspec", "pandas", "matplotlib", "jinja2", "rich", "bench.report.run.page")
    (folder / "sitecustomize.py").write_text(WARNS.format(names=libraries))
    wish = {"PYTHONWARNINGS": "error", "PYTHONPATH": f"{ROOT}{os.pathsep}{folder}"}
    warned = begin(*RUN, files={"mine.py": MINE}, env=wish)
    assert warned.process.wait(120) == 0, warned.stderr()
    assert "UserWarning: psutil is deprecated" in warned.stderr()
    report = begin("report", folder=warned.folder, env=wish)
    assert report.process.wait(120) == 0, report.stderr()
    theirs = begin(
        *RUN,
        env=wish,
        files={"mine.py": MINE.replace("    time.sleep", "    __import__('warnings').warn('mine')\n    time.sleep")},
    )
    assert theirs.process.wait(120) == 3
    assert {block.reason.split(" (")[0] for block in read(only_run(theirs.folder)).blocks} == {"UserWarning: mine"}

"""Whatever a command has started is gone when it is: by an interruption, killed, and where a part of it is killed or stopped."""

import itertools
import math
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from bench.machine import guardian
from tests.checkouts.test_worktrees import git, repository
from tests.commands import SIGNALS, nothing_is_left, until
from tests.conftest import started_by, tries

LIMIT_S = 2.0 + 8.0
"""Two seconds, and room for a machine that others use."""
STUBBORN = """
import os, signal, subprocess, sys, time
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        signal.signal(signal.SIGHUP, signal.SIG_IGN)
        open("daemon", "w").write(str(os.getpid()))
        time.sleep(600)
    os._exit(0)
os.wait()
"""
SHELL = f"{sys.executable} daemon.py & sleep 0.01; while ! test -s daemon; do sleep 0.01; done"
HANGS = (
    STUBBORN
    + "subprocess.Popen(['sleep', '600'])\nwhile not os.path.exists('daemon'): time.sleep(0.01)\nopen('began', 'w').close()\ntime.sleep(600)\n"
)
SHORT_OF_PATIENCE = """
from bench.measure.plan import discovery
discovery._LONGEST_S = 1.0
from bench.__main__ import run
run()
"""
COMMANDS = {
    "run": ("run", "mine.py"),
    "list": ("list", "--workload", "mine.py"),
    "faults": ("faults", "--strategy", "mine.py"),
    "check": ("check", "--base", "HEAD", "mine.py"),
}


def started(folder):
    until((folder / "began").exists, "the import has not begun")


@pytest.mark.many(2)
@pytest.mark.parametrize(
    ("name", "how"),
    [
        *zip(COMMANDS, itertools.cycle(SIGNALS)),  # which have one handler
        *((name, signal.SIGKILL) for name in COMMANDS),
    ],
)
def test_what_a_module_starts_at_import_goes_with_the_command(begin, tmp_path, name, how):
    """Daemons that ignore SIGTERM, while the import lasts forever."""
    folder = repository(tmp_path / "mine", {"mine.py": "import os\nos.chdir(os.environ['TOP'])\n" + HANGS})
    command = begin(*COMMANDS[name], cwd=folder, folder=folder, env={"TOP": str(folder)})
    until(lambda: (folder / "began").exists() or command.process.poll() is not None, "no import")
    assert command.process.poll() is None, command.stderr()
    command.process.send_signal(how)
    command.process.wait(60)
    nothing_is_left(command.marker, LIMIT_S)
    assert "Traceback" not in command.stderr()


@pytest.mark.parametrize("name", ["run", "list"])
def test_what_a_module_leaves_at_import_goes_before_anything_is_measured(begin, name):
    command = begin(*COMMANDS[name], *(["--blocks", "1", "--rounds", "2", "--strategy", "serial"] if name == "run" else []),
                    files={"mine.py": STUBBORN + "while not os.path.exists('daemon'): time.sleep(0.01)\n"
                           "from bench import workload\nworkload(inputs=lambda size, rng: [1], scales={'quick': 1})(abs)\n"})  # fmt: skip
    command.process.wait(60)
    nothing_is_left(command.marker, LIMIT_S)


@pytest.mark.parametrize("number", range(math.ceil(tries(4) / 2)))
def test_a_part_that_is_killed_or_stopped_while_a_module_is_imported_leaves_nothing(begin, number):
    command = begin("run", "mine.py", files={"mine.py": HANGS})
    started(command.folder)
    others = sorted(set(started_by(command.marker)) - {command.process.pid})
    part = others[number % len(others)]
    os.kill(part, signal.SIGSTOP if number % 2 else signal.SIGKILL)
    command.process.send_signal((signal.SIGKILL, signal.SIGTERM)[number // 2 % 2] if number % 2 else signal.SIGTERM)
    command.process.wait(60)
    nothing_is_left(command.marker, LIMIT_S)


@pytest.mark.many(1)
@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGKILL])
def test_daemons_of_a_setup_go_with_the_command(begin, tmp_path, how):
    folder = repository(
        tmp_path / "mine", {"mine.py": "import time\ndef naps(x):\n    time.sleep(1)\n", "daemon.py": STUBBORN}
    )
    command = begin(
        "check", "--base", "HEAD", "mine.py:naps", "--inputs", "1..9", "--setup", SHELL, cwd=folder, folder=folder
    )
    until(lambda: list(folder.glob("results/*.jsonl")) or command.process.poll() is not None, "no run")
    assert command.process.poll() is None, command.stderr()
    assert any("daemon.py" in " ".join(psutil.Process(pid).cmdline()) for pid in started_by(command.marker))
    command.process.send_signal(how)
    command.process.wait(60)
    nothing_is_left(command.marker, LIMIT_S)


@pytest.mark.many(1)
@pytest.mark.parametrize("role", ["checkouts.worktrees", "measure.supervisor.main"])
def test_a_part_of_a_check_that_stands_still_goes_with_the_command(begin, tmp_path, role):
    folder = repository(tmp_path / "mine", {"mine.py": "import time\ndef naps(x):\n    time.sleep(1)\n"})
    before = git(folder, "worktree", "list")
    command = begin("check", "--base", "HEAD", "mine.py:naps", "--inputs", "1..9", cwd=folder, folder=folder)
    until(lambda: list(folder.glob("results/*.jsonl")) or command.process.poll() is not None, "no run")
    parts = [pid for pid in started_by(command.marker) if f"bench.{role} ".encode() in line_of(pid)]
    assert parts
    for pid in parts:
        os.kill(pid, signal.SIGSTOP)
    command.process.kill()
    command.process.wait()
    nothing_is_left(command.marker, LIMIT_S)
    assert git(folder, "worktree", "list") == before


@pytest.mark.many(1)
@pytest.mark.parametrize("how", [None, signal.SIGTERM, signal.SIGKILL])
def test_a_wrapper_of_an_interpreter_that_hangs_leaves_nothing(begin, tmp_path, how):
    folder = repository(tmp_path / "mine", {"mine.py": "def f(x):\n    return x\n"})
    wrapper = tmp_path / "python"
    wrapper.write_text(f"#!/bin/sh\nsleep 600 &\nsetsid sleep 600 &\ntouch {tmp_path}/hangs\nsleep 600\n")
    wrapper.chmod(0o755)
    command = begin(
        *("check", "--base", "HEAD", "--base-python", str(wrapper), "mine.py:f", "--inputs", "1..3"),
        program=("-c", SHORT_OF_PATIENCE) if how is None else ("-m", "bench"),
        cwd=folder,
        folder=folder,
    )
    if how is not None:
        until((tmp_path / "hangs").exists, "the wrapper was not run")
        command.process.send_signal(how)
    status = command.process.wait(90)
    nothing_is_left(command.marker, LIMIT_S)
    if how is None:
        assert status == 2
        assert f"{wrapper} cannot be run: it still lasted after 1 s" in command.stderr()
    elif how != signal.SIGKILL:
        assert (status, command.stderr()) == (130, "interrupted\n")


@pytest.mark.long
@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGKILL])
def test_a_proof_of_the_gate_leaves_nothing(begin, tmp_path, how):
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    command = begin("prove-gate", "--simulated", "0", "--checks", "1", "--changed", "0", "--peers", "0", "--load", "only",
                    env={"TMPDIR": str(temporary)})  # fmt: skip
    until(lambda: any(b"supervisor" in line_of(pid) for pid in started_by(command.marker)), "no check has begun")
    command.process.send_signal(how)
    command.process.wait(60)
    nothing_is_left(command.marker, LIMIT_S)
    until(lambda: not list(temporary.iterdir()), "files are left", LIMIT_S)


@pytest.mark.long
@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_proving_the_accounting_leaves_nothing(begin, how):
    command = begin("doctor", "--prove", "--noise", "0")
    until(lambda: any(b"burner.py" in line_of(pid) for pid in started_by(command.marker)), "no proof has begun")
    command.process.send_signal(how)
    status = command.process.wait(60)
    nothing_is_left(command.marker, LIMIT_S)
    assert (status, command.stderr()) == ((-how, "") if how == signal.SIGKILL else (130, "interrupted\n"))


def line_of(pid):
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return b""


def test_a_program_under_a_guardian_ends_as_it_would_alone(tmp_path):
    for code, status in (("sys.exit(7)", 7), ("os.kill(os.getpid(), 9)", -9), ("os.abort()", -6), ("print('said')", 0)):
        done = guardian.run([sys.executable, "-c", f"import os, sys\n{code}"], folder=tmp_path)
        assert done.returncode == status
        assert done.stdout == ("said\n" if status == 0 else "")
    with pytest.raises(FileNotFoundError):
        guardian.run(["/nowhere/to/be/found"])


def test_what_holds_the_output_open_is_waited_for_no_longer_than_its_program(tmp_path):
    began = time.monotonic()
    done = guardian.run(["/bin/sh", "-c", "echo said; setsid sleep 600 & exit 3"], folder=tmp_path)
    assert (done.returncode, done.stdout) == (3, "said\n")
    assert time.monotonic() - began < 60


def test_a_program_that_lasts_too_long_is_ended_with_all_that_it_started(tmp_path, monkeypatch):
    monkeypatch.setenv("BENCH_TEST_MARKER", "too long " + str(tmp_path))
    with pytest.raises(TimeoutError, match="it still lasted after 1 s"):
        guardian.run(["/bin/sh", "-c", "sleep 600 & setsid sleep 600 & sleep 600"], limit_s=1)
    marker = os.environ["BENCH_TEST_MARKER"]
    until(lambda: set(started_by(marker)) <= {os.getpid()}, "processes are left", LIMIT_S)


def test_a_guardian_that_is_killed_takes_its_program_with_it():
    program = "import os, time; print(os.getpid(), flush=True); time.sleep(600)"
    process = subprocess.Popen(
        [sys.executable, "-c", program],
        stdout=subprocess.PIPE,
        preexec_fn=guardian.guard,  # noqa: PLW1509
    )
    program = int(process.stdout.readline())
    assert program != process.pid
    process.kill()
    process.wait()
    process.stdout.close()
    until(
        lambda: not psutil.pid_exists(program) or psutil.Process(program).status() == psutil.STATUS_ZOMBIE, "it lives"
    )

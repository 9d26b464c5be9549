"""The real command, interrupted at any moment, and with streams that break: what it says, keeps, leaves and ends with."""

import contextlib
import fcntl
import os
import pty
import random
import re
import signal
import struct
import subprocess
import sys
import termios
import time
from pathlib import Path

import pytest

from bench.store.runs import read
from tests.commands import SIGNALS, default_signals, nothing_is_left, until
from tests.conftest import ROOT, environment, only_run, started_by

SIX = "serial,threads,thread_pool,processes,process_pool,pool_map"
LONG = ("run", "downloads", "primes", "--strategy", SIX, "--scale", "quick", "--blocks", "500", "--rounds", "2")
SHORT = ("run", "downloads", "--strategy", "serial,process_pool", "--scale", "quick", "--blocks", "2", "--rounds", "2")
TRYING = ("run", "downloads", "--strategy", SIX, "--scale", "quick", "--blocks", "500")
KEPT = re.compile(r"interrupted: (\d+) of (\d+) planned blocks are kept in (\S+); finish it with: (.*)")
FAILING = "def f(x):\n    raise ValueError(x)\n"


def takes_signals(process) -> bool:
    """Whether its own handlers are there: of SIGHUP, as Python itself has none of it."""
    with contextlib.suppress(OSError):
        (caught,) = re.findall(r"SigCgt:\s(\w+)", Path(f"/proc/{process.pid}/status").read_text())
        return bool(int(caught, 16) >> (signal.SIGHUP - 1) & 1)
    return True


def blocks_in(folder: Path) -> int:
    """Whole lines of its run file, less the header."""
    return max((path.read_bytes().count(b"\n") - 1 for path in folder.glob("results/*.jsonl")), default=-1)


def check_interrupted(command, number):
    """All that has to hold of a command that was interrupted at any moment."""
    err = command.stderr()
    assert command.process.returncode == 130, (number, err, command.stdout())
    for sign in ("Traceback", "Exception ignored", "Error"):
        assert sign not in err
        assert sign not in command.stdout()
    assert len([line for line in err.splitlines() if line.startswith("interrupted")]) == 1, err
    assert all(line for line in err.splitlines()), err
    nothing_is_left(command.marker)
    assert not list(command.folder.glob("results/.probe*"))
    for path in command.folder.glob("results/*.jsonl"):
        run = read(path)
        assert not [note for note in run.notes if "line" in note]
        if run.ending is None:
            continue
        if run.ending.status == "complete":
            assert f"all {len(run.blocks)} blocks are kept in results/{path.name}" in err or "interrupted\n" in err
        else:
            told = KEPT.search(err)
            assert told, err
            assert told.groups()[:3] == (str(len(run.blocks)), str(run.header.plan.blocks), f"results/{path.name}")
            assert told[4] == f"python -m bench run --resume results/{path.name}"


def interrupt_at(command, after_s, number, more=0):
    """Send a signal so long after the command's handlers are there, and some more of all kinds at once."""
    until(lambda: takes_signals(command.process) or command.process.poll() is not None, "no handlers")
    with contextlib.suppress(subprocess.TimeoutExpired):
        command.process.wait(after_s)
    command.process.send_signal(number)
    chance = random.Random(after_s)
    while more and command.process.poll() is None:
        time.sleep(chance.uniform(0, 0.02))
        command.process.send_signal(chance.choice(SIGNALS))
        more -= 1
    command.process.wait(60)


@pytest.mark.many(1)
@pytest.mark.parametrize("seed", range(12))
def test_at_any_moment_an_interruption_is_one_line_and_keeps_what_is_finished(begin, seed):
    """Half of the moments fall into the first second: imports, the catalogue, the start of children."""
    chance = random.Random(f"moments {seed}")
    command = begin(*chance.choice((LONG, LONG, TRYING, ("all", "--quick"), ("doctor", "--noise", "9"))))
    number = SIGNALS[seed % 3]
    interrupt_at(command, chance.uniform(0, chance.choice((0.1, 1, 4, 8))), number, more=seed % 2 * 40)
    check_interrupted(command, number)


@pytest.mark.many(1)
@pytest.mark.parametrize("seed", range(6))
def test_at_the_end_an_interruption_comes_before_it_or_after_it_and_nothing_between(begin, seed):
    """While the tables are drawn and Python shuts down: either the command was interrupted, or it was done."""
    chance = random.Random(f"ends {seed}")
    command = begin(*SHORT)
    until(lambda: blocks_in(command.folder) >= 4 or command.process.poll() is not None, "no block")
    number = SIGNALS[seed % 3]
    interrupt_at(command, chance.uniform(0, chance.choice((0.1, 3))), number, more=10)
    if command.process.returncode == 0:
        assert "interrupted" not in command.stderr()
        assert "run file: results/" in command.stdout()
        assert "Traceback" not in command.stderr()
        return
    check_interrupted(command, number)


@pytest.mark.long
def test_a_second_one_while_it_cleans_up_changes_nothing(begin):
    command = begin(*LONG)
    until(lambda: blocks_in(command.folder) > 3, "no block")
    interrupt_at(command, 0, signal.SIGINT, more=1000)
    check_interrupted(command, signal.SIGINT)
    assert read(only_run(command.folder)).ending.status == "interrupted"
    assert "interrupted" in command.stdout()  # the tables of what is kept


@pytest.mark.long
def test_the_line_says_how_to_finish_the_run_and_that_finishes_it(begin):
    command = begin(*SHORT[:-3], "20", *SHORT[-2:])
    until(lambda: blocks_in(command.folder) > 3, "no block")
    interrupt_at(command, 0, signal.SIGINT)
    check_interrupted(command, signal.SIGINT)
    again = KEPT.search(command.stderr())[4].split()[3:]
    done = begin(*again, env={"PWD": str(command.folder)}, cwd=command.folder)
    assert done.process.wait(120) == 0, done.stderr()
    assert len(read(only_run(command.folder)).blocks) == 40


def test_what_is_ignored_from_the_start_stays_ignored(begin):
    """As nohup has it, and a shell without jobs for what runs in its background."""
    command = begin(*SHORT, preexec_fn=lambda: [signal.signal(each, signal.SIG_IGN) for each in SIGNALS[::2]])
    for _ in range(50):
        command.process.send_signal(signal.SIGHUP)
        command.process.send_signal(signal.SIGINT)
        time.sleep(0.01)
    assert command.process.wait(120) == 0, command.stderr()


def test_what_the_command_starts_takes_signals_as_ever(begin):
    """Nothing of them is blocked or ignored in the supervisor and the hosts."""
    command = begin(*LONG)
    until(lambda: blocks_in(command.folder) > 0, "no block")
    below = until(lambda: {*started_by(command.marker)} - {command.process.pid}, "no children")
    for pid in below:
        with contextlib.suppress(FileNotFoundError, ProcessLookupError):
            masks = dict(re.findall(r"(SigBlk|SigIgn):\s(\w+)", Path(f"/proc/{pid}/status").read_text()))
            for each in SIGNALS:
                assert not any(int(mask, 16) >> (each - 1) & 1 for mask in masks.values()), (pid, each, masks)


def test_the_library_touches_no_handler_and_no_stream():
    code = (
        "import signal, sys\n"
        "names = 'SIGINT', 'SIGTERM', 'SIGHUP'\n"
        "def state(): return [*map(signal.getsignal, [getattr(signal, each) for each in names]), sys.stdout, sys.stderr]\n"
        "before = state()\n"
        "import bench, bench.cli.main, bench.sessions.run, bench.measure.engine.runner, bench.store.runs, bench.__main__\n"
        "assert state() == before, state()\n"
    )
    done = subprocess.run([sys.executable, "-c", code, "bench"], env=environment(), cwd=ROOT, check=False)
    assert done.returncode == 0


def test_a_terminal_that_closes_ends_the_run(begin, tmp_path):
    parent, child = terminal()
    command = begin(*LONG, start_new_session=True, stdin=child, stdout=child, stderr=child, preexec_fn=own_terminal,
                    env={"TERM": "xterm"})  # fmt: skip
    os.close(child)
    until(lambda: drained(parent) is not None and blocks_in(command.folder) > 3, "no block")
    os.close(parent)
    assert command.process.wait(60) == 130
    nothing_is_left(command.marker)
    run = read(only_run(command.folder))
    assert run.ending.status == "interrupted"
    assert len(run.blocks) > 3


def test_a_terminal_that_closes_does_not_end_a_run_that_ignores_it(begin):
    parent, child = terminal()
    command = begin(*SHORT, start_new_session=True, stdin=child, stdout=child, stderr=child, env={"TERM": "xterm"},
                    preexec_fn=lambda: (own_terminal(), signal.signal(signal.SIGHUP, signal.SIG_IGN)))  # fmt: skip
    os.close(child)
    until(lambda: drained(parent) is not None and blocks_in(command.folder) >= 0, "no run")
    os.close(parent)
    assert command.process.wait(120) == 0
    assert read(only_run(command.folder)).ending.status == "complete"


@pytest.mark.parametrize("moment", ["starting", "measuring"])
def test_an_interruption_leaves_the_terminal_as_it_was(begin, moment):
    parent, child = terminal()
    command = begin(*LONG, start_new_session=True, stdin=child, stdout=child, stderr=child, preexec_fn=own_terminal,
                    env={"TERM": "xterm"})  # fmt: skip
    os.close(child)
    shown = [b""]

    def reached():
        shown[0] += drained(parent) or b""
        return b"\x1b[?25l" in shown[0] and (moment == "starting" or blocks_in(command.folder) > 1)

    until(reached, "no bar")
    os.write(parent, b"\x03\x03\x03")
    until(lambda: command.process.poll() is not None or (shown.append(drained(parent) or b"")), "it goes on", 60)
    shown.append(drained(parent) or b"")
    os.close(parent)
    text = b"".join(shown)
    assert command.process.returncode == 130
    assert text.rfind(b"\x1b[?25h") > text.rfind(b"\x1b[?25l")
    assert text.count(b"interrupted: " if moment == "measuring" else b"interrupted\r\n") == 1, text
    nothing_is_left(command.marker)


@pytest.mark.long
def test_a_terminal_that_is_stopped_holds_up_no_interruption(begin):
    """Ctrl-S, then the end of a job's time: nothing can be written to the terminal, and nobody comes to let it go on."""
    parent, child = terminal()
    command = begin(*LONG, start_new_session=True, stdin=child, stdout=child, stderr=child, preexec_fn=own_terminal,
                    env={"TERM": "xterm"})  # fmt: skip
    os.close(child)
    until(lambda: drained(parent) is not None and blocks_in(command.folder) > 1, "no block")
    os.write(parent, b"\x13")
    command.process.send_signal(signal.SIGTERM)
    assert command.process.wait(60) == 130
    os.close(parent)
    assert read(only_run(command.folder)).ending.status == "interrupted"


def terminal():
    """Both ends of one, 100 columns wide; reading the one here never waits."""
    parent, child = pty.openpty()
    fcntl.ioctl(child, termios.TIOCSWINSZ, struct.pack("HHHH", 40, 100, 0, 0))
    os.set_blocking(parent, False)
    return parent, child


def own_terminal():
    """In the command, before it is Python: its input is its terminal, whose end it is told of."""
    default_signals()
    fcntl.ioctl(0, termios.TIOCSCTTY, 0)


def drained(descriptor) -> bytes | None:
    """What a terminal shows by now."""
    found = b""
    with contextlib.suppress(OSError):
        while data := os.read(descriptor, 1 << 16):
            found += data
    return found


@pytest.mark.many(2)
@pytest.mark.parametrize(
    ("redirected", "failing"),
    [
        ("| head -1", False),
        ("| head -1", True),
        ("2>&1 | head -1", False),
        ("2>&1 | head -1", True),
        ("2>&1 | true", True),
        (">&-", True),
        ("2>&-", True),
        ("<&- >&- 2>&-", False),
        ("2>/dev/full", True),
    ],
)
def test_streams_that_break_harm_no_measurement(tmp_path, redirected, failing):
    """The run goes on to its end, its file is whole, and its status is that of the measurement."""
    (tmp_path / "mine.py").write_text(FAILING if failing else FAILING.replace("raise ValueError(x)", "return x"))
    arguments = "run mine.py:f --inputs 1..4 --strategy serial,threads --blocks 3 --rounds 2"
    done = subprocess.run(
        ["bash", "-c", f"{sys.executable} -m bench {arguments} {redirected}; echo ${{PIPESTATUS[0]}} > status"],
        cwd=tmp_path, env=environment(), capture_output=True, text=True, preexec_fn=default_signals, check=True,
    )  # fmt: skip
    assert (tmp_path / "status").read_text().strip() == ("3" if failing else "0"), done
    for sign in ("Traceback", "Exception ignored", "Errno"):
        assert sign not in done.stdout + done.stderr
    run = read(only_run(tmp_path))
    assert run.ending.status == "complete"
    assert len(run.blocks) == (2 if failing else 6)
    assert not run.notes


@pytest.mark.parametrize("arguments", [SHORT, ("list",), ("--help",)], ids=["run", "list", "help"])
def test_a_full_disk_behind_standard_output_is_one_line(begin, arguments):
    with open("/dev/full", "wb") as full:
        command = begin(*arguments, stdout=full)
    assert command.process.wait(120) == 3
    lines = command.stderr().splitlines()
    assert [line for line in lines if "No space left on device" in line] == [lines[-1]]
    assert lines[-1].startswith("error: ")
    assert "Exception ignored" not in command.stderr()
    if arguments == SHORT:
        assert read(only_run(command.folder)).ending.status == "complete"


@pytest.mark.many(2)
@pytest.mark.parametrize("arguments", ["list", "list --json", "--help", "run --help", "report"])
def test_a_reader_that_has_read_enough_is_no_error(tmp_path, arguments):
    (tmp_path / "results").mkdir()
    if arguments == "report":
        subprocess.run([sys.executable, "-m", "bench", *SHORT], cwd=tmp_path, env=environment(), check=True,
                       capture_output=True)  # fmt: skip
    done = subprocess.run(
        ["bash", "-c", f"{sys.executable} -m bench {arguments} | true; echo ${{PIPESTATUS[0]}}"],
        cwd=tmp_path, env=environment(), capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert (done.stdout, done.stderr) == ("0\n", "")

"""`kill -9` of every command at any moment, and of any process of its tree: nothing is left, and all that it wrote reads.

Half of the kills hit the command, and half any other process below it, git, drawing ones and guardians among them, where it
has some. In `make test-all` each command is killed once, and 300 times each, which takes hours, by:

    BENCH_KILLS=300 python -m pytest -n 2 -rP tests/cli/test_kills_of_commands.py

Nothing is left after 2 s of a machine that does nothing else: as many times longer, and 20 s at most, as this process, which
looks all the while, was kept waiting for a CPU. How long it took is printed (`-rP`). What the command itself has left when it
was killed, files alone, the next one takes away.
"""

import math
import os
import random
import re
import signal
import subprocess
import time
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import psutil
import pytest

from bench.cli.main import COMMANDS
from bench.processes.interruption import EXIT_STATUS as INTERRUPTED
from bench.store import runs, trials
from tests import builders
from tests.checkouts.test_worktrees import git, repository
from tests.commands import Command, nothing_is_left, until
from tests.conftest import started_by

KILLS = int(os.environ.get("BENCH_KILLS", "0")) or 1
"""Of each command."""
AT_ONCE = 10
"""Of one test, one after another in one folder."""
IDLE_S, MOST_S = 2.0, 20.0
MINE = """
import time
def naps(x):
    time.sleep(0.01)
    return x
"""
NAPS = ("mine.py:naps", "--inputs", "1..4")
POOLS = ("--strategy", "serial,process_pool,pool_map", "--workers", "2")
AMOUNT = ("--blocks", "2", "--rounds", "2")
PROOF = "<!-- prove-gate begins -->\n<!-- prove-gate ends -->\n"


def stored(folder: Path) -> None:
    """Two runs."""
    typical = builders.typical_run()
    for number in range(2):
        header = replace(typical.header, id=f"2026010{number + 2}T030405Z-abcdef")
        builders.stored(replace(typical, header=header), folder)


RUN, OTHER = "stored/20260102T030405Z-abcdef.jsonl", "stored/20260103T030405Z-abcdef.jsonl"


@dataclass
class Form:
    """A command's words."""

    words: tuple[str, ...]
    lasts_s: float
    """About; what is seen takes its place."""
    has_parts: bool = True
    is_long: bool = False
    """It goes on for a minute, and is ended by SIGTERM after a part of it was killed."""


CHECK = ("--base", "HEAD", *NAPS, "--budget", "1s")
NO_TRIALS = ("--checks", "0", "--changed", "0")
FORMS = {
    "all": [Form(("--workload", *NAPS, "--strategy", "serial,process_pool", "--workers", "2", *AMOUNT), 4)],
    "run": [Form((*NAPS, *POOLS, *AMOUNT), 2), Form(("--workload", *NAPS, *POOLS, *AMOUNT, "--json"), 2)],
    "report": [Form((RUN, "--png"), 3), Form((RUN, "--talk"), 3), Form((RUN, OTHER), 2, has_parts=False)],
    "check": [
        Form((*CHECK, "--strategy", "process_pool", "--junit", "junit.xml"), 3),
        Form((*CHECK, "--setup", "sleep 0.2 & git status"), 3),
    ],
    "compare": [
        Form(
            (RUN, OTHER, "--accept", "inconclusive,failed", "--markdown", "x.md", "--junit", "x.xml"),
            0.7,
            has_parts=False,
        )
    ],
    "export": [Form((RUN, "--format", "pytest-benchmark", "--output", "x.json"), 0.5, has_parts=False)],
    "history": [Form(("stored", "--chart"), 2, has_parts=False), Form(("stored", "--json"), 0.7, has_parts=False)],
    "prove-gate": [
        Form(("--simulated", "10", *NO_TRIALS, "--write", "proof.md"), 1, has_parts=False),
        Form(("--simulated", "101", *NO_TRIALS), 4, is_long=True),
        Form(
            ("--simulated", "0", "--checks", "1", "--changed", "0", "--peers", "0", "--load", "only"), 5, is_long=True
        ),
    ],
    "faults": [
        Form(("--strategy", "serial,process_pool", "--fault", "is_killed,gives_a_lambda", "--time-limit", "1s"), 3)
    ],
    "tour": [Form(("--lesson", "waiting,messages", "--budget", "20s"), 12)],
    "explain": [Form((), 0.5, has_parts=False), Form(("unstable",), 0.5, has_parts=False)],
    "list": [Form(("--workload", NAPS[0]), 0.8), Form((), 0.8)],
    "doctor": [Form(("--noise", "1"), 2), Form(("--prove", "--noise", "0"), 8, is_long=True)],
}
MEASURES = ("run", *NAPS, "--strategy", "serial", *AMOUNT)
"""What a killed command has left goes with the next one of its kind, or with the next one that measures."""


def parts_of(command) -> list[psutil.Process]:
    """All that the command has started, and what that has."""
    pids = {each.pid for each in psutil.Process(command.process.pid).children(recursive=True)}
    found = []
    for pid in sorted({*pids, *started_by(command.marker)} - {command.process.pid}):
        try:
            found.append(psutil.Process(pid))
        except psutil.Error:
            continue
    return [each for each in found if is_alive(each)]


def killed(command, moment_s: float, part: bool, moments: random.Random) -> tuple[str, list[psutil.Process]]:
    """Kill the command so long after its start, or one of its parts, as soon as there is one: which, and who was there."""
    time.sleep(moment_s)
    while command.process.poll() is None:
        try:
            there = parts_of(command)
            hit = moments.choice(there) if part and there else None
            if hit is None and part:
                continue
            what = " ".join(hit.cmdline())[-90:] if hit else "the command"
            (hit or command.process).kill()
        except psutil.Error:
            continue
        return what or "?", there
    return "", []


def kept_waiting(since: tuple[float, float]) -> float:
    """How many times longer this thread took for what it did than on a CPU of its own."""
    ran, waited = (now - then for now, then in zip(scheduled(), since, strict=True))
    return 1 + waited / ran if ran > 0 else 1.0


def scheduled() -> tuple[float, float]:
    """Seconds that this thread ran, and that it could have run and had to wait; proc(5)."""
    try:
        ran, waited, _ = Path("/proc/thread-self/schedstat").read_text().split()
    except OSError:  # no Linux, or one that does not count
        return 0.0, 0.0
    return int(ran) / 1e9, int(waited) / 1e9


def gone_after(command, there: list[psutil.Process]) -> tuple[float, float]:
    """Wait until nothing of an ended command is left: after how many seconds, and how many it might have taken."""
    since, began = scheduled(), time.monotonic()
    while left := {*started_by(command.marker), *(each.pid for each in there if is_alive(each))}:
        took_s, limit_s = time.monotonic() - began, min(MOST_S, IDLE_S * kept_waiting(since))
        assert took_s < limit_s, f"left after {took_s:.1f} s of {limit_s:.1f}: {[line_of(pid) for pid in left]}"
        time.sleep(0.005)
    return time.monotonic() - began, min(MOST_S, IDLE_S * kept_waiting(since))


def is_alive(process: psutil.Process) -> bool:
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.Error:
        return False


def line_of(pid: int) -> str:
    try:
        return f"{pid} {psutil.Process(pid).status()} {' '.join(psutil.Process(pid).cmdline())[-90:]}"
    except psutil.Error:
        return f"{pid}, which has ended by now"


def files_read(folder: Path) -> None:
    """All that a command has written reads; a run of which there is no plan yet holds no whole line."""
    for path in folder.glob("results/**/*.jsonl"):
        if b"\n" not in path.read_bytes():
            continue
        trials.read(path) if "proof" in path.name else runs.read(path)


def left_in(folder: Path) -> list[str]:
    """What a command makes for itself alone, and takes away again."""
    hidden = [each for each in folder.rglob(".*") if re.search(r"\.new$|probe|tmp", each.name)]
    locks = (folder / ".git").rglob("*.lock")
    found = [str(each.relative_to(folder)) for each in [*hidden, *locks, *(folder / "temporary").glob("*")]]
    return found + git(folder, "worktree", "list").splitlines()[1:]


def shared_by(pids: set[int]) -> list[str]:
    """Memory and semaphores that are named by these processes."""
    names = os.listdir("/dev/shm") if os.path.isdir("/dev/shm") else []
    return [each for each in names if pids & {int(n) for n in re.findall(r"(?<![^\W_])\d+(?![^\W_])", each)}]


def groups_of(pids: set[int]) -> list[str]:
    """Control groups that are named by these processes."""
    found = Path("/sys/fs/cgroup").rglob("concurrency-bench-*")
    return [str(each) for each in found if int(each.name.split("-")[2]) in pids]


def ended(command, cut_short: bool) -> int:
    """Wait for its end; of what goes on for long only so much as to see that it lives."""
    if cut_short:
        try:
            return command.process.wait(2)
        except subprocess.TimeoutExpired:
            command.process.terminate()
    return command.process.wait(120)


@dataclass
class Kill:
    """A command that has ended after a kill, or before there was one."""

    command: Command
    status: int
    allowed: Collection[int]
    there: list[psutil.Process]
    told: str


def kills(start: Callable[..., Command], name: str, turn: int) -> Iterator[Kill]:
    """Try until one kill hits."""
    moments, have_parts = random.Random(f"{name} {turn}"), [form for form in FORMS[name] if form.has_parts]
    of_a_part = bool(have_parts) and (turn + list(COMMANDS).index(name)) % 2 == 1
    forms = have_parts if of_a_part else FORMS[name]
    form = forms[turn // 2 % len(forms)]
    for _ in range(10):
        moment_s, began = moments.uniform(0, form.lasts_s), time.monotonic()
        command = start(name, *form.words)
        hit, there = killed(command, moment_s, of_a_part, moments)
        status = ended(command, cut_short=form.is_long and of_a_part)
        told = f"{name} {turn}, {hit or 'nobody'!r} killed after {moment_s:.3f} s: {status}, {command.stderr()!r}"
        print(told)
        of_a_kill = {0, 3, *([INTERRUPTED] * form.is_long)} if of_a_part else {0, -signal.SIGKILL}
        yield Kill(command, status, of_a_kill if hit else {0}, there, told)
        if hit:
            return
        form.lasts_s = time.monotonic() - began
    pytest.fail(f"{name} ended ten times before it, or a part of it, could be killed")


def check_end(kill: Kill) -> None:
    """One line at most, and a status of what has happened."""
    said, told = kill.command.stderr(), kill.told
    assert "Traceback" not in said, told
    assert "fault of this tool" not in said, told
    assert said.count("error: ") <= (kill.status == 3), told
    assert kill.status in kill.allowed or (kill.status == 1 and "regressed" in kill.command.stdout()), told


@pytest.mark.many(1)
@pytest.mark.parametrize("name", COMMANDS)
@pytest.mark.parametrize("number", range(math.ceil(KILLS / AT_ONCE)))
def test_a_kill_of_a_command_or_of_a_part_of_it_leaves_nothing(begin, tmp_path, name, number):
    assert FORMS.keys() == COMMANDS.keys()
    folder, pids, left, took = tmp_path / "mine", set(), set(), []
    repository(folder, {"mine.py": MINE, "proof.md": PROOF, ".gitignore": "temporary\nstd*\nresults\n"})
    stored(folder / "stored")
    (folder / "temporary").mkdir()

    def start(*words):
        return begin(*words, cwd=folder, folder=folder, env={"TMPDIR": str(folder / "temporary")})

    def whole(*words):
        command, began = start(*words), time.monotonic()
        assert command.process.wait(300) == 0, command.stderr()
        nothing_is_left(command.marker)
        return time.monotonic() - began

    for form in FORMS[name] if KILLS >= AT_ONCE else ():
        form.lasts_s = form.lasts_s if form.is_long else whole(name, *form.words)
    for turn in range(number * AT_ONCE, min(KILLS, (number + 1) * AT_ONCE)):
        for kill in kills(start, name, turn):
            took.append(gone_after(kill.command, kill.there))
            check_end(kill)
            files_read(folder)
            if kill.status == -signal.SIGKILL:
                left |= {*left_in(folder)}
            assert {*left_in(folder)} <= left, kill.told
            pids |= {kill.command.process.pid, *(each.pid for each in kill.there)}
    print(f"{name}: nothing was left {len(took)} times, at most after, and of: {max(took)}; files: {sorted(left)}")
    if KILLS > 1:
        whole(name, *FORMS[name][0].words)
        if left_in(folder):
            whole(*MEASURES)
        assert not left_in(folder)
        for found in (shared_by, groups_of):  # a number may be another one's by now, for a while
            until(lambda found=found: not found(pids), f"{found.__name__} {pids}: {found(pids)}")


REPLACING = """
import os, sys
number = int(sys.argv.pop(1))
os.replace = lambda *_: os.kill(os.getpid(), number)
from bench.__main__ import run
run()
"""


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM])
def test_a_file_that_was_being_written_when_a_command_ended_is_left_to_the_next_one_at_most(begin, tmp_path, how):
    stored(tmp_path / "stored")
    words = ("export", RUN, "--format", "pytest-benchmark", "--output", "x.json")
    mine = {tmp_path / name for name in (".x.json.12345678.new/mine", ".x.json.new/whole", ".x.json.87654321.new")}
    for each in mine:
        each.parent.mkdir(exist_ok=True)
        each.touch()

    def there():
        return {each for each in tmp_path.rglob("*") if ".x.json" in str(each) and each.is_file()}

    command = begin(*words, program=("-c", REPLACING, str(int(how))), folder=tmp_path)
    assert command.process.wait(60) == (-how if how == signal.SIGKILL else INTERRUPTED), command.stderr()
    assert len(there() - mine) == (how == signal.SIGKILL)
    assert begin(*words, folder=tmp_path).process.wait(60) == 0
    assert there() == mine
    assert len(list(tmp_path.glob(".x.json*"))) == len(mine)

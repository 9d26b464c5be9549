"""`kill -9` of every command at any moment, and of any process of its tree: nothing is left, and all that it wrote reads.

Half of the kills hit the command, and half any other process below it, git, drawing ones and guardians among them. In `make
test` each command is killed once, in the gate twice, and 300 times each, which takes an hour or two, by:

    BENCH_KILLS=300 python -m pytest -n 2 -rP tests/test_kills_of_commands.py

Nothing is left after 2 s of a machine that does nothing else: as many times longer, and 20 s at most, as this process, which
looks all the while, was kept waiting for a CPU. How long it took is printed (`-rP`).
"""

import math
import os
import random
import re
import signal
import subprocess
import time
from collections.abc import Collection
from dataclasses import dataclass, replace
from pathlib import Path

import psutil
import pytest

from bench.cli.main import COMMANDS
from bench.interruption import EXIT_STATUS as INTERRUPTED
from bench.store import runs, trials
from tests import builders
from tests.commands import nothing_is_left
from tests.conftest import started_by, tries
from tests.test_worktrees import git, repository

KILLS = int(os.environ.get("BENCH_KILLS", "0")) or math.ceil(tries(6) / 6)
"""Of each command."""
AT_ONCE = 20
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
        Form(("--simulated", "101", "--checks", "0", "--changed", "0", "--write", "proof.md"), 4, is_long=True),
        Form(
            ("--simulated", "0", "--checks", "1", "--changed", "0", "--peers", "1", "--load", "only"), 5, is_long=True
        ),
    ],
    "faults": [
        Form(("--strategy", "serial,process_pool", "--fault", "is_killed,gives_a_lambda", "--time-limit", "1s"), 3)
    ],
    "explain": [Form((), 0.5, has_parts=False), Form(("unstable",), 0.5, has_parts=False)],
    "list": [Form(("--workload", NAPS[0]), 0.8), Form((), 0.8)],
    "doctor": [Form(("--noise", "1"), 2), Form(("--prove", "--noise", "0"), 8, is_long=True)],
}
MEASURES = ("run", *NAPS, "--strategy", "serial", *AMOUNT)
"""What a killed command has left is taken away by the next one of its kind, or that measures."""


def parts_of(command) -> list[psutil.Process]:
    """All that the command has started, and what that has."""
    pids = {each.pid for each in psutil.Process(command.process.pid).children(recursive=True)}
    found = []
    for pid in sorted({*pids, *started_by(command.marker)} - {command.process.pid}):
        try:
            found.append(psutil.Process(pid))
        except psutil.Error:
            continue
    return found


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
    ran, waited, _ = Path("/proc/thread-self/schedstat").read_text().split()
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
    """All that a command has written reads."""
    for path in folder.glob("results/**/*.jsonl"):
        trials.read(path) if "proof" in path.name else runs.read(path)


def left_in(folder: Path) -> list[str]:
    """What a command makes for itself alone, and takes away again."""
    hidden = [each for each in folder.rglob(".*") if re.search(r"\.new$|probe|tmp", each.name)]
    found = [str(each.relative_to(folder)) for each in [*hidden, *(folder / "temporary").glob("*")]]
    return found + git(folder, "worktree", "list").splitlines()[1:]


def shared_by(pids: set[int]) -> list[str]:
    """Memory and semaphores that are named by these processes."""
    if not os.path.isdir("/dev/shm"):
        return []
    return [each for each in os.listdir("/dev/shm") if pids & {int(n) for n in re.findall(r"\d+", each)}]


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


def check_end(command, status: int, allowed: Collection[int], told: str) -> None:
    """One line at most, and a status of what has happened."""
    said = command.stderr()
    assert "Traceback" not in said, told
    assert "fault of this tool" not in said, told
    assert said.count("error: ") <= (status == 3), told
    assert status in allowed or (status == 1 and "regressed" in command.stdout()), told


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

    forms = FORMS[name]
    for form in forms if KILLS >= AT_ONCE else ():
        form.lasts_s = form.lasts_s if form.is_long else whole(name, *form.words)
    for turn in range(number * AT_ONCE, min(KILLS, (number + 1) * AT_ONCE)):
        moments, form = random.Random(f"{name} {turn}"), forms[turn // 2 % len(forms)]
        of_a_part = form.has_parts and (turn + list(COMMANDS).index(name)) % 2 == 1
        for _ in range(10):
            moment_s, began = moments.uniform(0, form.lasts_s), time.monotonic()
            command = start(name, *form.words)
            hit, there = killed(command, moment_s, of_a_part, moments)
            status = ended(command, cut_short=form.is_long and of_a_part)
            told = f"{name} {turn}, {hit or 'nobody'!r} killed after {moment_s:.3f} s: {status}, {command.stderr()!r}"
            print(told)
            pids |= {command.process.pid, *(each.pid for each in there)}
            took.append(gone_after(command, there))
            check_end(command, status, statuses(form, hit, of_a_part), told)
            files_read(folder)
            if status == -signal.SIGKILL:
                left |= {*left_in(folder)}
            assert {*left_in(folder)} <= left, told
            if hit:
                break
            form.lasts_s = time.monotonic() - began
        else:
            pytest.fail(f"{name} ended ten times before it, or a part of it, could be killed")
    print(f"{name}: nothing was left after at most, of the allowed: {max(took)}, and {len(left)} files of killed ones")
    if KILLS > 1:
        whole(name, *forms[0].words)
        if left_in(folder):
            whole(*MEASURES)
        assert not left_in(folder)
        assert not shared_by(pids)
        assert not groups_of(pids)


def statuses(form: Form, hit: str, of_a_part: bool) -> set[int]:
    """Statuses."""
    if not hit:
        return {0}
    if not of_a_part:
        return {0, -signal.SIGKILL}
    return {0, 3, *([INTERRUPTED] * form.is_long)}


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

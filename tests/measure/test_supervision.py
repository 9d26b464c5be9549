"""Measured code that turns on who watches it: that costs its block, the block says why, and the run goes on."""

import os
import random
import signal
import subprocess
from pathlib import Path

import psutil
import pytest

from bench.accounting.reaping import Reaper
from bench.measure.engine import faults
from bench.measure.engine.runner import Measurer
from bench.measure.plan import catalogue
from bench.measure.plan.cases import Selection, expand
from bench.processes.child import Child, parsed
from bench.processes.whole_lines import Lines
from bench.records.block import Outcome
from bench.records.conditions import Conditions
from bench.store.runs import read
from tests.commands import nothing_is_left, until
from tests.conftest import only_run, started_by

CONDITIONS = Conditions(seed=1, time_limit_s=20, sample_hz=5, budget_s=None)
TASKS = r"""
import os, signal

def watching():
    "The id of the supervisor, up the tree."
    pid = os.getpid()
    while True:
        with open(f"/proc/{pid}/cmdline") as file:
            if "bench.measure.supervisor.main" in file.read():
                return pid
        with open(f"/proc/{pid}/stat") as file:
            pid = int(file.read().rpartition(")")[2].split()[1])

def kills(x):
    os.kill(watching(), signal.SIGKILL)
    return x

def terminates(x):
    os.kill(watching(), signal.SIGTERM)
    return x

def stops(x):
    os.kill(watching(), signal.SIGSTOP)
    return x

def climbs(x):
    "Kill whoever is above, up to the supervisor."
    parents = [os.getppid()]
    while parents[-1] != watching():
        with open(f"/proc/{parents[-1]}/stat") as file:
            parents.append(int(file.read().rpartition(")")[2].split()[1]))
    for pid in parents:
        os.kill(pid, signal.SIGKILL)
    return x

def everywhere(data):
    def task(x):
        for descriptor in range(3, 64):
            try:
                os.set_blocking(descriptor, False)
                rest = memoryview(data)
                while rest:
                    rest = rest[os.write(descriptor, rest):]
            except OSError:
                pass
            try:
                os.set_blocking(descriptor, True)
            except OSError:
                pass
        return x
    return task

def good(x):
    return x

RUBBISH = {
    "brackets": b"[" * 200_000 + b"\n",
    "braces": b'{"a":' * 200_000 + b"\n",
    "deep": b'{"event":' + b"[" * 900 + b"]" * 900 + b"}\n",
    "endless": b"[" * 200_000,
    "noise": bytes(range(256)) * 300,
    "blank": b"\n" * 1000,
    "numbers": b'{"event": "measured", "at": ' + b"9" * 400 + b', "seconds": 1}\n',
    "foreign": b'{"block": {}}\n{"turn": 1}\n{"refused": "no"}\n',
}
"""
MODULE = (
    TASKS
    + """
from bench import workload
for name, task in [(each.__name__, each) for each in (kills, terminates, stops, climbs, good)] + [
        (name, everywhere(data)) for name, data in RUBBISH.items()]:
    workload(inputs=lambda size, rng: [1, 2], scales={"quick": 1}, name=name)(task)
"""
)
TURNING = ("kills", "terminates", "stops", "climbs")
RUBBISH = ("brackets", "braces", "deep", "endless", "noise", "blank", "numbers", "foreign")


@pytest.fixture
def defined(tmp_path, monkeypatch):
    """Takes the text of a module; gives what makes cases of its workloads by name."""
    monkeypatch.chdir(tmp_path)

    def by(text):
        Path("mine.py").write_text(text)
        found = catalogue.find(["mine.py"])

        def cases(*names, strategies=("serial",)):
            return expand(found, Selection(list(names), list(strategies)), "py", 2)

        return cases

    return by


@pytest.fixture
def planned(defined):
    """Cases of the workloads above by name."""
    return defined(MODULE)


@pytest.mark.many(2)
@pytest.mark.parametrize("strategy", ["serial", "processes"])
@pytest.mark.parametrize("name", TURNING)
def test_what_ends_or_stops_the_supervisor_costs_its_block(planned, name, strategy):
    cases = planned(name, "good", strategies=(strategy,))
    with Measurer(CONDITIONS, lambda _: None) as measurer:
        bad, good = (measurer.block(each, 0, 2) for each in cases)
    assert bad.outcome is Outcome.KILLED, bad.reason
    how = {"stops": "was stopped (SIGSTOP)", "terminates": "was ended by SIGTERM"}.get(name, "was ended by SIGKILL")
    assert (bad.case, bad.repetition) == (cases[0].case.key, 0)
    assert how in bad.reason
    assert "the measured code did" in bad.reason
    assert good.outcome is Outcome.OK, good.reason


@pytest.mark.many(2)
@pytest.mark.parametrize("name", RUBBISH)
def test_rubbish_in_every_descriptor_costs_its_block_at_most(planned, name):
    cases = planned(name, "good")
    with Measurer(CONDITIONS, lambda _: None) as measurer:
        supervisor = measurer._supervisor.process.pid
        bad, good = (measurer.block(each, 0, 2) for each in cases)
        assert measurer._supervisor.process.pid == supervisor
    assert bad.outcome is Outcome.OK or bad.reason
    assert good.outcome is Outcome.OK, good.reason


@pytest.mark.long
def test_a_run_goes_on_after_a_task_that_kills_one_that_stops_and_one_that_writes_brackets(begin):
    command = begin("run", "mine.py", "--strategy", "serial", "--scale", "quick", "--blocks", "1", "--rounds", "2",
                    files={"mine.py": MODULE})  # fmt: skip
    assert command.process.wait(300) == 3, command.stderr()
    nothing_is_left(command.marker)
    assert "Traceback" not in command.stderr()
    run = read(only_run(command.folder))
    assert run.ending.status == "complete"
    outcomes = {each.case.partition("/")[0].partition(" ")[0]: each.outcome for each in run.blocks}
    assert len(run.blocks) == len(TURNING) + len(RUBBISH) + 1
    assert sum(each.outcome is Outcome.KILLED for each in run.blocks) == len(TURNING), outcomes


def test_what_was_prepared_is_prepared_again(defined):
    cases_of = defined(
        TASKS
        + """
from contextlib import contextmanager
from bench import workload

@contextmanager
def preparing(size, rng):
    with open("prepared", "a") as file:
        file.write(f"{os.getpid()}\\n")
    yield os.getpid()

def inputs(size, rng, prepared):
    os.kill(prepared, 0)
    return [1, 2]

workload(inputs=inputs, scales={"quick": 1}, prepare=preparing, name="needing")(good)
workload(inputs=lambda size, rng: [1], scales={"quick": 1}, name="killing")(kills)
"""
    )
    needing, killing = cases_of("needing", "killing")
    with Measurer(CONDITIONS, lambda _: None) as measurer:
        measurer.prepare([needing, killing])
        outcomes = [measurer.block(each, 0, 2).outcome for each in (needing, killing, needing)]
    assert outcomes == [Outcome.OK, Outcome.KILLED, Outcome.OK]
    assert len(Path("prepared").read_text().split()) == 2


def test_a_preparation_that_kills_the_supervisor_costs_its_own_cases(defined):
    cases_of = defined(
        TASKS
        + """
from contextlib import contextmanager
from bench import workload

@contextmanager
def preparing(size, rng):
    kills(0)
    yield 1

workload(inputs=lambda size, rng, prepared: [1], scales={"quick": 1}, prepare=preparing, name="needing")(good)
workload(inputs=lambda size, rng: [1], scales={"quick": 1}, name="fine")(good)
"""
    )
    needing, fine = cases_of("needing", "fine")
    with Measurer(CONDITIONS, lambda _: None) as measurer:
        measurer.prepare([needing, fine])
        bad, good = measurer.block(needing, 0, 2), measurer.block(fine, 0, 2)
    assert bad.outcome is Outcome.FAILED
    assert "preparing needing: the supervisor" in bad.reason
    assert good.outcome is Outcome.OK


def test_a_supervisor_that_is_killed_or_stopped_between_blocks_costs_nothing(planned):
    (good,) = planned("good")
    with Measurer(CONDITIONS, lambda _: None) as measurer:
        for number in (signal.SIGKILL, signal.SIGSTOP, signal.SIGTERM):
            os.kill(measurer._supervisor.process.pid, number)
            watched = psutil.Process(measurer._supervisor.process.pid)
            until(
                lambda watched=watched: watched.status() in (psutil.STATUS_ZOMBIE, psutil.STATUS_STOPPED), "not there"
            )
            assert measurer.block(good, 0, 2).outcome is Outcome.OK


def test_one_of_several_supervisors_that_is_killed_takes_nothing_of_the_others_with_it(planned):
    cases = planned("kills", "good", "stops", "climbs", strategies=("serial", "processes", "threads"))
    blocks = list(faults.go_through(CONDITIONS, cases, at_once=4))
    assert len(blocks) == len(cases)
    for each in blocks:
        wanted = Outcome.OK if "good" in each.case else Outcome.KILLED
        assert each.outcome is wanted, (each.case, each.reason)


@pytest.mark.many(1)
@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_a_stopped_supervisor_goes_when_its_command_does(begin, how):
    command = begin("run", "mine.py:naps", "--inputs", "1..4", "--strategy", "processes", "--blocks", "99", "--rounds", "2",
                    files={"mine.py": "import time\ndef naps(x):\n    time.sleep(0.2)\n"})  # fmt: skip
    until(lambda: list(command.folder.glob("results/*.jsonl")), "no run")
    stopped = until(lambda: supervisors(command.marker), "no supervisor")
    for pid in stopped:
        os.kill(pid, signal.SIGSTOP)
    command.process.send_signal(how)
    command.process.wait(60)
    nothing_is_left(command.marker, 2 if how == signal.SIGKILL else 20)


def supervisors(marker):
    return [pid for pid in started_by(marker) if b"bench.measure.supervisor.main " in command_line(pid)]


def command_line(pid):
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return b""


def test_lines_of_any_noise_are_whole_or_dropped_and_what_follows_is_read():
    chance = random.Random(7)
    for _ in range(300):
        noise = bytes(chance.choice(b'[]{}",:01ea\n\x00\xff') for _ in range(chance.randrange(400)))
        lines, found = Lines(), []
        sent = noise + b'\n{"event": "ended"}\n'
        while sent:
            size = chance.randrange(1, 60)
            found += [parsed(each) for each in lines.add(sent[:size])]
            sent = sent[size:]
        assert found[-1] == {"event": "ended"}


def test_a_line_without_an_end_is_not_kept_for_ever():
    lines = Lines()
    piece = b"x" * (1 << 24)
    for _ in range(20):
        assert lines.add(piece) == []
        assert sum(map(len, lines._pieces)) <= 1 << 26
    assert lines.add(b"\n{}\n")[1:] == [b"{}"]


def test_a_host_that_has_left_is_waited_for_by_its_account_alone():
    """Its input is closed when it leaves: whoever waits for it then must not take what it used from the account."""
    host = Child("bench.processes.surroundings", errors=subprocess.DEVNULL)  # ends at once: that module has no `main`
    os.waitid(os.P_PID, host.process.pid, os.WEXITED | os.WNOWAIT)
    host.close_input()
    reaper = Reaper()
    assert reaper.reap(host.process.pid) == 1
    host.process.returncode = 1
    host.close()
    assert reaper.used.cpu_s > 0

"""Other processes that use the CPUs: told before measuring, by name, and only where they use a share worth telling."""

import contextlib
import os
import signal
import subprocess
import sys
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench import units
from bench.accounting import neighbours
from bench.accounting.neighbours import (
    BUSY_CORES,
    BUSY_SHARE,
    UNSEEN_CORES,
    Neighbour,
    Neighbours,
    Snapshot,
    Used,
    between,
)
from bench.accounting.reading import Identity
from bench.sessions import busy
from bench.sessions.busy import busy_line
from tests.checkouts.test_worktrees import repository
from tests.commands import until
from tests.conftest import environment
from tests.outside import in_own_namespace, in_own_process

BURN = "#!{python}\nopen({started!r}, 'w').close()\nwhile True: pass\n"
LINUX = pytest.mark.skipif(sys.platform != "linux", reason="needs Linux, where a script gives its process its name")
LOOK = """
    from bench.accounting import neighbours
    from bench.sessions.busy import busy_line
    found = neighbours.look(usable_cores=os.cpu_count())
    answer([[[each.pid, each.name, each.cores] for each in found.seen], found.unseen_cores, busy_line(found)])
"""


@contextlib.contextmanager
def burning(folder, name):
    """A process of this name that uses a CPU, for as long as the context lasts."""
    script, started = folder / name, folder / "started"
    script.write_text(BURN.format(python=sys.executable, started=str(started)))
    script.chmod(0o755)
    process = subprocess.Popen([script], stdin=subprocess.DEVNULL, cwd=folder, env=environment())
    try:
        with contextlib.suppress(PermissionError):  # where we may, before others that are busy
            os.setpriority(os.PRIO_PROCESS, process.pid, -10)
        until(started.exists, "it does not start")
        yield process
    finally:
        process.kill()
        process.wait()


def tells_of(process, said):
    """Whether a line names it; three that are busier may be there, beside which it is one of the others."""
    return "this machine is busy: " in said and (
        f"{process.args[0].name} (pid {process.pid}) " in said or ", others " in said
    )


# Real processes


@LINUX
def test_a_process_that_burns_is_told_before_anything_is_measured_and_is_in_no_file(tmp_path, begin):
    with burning(tmp_path, "furnace") as process:
        command = begin("run", "primes", "--quick", "--strategy", "serial", "--blocks", "1", "--rounds", "2")
        assert command.process.wait(120) == 0, command.stderr()
        lines = command.stderr().splitlines()
    (said,) = [line for line in lines if line.startswith("this machine is busy: ")]
    assert tells_of(process, said)
    assert said.endswith("; intervals will be wider")
    assert lines.index(said) < next(n for n, line in enumerate(lines) if line.startswith("measuring"))
    written = [each for each in (command.folder / "results").rglob("*") if each.is_file()]
    assert written
    assert not any(b"furnace" in each.read_bytes() for each in written)


@pytest.mark.long
@LINUX
def test_a_check_and_a_run_that_goes_on_say_it_too(tmp_path, begin):
    repository(tmp_path / "mine", {"mine.py": "def f(x): return x + 1\n"})
    words = ["check", "--base", "HEAD", "mine.py:f", "--inputs", "1..9", "--budget", "1s"]
    with burning(tmp_path, "furnace") as process:
        check = begin(*words, cwd=tmp_path / "mine")
        assert check.process.wait(120) == 0, check.stderr()
        run = begin("run", "primes", "--quick", "--strategy", "serial", "--blocks", "90", "--rounds", "2")
        until(lambda: "90 blocks of each" in run.stderr() and list(run.folder.rglob("*.jsonl")), "it does not measure")
        run.process.send_signal(signal.SIGINT)
        assert run.process.wait(60) == 130
        (written,) = run.folder.rglob("*.jsonl")
        resumed = begin("run", "--resume", written, cwd=run.folder)
        until(lambda: "are there" in resumed.stderr() and "busy" in resumed.stderr(), "it does not go on")
        for each in (check, run, resumed):
            assert tells_of(process, each.stderr())


@LINUX
def test_what_a_name_holds_cannot_steer_the_terminal(tmp_path):
    with burning(tmp_path, "\x1b[2J) R 1 (\n") as process:
        seen, _, said = in_own_process(LOOK)
    assert process.pid in [pid for pid, *_ in seen]
    assert f"�[2J) R 1 (  (pid {process.pid})" in said or ", others " in said
    assert said.isprintable()


def test_the_own_tree_is_no_neighbour_however_busy():
    seen, own = in_own_process("""
    import subprocess
    from bench.accounting import neighbours
    burner = [sys.executable, "-c", "while True: pass"]
    nested = [sys.executable, "-c", f"import subprocess; subprocess.run({burner!r}, timeout=60)"]
    children = [subprocess.Popen(each, start_new_session=True) for each in (burner, nested)]
    import psutil
    while len(tree := psutil.Process().children(recursive=True)) < 3: time.sleep(0.01)
    found = neighbours.look(usable_cores=os.cpu_count())
    subprocess.run([sys.executable, "-c", "sum(range(10**6))"])
    for each in tree: each.kill()
    answer([[each.pid for each in found.seen], [os.getpid(), *(each.pid for each in tree)]])
    """)
    assert not set(seen) & set(own)


def test_a_process_that_ends_meanwhile_disturbs_nothing():
    own_s = in_own_process("""
    import subprocess
    from bench.accounting import neighbours
    burner = subprocess.Popen([sys.executable, "-c", "while True: pass"])
    time.sleep(0.5)
    before = neighbours.snapshot()
    burner.kill()
    burner.wait()
    time.sleep(0.2)
    after = neighbours.snapshot()
    gains = {who.pid: gain for who, gain in neighbours._gains(before, after).items()}
    assert burner.pid not in [each.pid for each in neighbours.between(before, after, 1).seen]
    answer(gains[os.getpid()])
    """)
    assert own_s < 0.3, "the parent got what the child had used before"


def test_what_runs_outside_of_a_container_is_told_although_it_has_no_name_there(tmp_path):
    prefix = in_own_namespace()
    with burning(tmp_path, "furnace"), burning(tmp_path, "boiler"):
        seen, unseen_cores, said = in_own_process(LOOK, before=prefix)
    assert not {"furnace", "boiler"} & {name for _, name, _ in seen}
    assert unseen_cores > UNSEEN_CORES
    assert f"processes that cannot be seen from here use {units.of_a_core(unseen_cores)}" in said


# By numbers


def taken_at(at_s, processes, busy_s=0.0, stolen_s=0.0, waited_s=None):
    """A snapshot of processes that are given as pid: (parent, own_s, reaped_s)."""
    return Snapshot(
        at_s,
        {Identity(pid, 0.0): Used(parent, f"p{pid}", own_s, reaped_s) for pid, (parent, own_s, reaped_s) in processes.items()},
        busy_s,
        stolen_s,
        waited_s,
    )  # fmt: skip


@pytest.fixture
def cpus(monkeypatch):
    """The CPUs that this process may use, and all there are."""

    def give(allowed, logical):
        monkeypatch.setattr(neighbours, "allowed_cpus", lambda: set(range(allowed)))
        monkeypatch.setattr(neighbours.psutil, "cpu_count", lambda: logical)
        monkeypatch.setattr(neighbours, "_may_run_on", lambda pid, cpus: True)

    return give


FOREIGN = 4_000_000
"""Above what Linux gives as ids."""
seconds = st.floats(0, 1000)


@given(before=seconds, meanwhile=seconds, parents=seconds)
def test_a_parent_has_of_its_children_what_they_used_meanwhile_and_not_before(before, meanwhile, parents):
    first = taken_at(0, {FOREIGN: (1, parents, 0), FOREIGN + 1: (FOREIGN, before, 0)})
    last = taken_at(1, {FOREIGN: (1, parents, before + meanwhile)})
    found = between(first, last, 1)
    assert sum(each.cores for each in found.seen) == pytest.approx(meanwhile, abs=1e-6)


@given(st.lists(seconds, min_size=2, max_size=6), seconds, seconds)
def test_who_is_left_of_a_line_of_processes_has_what_they_used_meanwhile_and_not_before(befores, meanwhile, parents):
    """As where a shell waits for `make`, which waits for what it has run for hours."""
    line = {FOREIGN + n + 1: (FOREIGN + n, before, 0) for n, before in enumerate(befores)}
    first = taken_at(0, {FOREIGN: (1, parents, 0), **line})
    last = taken_at(1, {FOREIGN: (1, parents, sum(befores) + meanwhile)})
    assert sum(each.cores for each in between(first, last, 1).seen) == pytest.approx(meanwhile, abs=1e-6)


@given(st.lists(seconds, min_size=1, max_size=6), st.floats(0.2, 10))
def test_neighbours_come_the_busiest_first_and_in_cores(used, over_s):
    first = taken_at(10, {})
    last = taken_at(10 + over_s, {FOREIGN + n: (1, each, 0) for n, each in enumerate(used)})
    cores = [each.cores for each in between(first, last, 1).seen]
    assert cores == sorted(cores, reverse=True)
    assert sum(cores) == pytest.approx(sum(used) / over_s)


def test_a_quota_leaves_cpus_that_others_may_have(cpus):
    cpus(allowed=64, logical=64)
    used = {FOREIGN: (1, 10.0, 0)}
    assert between(taken_at(0, {}), taken_at(1, used, busy_s=10), usable_cores=64).taken_cores == 10
    assert between(taken_at(0, {}), taken_at(1, used, busy_s=10), usable_cores=2).taken_cores == 0
    assert between(taken_at(0, {}), taken_at(1, used, busy_s=63, stolen_s=0.5), usable_cores=2).taken_cores == 1.5


def test_where_only_some_cpus_may_be_used_what_runs_on_others_takes_nothing(cpus):
    cpus(allowed=2, logical=64)
    used = {FOREIGN: (1, 10.0, 0)}
    assert between(taken_at(0, {}), taken_at(1, used, busy_s=0.0), usable_cores=2).taken_cores == 0
    assert between(taken_at(0, {}), taken_at(1, used, busy_s=1.5), usable_cores=2).taken_cores == 1.5


def test_cpu_of_nobody_is_told_where_it_is_more_than_samples_err(cpus):
    cpus(allowed=2, logical=2)
    for busy_s, unseen in ((UNSEEN_CORES - 0.01, 0), (UNSEEN_CORES + 0.01, UNSEEN_CORES + 0.01)):
        found = between(taken_at(0, {}), taken_at(1, {}, busy_s=busy_s), usable_cores=2)
        assert found.unseen_cores == found.taken_cores == pytest.approx(unseen)


def test_what_the_own_tree_uses_is_used_by_nobody_else(cpus):
    cpus(allowed=2, logical=2)
    own = {os.getpid(): (1, 0.3, 0.4), FOREIGN: (os.getpid(), 0.2, 0), FOREIGN + 1: (FOREIGN, 0.5, 0)}
    found = between(taken_at(0, {}), taken_at(1, own, busy_s=1.4), usable_cores=2)
    assert (found.seen, found.unseen_cores, found.taken_cores) == ([], 0, 0)


def of_others(*cores, usable=2, **more):
    seen = [Neighbour(100 + n, f"p{n}", each) for n, each in enumerate(cores)]
    taken = sum(cores) + more.get("unseen_cores", 0) + more.get("stolen_cores", 0)
    return replace(Neighbours(0.25, seen, 0.0, 0.0, None, taken, usable), **more)


@pytest.mark.parametrize("usable", [1, 10, 64])
def test_a_machine_is_busy_from_a_tenth_of_a_core_or_a_hundredth_of_many(usable):
    limit = max(BUSY_CORES, BUSY_SHARE * usable)
    assert not of_others(limit - 0.001, usable=usable).is_busy
    assert of_others(limit + 0.001, usable=usable).is_busy


@pytest.mark.parametrize(
    ("found", "said"),
    [
        (of_others(0.09), ""),
        (of_others(), ""),
        (of_others(0.98), "p0 (pid 100) uses 98 % of a core"),
        (of_others(0.98, 0.34, 0.03), "p0 (pid 100) uses 98 % of a core, p1 (pid 101) 34 %"),
        (
            of_others(3.2, 1.04, 0.5, 0.4, 0.3),
            "p0 (pid 100) uses 3.2 cores, p1 (pid 101) 104 %, p2 (pid 102) 50 %, others 70 %",
        ),
        (of_others(*[0.04] * 5), "other processes use 20 % of a core"),
        (of_others(unseen_cores=1.9), "processes that cannot be seen from here use 1.9 cores"),
        (of_others(stolen_cores=0.3), "the host of this virtual machine takes 30 % of a core"),
        (of_others(0.5, waited_share=0.42), "p0 (pid 100) uses 50 % of a core, something waited for a CPU 42 % of the time"),
        (of_others(1.0, waited_share=1.0), "p0 (pid 100) uses 100 % of a core, something waited for a CPU 100 % of the time"),
        (of_others(waited_share=0.9), ""),
    ],
)  # fmt: skip
def test_the_line(found, said):
    assert busy_line(found) == (f"this machine is busy: {said}; intervals will be wider" if said else "")


# Whatever happens


@pytest.mark.parametrize(
    "error", [OSError(13, "Permission denied"), neighbours.psutil.AccessDenied(1), KeyError("user")]
)
def test_where_the_machine_cannot_be_looked_at_nothing_is_said_and_nothing_stops(monkeypatch, error):
    def refuse():
        raise error

    said = []
    monkeypatch.setattr(busy, "snapshot", refuse)
    busy.Watch().say_if_busy(said.append)
    monkeypatch.undo()
    watch = busy.Watch()
    monkeypatch.setattr(busy, "between", lambda *_: refuse())
    watch.say_if_busy(said.append)
    assert said == []


def test_it_looks_for_as_long_as_tells_something_and_no_longer_than_the_command_works_anyway(monkeypatch):
    slept = []
    monkeypatch.setattr(busy.time, "sleep", slept.append)
    watch = busy.Watch()
    watch.say_if_busy(lambda _: None)
    monkeypatch.setattr(watch, "_before", replace(watch._before, at_s=watch._before.at_s - 2 * neighbours.LOOK_S))
    watch.say_if_busy(lambda _: None)
    assert 0 < slept[0] <= neighbours.LOOK_S
    assert slept[1] == 0


@LINUX
def test_what_is_wrong_is_one_line_on_a_busy_machine_too(tmp_path, begin):
    with burning(tmp_path, "furnace"):
        command = begin("run", "primes", "--inputs", "1..3")
        assert command.process.wait(120) == 2
    assert command.stderr().startswith("error: ")
    assert len(command.stderr().splitlines()) == 1

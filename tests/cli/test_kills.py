"""`kill -9` of any process of a run at any moment: nothing is left, nothing measured is lost, and the run can go on."""

import math
import random
import re
import time
from collections import Counter

import psutil
import pytest

from bench.records.block import Outcome
from bench.store.runs import read
from tests.commands import beginning, nothing_is_left, until
from tests.conftest import only_run, tries

STRATEGIES = "serial,processes,pool_map"
BLOCKS = 2
KILLS = 5
"""Of one run, which is resumed after each."""
KILLS_BESIDE = 2
"""In one run, which goes on."""
MINE = """
import time
def naps(x):
    time.sleep(0.01)
    return x
"""
RUN = ("run", "mine.py:naps", "--inputs", "1..4", "--strategy", STRATEGIES, "--workers", "2")
AMOUNT = ("--blocks", str(BLOCKS), "--rounds", "2", "--time-limit", "4s")


def processes_of(command, role):
    """Those of a command that have a role: by what they run, and by who started them."""
    if role == "command":
        return [command.process.pid]
    found = []
    for each in psutil.Process(command.process.pid).children(recursive=True):
        try:
            line = " ".join(each.cmdline())
            if role == "worker":
                if "bench.measure.host.main" in " ".join(each.parent().cmdline()) and "resource_tracker" not in line:
                    found.append(each.pid)
            elif f"bench.measure.{role}.main " in line and f"bench.measure.{role}.main " not in " ".join(
                each.parent().cmdline()
            ):
                found.append(each.pid)
        except (psutil.Error, AttributeError):
            continue
    return found


def kill_one(command, role, after_s):
    """Kill a process of that role so many seconds after the command's start, or as soon as there is one; False if there
    was none until the command ended."""
    time.sleep(after_s)
    while command.process.poll() is None:
        try:
            found = processes_of(command, role)
            if found:
                psutil.Process(found[0]).kill()
                return True
        except psutil.Error:
            pass
    return False


@pytest.fixture(scope="module")
def whole_s(tmp_path_factory):
    """How long the command takes that nobody kills, at the load there is."""
    with beginning(tmp_path_factory.mktemp("whole")) as begin:
        began = time.monotonic()
        assert begin(*RUN, *AMOUNT, files={"mine.py": MINE}).process.wait(60) == 0
        return time.monotonic() - began


@pytest.mark.many(1)
@pytest.mark.parametrize("number", range(math.ceil(tries(3) / KILLS_BESIDE)))
@pytest.mark.parametrize("role", ["supervisor", "host", "worker"])
def test_kills_at_any_moment_leave_nothing_and_cost_a_block_each_at_most(begin, whole_s, role, number):
    moments = random.Random(f"{role} {number}")
    for missed in range(10):
        command = begin(*RUN, *AMOUNT, files={"mine.py": MINE})
        kills = 0
        for _ in range(KILLS_BESIDE):
            kills += kill_one(command, role, moments.uniform(0, 0.5 * whole_s / (1 + missed)))
        if kills == KILLS_BESIDE:
            break
    else:
        pytest.fail(f"ten commands ended before so many {role}s were there to be killed")
    status = command.process.wait(timeout=60)
    nothing_is_left(command.marker)
    assert status in (0, 3), command.stderr()  # in a trial, in a block, or between two of them
    assert "Traceback" not in command.stderr()
    run = read(only_run(command.folder))
    assert run.ending.status == "complete"
    assert (status == 3) == any(block.outcome is not Outcome.OK for block in run.blocks)
    assert sum(block.outcome is not Outcome.OK for block in run.blocks) <= KILLS_BESIDE


@pytest.mark.long
@pytest.mark.parametrize("number", range(math.ceil(tries(3) / KILLS)))
def test_kills_at_any_moment_one_after_another_leave_nothing_and_lose_nothing(begin, whole_s, number):
    moments = random.Random(f"command {number}")
    kills, missed, folder, kept = 0, 0, None, None
    while kills < KILLS:
        go_on = (*RUN[:4], "--resume", kept.header.id) if kept else (*RUN, *AMOUNT)
        command = begin(*go_on, files={"mine.py": MINE}, folder=folder)
        killed = kill_one(command, "command", moments.uniform(0, 0.7 * whole_s / (1 + missed)))
        kills, missed = kills + killed, missed + (not killed)
        status = command.process.wait(timeout=60)
        nothing_is_left(command.marker)
        assert "Traceback" not in command.stderr()
        assert status in (-9, 0)
        folder = command.folder
        if not list(folder.glob("results/*.jsonl")):
            continue  # before the plan was made
        run = read(only_run(folder))
        assert status != 0 or run.ending.status == "complete"
        if kept:
            assert run.header == kept.header
            assert run.blocks[: len(kept.blocks)] == kept.blocks
        kept = run
        if run.ending is not None and run.ending.status == "complete":
            folder, kept = None, None  # it came too late: another run
    if kept:
        finished_by(begin, command, kept, kills)


def finished_by(begin, command, run, cuts):
    """What was there is there, and `--resume` adds what was missing, once."""
    resumed = begin(*RUN[:4], "--resume", run.header.id, folder=command.folder)
    status = resumed.process.wait(timeout=120)
    told = resumed.stderr()
    if run.ending is not None and run.ending.status == "complete":  # killed after its last word
        assert status == 2 and "there is nothing to finish" in told
        return
    assert status == 0, told
    whole = read(resumed.folder / "results" / f"{run.header.id}.jsonl")
    assert whole.header == run.header
    assert whole.blocks[: len(run.blocks)] == run.blocks
    assert whole.ending.status == "complete"
    assert not whole.notes
    assert set(Counter((block.case, block.repetition) for block in whole.blocks).values()) == {1}
    assert whole.header.plan.blocks == BLOCKS * len(STRATEGIES.split(","))
    counts = Counter(block.case for block in whole.blocks)
    (base,) = [each.key for each in whole.header.plan.cases if each.strategy == "serial"]
    ensembles = {block.repetition for block in whole.blocks}
    assert counts[base] == len(ensembles), "one in each"
    assert BLOCKS <= len(ensembles) <= BLOCKS + cuts, (
        "where one was cut, what it lacks is measured in another, beside the base"
    )
    assert counts == dict.fromkeys((each.key for each in whole.header.plan.cases), BLOCKS) | {base: len(ensembles)}
    assert {block.outcome for block in whole.blocks} == {Outcome.OK}


def test_the_file_of_a_killed_run_says_how_much_is_there(begin):
    command = begin(*RUN, "--blocks", "300", "--rounds", "2", files={"mine.py": MINE})
    until(lambda: [each for each in command.folder.glob("results/*") if each.read_bytes().count(b"\n") > 3], "no block")
    command.process.kill()
    command.process.wait()
    nothing_is_left(command.marker)
    (file,) = command.folder.glob("results/*")
    (note,) = read(file).notes[-1:]
    assert re.fullmatch(r"the run was cut: \d+ of 900 planned blocks are there", note)

"""Comparing with a plain loop: as much as there is time for, made once a run, and no strategy's failure."""

import json
import time
from functools import partial
from itertools import pairwise

import pytest

from bench.errors import WrongResult
from bench.measure.results.plain_loop import Comparison, Pace, keep, kept, spread
from tests.conftest import only_run

TASKS = """
import asyncio, os, threading, time

def nap(x):
    time.sleep(0.2)
    return x

async def dream(x):
    await asyncio.sleep(0.2)
    return x

together = threading.Barrier(4)

def meet(x):
    together.wait()
    return x

def place(x):
    return os.getpid()
"""


def blocks_of(bench, tmp_path, function, inputs, strategies, *more):
    (tmp_path / "mine.py").write_text(TASKS)
    given = ["--inputs", inputs, "--strategy", strategies, "--blocks", "1", "--rounds", "2", "--time-limit", "15s"]
    done = bench("run", f"mine.py:{function}", *given, *more)
    lines = map(json.loads, only_run(tmp_path).read_text().splitlines())
    return {each["case"].split("/")[2]: each for each in lines if each["kind"] == "block"}, done


@pytest.mark.long
@pytest.mark.parametrize(
    ("function", "strategy", "tasks"), [("nap", "threads", 200), ("dream", "asyncio", 200), ("meet", "threads", 4)]
)
def test_what_there_is_no_time_to_compare_is_said_and_is_no_failure(bench, tmp_path, function, strategy, tasks):
    blocks, done = blocks_of(bench, tmp_path, function, f"1..{tasks}", f"serial,{strategy}")
    block = blocks[strategy]
    assert blocks["serial"]["outcome"] == "timed_out"
    assert block["outcome"] == "ok", block
    assert 0 <= block["compared"] < tasks
    said = f"results of {block['compared']} of {tasks} inputs were compared with a plain loop's; there was no time for more"
    assert done.stderr.count(said) == 1
    assert "partly_compared" in done.stdout


@pytest.mark.long
def test_a_result_that_depends_on_its_process_is_compared_in_that_process(bench, tmp_path):
    blocks, _ = blocks_of(bench, tmp_path, "place", "1..20", "serial,thread_pool,process_pool")
    assert blocks["thread_pool"]["outcome"] == "ok"
    assert blocks["thread_pool"]["compared"] == 20
    assert blocks["process_pool"]["outcome"] == "wrong"


def compared(results, path, task, limit_s=60.0):
    comparison = Comparison(task, lambda: list(range(len(results))), results, Pace(limit_s), lambda *_: None)
    comparison.run(str(path))
    return comparison.compared


def test_a_plain_loop_runs_once_for_all_who_compare(tmp_path):
    calls = []

    def task(number):
        calls.append(number)
        return [number]

    results = [[number] for number in range(50)]
    assert compared(results, tmp_path / "kept", task) == 50
    assert sorted(calls) == list(range(50))
    for _ in range(3):
        assert compared(results, tmp_path / "kept", task) == 50
    assert len(calls) == 53, "and one input for each of them, to see whether the function counts its calls"


@pytest.mark.parametrize("kept_by", ["serial", "the first"])
def test_a_result_that_is_wrong_is_found_among_those_that_are_kept(tmp_path, kept_by):
    right = [str(number) for number in range(100)]
    path = tmp_path / "kept"
    if kept_by == "serial":
        keep(str(path), right, 60.0)
    else:
        assert compared(right, path, str) == 100
    with pytest.raises(WrongResult, match="input 77 gave '0', and '77' in a plain loop"):
        compared([*right[:77], "0", *right[78:]], path, str)


def test_one_that_is_wrong_leaves_no_half_of_a_loop_to_the_others(tmp_path):
    with pytest.raises(WrongResult):
        compared([0] * 100, tmp_path / "kept", int)
    assert kept(str(tmp_path / "kept")) is None
    assert compared(list(range(100)), tmp_path / "kept", int) == 100


def test_results_that_do_not_pickle_are_made_again_while_there_is_time(tmp_path):
    def same(number):
        return kinds[number]

    kinds = [partial(lambda number: number, number) for number in range(20)]
    keep(str(tmp_path / "kept"), kinds, 60.0)
    assert compared(kinds, tmp_path / "kept", same) == 20
    assert compared(kinds, tmp_path / "kept", same, limit_s=0.0) == 0


def test_a_call_that_would_not_end_in_time_is_not_begun(tmp_path):
    began = time.monotonic()

    def slow(number):
        time.sleep(0.2)
        return number

    count = compared(list(range(1000)), tmp_path / "kept", slow, limit_s=1.0)
    assert 0 < count <= 5
    assert time.monotonic() - began >= 0.2 * count


@pytest.mark.parametrize("count", [1, 2, 3, 10, 97, 1000])
def test_inputs_are_taken_each_once_and_evenly(count):
    positions = list(spread(count))
    assert sorted(positions) == list(range(count))
    if count >= 97:
        first = sorted(positions[:10])
        gaps = [after - before for before, after in pairwise(first)]
        assert max(gaps) <= count / 3

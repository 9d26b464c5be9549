"""A run of a thousand blocks leaves the processes that measure as they were after its first ten."""

import os

import psutil

from bench.measure import catalogue
from bench.measure.cases import Selection, expand
from bench.measure.conditions import Conditions
from bench.measure.runner import Measurer
from bench.model import Outcome

BLOCKS = int(os.environ.get("BENCH_LONG_BLOCKS", "120"))
SETTLED = 10
GROWTH_BYTES = 1_000_000
"""What allocators may keep; a leak of a kB a block would show at a thousand."""


def state(process):
    memory = process.memory_full_info()
    return {"descriptors": process.num_fds(), "threads": process.num_threads()}, memory.uss


def test_a_long_run_leaves_its_processes_as_they_were(tmp_path, workload_file, monkeypatch):
    monkeypatch.chdir(tmp_path)
    file = workload_file(
        "@workload(inputs=lambda size, rng: list(range(size)), scales={'quick': 2})\ndef same(x):\n    return x\n"
    )
    found = catalogue.find([file])
    cases = expand(found, Selection(["same"], ["serial", "threads", "thread_pool", "processes"]), "py", 2)
    command = psutil.Process()
    seen = []
    with Measurer(Conditions(1, 60, 20, None), lambda _: None) as measurer:
        supervisor = psutil.Process(measurer._supervisor.process.pid)
        for number in range(BLOCKS):
            block = measurer.block(cases[number % len(cases)], number, 2)
            assert block.outcome is Outcome.OK, block.reason
            assert block.leaked_processes == 0
            if number + 1 in (SETTLED, BLOCKS):
                seen.append((state(supervisor), state(command), supervisor.children()))
    (first, first_own, _), (last, last_own, children) = seen
    assert last[0] == first[0]
    assert all(last_own[0][each] <= first_own[0][each] for each in first_own[0])  # a server of another test may end
    assert last[1] - first[1] < GROWTH_BYTES
    assert last_own[1] - first_own[1] < GROWTH_BYTES
    assert children == []

"""A run of a thousand blocks leaves the processes that measure as they were after its first ten."""

import json
import os
import subprocess
import sys

import pytest

from tests.conftest import environment

BLOCKS = int(os.environ.get("BENCH_LONG_BLOCKS", "120"))
SETTLED = 10
GROWTH_BYTES = 1_000_000
"""What allocators may keep; a leak of a kB a block would show at a thousand."""
MINE = """
from bench import workload
@workload(inputs=lambda size, rng: list(range(size)), scales={"quick": 2})
def same(x):
    return x
"""
COMMAND = """
import json, sys
import psutil
from bench.measure.plan import catalogue
from bench.measure.plan.cases import Selection, expand
from bench.records.conditions import Conditions
from bench.measure.engine.runner import Measurer

def state(process):
    return [process.memory_full_info().uss, process.num_fds(), process.num_threads()]

blocks, settled = map(int, sys.argv[1:])
cases = expand(catalogue.find(["mine.py"]), Selection(["same"], ["serial", "threads", "thread_pool", "processes"]), "py", 2)
seen, wrong = [], []
with Measurer(Conditions(1, None, 60, 20), lambda _: None) as measurer:
    supervisor = psutil.Process(measurer._supervisor.process.pid)
    for number in range(blocks):
        block = measurer.block(cases[number % len(cases)], number, 2)
        wrong += [f"{number} {block.outcome}: {block.reason}"] if block.outcome != "ok" or block.leaked_processes else []
        if number + 1 in (settled, blocks):
            seen.append([state(supervisor), state(psutil.Process())])
    left = [each.pid for each in supervisor.children()]
print(json.dumps([seen, wrong, left]))
"""


@pytest.mark.long
def test_a_long_run_leaves_its_processes_as_they_were(tmp_path):
    (tmp_path / "mine.py").write_text(MINE)
    command = [sys.executable, "-P", "-c", COMMAND, str(BLOCKS), str(SETTLED)]
    done = subprocess.run(command, cwd=tmp_path, env=environment(), capture_output=True, text=True, check=True)
    (first, last), wrong, left = json.loads(done.stdout)
    assert (wrong, left) == ([], [])
    for (used_bytes, *kept), (used_later_bytes, *kept_later) in zip(first, last, strict=True):
        assert kept_later == kept
        assert used_later_bytes - used_bytes < GROWTH_BYTES

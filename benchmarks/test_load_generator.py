"""Our clients beside a load generator written apart: requests a second and median latency of the same running server.

Both send lines of one size over as many kept connections, in turns, in a random order within each pair. Ours are timed
as a round is, around `drive`, so the ratio holds what giving the order and bringing back the replies cost, too.
"""

import json
import random
import statistics
import subprocess
import sys
import time
from pathlib import Path

import pytest
from bench.workloads._echo_clients import waiting_clients
from bench.workloads.echo import echo

from bench.patterns import PATTERNS
from bench.patterns.serve import Load

PAIRS, CLIENTS, REQUESTS, SIZE_BYTES, WORKERS = 15, 4, 5000, 500, 2
SCRIPT = Path(__file__).with_name("independent_client.py")


def theirs(port):
    command = [sys.executable, SCRIPT, *map(str, (port, CLIENTS, REQUESTS, SIZE_BYTES))]
    seen = json.loads(subprocess.run(command, capture_output=True, check=True).stdout)
    return seen["per_second"], seen["median_s"]


def ours(call, load):
    began = time.perf_counter()
    replies = call(echo, load)
    took = time.perf_counter() - began
    PATTERNS["serve"].check(echo, load, replies)
    return CLIENTS * REQUESTS / took, statistics.median(replies.latencies_s)


@pytest.mark.strategies(
    "asyncio_server", "thread_per_connection", "pre_forked", "selectors_server", "one_after_another", workers=WORKERS
)
def test_an_independent_load_generator_sees_the_same(benchmark, strategy):
    request = b"a" * (SIZE_BYTES - 1) + b"\n"
    pairs = []

    def compare():
        rng = random.Random(1)
        with waiting_clients([[(request, request.upper())]] * CLIENTS) as control_port:
            load = Load(control_port, CLIENTS, 1, REQUESTS)
            ours(strategy, load)
            for _ in range(PAIRS):
                arms = {"ours": lambda: ours(strategy, load), "theirs": lambda: theirs(strategy.yielded._port)}  # noqa: SLF001
                seen = {}
                for arm in rng.sample(sorted(arms), 2):
                    seen[arm] = arms[arm]()
                pairs.append((seen["ours"], seen["theirs"]))

    benchmark.pedantic(compare, rounds=1)
    figures = {
        what: [statistics.median(pair[arm][index] for pair in pairs) for arm in (0, 1)]
        for index, what in enumerate(("per_second", "median_s"))
    }
    ratios = {
        what: statistics.median(pair[0][index] / pair[1][index] for pair in pairs)
        for index, what in enumerate(("per_second", "median_s"))
    }
    benchmark.extra_info.update(figures=figures, ratios=ratios)
    print(
        f"\n{strategy.case.strategy}: {figures['per_second'][0]:.0f} requests a second by our clients, "
        f"{figures['per_second'][1]:.0f} by others, ratio {ratios['per_second']:.3f}; "
        f"median latency {figures['median_s'][0] * 1e6:.0f} µs and {figures['median_s'][1] * 1e6:.0f} µs, "
        f"ratio {ratios['median_s']:.3f}"
    )

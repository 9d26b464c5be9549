"""The clock, and what else a host uses: whatever measured code rebinds, freezes or mocks, times are those of the machine.

Made here is what such libraries do: they go through all loaded modules and put their own functions where they find the clock.
"""

import json

import pytest

from bench.measure.supervisor.clock_check import ClocksDisagree, check_clock
from bench.store.runs import read
from tests.conftest import only_run

pytest_plugins = ["pytester"]

REBINDING = """
import sys, time, timeit
REAL = {name: getattr(time, name) for name in ("perf_counter", "monotonic", "time", "process_time", "thread_time", "perf_counter_ns")}

def rebind(make):
    fakes = {id(real): make(real) for real in REAL.values()}
    for real, fake in zip(REAL.values(), fakes.values()):
        fake.__module__, fake.__name__, fake.__qualname__ = "time", real.__name__, real.__name__
    for module in list(sys.modules.values()):
        for name, value in list(vars(module).items()) if hasattr(module, "__dict__") else ():
            if id(value) in fakes:
                try:
                    setattr(module, name, fakes[id(value)])
                except Exception:
                    pass

def frozen(real):
    return lambda: 1000

def fast(real):
    return lambda: real() * 1000

def ticking(real):
    moments = iter(range(10**9))
    return lambda: next(moments) * 15

def work(x):
    began = REAL["thread_time"]()
    while REAL["thread_time"]() - began < 0.005:
        pass
    return x
"""
AT_IMPORT = "rebind({manner})\n"
IN_THE_TASK = """
def work(x, before=work):
    rebind({manner})
    return before(x)
"""


def measured(bench, tmp_path, body, *options):
    (tmp_path / "mine.py").write_text(body)
    done = bench("run", "mine.py:work", "--inputs", "1..4", "--blocks", "1", "--rounds", "3", *options)
    return done, read(only_run(tmp_path)).blocks


@pytest.mark.many(1)
@pytest.mark.parametrize("when", [AT_IMPORT, IN_THE_TASK], ids=["at import", "in the task"])
@pytest.mark.parametrize("manner", ["frozen", "fast", "ticking"])
def test_a_clock_that_is_rebound_moves_no_time(bench, tmp_path, when, manner):
    body = REBINDING + when.format(manner=manner)
    done, blocks = measured(bench, tmp_path, body, "--strategy", "serial,threads,fork")
    assert done.returncode == 0, done.stdout + done.stderr
    for block in blocks:
        assert block.outcome == "ok"
        assert len(block.rounds) == 3
        for each in block.rounds:
            assert 0 < each.wall_s < block.whole.wall_s
            if block.case.split("/")[2] == "serial":
                assert each.wall_s >= 4 * 0.005  # CPU time of one thread is never more than the time that passes


def test_a_clock_that_is_patched_in_c_fails_the_block_and_says_why(bench, tmp_path):
    body = """
import ctypes, time

class Definition(ctypes.Structure):
    _fields_ = [("name", ctypes.c_char_p), ("function", ctypes.c_void_p)]

class Function(ctypes.Structure):
    _fields_ = [("refcount", ctypes.c_ssize_t), ("type", ctypes.c_void_p), ("definition", ctypes.POINTER(Definition))]

def of(function):
    return Function.from_address(id(function)).definition.contents

def work(x):
    of(time.perf_counter).function = of(time.process_time).function
    return x
"""
    done, (block,) = measured(bench, tmp_path, body, "--strategy", "serial")
    assert done.returncode == 3
    assert block.outcome == "failed"
    assert "the clock of the measured process is wrong" in block.reason
    assert block.reason in done.stderr


@pytest.mark.many(1)
@pytest.mark.parametrize(
    "rebinding",
    [
        "json.dumps = lambda *arguments, **named: b'{}'",
        "json.JSONEncoder.encode = json.JSONEncoder.iterencode = None; json.loads = json.JSONDecoder.decode = None",
        "gc.collect = gc.freeze = None",
        "os.write = os._exit = os.read = None",
        "resource.getrusage = lambda who: [0] * 16",
        "statistics.median = statistics.mean = None",
        "signal.signal = signal.getsignal = None",
        "sys.modules.pop('json'); sys.modules.pop('time'); sys.modules['resource'] = None",
    ],
)
def test_what_is_put_into_the_standard_library_harms_no_measurement(bench, tmp_path, rebinding):
    body = f"import gc, json, os, resource, signal, statistics, sys, time\n{rebinding}\ndef work(x):\n    {rebinding.partition(';')[0]}\n    return sum(range(10_000))"
    if "sys.modules" in rebinding:
        body = body.replace("    sys.modules.pop('json')\n", "")
    done, blocks = measured(bench, tmp_path, body, "--strategy", "serial,threads")
    assert done.returncode == 0, done.stdout + done.stderr
    for block in blocks:
        assert block.outcome == "ok"
        assert block.whole.user_s > 0


def test_a_window_lies_where_it_was_seen():
    check_clock("round 1", 10.0, 1.0, (10.0, 11.0))
    check_clock("round 1", 10.5, 0.1, (10.0, 600.0))  # whoever is late on a busy machine
    for began_s, took_s in ((9.9, 1.0), (10.0, 1.1), (10.5, -0.1), (0.0, 0.0), (1.8e9, 0.0)):
        with pytest.raises(ClocksDisagree, match="round 1 took"):
            check_clock("round 1", began_s, took_s, (10.0, 11.0))


@pytest.fixture
def plugin(pytester, monkeypatch):
    """Run pytest on a file of tests whose conftest rebinds the clock; the benchmarks by name."""
    for name in ("PYTEST_XDIST_WORKER", "PYTEST_XDIST_WORKER_COUNT", "PYTEST_XDIST_TESTRUNUID"):
        monkeypatch.delenv(name, raising=False)

    def run(manner, when):
        pytester.makeconftest(REBINDING + (f"rebind({manner})" if when == "in conftest" else ""))
        pytester.makepyfile(
            "import conftest, pytest\n"
            f"{f'conftest.rebind(conftest.{manner})' if when == 'at import' else ''}\n"
            "from bench import workload\n"
            "@workload(inputs=lambda size, rng: [1] * size, scales={'quick': 4}, expect={'quick': 4}, combine=sum)\n"
            "def mine(x):\n"
            "    return conftest.work(x)\n"
            "@pytest.mark.bench_case('mine')\n"
            "def test_case(bench_case):\n"
            f"    {f'conftest.rebind(conftest.{manner})' if when == 'in the test' else 'pass'}\n"
            "    bench_case(rounds=3)\n"
            "@pytest.mark.strategies('serial')\n"
            "def test_strategy(benchmark, strategy):\n"
            "    benchmark.pedantic(strategy, args=(conftest.work, [1] * 4), rounds=3)\n"
        )
        done = pytester.runpytest_subprocess("-p", "no:cacheprovider", "--benchmark-json=out.json", "-p", "no:xdist")
        done.assert_outcomes(passed=2)
        return json.loads((pytester.path / "out.json").read_text())["benchmarks"]

    return run


@pytest.mark.many(1)
@pytest.mark.parametrize(
    ("manner", "when"),
    [
        ("frozen", "in conftest"),
        ("frozen", "at import"),
        ("frozen", "in the test"),
        ("fast", "in conftest"),
        ("ticking", "in the test"),
    ],
)
def test_in_pytest_too_a_clock_that_is_rebound_moves_no_time(plugin, manner, when):
    for each in plugin(manner, when):
        assert 4 * 0.005 <= each["stats"]["min"] <= each["stats"]["max"] < 4
        info = each["extra_info"]
        assert 0 <= info["start_s"] < 4
        assert 0 <= info["stop_s"] < 4
        assert info["cpu_s"] > 0

"""The pytest plugin, in real runs of pytest: what is timed, what is noted beside it, and what is left when tests fail."""

import json
import os
import re
import signal
import subprocess
import sys
import time

import pytest

from tests.conftest import ROOT, started_by
from tests.documents import named_files

pytest_plugins = ["pytester"]
QUICK = ("--benchmark-max-time=0.05", "--benchmark-min-rounds=2")
TASKS = """
import os, pathlib, time, pytest

def burn(seconds):
    began = time.thread_time()
    while time.thread_time() - began < seconds:
        pass
    return time.thread_time() - began

def hold(size):
    held = bytearray(size)
    held[::4096] = b"x" * len(held[::4096])
    return len(held)

def say_and_sleep(name):
    pathlib.Path(name).touch()
    time.sleep(60)
"""


@pytest.fixture(autouse=True)
def is_no_worker(monkeypatch):
    """What is run here is not a worker of pytest-xdist, though this may be."""
    for name in [each for each in os.environ if each.startswith("PYTEST_XDIST")]:
        monkeypatch.delenv(name)


@pytest.fixture
def run(pytester):
    """Run pytest in a process of its own on a file of tests; warnings are errors."""

    def run(body, *arguments):
        pytester.makepyfile(test_it=TASKS + body)
        return pytester.runpytest_subprocess("-W", "error", "-p", "no:cacheprovider", *arguments)

    return run


@pytest.fixture
def measured(run, pytester):
    """The benchmarks in pytest-benchmark's JSON, by name."""

    def measured(body, *arguments):
        done = run(body, "--benchmark-json=out.json", *QUICK, *arguments)
        assert done.ret == 0
        return {each["name"]: each for each in json.loads((pytester.path / "out.json").read_text())["benchmarks"]}

    return measured


def test_the_strategies_of_a_marker_are_timed_with_their_cpu(measured):
    found = measured("""
@pytest.mark.strategies("serial", "thread_pool", "process_pool", "processes", workers=2)
def test_burn(benchmark, strategy):
    used, waited_for = [], []

    def call():
        before = os.times()
        used.append(sum(strategy(burn, [0.02, 0.03])))
        waited_for.append(sum(os.times()[:4]) - sum(before[:4]))

    benchmark(call)
    benchmark.extra_info["used_s"] = sum(used) / len(used)
    benchmark.extra_info["waited_for_s"] = sum(waited_for) / len(waited_for)  # with what forks cost
""")
    assert set(found) == {f"test_burn[{each}]" for each in ("serial", "thread_pool", "process_pool", "processes")}
    for name, each in found.items():
        info = each["extra_info"]
        assert f"test_burn[{info['strategy']}]" == name
        assert info["used_s"] - 0.001 < info["cpu_s"] < max(info["used_s"], info["waited_for_s"]) + 0.015, info
        assert info["calls"] >= each["stats"]["rounds"] * each["stats"]["iterations"]
        assert info["start_s"] < 1 and info["stop_s"] < 1
    pool, each_task = (found[f"test_burn[{name}]"]["extra_info"] for name in ("process_pool", "processes"))
    assert pool["workers"] == 2 and pool["processes_started"] == 2
    assert pool["accounting"]["cpu"]["below"] is not None
    assert (
        each_task["accounting"]["cpu"]["below"] is None and "lower bound" in each_task["accounting"]["memory"]["bound"]
    )


@pytest.mark.long
def test_memory_is_that_of_the_whole_tree_at_its_highest(measured):
    found = measured("""
@pytest.mark.strategies("serial", "process_pool", workers=2)
def test_hold(benchmark, strategy):
    benchmark.pedantic(strategy, args=(hold, [60_000_000]), rounds=2)

@pytest.mark.strategies("serial")
def test_nothing_of_an_earlier_peak_counts(benchmark, strategy):
    benchmark.pedantic(strategy, args=(hold, [1000]), rounds=2)
""")
    rose = {name: each["extra_info"]["peak_memory_bytes"] - each["extra_info"]["memory_before_bytes"] for name, each in found.items()}  # fmt: skip
    assert 57e6 < rose["test_hold[serial]"] < 70e6
    assert 57e6 < rose["test_hold[process_pool]"] < 80e6
    assert rose["test_nothing_of_an_earlier_peak_counts[serial]"] < 5e6


def test_names_tell_cases_apart_by_what_differs(run):
    done = run(
        """
@pytest.mark.strategies("serial", "process_pool", workers=[1, 2], start_method=["fork", "spawn"])
@pytest.mark.strategies("thread_pool")
def test_a(strategy):
    pass
""",
        "--collect-only", "-q",
    )  # fmt: skip
    names = re.findall(r"test_a\[(.*)\]", done.stdout.str())
    pools = [f"process_pool-{workers}-start_method={how}" for workers in (1, 2) for how in ("fork", "spawn")]
    assert names == ["serial", *pools, "thread_pool"]


def test_a_case_has_fresh_inputs_each_round_and_what_it_is_in_extra_info(measured):
    found = measured("""
from bench import strategy as way, workload
from contextlib import contextmanager

@workload(inputs=lambda size, rng: [[rng.randrange(9)] for _ in range(size)], scales={"quick": 3}, combine=sum,
          expect=lambda inputs: sum(each[0] for each in inputs))
def take(numbers):
    return numbers.pop()

events = []

@way("noted", isolation="none")
@contextmanager
def noted():
    events.append("start")
    yield lambda task, inputs: [task(each) for each in inputs]
    events.append("stop")

@pytest.mark.bench_case(take, strategies=[noted, "thread_pool"], workers=2, seed=5)
def test_take(bench_case):
    assert len(bench_case(rounds=7)) == 3

def test_it_was_started_and_stopped():
    assert events == ["start", "stop"]

@pytest.mark.bench_case("primes", scale="quick")
def test_primes(bench_case):
    bench_case()
""")
    assert set(found) == {"test_take[noted]", "test_take[thread_pool]", "test_primes[serial]"}
    info = found["test_take[noted]"]["extra_info"]
    assert (info["workload"], info["scale"], info["strategy"], info["seed"]) == ("take", "quick", "noted", 5)
    assert found["test_take[noted]"]["stats"]["rounds"] == 7
    assert found["test_take[noted]"]["group"] == "take quick"
    primes = found["test_primes[serial]"]
    assert 0 < primes["extra_info"]["cpu_s"] < 1.1 * primes["stats"]["mean"]
    assert primes["extra_info"]["first_round_s"] > 0


def test_wrong_results_fail_and_a_strategy_is_left_whatever_happens(run):
    done = run("""
from bench import strategy as way, workload
from contextlib import contextmanager

@workload(inputs=lambda size, rng: [1, 2], scales={"quick": 0}, expect={"quick": [1, 2]})
def same(number):
    return number

open_now = []

@way("reversing", isolation="none")
@contextmanager
def reversing():
    open_now.append(1)
    try:
        yield lambda task, inputs: [task(each) for each in inputs][::-1]
    finally:
        open_now.pop()

@pytest.mark.bench_case("same", strategies="reversing")
def test_wrong(bench_case):
    assert open_now
    bench_case()

@pytest.mark.strategies("reversing", "process_pool", workers=1)
def test_raises(benchmark, strategy):
    benchmark(strategy, len, [0])

def test_all_are_left():
    assert not open_now
""")
    done.assert_outcomes(failed=3, passed=1)
    done.stdout.fnmatch_lines(
        ["wrong result of same/quick/reversing/*: the result is [[]2, 1[]], not [[]1, 2[]]: result[[]0[]] is 2, not 1"]
    )
    done.stdout.fnmatch_lines(["E*TypeError: object of type 'int' has no len()"])


def test_what_is_unavailable_is_skipped_with_its_reason(run):
    done = run(
        """
from bench import Unavailable, strategy as way
from contextlib import contextmanager

@way("absent", isolation="none", unavailable="pip install 'absent'")
@contextmanager
def absent():
    yield

@way("refusing", isolation="none")
@contextmanager
def refusing():
    raise Unavailable("needs another system")
    yield

@pytest.mark.strategies("absent", "refusing")
def test_strategy(benchmark, strategy):
    pass

@pytest.mark.bench_case("primes", scale="quick", strategies=["absent", "refusing"])
def test_case(bench_case):
    pass
""",
        "-rs",
    )
    done.assert_outcomes(skipped=4)
    done.stdout.fnmatch_lines(["SKIPPED*pip install 'absent'", "SKIPPED*needs another system"])


WRONG_MARKERS = {
    "strategies('proces_pool')": "unknown strategy 'proces_pool'; did you mean 'process_pool'?",
    "strategies('pool_map', start_metod='fork')": "unknown option 'start_metod'; did you mean 'start_method'?",
    "strategies('process_pool', workers=0)": "workers must be whole numbers above 0, not 0",
    "strategies(len, workers=2)": "unknown strategy 'len'; known: *",
    "bench_case('prime')": "unknown workload 'prime'; did you mean 'primes'?",
    "bench_case('primes', scale='quik')": "unknown scale of primes: 'quik'; did you mean 'quick'?",
    "bench_case('primes', strategies=['serial', 'queue'])": "strategy 'queue' does not fit the workload primes",
    "bench_case()": "the marker bench_case takes one workload, not 0; several markers take several",
}


def test_a_marker_that_does_not_fit_is_one_line(pytester):
    for number, marker in enumerate(WRONG_MARKERS):
        fixture = "strategy" if marker.startswith("strategies") else "bench_case"
        body = f"import pytest\n@pytest.mark.{marker}\ndef test_a({fixture}):\n    pass\n"
        pytester.makepyfile(**{f"test_{number}": body})
    done = pytester.runpytest_subprocess("-W", "error")
    assert done.ret == pytest.ExitCode.INTERRUPTED
    for number, message in enumerate(WRONG_MARKERS.values()):
        done.stdout.fnmatch_lines([f"test_{number}.py::test_a: {message}"])
    assert "Traceback" not in done.stdout.str()


USED = """
@pytest.mark.strategies("serial", "process_pool", workers=2)
def test_a(benchmark, strategy):
    assert benchmark(strategy, abs, [-1]) == [1]

@pytest.mark.bench_case("primes", scale="quick")
def test_b(bench_case):
    bench_case()

def test_c(strategy):
    assert strategy(abs, [-1]) == [1]
"""


@pytest.mark.many(2)
@pytest.mark.parametrize(
    ("arguments", "outcomes"),
    [
        (["--benchmark-disable"], {"passed": 4}),
        (["--benchmark-skip"], {"passed": 1, "skipped": 3}),
        (["--benchmark-only", *QUICK], {"passed": 3, "skipped": 1}),
        (["-n", "2", "--benchmark-disable"], {"passed": 4}),
        (["-p", "no:benchmark"], {"passed": 1, "errors": 3}),
    ],
    ids=["disable", "skip", "only", "xdist", "no_benchmark"],
)
def test_the_switches_of_pytest_work(run, arguments, outcomes):
    done = run(USED, *arguments)
    done.assert_outcomes(**outcomes)
    if arguments[-1] == "no:benchmark":
        done.stdout.fnmatch_lines(["timing needs pytest-benchmark: pip install 'concurrency-bench?pytest?'"])


def test_without_the_plugin_pytest_says_what_is_missing(pytester):
    pytester.makepyfile("def test_a(strategy):\n    pass\n")
    done = pytester.runpytest_subprocess("-p", "no:concurrency-bench")
    done.stdout.fnmatch_lines(["*fixture 'strategy' not found"])


def test_a_saved_run_is_compared_with(run):
    assert run(USED, "--benchmark-autosave", *QUICK).ret == 0
    done = run(USED, "--benchmark-compare", *QUICK)
    assert done.ret == 0
    done.stdout.fnmatch_lines(["test_a[[]process_pool[]] (NOW)*"])


def test_unused_it_loads_nothing(pytester):
    pytester.makepyfile("def test_a():\n    pass\n")
    code = "import sys, pytest; pytest.main(['-q']); print('loaded:', *sys.modules)"
    loaded = set(pytester.run(sys.executable, "-c", code).stdout.str().partition("loaded:")[2].split())
    assert "bench.pytest_plugin" in loaded
    assert not {each.partition(".")[0] for each in loaded} & {"psutil", "pandas", "numpy", "msgspec", "scipy", "click"}
    ours = {each for each in loaded if each.startswith("bench.") and not each.startswith("bench.patterns")}
    plugins = {f"plugins.{each}" for each in ("names", "registry", "signatures")}
    others = {"errors", "plugins", "pytest_plugin", "records", "records.lean", "version"}
    assert ours == {f"bench.{each}" for each in plugins | others}


@pytest.mark.many(1)
@pytest.mark.parametrize("strategy", ["process_pool", "pool_map", "processes"])
def test_an_interruption_leaves_no_process(pytester, strategy):
    pytester.makepyfile(
        test_it=TASKS + f"@pytest.mark.strategies({strategy!r}, workers=2)\ndef test_a(strategy):\n"
        "    strategy(say_and_sleep, ['one', 'two'])\n"
    )
    marker = str(pytester.path)
    process = subprocess.Popen(
        [sys.executable, "-m", "pytest", "-p", "no:cacheprovider"], cwd=pytester.path, stdout=subprocess.PIPE,
        env=os.environ | {"BENCH_TEST_MARKER": marker}, text=True,
    )  # fmt: skip
    deadline = time.monotonic() + 30
    while not all((pytester.path / each).exists() for each in ("one", "two")) and time.monotonic() < deadline:
        time.sleep(0.02)
    process.send_signal(signal.SIGINT)
    output, _ = process.communicate(timeout=30)
    assert process.returncode == pytest.ExitCode.INTERRUPTED, output
    assert started_by(marker) == []


def test_an_interruption_that_comes_while_python_forks_is_none_the_less_one(pytester):
    """What is raised in a function of `os.register_at_fork` is written to stderr, and the program goes on."""
    pytester.makepyfile(
        test_it=TASKS + "import os, signal\n"
        "once = iter([lambda: signal.raise_signal(signal.SIGINT)])\n"
        "@pytest.mark.strategies('processes', workers=2)\ndef test_a(strategy):\n"
        "    os.register_at_fork(after_in_parent=lambda: next(once, bool)())\n"
        "    strategy(say_and_sleep, ['one', 'two'])\n"
    )
    done = pytester.runpytest_subprocess("-p", "no:cacheprovider")
    assert done.ret == pytest.ExitCode.INTERRUPTED, done.stdout.str()


def test_the_example_of_the_docs_runs(pytester):
    pytester.makepyfile(test_mine=named_files(ROOT / "docs" / "pytest.md")["test_mine.py"])
    pytester.runpytest_subprocess("-W", "error", *QUICK).assert_outcomes(passed=6)


@pytest.mark.parametrize(
    ("markers", "ids"),
    [
        (["'primes', scale='quick'", "'primes', scale='standard'"], ["serial-quick", "serial-standard"]),
        (["'primes', scale='quick'", "'matrix', scale='quick'"], ["primes-serial", "matrix-serial"]),
        (
            ["'primes', scale='quick', strategies='pool_map', workers=[1, 2], start_method=['fork', 'spawn']"],
            ["pool_map-1-start_method=fork", "pool_map-1-start_method=spawn", "pool_map-2-start_method=fork",
             "pool_map-2-start_method=spawn"],
        ),
    ],
    ids=["scales", "workloads", "options"],
)  # fmt: skip
def test_each_case_has_a_test_with_an_id_of_its_own(pytester, markers, ids):
    """Of two scales one test was lost, and options that one of two workloads has ended pytest with a KeyError."""
    marks = "\n".join(f"@pytest.mark.bench_case({each})" for each in markers)
    pytester.makepyfile(f"import pytest\n{marks}\ndef test_a(bench_case):\n    pass\n")
    done = pytester.runpytest_subprocess("--collect-only", "-q")
    assert sorted(re.findall(r"test_a\[(.*)\]", done.stdout.str())) == sorted(ids), done.stdout.str()

"""Blocks with real processes: catalogue, preparation, supervisor and host together."""

import os
import sys
import time
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import psutil
import pytest

from bench.errors import UsageError
from bench.measure.engine.runner import Measurer
from bench.measure.plan import catalogue
from bench.measure.plan.cases import Selection, expand
from bench.records.block import Outcome
from bench.records.conditions import Conditions
from bench.store.runs import read
from bench.testing.leftovers import processes
from tests.conftest import only_run

QUIET = Conditions(seed=1, time_limit_s=30, sample_hz=50, budget_s=None)

TASKS = """
import os, signal, subprocess, sys, time
from contextlib import contextmanager

def numbers(size, rng):
    return list(range(size))

def make(name, task, **more):
    task.__name__ = task.__qualname__ = name
    globals()[name] = workload(inputs=numbers, scales={"quick": 3}, **more)(task)

def raising(x):
    raise ValueError(f"bad {x} in {os.getcwd()}\\nsecond line")
def exiting(x):
    sys.exit(4)
def dying(x):
    os._exit(5)
def killed(x):
    os.kill(os.getpid(), signal.SIGKILL)
def endless(x):
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    subprocess.Popen([sys.executable, "-c", "import signal, time; signal.signal(15, signal.SIG_IGN); time.sleep(600)"])
    time.sleep(600)
def noisy(x):
    print("x" * 100_000)
    sys.stderr.write("y" * 100_000)
    return x
def leaking(x):
    if os.fork() == 0:
        os.setsid()
        time.sleep(600)
        os._exit(0)
    return x
def good(x):
    return x
def burning(x):
    end = time.process_time() + 0.1
    while time.process_time() < end:
        pass
    return x
def reading(x):
    return sys.stdin.read()
def surrogate(x):
    raise ValueError("\\udcff")
def real_time_signal(x):
    os.kill(os.getpid(), 40)
def broken_pipe(x):
    raise BrokenPipeError(32, "Broken pipe")
def meddling(x):
    for descriptor in range(3, 20):
        try:
            os.write(descriptor, b"noise\\n[1]\\n{}\\n")
        except OSError:
            pass
    return x

def saying(message):
    def task(x):
        for descriptor in range(3, 20):
            try:
                os.write(descriptor, message.encode() + b"\\n")
            except OSError:
                pass
        return x
    return task

class Plain:
    def __init__(self):
        self.kind = self.other = "kind"
def plain(x):
    return Plain()

for task in (raising, exiting, dying, killed, endless, noisy, leaking, good, burning, reading, surrogate,
             real_time_signal, broken_pipe, meddling, plain):
    make(task.__name__, task)
make("no_time", saying('{"event": "measured", "at": 0, "seconds": 0.0, "own": [], "children": []}'))
make("not_a_time", saying('{"event": "measured", "at": 0, "seconds": NaN, "own": [], "children": []}'))
make("too_long_a_time", saying('{"event": "measured", "at": 1e999, "seconds": 1e999, "own": [], "children": []}'))
make("no_outcome", saying('{"event": "ended", "outcome": "bogus", "reason": ""}'))
make("no_record", saying('{"event": "ready", "tasks": "many", "payload_bytes": [], "own": [], "children": []}'))
make("other_scale", good, expect={"standard": [1, 2, 3]})

@workload(inputs=lambda size, rng: [[3, 1, 2] for _ in range(size)], scales={"quick": 3})
def changing(numbers):
    return numbers.pop()

make("wrong", lambda x: x, expect=lambda inputs: [0, 1, 3])
make("asserting", lambda x: x, check=lambda inputs, results: (_ for _ in ()).throw(AssertionError("not nice")))
make("once", lambda x, seen=[]: seen.append(x) or len(seen))

@contextmanager
def nothing_works(size, rng):
    raise OSError(28, "No space left on device")
    yield
make("unprepared", lambda x: x, prepare=nothing_works)

@strategy("starting_badly", isolation="none")
@contextmanager
def starting_badly():
    raise RuntimeError("no start")
    yield

@strategy("stopping_badly", isolation="none")
@contextmanager
def stopping_badly():
    yield lambda task, inputs: [task(x) for x in inputs]
    raise RuntimeError("no stop")

@strategy("forgetful", isolation="none")
@contextmanager
def forgetful():
    yield lambda task, inputs: [0 for _ in inputs]

@strategy("losing", isolation="none")
@contextmanager
def losing():
    yield lambda task, inputs: [task(x) for x in inputs[1:]]
"""


@pytest.fixture
def measured(workload_file, tmp_path, monkeypatch):
    """Measure one case of the tasks above; gives its block."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SETTING", "from outside")
    file = workload_file(TASKS)

    def measure(workload, strategy="serial", rounds=2, conditions=QUIET, workers=2, **options):
        found = catalogue.find([file])
        (case,) = expand(
            found,
            Selection([workload], [strategy], "quick", [workers], {name: [value] for name, value in options.items()}),
            "py",
            workers,
        )
        with Measurer(conditions, lambda _: None) as measurer:
            measurer.prepare([case])
            block = measurer.block(case, 0, rounds)
            supervisor = psutil.Process(measurer._supervisor.process.pid)
            left = [each for each in supervisor.children(recursive=True) if each.status() != psutil.STATUS_ZOMBIE]
            assert left == [] or case.workload.prepares, "a block's processes end with it, and not only with the run"
            return block

    return measure


@pytest.mark.many(12)
@pytest.mark.parametrize(
    ("workload", "strategy", "outcome", "reason"),
    [
        ("raising", "serial", Outcome.FAILED, "ValueError: bad 0 in …/"),
        ("raising", "pool_map", Outcome.FAILED, "second line (mine.py:"),
        ("raising", "process_pool", Outcome.FAILED, "second line (mine.py:"),
        ("exiting", "serial", Outcome.FAILED, "SystemExit: 4"),
        ("dying", "serial", Outcome.FAILED, "exited with status 5 (round 1 of 2)"),
        ("dying", "processes", Outcome.FAILED, "exit code 5 and no result"),
        ("killed", "serial", Outcome.KILLED, "ended by SIGKILL (round 1 of 2)"),
        ("killed", "process_pool", Outcome.FAILED, "BrokenProcessPool"),
        ("wrong", "serial", Outcome.WRONG, "the result is [0, 1, 2], not [0, 1, 3]"),
        ("asserting", "serial", Outcome.WRONG, "not nice"),
        ("once", "threads", Outcome.WRONG, "other results when it is called again"),
        ("surrogate", "serial", Outcome.FAILED, "ValueError: \\udcff"),
        ("real_time_signal", "serial", Outcome.KILLED, "ended by signal 40"),
        ("broken_pipe", "serial", Outcome.FAILED, "BrokenPipeError: [Errno 32] Broken pipe"),
        ("plain", "process_pool", Outcome.OK, ""),
        ("changing", "serial", Outcome.OK, ""),
        ("changing", "process_pool", Outcome.OK, ""),
        ("other_scale", "forgetful", Outcome.WRONG, "input 1 gave 0, and 1 in a plain loop afterwards"),
        ("good", "losing", Outcome.WRONG, "2 results came back for 3 inputs"),
        ("good", "starting_badly", Outcome.FAILED, "RuntimeError: no start"),
        ("good", "stopping_badly", Outcome.FAILED, "RuntimeError: no stop"),
        ("unprepared", "serial", Outcome.FAILED, "preparing unprepared: OSError: [Errno 28] No space left on device"),
        ("noisy", "pool_map", Outcome.OK, ""),
        ("good", "processes", Outcome.OK, ""),
    ],
)
def test_what_the_measured_code_does_becomes_an_outcome_in_one_line(measured, workload, strategy, outcome, reason):
    block = measured(workload, strategy)
    assert block.outcome is outcome, block.reason
    assert reason in block.reason
    assert "\n" not in block.reason
    assert os.getcwd() not in block.reason


def test_a_block_past_its_time_limit_is_ended_with_all_its_processes(measured):
    block = measured("endless", conditions=Conditions(seed=1, time_limit_s=4, sample_hz=0, budget_s=None))
    assert block.outcome is Outcome.TIMED_OUT
    assert block.reason == "round 1 of 2 still lasted after 4 s"


@pytest.fixture
def before():
    """The processes that tests before this one have left to be reaped."""
    return processes()


def test_processes_that_outlive_a_block_are_counted_and_ended(before, measured):
    block = measured("leaking", rounds=2)
    assert block.outcome is Outcome.OK
    assert block.leaked_processes == 3 * (2 + 1), "two rounds, and each task once alone"
    assert processes() <= before


def test_phases_are_timed_apart_and_rounds_lie_one_after_the_other(measured):
    block = measured("good", "pool_map", rounds=4)
    assert len(block.rounds) == 4
    assert len(block.warm_rounds) == 3
    windows = [block.start, *block.rounds, block.stop]
    assert all(each.wall_s > 0 for each in windows)
    for earlier, later in pairwise(windows):
        assert earlier.at_s + earlier.wall_s <= later.at_s
    assert 0 < block.setup_s <= block.start.at_s
    assert block.stop.at_s + block.stop.wall_s <= block.whole.wall_s
    assert block.whole.at_s == 0


@pytest.mark.many(2)
@pytest.mark.parametrize("strategy", ["serial", "threads", "processes", "process_pool", "pool_map"])
def test_cpu_of_the_whole_tree_is_counted_for_each_round(measured, strategy):
    """Three tasks burn 0.1 s each by their own clocks; threads of one process share its clock."""
    block = measured("burning", strategy, rounds=3)
    assert block.outcome is Outcome.OK
    known_s = 0.1 if strategy == "threads" else 0.3
    below_s = block.accounting.cpu.below or 0.0
    for each in block.rounds:
        assert known_s - below_s <= each.cpu_s <= known_s + 0.25
        assert each.user_s + each.system_s == pytest.approx(each.cpu_s, abs=0.05)
        assert each.peak_memory_bytes is None or each.peak_memory_bytes > 1_000_000
    assert block.whole.cpu_s >= sum(each.cpu_s for each in block.rounds)


def test_samples_are_columns_in_order_whose_cpu_never_falls(measured):
    block = measured("burning", "process_pool", rounds=3)
    columns = block.samples
    lengths = {len(getattr(columns, name)) for name in columns.__slots__}
    assert len(lengths) == 1
    assert lengths.pop() > 10
    assert columns.at_s == sorted(columns.at_s)
    assert columns.cpu_s == sorted(columns.cpu_s)
    assert max(columns.processes) >= 3
    assert columns.cpu_s[-1] == block.whole.cpu_s
    edges = 2 * (len(block.rounds) + 2) + 2
    assert block.sampling.due == len(columns.at_s) - edges + block.sampling.missed
    assert 0 < block.sampling.hz_achieved <= 50 * 1.1


def test_without_sampling_there_is_no_series_but_every_total(measured):
    block = measured("burning", conditions=Conditions(seed=1, time_limit_s=30, sample_hz=0, budget_s=None))
    assert block.samples.at_s == []
    assert block.sampling.due == 0
    assert block.sampling.hz_achieved is None
    assert all(each.cpu_s > 0.2 for each in block.rounds)
    assert block.whole.peak_memory_bytes > 1_000_000


@pytest.mark.many(1)
@pytest.mark.parametrize("accounting", ["wait4", "ledger", "psutil"])
def test_a_layer_that_is_not_wished_for_is_not_used(measured, accounting):
    block = measured("burning", conditions=replace(QUIET, accounting=accounting, sampler="psutil"))
    assert block.outcome is Outcome.OK
    assert block.sampling.sampler == "psutil"
    assert block.accounting.absent["cgroup"] == f"not asked for: --accounting {accounting}"
    assert all(0.2 < each.cpu_s < 0.3 + 0.25 for each in block.rounds)
    assert block.rounds[0].read_bytes is None
    assert block.accounting.unknown["read_bytes"]


PATTERN_MODULES = ("map", "pattern")


def test_a_host_loads_the_standard_library_the_strategy_and_the_workload_and_nothing_else(
    tmp_path, workload_file, monkeypatch
):
    monkeypatch.chdir(tmp_path)
    file = workload_file(
        "import json, sys\n"
        "def note(inputs, results):\n"
        "    json.dump(results[0], open('loaded.json', 'w'))\n"
        "@workload(inputs=lambda size, rng: [0], scales={'quick': 1}, check=note)\n"
        "def modules(x):\n"
        "    return sorted(sys.modules)\n"
    )
    found = catalogue.find([file])
    (case,) = expand(found, Selection(["modules"], ["serial"]), "py", 1)
    with Measurer(QUIET, lambda _: None) as measurer:
        assert measurer.block(case, 0, 2).outcome is Outcome.OK
    import json

    loaded = set(json.loads(Path("loaded.json").read_text()))
    foreign = {name for name in loaded if name.partition(".")[0] not in sys.stdlib_module_names}
    foreign -= {"__main__", "__mp_main__", "mine"}
    # what site-packages loads by itself at start-up, editable installs for instance, is not the host's doing
    foreign = {name for name in foreign if not name.startswith(("__editable__", "_distutils_hack", "_virtualenv"))}
    assert {name for name in foreign if not name.startswith("bench")} == set()
    slow_to_import = {"ast", "dataclasses", "inspect", "logging", "pathlib", "subprocess", "tempfile"}
    assert loaded & slow_to_import == set()
    assert {name for name in foreign if name.startswith("bench.")} == {
        "bench.errors",
        "bench.measure",
        "bench.measure.host",
        "bench.measure.host.conversation",
        "bench.measure.host.inputs",
        "bench.measure.host.layout",
        "bench.measure.host.main",
        "bench.measure.host.observations",
        "bench.measure.results",
        "bench.measure.results.explain",
        "bench.measure.results.judge",
        "bench.measure.results.lazy",
        "bench.measure.results.short_text",
        "bench.patterns",
        *(f"bench.patterns.{name}" for name in PATTERN_MODULES),
        "bench.plugins",
        "bench.plugins.names",
        "bench.plugins.registry",
        "bench.plugins.signatures",
        "bench.plugins.sources",
        "bench.processes",
        "bench.processes.channel",
        "bench.processes.json_line",
        "bench.processes.pristine",
        "bench.processes.whole_lines",
        "bench.records",
        "bench.records.lean",
        "bench.strategies",
        "bench.strategies.serial",
        "bench.version",
    }


def test_a_task_that_writes_to_every_descriptor_ends_its_own_block_at_most(measured):
    block = measured("meddling")
    assert block.outcome in (Outcome.OK, Outcome.FAILED), block.reason


@pytest.mark.parametrize("workload", ["no_time", "not_a_time", "too_long_a_time", "no_outcome", "no_record"])
def test_a_task_that_speaks_for_its_host_ends_its_own_block_at_most(measured, workload):
    block = measured(workload)
    assert block.outcome is Outcome.FAILED
    wrong = (
        "the clock of the measured process is wrong" if workload == "no_time" else "a message of the host made no sense"
    )
    assert wrong in block.reason


def test_what_a_module_starts_when_it_is_imported_is_ended(before, tmp_path, workload_file, monkeypatch):
    monkeypatch.chdir(tmp_path)
    file = workload_file(
        "import subprocess\nsubprocess.Popen(['sleep', '600'])\n"
        "@workload(inputs=lambda size, rng: [1], scales={'quick': 1})\ndef same(x):\n    return x\n"
    )
    assert catalogue.find([file]).workloads[-1].name == "same"
    assert processes() <= before


def test_a_task_reads_an_empty_input(measured):
    assert measured("reading").outcome is Outcome.OK


def test_an_option_of_a_workload_sets_the_environment_of_the_host_alone(tmp_path, workload_file, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SETTING", "from outside")
    file = workload_file(
        "import os\n"
        "def note(inputs, results):\n"
        "    open('seen', 'a').write(f'{results[0]} ')\n"
        "@workload(inputs=lambda size, rng: [0], scales={'quick': 1}, check=note,\n"
        "          options={'level': {'low': {'SETTING': '1'}, 'none': {'SETTING': None}}})\n"
        "def setting(x):\n"
        "    return os.environ.get('SETTING')\n"
    )
    cases = expand(
        catalogue.find([file]), Selection(["setting"], ["serial"], options={"level": ["low", "none"]}), "py", 1
    )
    with Measurer(QUIET, lambda _: None) as measurer:
        for case in cases:
            measurer.block(case, 0, 1)
    assert Path("seen").read_text() == "1 None "
    assert os.environ["SETTING"] == "from outside"


def test_every_strategy_and_repetition_gets_the_inputs_of_the_seed(tmp_path, workload_file, monkeypatch):
    monkeypatch.chdir(tmp_path)
    file = workload_file(
        "def note(inputs, results):\n"
        "    open('seen', 'a').write(f'{results}\\n')\n"
        "@workload(inputs=lambda size, rng: [rng.random()], scales={'quick': 1}, check=note)\n"
        "def drawn(x):\n"
        "    return x\n"
    )
    cases = expand(catalogue.find([file]), Selection(["drawn"], ["serial", "threads", "pool_map"]), "py", 1)
    for seed in (1, 1, 2):
        with Measurer(Conditions(seed, None, 30, 0), lambda _: None) as measurer:
            for case in cases:
                measurer.block(case, 0, 2)
    seen = Path("seen").read_text().splitlines()
    assert len(seen) == 3 * 3 * 2
    assert len(set(seen[:12])) == 1
    assert len(set(seen[12:])) == 1
    assert seen[0] != seen[12]


def line_of(process):
    """Its command line; nothing where it has ended."""
    try:
        return " ".join(process.cmdline())
    except psutil.Error:
        return ""


def test_a_supervisor_that_is_killed_leaves_no_process(before, tmp_path, workload_file, monkeypatch):
    monkeypatch.chdir(tmp_path)
    file = workload_file(TASKS)
    (case,) = expand(catalogue.find([file]), Selection(["endless"], ["serial"]), "py", 1)
    with Measurer(QUIET, lambda _: None) as measurer:
        supervisor = psutil.Process(measurer._supervisor.process.pid)
        import threading

        def kill_when_busy():
            while not any("600" in line_of(each) for each in supervisor.children(recursive=True)):
                time.sleep(0.01)
            supervisor.kill()

        threading.Thread(target=kill_when_busy, daemon=True).start()
        block = measurer.block(case, 0, 2)
        assert block.outcome is Outcome.KILLED
        assert "the supervisor, which watches the block from outside, was ended by SIGKILL" in block.reason
    assert processes() <= before


def test_a_module_that_ends_python_or_does_not_load_is_a_clear_error(tmp_path, workload_file, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for body, message in [
        ("raise SystemExit(3)", "cannot be imported: SystemExit: 3"),
        ("import nowhere_to_be_found", "needs the module 'nowhere_to_be_found'; pip install it"),
        ("x = 1", "defines no workload and no strategy"),
        ("def f(:", "cannot be imported: SyntaxError"),
        ("import os; os._exit(0)", "ended Python itself"),
        ("import os; os.kill(os.getpid(), 9)", "loading mine.py was ended by SIGKILL"),
    ]:
        file = workload_file(body)
        with pytest.raises(Exception, match=message):
            catalogue.find([file])
    with pytest.raises(UsageError, match="there is no file missing.py"):
        catalogue.find(["missing.py"])
    (tmp_path / "queue.py").write_text("x = 1")
    with pytest.raises(UsageError, match="has the name of another module"):
        catalogue.find(["queue.py"])


def test_a_folder_of_the_users_called_workloads_neither_breaks_nor_shadows_the_built_in_one(tmp_path, monkeypatch):
    folder = tmp_path / "workloads"
    folder.mkdir()
    (folder / "__init__.py").write_text("")
    (folder / "primes.py").write_text("def twice(x):\n    return 2 * x\n")
    monkeypatch.chdir(tmp_path)
    found = catalogue.find(["workloads.primes:twice"])
    assert {"primes", "workloads.primes:twice"} <= {each.name for each in found.workloads}
    cases = expand(
        found,
        Selection(["primes", "workloads.primes:twice"], ["pool_map"], "quick", options={"start_method": ["spawn"]}),
        "py",
        2,
    )
    with Measurer(Conditions(1, None, 30, 0), lambda _: None, inputs="1..5") as measurer:
        assert [measurer.block(case, 0, 2).outcome for case in cases] == [Outcome.OK, Outcome.OK]


CHATTY = """
import os, sys, time
from contextlib import contextmanager

@contextmanager
def chatty(size, rng):
    read, write = os.pipe()
    if os.fork() == 0:
        if os.fork() == 0:
            os.write(write, b"%d" % os.getpid())
            time.sleep(600)
        os._exit(0)
    os.wait()
    sys.stderr.write("x" * 200_000)
    sys.stderr.flush()
    yield int(os.read(read, 20))

@workload(inputs=lambda size, rng, pid: [pid], scales={"quick": 1}, prepare=chatty, check=lambda i, r: None)
def signalled(pid):
    os.kill(pid, 0)
"""


def test_a_preparation_may_say_much_and_its_orphans_live_as_long_as_it_does(
    before, tmp_path, workload_file, monkeypatch
):
    monkeypatch.chdir(tmp_path)
    cases = expand(
        catalogue.find([workload_file(CHATTY)]), Selection(["signalled"], ["serial", "threads", "pool_map"]), "py", 1
    )
    with Measurer(QUIET, lambda _: None) as measurer:
        measurer.prepare(cases)
        assert [measurer.block(case, 0, 2).outcome for case in cases] == [Outcome.OK] * 3
    assert processes() <= before


def test_a_strategy_is_taken_from_a_file_by_its_name(tmp_path, workload_file, monkeypatch):
    monkeypatch.chdir(tmp_path)
    file = workload_file(TASKS)
    found = catalogue.find([f"{file}:losing"])
    assert [each.name for each in found.strategies if each.source == f"{file}:losing"] == ["losing"]


def test_start_methods_have_names_of_their_own_in_the_progress_and_where_they_fail(bench, workload_file):
    file = workload_file(
        "import multiprocessing\n"
        "@workload(inputs=lambda size, rng: [1, 2], scales={'quick': 1}, check=lambda inputs, results: None)\n"
        "def task(value):\n"
        "    raise ValueError(type(multiprocessing.current_process()).__name__)\n"
    )
    done = bench(
        "run", file, "--strategy", "process_pool", "--start-method", "fork,spawn", "--workers", "1", "--blocks", "1",
        "--rounds", "2", "--scale", "quick",
    )  # fmt: skip
    failed = [line for line in done.stderr.splitlines() if "failed: " in line]
    assert done.returncode == 3
    assert len(failed) == 2, done.stderr
    for method, process in [("fork", "ForkProcess"), ("spawn", "SpawnProcess")]:
        assert [process in line for line in failed if method in line.partition("failed: ")[0]] == [True]


@pytest.mark.many(1)
@pytest.mark.parametrize(
    ("started", "kept_by"),
    [
        ("threading.Thread(target=time.sleep, args=(1000,), name='poller').start()", ["poller"]),
        ("timer = threading.Timer(1000, print); timer.name = 'alarm'; timer.start()", ["alarm"]),
        ("pool = ThreadPoolExecutor(1, 'busy'); pool.submit(time.sleep, 1000)", ["busy_0"]),
        ("pool = ThreadPoolExecutor(1, 'idle'); pool.submit(print).result()", []),
        ("threading.Thread(target=time.sleep, args=(1000,), daemon=True).start()", []),
    ],
)
def test_a_host_leaves_without_threads_of_the_users_and_says_which_they_are(
    bench, workload_file, tmp_path, started, kept_by
):
    left = tmp_path / "left"
    file = workload_file(
        "import atexit, pathlib, threading, time\nfrom concurrent.futures import ThreadPoolExecutor\n"
        f"{started}\natexit.register(pathlib.Path({str(left)!r}).touch)\n"
        "@workload(inputs=lambda size, rng: [1], scales={'quick': 1})\ndef task(value): return value\n"
    )
    done = bench("run", file, "--strategy", "serial", "--scale", "quick", "--blocks", "1", "--rounds", "2", timeout=100)
    assert done.returncode == 0, done.stderr
    (block,) = read(only_run(tmp_path)).blocks
    assert (block.outcome, block.kept_by_threads, block.leaked_processes) == (Outcome.OK, kept_by, 0)
    assert ("leaves threads running" in done.stdout) == bool(kept_by)
    assert left.exists()

"""The fault workloads do what they say, tell when, and leave nothing; what three strategies make of each."""

import subprocess
import sys
import tempfile
import time
from pathlib import Path

import psutil
import pytest
from bench.workloads.faults import BUILT_IN

from bench import WrongResult
from bench.measure.engine.faults import go_through
from bench.measure.engine.runner import Measurer
from bench.measure.plan import catalogue
from bench.measure.plan.cases import Selection, expand
from bench.measure.results import judge
from bench.plugins import registry, sources
from bench.records.block import Outcome
from bench.records.conditions import Conditions
from bench.testing.leftovers import processes
from tests.commands import kill
from tests.conftest import ROOT, environment, started_by
from tests.outside import in_own_process, namespaced

OK, WRONG, HANG, KILLED, EXITED = "ok", "wrong", "timed_out", "killed", "exited"
BROKEN = "BrokenProcessPool"
NOT_OFFERED = ""
EXPECTED = {
    # fault: under serial, process_pool, pool_map; an exception by its class
    "nothing": (OK, OK, OK),
    "exits": (EXITED, BROKEN, HANG),
    "is_killed": (KILLED, BROKEN, HANG),
    "segfaults": (KILLED, BROKEN, HANG),
    "kills_its_group": (KILLED, KILLED, KILLED),
    "raises_what_does_not_unpickle": ("TwoArgumentsError", BROKEN, HANG),
    "gives_what_does_not_unpickle": (OK, BROKEN, HANG),
    "gives_a_lambda": (OK, "AttributeError|PicklingError", "MaybeEncodingError"),
    "takes_what_does_not_unpickle": (OK, BROKEN, HANG),
    "raises_a_base_exception": ("OutOfTheOrdinaryError", "OutOfTheOrdinaryError", HANG),
    "raises_system_exit": ("SystemExit", "SystemExit", HANG),
    "raises_keyboard_interrupt": ("KeyboardInterrupt", "KeyboardInterrupt", HANG),
    "raises_at_length": ("ValueError", "ValueError", "ValueError"),
    "raises_no_utf_8": ("ValueError", "ValueError", "ValueError"),
    "starts_badly": (NOT_OFFERED, BROKEN, HANG),
    "wears_its_process_out": (NOT_OFFERED, f"{OK}|{HANG}", OK),
    "opens_a_pool": (OK, OK, "AssertionError"),
    "joins_before_closing": ("ValueError", "ValueError", "ValueError"),
    "never_joins": (WRONG, WRONG, WRONG),
    "joins_before_draining": (HANG, HANG, HANG),
    "terminates_a_lock_holder": (HANG, HANG, HANG),
    "forks_while_a_lock_is_held": (HANG, HANG, HANG),
    "has_a_daemonic_process_start_a_child": ("AssertionError", "AssertionError", "AssertionError"),
    "hands_main_to_a_forkserver": ("AttributeError", "AttributeError", "AttributeError"),
    "never_returns": (HANG, HANG, HANG),
    "ignores_sigterm": (HANG, HANG, HANG),
    "leaves_a_daemon": (OK, OK, OK),
    "fills_the_disk": ("OSError", "OSError", "OSError"),
    "wants_too_much_memory": ("MemoryError", "MemoryError", "MemoryError"),
    "gives_200_megabytes": (OK, OK, OK),
    "closes_descriptors": (EXITED, BROKEN, HANG),
    "prints_a_gigabyte": (OK, OK, OK),
    "changes_directory": (OK, OK, OK),
    "iterates_for_ever": (HANG, HANG, HANG),
    "iterates_half_way": ("ValueError", "ValueError", HANG),
}
STRATEGIES = ("serial", "process_pool", "pool_map")
CELLS = [
    (fault, strategy, expected)
    for fault, row in EXPECTED.items()
    for strategy, expected in zip(STRATEGIES, row, strict=True)
    if expected is not NOT_OFFERED
]
ENDED_BY_THEMSELVES = [
    "joins_before_draining",
    "terminates_a_lock_holder",
    "forks_while_a_lock_is_held",
    "never_returns",
    "ignores_sigterm",
    "iterates_for_ever",
]
GIVE_NUMBERS = {
    "nothing",
    "takes_what_does_not_unpickle",
    "wears_its_process_out",
    "opens_a_pool",
    "leaves_a_daemon",
    "closes_descriptors",
    "prints_a_gigabyte",
    "iterates_for_ever",
    "iterates_half_way",
}
"""Faults where each task gives its number back if it gives anything back."""
FAULTS = {
    each.name: each for source in BUILT_IN for each in sources.load(source) if isinstance(each, registry.Workload)
}


@pytest.fixture(scope="module")
def found():
    return catalogue.find(BUILT_IN)


@pytest.fixture(scope="module")
def folder():
    """The current folder, and that of temporary files, of all processes that are started here.

    None of pytest's: their names are so long that no socket can lie in them.
    """
    with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        patch.setenv("TMPDIR", folder)
        yield Path(folder)


@pytest.fixture(scope="module")
def measurer(folder):
    with Measurer(Conditions(seed=1, time_limit_s=60, sample_hz=20, budget_s=None), lambda _: None) as measurer:
        yield measurer


def planned(found, fault, strategy):
    settings = dict(FAULTS[fault].fault_settings)
    workers = int(settings.pop("workers", 2))
    (case,) = expand(
        found, Selection([fault], [strategy], "fault", [workers], {name: [each] for name, each in settings.items()}), "py", 2
    )  # fmt: skip
    return case


def said(block):
    """What the strategy made of it, as the table above has it."""
    if block.outcome is Outcome.FAILED:
        return block.raised or EXITED
    return str(block.outcome)


def files(folder):
    """What is there but empty folders, which the supervisor may still need."""
    return [each for each in folder.rglob("*") if not each.is_dir()]


@pytest.mark.many(18)
@pytest.mark.parametrize(("fault", "strategy", "expected"), [each for each in CELLS if HANG not in each[2]])
def test_each_fault_has_the_outcome_that_follows_and_leaves_nothing(found, folder, measurer, fault, strategy, expected):
    before = processes()
    block = measurer.block(planned(found, fault, strategy), 0, 1)
    assert processes() <= before
    assert said(block) in expected.split("|"), block.reason
    assert block.leaked_processes == (1 if fault == "leaves_a_daemon" else 0)
    assert "\n" not in block.reason
    assert len(block.reason) < 1000
    if block.outcome in (Outcome.FAILED, Outcome.KILLED):
        assert block.noticed_s is not None, "the moment was told before"
        assert block.noticed_s < 30
    assert files(folder) == []


@pytest.mark.long
def test_faults_that_nobody_gets_over_are_ended_at_the_time_limit_and_leave_nothing(found, folder):
    hanging = {(fault, strategy): expected for fault, strategy, expected in CELLS if HANG in expected}
    conditions = Conditions(seed=1, time_limit_s=5, sample_hz=0, budget_s=None)
    before = processes()
    blocks = {
        tuple(block.case.split("/")[index] for index in (0, 2)): block
        for block in go_through(conditions, [planned(found, *each) for each in hanging], at_once=16)
    }
    assert processes() <= before
    assert files(folder) == []
    assert blocks.keys() == hanging.keys()
    others = {each: blocks[each].reason for each in hanging if said(blocks[each]) not in hanging[each].split("|")}
    assert others == {}


@pytest.mark.long
def test_the_control_is_ok_under_every_strategy_that_is_available(found, measurer):
    known = [each.name for each in found.strategies if each.pattern == "map" and not each.unavailable]
    assert len(known) > 15
    before = processes()
    blocks = {name: measurer.block(planned(found, "nothing", name), 0, 1) for name in known}
    assert processes() <= before
    assert {name: block.reason for name, block in blocks.items() if block.outcome is not Outcome.OK} == {}


IN_SHARED_MEMORY_OF_ITS_OWN = """
    from bench.measure.plan import catalogue
    from bench.measure.engine.faults import go_through
    from bench.measure.plan.fault_cases import expand
    from bench.records.conditions import Conditions
    from bench.workloads.faults import BUILT_IN
    faults, strategies = (each.split() for each in sys.argv[1:])
    planned = expand(catalogue.find(BUILT_IN), faults, strategies, None, "py")
    blocks = list(go_through(Conditions(1, None, 4, 0), planned, 12))
    answer([len(blocks), os.listdir("/dev/shm")])
"""


@pytest.mark.long
def test_no_shared_memory_is_left():
    faults = ["is_killed", "never_returns", "kills_its_group", "terminates_a_lock_holder"]
    strategies = ["serial", "process_pool", "pool_map"]
    before = namespaced("mount -t tmpfs none /dev/shm")
    told = in_own_process(IN_SHARED_MEMORY_OF_ITS_OWN, " ".join(faults), " ".join(strategies), before=before)
    assert told == [len(faults) * len(strategies), []]


KILLED_WORKERS = """
import multiprocessing, os, signal, time
import numpy, psutil
from joblib import Parallel, delayed
from joblib.externals.loky.backend import synchronize

def end_all():
    time.sleep(0.5)  # somebody sees this process
    for each in psutil.Process().children(recursive=True):
        each.kill()  # its resource tracker too
    os.kill(os.getpid(), signal.SIGKILL)

def has_workers_of_its_own(items):
    multiprocessing.current_process()._config["daemon"] = False  # or joblib starts none
    Parallel(2, backend="loky", max_nbytes=1000)(delayed(len)(each) for each in items)
    end_all()

def with_a_lock(_):
    lock = synchronize.Lock()
    end_all()

def with_semaphores(_):
    has_workers_of_its_own(["a", "b"])

def with_arrays(_):
    has_workers_of_its_own([numpy.zeros(10_000)] * 2)
"""

LEFT_BY_KILLED_WORKERS = """
    from bench.measure.plan import catalogue
    from bench.measure.plan.cases import Selection, expand
    from bench.records.conditions import Conditions
    from bench.measure.engine.runner import Measurer
    path, function = sys.argv[1:]
    left = []
    found = catalogue.find([f"{path}:{function}"])
    (name,) = [each.name for each in found.workloads if each.name.endswith(function)]
    cases = expand(found, Selection([name], ["processes", "process_pool"], "quick"), "py", 1)
    with Measurer(Conditions(1, None, 30, 20), lambda _: None, inputs="1..1") as measurer:
        outcomes = [measurer.block(each, 0, 2).outcome for each in cases]
    answer([outcomes, os.listdir("/dev/shm")])
"""


@pytest.mark.long
@pytest.mark.parametrize("function", ["with_a_lock", "with_semaphores", "with_arrays"])
def test_no_shared_memory_is_left_by_workers_that_were_killed_and_waited_for_in_the_strategy(tmp_path, function):
    pytest.importorskip("joblib", reason="needs joblib (make test installs it)")
    file = tmp_path / "killed_workers.py"
    file.write_text(KILLED_WORKERS)
    before = namespaced("mount -t tmpfs none /dev/shm")
    outcomes, left = in_own_process(LEFT_BY_KILLED_WORKERS, file, function, before=before)
    assert set(outcomes) == {"failed"} and left == []


def test_reasons_say_what_was_lost_and_what_was_said(found, measurer):
    lost = measurer.block(planned(found, "never_joins", "serial"), 0, 1)
    assert "of 10 tasks were lost when their pool's process ended" in lost.reason
    main = measurer.block(planned(found, "hands_main_to_a_forkserver", "serial"), 0, 1)
    assert "Can't get attribute 'work' on <module '__main__'" in main.reason
    disk = measurer.block(planned(found, "fills_the_disk", "serial"), 0, 1)
    assert "No space left on device" in disk.reason


def test_big_results_stay_below_a_gigabyte(found, measurer):
    block = measurer.block(planned(found, "gives_200_megabytes", "process_pool"), 0, 1)
    assert block.outcome is Outcome.OK
    assert 400_000_000 < block.whole.peak_memory_bytes < 1_000_000_000


def test_every_fault_is_expected_above_and_described():
    assert FAULTS.keys() == EXPECTED.keys()
    titles = [each.fault for each in FAULTS.values()]
    assert len(set(titles)) == len(titles)
    assert all(0 < len(each) <= 40 for each in titles)
    for each in FAULTS.values():
        assert each.summary.endswith((".", ":"))
        assert list(each.scales) == ["fault"]
        assert each.check is not None, "or the fault would be done once more, in a plain loop"


def test_the_package_names_all_its_modules_and_importing_it_loads_none_of_them():
    files = {path.stem for path in (ROOT / "workloads" / "faults").glob("*.py")}
    assert {each.rpartition(".")[2] for each in BUILT_IN} == files - {"__init__", "striking"}
    script = "import sys, bench.workloads.faults; print(*(each for each in sys.modules if 'workloads' in each))"
    loaded = subprocess.run(
        [sys.executable, "-c", script], env=environment(), capture_output=True, text=True, check=True
    )
    assert loaded.stdout.split() == ["bench.workloads", "bench.workloads.faults"]


def test_faults_are_not_among_the_workloads_that_are_listed():
    assert not [each for each in catalogue.find([]).workloads if each.fault]


@pytest.mark.parametrize("fault", FAULTS)
def test_checks_tell_right_from_wrong(fault):
    workload = FAULTS[fault]
    inputs = workload.inputs(workload.scales["fault"], None)
    for wrong in ([None] * len(inputs), [*range(len(inputs) - 1), -1]):
        with pytest.raises(WrongResult):
            judge.check(workload, "fault", inputs, wrong)
    numbers = list(range(10))
    if fault in GIVE_NUMBERS:
        judge.check(workload, "fault", inputs, numbers)
    elif fault != "gives_200_megabytes":  # which has two inputs
        with pytest.raises(WrongResult):
            judge.check(workload, "fault", inputs, numbers)


DIRECTLY = """
import sys
from bench.plugins import registry, sources
from bench.workloads.faults import BUILT_IN
for source in BUILT_IN:
    sources.load(source)
longest_s = float(sys.argv[2])
for name, module in list(sys.modules.items()):
    if name.startswith("bench.workloads.faults.") and hasattr(module, "LONGEST_S"):
        module.LONGEST_S = int(longest_s)
workload = registry.workloads[sys.argv[1]]
inputs = workload.inputs(workload.scales["fault"], None)
if "initializer" in workload.strategy_options:
    workload.strategy_options["initializer"]()
if sys.argv[1] == "takes_what_does_not_unpickle":
    import concurrent.futures
    list(concurrent.futures.ProcessPoolExecutor(1).map(workload.task, inputs))
[workload.task(each) for each in inputs]
"""


@pytest.fixture
def directly(tmp_path):
    """Start the tasks of a fault in a plain loop in a process of its own; nothing of it outlives the test."""
    marker = f"{tmp_path}"
    started = []

    def start(fault, longest_s):
        process = subprocess.Popen(
            [sys.executable, "-c", DIRECTLY, fault, str(longest_s)],
            cwd=tmp_path,
            env=environment(BENCH_FAULT_MOMENT=str(tmp_path / "moment"), BENCH_TEST_MARKER=marker),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            start_new_session=True,
        )
        started.append(process)
        return process

    yield start
    while pids := started_by(marker):  # some of them start others meanwhile
        kill(pids)
    for process in started:
        process.communicate(timeout=30)


def wait_until(true, limit_s=30):
    ends = time.monotonic() + limit_s
    while not true():
        assert time.monotonic() < ends
        time.sleep(0.01)


@pytest.mark.parametrize("fault", [each for each in FAULTS if each != "nothing"])
def test_the_moment_is_told_when_the_fault_happens(directly, tmp_path, fault):
    began = time.perf_counter()
    directly(fault, 50)
    moment = Path(tmp_path / "moment")
    wait_until(lambda: moment.exists() and moment.read_bytes().endswith(b"\n"))
    assert began < float(moment.read_text().split()[0]) < time.perf_counter()


def test_where_nothing_happens_and_where_nobody_asks_no_moment_is_told(directly, tmp_path, monkeypatch):
    process = directly("nothing", 50)
    assert process.wait(30) == 0
    assert not (tmp_path / "moment").exists()
    from bench.workloads.faults.striking import tell

    monkeypatch.delenv("BENCH_FAULT_MOMENT", raising=False)
    tell()
    monkeypatch.setenv("BENCH_FAULT_MOMENT", str(tmp_path / "no folder" / "moment"))
    tell()


@pytest.mark.many(2)
@pytest.mark.parametrize("fault", ENDED_BY_THEMSELVES)
def test_a_fault_that_nobody_ends_ends_by_itself(directly, tmp_path, fault):
    process = directly(fault, 1)
    _, errors = process.communicate(timeout=40)
    assert process.returncode == 1
    assert b"TimeoutError" in errors
    wait_until(lambda: started_by(str(tmp_path)) == [])


def test_a_daemon_that_nobody_ends_ends_by_itself(directly, tmp_path):
    process = directly("leaves_a_daemon", 2)
    assert process.wait(30) == 0
    wait_until(lambda: started_by(str(tmp_path)) == [])


def test_out_of_memory_gives_the_limit_back():
    import resource

    from bench.workloads.faults.resources import wants_too_much_memory
    from bench.workloads.faults.striking import Turn

    before = resource.getrlimit(resource.RLIMIT_AS)
    with pytest.raises(MemoryError):
        wants_too_much_memory(Turn(3, strikes=True))
    assert resource.getrlimit(resource.RLIMIT_AS) == before
    assert psutil.Process().memory_info().rss < 2 << 30

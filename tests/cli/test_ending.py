"""Whatever goes wrong in this tool, a command says so in one line, and its status is not the one of a verdict."""

import importlib
import inspect
import pkgutil
import subprocess
import sys

import pytest

import bench.store
from bench.cli.main import COMMANDS, main
from tests import builders
from tests.conftest import environment

STORE = [importlib.import_module(f"bench.store.{each.name}") for each in pkgutil.iter_modules(bench.store.__path__)]
CALLS = [
    function
    for module in STORE
    for name, function in vars(module).items()
    if inspect.isfunction(function) and function.__module__ == module.__name__ and not name.startswith("_")
]
FAULTS = [
    lambda: RuntimeError("no luck\nat all"),
    lambda: KeyError("absent"),
    lambda: RecursionError("maximum recursion depth exceeded"),
    MemoryError,
    lambda: OSError(28, "No space left on device"),
    lambda: ModuleNotFoundError("No module named 'bench.absent'", name="bench.absent"),
    lambda: ImportError("cannot import name 'absent' from 'bench.store'"),
    lambda: SystemExit(1),
    lambda: SystemExit("text"),
    lambda: subprocess.CalledProcessError(1, "git"),
]
FAULT_IDS = [type(each()).__name__ for each in FAULTS]
READING = {
    "report": ("report", "{run}", "--json"),
    "compare": ("compare", "{run}", "{run}", "--accept", "inconclusive,failed"),
    "export": ("export", "{run}", "--format", "pytest-benchmark", "--output", "{folder}/made.json"),
    "history": ("history", "{folder}/results"),
}


def break_everywhere(monkeypatch, function, fault):
    """Have a function raise, whoever has imported it; what it was called how often is in the list."""
    called = []

    def broken(*_, **__):
        called.append(function)
        raise fault()

    for name, module in list(sys.modules.items()):
        if name.startswith("bench."):
            for attribute, value in list(vars(module).items()):
                if value is function:
                    monkeypatch.setattr(module, attribute, broken)
    return called


def one_line_of(said):
    lines = said.splitlines()
    assert "Traceback" not in said
    assert sum(each.startswith("error: ") for each in lines) == 1, said
    return lines[-1]


@pytest.mark.many(3)
@pytest.mark.parametrize(
    ("command", "fault"),
    [
        pytest.param(command, fault, id=f"{command}-{name}")
        for command in READING
        for fault, name in zip(FAULTS, FAULT_IDS, strict=True)
        if command == "history" or name in ("RuntimeError", "OSError", "SystemExit")
    ],
)
def test_a_fault_at_any_call_to_the_store_is_one_line_and_no_verdict(tmp_path, monkeypatch, capsys, command, fault):
    path = builders.stored(builders.typical_run(), tmp_path / "results")
    monkeypatch.chdir(tmp_path)
    words = [each.format(run=path, folder=tmp_path) for each in READING[command]]
    assert main(words) == 0, capsys.readouterr().err
    reached = set()
    for function in CALLS:
        with monkeypatch.context() as broken:
            capsys.readouterr()
            called = break_everywhere(broken, function, fault)
            status = main(words)
            said = capsys.readouterr().err
        assert status in (0, 2, 3), function
        if status:
            assert one_line_of(said)
        reached.update(called)
    assert len(reached) >= 3, "else nothing was tried"


BROKEN = """
import importlib, sys
module, name, fault = sys.argv[1:4]
owner = importlib.import_module(module)
*path, last = name.split(".")
for each in path:
    owner = getattr(owner, each)
def broken(*_, **__):
    exec(f"raise {fault}")
setattr(owner, last, broken)
sys.argv[1:4] = []
from bench.__main__ import run
run()
"""
MEASURING = {
    "run": ("run", "mine.py:f", "--inputs", "1..3", "--strategy", "serial", "--blocks", "1", "--rounds", "2"),
    "check": ("check", "mine.py:f", "--inputs", "1..3", "--base-python", sys.executable, "--budget", "2s"),
}
WRITING = [
    ("bench.store.runs", "RunWriter.__init__"),
    ("bench.store.runs", "RunWriter.append"),
    ("bench.store.runs", "check_writable"),
    ("bench.store.lines", "to_line"),
    ("bench.store.checks", "check_header"),
]


def broken_command(tmp_path, module, name, fault, *words):
    (tmp_path / "mine.py").write_text("def f(x):\n    return x\n")
    return subprocess.run(
        [sys.executable, "-c", BROKEN, module, name, fault, *words],
        cwd=tmp_path, env=environment(), capture_output=True, text=True, check=False,
    )  # fmt: skip


@pytest.mark.many(4)
@pytest.mark.parametrize(("module", "name"), WRITING)
@pytest.mark.parametrize("command", ["run", "check"])
def test_a_fault_where_a_run_is_written_is_one_line_and_no_verdict(tmp_path, command, module, name):
    done = broken_command(tmp_path, module, name, "RuntimeError('no luck')", *MEASURING[command])
    assert done.returncode == 3, (done.stdout, done.stderr)
    assert one_line_of(done.stderr).startswith("error: RuntimeError: no luck; this is a fault of this tool")


@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_that_cannot_be_loaded_is_one_line_and_no_verdict(tmp_path, command):
    done = broken_command(tmp_path, "bench.cli.main", "LazyGroup.get_command", "SystemExit(1)", command)
    assert done.returncode == 3
    assert one_line_of(done.stderr).startswith("error: SystemExit: 1; this is a fault of this tool")


@pytest.mark.parametrize(
    ("module", "name"),
    [
        ("bench.processes.surroundings", "settle"),
        ("bench.processes.surroundings", "lacks_descriptors"),
        ("bench.cli.streams", "install"),
        ("bench.cli.main", "main"),
        ("bench.cli.streams", "finish"),
    ],
)
def test_a_fault_before_and_after_the_command_itself_is_one_line_and_no_verdict(tmp_path, module, name):
    done = broken_command(tmp_path, module, name, "ValueError('odd')", "explain", "few_blocks")
    assert done.returncode == 3
    assert one_line_of(done.stderr).startswith("error: ValueError: odd; this is a fault of this tool")


@pytest.mark.parametrize("fault", ["RuntimeError('no luck')", "SystemExit(1)", "OSError(28, 'No space left')"])
def test_with_debug_there_is_the_traceback_and_the_same_status(tmp_path, fault):
    builders.stored(builders.typical_run(), tmp_path / "results")
    done = broken_command(tmp_path, "bench.store.runs", "read", fault, "--debug", "report", "--json")
    assert done.returncode == 3
    assert done.stderr.startswith("Traceback (most recent call last):")
    assert done.stderr.splitlines()[-1].startswith("error: ")


def test_wrong_usage_is_2_whatever_the_library_of_the_command_line_says(tmp_path, capsys):
    for words in (["no-such"], ["run", "--no-such"], ["report", "--dpi"], ["run", "primes", "--blocks", "x"]):
        assert main(words) == 2
        assert one_line_of(capsys.readouterr().err)
    fault = "__import__('click').ClickException('odd')"
    done = broken_command(tmp_path, "bench.cli.main", "LazyGroup.get_command", fault, "list")
    assert (done.returncode, one_line_of(done.stderr)) == (2, "error: odd (see python -m bench --help)")

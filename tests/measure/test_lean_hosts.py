"""What a host loads before it is ready is little, and is compiled once."""

import functools
import inspect
import json
import os
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path

import pytest

from bench.plugins import registry, signatures
from bench.processes.child import Child
from bench.records.lean import record
from bench.strategies import BUILT_IN
from tests.conftest import ROOT, environment


@record
class Point:
    """With a default."""

    x: int
    y: int = 5

    def sum(self) -> int:
        return self.x + self.y


def test_a_record_has_its_fields_and_keeps_them():
    assert (Point(1).sum(), Point(1, 2).sum(), Point(y=1, x=1).sum()) == (6, 3, 2)
    assert repr(Point(1)) == "Point(x=1, y=5)"
    for change in (lambda: setattr(Point(1), "x", 2), lambda: setattr(Point(1), "z", 2)):
        with pytest.raises(AttributeError):
            change()


@pytest.mark.parametrize("given", [((), {}), ((1, 2, 3), {}), ((1,), {"x": 1}), ((1,), {"z": 1})])
def test_a_record_refuses_what_it_has_no_field_for(given):
    values, named = given
    with pytest.raises(TypeError, match=r"^Point "):
        Point(*values, **named)


def plain(workers, size=3, *, initializer=None): ...


def bare(): ...


def many(a, b=1, *args, c, d=2, **others): ...


def by_position(workers, /, size=3): ...


async def coroutine(x):
    """

    What it does.
    And how.
    """


@contextmanager
def wrapped(workers, kind="one"):
    """Of a context manager."""
    yield


@functools.wraps(coroutine)
def around(x): ...


class Callable:
    """An object that can be called."""

    def __call__(self, workers, size=2): ...


class Coroutine:
    async def __call__(self, x): ...


FUNCTIONS = [
    *(
        plain,
        bare,
        many,
        by_position,
        coroutine,
        wrapped,
        around,
        Callable(),
        Callable,
        Coroutine(),
        Callable().__call__,
    ),
    *(functools.partial(plain, 1), functools.partial(coroutine), lambda: 0, max, json.dumps, int),
]


def strategies():
    for module in BUILT_IN:
        __import__(module)
    return [each.open for each in registry.strategies.values()]


@pytest.mark.parametrize("function", FUNCTIONS, ids=lambda each: getattr(each, "__name__", type(each).__name__))
def test_functions_are_looked_at_as_inspect_does(function):
    assert signatures.is_coroutine_function(function) == inspect.iscoroutinefunction(function)
    assert signatures.first_line(function) == (inspect.getdoc(function) or "").partition("\n")[0]
    try:
        found = inspect.signature(function).parameters.values()
    except ValueError:
        with pytest.raises(ValueError, match="signature"):
            signatures.parameters(function)
        return
    taken, by_name_alone = signatures.parameters(function)
    assert list(taken) == [each.name for each in found if each.kind is each.POSITIONAL_OR_KEYWORD]
    assert by_name_alone == {each.name for each in found if each.kind is each.KEYWORD_ONLY}
    defaults = {each.name: each.default for each in found if each.name in taken and each.default is not each.empty}
    assert {name: value for name, value in taken.items() if value is not signatures.NO_DEFAULT} == defaults


def test_every_strategy_is_looked_at_so():
    for function in strategies():
        test_functions_are_looked_at_as_inspect_does(function)


def compiled(folder: Path, code: str = "import bench.measure.host.main") -> set[str]:
    """Files of ours that a process compiles where it may write no byte code, and nothing is kept beside them."""
    script = f"""
import sys
seen = []
sys.addaudithook(lambda event, given: seen.append(str(given[1])) if event == "compile" else None)
{code}
print(*sorted({{each for each in seen if each.startswith({str(folder / "source")!r})}}), sep="\\n")
"""
    own = environment(PYTHONPATH=str(folder / "source"), PYTHONDONTWRITEBYTECODE="1", BENCH_CACHE=str(folder / "cache"))
    done = subprocess.run(
        [sys.executable, "-P", "-c", script], cwd=folder, env=own, capture_output=True, text=True, check=True
    )
    return {os.path.relpath(each, folder / "source" / "bench") for each in done.stdout.splitlines()}


@pytest.fixture
def folder(tmp_path):
    """A copy of the package with no byte code beside it."""
    for path in (ROOT / "bench").rglob("*.py"):
        target = tmp_path / "source" / path.relative_to(ROOT)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(path.read_bytes())
    return tmp_path


ALWAYS = {"__init__.py", "byte_code.py"}


def test_what_may_not_be_kept_beside_the_source_is_kept_in_the_users_caches(folder):
    assert {"plugins/registry.py", "measure/host/main.py"} <= compiled(folder)
    assert compiled(folder) == ALWAYS
    assert not list((folder / "source").rglob("*.pyc"))
    host = folder / "source" / "bench" / "measure" / "host" / "main.py"
    host.write_text(host.read_text() + "CHANGED = 1\n")
    assert compiled(folder, "import bench.measure.host.main as host; assert host.CHANGED") == ALWAYS | {
        "measure/host/main.py"
    }
    kept = next((folder / "cache").rglob("bench.plugins.registry.pyc"))
    for wrong in (b"", b"wrong", kept.read_bytes()[:200], kept.read_bytes()[:-1]):
        kept.write_bytes(wrong)
        assert compiled(folder) == ALWAYS | {"plugins/registry.py"}
        assert compiled(folder) == ALWAYS


def test_where_nothing_can_be_kept_everything_is_compiled(folder):
    (folder / "cache").write_text("no folder")
    assert compiled(folder) == compiled(folder) > ALWAYS


@pytest.mark.long
def test_a_host_in_such_surroundings_compiles_nothing_but_what_finds_it(bench, tmp_path, monkeypatch):
    monkeypatch.setenv("BENCH_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("PYTHONDONTWRITEBYTECODE", "1")
    (tmp_path / "mine.py").write_text("def f(x):\n    return x\n")
    words = ("run", "mine.py:f", "--inputs", "1..2", "--strategy", "serial", "--blocks", "1", "--rounds", "2")
    assert bench(*words).returncode == 0
    kept = {path.name: path.stat().st_mtime_ns for path in (tmp_path / "cache").rglob("*.pyc")}
    assert {
        "bench.measure.host.main.pyc",
        "bench.measure.supervisor.main.pyc",
        "bench.strategies.serial.pyc",
        "bench.cli.main.pyc",
    } <= kept.keys()
    assert bench(*words).returncode == 0
    assert kept == {path.name: path.stat().st_mtime_ns for path in (tmp_path / "cache").rglob("*.pyc")}
    assert not list(tmp_path.glob("__pycache__"))


def test_an_installation_has_python_import_next_to_nothing_when_it_starts():
    program = "import sys; print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout.split()
    assert {"pathlib", "re", "inspect", "typing"} & {*loaded} == set()


def loaded_by(code: str, folder: Path) -> set[str]:
    """The modules of a process that executes this, beside those that Python loads to start."""
    program = f"import sys\nbefore = set(sys.modules)\n{code}\nprint(*set(sys.modules) - before)"
    own = environment()
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=folder, env=own, capture_output=True, text=True, check=True
    )
    return {*done.stdout.split()}


def test_finding_the_package_of_an_installation_imports_next_to_nothing(tmp_path):
    loaded = {each for each in loaded_by("import bench", tmp_path) if not each.startswith("bench")}
    assert loaded <= {"__future__", "errno", "types"}


FOR_A_HOST_OF_SERIAL = {"__future__", "_json", "_random", "errno", "itertools", "mine", "resource", "types"}


def test_a_host_of_serial_loads_this_and_no_more(bench, tmp_path):
    (tmp_path / "mine.py").write_text(
        "import sys\n"
        "def f(x):\n"
        "    try:\n"
        "        open('loaded', 'x').write(' '.join(sys.modules))\n"
        "    except FileExistsError:\n"
        "        pass\n"
    )
    words = ("run", "mine.py:f", "--inputs", "1..2", "--strategy", "serial", "--blocks", "1", "--rounds", "2")
    assert bench(*words).returncode == 0
    bare = subprocess.run(
        [sys.executable, "-c", "import sys; print(*sys.modules)"], capture_output=True, text=True, check=True
    )
    loaded = {*(tmp_path / "loaded").read_text().split()} - {*bare.stdout.split()}
    assert {each for each in loaded if each.partition(".")[0] != "bench"} <= FOR_A_HOST_OF_SERIAL


SLOW = {"ast", "dataclasses", "inspect", "json", "pathlib", "typing"}
"""What no strategy for a `map` needs, unless `asyncio` or an extra brings it."""
EXECUTORS = {"concurrent.futures", "logging"}
FAMILIES = {
    "serial": (set(), {*EXECUTORS, "collections", "contextlib", "enum", "functools", "re", "threading", "warnings"}),
    "threads": ({"threading"}, {*EXECUTORS, "multiprocessing", "subprocess"}),
    "thread_executor": ({"concurrent.futures.thread"}, {"multiprocessing", "subprocess"}),
    "pool_of_threads": ({"multiprocessing.pool"}, EXECUTORS),
    "processes": ({"multiprocessing"}, {*EXECUTORS, "multiprocessing.pool", "queue"}),  # which is 1.1 % of it
    "process_subclass": ({"multiprocessing", "queue"}, {*EXECUTORS, "multiprocessing.pool"}),
    "forks": (set(), {*EXECUTORS, "multiprocessing"}),
    "process_executor": ({"concurrent.futures.process"}, {"multiprocessing.pool"}),
    "pools": ({"multiprocessing.pool"}, EXECUTORS),
    "pool_calls": ({"multiprocessing.pool"}, EXECUTORS),
    "avoiding_pickle": ({"multiprocessing.pool"}, EXECUTORS),
}


@pytest.mark.parametrize("family", FAMILIES)
def test_a_host_loads_what_its_strategy_needs_before_it_is_ready_and_nothing_of_others(family, tmp_path):
    needed, of_others = FAMILIES[family]
    loaded = loaded_by(f"import bench.measure.host.main, bench.strategies.{family}", tmp_path)
    assert needed <= loaded
    assert loaded & (of_others | SLOW) == set()


def test_the_program_of_a_child_passes_over_finders_that_python_passes_over(tmp_path, monkeypatch):
    (tmp_path / "sitecustomize.py").write_text(
        "import sys\nclass Old:\n    def find_module(self, name, path=None): ...\nsys.meta_path.insert(0, Old())\n"
    )
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    monkeypatch.setenv("PYTHONWARNINGS", "ignore")
    with Child("bench.measure.plan.catalogue", errors=subprocess.PIPE) as child:
        child.send({"sources": [], "left_out": {}})
        assert child.receive(60) is not None

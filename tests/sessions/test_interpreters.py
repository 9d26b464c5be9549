"""Several interpreters in one run: each a site of its own, all of them by turns, and what only one of them has."""

import shutil
import subprocess
import sys
from dataclasses import replace

import pytest

from bench.errors import UsageError
from bench.measure.plan.discovery import Found
from bench.sessions import interpreters
from bench.sessions.interpreters import Wanted, changed, opened, told_once, wanted_again
from bench.store.runs import read
from tests.builders import PYTHON, interpreter
from tests.conftest import only_run

FREE = shutil.which("python3.13t", path="/opt/python3.13t/bin") or shutil.which("python3.14t")
TWICE = f"one={sys.executable},other={sys.executable}"
RUN = ("run", "mine.py:same", "--inputs", "1..4", "--strategy", "serial,thread_pool", "--rounds", "2", "--blocks", "2")


@pytest.fixture(scope="module")
def bare(tmp_path_factory):
    """An interpreter with nothing installed."""
    folder = tmp_path_factory.mktemp("bare")
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", folder], check=True)
    return str(folder / "bin" / "python")


def test_cases_of_all_take_turns_and_each_has_its_own_base(bench, workload_file, tmp_path):
    workload_file("def same(x):\n    return x\n")
    done = bench(*RUN, "--python", TWICE)
    assert done.returncode == 0, done.stderr
    run = read(only_run(tmp_path))
    assert [each.name for each in run.header.plan.interpreters] == ["one", "other"]
    assert {each.facts["python"] for each in run.header.plan.interpreters} == {
        run.header.plan.interpreters[0].facts["python"]
    }
    keys = {case.key for case in run.header.plan.cases}
    assert {case.python for case in run.header.plan.cases} == {"one", "other"} and len(keys) == 4
    for repetition in range(2):  # an ensemble of all of them
        assert {block.case for block in run.blocks if block.repetition == repetition} == keys
    text = " ".join(done.stdout.split())
    assert "The fastest on other" in text and "the fastest on one" in text
    assert "strategy one other × one" in text


def test_a_run_goes_on_with_interpreters_that_are_named_again(bench, workload_file, tmp_path):
    workload_file("def same(x):\n    return x\n")
    assert bench(*RUN, "--python", TWICE).returncode == 0
    path = only_run(tmp_path)
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join(lines[:4]))
    again = ("run", "mine.py:same", "--inputs", "1..4", "--resume", str(path))
    unnamed = bench(*again)
    assert unnamed.returncode == 2 and "--python one=" in unnamed.stderr
    another = bench(*again, "--python", f"one={sys.executable},third={sys.executable}")
    assert another.returncode == 2 and "the interpreters were one and other" in another.stderr
    done = bench(*again, "--python", TWICE)
    assert done.returncode == 0, done.stderr
    assert {block.case for block in read(path).blocks} == {case.key for case in read(path).header.plan.cases}


def test_what_an_interpreter_lacks_is_unavailable_there_alone(bench, bare, tmp_path):
    """Its packages are its own: numpy of this one is not on its path."""
    done = bench(
        "run",
        "matrix",
        "--strategy",
        "serial",
        "--scale",
        "quick",
        "--rounds",
        "2",
        "--blocks",
        "1",
        "--python",
        f"this={sys.executable},bare={bare}",
    )
    assert done.returncode == 0, done.stderr
    run = read(only_run(tmp_path))
    ended = {block.case.rpartition("/")[2]: (str(block.outcome), block.reason) for block in run.blocks}
    assert ended["this"][0] == "ok"
    assert ended["bare"][0] == "unavailable" and "needs the module 'numpy'; install it there: " in ended["bare"][1]
    assert [each.packages.keys() & {"numpy"} for each in run.header.plan.interpreters] == [{"numpy"}, set()]


def test_two_of_one_name_are_refused():
    with pytest.raises(UsageError, match="two interpreters are .*; tell them apart: --python one=…,other=…"):
        opened(Wanted([sys.executable, sys.executable]), [], Quiet())


class Quiet:
    def say(self, text):
        pass

    def line(self, text):
        pass


@pytest.fixture
def places(monkeypatch):
    """The settings that an interpreter gets, free-threaded or not, with a JIT or not."""

    def of(word, free=False, has_jit=False, **wanted):
        monkeypatch.setattr(interpreters.discovery, "found", lambda _: Found("/opt/python", free, has_jit))
        return [dict(each.settings) for each in interpreters._places(word, Wanted([word], **wanted))]

    return of


def test_switches_are_for_builds_that_have_them(places):
    both = ["on", "off"]
    assert places("3.13") == places("3.13", gil=both) == places("3.13", jit=both) == [{}]
    assert places("3.13t", free=True, gil=both) == [{"gil": "on"}, {"gil": "off"}]
    assert places("3.14t", free=True, gil=["off"]) == [{"gil": "off"}]
    assert places("3.15", has_jit=True, jit=both) == [{"jit": "on"}, {"jit": "off"}]
    with pytest.raises(UsageError, match="3.13 always has the GIL: leave it out, or leave --gil off out"):
        places("3.13", gil=["off"])
    for word in ("a b=3.13", "=3.13", "new=", ">=3.13"):
        with pytest.raises(UsageError, match="an interpreter's name is of letters"):
            places(word)


def test_the_gil_that_is_to_stay_off_is_not_held_off():
    assert interpreters._environment({"gil": "on", "jit": "off"}) == {"PYTHON_GIL": "1", "PYTHON_JIT": "0"}
    assert interpreters._environment({"gil": "off"}) == {"PYTHON_GIL": ""}  # Python takes the empty text for none


def test_what_asked_for_interpreters_asks_for_them_again():
    there = [
        interpreter(PYTHON, "3.11"),
        replace(interpreter("mine,gil=on", "python3.13t"), settings={"gil": "on"}),
        replace(interpreter("mine,gil=off", "python3.13t"), settings={"gil": "off"}),
    ]
    assert wanted_again(there).again == ["--python", "3.11,mine=python3.13t", "--gil", "on,off"]
    assert list(changed(there, there)) == []
    newer = [replace(there[0], packages={"numpy": "3.0"}), *there[1:]]
    assert list(changed(there, newer)) == [f"numpy of {PYTHON} was absent and is 3.0"]


def test_lines_of_several_are_said_once_with_who_says_them():
    lines = {"3.11": ["left out: a", "left out: b"], "3.14": ["left out: b"]}
    assert list(told_once(lines)) == ["3.11: left out: a", "left out: b"]
    assert list(told_once({"3.11": ["left out: a"]})) == ["left out: a"]


@pytest.mark.skipif(FREE is None, reason="needs a free-threaded Python: 3.13t in /opt, or python3.14t")
def test_a_block_says_whether_the_gil_was_on(bench, workload_file, tmp_path):
    workload_file("def same(x):\n    return x\n")
    done = bench(*RUN, "--python", f"free={FREE}", "--gil", "on,off")
    assert done.returncode == 0, done.stderr
    run = read(only_run(tmp_path))
    assert {(block.case.rpartition("=")[2], block.gil) for block in run.blocks} == {("on", "on"), ("off", "off")}
    assert [each.facts["gil"] for each in run.header.plan.interpreters] == ["on", "off"]


EVIL = """
#include <Python.h>
static PyModuleDef_Slot slots[] = {{0, NULL}};
static struct PyModuleDef module = {PyModuleDef_HEAD_INIT, "evil", NULL, 0, NULL, slots};
PyMODINIT_FUNC PyInit_evil(void) { return PyModuleDef_Init(&module); }
"""
"""A module of C that does not say that it can do without the GIL."""
needs_evil = pytest.mark.skipif(
    FREE is None or shutil.which("gcc") is None,
    reason="needs gcc and a free-threaded Python: 3.13t in /opt, or python3.14t",
)


@pytest.fixture
def evil(tmp_path, workload_file):
    """Built for the free-threaded Python, beside a function that imports it."""
    include = subprocess.check_output(
        [FREE, "-c", "import sysconfig; print(sysconfig.get_path('include'))"], text=True
    ).strip()
    (tmp_path / "evil.c").write_text(EVIL)
    made = ["gcc", "-shared", "-fPIC", f"-I{include}", "-o", str(tmp_path / "evil.so"), str(tmp_path / "evil.c")]
    subprocess.run(made, check=True)
    return workload_file("def same(x):\n    import evil\n    return x\n")


@needs_evil
@pytest.mark.parametrize("strategy", ["serial", "thread_pool", "process_pool"])
@pytest.mark.parametrize("gil", [[], ["--gil", "off"]], ids=["as it is", "to stay off"])
def test_a_module_that_turns_the_gil_on_is_named_wherever_it_is_imported(bench, evil, tmp_path, strategy, gil):
    done = bench(
        "run",
        f"{evil}:same",
        "--inputs",
        "1..4",
        "--strategy",
        strategy,
        "--rounds",
        "2",
        "--blocks",
        "1",
        "--python",
        f"free={FREE}",
        *gil,
    )
    (block,) = read(only_run(tmp_path)).blocks
    assert block.gil_enabled_by == "evil"
    if gil:
        why = "the GIL was to stay off, and Python turned it on to load the module evil, which does not say that it can do without"
        assert (done.returncode, str(block.outcome), block.reason) == (3, "failed", why)
    else:
        assert (done.returncode, str(block.outcome)) == (0, "ok")
        assert "Python turned the GIL on to load evil" in " ".join(done.stdout.split())


WARNING = (
    "import sys\n"
    "def same(x):\n"
    "    sys.stderr.write(\"RuntimeWarning: The global interpreter lock (GIL) has been enabled to load module 'evil', which has not\\n\")\n"
    "    return x\n"
)
"""What a free-threaded Python prints then."""


@pytest.mark.parametrize("strategy", ["serial", "process_pool"])
def test_the_warning_is_read_on_any_python(bench, workload_file, tmp_path, strategy):
    workload_file(WARNING)
    done = bench("run", "mine.py:same", "--inputs", "1..4", "--strategy", strategy, "--rounds", "2", "--blocks", "1")
    assert done.returncode == 0, done.stderr
    (block,) = read(only_run(tmp_path)).blocks
    assert block.gil_enabled_by == "evil"
    assert "Python turned the GIL on to load evil" in " ".join(done.stdout.split())

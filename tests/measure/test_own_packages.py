"""Each process sees the packages of its own interpreter, and this tool's package alone, whatever is installed where.

The environments are real virtual environments; what is "installed" in them is written there as an installer would.
"""

import json
import subprocess
import sys
import sysconfig
import venv
from pathlib import Path

import pytest

from bench.store.runs import read
from tests.checkouts.test_worktrees import git, repository, write
from tests.conftest import ROOT, only_run

FAST, SLOW = 2_000, 60_000
"""Additions that a version of the library does in a call."""


def environment_in(folder: Path, **versions) -> Path:
    """A virtual environment that has these distributions, each with its work; gives back its interpreter."""
    venv.create(folder, with_pip=False, symlinks=True)
    for name, (version, work) in versions.items():
        installed(folder, name, version, work)
    return folder / "bin" / "python"


def packages_of(folder: Path) -> Path:
    return next(folder.glob("lib/python*/site-packages"))


def installed(folder, name, version, work):
    files = {
        f"{name}/__init__.py": f"VERSION = {version!r}\ndef work(x):\n    return sum(range({work})) * 0 + x\n",
        f"{name}-{version}.dist-info/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n",
    }
    write(packages_of(folder), files)
    record = "".join(f"{each},,\n" for each in files)
    write(packages_of(folder), {f"{name}-{version}.dist-info/RECORD": record})


@pytest.fixture(scope="module")
def tool(tmp_path_factory):
    """This tool installed in an environment of its own, beside version 1.0 of the library: its interpreter."""
    folder = tmp_path_factory.mktemp("tool") / "venv"
    python = environment_in(folder, lib=("1.0", FAST), proj=("1.0", FAST))
    (packages_of(folder) / "bench").symlink_to(ROOT / "bench")
    (packages_of(folder) / "others.pth").write_text(sysconfig.get_path("purelib") + "\n")
    return python


@pytest.fixture
def run(tool, monkeypatch, tmp_path):
    monkeypatch.delenv("PYTHONPATH", raising=False)

    def run(*words, folder=tmp_path, python=tool):
        done = subprocess.run(
            [python, "-m", "bench", *words], cwd=folder, capture_output=True, text=True, timeout=120, check=False
        )
        return done, json.loads(done.stdout) if done.stdout.startswith("{") else None

    return run


MINE = "import lib\ndef f(x):\n    return lib.work(x)\n"
CHECK = ("mine.py:f", "--inputs", "1..4", "--budget", "40s", "--tolerance", "20%", "--json")


@pytest.mark.long
def test_an_arm_with_its_own_interpreter_has_its_own_packages(run, tmp_path):
    slow = environment_in(tmp_path / "slow", lib=("2.0", SLOW))
    write(tmp_path, {"mine.py": MINE})
    done, found = run("check", "--head-python", str(slow), "--accept", "inconclusive", *CHECK)
    assert [each["verdict"] for each in found["cases"]] == ["regressed"], done.stderr
    assert done.returncode == 1
    arms = read(only_run(tmp_path)).header.plan.gate.arms
    assert [each.packages.get("lib") for each in arms] == ["1.0", "2.0"]


def test_what_only_the_tool_has_installed_is_absent_for_others(run, tmp_path):
    bare = environment_in(tmp_path / "bare")
    write(tmp_path, {"mine.py": MINE})
    done, found = run("check", "--head-python", str(bare), *CHECK)
    assert done.returncode == 3, done.stdout + done.stderr
    assert "the module 'lib'" in json.dumps(found)


PROCESSES = """
import sys
from importlib.util import find_spec
def f(x):
    try:
        import numpy
    except ImportError:
        numpy = None
    import bench
    beside = [name for name in ("workloads", "tests", "docs", "benchmarks") if find_spec(name)]
    assert numpy is None and not beside, (numpy, beside, sys.path)
    return x
"""


@pytest.mark.many(1)
@pytest.mark.parametrize("start_method", ["fork", "spawn", "forkserver"])
def test_processes_that_a_strategy_starts_see_no_more_than_their_host(run, tmp_path, start_method):
    """The tool itself is found by them, and nothing that lies beside it."""
    bare, other = (environment_in(tmp_path / name) for name in ("bare", "other"))
    write(tmp_path, {"mine.py": PROCESSES})
    words = ("--strategy", "process_pool", "--option", f"start_method={start_method}")
    pythons = ("--base-python", str(bare), "--head-python", str(other))
    done, _ = run("check", *pythons, "--accept", "inconclusive", *words, *CHECK[:3], "--budget", "1s")
    assert list((tmp_path / "results").glob("*")), done.stdout + done.stderr
    blocks = read(only_run(tmp_path)).blocks
    assert blocks, done.stderr
    assert {(each.outcome, each.reason) for each in blocks} == {("ok", "")}


def project(folder, work):
    """A repository of a project that is called as what is installed beside the tool, in a layout that is not looked into."""
    repository(
        folder,
        {
            "pyproject.toml": "[project]\nname = 'proj'\nversion = '1.0'\n",
            "lib/proj/__init__.py": f"def work(x):\n    return sum(range({FAST})) * 0 + x\n",
            "benchmarks/mine.py": MINE.replace("lib", "proj"),
            ".gitignore": "results/\n.venv/\n",
        },
    )
    write(folder, {"lib/proj/__init__.py": f"def work(x):\n    return sum(range({work})) * 0 + x\n"})
    return folder


def test_a_copy_of_the_project_that_is_installed_is_no_revision_of_it(run, tmp_path):
    folder = project(tmp_path / "proj", SLOW)
    done, found = run("check", "--base", "HEAD", "benchmarks/mine.py:f", *CHECK[1:], folder=folder)
    assert done.returncode == 3, done.stdout + done.stderr
    (case,) = found["cases"]
    assert case["verdict"] == "failed"
    assert "proj/__init__.py was loaded from proj 1.0, which is installed, and not from the checkout" in case["reason"]


@pytest.mark.long
def test_an_environment_that_setup_makes_in_each_checkout_is_what_its_arm_runs(run, tmp_path):
    folder = project(tmp_path / "proj", SLOW)
    setup = (
        f"{sys.executable} -m venv --without-pip --symlinks .venv && cp -r lib/proj .venv/lib/python*/site-packages/"
    )
    words = ("--setup", setup, "--python", ".venv/bin/python")
    done, found = run("check", "--base", "HEAD", "benchmarks/mine.py:f", *words, *CHECK[1:], folder=folder)
    assert [each["verdict"] for each in found["cases"]] == ["regressed"], done.stdout + done.stderr
    assert done.returncode == 1
    git(folder, "status")


@pytest.mark.many(1)
@pytest.mark.parametrize("named", ["", "elsewhere", "elsewhere/lib/site-packages"])
def test_what_lies_in_the_project_comes_before_what_is_installed(run, tmp_path, monkeypatch, named):
    """A module beside the file, one at the project's top and one in its `src`; the standard library before all.

    PYTHONPATH names a folder that has other ones.
    """
    if named:
        other = "def work(x):\n    return ['elsewhere', x]\n"
        write(tmp_path / named, dict.fromkeys(("lib.py", "proj.py", "third.py"), other))
        monkeypatch.setenv("PYTHONPATH", str(tmp_path / named))
    write(
        tmp_path / "proj",
        {
            "pyproject.toml": "",
            "benchmarks/lib.py": "def work(x):\n    return ['beside', x]\n",
            "proj.py": "def work(x):\n    return ['top', x]\n",
            "src/random.py": "raise SystemExit('not the standard library')\n",
            "src/third.py": "def work(x):\n    return ['src', x]\n",
            "benchmarks/mine.py": "import lib, proj, random, third\n"
            "def f(x):\n    assert [each.work(x)[0] for each in (lib, proj, third)] == ['beside', 'top', 'src']\n    return x\n",
        },
    )
    for folder, source in (
        (tmp_path / "proj", "benchmarks/mine.py:f"),
        (tmp_path / "proj" / "benchmarks", "mine.py:f"),
    ):
        words = ("--strategy", "serial,process_pool", "--start-method", "spawn", "--blocks", "1", "--rounds", "2")
        done, _ = run("run", source, "--inputs", "1..4", *words, folder=folder)
        assert done.returncode == 0, done.stdout + done.stderr
        (path,) = (folder / "results").glob("*.jsonl")
        assert {each.outcome for each in read(path).blocks} == {"ok"}
        path.unlink()
        done, _ = run("list", "--workload", source, folder=folder)
        assert done.returncode == 0, done.stderr

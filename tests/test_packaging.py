"""What is installed works outside the source tree, and whatever lies in the current folder."""

import csv
import json
import os
import re
import shutil
import subprocess
import sys
import sysconfig
import tarfile
import venv
from email import message_from_bytes
from importlib import metadata
from pathlib import Path
from zipfile import ZipFile

import pytest
from packaging.requirements import Requirement
from packaging.version import Version

from bench.version import VERSION
from tests.conftest import ROOT, environment

SHADOWS = (
    "abc", "asyncio", "click", "collections", "dataclasses", "enum", "functools", "importlib", "inspect", "json", "logging",
    "matplotlib", "msgspec", "multiprocessing", "numpy", "os", "pandas", "platformdirs", "psutil", "random", "rich",
    "signal", "string", "sys", "threading", "time", "tokenize", "types", "typing", "workloads",
)  # fmt: skip


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    """The folder of a source distribution of what git has, and of the wheel that is built of it."""
    if not (ROOT / ".git").exists():
        pytest.skip("needs a clone: what git has is built")
    source, folder = tmp_path_factory.mktemp("source"), tmp_path_factory.mktemp("built")
    # a copy: setuptools builds in the folder, and other processes of pytest do so too
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    for name in subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout.split("\0"):
        if (ROOT / name).is_file() and not name.startswith(("reports/", "results/")):
            (source / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, source / name)
    command = [sys.executable, "-m", "build", "--no-isolation", "--outdir", folder, source]
    done = subprocess.run(command, capture_output=True, text=True, env=bare(), check=False)
    assert done.returncode == 0, done.stderr
    return folder


def python_of(place):
    """A new environment with nothing in it: its Python, and its folder of packages."""
    venv.create(place, symlinks=True)
    python = place / "bin" / "python"
    command = [python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"]
    return python, Path(subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip())


def bare(**more):
    """This process's variables without what makes the source tree importable."""
    return {name: value for name, value in os.environ.items() if name != "PYTHONPATH"} | more


def pip(python, *arguments):
    """What pip says when it works on the environment of a Python, away from what is installed here."""
    command = [sys.executable, "-m", "pip", "--python", python, *arguments]
    done = subprocess.run(command, cwd=python.parent, env=bare(), capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def install(wheel, python):
    """Put the wheel, and nothing that it requires, into the environment of a Python."""
    pip(python, "install", "--quiet", "--no-deps", "--no-index", wheel)
    assert (python.parent / "concurrency-bench").is_file()


@pytest.fixture(scope="module")
def installed(built, tmp_path_factory):
    """The Python of an environment that has the wheel; the packages that it needs are those of this environment."""
    python, packages = python_of(tmp_path_factory.mktemp("installed"))
    install(*built.glob("*.whl"), python)
    assert not (packages / "workloads").exists(), "no package of that name is left in the user's way"
    return python, str(packages)


@pytest.fixture(scope="module")
def alone(built, tmp_path_factory):
    """The scripts of an environment as `pipx run` and `uvx` make one: the wheel, what it requires, and nothing else.

    What it requires is linked from here, so that no network is needed.
    """
    python, packages = python_of(tmp_path_factory.mktemp("alone"))
    for distribution in required("concurrency-bench"):
        for top in {Path(each).parts[0] for each in distribution.files or ()} - {"..", "__pycache__"}:
            (packages / top).symlink_to(distribution.locate_file(top))
    install(*built.glob("*.whl"), python)
    pip(python, "check")
    listed = json.loads(pip(python, "list", "--format", "json"))
    names = {each["name"].lower() for each in listed}
    assert "click" in names and not names & {"pytest", "setuptools", "joblib", "mpire", "uvloop", "hypothesis"}
    return python.parent


def required(name):
    """The distributions that one requires, and those that they require, without extras."""
    found, asked = {}, [name]
    while asked:
        for each in metadata.requires(asked.pop()) or ():
            requirement = Requirement(each)
            if requirement.name not in found and (
                requirement.marker is None or requirement.marker.evaluate({"extra": ""})
            ):
                found[requirement.name] = metadata.distribution(requirement.name)
                asked.append(requirement.name)
    return found.values()


@pytest.mark.long
def test_a_wheel_alone_does_the_quick_job_in_an_empty_folder(alone, tmp_path):
    """As `uvx` or `pipx run` of the wheel: nobody has installed anything else, and there is nothing of the repository."""
    where = [alone / "python", "-c", "import bench, bench.workloads; print(bench.__file__, bench.workloads.__file__)"]
    files = subprocess.run(where, cwd=tmp_path, env=bare(), capture_output=True, text=True, check=True).stdout.split()
    assert len(files) == 2 and all(each.startswith(str(alone.parent)) for each in files)
    here = tmp_path / "empty"
    here.mkdir()
    command = [alone / "concurrency-bench", "all", "--quick", "--blocks", "1"]
    done = subprocess.run(
        command, cwd=here, env=bare(BENCH_CACHE=str(tmp_path / "cache")), capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert "Traceback" not in done.stderr
    page = here / done.stdout.splitlines()[-1]
    assert page.is_file() and page.is_relative_to(here / "reports")
    assert sorted(each.name for each in here.iterdir()) == ["reports", "results"]
    with (page.parent / "summary.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert {each["pattern"] for each in rows} == {"map", "stream", "share", "sync", "serve", "start"}
    assert {each["outcome"] for each in rows} <= {"ok", "wrong"}, "demonstrations alone may be wrong"


@pytest.mark.long
def test_a_wheel_has_every_module_and_template(built):
    (wheel,) = built.glob("*.whl")
    with ZipFile(wheel) as archive:
        packed = set(archive.namelist())
    files = [each for folder in ("bench", "workloads") for each in (ROOT / folder).rglob("*.*")]
    names = {str(each.relative_to(ROOT)) for each in files if each.suffix in (".py", ".j2", ".typed")}
    assert {re.sub("^workloads/", "bench/workloads/", each) for each in names} <= packed


@pytest.mark.long
def test_an_extra_brings_what_it_is_called_after(built):
    (wheel,) = built.glob("*.whl")
    with ZipFile(wheel) as archive:
        (name,) = [each for each in archive.namelist() if each.endswith(".dist-info/METADATA")]
        text = message_from_bytes(archive.read(name))
    brought = {extra: set() for extra in text.get_all("Provides-Extra")}
    for each in map(Requirement, text.get_all("Requires-Dist")):
        for extra, names in brought.items():
            if each.marker and each.marker.evaluate({"extra": extra}):
                names.add(each.name)
    assert {extra: brought[extra] for extra in ("pytest", "joblib", "mpire", "uvloop", "extras")} == {
        "pytest": {"pytest", "pytest-benchmark"},
        "joblib": {"joblib"},
        "mpire": {"mpire"},
        "uvloop": {"uvloop"},
        "extras": {"joblib", "mpire", "uvloop"},
    }
    told = (ROOT / "docs" / "installing.md").read_text()
    assert set(re.findall(r"^\| `(\w+)` \|", told, re.MULTILINE)) == set(brought) - {"dev"}


@pytest.mark.long
def test_a_source_distribution_has_its_tests_and_docs_and_they_are_found(built, tmp_path):
    (archive,) = built.glob("*.tar.gz")
    with tarfile.open(archive) as packed:
        packed.extractall(tmp_path, filter="data")
    (folder,) = tmp_path.iterdir()
    assert {
        "CHANGELOG.md",
        "CITATION.cff",
        "LICENSE",
        "Makefile",
        "README.md",
        "bench",
        "docs",
        "tests",
        "workloads",
    } <= {each.name for each in folder.iterdir()}
    assert not list(folder.rglob("*.pyc")) and not (folder / "results").exists()
    for arguments in (["--collect-only"], ["tests/test_units.py"]):
        command = [sys.executable, "-m", "pytest", "-q", *arguments]
        where = bare(PYTHONPATH=str(folder))
        done = subprocess.run(command, cwd=folder, env=where, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout


def test_the_version_is_the_one_that_the_changes_are_told_of():
    first, latest = re.findall(r"^## (.+)$", (ROOT / "CHANGELOG.md").read_text(), re.MULTILINE)[:2]
    cited = re.search(r"^version: (.+)$", (ROOT / "CITATION.cff").read_text(), re.MULTILINE)[1]
    if Version(VERSION).is_devrelease:
        assert first == "Unreleased" and latest.startswith(f"{cited} ("), "what is cited is what was released last"
        assert Version(VERSION) > Version(cited)
    else:
        assert first.startswith(f"{VERSION} (") and cited == VERSION


def started(python, *arguments, cwd):
    """What came of it; no file of the environment of these tests that Python reads when it starts is in force."""
    where = environment(PYTHONPATH=sysconfig.get_path("purelib"))
    return subprocess.run([python, *arguments], cwd=cwd, env=where, capture_output=True, text=True, check=False)


@pytest.mark.long
def test_an_installed_copy_runs_from_any_folder(installed, tmp_path):
    python, packages = installed
    script = "import bench, bench.workloads; print(bench.__file__, bench.workloads.__file__)"
    files = started(python, "-P", "-c", script, cwd=tmp_path).stdout.split()
    assert len(files) == 2 and all(path.startswith(packages + os.sep) for path in files)
    there = started(python, "-m", "bench", "list", "--json", cwd=tmp_path).stdout
    assert json.loads(there) == json.loads(
        started(sys.executable, "-m", "bench", "list", "--json", cwd=tmp_path).stdout
    )
    works = ("primes", "messages_16b", "counter", "turns", "echo", "start_empty")
    ways = "serial,process_pool,queue,value,process_lock,one_after_another,start_process"
    short = ("--scale", "quick", "--blocks", "1", "--rounds", "2", "--start-method", "spawn")
    done = started(python, "-m", "bench", "run", *works, "--strategy", ways, *short, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    page = tmp_path / started(python, "-m", "bench", "report", cwd=tmp_path).stdout.splitlines()[-1]
    assert page.is_file()
    cases = json.loads(started(python, "-m", "bench", "report", "--json", cwd=tmp_path).stdout)["cases"]
    assert {each["pattern"] for each in cases} == {"map", "stream", "share", "sync", "serve", "start"}
    assert {each["outcome"] for each in cases} == {"ok"}


@pytest.fixture(params=["a wheel", "editable"])
def python(request):
    return request.getfixturevalue("installed")[0] if request.param == "a wheel" else sys.executable


@pytest.mark.long
@pytest.mark.parametrize("form", [("-m", "bench"), ("-mbench",), ("-X", "dev", "-W", "ignore", "-m", "bench")])
def test_a_file_of_the_users_called_bench_does_not_run_in_place_of_the_tool(python, form, tmp_path):
    (tmp_path / "bench.py").write_text("print('the file of the user')\n")
    done = started(python, *form, "check", "bench.py:f", cwd=tmp_path)
    assert (done.returncode, done.stdout) == (2, "") and "give --base REV" in done.stderr
    done = started(python, *form, "list", cwd=tmp_path)
    assert done.returncode == 0 and "thumbnails" in done.stdout
    assert started(python, "bench.py", cwd=tmp_path).stdout == "the file of the user\n"


@pytest.mark.long
def test_a_package_of_the_users_called_bench_is_what_they_mean(python, tmp_path):
    (tmp_path / "bench").mkdir()
    (tmp_path / "bench" / "__init__.py").write_text("")
    (tmp_path / "bench" / "__main__.py").write_text("print('the package of the user')\n")
    (tmp_path / "bench.py").write_text("raise SystemExit('the file of the user')\n")
    assert started(python, "-m", "bench", "list", cwd=tmp_path).stdout == "the package of the user\n"


@pytest.mark.long
@pytest.mark.parametrize("beside", [[], ["bench"]])
def test_files_that_have_the_names_of_modules_are_harmless(python, beside, tmp_path):
    for name in [*SHADOWS, *beside]:
        (tmp_path / f"{name}.py").write_text(f"raise SystemExit('{name}.py was imported')\n")
    (tmp_path / "mine.py").write_text("def double(n):\n    return 2 * n\n")
    short = ("--blocks", "1", "--rounds", "2", "--json", "--start-method", "spawn", "--strategy", "serial,process_pool")
    done = started(python, "-m", "bench", "run", "mine.py:double", "--inputs", "1..4", *short, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert [each["outcome"] for each in json.loads(done.stdout)["cases"]] == ["ok", "ok"]

"""What is installed works outside the source tree, and whatever lies in the current folder."""

import json
import os
import shutil
import subprocess
import sys
import sysconfig
import venv

import pytest

from tests.conftest import ROOT, environment

SHADOWS = (
    "abc", "asyncio", "click", "collections", "dataclasses", "enum", "functools", "importlib", "inspect", "json", "logging",
    "matplotlib", "msgspec", "multiprocessing", "numpy", "os", "pandas", "platformdirs", "psutil", "random", "rich",
    "signal", "string", "sys", "threading", "time", "tokenize", "types", "typing", "workloads",
)  # fmt: skip


@pytest.fixture(scope="module")
def installed(tmp_path_factory):
    """The Python of an environment that has the wheel; the packages that it needs are those of this environment."""
    place, source = tmp_path_factory.mktemp("installed"), tmp_path_factory.mktemp("source")
    venv.create(place, symlinks=True)
    python = place / "bin" / "python"
    command = [python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"]
    packages = subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()
    for name in (
        "bench",
        "workloads",
    ):  # a copy: setuptools builds in the folder, and other processes of pytest do so too
        shutil.copytree(ROOT / name, source / name)
    for name in ("pyproject.toml", "setup.py", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, source)
    subprocess.run(
        [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--target", packages, str(source)],
        check=True, capture_output=True, env=environment(PIP_CONSTRAINT=str(ROOT / "constraints.txt")),
    )  # fmt: skip
    assert not os.path.exists(os.path.join(packages, "workloads")), "no package of that name is left in the user's way"
    return python, packages


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

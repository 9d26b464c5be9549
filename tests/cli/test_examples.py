"""The examples run by the commands that stand beside them, and functions that do not fit are explained in a line."""

import json
import os
import re
import shutil
import subprocess
import sys
import tomllib

import pytest

from tests.conftest import ROOT, environment

EXAMPLES = ROOT / "docs" / "examples"
TEXT = (EXAMPLES / "README.md").read_text()
COMMANDS = [line for block in re.findall(r"```console\n(.*?)```", TEXT, re.DOTALL) for line in block.splitlines()]
RUNS = [each.removeprefix("$ python -m bench ") for each in COMMANDS if each.startswith("$ python -m bench run")]
SHORT = ["--blocks", "1", "--rounds", "2", "--json"]


@pytest.fixture
def run(tmp_path):
    """Run a command of the README in a copy of the examples; give back its cases."""
    folder = tmp_path / "examples"
    shutil.copytree(EXAMPLES, folder, ignore=shutil.ignore_patterns("__pycache__", "results"))

    def cases(command, *more, **variables):
        done = subprocess.run(
            [sys.executable, "-m", "bench", *command.split(), *more, *SHORT], cwd=folder, capture_output=True, text=True,
            check=False, env=environment(**variables),
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        assert "Traceback" not in done.stderr
        return json.loads(done.stdout)["cases"]

    return cases


def install(package, target):
    """What `pip install ./package` makes of the project, without a network: its modules, and its entry points."""
    project = tomllib.loads((package / "pyproject.toml").read_text())
    about = project["project"]
    for module in project["tool"]["setuptools"]["py-modules"]:
        target.mkdir(exist_ok=True)
        shutil.copy(package / f"{module}.py", target)
    told = target / f"{about['name'].replace('-', '_')}-{about['version']}.dist-info"
    told.mkdir()
    (told / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {about['name']}\nVersion: {about['version']}\n")
    lines = []
    for group, points in about["entry-points"].items():
        lines += [f"[{group}]", *(f"{name} = {module}" for name, module in points.items())]
    (told / "entry_points.txt").write_text("\n".join(lines) + "\n")


def fitting(bench, needs):
    """Names of the strategies that can execute a `map` with these needs, and are measured without being named."""
    return [
        each["name"]
        for each in json.loads(bench("list", "--json").stdout)["strategies"]
        if each["pattern"] == "map" and not each["demonstration"] and not each["unavailable"]
        if needs <= set(each["offers"])
    ]


def outcomes(cases):
    return {each["strategy"]: each["outcome"] for each in cases}


def test_every_example_is_small_says_its_command_and_stands_in_the_readme():
    for path in [*EXAMPLES.glob("*.py"), *EXAMPLES.glob("package/*.py")]:
        text = path.read_text()
        command = re.search(r"^python -m .*$", text, re.MULTILINE)
        assert command is not None and f"$ {command[0]}" in COMMANDS, path.name
        assert len(text.splitlines()) <= 25, path.name
        assert f"({path.name})" in TEXT or path.parent.name == "package"


def test_every_command_of_the_readme_is_run_here():
    assert len(RUNS) == 6
    others = [each for each in COMMANDS if "python -m bench" not in each]
    assert others == ["$ python -m pytest own_strategy_test.py", "$ pip install ./package"]
    assert len(COMMANDS) == len(RUNS) + len(others)


def test_a_plain_function_of_a_number_is_measured_on_a_range(run):
    cases = run(RUNS[0], "--strategy", "serial,thread_pool,process_pool")
    assert outcomes(cases) == {"serial": "ok", "thread_pool": "ok", "process_pool": "ok"}
    assert {(each["workload"], each["tasks"]) for each in cases} == {("slow_function:steps", 40)}


def test_a_plain_function_of_a_json_object_is_measured_on_the_lines_of_a_file(run):
    cases = run(RUNS[1], "--strategy", "serial,threads,processes")
    assert outcomes(cases) == {"serial": "ok", "threads": "ok", "processes": "ok"}
    assert {(each["workload"], each["tasks"]) for each in cases} == {("urls:fetch", 8)}
    waits_s = [json.loads(line)["wait_s"] for line in (EXAMPLES / "urls.jsonl").read_text().splitlines()]
    for each in cases:
        assert each["wall_s"] >= (sum(waits_s) if each["strategy"] == "serial" else max(waits_s))


def test_a_coroutine_function_is_measured_where_there_is_an_event_loop_and_nowhere_else(bench, run):
    measured = outcomes(run(RUNS[2]))
    assert measured == dict.fromkeys(fitting(bench, needs={"coroutines"}), "ok")
    assert {"serial", "asyncio"} <= set(measured)
    assert not {"threads", "thread_pool", "processes", "pool_map"} & set(measured)


@pytest.mark.long
def test_a_workload_of_ones_own_is_measured_under_every_strategy_that_fits(bench, run):
    cases = run(RUNS[3], "--scale", "quick")
    assert outcomes(cases) == dict.fromkeys(fitting(bench, needs=set()), "ok")
    assert {(each["workload"], each["tasks"]) for each in cases} == {("documents", 24)}


def test_a_strategy_of_ones_own_stands_beside_the_built_in_ones(run):
    cases = run(RUNS[4], "--scale", "quick")
    assert outcomes(cases) == {"serial": "ok", "pool_map": "ok", "shuffled_pool": "ok"}


def test_a_strategy_of_ones_own_passes_the_suite_of_the_built_in_ones(tmp_path):
    for name in ("own_strategy.py", "own_strategy_test.py"):
        shutil.copy(EXAMPLES / name, tmp_path)
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "own_strategy_test.py"], cwd=tmp_path, env=environment(), capture_output=True,
        text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    assert re.search(r"\d+ passed", done.stdout)


def test_a_packages_workload_and_strategy_are_there_by_name(run, tmp_path):
    install(EXAMPLES / "package", tmp_path / "installed")
    path = os.pathsep.join(map(str, (ROOT, tmp_path / "installed")))
    cases = run(RUNS[5], "--scale", "quick", PYTHONPATH=path)
    assert [(each["workload"], each["strategy"], each["outcome"]) for each in cases] == [
        ("letters", "serial", "ok"),
        ("letters", "backwards", "ok"),
    ]


UNPICKLABLE = """
double = lambda number: 2 * number

def multiplier(factor):
    def multiply(number):
        return factor * number
    return multiply

triple = multiplier(3)
"""
COUNTER = """
from itertools import count
calls = count()

def numbered(value):
    return value + next(calls)
"""


def reasons(bench, tmp_path, text, function, *strategies):
    (tmp_path / "mine.py").write_text(text)
    # one worker: two could share two rounds so that the second one's first round counts from the start again
    given = ["--inputs", "1..6", "--workers", "1", "--strategy", ",".join(strategies)]
    done = bench("run", f"mine.py:{function}", *given, *SHORT)
    assert done.returncode == 3, done.stderr
    assert "Traceback" not in done.stderr
    found = {each["strategy"]: (each["outcome"], each["reason"]) for each in json.loads(done.stdout)["cases"]}
    assert all("\n" not in reason and len(reason) < 600 for _, reason in found.values())
    return found


@pytest.mark.parametrize(("function", "named"), [("double", "<lambda>"), ("triple", "multiply")])
def test_why_a_lambda_or_a_closure_goes_to_no_process_is_said_in_a_line(bench, tmp_path, function, named):
    processes = ("process_pool", "pool_map")
    found = reasons(bench, tmp_path, UNPICKLABLE, function, "serial", "threads", "thread_pool", *processes)
    assert found["serial"] == found["threads"] == found["thread_pool"] == ("ok", "")
    for name in processes:
        outcome, reason = found[name]
        assert outcome == "failed"
        assert named in reason
        assert "must pickle: functions at a module's top level" in reason


def test_why_a_function_that_counts_its_calls_is_wrong_is_said_in_a_line(bench, tmp_path):
    found = reasons(bench, tmp_path, COUNTER, "numbered", "serial", "thread_pool", "pool_map")
    for name in ("thread_pool", "pool_map"):
        outcome, reason = found[name]
        assert outcome == "wrong"
        assert re.search(
            r"input \d gave \d+, and \d+ in a plain loop afterwards; does the function give other results when it is called again",
            reason,
        )

"""The GitHub Action: its file, and its steps run by bash as GitHub's runner runs them, in a repository of their own."""

import os
import re
import subprocess
import sysconfig
import venv

import pytest
import yaml

from bench.cli.check_command import command
from bench.report.verdicts.markdown_comparison import MARKER
from tests.conftest import ROOT

ACTION = yaml.safe_load((ROOT / "action.yml").read_text())
STEPS = ACTION["runs"]["steps"]
EXPRESSION = re.compile(r"\$\{\{\s*inputs\.([\w-]+)\s*\}\}")
PLAIN = "def work(x):\n    return sum(range(x))\n"
SLOW = "def work(x):\n    return sum(range(x)) + 0 * sum(range(9 * x))\n"
BROKEN = "def work(x):\n    raise ValueError(x)\n"


def given(inputs):
    """What a step sees of the inputs."""
    assert set(inputs) <= set(ACTION["inputs"])
    return {name: inputs.get(name, each.get("default", "")) for name, each in ACTION["inputs"].items()}


def test_it_is_a_composite_action_that_says_of_each_input_what_it_is():
    assert ACTION["runs"]["using"] == "composite"
    for each in (*ACTION["inputs"].values(), *ACTION["outputs"].values()):
        assert each["description"]
    assert all("default" in each for each in ACTION["inputs"].values())
    ids = {step["id"]: step for step in STEPS if "id" in step}
    for name, each in ACTION["outputs"].items():
        step, output = re.fullmatch(r"\$\{\{ steps\.(\w+)\.outputs\.(\w+) \}\}", each["value"]).groups()
        assert output == name
        assert f"{output}=" in ids[step]["run"], "the step writes it"


def test_what_a_pull_request_may_name_reaches_the_shell_as_a_value_only():
    for step in STEPS:
        if "run" in step:
            assert step["shell"] == "bash"
            assert "${{" not in step["run"]
            assert all(EXPRESSION.fullmatch(value) for value in step.get("env", {}).values())
        used = EXPRESSION.findall(str(step))
        assert set(used) <= set(ACTION["inputs"])
    assert {name for step in STEPS for name in re.findall(r"inputs\.([\w-]+)", str(step))} == set(ACTION["inputs"])


def test_it_names_options_that_check_has():
    known = {option for each in command.params for option in (*each.opts, *each.secondary_opts)}
    (check,) = [step["run"] for step in STEPS if step.get("id") == "check"]
    assert set(re.findall(r"(?<=[ (])--[\w-]+", check)) <= known


# --- run


def git(folder, *words):
    who = ("-c", "user.name=x", "-c", "user.email=x@example.org")
    subprocess.run(["git", *who, *words], cwd=folder, check=True, capture_output=True)


@pytest.fixture
def repository(tmp_path):
    """A clone whose origin has `main`, as a runner has it for a pull request."""

    def make(base, head):
        origin, clone = tmp_path / "origin", tmp_path / "a clone"
        origin.mkdir()
        git(origin, "init", "-q", "-b", "main")
        (origin / "mine.py").write_text(base)
        git(origin, "add", ".")
        git(origin, "commit", "-qm", "base")
        git(tmp_path, "clone", "-q", str(origin), str(clone))
        (clone / "mine.py").write_text(head)
        git(clone, "commit", "-qam", "head", "--allow-empty")
        return clone

    return make


@pytest.fixture(scope="module")
def runner(tmp_path_factory):
    """A Python to install into; the packages that the tool needs are those of this environment, so that pip fetches none."""
    place = tmp_path_factory.mktemp("runner")
    venv.create(place, symlinks=True, with_pip=True)
    (packages,) = place.glob("lib/*/site-packages")
    (packages / "of_the_tests.pth").write_text(sysconfig.get_path("purelib") + "\n")
    return place


def run_as_github(step, folder, runner, inputs, **more):
    """What came of a step: `bash --noprofile --norc -eo pipefail`, as docs.github.com says of `shell: bash`."""
    values = given(inputs)
    own = {name: EXPRESSION.sub(lambda it: values[it[1]], text) for name, text in step.get("env", {}).items()}
    script = folder.parent / "step.sh"
    script.write_text(step["run"])
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("GITHUB_", "PYTHON", "BENCH_"))}
    github = {
        "PATH": f"{runner / 'bin'}:{os.environ['PATH']}",
        "GITHUB_ACTIONS": "true",
        "GITHUB_ACTION_PATH": str(ROOT),
        "GITHUB_BASE_REF": "main",
        "GITHUB_STEP_SUMMARY": str(folder.parent / "summary.md"),
        "GITHUB_OUTPUT": str(folder.parent / "output"),
        "PIP_NO_BUILD_ISOLATION": "1",  # with this environment's setuptools, so that nothing is fetched
        "PIP_CONSTRAINT": "",
    }
    return subprocess.run(
        ["bash", "--noprofile", "--norc", "-eo", "pipefail", str(script)],
        cwd=folder, env=kept | github | own | more, capture_output=True, text=True, timeout=300, check=False,
    )  # fmt: skip


@pytest.fixture(scope="module")
def ready(runner, tmp_path_factory):
    """A runner on which the action has installed itself, from its own checkout."""
    (step,) = [step for step in STEPS if step["name"] == "Install concurrency-bench"]
    folder = tmp_path_factory.mktemp("elsewhere") / "folder"
    folder.mkdir()
    source = folder.parent / "action"  # setuptools builds in the folder, and other processes of pytest do so too
    copied = ["bench", "workloads", "pyproject.toml", "setup.py", "README.md", "LICENSE"]
    source.mkdir()
    subprocess.run(["cp", "-r", *copied, str(source)], cwd=ROOT, check=True)
    done = run_as_github(step, folder, runner, {"benchmarks": ""}, GITHUB_ACTION_PATH=str(source))
    assert done.returncode == 0, done.stderr
    assert (runner / "bin" / "concurrency-bench").is_file()
    return runner


def checked(folder, ready, **inputs):
    (step,) = [step for step in STEPS if step.get("id") == "check"]
    done = run_as_github(step, folder, ready, inputs)
    outputs = dict(line.split("=", 1) for line in (folder.parent / "output").read_text().splitlines())
    summary = folder.parent / "summary.md"
    return done, outputs, summary.read_text() if summary.exists() else ""


@pytest.mark.long
def test_a_pull_request_that_adds_a_benchmark_passes_and_its_summary_and_comment_say_so(repository, ready):
    clone = repository(PLAIN, PLAIN + "\n\ndef added(x):\n    return x\n")
    done, outputs, summary = checked(
        clone,
        ready,
        benchmarks="mine.py:work mine.py:added",
        budget="1s",
        junit="bench.xml",
        arguments="--inputs 100..103 --tolerance 'mine:a*=50%'",
    )
    assert done.returncode == 0, done.stderr
    assert outputs == {"status": "0", "markdown": "bench.md"}
    comment = (clone / "bench.md").read_text()
    assert comment.startswith(MARKER)
    assert comment in summary
    assert "⚪" in comment and "✅" not in comment, "one pair decides nothing"
    assert "1 new" in comment
    assert "testsuite" in (clone / "bench.xml").read_text()
    assert "::notice title=mine%3Aadded serial::new" in done.stdout
    last = comment.splitlines()[-1]
    assert re.fullmatch(
        r"Reproduce locally: `python -m bench check --base [0-9a-f]{12} --budget 1s mine.py:work mine.py:added "
        r"--inputs 100..103 --tolerance 'mine:a\*=50%'`",
        last,
    ), last


@pytest.mark.long
@pytest.mark.parametrize(
    ("head", "inputs", "status", "said"),
    [
        (SLOW, {"budget": "90s", "tolerance": "10%"}, 1, "regressed"),
        (BROKEN, {"budget": "5s"}, 3, "failed"),
        (PLAIN, {"budget": "1s", "accept": "none"}, 3, "inconclusive"),
        (PLAIN, {"base": "absent"}, 2, ""),
    ],
    ids=["slower", "broken", "undecided and not accepted", "no such base"],
)
def test_the_exit_status_is_that_of_the_check(repository, ready, head, inputs, status, said):
    clone = repository(PLAIN, head)
    done, outputs, summary = checked(clone, ready, benchmarks="mine.py:work", arguments="--inputs 2000..2003", **inputs)
    assert done.returncode == status, done.stderr
    assert outputs["status"] == str(status)
    assert said in summary
    if status == 2:
        assert len(done.stderr.splitlines()) == 1
    else:
        assert "❌" in summary


@pytest.mark.long
def test_on_a_push_the_base_is_the_commit_before(repository, ready):
    clone = repository(PLAIN, PLAIN)
    (step,) = [step for step in STEPS if step.get("id") == "check"]
    inputs = {"benchmarks": "mine.py:work", "budget": "1s", "arguments": "--inputs 10..12"}
    done = run_as_github(step, clone, ready, inputs, GITHUB_BASE_REF="")
    assert done.returncode == 0, done.stderr
    assert "against HEAD\\~1 (" in (clone / "bench.md").read_text()


@pytest.mark.long
def test_a_suite_of_pytest_benchmark_is_checked_where_it_is_named(repository, ready):
    clone = repository(PLAIN, PLAIN)
    (clone / "pytest.ini").write_text("[pytest]\naddopts = --benchmark-max-time=0.01\n")
    (clone / "tests").mkdir()
    (clone / "tests" / "test_speed.py").write_text(
        "import mine\ndef test_a(benchmark):\n    benchmark(mine.work, 500)\n"
    )
    git(clone, "add", ".")
    git(clone, "commit", "-qm", "a suite")
    (clone / "mine.py").write_text(SLOW)
    git(clone, "commit", "-qam", "slower")
    done, outputs, summary = checked(clone, ready, pytest="tests", base="HEAD~1", budget="90s", arguments="--alpha 20%")
    assert (done.returncode, outputs["status"]) == (1, "1"), done.stderr
    assert "1 of 1 case regressed: tests/test\\_speed.py::test\\_a" in summary
    assert "regressed" in done.stdout

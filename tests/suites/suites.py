"""Suites of pytest-benchmark to test with: a repository whose commit and whose working tree have one each."""

from tests.checkouts.test_worktrees import repository, write

SHORT = '[tool.pytest.ini_options]\naddopts = "--benchmark-max-time=0.01 --benchmark-min-rounds=3"\n'
"""So that a pair takes little longer than starting pytest twice."""
PACKAGE = "def work(n):\n    return sum(range(n))\n"
SUITE = """
import pytest
import mine

def test_work(benchmark):
    assert benchmark(mine.work, 3000) == 4498500

@pytest.mark.parametrize("n", [1, 2])
def test_small(benchmark, n):
    benchmark(mine.work, n)

def test_of_no_time():
    raise AssertionError("it is no benchmark, and so it does not run")
"""


def project(folder, head=None, base=None):
    """A repository with a package, a suite and settings; `base` and `head` are files that its commit and its working tree have besides."""
    files = {"pyproject.toml": SHORT, "src/mine/__init__.py": PACKAGE, "tests/test_speed.py": SUITE}
    repository(folder, {**files, ".gitignore": "results/\n__pycache__/\n", **(base or {})})
    write(folder, head or {})
    return folder

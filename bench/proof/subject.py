"""A git repository whose last commit makes a CPU-bound function slower by a known share, or not at all."""

from pathlib import Path

from bench.checkouts.git import git

FILE = "subject.py"
_CODE = '''\
def work(_=None):
    """About 2.5 ms of arithmetic."""
    total = 0
    for number in range({count}):
        total += number & 7
    return 1
'''
_COUNT = 60_000
_WHO = {"NAME": "bench", "EMAIL": "bench@localhost"}
_TEST = """\
from subject import work


def test_work(benchmark):
    benchmark(work)
"""


def make(folder: Path, effect: float) -> None:
    """Make the repository in `folder`, and in `base` and `head` beside it the same files for tools without revisions."""
    for side, count in (("base", _COUNT), ("head", round(_COUNT * (1 + effect)))):
        for place in (folder / "repository", folder / side):
            place.mkdir(parents=True, exist_ok=True)
            (place / FILE).write_text(_CODE.format(count=count))
            (place / "test_subject.py").write_text(_TEST)
        if side == "base":
            _git(folder, "init", "--quiet")
        _git(folder, "add", "--all")
        _git(folder, "commit", "--quiet", "--allow-empty", "--message", side)


def _git(folder: Path, *arguments: str) -> None:
    who = {f"GIT_{role}_{what}": text for role in ("AUTHOR", "COMMITTER") for what, text in _WHO.items()}
    git(*arguments, folder=str(folder / "repository"), own=who)

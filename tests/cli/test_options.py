"""Every option of the commands that measure, with values that nobody means: refused before anything is measured, or written
so that it reads back."""

import io
import sys
from contextlib import nullcontext

import click
import pytest

from bench.cli.all_command import command as all_command
from bench.cli.check_command import command as check_command
from bench.cli.main import main
from bench.cli.run_command import command as run_command
from bench.errors import AbsentSourceError
from bench.measure.plan import catalogue
from bench.records.run import Run
from bench.sessions import check as checking
from bench.sessions import run as measuring
from bench.sessions.arms import Sides, opened
from bench.store.runs import read
from tests.checkouts.test_worktrees import repository

HOSTILE = (
    "", " ", "-1", "0", "nan", "inf", "-inf", "1" + "0" * 400, "1e400", str(2**63), str(2**127), "5e-324", "0x10", "\udc80",
    "{0}", "{x!r:>99999999}", "%s%n", "a\nb", "\x1b[31mred", "x" * 5000, "9" * 5000, "1,2,,3", ",", "=", "a=b", "*=", "*=nan",
    "*=5%", "a=" + "9" * 400, "--", "-", "../..", "mine.py:f:g", "1..3", "1..", "3..1", "0" * 30 + "1", "١", "²", "\u202e", "~root", "secret=hunter2",
    "10%", "1e-9", "4m", "1e11s", "1e13",
)  # fmt: skip
WRITES = ("--results", "--reports", "--markdown", "--junit")
"""Where these name nothing that can be written, the message says so."""
AMOUNT = ("--blocks", "3", "--rounds", "2")


class Reached(Exception):  # noqa: N818 - a fact
    """The first block would be measured now."""


class Nobody:
    """Stands for what measures."""

    made = 0

    def __init__(self, *_, **__):
        Nobody.made += 1

    def __enter__(self):
        return self

    def __exit__(self, *_):
        return None

    @property
    def first(self):
        """The one that prepares."""
        return self

    def prepare(self, planned):
        """Nothing to prepare."""

    def not_fresh(self, planned):
        """All rounds can get inputs of their own."""
        return {}


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    """A repository with a function of the user's, and the two sides of a check of it."""
    folder = tmp_path_factory.mktemp("options")
    repository(folder, {"mine.py": "def double(n):\n    return 2 * n\n"})
    return folder


@pytest.fixture(scope="module")
def find():
    """`catalogue.find`, which starts a process each time, asked once; no other source than the function is there."""
    real, known = catalogue.find, {}

    def cached(named, place=None):
        if others := set(named) - {"mine.py:double"}:
            raise AbsentSourceError(f"there is no {others!a}")
        key = tuple(named), repr(place)
        if key not in known:
            known[key] = real(named, place)
        return known[key]

    return cached


@pytest.fixture
def tried(place, find, monkeypatch, capsys):
    """Runs a command up to the first block: the header that was written, None if it was refused, or what went wrong."""
    written = []

    def begun(writer, *_, **__):
        written.append(writer.path)
        raise Reached

    monkeypatch.chdir(place)
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO()))
    surroundings = measuring.environment.describe({}, identify=False)
    monkeypatch.setattr(measuring.environment, "describe", lambda *_, **__: surroundings)
    monkeypatch.setattr(catalogue, "find", find)
    for module, name in ((measuring, "Seats"), (checking, "Seats")):
        monkeypatch.setattr(module, name, Nobody)
    for module in (measuring, checking):
        monkeypatch.setattr(module, "record", begun)
    with opened(Sides("HEAD", None, None, (None, None), ()), lambda _: None) as sides:
        monkeypatch.setattr(checking, "opened", lambda *_: nullcontext(sides))

        def run(*arguments):
            Nobody.made = 0
            monkeypatch.setattr(sys, "argv", ["bench", *arguments])
            status = main(list(arguments))
            said = capsys.readouterr().err
            if written:
                return read(written.pop())
            if not (status == 2 or (status == 3 and any(each in said for each in WRITES))):
                return f"status {status}: {said[-300:]!a}"
            if Nobody.made:
                return f"refused when measuring had begun: {said[-300:]!a}"
            if not said.rstrip().splitlines()[-1].startswith("error: "):
                return f"no one line: {said[-300:]!a}"
            return None

        yield run


OF_CHECK_TOO = {"--inputs", "--seed", "--budget", "--time-limit", "--chunk-size"}
"""Options of `run` that `check` reads by itself."""


def options_of(command):
    """Each option of a command that takes a value, by its longest name."""
    return [max(each.opts, key=len) for each in command.params if isinstance(each, click.Option) and not each.is_flag]


COMMANDS = {
    "run": (run_command, ("run", "mine.py:double", "--inputs", "1..3", *AMOUNT)),
    "all": (all_command, ("all", "--workload", "mine.py:double", "--inputs", "1..3", *AMOUNT)),
    "check": (check_command, ("check", "mine.py:double", "--base", "HEAD", "--inputs", "1..3")),
}


@pytest.mark.parametrize("name", COMMANDS)
def test_the_command_itself_reads_back(tried, name):
    assert isinstance(tried(*COMMANDS[name][1]), Run)


@pytest.mark.many(2)
@pytest.mark.parametrize(
    ("name", "option"),
    [
        (name, each)
        for name in COMMANDS
        for each in options_of(COMMANDS[name][0])
        if name == "run" or each not in options_of(run_command) or (name == "check" and each in OF_CHECK_TOO)
    ],
)
def test_a_hostile_value_is_refused_or_reads_back(tried, name, option):
    found = {ascii(each)[:60]: tried(*COMMANDS[name][1], f"{option}={each}") for each in HOSTILE}
    assert {value: said for value, said in found.items() if isinstance(said, str)} == {}

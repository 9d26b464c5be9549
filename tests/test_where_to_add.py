"""What docs/architecture.md says of where to add what: each change is made in a copy of the tool, and a user has it.

Pages that list everything, such as docs/findings.md and the README's commands, have tests of their own and are not counted.
"""

import csv
import json
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests import builders
from tests.conftest import ROOT, environment, only_run

MINE = "def twice(x):\n    return 2 * x\n"
RUN = ("run", "mine.py:twice", "--inputs", "1..3", "--strategy", "serial", "--blocks", "1", "--rounds", "2")


@dataclass(frozen=True, slots=True)
class Line:
    """What comes into a file that is there, before a text that it has once."""

    text: str
    before: str


Change = str | list[Line]
"""Of a file: all that is in a new one, or what comes into one that is there."""


@dataclass(frozen=True, slots=True)
class Tool:
    """A copy of the tool, and a user's folder."""

    path: Path
    folder: Path

    def change(self, changes: Mapping[str, Change]) -> None:
        """Make changes, by the path of the file."""
        for name, change in changes.items():
            path = self.path / name
            if isinstance(change, str):
                assert not path.exists()
                path.write_text(change)
                continue
            text = path.read_text()
            for line in change:
                assert text.count(line.before) == 1, line
                text = text.replace(line.before, line.text + line.before)
            path.write_text(text)

    def __call__(self, *words: str, status: int = 0) -> subprocess.CompletedProcess[str]:
        """Run a command of the copy in the user's folder."""
        done = self.python("-m", "bench", *words)
        assert done.returncode == status, done.stderr
        return done

    def python(self, *words: str) -> subprocess.CompletedProcess[str]:
        """Run Python with the copy, and with the tests beside it, in the user's folder."""
        own = environment(PYTHONPATH=f"{self.path}:{ROOT}")
        return subprocess.run(
            [sys.executable, *words], cwd=self.folder, env=own, capture_output=True, text=True, check=False
        )


@dataclass(frozen=True, slots=True)
class Addition:
    """Something new: what is written for it, and how a user gets it."""

    kind: str
    """As a row of the page names it."""
    most: int
    """So many files are touched at most."""
    changes: Mapping[str, Change]
    proof: Callable[[Tool], None]
    besides: Mapping[str, Change] = field(default_factory=dict)
    """What other rows are about, and this one takes to be of use."""


def measured(tool: Tool, *words: str) -> None:
    """One block of what has just been added has the right results, and a time."""
    (case,) = json.loads(tool("run", *words, "--blocks", "1", "--rounds", "2", "--json").stdout)["cases"]
    assert (case["outcome"], case["wall_s"] > 0) == ("ok", True)


def one_block(tool: Tool) -> None:
    """A stored run of one block."""
    case = builders.case()
    builders.stored(builders.run([builders.block(case)], [case]), tool.folder / "results")


STRATEGY = '''
"""The last input first."""

from contextlib import contextmanager

from bench.plugins.registry import strategy


@strategy("backwards", isolation="none")
@contextmanager
def backwards():
    """The last input first."""
    yield lambda task, inputs: [task(each) for each in reversed(inputs)][::-1]
'''


def strategy_is_there(tool: Tool) -> None:
    assert "The last input first." in tool("list", "--pattern", "map").stdout
    measured(tool, "mine.py:twice", "--inputs", "1..3", "--strategy", "backwards")
    code = "from bench.report.drawing import theme as t; print(t.colour('backwards') == t.colour('serial'), t.marker('backwards'))"
    same_colour, marker = tool.python("-c", code).stdout.split()
    assert (same_colour, marker) == ("True", "s"), "it is a loop, the second of them"


WORKLOAD = '''
"""Small numbers to the third power."""

from bench import workload


def numbers(size, _):
    """So many."""
    return list(range(size))


@workload(inputs=numbers, scales={"quick": 3, "standard": 5})
def cubes(number):
    """Cubes."""
    return number**3
'''


def workload_is_there(tool: Tool) -> None:
    assert "Cubes." in tool("list", "--pattern", "map").stdout
    measured(tool, "cubes", "--strategy", "serial", "--scale", "quick")


PATTERN = '''
"""`relay`: what one runner gives the next one takes."""

from bench.errors import WrongResult
from bench.patterns.pattern import Pattern


def check(task, runners, last):
    """Everyone has run."""
    if last != runners:
        raise WrongResult(f"{last} of {runners} have run")


PATTERN = Pattern(
    name="relay",
    unit="passes",
    baseline="by_hand",
    summary="what one gives the next one takes",
    amount=int,
    check=check,
)
'''
STRATEGY_OF_PATTERN = '''
"""Relays."""

from contextlib import contextmanager
from functools import reduce

from bench.plugins.registry import strategy


@strategy("by_hand", pattern="relay", isolation="none")
@contextmanager
def by_hand():
    """From one to the next in a loop."""
    yield lambda task, runners: reduce(lambda given, _: task(given), range(runners), 0)
'''
WORKLOAD_OF_PATTERN = '''
"""A relay."""

from bench import workload


@workload(pattern="relay", inputs=lambda size, _: size, scales={"quick": 5, "standard": 9})
def baton(given):
    """Count those who had it."""
    return given + 1
'''


def pattern_is_there(tool: Tool) -> None:
    shown = tool("list", "--pattern", "relay").stdout
    assert "relay: what one gives the next one takes; counted in passes" in shown
    assert "The baseline." in shown
    measured(tool, "--pattern", "relay", "--scale", "quick")


QUANTITY_IN_TABLES = """
from dataclasses import replace
from pathlib import Path
from bench.analysis.frames import blocks_frame
from bench.report.run.case_tables import costs_table
from bench.report.run.columns import as_csv
from bench.report.run.costs import count_columns
from tests import builders
made = builders.typical_run()
blocks = [replace(each, calls=[1, 2, 2], rounds=[replace(one, readings=n) for n, one in zip((0, 6, 10), each.rounds)])
          for each in made.blocks if each.rounds]
made = replace(made, blocks=blocks)
found = builders.results(made, Path("results"))
group = found.groups[0]
table = costs_table(group, count_columns())
at = table.headings.index("readings of it")
header, first, *_ = as_csv(found).splitlines()
print(set(blocks_frame(made)["readings"]), {each.cells[at].text for each in table.rows})
print(dict(zip(header.split(","), first.split(",")))["readings"])
"""


def quantity_is_there(tool: Tool) -> None:
    """Where it is read, it is in what is measured; frames, tables and CSV have it anyway, for one call of the strategy."""
    found = tool.python("-c", QUANTITY_IN_TABLES)
    assert (found.stdout, found.stderr) == ("{5.0} {'5'}\n5.0\n", "")
    (row,) = csv.DictReader(tool(*RUN, "--csv").stdout.splitlines())
    assert float(row["readings"]) > 0


OPTION = """
    greeting: str = field(default="", metadata=option("What hosts say before they measure (nothing)."))
"""
OPTION_IS_USED = """    if request.conditions.greeting:
        raise WrongResult(f"{request.conditions.greeting} from the host")
"""


def option_is_there(tool: Tool) -> None:
    """It is in the help, reaches the host, and is in the run file."""
    for name in ("run", "all", "check"):
        assert "What hosts say before they measure (nothing)." in " ".join(tool(name, "--help").stdout.split())
    done = tool(*RUN, "--greeting", "hello", status=3)
    assert "wrong: hello from the host" in done.stderr
    path = only_run(tool.folder)
    assert json.loads(path.read_text().splitlines()[0])["plan"]["greeting"] == "hello"
    path.unlink()
    tool(*RUN)


FINDING = '''@rule("single", what="the run has one block", why="There is no second.", do="Measure more with `--blocks`.")
def single(evidence: Evidence) -> Iterator[Seen]:
    """At most one."""
    if len(evidence.run.blocks) == 1:
        yield RUN, "there is one block", "measure more", ()


'''


def finding_is_there(tool: Tool) -> None:
    one_block(tool)
    told = json.loads(tool("report", "--json").stdout)["findings"]
    assert [each["message"] for each in told if each["code"] == "single"] == ["there is one block"]
    assert "Measure more with --blocks." in tool("explain", "single").stdout
    assert "the run has one block" in tool("explain").stdout


CHART = '''
"""How many cases there are."""

from bench.report.drawing import theme
from bench.report.drawing.chart import Chart, file_name


def tally(results, group):
    """One number."""
    count = len(group.cases)
    figure = theme.slide(f"{count} in all", results.run)
    return Chart(f"tally-{file_name(group)}", f"{count} in all", "A number.", figure, [{"cases": count}])
'''


def chart_is_there(tool: Tool) -> None:
    one_block(tool)
    page = Path(tool("report", "--no-png").stdout.splitlines()[-1])
    assert "How many" in (tool.folder / page).read_text()
    drawn = {each.suffix: each for each in (tool.folder / page.parent).glob("tally-*") if "-dark" not in each.stem}
    assert drawn.keys() == {".svg", ".csv", ".txt"}
    assert "1 in all" in drawn[".svg"].read_text()
    assert drawn[".csv"].read_text().split() == ["cases", "1"]
    talk = Path(tool("report", "--talk", "--chart", "tally").stdout.splitlines()[-1])
    assert (tool.folder / talk / "1-tally-primes-quick.CITE.md").read_text().startswith("# 1 in all\n")


FORMAT = '''def as_names(run: StoredRun) -> str:
    """The names of its cases."""
    return "".join(f"{each.key}\\n" for each in run.cases)


'''


def format_is_there(tool: Tool) -> None:
    one_block(tool)
    assert "|names]" in tool("export", "--help").stdout
    tool("export", "--format", "names", "--output", "names.txt")
    assert (tool.folder / "names.txt").read_text().startswith("primes")


COMMAND = '''
"""`greet`: say hello."""

import click


@click.command("greet")
@click.argument("name")
def command(name: str) -> None:
    """Say hello to NAME."""
    click.echo(f"hello {name}")
'''


def command_is_there(tool: Tool) -> None:
    assert re.search("greet +Say hello", tool("--help").stdout)
    assert tool("greet", "you").stdout == "hello you\n"


ADDITIONS = (
    Addition("a strategy", 2, {
        "bench/strategies/backwards.py": STRATEGY,
        "bench/strategies/__init__.py": [Line('    "backwards",\n', ")\nBUILT_IN")],
    }, strategy_is_there),
    Addition("a workload", 1, {"workloads/cubes.py": WORKLOAD}, workload_is_there),
    Addition("a pattern", 2, {
        "bench/patterns/relay.py": PATTERN,
        "bench/patterns/__init__.py": [Line(', "relay"', ")\n\n\nclass _Patterns")],
    }, pattern_is_there, {
        "bench/strategies/relays.py": STRATEGY_OF_PATTERN,
        "bench/strategies/__init__.py": [Line('    "relays",\n', ")\nBUILT_IN")],
        "workloads/baton.py": WORKLOAD_OF_PATTERN,
    }),
    Addition("a quantity of a round", 2, {
        "bench/records/use.py": [Line("    readings: int | None = None\n", "    started_at_most:")],
        "bench/quantities.py": [Line('    _in_rounds("readings", "readings of it", max),\n', ')\n"""What the kernel counts')],
    }, quantity_is_there, {
        "bench/accounting/tree_snapshot.py": [Line(
            '    found.values["readings"] = after.number - before.number\n',
            "    if before.machine_starts is None or after.machine_starts is None:",
        )],
    }),
    Addition("an option that says how cases are measured", 3, {
        "bench/records/conditions.py": [Line(OPTION, "    fresh_rounds: int")],
        "bench/measure/host/main.py": [Line(OPTION_IS_USED, "    strategy = sources.load_strategy(")],
    }, option_is_there),
    Addition("a finding", 2, {
        "bench/analysis/findings/ending.py": [Line(FINDING, "def _ended_as(")],
        "bench/analysis/findings/__init__.py": [Line("    ending.single,\n", ')\n"""In the order in which reports')],
    }, finding_is_there),
    Addition("a chart", 2, {
        "bench/report/charts/tally.py": CHART,
        "bench/report/charts/__init__.py": [
            Line("from bench.report.charts.tally import tally\n", "from bench.report.charts.throughput"),
            Line('    "tally": ("How many", tally),\n', '}\n"""By the beginning of its name'),
        ],
    }, chart_is_there),
    Addition("a format of export", 2, {
        "bench/report/export/formats.py": [
            Line(FORMAT, "FORMATS: dict"),
            Line('    "names": as_names,\n', '}\n"""By the name of the tool'),
        ],
    }, format_is_there),
    Addition("a command", 2, {
        "bench/cli/greet_command.py": COMMAND,
        "bench/cli/main.py": [Line('    "greet": "Say hello.",\n', "}\n\n\nclass LazyGroup")],
    }, command_is_there),
)  # fmt: skip


def rows() -> dict[str, list[str]]:
    """Of each kind in the table of the page, the files and folders that its row names."""
    _, _, table = (ROOT / "docs" / "architecture.md").read_text().partition("\n## Where do I add …\n")
    found = re.findall(r"^\| (an? [^|]+) \| ([^|]+) \|$", table, re.MULTILINE)
    return {kind: re.findall(r"`((?:bench|workloads)/[\w./]*)`", where) for kind, where in found}


def is_named(path: str, places: list[str]) -> bool:
    return path in places or f"{path.rpartition('/')[0]}/" in places


def test_every_row_of_the_page_is_tried_but_that_of_tables_which_are_no_change_of_their_own():
    assert [*rows()] == [*(each.kind for each in ADDITIONS[:6]), "a table", *(each.kind for each in ADDITIONS[6:])]


@pytest.mark.parametrize("addition", ADDITIONS, ids=lambda each: each.kind)
def test_it_takes_few_files_which_the_page_names(addition):
    assert len(addition.changes) <= addition.most
    own, every = rows()[addition.kind], [place for places in rows().values() for place in places]
    assert [path for path in addition.changes if not is_named(path, own)] == []
    assert [path for path in addition.besides if not is_named(path, every)] == []


@pytest.mark.many(1)
@pytest.mark.parametrize("addition", ADDITIONS, ids=lambda each: each.kind)
def test_a_user_has_what_is_added_in_these_files(addition, tmp_path):
    tool = Tool(tmp_path / "copy", tmp_path / "folder")
    for name in ("bench", "workloads"):
        shutil.copytree(ROOT / name, tool.path / name, ignore=shutil.ignore_patterns("*.pyc.*"))
    tool.folder.mkdir()
    (tool.folder / "mine.py").write_text(MINE)
    tool.change({**addition.changes, **addition.besides})
    addition.proof(tool)

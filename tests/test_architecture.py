"""The direction of imports, the size of modules, and what is loaded when: read from the code, and tried."""

import ast
import io
import re
import statistics
import subprocess
import sys
import tokenize
from pathlib import Path

import pytest

from tests.conftest import ROOT, environment

MODULES = sorted((ROOT / "bench").rglob("*.py"))
LAYERS = {
    "version": set(),
    "errors": set(),
    "bounds": set(),
    "article": set(),
    "publishing": set(),
    "byte_code": set(),
    "oracles": set(),
    "records": set(),
    "units": {"errors"},
    "patterns": {"errors", "records"},
    "plugins": {"errors", "patterns", "records"},
    "facts": {"patterns", "records"},
    "processes": {"errors", "plugins"},
    "strategies": {"errors", "patterns", "plugins", "processes"},
    "accounting": {"errors", "processes", "records"},
    "checkouts": {"accounting", "errors", "processes"},
    "machine": {"accounting", "checkouts", "processes", "records"},
    "measure": {
        "accounting",
        "article",
        "bounds",
        "errors",
        "facts",
        "machine",
        "patterns",
        "plugins",
        "processes",
        "publishing",
        "records",
        "strategies",
        "units",
        "workloads",
    },
    "doctor": {"accounting", "errors", "facts", "machine", "measure", "oracles", "processes", "records", "units"},
    "testing": {"errors", "patterns", "plugins"},
    "pytest_plugin": {
        "accounting",
        "errors",
        "facts",
        "machine",
        "measure",
        "patterns",
        "plugins",
        "processes",
        "records",
    },
    "store": {"bounds", "errors", "facts", "patterns", "plugins", "processes", "publishing", "records", "units"},
    "proof": {"checkouts", "errors", "machine", "processes", "store"},
    "analysis": {"errors", "facts", "machine", "patterns", "records", "store", "units"},
    "report": {
        "analysis",
        "article",
        "errors",
        "machine",
        "patterns",
        "plugins",
        "processes",
        "publishing",
        "records",
        "store",
        "units",
    },
    "sessions": {
        "accounting",
        "analysis",
        "checkouts",
        "errors",
        "machine",
        "measure",
        "patterns",
        "plugins",
        "processes",
        "publishing",
        "records",
        "store",
        "units",
    },
    "cli": {
        "accounting",
        "analysis",
        "bounds",
        "doctor",
        "errors",
        "machine",
        "measure",
        "patterns",
        "plugins",
        "processes",
        "proof",
        "records",
        "report",
        "sessions",
        "store",
        "units",
    },
    "__init__": {"byte_code", "errors", "plugins", "processes", "version"},
    "__main__": {"cli", "errors", "processes"},
}
"""Of each part of the package, what it imports: all of it stands above."""
INSIDE = {
    "measure": {
        "results": set(),
        "plan": {"results"},
        "host": {"results"},
        "supervisor": set(),
        "engine": {"host", "plan", "supervisor"},
    },
    "report": {
        "kit": set(),
        "explanations": {"kit"},
        "listing": {"kit"},
        "drawing": {"kit"},
        "charts": {"drawing", "kit"},
        "run": {"charts", "drawing", "kit"},
        "verdicts": {"kit"},
        "side_by_side": {"drawing", "kit", "run"},
        "history": {"drawing", "kit", "verdicts"},
        "faults": {"drawing", "kit", "run"},
        "doctor": {"kit"},
        "talk": {"charts", "drawing", "explanations", "kit", "run"},
        "export": set(),
        "evidence": {"drawing", "kit"},
    },
}
"""The same of the rooms of a part."""
HEAVY = {"pandas", "numpy", "matplotlib", "scipy", "jinja2"}


def imports(path: Path) -> set[str]:
    found = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {f"{node.module}.{alias.name}" for alias in node.names}
    return found


def layer(path: Path) -> str:
    first = path.relative_to(ROOT / "bench").parts[0]
    return first.removesuffix(".py")


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_imports_point_one_way(path):
    own = layer(path)
    used = {name.split(".")[1] for name in imports(path) if name.startswith("bench.")}
    assert used <= LAYERS[own] | {own}


@pytest.mark.parametrize("part", INSIDE)
def test_imports_inside_a_part_point_one_way(part):
    for path in (ROOT / "bench" / part).rglob("*.py"):
        own = path.relative_to(ROOT / "bench" / part).parts[0].removesuffix(".py")
        used = {name.split(".")[2] for name in imports(path) if name.startswith(f"bench.{part}.")}
        assert own == "__init__" or used <= INSIDE[part][own] | {own}, path


@pytest.mark.parametrize("layers", [LAYERS, *INSIDE.values()], ids=["bench", *INSIDE])
def test_what_is_imported_stands_above(layers):
    above: set[str] = {"workloads"}
    for own, used in layers.items():
        assert used <= above, own
        above.add(own)


def test_the_page_of_the_architecture_names_all_parts_in_their_order_and_files_that_are_there():
    page = (ROOT / "docs" / "architecture.md").read_text()
    for path in re.findall(r"`((?:bench|tests|workloads)/[\w./]*)`", page):
        assert (ROOT / path).exists(), path
    parts, _, _ = page.partition("\n\nThree kinds of processes")
    places = {own: re.search(rf"[`/]{own}[/.]", parts) for own in LAYERS if not own.startswith("__")}
    assert None not in places.values(), places
    for own, used in LAYERS.items():
        for other in used - {"workloads"} if own in places else ():
            assert row(parts, places[other]) <= row(parts, places[own]), (own, other)


def row(text: str, found: re.Match[str] | None) -> int:
    assert found
    return text.count("\n", 0, found.start())


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_packages_are_imported_only_where_they_belong(path):
    used = {name.partition(".")[0] for name in imports(path)}
    own = layer(path)
    if "psutil" in used:
        assert own in ("accounting", "doctor") or path.name == "environment.py"
    if "pandas" in used:
        assert own == "analysis"
    if used & {"matplotlib", "jinja2"}:
        assert own == "report"
    if "numpy" in used:
        assert own in ("analysis", "report")
    if "click" in used:
        assert own == "cli"


def test_workloads_import_only_bench_of_ours():
    for path in (ROOT / "workloads").rglob("*.py"):
        ours = {name for name in imports(path) if name.startswith("bench")}
        assert {
            name
            for name in ours
            if not name.startswith(("bench.workload", "bench.WrongResult", "bench.workloads.", "bench.patterns."))
        } == set()


def test_only_the_terminal_prints():
    for path in MODULES:
        calls = [node for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Call)]
        printing = [node for node in calls if isinstance(node.func, ast.Name) and node.func.id == "print"]
        assert not printing or path.name == "terminal.py", path


def test_git_is_called_in_one_place():
    for path in MODULES:
        words = [node.value for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Constant)]
        calls = [each for each in words if isinstance(each, str) and (each == "git" or each.startswith("git -"))]
        assert not calls or path == ROOT / "bench" / "checkouts" / "git.py", path


def test_the_level_of_intervals_is_spelled_in_one_place():
    for path in (ROOT / "bench").rglob("*.j2"):
        assert "95 %" not in path.read_text(), path
    for path in MODULES:
        tree = ast.parse(path.read_text())
        told = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
        words = [node.value for node in ast.walk(tree) if isinstance(node, ast.Constant) and id(node) not in told]
        spelled = [each for each in words if isinstance(each, str) and "95 %" in each]
        assert all(each.startswith("pyperf") for each in spelled), path  # which has a level of its own


def code_lines(text: str) -> int:
    """Lines that hold code: neither blank nor a comment, nor a text that stands alone."""
    alone = (node for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Expr) and is_text(node.value))
    told = {line for node in alone for line in range(node.lineno, (node.end_lineno or node.lineno) + 1)}
    ignored = {tokenize.COMMENT, tokenize.NL, tokenize.NEWLINE, tokenize.INDENT, tokenize.DEDENT, tokenize.ENDMARKER}
    tokens = (each for each in tokenize.generate_tokens(io.StringIO(text).readline) if each.type not in ignored)
    return len({line for each in tokens for line in range(each.start[0], each.end[0] + 1)} - told)


def is_text(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, str)


def test_lines_of_code_are_counted():
    assert (
        code_lines('"""Of a module."""\n\nimport os  # here\n\n# a comment\nX = """\none\n"""\n"""What X is."""\n') == 4
    )


def test_modules_own_one_idea_and_say_it():
    lengths = []
    for path in [*MODULES, *(ROOT / "workloads").rglob("*.py")]:
        text = path.read_text()
        lengths.append(code_lines(text))
        assert lengths[-1] <= 300, path
        assert ast.get_docstring(ast.parse(text)), path
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.FunctionDef) and node.end_lineno is not None:
                body = node.end_lineno - node.lineno + 1 - len((ast.get_docstring(node) or "").splitlines())
                assert body <= 50, f"{path}: {node.name} has {body} lines"
    assert statistics.median(lengths) <= 100


def loaded_after(code: str, cwd: Path) -> set[str]:
    done = subprocess.run(
        [sys.executable, "-c", f"import sys\n{code}\nsys.stderr.write(' '.join(sys.modules))"],
        cwd=cwd,
        env=environment(),
        capture_output=True,
        text=True,
        check=True,
    )
    return {name.partition(".")[0] for name in done.stderr.split()}


@pytest.mark.parametrize("arguments", [["--help"], ["run", "--help"], ["--version"], ["list"]])
def test_the_command_line_loads_nothing_heavy(tmp_path, arguments):
    assert not loaded_after(f"from bench.cli.main import main; main({arguments!r})", tmp_path) & HEAVY


def test_nothing_heavy_is_loaded_while_measuring(tmp_path):
    code = """
from bench.measure.engine import runner
original = runner.Measurer.begin
def begin(self, *arguments):
    sys.stderr.write(' '.join(sys.modules) + ' a_block_began ')
    return original(self, *arguments)
runner.Measurer.begin = begin
from bench.sessions.run import measure
from bench.cli.options import wishes
import click
from bench.cli.run_command import command
from bench.cli.progress import RunProgress
options = command.make_context('run', ['downloads', '--strategy', 'serial', '--blocks', '1', '--rounds', '2', '--quick']).params
selection, *_ = [options.pop(each) for each in ('selection', 'as_json', 'as_csv', 'resume')]
with RunProgress() as progress:
    measure(wishes(selection, **options), progress)
"""
    loaded = loaded_after(code, tmp_path)
    assert "a_block_began" in loaded
    assert not loaded & (HEAVY | {"PIL"})


def test_importing_the_package_loads_only_the_standard_library(tmp_path):
    names = loaded_after(
        "before = set(sys.modules)\nimport bench\nfor name in before: sys.modules.pop(name, None)", tmp_path
    )
    assert {name for name in names if name not in sys.stdlib_module_names} == {"bench"}

"""The direction of imports, the size of modules, and what is loaded when: read from the code, and tried."""

import ast
import graphlib
import importlib.util
import io
import itertools
import re
import statistics
import subprocess
import sys
import tokenize
from functools import cache
from pathlib import Path

import pytest

from tests.conftest import ROOT, environment

MODULES = sorted((ROOT / "bench").rglob("*.py"))
WORKLOADS = sorted((ROOT / "workloads").rglob("*.py"))
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
    "quantities": {"records", "units"},
    "matching": set(),
    "naming": {"records"},
    "sentences": set(),
    "selection": {"errors", "matching", "naming", "sentences"},
    "patterns": {"errors", "records"},
    "plugins": {"errors", "patterns", "records"},
    "facts": {"patterns", "quantities", "records"},
    "processes": {"errors", "plugins"},
    "strategies": {"errors", "patterns", "plugins", "processes"},
    "accounting": {"errors", "processes", "records"},
    "checkouts": {"accounting", "errors", "processes"},
    "machine": {"accounting", "checkouts", "processes", "records"},
    "measure": {
        "accounting",
        "article",
        "bounds",
        "byte_code",
        "errors",
        "facts",
        "machine",
        "patterns",
        "plugins",
        "processes",
        "publishing",
        "quantities",
        "records",
        "selection",
        "strategies",
        "units",
        "workloads",
    },
    "suites": {"accounting", "errors", "facts", "machine", "measure", "plugins", "processes", "records"},
    "doctor": {
        "accounting",
        "errors",
        "facts",
        "machine",
        "measure",
        "oracles",
        "processes",
        "quantities",
        "records",
        "units",
    },
    "testing": {"errors", "patterns", "plugins"},
    "pytest_plugin": {
        "accounting",
        "errors",
        "facts",
        "machine",
        "measure",
        "naming",
        "patterns",
        "plugins",
        "processes",
        "records",
        "selection",
    },
    "store": {"bounds", "errors", "facts", "patterns", "plugins", "processes", "publishing", "records", "units"},
    "proof": {"checkouts", "errors", "machine", "processes", "store"},
    "analysis": {
        "errors",
        "facts",
        "machine",
        "naming",
        "patterns",
        "quantities",
        "records",
        "selection",
        "sentences",
        "store",
        "units",
    },
    "report": {
        "analysis",
        "article",
        "errors",
        "machine",
        "naming",
        "patterns",
        "plugins",
        "processes",
        "publishing",
        "quantities",
        "records",
        "selection",
        "sentences",
        "store",
        "strategies",
        "units",
        "workloads",
    },
    "sessions": {
        "accounting",
        "analysis",
        "bounds",
        "checkouts",
        "errors",
        "machine",
        "measure",
        "naming",
        "patterns",
        "plugins",
        "processes",
        "publishing",
        "records",
        "selection",
        "sentences",
        "store",
        "suites",
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
        "quantities",
        "records",
        "report",
        "selection",
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
        "wire": set(),
        "results": {"wire"},
        "plan": {"results", "wire"},
        "host": {"results", "wire"},
        "supervisor": {"wire"},
        "engine": {"host", "plan", "supervisor", "wire"},
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
        "talk": {"charts", "drawing", "explanations", "faults", "kit", "run"},
        "tour": {"charts", "drawing", "faults", "kit", "run"},
        "export": {"kit"},
        "evidence": {"drawing", "kit"},
    },
}
"""The same of the rooms of a part."""
BRANCHES = (
    ast.If, ast.IfExp, ast.For, ast.AsyncFor, ast.While, ast.ExceptHandler, ast.Assert, ast.Lambda, ast.match_case,
)  # fmt: skip
LONG = {
    "bench/plugins/registry.py workload": "17 parameters, which users read, a line each, and the fields that they become",
    "bench/plugins/registry.py strategy": "12 parameters, which users read, a line each, and the fields that they become",
    "bench/cli/check_command.py command": "17 options become the fields of a record",
    "bench/cli/options.py run_request": "27 options become the fields of a record",
    "bench/measure/host/main.py run_rounds": "the conversation of a round, in order",
}
"""Functions of more than 40 lines, and why."""
COMPLEX = {
    "bench/analysis/cost.py cost": "a ternary for each quantity that may be unknown",
    "bench/cli/options.py run_request": "an `or` for each default that depends on other options",
    "bench/measure/host/main.py run_rounds": "the conversation of a round, in order",
    "bench/report/run/overall.py overall": "one table in one expression",
}
"""Functions of a complexity above 15, and why."""
GROUPS = {
    "accounting": {
        "what the system tells": {
            "affinity", "control_groups", "descendants", "group", "kernel", "machine_memory", "own_groups", "reading", "reaping", "series",
        },
        "who reads trees": {"ledger", "portable", "proc", "proc_process", "readers"},
        "what that comes to": {"layers", "memory", "methods", "neighbours", "sample_clock", "tree_snapshot", "whole"},
        "who keeps accounts": {"account", "command", "region"},
    },
    "store": {
        "lines": {"flat_plan", "lines", "published", "upgrades"},
        "other files": {
            "asv_file", "google_benchmark_file", "hyperfine_file", "json_files", "pyperf_file", "pytest_benchmark_file", "trials",
        },
        "run files": {"additions", "checks", "reading", "runs"},
    },
    "analysis": {
        "what numbers tell": {"changes", "differences", "estimates", "noise", "running_median", "shift", "signed_rank"},
        "what files hold": {"case_values", "loading", "other_tools", "pooling", "stored"},
        "what is decided": {
            "comparison", "first_rounds", "gate", "history", "judged", "looks", "pair_values", "referee", "reproduction", "results", "sequential",
            "simulation", "unpaired",
        },
        "what a case took": {"base", "cost", "frames", "makespan", "pace", "summary"},
        "what cases are to each other": {"compared", "faults", "groups", "scaling", "side_by_side", "standing"},
        "what strikes, and what it means": {
            "findings", "explanations", "glossary",
        },
        "what a run answers": {"across", "answers", "kinds", "telling"},
        "what lessons show": {"tour"},
    },
}  # fmt: skip
"""The modules of parts without rooms, in groups: a module imports those of its own group and of those above."""
FACES = {
    "measure": {
        "engine.agenda",
        "engine.amount",
        "engine.check_session",
        "engine.contest",
        "engine.ensemble",
        "engine.faults",
        "engine.more_workers",
        "engine.seats",
        "engine.session",
        "engine.time_limit",
        "host.inputs",
        "wire",
        "plan",
        "results",
    },
}
"""What others may import of a part: rooms, and modules of rooms that are its own affair."""
HEAVY = {"pandas", "numpy", "matplotlib", "scipy", "jinja2"}


def name_of(path: Path) -> str:
    name = ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
    return f"bench.{name}" if name.startswith("workloads") else name


@cache
def imports(path: Path) -> frozenset[str]:
    """What a module imports; many tests here ask it of every module."""
    name = name_of(path)
    return frozenset(imported(path.read_text(), name if path.name == "__init__.py" else name.rpartition(".")[0]))


def imported(text: str, package: str) -> set[str]:
    """What is imported anywhere in a module of a package."""
    found = set()
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            origin = importlib.util.resolve_name("." * node.level + (node.module or ""), package)
            found |= {f"{origin}.{alias.name}" for alias in node.names}
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


@pytest.mark.parametrize("part", GROUPS)
def test_modules_import_none_of_a_group_below(part):
    places = {name: place for place, names in enumerate(GROUPS[part].values()) for name in names}
    inside = ROOT / "bench" / part
    modules = [
        (path.relative_to(inside).parts[0].removesuffix(".py"), path)
        for path in MODULES
        if path.is_relative_to(inside) and path != inside / "__init__.py"
    ]
    assert {own for own, _ in modules} == set(places)
    for own, path in modules:
        used = {name.split(".")[2] for name in imports(path) if name.startswith(f"bench.{part}.")}
        assert not {each for each in used & set(places) if places[each] > places[own]}, own


def test_no_command_is_imported():
    """Each is one way into the tool; what two of them need is in neither."""
    commands = {f"bench.cli.{path.stem}" for path in MODULES if path.stem.endswith("_command")}
    for path in MODULES:
        assert not {each for name in imports(path) for each in (name, name.rpartition(".")[0])} & commands, path


@pytest.mark.parametrize("part", FACES)
def test_others_import_only_the_face_of_a_part(part):
    others = [path for path in MODULES if layer(path) != part]
    used = {(path, name) for path in others for name in imports(path) if name.startswith(f"bench.{part}.")}
    faces = {f"bench.{part}.{face}." for face in FACES[part]}
    inside = {(path, name) for path, name in used if not f"{name}.".startswith(tuple(faces))}
    assert not inside
    assert all(any(f"{name}.".startswith(face) for _, name in used) for face in faces)


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


def import_graph(used: dict[str, set[str]]) -> dict[str, set[str]]:
    """Of each module those that its imports load: what is named, and the packages around it that are not around both."""
    graph: dict[str, set[str]] = {own: set() for own in used}
    for own, names in used.items():
        for name in names:
            around = [each for each in itertools.accumulate(name.split("."), "{}.{}".format) if each in used]
            graph[own].update(around[-1:], (each for each in around if not f"{own}.".startswith(f"{each}.")))
    return graph


def test_no_imports_go_round_in_a_circle_those_inside_functions_and_for_types_included():
    used = {name_of(path): imports(path) for path in [*MODULES, *WORKLOADS]}
    graphlib.TopologicalSorter(import_graph(used)).prepare()


@pytest.mark.parametrize(
    "texts",
    [
        {"a": "import b", "b": "def later():\n    import a"},
        {"a": "from b import x", "b": "if TYPE_CHECKING:\n    from c import y", "c": "import a"},
        {"a": "import p.q", "p": "import p.r", "p.q": "", "p.r": "import a"},
        {"p": "from p.q import x", "p.q": "from p import y"},
    ],
    ids=["in a function", "for types", "through a package", "with a package around it"],
)
def test_circles_are_found(texts):
    with pytest.raises(graphlib.CycleError):
        graphlib.TopologicalSorter(import_graph({name: imported(texts[name], "") for name in texts})).prepare()


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
    if "pygments" in used:
        assert own == "report"


def test_workloads_import_only_bench_of_ours():
    for path in WORKLOADS:
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
    for path in [*MODULES, *WORKLOADS]:
        text = path.read_text()
        lengths.append(code_lines(text))
        assert lengths[-1] <= 300, path
        assert ast.get_docstring(ast.parse(text)), path
    assert statistics.median(lengths) <= 100


def functions() -> dict[str, ast.FunctionDef | ast.AsyncFunctionDef]:
    found = {}
    for path in [*MODULES, *WORKLOADS]:
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                found[f"{path.relative_to(ROOT)} {node.name}:{node.lineno}"] = node
    return found


def body_lines(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    told = len((ast.get_docstring(function) or "").splitlines())
    return (function.end_lineno or function.lineno) - function.lineno + 1 - told


def complexity(function: ast.AST) -> int:
    """The cyclomatic complexity (McCabe 1976), with the branches of conditions and comprehensions, and those of functions inside."""
    return 1 + sum(map(branches, ast.walk(function)))


def branches(node: ast.AST) -> int:
    if isinstance(node, ast.BoolOp):
        return len(node.values) - 1
    if isinstance(node, ast.comprehension):
        return 1 + len(node.ifs)
    return int(isinstance(node, BRANCHES))


def test_complexity_counts_ways_through_a_function():
    text = """
def of(values):
    for each in values:
        if each and values or not each:
            return [one for one in each if one] if each else 0
    while values:
        try:
            return max(values, key=lambda each: -each)
        except ValueError:
            pass
"""
    assert complexity(ast.parse(text)) == 1 + 1 + 3 + 3 + 1 + 2


def without_lines(found: dict[str, int]) -> dict[str, int]:
    return {name.rpartition(":")[0]: value for name, value in found.items()}


def test_functions_are_short_but_for_those_with_a_reason():
    found = without_lines({name: size for name, each in functions().items() if (size := body_lines(each)) > 40})
    assert set(found) == set(LONG), found
    assert max(found.values()) <= 50, found


def test_functions_are_simple_but_for_those_with_a_reason():
    found = without_lines({name: ways for name, each in functions().items() if (ways := complexity(each)) > 15})
    assert set(found) == set(COMPLEX), found
    assert len(COMPLEX) <= 5


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
from bench.cli.options import run_request
import click
from bench.cli.run_command import command
from bench.cli.progress import RunProgress
options = command.make_context('run', ['downloads', '--strategy', 'serial', '--blocks', '1', '--rounds', '2', '--quick']).params
selection, *_ = [options.pop(each) for each in ('selection', 'as_json', 'as_csv', 'resume')]
with RunProgress() as progress:
    measure(run_request(selection, **options), progress)
"""
    loaded = loaded_after(code, tmp_path)
    assert "a_block_began" in loaded
    assert not loaded & (HEAVY | {"PIL"})


def test_importing_the_package_loads_only_the_standard_library(tmp_path):
    names = loaded_after(
        "before = set(sys.modules)\nimport bench\nfor name in before: sys.modules.pop(name, None)", tmp_path
    )
    assert {name for name in names if name not in sys.stdlib_module_names} == {"bench"}

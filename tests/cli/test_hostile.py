"""Input that means harm: run files, workload files, inputs and paths give one clear line, or a report that is harmless."""

import ast
import copy
import csv
import functools
import io
import json
import os
import random
import re
import subprocess
import sys
from dataclasses import asdict, replace
from html.parser import HTMLParser
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bench.errors import BenchError, RunFileError, SourceError, UsageError
from bench.measure.host.inputs import read_inputs
from bench.plugins.names import LONGEST_NAME, name_problem, sanitized
from bench.plugins.registry import strategy, workload
from bench.plugins.sources import load
from bench.records.block import Outcome
from bench.records.run import Work
from bench.report.kit import terminal
from bench.report.kit.folder import LIST
from bench.report.kit.results import load_results
from bench.report.run.build import build_report
from bench.report.run.columns import as_json, write_csv
from bench.report.run.page import html, markdown
from bench.report.run.tables import result_tables
from bench.store.lines import to_line
from bench.store.runs import find, read
from tests import builders
from tests.conftest import ROOT, environment
from tests.store.test_store import guarded

BAD_NAMES = {
    "empty": "", "blank": "  ", "line feed": "a\nb", "escape": "a\x1b[31mb", "NUL": "a\0b", "tab": "a\tb",
    "DEL": "a\x7f", "C1": "a\x9b31m", "right to left": "a\u202eb", "no width": "a\u200bb", "line separator": "a\u2028b",
    "half a character": "a\ud800", "not assigned": "a\U000e0001", "long": "a" * (LONGEST_NAME + 1), "10 MB": "a" * 10**7,
}  # fmt: skip
ODD_NAMES = (
    "<script>alert(1)</script>", "<img src=x onerror=alert(1)>", '" onload="alert(1)', "' onclick='x", "&lt;b&gt;", "]]>",
    "-->", "$a$ and $\\frac{1}{2}$", "\\$x", "a\\", "../../../etc/passwd", "/etc/passwd", "..", ".", "CON", "a/b",
    "=1+1", "+1", "-1", "@SUM(A1)", "＝1", " =1", "[red]x[/red]", "[/]", "[link=http://x]y[/link]", ":smile:", "a|b", "`x`",
    "**x**", "~~x~~", "# x", "{{ 7*7 }}", "{% raw %}", "%s%n", "{0}", "😀", "日本語", "é" * LONGEST_NAME, "_", "=", "a,b=c",
)  # fmt: skip


def one_line(error: BaseException) -> None:
    text = str(error)
    assert text.isprintable(), text
    assert len(text) < 4500, text[:200]


EVIL = "<b>\x1b[31m\u202e$x$|\n=1"


def odd_run(names, evil=EVIL):
    """A run with a name from `names` at every place that has one, and text that means harm at every other."""
    chance = random.Random("".join(names))
    cases, works, blocks = [], {}, []
    for number, name in enumerate(names):
        other = chance.choice(names)
        for way in ("serial", name):
            of = replace(
                builders.case(way, workload=name, workers=1 + number % 2),
                scale=other,
                python=other,
                options={other: name},
            )
            cases.append(of)
            works[name] = Work("map", other, "serial", [])
    for of in dict.fromkeys(each.key for each in cases):
        case = next(each for each in cases if each.key == of)
        failed = case.strategy != "serial" and chance.random() < 0.3
        for number in range(1 if failed else 6):
            changes = {"outcome": Outcome.FAILED, "reason": evil * 50, "rounds": []} if failed else {}
            accounting = builders.accounting(absent={evil: evil}, unknown={"cpu_s": evil, evil: evil})
            blocks.append(builders.block(case, number, reason=evil, accounting=accounting)
                          if not failed else builders.block(case, number, **changes))  # fmt: skip
    found = {each.key: each for each in cases}
    environment = replace(builders.ENVIRONMENT, cpu_model=evil, packages={evil: evil}, identity={evil: evil})
    made = builders.run(blocks, list(found.values()), works=works, environment=environment)
    return replace(made, header=replace(made.header, id="..-" + names[0][:100], command=evil, tool=evil))


def written(run, folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "odd.jsonl"
    path.write_bytes(b"".join(map(to_line, [run.header, *run.blocks, run.ending])))
    return path


class Seen(HTMLParser):
    """The elements of a page, each with its attributes' names, and where links lead."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.shapes: set[tuple[str, ...]] = set()
        self.links: list[str] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.shapes.add((tag, *sorted(name for name, _ in attrs)))
        self.links += [value or "" for name, value in attrs if name in ("href", "src", "action", "formaction")]


@pytest.fixture(scope="module")
def harmless(tmp_path_factory):
    """What a page and pictures of a run that means no harm consist of."""
    folder = tmp_path_factory.mktemp("harmless")
    shapes, elements = set(), set()
    wide = odd_run([f"plain{number}" for number in range(9)], "plain")
    for made in (builders.typical_run(), builders.degraded_run(), wide):
        page = build_report(load_results(written(made, folder)), folder / "reports")
        shapes |= Seen(page.read_text()).shapes
        for path in page.parent.glob("*.svg"):
            elements |= elements_of(path.read_text())
    return shapes, elements


def elements_of(svg: str) -> set[str]:
    return {each.tag for each in ET.fromstring(svg).iter()}


def check_page(text: str, shapes) -> None:
    seen = Seen(text)
    assert {tag for tag, *_ in seen.shapes} <= {tag for tag, *_ in shapes}
    attributes = {(tag, name) for tag, *names in shapes for name in names}
    assert {(tag, name) for tag, *names in seen.shapes for name in names} <= attributes
    assert all(
        re.fullmatch(r"#[\w-]+|[A-Za-z0-9_-]+\.(csv|md|svg|png|txt)|data:image/svg\+xml,[^\"'<>&\\]+", each)
        for each in seen.links
    )


def check_csv(text: str) -> None:
    for line in csv.reader(io.StringIO(text)):
        for cell in line:
            if cell.lstrip()[:1] in tuple("=+-@＝＋－＠"):
                float(cell)  # a number below 0 is one


def check_markdown(text: str) -> None:
    width = None
    for line in text.splitlines():
        if not line.startswith("|"):
            width = None
            continue
        cells = len(re.findall(r"(?<!\\)(?:\\\\)*\|", line))
        assert width in (None, cells), line
        width = cells
    assert not re.search(r"<[^ ]", re.sub(r"\\.", "", text)), "only `n = 1 < 6` may stand there"


def check_shown(text: str) -> None:
    assert all(line.isprintable() for line in text.split("\n"))


def small_outputs(path: Path, folder: Path, shapes) -> None:
    """All but the pictures."""
    results = load_results(path)
    check_page(html(results, []), shapes)
    check_markdown(markdown(results, []))
    write_csv(folder / "summary.csv", results.summaries)
    check_csv((folder / "summary.csv").read_text())
    assert json.loads(as_json(results))["run"] == results.run.header.id
    check_shown(shown(results))


def shown(results) -> str:
    from rich.console import Console

    console = Console(file=io.StringIO(), width=120, highlight=False, markup=False, emoji=False)
    console.print(result_tables(results))
    return console.file.getvalue()


@pytest.mark.long
@pytest.mark.parametrize("number", range(3))
def test_a_report_of_hostile_names_is_whole_and_harmless_and_stays_in_its_folder(tmp_path, harmless, number, capsys):
    shapes, elements = harmless
    made = odd_run(ODD_NAMES[number::3][: 9 if number == 0 else 5])
    path = written(made, tmp_path / "in")
    results = load_results(path)
    page = build_report(results, tmp_path / "out" / "reports", png=number == 0)
    inside = page.parent
    assert inside.parent == tmp_path / "out" / "reports"
    assert {each.name for each in tmp_path.iterdir()} == {"in", "out"}
    assert [*(tmp_path / "out").iterdir(), *(tmp_path / "out/reports").iterdir()] == [inside.parent, inside]
    files = [each for each in inside.iterdir() if each.name != LIST]
    assert all(each.is_file() and re.fullmatch(r"[\w-]+\.(html|md|csv|txt|svg|png)", each.name) for each in files)
    pictures = [each for each in files if each.suffix == ".svg"]
    assert pictures
    assert {each.stem for each in files if each.suffix == ".png"} == {each.stem for each in pictures if number == 0}
    for each in pictures:
        assert elements_of(each.read_text()) <= elements
    for each in inside.glob("*.csv"):
        check_csv(each.read_text())
    check_page(page.read_text(), shapes)
    check_markdown((inside / "summary.md").read_text())
    check_csv((inside / "summary.csv").read_text())
    terminal.show(result_tables(results))
    check_shown(capsys.readouterr().out)


names = st.sampled_from(ODD_NAMES) | st.text(min_size=1, max_size=30).filter(lambda name: not name_problem(name))


@pytest.mark.long
@settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(names, min_size=1, max_size=4, unique=True))
def test_any_name_that_reads_is_harmless(tmp_path_factory, harmless, drawn):
    folder = tmp_path_factory.mktemp("odd")
    small_outputs(written(odd_run(drawn), folder), folder, harmless[0])


PLACES = ("workload", "scale", "strategy", "python", "option", "value", "baseline", "id", "demonstration")


def named(place: str, name: str):
    """A header with this name at a place."""
    case = builders.case(**({"strategy": name} if place == "strategy" else {}))
    fields = {"workload": "workload", "scale": "scale", "python": "python"}
    case = replace(case, **{fields[place]: name}) if place in fields else case
    case = replace(case, options={name: "x"}) if place == "option" else case
    case = replace(case, options={"x": name}) if place == "value" else case
    works = {case.workload: Work("map", "cpu", name if place == "baseline" else "serial")}
    demonstrations = [name] if place == "demonstration" else []
    header = builders.run([], [case], works=works, demonstrations=demonstrations).header
    return replace(header, id=name) if place == "id" else header


@pytest.mark.many(4)
@pytest.mark.parametrize("kind", BAD_NAMES)
def test_what_is_no_name_is_refused_when_reading(tmp_path, kind):
    name = BAD_NAMES[kind]
    for place in PLACES:
        if kind == "empty" and place == "value":
            continue
        line = json.dumps({"kind": "header"} | asdict(named(place, name))).encode() + b"\n"
        path = tmp_path / "bad.jsonl"
        path.write_bytes(guarded(line))
        with pytest.raises(RunFileError, match=r"bad\.jsonl, line 1: ") as caught:
            read(path)
        one_line(caught.value)


@pytest.mark.parametrize("kind", BAD_NAMES)
def test_what_is_no_name_is_refused_when_registering(kind):
    name = BAD_NAMES[kind]
    given = {"inputs": lambda size, rng: [1], "scales": {"quick": 1}}

    def task(value):
        return value

    def way():
        yield map

    tried = [
        lambda: workload(**given | {"scales": {name: 1}})(task),
        lambda: workload(**given, options={name: {"x": {}}})(task),
        lambda: workload(**given, bound=name)(task),
        lambda: strategy("way", isolation=name)(way),
    ]
    if name:
        tried += [
            lambda: workload(**given, name=name)(task),
            lambda: strategy(name, isolation="none")(way),
            lambda: workload(**given, options={"x": {name: {}}})(task),
            lambda: strategy("way", isolation="none", choices={"x": [name]})(way),
        ]
    for each in tried:
        with pytest.raises(SourceError) as caught:
            each()
        assert str(caught.value).encode("utf-8", "backslashreplace").decode().isprintable()
        assert len(str(caught.value)) < 2 * LONGEST_NAME + 200 or kind == "10 MB"


def test_text_that_is_shown_is_one_line_without_control_characters():
    assert sanitized("a\x1b[31m\nb\tc\0") == "a�[31m b c�"
    assert len(sanitized("x" * 10**7)) == 2000
    for text in (*BAD_NAMES.values(), *ODD_NAMES):
        assert sanitized(text).isprintable()
        assert sanitized(sanitized(text)) == sanitized(text)


def test_reasons_are_cut_and_plain_when_read(tmp_path):
    one = builders.case()
    reason = "\x1b]0;evil\x07" + "é\n" * 10**6
    made = builders.run([builders.block(one, outcome=Outcome.FAILED, reason=reason)], [one])
    (block,) = read(written(made, tmp_path)).blocks
    assert block.reason == sanitized(reason)


def test_half_a_character_is_written_as_a_sign_for_one(tmp_path):
    one = builders.case()
    made = builders.run([builders.block(one, outcome=Outcome.FAILED, reason="bad \udcff")], [one])
    assert read(builders.stored(made, tmp_path)).blocks[0].reason == "bad �"


RAW = (
    b"", b"\n", b"\0" * 5000, b"\xff\xfe\n", b"[" * 10**6 + b"\n", b'{"a":' * 10**5 + b"\n", b"NaN\n", b"null\n", b"{}\n",
    b'{"kind":"header"}\n', b'{"kind":"header","schema":NaN}\n', b'{"kind":"header","schema":1e999}\n',
    b'{"kind":"header","schema":-1}\n', b'{"kind":"header","schema":' + b"9" * 5000 + b"}\n", b'{"kind":["block"]}\n',
    b'{"kind":"' + b"a" * 10**7 + b'"}\n', b'{"kind":"\\ud800"}\n', b'{"kind":"header","schema":true}\n',
    b'{"kind":"header","schema":4,"crc32":"00000000"}\n', os.urandom(100_000), b"\x80\x04\x95" + b"x" * 100,
)  # fmt: skip


@pytest.mark.parametrize("number", range(len(RAW)))
def test_noise_is_one_clear_line(tmp_path, number):
    path = tmp_path / "noise.jsonl"
    for data in (RAW[number], guarded(RAW[number])):
        path.write_bytes(data)
        with pytest.raises(RunFileError, match=r"noise\.jsonl") as caught:
            read(path)
        one_line(caught.value)


EXTREMES = (
    0,
    -1,
    1,
    0.5,
    5e-324,
    1e-300,
    -1e-300,
    1e23,
    -1e23,
    10**24,
    1e300,
    2**63,
    True,
    None,
    "",
    "x",
    [],
    {},
    [[]],
)
json_values = st.recursive(
    st.sampled_from(EXTREMES).map(copy.deepcopy)
    | st.text(max_size=20)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.integers(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)


def places(value, way=()):
    """The way to every value in decoded JSON."""
    if way:
        yield way
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, each in inner:
        yield from places(each, (*way, key))


def changed(chance: random.Random, value, lines) -> None:
    """Change, remove or double a value somewhere, or set one field alike in all blocks."""
    if chance.random() < 0.3:
        fields = sorted({way[-1] for line in lines[1:] for way in places(line) if isinstance(way[-1], str)})
        field, value = chance.choice(fields), chance.choice(EXTREMES)
        for line in lines[1:]:
            for way in list(places(line)):
                if way[-1] == field and not isinstance(_holder(line, way)[field], (dict, list)):
                    _holder(line, way)[field] = value
        return
    line = chance.choice(lines)
    way = chance.choice(list(places(line)))
    holder = _holder(line, way)
    what = chance.choice(["set", "extreme", "remove", "double"])
    if what in ("set", "extreme"):
        holder[way[-1]] = copy.deepcopy(value if what == "set" else chance.choice(EXTREMES))
    elif isinstance(holder, dict):
        del holder[way[-1]]
    elif what == "remove":
        del holder[way[-1] :]
    else:
        holder.append(copy.deepcopy(holder[way[-1]]))


def _holder(line, way):
    for key in way[:-1]:
        line = line[key]
    return line


def changed_file(folder: Path, seed: int, values) -> Path:
    """A run that has as many changes as there are values, with its checksums put right."""
    chance = random.Random(seed)
    lines = [json.loads(each) for each in chance.choice(good_lines())]
    for each in lines:
        del each["crc32"]
    for value in values:
        changed(chance, value, lines)
    path = folder / "any.jsonl"
    path.write_bytes(b"".join(guarded(json.dumps(each).encode() + b"\n") for each in lines))
    return path


@functools.cache
def good_lines():
    """Runs as decoded lines."""
    typical, degraded = builders.typical_run(), builders.degraded_run()
    runs = [
        replace(typical, blocks=typical.blocks[:10] + typical.blocks[-1:]),
        replace(degraded, blocks=degraded.blocks[::7]),
    ]
    return [[to_line(each) for each in (made.header, *made.blocks, made.ending)] for made in runs]


several = st.lists(json_values, min_size=1, max_size=3)


@pytest.mark.long
@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.integers(0, 2**32), several)
def test_a_run_file_of_any_content_is_refused_in_one_line_or_reported(tmp_path_factory, harmless, seed, values):
    folder = tmp_path_factory.mktemp("any")
    try:
        small_outputs(changed_file(folder, seed, values), folder, harmless[0])
    except BenchError as error:
        assert isinstance(error, RunFileError)
        one_line(error)
        assert "any.jsonl" in str(error)


@pytest.mark.long
@settings(max_examples=4, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.integers(0, 2**32), several)
def test_what_reads_is_drawn(tmp_path_factory, seed, values):
    folder = tmp_path_factory.mktemp("drawn")
    try:
        results = load_results(changed_file(folder, seed, values))
    except RunFileError:
        return
    inside = build_report(results, folder / "reports").parent
    for each in inside.glob("*.svg"):
        assert elements_of(each.read_text())


@pytest.fixture
def strange(tmp_path):
    """Paths that are no files, by what they are."""
    os.mkfifo(tmp_path / "pipe.py")
    (tmp_path / "folder.py").mkdir()
    (tmp_path / "loop.py").symlink_to("loop.py")
    (tmp_path / "device.py").symlink_to("/dev/zero")
    (tmp_path / "nothing.py").touch()
    (tmp_path / "noise.py").write_bytes(bytes(range(256)) * 100)
    (tmp_path / "closed.py").symlink_to(tmp_path / "nowhere")
    return tmp_path


STRANGE = ("pipe.py", "folder.py", "loop.py", "device.py", "nothing.py", "noise.py", "closed.py", "x" * 5000)


@pytest.mark.parametrize("name", STRANGE)
def test_what_is_no_file_hangs_nothing(strange, name):
    for trying in (read, lambda path: find(path.parent, str(path)), lambda path: load(str(path)),
                   lambda path: read_inputs(str(path))):  # fmt: skip
        with pytest.raises(UsageError) as caught:
            result = trying(strange / name)
            if isinstance(result, Path):  # a file that is there is found, and does not read
                read(result)
        assert str(caught.value).isprintable()


@pytest.mark.long
def test_a_folder_of_strange_files_is_reported_in_one_line(strange, bench):
    for name in STRANGE[:-1]:
        (strange / name).rename(strange / name.replace(".py", ".jsonl"))
        for arguments in (["report", name.replace(".py", ".jsonl")], ["report", "--results", "."]):
            done = bench(*arguments)
            assert done.returncode == 2, done.stderr
            assert re.fullmatch(r"error: .*\n", done.stderr)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("1.." + "9" * 5000, "has a number of more than 18 digits"),
        ("a\0b", "names no file"),
        ('{"a": NaN}', "line 1: not JSON"),
        ("[" * 100_000, "line 1: not JSON"),
        ("9" * 5000, "line 1: not JSON"),
    ],
)
def test_inputs_that_are_none_are_told_in_one_line(tmp_path, text, message):
    if message.startswith("line"):
        path = tmp_path / "inputs.jsonl"
        path.write_text(text)
        text = str(path)
    with pytest.raises(UsageError, match=message) as caught:
        read_inputs(text)
    assert str(caught.value).isprintable()


def test_what_a_workload_file_says_of_itself_reaches_the_terminal_plain_and_short(bench, workload_file):
    file = workload_file(
        "def double(value):\n    return 2 * value\n"
        "double.__doc__ = '\\x1b[31m[bold]red[/nothing]' + 'x' * 10_000_000\n"
        "workload(inputs=lambda size, rng: [1], scales={'[quick]': 1}, options={'[/a]': {'[b]': {}}})(double)\n"
    )
    done = bench("list", "--workload", file)
    assert done.returncode == 0, done.stderr
    check_shown(done.stdout)
    assert "[quick]" in done.stdout
    assert len(done.stdout) < 100_000


@pytest.mark.many(1)
@pytest.mark.parametrize(
    "body",
    [
        "raise ValueError('\\x1b[31m' + 'x\\n' * 5_000_000)",
        "class Odd(Exception):\n    def __str__(self): raise self\nraise Odd",
        "import a\\u200bb",
        "workload(inputs=list, scales={'\\x1b': 1})(len)",
        "workload(inputs=list, scales={'a': 1}, name='\\ud800')(len)",
        "import no_such_module_here",
        "\0",
    ],
)
def test_a_workload_file_that_does_not_load_is_told_in_one_line(bench, workload_file, body):
    done = bench("run", workload_file(body))
    assert done.returncode == 2, done.stderr
    error = done.stderr.splitlines()[-1]
    assert error.startswith("error: ")
    assert error.isprintable()
    assert len(error) < 1000


@pytest.mark.long
@pytest.mark.parametrize("more", [[], ["--identify"]])
def test_what_a_task_raises_reaches_the_terminal_plain_and_short(bench, workload_file, more):
    file = workload_file(
        "@workload(inputs=lambda size, rng: [1], scales={'quick': 1})\n"
        "def task(value): raise ValueError('\\x1b]0;evil\\x07[/x]\\udcff\\u202e' + 'x\\n' * 5_000_000)\n"
    )
    done = bench(
        "run", file, "--strategy", "serial,threads", "--scale", "quick", "--blocks", "1", "--rounds", "2", *more
    )
    assert done.returncode == 3
    check_shown(done.stdout + done.stderr)
    assert "[/x]" in done.stderr
    assert len(done.stdout + done.stderr) < 20_000


FORBIDDEN = {"pickle", "cPickle", "marshal", "shelve", "yaml", "dill", "cloudpickle", "code", "codeop", "runpy"}


@pytest.mark.parametrize("package", ["store", "analysis", "report"])
def test_nothing_that_reads_results_can_execute_them(package):
    for path in (ROOT / "bench" / package).rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, (ast.Import, ast.ImportFrom)):
                names = {each.name for each in node.names} | {getattr(node, "module", None) or ""}
                assert not {name.partition(".")[0] for name in names} & FORBIDDEN, path
            if isinstance(node, ast.Call):
                called = node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")
                by_name = isinstance(node.func, ast.Name)
                assert not (by_name and called in {"eval", "exec", "compile", "__import__"}), path
                assert called not in {"system", "popen", "read_pickle", "import_module", "Popen"}, path


WATCHED = """
import json, os, sys
OURS = {("bench.report.drawing.pictures", "Picture"), ("builtins", "getattr"),
        *(("concurrent.futures.process", name) for name in ("_ResultItem", "_ExceptionWithTraceback"))}
from pathlib import Path
from bench.report.kit import terminal
from bench.report.run.build import build_report
from bench.report.kit.results import load_results
from bench.report.run.tables import result_tables
from bench.report.run.columns import as_json
path, warm, reports = map(Path, sys.argv[1:])
def all_of(path, reports):
    loaded = load_results(path)
    as_json(loaded)
    terminal.show(result_tables(loaded))
    build_report(loaded, reports)
all_of(warm, reports.parent / "warm")  # what is imported late is imported, and templates are compiled
events, own = [], str(reports.resolve())
def watch(event, arguments):
    if event == "exec":
        events.append([event, getattr(arguments[0], "co_filename", repr(arguments[0]))])
    elif event == "compile":
        events.append([event, str(arguments[1]), str(arguments[0])[:2000]])
    elif event == "os.rename" and all(str(each).startswith(own) for each in arguments[:2]):
        pass
    elif event == "os.remove" and os.readlink(f"/proc/self/fd/{arguments[1]}").startswith(own):
        pass  # of a folder that is taken away again
    elif event == "os.fork" or (event == "pickle.find_class" and arguments in OURS):
        pass  # who draws beside it, and what comes back
    elif event.startswith(("os.exec", "os.system", "os.spawn", "os.posix_spawn",
                 "subprocess", "pickle", "marshal", "socket", "ctypes.dlopen", "os.fork", "os.remove", "os.rename")):
        events.append([event, repr(arguments)[:500]])
    elif event == "open" and (arguments[2] or 0) & (os.O_WRONLY | os.O_RDWR | os.O_CREAT):
        if not str(arguments[0]).startswith(own):
            events.append([event, str(arguments[0])])
sys.addaudithook(watch)
all_of(path, reports)
sys.stderr.write(json.dumps(events))
"""


@pytest.mark.long
def test_reading_and_reporting_a_hostile_run_executes_nothing_and_writes_only_its_report(tmp_path):
    texts = ["__import__('os').system('touch /tmp/evil')", "{{ self.__init__.__globals__ }}", "cos\nsystem\n(S'x'\ntR."]
    made = odd_run([*(each for each in texts if not name_problem(each)), "$a$", "<b>"])
    made = replace(made, header=replace(made.header, command=texts[2]))
    hostile = written(made, tmp_path / "in")
    calm = written(builders.typical_run(), tmp_path / "calm")
    done = subprocess.run(
        [sys.executable, "-c", WATCHED, str(hostile), str(calm), str(tmp_path / "reports")],
        cwd=tmp_path,
        env=environment(PYTHONDONTWRITEBYTECODE="1"),
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    events = json.loads(done.stderr)
    ours = [str(each) for each in (ROOT / "bench", sys.prefix, sys.base_prefix)]
    assert [each for each in events if each[0] not in ("exec", "compile")] == []
    for _, file, *source in events:
        assert file == "<template>" or file.endswith(".j2") or file.startswith(tuple(ours)), file
        assert not re.search("touch|__globals__|nsystem", "".join(source))

"""What the README shows runs as it stands there."""

import json
import re

import pytest
from matplotlib.colors import to_rgb
from PIL import Image

from bench.report.drawing import theme
from bench.report.kit.families import Family
from tests.conftest import ROOT
from tests.documents import PAGES, named_files, shown_commands, words_of

README = PAGES[0]
TEXT = README.read_text()
FILES = named_files(README)
COMMANDS = [" ".join(words_of(each)[3:]) for each in shown_commands(README)]
OWN = ROOT / "docs" / "own_function.md"
SHORT = ["--blocks", "1", "--rounds", "2", "--json"]


def test_the_workload_takes_ten_lines_and_the_strategy_fifteen_or_so():
    body = {name: [line for line in text.splitlines() if line.strip()] for name, text in FILES.items()}
    assert len(body["squeeze.py"]) <= 12
    assert len(body["halves.py"]) <= 18


@pytest.mark.long
def test_the_examples_of_a_workload_and_a_strategy_run(bench, tmp_path):
    for name, text in FILES.items():
        (tmp_path / name).write_text(text)
    for command in ("run --workload squeeze.py", "run downloads --strategy serial,threads,halves.py"):
        assert command in COMMANDS
        done = bench(*command.split(), *SHORT, "--scale", "quick", "--time-limit", "60s")  # 32 workers, beside others
        assert done.returncode == 0, done.stderr
        assert {each["outcome"] for each in json.loads(done.stdout)["cases"]} == {"ok"}


@pytest.mark.long
def test_the_examples_of_a_function_of_ones_own_run(bench, tmp_path):
    (tmp_path / "mymodule.py").write_text(
        "def resize(path):\n    return len(path)\n\ndef crop(path, width):\n    return path[:width]\n"
    )
    (tmp_path / "paths.jsonl").write_text('"a.jpg"\n"b.jpg"\n')
    (tmp_path / "path" / "to").mkdir(parents=True)
    (tmp_path / "path" / "to" / "file.py").write_text(
        "def is_prime(n):\n    return n > 1 and all(n % d for d in range(2, n))\n"
    )
    commands = [words_of(each)[3:] for each in shown_commands(OWN)]
    tried = [each for each in commands if each[0] == "run" and "--inputs" in each]
    assert len(tried) >= 8
    for command in tried:
        few = [] if "--strategy" in command else ["--strategy", "serial,thread_pool,process_pool"]
        done = bench(*command, *SHORT, *few)
        assert done.returncode == 0, done.stderr


@pytest.mark.long
def test_the_first_answer_is_what_the_command_shows(bench, tmp_path):
    tutorial = named_files(ROOT / "docs" / "tutorial.md")
    assert tutorial["mine.py"] == FILES["mine.py"]
    for name, text in tutorial.items():
        (tmp_path / name).write_text(text)
        command = f"run {name}:f --inputs 1..40"
        assert command in COMMANDS or name == "waits.py"
        done = bench(*command.split(), *SHORT, "--strategy", "serial,threads,process_pool")
        assert done.returncode == 0, done.stderr
        assert {(each["workload"], each["outcome"]) for each in json.loads(done.stdout)["cases"]} == {
            (f"{name.removesuffix('.py')}:f", "ok")
        }
    answer = re.search(r"<!-- answer -->.*?```text\n(.*?)```\n<!-- end -->", TEXT, re.DOTALL)[1]
    table = [line.split() for line in answer.splitlines()]
    rows = table[next(at for at, each in enumerate(table) if each[:2] == ["strategy", "round"]) + 1 :]
    known = {each["name"] for each in json.loads(bench("list", "--json").stdout)["strategies"]}
    assert "serial" in {each[0] for each in rows} & known


def test_every_command_of_the_table_is_there_and_the_columns_are_the_files(bench):
    from bench.cli.main import COMMANDS as KNOWN
    from bench.report.run.columns import COLUMNS

    assert set(re.findall(r"^\| `python -m bench ([\w-]+)", TEXT, re.MULTILINE)) == set(KNOWN)
    assert ", ".join(COLUMNS) in " ".join((ROOT / "docs" / "results.md").read_text().split())


def test_it_is_short_and_names_what_people_search_for():
    assert len(TEXT.splitlines()) <= 170
    for word in (
        "GIL",
        "threads",
        "processes",
        "asyncio",
        "free-threading",
        "pyperf",
        "hyperfine",
        "pytest-benchmark",
        "asv",
    ):
        assert word in TEXT.lower() or word in TEXT, word


def test_the_published_report_is_a_page_with_six_charts_and_links_to_nothing_that_is_not_there():
    folder = ROOT / "reports" / "reference"
    page = (folder / "index.html").read_text()
    linked = set(re.findall(r'href="([^"#:]+)"', page))
    assert {name.partition(".")[0].removesuffix("-dark") for name in linked} >= {"speedup", "speedup-sync", "summary"}
    assert linked | {"index.html"} == {each.name for each in folder.iterdir()}
    assert len({name for name in linked if re.fullmatch(r"speedup[a-z-]*\.csv", name)}) == 6
    shown = re.search(r"<code>([\w-]+\.jsonl)</code>", page)
    assert shown
    assert (ROOT / "results" / "reference" / shown[1]).is_file()


def test_the_figure_shows_each_family_in_its_own_colour():
    """Of few colours the blue of threads became the green of asyncio."""
    (name,) = re.findall(r"!\[[^\]]*\]\(([^)]+\.png)\)", TEXT)
    with Image.open(ROOT / name) as picture:
        seen = [colour for count, colour in picture.convert("RGB").getcolors(1 << 20) if count > 100]
    for kind in (Family.THREADS, Family.PROCESSES, Family.ASYNC):
        wanted = to_rgb(theme.colour_of(kind))
        assert min(max(abs(a - 255 * b) for a, b in zip(each, wanted, strict=True)) for each in seen) < 16, kind

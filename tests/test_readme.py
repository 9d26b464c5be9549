"""What the README shows runs as it stands there."""

import json
import re

import pytest

from tests.conftest import ROOT

TEXT = (ROOT / "README.md").read_text()
FILES = dict(re.findall(r"<!-- (\w+\.py) -->\n```python\n(.*?)```", TEXT, re.DOTALL))
COMMANDS = re.findall(r"^\$ python -m bench (.*)$", TEXT, re.MULTILINE)
SHORT = ["--blocks", "1", "--rounds", "2", "--json"]


def test_the_workload_takes_ten_lines_and_the_strategy_fifteen_or_so():
    body = {name: [line for line in text.splitlines() if line.strip()] for name, text in FILES.items()}
    assert len(body["mine.py"]) <= 12
    assert len(body["halves.py"]) <= 18


def test_the_examples_of_a_workload_and_a_strategy_run(bench, tmp_path):
    for name, text in FILES.items():
        (tmp_path / name).write_text(text)
    for command in ("run --workload mine.py", "run downloads --strategy serial,threads,halves.py"):
        assert command in COMMANDS
        done = bench(*command.split(), *SHORT, "--scale", "quick", "--time-limit", "60s")  # 32 workers, beside others
        assert done.returncode == 0, done.stderr
        assert {each["outcome"] for each in json.loads(done.stdout)["cases"]} == {"ok"}


@pytest.mark.long
def test_the_examples_of_a_function_of_ones_own_run(bench, tmp_path):
    (tmp_path / "mymodule.py").write_text("def resize(path):\n    return len(path)\n")
    (tmp_path / "paths.jsonl").write_text('"a.jpg"\n"b.jpg"\n')
    (tmp_path / "path" / "to").mkdir(parents=True)
    (tmp_path / "path" / "to" / "file.py").write_text(
        "def is_prime(n):\n    return n > 1 and all(n % d for d in range(2, n))\n"
    )
    for command in COMMANDS:
        if command.startswith("run") and "--inputs" in command:
            done = bench(*command.split(), *SHORT, "--strategy", "serial,thread_pool,process_pool")
            assert done.returncode == 0, done.stderr


def test_every_command_of_the_table_is_there_and_the_columns_are_the_files(bench):
    from bench.cli.main import COMMANDS as KNOWN
    from bench.report.run.columns import COLUMNS

    assert set(re.findall(r"^\| `python -m bench ([\w-]+)", TEXT, re.MULTILINE)) == set(KNOWN)
    assert ", ".join(COLUMNS) in " ".join(TEXT.split())


def test_no_package_registry_is_named_and_pictures_are_there():
    for picture in re.findall(r"!\[[^]]+\]\(([^)]+)\)", TEXT):
        assert (ROOT / picture).is_file(), picture
    assert "pypi" not in TEXT.lower()


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

"""The docs: every command that is shown can be typed, every link leads somewhere, and every page is in the site."""

import re
import tomllib

import pytest

from bench.cli.options import run_request
from bench.measure.plan import catalogue
from bench.sessions.run import planned_cases
from tests.conftest import ROOT
from tests.documents import PAGES, helped_commands, named_files, parsed, shown_commands, words_of

README = PAGES[0]
SHOWN = sorted({line for page in PAGES for line in shown_commands(page)} | set(helped_commands()))
BENCH = [words for words in map(words_of, SHOWN) if words[:3] == ["python", "-m", "bench"] and len(words) > 3]
CALLS = sorted({tuple(each for each in words[3:] if each not in ("--debug", "--help")) for words in BENCH} - {()})
READERS = re.compile(r"\.py|:|letters|resume")
"""In the words of a command: a file, a package or a run of the reader's."""
RUNS = [each for each in CALLS if each[0] in ("run", "all") and not READERS.search(" ".join(each))]
NOT_OF_REQUESTS = ("selection", "as_json", "as_csv", "resume", "reports")
QUICK = ("explain", "list")
"""Commands that are run; the others are checked to parse, and have tests of their own."""


@pytest.fixture(scope="module")
def found():
    return catalogue.find([])


def test_the_pages_show_commands_of_every_kind():
    assert len(CALLS) > 80
    assert len(RUNS) > 20
    assert {each[0] for each in CALLS} == set(re.findall(r"`python -m bench ([\w-]+)", README.read_text()))


@pytest.mark.parametrize("call", CALLS, ids=" ".join)
def test_every_command_that_is_shown_parses(call):
    assert parsed(list(call)) is not None


@pytest.mark.many(5)
@pytest.mark.parametrize("call", [each for each in CALLS if each[0] in QUICK], ids=" ".join)
def test_every_quick_command_that_is_shown_runs(bench, tmp_path, call):
    (tmp_path / "squeeze.py").write_text(named_files(README)["squeeze.py"])
    (tmp_path / "mine.py").write_text(named_files(README)["squeeze.py"])  # the reader's, and some workload
    done = bench(*call)
    assert done.returncode == 0, done.stderr
    assert done.stdout


@pytest.mark.parametrize("call", RUNS, ids=" ".join)
def test_every_run_of_built_in_work_that_is_shown_selects_something(found, call):
    given = parsed(list(call))
    options = {name: value for name, value in given.items() if name not in NOT_OF_REQUESTS}
    assert planned_cases(found, run_request(given.get("selection", ()), **options), 2)


def test_every_other_module_and_every_target_of_make_that_is_shown_is_there():
    targets = set(re.findall(r"^([\w-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    for line in SHOWN:
        words = line.split()
        if words[0] == "make":
            assert words[1] in targets, line
        elif words[2].startswith("benchmarks."):
            assert (ROOT / f"{words[2].replace('.', '/')}.py").is_file(), line


def test_a_wrong_option_of_a_command_that_is_shown_is_found(tmp_path):
    page = tmp_path / "page.md"
    page.write_text(
        "Try `python -m bench run\nprimes --workerz 2`, or\n\n```console\n$ python -m bench chekc --base main x.py  # no\n```\n"
    )
    one, other = shown_commands(page)
    with pytest.raises(Exception, match="workerz"):
        parsed(words_of(one)[3:])
    with pytest.raises(Exception, match="did you mean 'check'"):
        parsed(words_of(other)[3:])


def test_every_link_and_picture_of_a_page_is_there():
    for page in PAGES:
        text = re.sub(r"^```.*?^```", "", page.read_text(), flags=re.DOTALL | re.MULTILINE)
        for target in re.findall(r"\]\(([^)#:\s]+)(?:#[^)]*)?\)", text):
            assert (page.parent / target).exists(), (page.name, target)


def test_no_package_registry_is_named():
    for page in PAGES:
        assert "pypi" not in page.read_text().lower(), page.name


def test_the_generator_of_the_site_is_an_extra_and_pinned():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    pinned = re.findall(r"^([\w.-]+)==", (ROOT / "constraints.txt").read_text(), re.MULTILINE)
    for name in project["optional-dependencies"]["docs"]:
        assert name.replace("-", "_").lower() in {each.replace("-", "_").lower() for each in pinned}, name

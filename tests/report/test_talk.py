"""The folder for a talk: every chart as files, and what is cited beside each is what the run file holds."""

import hashlib
import re
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench import units
from bench.report.charts import GROUP_CHARTS, charts, file_name
from bench.report.kit import words
from bench.report.kit.folder import LIST
from bench.report.talk import cite
from bench.report.talk.build import build_talk
from tests import builders
from tests.builders import block, case

ENDINGS = {".png", "-dark.png", ".svg", "-dark.svg", ".txt", ".CITE.md"}


@pytest.fixture(scope="module")
def results(tmp_path_factory):
    return builders.results(builders.typical_run(), tmp_path_factory.mktemp("results"))


@pytest.fixture(scope="module")
def talk(results, tmp_path_factory):
    return build_talk(results, tmp_path_factory.mktemp("reports"))


def unescaped(text):
    return re.sub(r"\\([\\`*_\[\]<>|~$&])", r"\1", text)


def cited(talk, name):
    (path,) = talk.glob(f"*-{name}.CITE.md")
    return unescaped(path.read_text())


@pytest.mark.long
def test_every_chart_is_there_in_every_kind_and_numbered_by_importance(results, talk):
    assert talk.parts[-2:] == (results.run.header.id, "talk")
    names = [chart.name for chart in charts(results)]
    stems = {path.name.removesuffix(".CITE.md") for path in talk.glob("*.CITE.md")}
    assert {stem.partition("-")[2] for stem in stems} == set(names)
    assert sorted(int(stem.partition("-")[0]) for stem in stems) == list(range(1, len(names) + 1))
    files = {path.name for path in talk.iterdir()}
    for stem in stems:
        assert {f"{stem}{ending}" for ending in ENDINGS} <= files
    order = [stem.partition("-")[2] for stem in sorted(stems, key=lambda each: int(each.partition("-")[0]))]
    assert order[0] == "speedup"
    kinds = list(GROUP_CHARTS)
    placed = [next(kinds.index(kind) for kind in kinds if name.startswith(f"{kind}-")) for name in order[1:]]
    assert placed == sorted(placed)
    assert order[1] == "ranking-primes-quick", "the choice of a strategy counts most there"


def test_the_claim_has_the_summaries_numbers(results, talk):
    for group in results.groups:
        text = cited(talk, f"ranking-{file_name(group)}")
        best = group.ranked[0]
        claim = next(line for line in text.splitlines() if "has the lowest time" in line)
        for said in (
            group.labels[best.case.key],
            f"{units.seconds(best.wall.centre)} a round",
            f"interval {words.interval(best.wall)}",
            f"n = {best.blocks} blocks, {best.rounds} warm rounds",
            f"{units.ratio(best.speedup.centre)} as fast as {group.baseline}",
            f"which takes {units.seconds(best.base_wall_s)}",
            f"interval of the ratio {words.ratio_interval(best.speedup)}",
            words.bound_sentence(best.bound),
        ):
            assert said in claim
        for each in group.ranked:
            assert " | ".join(cite.row(group, each)) in text


@pytest.mark.long
def test_the_hash_is_the_files_and_the_commands_are_the_runs(results, talk):
    digest = hashlib.sha256(results.path.read_bytes()).hexdigest()
    for path in [*talk.glob("*.CITE.md"), talk / "README.md"]:
        text = path.read_text()
        assert digest in text
        assert f"    python -m bench report {results.path.name} --talk\n" in text
        assert f"    {results.run.header.command}\n" in text
        assert f"seed {results.run.header.plan.conditions.seed}" in text


def test_conditions_caveats_and_references_are_there(results, talk):
    text = cited(talk, "ranking-downloads-quick")
    for said in (
        "Example CPU",
        "CPython 3.11.7 (GIL)",
        "start method fork",
        "git 012345678",
        "2026-01-02",
        "at scale quick",
    ):
        assert said in text
    assert "**failed** downloads process_pool ×2: ValueError" in text
    assert "**failed**" not in cited(talk, "ranking-primes-quick"), "that is of other cases"
    assert "python -m bench explain CODE" in text
    assert re.findall(r"@(\w+)\{([^,]+),", text) == [
        ("software", "concurrency-bench-0.1.0"),
        ("misc", f"run-{results.run.header.id}"),
    ]


@pytest.mark.long
def test_the_index_links_to_files_that_are_there(talk):
    text = (talk / "README.md").read_text()
    links = re.findall(r"\]\(([^)]+)\)", text)
    assert len(links) == 2 * len(list(talk.glob("*.CITE.md")))
    assert all((talk / each).is_file() for each in links)


@pytest.mark.long
def test_everything_from_a_file_is_text(tmp_path):
    evil = "<script>alert(1)</script> ](x) `|`"
    one = case(workload="w]<b>|`x")
    made = builders.run([block(one, reason="")], [one])
    results = builders.results(made, tmp_path)
    header = replace(
        made.header, command=f"{evil}\n# owned", environment=replace(made.header.environment, cpu_model=evil)
    )
    results = replace(results, run=replace(made, header=header))
    talk = build_talk(results, tmp_path / "reports")
    for path in [*talk.glob("*.CITE.md"), talk / "README.md"]:
        lines = path.read_text().splitlines()
        assert "# owned" not in lines
        for line in lines:
            assert "<script>" not in line or line.startswith("    "), "code, where it is text"


@pytest.mark.long
def test_a_talk_made_again_has_no_charts_of_the_one_before_and_all_files_of_the_users(results, talk):
    before = {path.name: path.read_bytes() for path in talk.glob("*.md")}
    mine = {"notes.txt": b"mine", "1-introduction.png": b"mine", "99-ranking-gone-quick.png": b"mine", "2026-plan": b""}
    for name, content in mine.items():
        (talk / name).write_bytes(content)
    stale = talk / "98-ranking-gone-quick.png"
    stale.write_bytes(b"")
    with (talk / LIST).open("a") as file:
        file.write(f"{hashlib.sha256().hexdigest()}  {stale.name}\n")
    build_talk(results, talk.parent.parent)
    assert not stale.exists()
    assert {name: (talk / name).read_bytes() for name in mine} == mine
    assert {path.name: path.read_bytes() for path in talk.glob("*.md")} == before
    for name in mine:
        (talk / name).unlink()


@given(st.text(max_size=60), st.text(max_size=60))
def test_braces_of_bibtex_are_balanced_whatever_a_file_says(cpu, tool):
    made = builders.run([], [])
    header = replace(made.header, tool=tool, environment=replace(made.header.environment, cpu_model=cpu))
    text = cite.bibtex(replace(made, header=header), cite.Source("x.jsonl", "0" * 64))
    depth = 0
    for character in text:
        depth += (character == "{") - (character == "}")
        assert depth >= 0
    assert depth == 0
    assert len(re.findall(r"^@\w+\{[A-Za-z0-9.:-]+,$", text, re.MULTILINE)) == 2
    assert len(text.splitlines()) == len(text.split("\n")), "a line is a line to every reader"


@pytest.mark.long
def test_the_command_prints_the_folder_and_refuses_what_it_cannot_do(bench, results, tmp_path):
    done = bench("report", str(results.path), "--talk")
    assert done.returncode == 0, done.stderr
    assert Path(done.stdout.splitlines()[-1]) == Path("reports") / results.run.header.id / "talk"
    assert (tmp_path / done.stdout.strip() / "README.md").is_file()
    for more in (["--json"], ["--no-png"], [str(results.path)]):
        wrong = bench("report", str(results.path), "--talk", *more)
        assert wrong.returncode == 2
        assert wrong.stderr.startswith("error: --talk")

"""The folder for a talk: every chart as files, and what is cited beside each is what the run file holds."""

import hashlib
import re
import shlex
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from bench import units
from bench.analysis.faults import fault_table
from bench.errors import UnknownNameError, UsageError
from bench.records.block import Outcome
from bench.report.charts import KINDS, charts, drawings, file_name
from bench.report.kit import words
from bench.report.kit.folder import LIST
from bench.report.talk import cite, kinds
from bench.report.talk.build import build_talk
from bench.report.talk.choice import Choice
from tests import builders
from tests.builders import block, case
from tests.report.test_faults_command import OUTCOMES, faulty_run
from tests.sessions.test_check import gated

ENDINGS = {".png", "-dark.png", ".svg", "-dark.svg", ".txt", ".CITE.md"}
ALL = Choice(top=None)


@pytest.fixture(scope="module")
def results(tmp_path_factory):
    return builders.results(builders.typical_run(), tmp_path_factory.mktemp("results"))


def made(results, folder, choice=ALL):
    return build_talk(results.path, results.run, folder, choice).folder


@pytest.fixture(scope="module")
def talk(results, tmp_path_factory):
    return made(results, tmp_path_factory.mktemp("reports"))


def unescaped(text):
    return re.sub(r"\\([\\`*_\[\]<>|~$&])", r"\1", text)


def cited(talk, name):
    (path,) = talk.glob(f"*-{name}.CITE.md")
    return unescaped(path.read_text())


def claim(text):
    """What stands below the heading, up to the next one."""
    return text.partition("## Claim\n")[2].partition("\n## ")[0].strip()


def told(talk):
    """The names of the slides, without their numbers, in their order."""
    return [path.name.removesuffix(".CITE.md").partition("-")[2] for path in sorted(talk.glob("*.CITE.md"))]


@pytest.mark.long
def test_every_chart_is_there_in_every_kind_and_numbered_as_it_is_told(results, talk):
    assert talk.parts[-2:] == (results.run.header.id, "talk")
    names = [chart.name for chart in charts(results)]
    stems = [path.name.removesuffix(".CITE.md") for path in sorted(talk.glob("*.CITE.md"))]
    assert sorted(told(talk)) == sorted(names)
    assert [int(stem.partition("-")[0]) for stem in stems] == list(range(1, len(names) + 1))
    files = {path.name for path in talk.iterdir()}
    for stem in stems:
        assert {f"{stem}{ending}" for ending in ENDINGS} <= files
    assert told(talk)[:3] == ["ranking-primes-quick", "speedup", "ranking-downloads-quick"], (
        "both use the CPU, says the run"
    )


@pytest.mark.long
def test_slides_have_the_pixels_of_a_projector(talk):
    pictures = list(talk.glob("*.png"))
    assert pictures
    for path in pictures:
        with Image.open(path) as picture:
            assert picture.size == (1920, 1080), path.name


def test_what_can_be_drawn_has_the_name_of_what_is_drawn(results):
    drawn = {each.name: chart for each in drawings(results) if (chart := each.draw()) is not None}
    assert drawn and all(chart.name == name for name, chart in drawn.items())
    assert set(kinds.KINDS) <= set(KINDS)
    assert all(kinds.kind_of(each.kind).shows for each in drawings(results))


@pytest.mark.long
def test_each_slide_claims_what_its_own_chart_is_headed_by(results, talk):
    titles = {chart.name: chart.title for chart in charts(results)}
    assert len(set(titles.values())) == len(titles)
    for name, title in titles.items():
        text = cited(talk, name)
        assert text.startswith(f"# {title}\n")
        assert claim(text).startswith(f"{title}.\n\nThe chart shows ")
        others = {other for other in titles.values() if other in claim(text)} - {title}
        assert not others, "and no other chart's"
        assert ("has the lowest time, " in claim(text).partition("The chart shows")[2]) == name.startswith("ranking-")


def test_the_ten_most_telling_are_made_and_as_many_as_are_asked_for(results, talk, tmp_path):
    few = made(results, tmp_path, Choice(top=3))
    assert told(few) == told(talk)[:3]
    assert len(list(few.glob("*.svg"))) == 6, "and none is left that was drawn in vain"
    assert Choice().top == 10


def test_slides_of_some_work_and_of_some_kinds_are_made(results, tmp_path):
    chosen = made(results, tmp_path, Choice(["down*"], ["ranking", "over*"], None))
    assert told(chosen) == ["ranking-downloads-quick", "over-time-downloads-quick"]
    for path in [*chosen.glob("*.CITE.md"), chosen / "README.md"]:
        assert (
            f"report {results.path.name} --talk --workload 'down*' --chart 'ranking,over*' --top all\n"
            in path.read_text()
        )


def test_what_is_not_there_is_said_with_what_is(results, tmp_path):
    with pytest.raises(UnknownNameError, match="unknown workload 'downlods'; did you mean 'downloads'"):
        made(results, tmp_path, Choice(["downlods"]))
    with pytest.raises(UnknownNameError, match="unknown kind of chart 'rankin'; did you mean 'ranking'"):
        made(results, tmp_path, Choice(charts=["rankin"]))
    with pytest.raises(UsageError, match="has no chart of kind latencies of primes; leave out --chart to see"):
        made(results, tmp_path, Choice(["primes"], ["latencies"]))
    assert not list(tmp_path.rglob("*.png"))


@pytest.mark.parametrize(
    "ask", [Choice(), Choice(["a*", "b c"]), Choice((), ["ranking"], 3), Choice(["x"], ["y", "z"], None)]
)
def test_the_options_of_a_choice_ask_for_it(ask):
    words_of = iter(shlex.split(ask.options))
    given = dict(zip(words_of, words_of, strict=True))
    assert given.get("--workload", "").split(",") == (list(ask.workloads) or [""])
    assert given.get("--chart", "").split(",") == (list(ask.charts) or [""])
    assert given.get("--top", "10") == ("all" if ask.top is None else str(ask.top))


def test_the_claim_has_the_summaries_numbers(results, talk):
    for group in results.groups:
        text = cited(talk, f"ranking-{file_name(group)}")
        best = group.ranked[0]
        told = next(line for line in text.splitlines() if "has the lowest time" in line and "interval" in line)
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
            assert said in told
        for each in group.ranked:
            cells = (
                group.labels[each.case.key],
                units.seconds(each.wall.centre),
                words.interval(each.wall),
                units.ratio(each.speedup.centre),
            )
            assert f"| {group.name} {group.scale} | " + " | ".join(cells) + " | " in text


def test_the_numbers_of_a_slide_are_those_of_its_kind(results, talk):
    (group,) = [each for each in results.groups if each.workload == "primes"]
    pool = next(each for each in group.ranked if each.case.strategy == "process_pool")
    once = " | ".join(units.seconds(each) for each in (pool.one_shot_s, pool.start_s, pool.cold_s, pool.stop_s))
    assert f"| process_pool ×2 | {once} |" in cited(talk, "phases-primes-quick")
    used = f"| process_pool ×2 | {units.count(pool.cost.cores_used)} | "
    assert used in cited(talk, "over-time-primes-quick")


def test_numbers_of_curves_have_the_ratio_that_the_chart_shows(tmp_path):
    results = builders.results(builders.degraded_run(), tmp_path)
    text = cited(made(results, tmp_path / "reports", Choice(charts=["scaling"])), "scaling-primes-quick")
    assert "| work | strategy | workers | round | speed-up | its interval | over | its round | blocks |" in text
    rows = re.findall(r"^\| primes quick \| (\w+) \| (\d) \|", text, re.MULTILINE)
    assert [workers for name, workers in rows if name == rows[0][0]] == ["1", "2", "4"]


def test_slides_of_faults_claim_what_their_own_faults_show(tmp_path):
    run = faulty_run(OUTCOMES * 12)  # 20 faults: two slides
    path = builders.stored(run, tmp_path)
    made = build_talk(path, run, tmp_path / "reports", ALL)
    assert [each.picture.name for each in made.slides] == ["1-faults", "2-faults"]
    titles = [fault.title for fault in fault_table(run).faults if fault.cells]
    shown = []
    for each in made.slides:
        text = unescaped((made.folder / f"{each.picture.name}.CITE.md").read_text())
        assert claim(text).startswith(f"{each.picture.title}.\n\nThe chart shows what came of each fault")
        assert "10 faults" in each.picture.title or "faults under" in text
        table = text.partition("## Numbers")[2].partition("## Conditions")[0]
        shown += list(dict.fromkeys(re.findall(r"^\| (title .*?) \|", table, re.MULTILINE)))
    assert shown == titles
    one = build_talk(path, run, tmp_path / "reports", Choice(["fault_1"]))
    assert [each.picture.name for each in one.slides] == ["1-faults"]
    assert not (one.folder / "2-faults.png").exists()
    with pytest.raises(UnknownNameError, match="unknown kind of chart of a run of faults 'ranking'; known: faults"):
        build_talk(path, run, tmp_path / "reports", Choice(charts=["ranking"]))


@pytest.mark.long
def test_the_hash_is_the_files_and_the_commands_are_the_runs(results, talk):
    digest = hashlib.sha256(results.path.read_bytes()).hexdigest()
    for path in [*talk.glob("*.CITE.md"), talk / "README.md"]:
        text = path.read_text()
        assert digest in text
        assert f"    python -m bench report {results.path.name} --talk --top all\n" in text
        assert f"    {results.run.header.command}\n" in text
        if path.name != "README.md":
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
    run = builders.run([block(one, reason="")], [one])
    results = builders.results(run, tmp_path)
    header = replace(
        run.header, command=f"{evil}\n# owned", environment=replace(run.header.environment, cpu_model=evil)
    )
    results = replace(results, run=replace(run, header=header))
    talk = made(results, tmp_path / "reports")
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
    made(results, talk.parent.parent)
    assert not stale.exists()
    assert {name: (talk / name).read_bytes() for name in mine} == mine
    assert {path.name: path.read_bytes() for path in talk.glob("*.md")} == before
    for name in mine:
        (talk / name).unlink()


@given(st.text(max_size=60), st.text(max_size=60))
def test_braces_of_bibtex_are_balanced_whatever_a_file_says(cpu, tool):
    run = builders.run([], [])
    header = replace(run.header, tool=tool, environment=replace(run.header.environment, cpu_model=cpu))
    text = cite.bibtex(replace(run, header=header), cite.Source("x.jsonl", "0" * 64))
    depth = 0
    for character in text:
        depth += (character == "{") - (character == "}")
        assert depth >= 0
    assert depth == 0
    assert len(re.findall(r"^@\w+\{[A-Za-z0-9.:-]+,$", text, re.MULTILINE)) == 2
    assert len(text.splitlines()) == len(text.split("\n")), "a line is a line to every reader"


def test_the_command_says_what_it_made_and_refuses_what_it_cannot_do(bench, results, tmp_path):
    done = bench("report", str(results.path), "--talk", "--top", "2")
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    folder = tmp_path / lines[-1]
    assert Path(lines[-1]) == Path("reports") / results.run.header.id / "talk"
    titles = [
        unescaped((folder / f"{name}.CITE.md").read_text().partition("\n")[0])
        for name in ("1-ranking-primes-quick", "2-speedup")
    ]
    assert lines[:-1] == [
        "2 slides, each with its claim in a CITE.md:",
        "",
        "1-ranking-primes-quick.png",
        f"    {titles[0].removeprefix('# ')}",
        "2-speedup.png",
        f"    {titles[1].removeprefix('# ')}",
        "",
        "For other slides: --top 30 or --top all; --workload NAME,…; --chart KIND,…",
    ]
    for more in (["--json"], ["--no-png"], [str(results.path)]):
        wrong = bench("report", str(results.path), "--talk", *more)
        assert wrong.returncode == 2
        assert wrong.stderr.startswith("error: --talk")
    wrong = bench("report", str(results.path), "--top", "3", "--chart", "ranking")
    assert (wrong.returncode, wrong.stderr) == (2, "error: --chart and --top choose slides; add --talk\n")
    for top in ("0", "ten"):
        assert "--top" in bench("report", "--talk", "--top", top).stderr


def test_the_help_names_the_kinds_of_charts(bench):
    told = " ".join(bench("report", "--help").stdout.split())
    assert set(told.partition("of these kinds (all): ")[2].partition(";")[0].split(", ")) == set(kinds.KINDS)


@pytest.mark.long
def test_a_plain_talk_is_of_the_latest_run_that_has_slides(bench, results, tmp_path):
    folder = tmp_path / "results"
    folder.mkdir()
    faults, check = ("20270101T000000Z-aaaaaa", "20270102T000000Z-bbbbbb")
    (folder / results.path.name).write_bytes(results.path.read_bytes())
    of_faults = faulty_run([(Outcome.OK, ""), (Outcome.TIMED_OUT, "")])
    builders.stored(replace(of_faults, header=replace(of_faults.header, id=faults)), folder)
    done = bench("report", "--talk")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines()[-1] == f"reports/{faults}/talk"
    of_check = gated([1.0, 1.1])
    builders.stored(replace(of_check, header=replace(of_check.header, id=check)), folder)
    done = bench("report", "--talk")
    assert done.stdout.splitlines()[-1] == f"reports/{faults}/talk"
    assert done.stderr == f"note: the latest run, {check}, is of a check, which has no slides; these are of {faults}\n"
    wrong = bench("report", "--talk", check)
    assert (wrong.returncode, wrong.stdout) == (2, "")
    assert wrong.stderr == f"error: run {check} is of a check, which has no charts for a talk; see it with: report\n"

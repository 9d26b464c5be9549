"""The tour for teachers: what its lessons say follows from the numbers, and its page shows the code that was measured.

`python -m tests.report.test_tour` writes the golden files anew; look at the difference before committing it.
"""

import inspect
import re
import shlex
from dataclasses import replace
from io import StringIO
from pathlib import Path

import pytest
from rich.console import Console

from bench.analysis.estimates import Estimate
from bench.analysis.tour.lessons import LESSONS, Kept, Lost, Met, Ratio
from bench.analysis.tour.taught import LITTLE, Found, Taught, Verdict, of_run, verdict_on
from bench.cli import run_command
from bench.cli.options import run_request
from bench.measure.plan import catalogue
from bench.measure.plan.fault_cases import SOURCES, expand
from bench.plugins import registry
from bench.records.block import Outcome
from bench.report.tour import build, code, text, words
from bench.sessions.run import planned_cases
from bench.store.runs import read
from tests import builders, lessons
from tests.browser import in_browser, is_wider_than_the_screen, serious_violations
from tests.conftest import ROOT

GOLDEN = ROOT / "tests" / "golden"


def terminal(taken):
    stream = StringIO()
    Console(file=stream, width=100, highlight=False).print(text.terminal_text(taken))
    return "".join(f"{line.rstrip()}\n" for line in stream.getvalue().splitlines())


def golden():
    return {
        "tour-shown.txt": terminal(lessons.shown()),
        "tour-not-shown.txt": terminal(lessons.not_shown()),
    }


@pytest.mark.parametrize("name", ["tour-shown.txt", "tour-not-shown.txt"])
def test_what_is_said_is_as_in_the_golden_files(name):
    assert golden()[name] == (GOLDEN / name).read_text()


def test_threads_that_gain_are_said_to_gain_and_the_gil_is_that_of_the_interpreter():
    with_gil, without = lessons.gil(), lessons.gil(threads_s=0.054, environment=lessons.FREE_THREADED)
    assert "Two threads do not speed up Python arithmetic, 0.990×" in words.sentence(with_gil)
    assert words.sentence(without).startswith("Two threads make Python arithmetic 1.85× (1.83–1.87) as fast;")
    assert words.behind(with_gil).startswith("This Python has a GIL")
    assert words.behind(without).startswith("This Python runs without a GIL")
    gains = lessons.gil(threads_s=0.054)
    assert "Two threads make Python arithmetic 1.85×" in words.sentence(gains), (
        "measured, whatever the interpreter says"
    )


@pytest.mark.parametrize(
    ("low", "high", "verdict"),
    [
        (1.05, 1.2, Verdict.MORE),
        (0.95, 1.05, Verdict.LEVEL),
        (1.01, 1.09, Verdict.LEVEL),
        (0.5, 0.99, Verdict.LESS),
        (0.5, 1.05, Verdict.NO_MORE),
        (0.5, 1.2, Verdict.OPEN),
        (None, None, Verdict.OPEN),
    ],
)
def test_a_verdict_follows_from_the_interval_alone(low, high, verdict):
    assert verdict_on(Estimate(3.0, low, high, 0.95, 8)) is verdict
    assert LITTLE == 1.1


def test_few_blocks_give_no_verdict_and_say_why():
    assert words.sentence(lessons.gil(count=5)) == (
        "Not shown here: whether two threads speed up Python arithmetic, 0.990× (n = 5; 6 are needed for 95 %); "
        "not shown here: whether two processes speed it up, 1.82× (n = 5; 6 are needed for 95 %)."
    )


def test_a_ratio_is_the_one_that_the_report_of_the_run_shows():
    from bench.analysis.summary import summarise

    lesson = lessons.gil()
    assert lesson.run is not None
    speedups = {each.case.strategy: each.speedup for each in summarise(lesson.run)}
    for found, strategy in zip(lesson.found, ("thread_pool", "process_pool"), strict=True):
        assert found.ratio.centre == pytest.approx(speedups[strategy].centre)
        assert (found.ratio.low, found.ratio.high) == pytest.approx((speedups[strategy].low, speedups[strategy].high))


def test_updates_that_are_lost_in_spite_of_a_lock_are_told_and_nothing_is_claimed_of_its_cost():
    lesson = lessons.locks()
    blocks = [
        replace(each, outcome=Outcome.WRONG, reason=lessons.said_of(7)) if "/value/" in each.case else each
        for each in lesson.run.blocks
    ]
    told = words.sentence(of_run(lesson.lesson, lesson.path, replace(lesson.run, blocks=blocks)))
    assert "updates went wrong even with a lock: the state adds up to 2993, not 3000" in told
    assert "not measured here: what a lock costs" in told


def test_a_lesson_that_was_not_measured_says_why_and_what_failed_is_named():
    absent = Taught(LESSONS["gil"], None, None, reason="it takes 2 CPUs, and this process may use 1")
    assert words.sentence(absent) == "Not measured here: it takes 2 CPUs, and this process may use 1."
    assert "Not measured here: it takes 2 CPUs" in terminal([absent, lessons.waiting()])
    lesson = lessons.gil()
    failed = [
        replace(each, outcome=Outcome.FAILED, reason="OSError: no room") if "process_pool" in each.case else each
        for each in lesson.run.blocks
    ]
    told = words.sentence(of_run(lesson.lesson, lesson.path, replace(lesson.run, blocks=failed)))
    assert told.endswith("not measured here: two processes on Python arithmetic (OSError: no room).")


def test_one_cpu_an_interruption_and_too_little_time_are_noted():
    alone = replace(builders.ENVIRONMENT, usable_cores=1)
    assert list(words.notes(lessons.messages(environment=alone))) == [
        "Measured on one CPU: processes take turns on it."
    ]
    assert list(words.notes(lessons.waiting(environment=alone))) == []
    for status, told in (("interrupted", "Interrupted: "), ("budget", "The time was over ")):
        lesson = lessons.messages()
        cut = replace(lesson.run, ending=replace(lesson.run.ending, status=status))
        assert [each.startswith(told) for each in words.notes(replace(lesson, run=cut))] == [True]


RATIO = Estimate(1.5, 1.4, 1.6, 0.95, 8)
CELL = lessons.hang().found[1].cell
CAN_BE = {
    Ratio: [Verdict.MORE, Verdict.LEVEL, Verdict.LESS, Verdict.NO_MORE, Verdict.OPEN],
    Lost: [Verdict.LOST, Verdict.NONE_LOST],
    Kept: [Verdict.LOST, Verdict.NONE_LOST],
    Met: [Verdict.HANGS, Verdict.RAISES, Verdict.ENDS_OTHERWISE],
}


@pytest.mark.parametrize("name", LESSONS)
def test_every_claim_has_words_for_all_that_can_be_found_of_it(name):
    lesson = next(each for each in lessons.shown() if each.lesson.name == name)
    for claim in lesson.lesson.claims:
        told = {}
        for verdict in (*CAN_BE[type(claim)], Verdict.UNMEASURED):
            found = Found(claim.name, verdict, RATIO, 3, 10, CELL, "a reason")
            told[verdict] = words.sentence(replace(lesson, found=(found,)))
            assert "{" not in told[verdict]
        assert told[Verdict.UNMEASURED].endswith("(a reason).")
        if isinstance(claim, Ratio):
            assert told[Verdict.OPEN].startswith("Not shown here: ")
            assert "1.50× (1.40–1.60)" in told[Verdict.MORE]
            assert told[Verdict.MORE] not in (told[Verdict.LESS], told[Verdict.LEVEL])
    assert words.BEHIND[name]
    assert words.NEXT[name]


def test_a_pool_that_gives_results_nevertheless_is_no_hang():
    told = words.sentence(lessons.hang(pool_map=(Outcome.OK, "")))
    assert told.startswith(
        "Not shown here: that Pool.map hangs after a worker is killed, as what came was the right results;"
    )


def commands():
    for lesson in LESSONS.values():
        yield words.again(lesson)
        yield words.following(lesson)[1]


def test_a_machine_that_was_busy_before_is_said_to_have_been_and_the_tours_own_load_is_not_counted():
    crowded = replace(builders.ENVIRONMENT, load_1m=3.2)
    first, later = lessons.gil(environment=crowded), lessons.messages(environment=crowded)
    assert words.busy([first, lessons.messages()]) == (
        "3.2 processes were running on 2 CPUs before the tour: on an idle machine the intervals are narrower."
    )
    assert "3.2 processes were running on 2 CPUs" in terminal([first])
    assert words.busy([lessons.gil(), later]) == ""
    assert words.busy([]) == ""


def test_every_command_of_the_tour_measures_what_it_names():
    found = catalogue.find(SOURCES)
    for command in dict.fromkeys(commands()):
        python, _, bench, name, *arguments = shlex.split(command)
        assert (python, bench) == ("python", "bench")
        if name == "faults":
            wanted = dict(zip(arguments[::2], arguments[1::2], strict=True))
            strategies = wanted.get("--strategy", "serial,pool_map").split(",")
            assert expand(found, wanted["--fault"].split(","), strategies, None, builders.PYTHON)
            continue
        assert name == "run"
        given = run_command.command.make_context("run", list(arguments)).params
        options = {
            key: value for key, value in given.items() if key not in ("selection", "resume", "as_json", "as_csv")
        }
        planned = planned_cases(found, run_request(given["selection"], **options), 2)
        assert {each.strategy.name for each in planned} >= {each for group in given["strategy"] for each in group}, (
            command
        )


def test_the_page_of_the_docs_has_all_lessons_in_their_order_with_their_commands():
    page = (ROOT / "docs" / "tour.md").read_text()
    assert re.findall(r"^\| `(\w+)` \|", page, re.MULTILINE) == list(LESSONS)
    shown = page.partition("```text\n")[2].partition("```")[0]
    for number, lesson in enumerate(LESSONS.values()):
        assert shown.split("\n\n")[number].startswith(f"{lesson.title}\n")
        assert words.again(lesson) in re.sub(r" \\\n +", " ", shown)


@pytest.mark.parametrize("name", LESSONS)
def test_the_code_is_that_of_the_functions_which_are_measured(name):
    lesson = LESSONS[name]
    found = {each.name: each for each in code.listings(lesson)}
    assert next(iter(found)) == lesson.workload
    for strategy in lesson.strategies:
        source = inspect.getsource(inspect.unwrap(registry.strategies[strategy].open))
        assert found[strategy].text == source
        assert (
            re.sub("<[^>]+>", "", found[strategy].html)
            .replace("&quot;", '"')
            .replace("&#39;", "'")
            .replace("&gt;", ">")
            .replace("&lt;", "<")
            .replace("&amp;", "&")
            == source
        )
    assert "def " in found[lesson.workload].text


@pytest.fixture(scope="module")
def page(tmp_path_factory) -> Path:
    taken = [
        *lessons.shown()[:-1],
        Taught(LESSONS["cold"], None, None, reason="the tour was <b>interrupted</b> before it"),
    ]
    path = build.build_page(taken, tmp_path_factory.mktemp("tour"))
    assert path is not None
    return path


@pytest.mark.many(1)
@in_browser
@pytest.mark.parametrize("width", [390, 1280, 1920])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_page_fits_the_screen_and_keeps_nobody_out(visited, page, width, scheme):
    opened = visited(page, width=width, color_scheme=scheme)
    assert not is_wider_than_the_screen(opened)
    assert serious_violations(opened) == []
    assert opened.locator("section.lesson").count() == len(LESSONS)


@in_browser
def test_the_page_has_of_each_lesson_its_sentence_chart_code_and_command(visited, page):
    opened = visited(page)
    for lesson in lessons.shown()[:-1]:
        section = opened.locator(f"section[aria-labelledby={lesson.lesson.name}]")
        assert section.locator(".says").inner_text() == words.sentence(lesson)
        assert section.locator("figure img").count() == 1
        assert section.locator("figure img").evaluate("each => each.complete && each.naturalWidth > 0")
        assert section.locator("pre.command").first.inner_text() == words.again(lesson.lesson)
        assert section.locator("pre:not(.command)").count() == len(code.listings(lesson.lesson))
    absent = opened.locator("section[aria-labelledby=cold]")
    assert absent.locator(".says").inner_text() == "Not measured here: the tour was <b>interrupted</b> before it."
    assert absent.locator("figure").count() == 0
    listed = opened.locator(".takeaways li").all_inner_texts()
    assert [
        each.endswith(words.sentence(lesson)) for each, lesson in zip(listed[:-1], lessons.shown(), strict=False)
    ] == [True] * (len(LESSONS) - 1)


@in_browser
def test_on_paper_each_lesson_begins_a_page_and_no_code_is_cut(visited, page):
    opened = visited(page, width=720)
    opened.emulate_media(media="print")
    assert opened.locator("section.lesson").first.evaluate("each => getComputedStyle(each).breakBefore") == "page"
    cut = "all => all.filter(each => each.scrollWidth > each.clientWidth + 1).length"
    assert opened.locator("pre").evaluate_all(cut) == 0


def test_a_page_is_one_file_that_asks_for_nothing(page):
    html = page.read_text()
    assert not re.search(r"""(?:src|href)=["'](?!data:|#)""", html)
    assert "<script" not in html
    assert not re.search(r"url\((?!%23)", html), "but parts of a picture by the picture itself"
    assert not re.search(r"<b>interrupted</b>", html)


def test_no_page_is_made_of_nothing(tmp_path):
    absent = [Taught(each, None, None, reason="no time") for each in LESSONS.values()]
    assert build.build_page(absent, tmp_path) is None
    assert list(tmp_path.iterdir()) == []


@pytest.mark.long
def test_a_quick_tour_measures_all_lessons_and_ends_in_a_page(bench, tmp_path):
    done = bench("tour", "--quick", timeout=400)
    assert done.returncode == 0, done.stderr
    page = tmp_path / done.stdout.strip().splitlines()[-1]
    html = page.read_text()
    runs = {run.header.plan.cases[0].workload: run for run in map(read, sorted((tmp_path / "results").glob("*.jsonl")))}
    for lesson in LESSONS.values():
        assert lesson.title in done.stdout
        assert f'<h2 id="{lesson.name}">' in html
        assert lesson.workload in runs
    assert "Pool.map hangs: no result and no exception within 4.00 s" in done.stdout
    assert re.search(r"without a lock two threads lose [\d,]+ of 1,000 updates", done.stdout, re.IGNORECASE)
    assert "Not measured here" not in done.stdout
    for path in (tmp_path / "results").glob("*.jsonl"):
        assert bench("report", str(path)).returncode == 0


if __name__ == "__main__":
    for file, told in golden().items():
        (GOLDEN / file).write_text(told)

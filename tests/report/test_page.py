"""The page of a report in a real browser: what it loads, shows, sorts and keeps, with scripts and without, and on paper."""

import re
import time
from dataclasses import replace
from pathlib import Path

import pytest

from bench.analysis import glossary
from bench.analysis.standing import standing
from bench.analysis.summary import summarise
from bench.records.block import Outcome
from bench.report.drawing.pictures import Picture
from bench.report.kit.column import number
from bench.report.kit.results import load_results
from bench.report.kit.table import Column
from bench.report.run import page as pages
from bench.report.run.build import build_report
from bench.report.run.case_tables import results_table
from bench.report.run.cells import columns
from bench.report.run.winners import winners
from tests import builders
from tests.analysis.test_summary import serving
from tests.browser import in_browser, is_wider_than_the_screen, serious_violations
from tests.builders import block, case
from tests.conftest import ROOT

EVIL = "<script>alert(1)</script>"
PICTURE = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 160 90"><defs></defs><text x="9" y="50">a</text></svg>'

TOP_OF = "document.getElementById('{}').getBoundingClientRect().top"


def pictures(results):
    """Small ones with the names that a report's have."""
    names = [f"{kind}-{pages.file_name(group)}" for group in results.groups for kind in pages.GROUP_CHARTS]
    return [
        Picture(name, f"title of {name}", f"numbers of {name} {EVIL}", PICTURE, (".svg",))
        for name in ["speedup", *names]
    ]


def write(results, folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "index.html"
    path.write_text(pages.html(results, pictures(results)), encoding="utf-8")
    return path.absolute()


@pytest.fixture(scope="module")
def results(tmp_path_factory):
    return builders.results(builders.typical_run(), tmp_path_factory.mktemp("run"))


@pytest.fixture(scope="module")
def file(results, tmp_path_factory):
    return write(results, tmp_path_factory.mktemp("page"))


@pytest.fixture
def opened(visited, file):
    """Open the page, or another one."""
    return lambda state="", path=file, **options: visited(path, state, **options)


def names(page, kind="results", number=0):
    """The names in a table, those of rows that show."""
    return page.locator(f"table[data-kind={kind}]").nth(number).locator("tbody tr:visible th").all_inner_texts()


def until(page, expression, value):
    """Wait for what an event brings; Playwright's own waiting needs the eval that the page's policy forbids."""
    deadline = time.monotonic() + 10
    while (found := page.evaluate(expression)) != value:
        assert time.monotonic() < deadline, f"{expression} is {found!r}"
        page.wait_for_timeout(10)


def many_workloads(tmp_path, names=tuple(f"work_{n}" for n in range(8))):
    """Eight waiting workloads of two strategies, six blocks each: each gains a little more than the one before."""
    cases = [case(each, name, workers=2) for name in names for each in ("serial", "threads")]
    blocks = [
        block(each, n, [wall] * 3, cores=0.01)
        for each in cases
        for n in range(6)
        for wall in (0.1 / (1 + int(each.workload[-1]) / 10) if each.strategy == "threads" else 0.1,)
    ]
    return builders.results(builders.run(blocks, cases, works={}), tmp_path / "run")


@in_browser
def test_the_first_screen_answers_of_each_workload_what_to_use_what_it_gains_and_costs_and_what_to_mind(opened):
    page = opened()
    rows = page.locator(".answers tbody tr")
    first, second = (rows.nth(n).inner_text().replace("\n", " ").replace("\t", " ") for n in range(2))
    for part in (
        "CPU work in Python",
        "process_pool ×2",
        "1.82× 1.82–1.82",
        "loop 205 ms → 113 ms",
        "CPU 102 ms → 56.4 ms 10.0 MB → 10.0 MB",
        "threads do not help: threads, 1.02× slower",
    ):
        assert part in first
    assert "loop 100 ms → 60.5 ms" in second
    assert "process_pool ×2 failed" in second
    box = page.locator(".answers").bounding_box()
    assert box["y"] + box["height"] <= 800
    phone = opened(width=390)
    assert phone.locator(".answers").bounding_box()["width"] <= 390
    assert "careful: " in phone.locator(".careful span").first.evaluate(
        "each => getComputedStyle(each, '::before').content"
    )


@in_browser
def test_many_workloads_are_answered_by_kind_and_each_is_folded_until_somebody_asks(opened, tmp_path):
    path = write(many_workloads(tmp_path), tmp_path / "page")
    page = opened(path=path)
    (answer,) = page.locator(".answers tbody tr").all_inner_texts()
    assert "1.30×" in answer, "work_3, the fourth of eight gains"
    assert "same on 6 others; not on work_0" in answer
    assert page.locator("details.workload[open]").count() == 0
    page.locator(".answers a").click()
    until(page, "document.querySelectorAll('details.workload[open]').length", 1)
    assert page.locator("details.workload[open] h3").inner_text() == "work_3"
    assert page.locator("#w4 table").first.is_visible()
    top = page.locator("details.workload[open] > summary").bounding_box()["y"]
    assert page.locator("nav").bounding_box()["height"] - 1 <= top <= 400, "below the contents, and in sight"
    page.locator("#q").fill("work_6")
    assert (
        page.locator("details.workload:visible").count() == page.locator("details.workload[open]:visible").count() == 1
    )
    page.locator("#q").fill("")
    assert page.locator("details.workload[open]").count() == 1, "what the filter opened is folded again"
    page.get_by_role("button", name="Open all").click()
    assert page.locator("details.workload[open]").count() == 8


@in_browser
@pytest.mark.parametrize("scripts", [True, False])
def test_an_address_opens_what_it_is_of_with_scripts_and_without(opened, tmp_path, scripts):
    path = write(many_workloads(tmp_path), tmp_path / "page")
    page = opened("#w6", path, java_script_enabled=scripts)
    assert page.locator("#w6 table").first.is_visible()
    assert page.locator("details.workload[open]").count() == 1
    assert opened("#method", path, java_script_enabled=scripts).locator("#method li").first.is_visible()


@in_browser
def test_the_contents_stay_in_view_and_fold_on_a_phone(opened):
    for width in (390, 1280, 1920):
        page = opened(width=width)
        page.evaluate("scrollTo(0, 3000)")
        until(page, "scrollY > 500", value=True)
        assert page.locator("nav").bounding_box()["y"] == 0
        link = page.locator("nav a", has_text="Limits")
        assert link.is_visible() == (width > 390)
        if width == 390:
            page.locator("nav summary").click()
        link.click()
        until(page, f"{TOP_OF.format('findings')} >= 0 && {TOP_OF.format('findings')} < innerHeight", value=True)
        assert page.locator("nav summary").is_visible() == (width == 390)
    phone = opened(width=390, java_script_enabled=False)
    phone.locator("nav summary").click()
    assert phone.locator("nav a", has_text="Limits").is_visible()


@in_browser
def test_the_words_that_the_page_uses_are_explained_in_it_as_explain_does(opened):
    page = opened()
    assert not page.locator("#words").is_visible()
    page.locator("summary", has=page.locator("h2", has_text="Words")).click()
    names = page.locator("#words dt").all_inner_texts()
    meanings = page.locator("#words dd").all_inner_texts()
    assert {"block", "round", "bound", "level", "case", "base", "GIL", "pickling"} <= {*names}
    assert meanings == [glossary.term(name).meaning.replace("`", "") for name in names]


@in_browser
def test_a_wide_screen_is_used(opened):
    page = opened(width=1920)
    main = page.locator("main").bounding_box()
    assert main["width"] > 1500
    assert page.locator("nav").bounding_box()["width"] + main["width"] > 1800


@pytest.mark.long
@in_browser
def test_contents_that_are_higher_than_the_screen_can_be_scrolled_by_keys(opened, tmp_path):
    path = write(many_workloads(tmp_path, [f"work_{n}_{n}" for n in range(40)]), tmp_path / "page")
    page = opened(path=path, width=1920)
    nav = page.locator("nav")
    assert nav.evaluate("each => each.scrollHeight > each.clientHeight")
    assert serious_violations(page) == []
    page.locator("nav a", has_text="Raw data").focus()
    assert nav.evaluate("each => each.scrollTop") > 0


@pytest.mark.long
@in_browser
def test_the_published_run_takes_less_than_twelve_screens_before_anything_is_opened(opened, tmp_path):
    """Of the largest published run; its answers are on the first of them."""
    largest = max((ROOT / "results" / "reference").glob("*.jsonl"), key=lambda path: path.stat().st_size)
    page = opened(path=build_report(load_results(largest), tmp_path, png=False))
    assert page.evaluate("document.documentElement.scrollHeight") < 12 * 800
    assert page.locator(".answers tbody tr").count() == 10
    box = page.locator(".answers").bounding_box()
    assert box["y"] + box["height"] <= 800
    for width in (390, 1280, 1920):
        assert not is_wider_than_the_screen(opened(path=page_path(page), width=width))


def page_path(page) -> Path:
    return Path(page.url.removeprefix("file://"))


@in_browser
def test_a_header_sorts_by_the_numbers_and_keeps_failed_cases_last(opened):
    page = opened()
    assert names(page, number=1) == ["threads", "serial", "process_pool ×2"]
    memory = page.locator("table[data-kind=results]").nth(1).get_by_role("button", name="round", exact=True)
    memory.click()
    assert names(page, number=1) == ["threads", "serial", "process_pool ×2"]
    memory.press("Enter")
    assert names(page, number=1) == ["serial", "threads", "process_pool ×2"], "failed is last in either direction"
    head = page.locator("table[data-kind=results] th[data-key=round]").nth(1)
    assert head.get_attribute("aria-sort") == "descending"
    assert names(page, number=0) == ["threads", "serial", "process_pool ×2"], "the other workloads' tables follow"
    memory.click()
    assert head.get_attribute("aria-sort") is None
    assert names(page, number=0) == ["process_pool ×2", "serial", "threads"]


@in_browser
def test_sorting_filter_and_columns_are_in_the_address_and_come_back_from_it(opened):
    page = opened()
    page.locator("#q").fill("primes")
    page.locator("#is").select_option("faster")
    page.get_by_text("Columns", exact=True).click()
    page.get_by_label("memory", exact=True).uncheck()
    page.locator("table[data-kind=use]").first.locator("xpath=ancestor::details[1]/summary").click()
    page.locator("table[data-kind=use]").first.get_by_role("button", name="CPU").click()
    state = page.evaluate("location.hash")
    again = opened(state)
    for each in (page, again):
        assert names(each) == ["process_pool ×2"]
        assert each.locator("#shown").inner_text() == "1 of 6 cases shown, of 1 of 2 workloads."
        assert each.locator("details.workload:visible").count() == 1
        assert not each.locator("table[data-kind=results] th[data-key=memory]").first.is_visible()
        assert each.locator("table[data-kind=use] th[data-key=cpu]").first.get_attribute("aria-sort") == "ascending"
    assert again.locator("#q").input_value() == "primes"
    assert again.evaluate("location.hash") == state
    again.locator(".contents a", has_text="Method").click()
    until(again, "location.hash", f"#method&{state[1:]}")  # the link took the state along
    until(again, f"{TOP_OF.format('method')} < 150", value=True)
    again.get_by_role("button", name="Show all").click()
    until(again, "location.hash", "#method")
    assert len(names(again, number=1)) == 3


@in_browser
def test_an_address_that_somebody_made_up_does_no_harm(opened):
    page = opened(f"#nowhere&q=no%3Cb%3E&is={EVIL}&hide=round%20nothing&sort-results=ascending%20nothing&sort-x=&%zz=1")
    assert page.locator("#shown").inner_text() == "0 of 6 cases shown, of 0 of 2 workloads."
    assert page.locator("#is").input_value() == ""
    page.get_by_role("button", name="Show all").click()
    until(page, "location.hash", "#nowhere")
    assert names(page) == ["process_pool ×2", "serial", "threads"]


@pytest.mark.many(1)
@in_browser
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1280, 1920])
def test_axe_finds_nothing_serious_and_nothing_is_wider_than_the_screen(opened, scheme, width):
    page = opened(width=width, color_scheme=scheme)
    page.get_by_text("Columns", exact=True).click()
    if width == 390:
        page.locator("nav summary").click()
    assert serious_violations(page) == []
    assert not is_wider_than_the_screen(page)


@in_browser
def test_without_scripts_every_table_and_figure_shows_and_no_control(opened, results):
    page = opened(java_script_enabled=False, width=390)
    assert page.locator("img:visible").count() == 1 + len(pages.GROUP_CHARTS) * len(results.groups)
    assert page.locator("table[data-kind=results]:visible").count() == 2
    assert page.locator(".answers:visible").count() == 1
    assert not page.locator("table[data-kind=matrix-map]").is_visible(), "the chart has its numbers, too"
    page.get_by_text("Pattern map as a table").click()
    assert page.locator("table[data-kind=matrix-map]").is_visible()
    assert page.locator("#controls").is_hidden()
    assert page.locator("thead button").count() == 0
    assert page.locator(".skip").get_attribute("href") == "#answers"


@in_browser
def test_a_print_has_all_that_is_folded_and_nothing_to_click(opened):
    for scripts in (True, False):
        page = opened(java_script_enabled=scripts)
        page.emulate_media(media="print")
        assert page.locator("#controls").is_hidden()
        assert page.locator("nav").is_hidden()
        for table in page.locator("table").all():
            assert table.is_visible()
        assert page.locator("table[data-kind=counts]").first.bounding_box()["height"] > 20
        assert page.locator("img:visible").count() == page.locator("img").count()


@in_browser
def test_tables_have_captions_and_scopes_and_pictures_their_numbers(opened):
    page = opened()
    assert page.locator("table").count() == page.locator("table > caption").count()
    assert page.locator("th:not([scope])").count() == 0
    for image in page.locator("img").all():
        assert image.get_attribute("alt").endswith(EVIL), "a name is text in the alt text, too"
    assert page.evaluate("Array.from(document.images).every(image => image.naturalWidth > 0)")
    for landmark in ("banner", "navigation", "main", "contentinfo"):
        assert page.get_by_role(landmark).count() == 1
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"


@in_browser
def test_names_that_mean_harm_are_text_everywhere(opened, tmp_path):
    base, odd = case(workload=EVIL), case(f'"{EVIL}', workload=EVIL, workers=2)
    blocks = [block(each, number, [0.2, 0.1]) for number in range(2) for each in (base, odd)]
    made = builders.run(blocks, [base, odd])
    found = builders.results(made, tmp_path / "run")
    found = replace(found, run=replace(made, header=replace(made.header, id=EVIL, command=EVIL, tool=EVIL)))
    path = write(found, tmp_path / "page")
    assert EVIL not in path.read_text()
    page = opened(path=path)
    page.locator("#q").fill("script")
    assert sorted(names(page)) == sorted([f'"{EVIL} ×2', "serial"])
    assert page.locator("script").count() == 1


@in_browser
def test_the_policy_lets_nothing_run_or_load_but_the_page_itself(browser, file):
    page = browser.new_page()
    page.goto(file.as_uri())
    said = []
    page.on("console", lambda message: said.append(message.text))
    page.evaluate(
        """() => { const made = document.createElement('script'); made.textContent = 'window.owned = 1';
        document.head.append(made); const image = new Image(); image.src = 'file:///x.png'; document.body.append(image); }"""
    )
    assert page.evaluate("window.owned") is None
    assert len([each for each in said if "Content Security Policy" in each]) == 2
    page.close()


def test_pictures_beyond_what_a_page_holds_are_links_and_the_more_important_ones_stay(results, monkeypatch):
    made = pictures(results)
    monkeypatch.setattr(pages, "MOST_PICTURE_BYTES", 3 * len(made[0].data_uri))
    text = pages.html(results, made)
    assert text.count("<img") == 3
    shown = re.findall(r'alt="numbers of ([\w-]+)', text)
    assert sorted(shown) == ["ranking-downloads-quick", "ranking-primes-quick", "speedup"]
    assert "title of over-time-primes-quick" in text
    assert '<a href="over-time-primes-quick.svg"' in text


@pytest.mark.parametrize("run", [builders.typical_run, builders.degraded_run, serving])
def test_every_number_of_a_table_is_sorted_by_what_it_rounds(run, tmp_path):
    """Only intervals and amounts have no value; a cell that shows a number has one."""
    for group in builders.results(run(), tmp_path).groups:
        table = results_table(group, columns(group))
        rows = [row.cells for row in table.rows if row.instead is None]
        for heading, cells in zip(table.headings[1:], list(zip(*rows, strict=True))[1:], strict=True):
            if "interval" in heading:
                continue
            assert all((cell.text == "–") == (cell.value is None) for cell in cells), heading


def test_a_column_has_one_key_in_the_tables_of_all_workloads():
    serial, queue = (number(f"× {base}", "speedup.centre", name="× base") for base in ("serial (205 ms)", "queue"))
    assert serial.key == queue.key == "base"
    assert Column("95 % interval", str).key == "95-interval"
    one = case()
    (failed,) = summarise(builders.run([block(one, 0, [], outcome=Outcome.FAILED, reason="no")], [one]))
    assert number("round", "wall.centre").value(failed) is None


def test_that_there_are_no_intervals_is_said_once_and_no_column_is_for_them(tmp_path):
    cases = [case(), case("threads", workers=2)]
    made = builders.run([block(each, n) for n in range(3) for each in cases], cases)
    results = builders.results(made, tmp_path)
    (group,) = results.groups
    told = [*results_table(group, columns(group)).headings, *winners([group]).headings]
    assert not [each for each in told if "interval" in each]
    text = pages.html(results, [])
    before_findings = text[: text.index('id="findings"')]
    assert before_findings.count("6 are needed for a 95 % interval") == 1
    assert "n = 3 &lt;" not in text
    assert "±" not in before_findings
    assert {standing(each) for each in group.cases} == {"base", "undecided"}


def test_a_workload_without_any_time_is_in_the_overview_with_its_reason(tmp_path):
    one = case()
    made = builders.run([block(one, 0, [], outcome=Outcome.FAILED, reason="out of luck")], [one])
    results = builders.results(made, tmp_path)
    (row,) = winners(results.groups).rows
    assert ([each.text for each in row.cells], row.instead.text) == (["primes"], "no case gave a time: out of luck")
    assert pages.html(results, []).count("out of luck") >= 3

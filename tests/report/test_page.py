"""The page of a report in a real browser: what it loads, shows, sorts and keeps, with scripts and without, and on paper."""

import re
import time
from dataclasses import replace
from pathlib import Path

import pytest

from bench.analysis.standing import standing
from bench.analysis.summary import summarise
from bench.records.block import Outcome
from bench.report.drawing.pictures import Picture
from bench.report.kit.column import number
from bench.report.kit.table import Column
from bench.report.run import page as pages
from bench.report.run.case_tables import results_table
from bench.report.run.cells import columns
from bench.report.run.winners import winners
from tests import builders
from tests.analysis.test_summary import serving
from tests.browser import in_browser, is_wider_than_the_screen, serious_violations
from tests.builders import block, case

EVIL = "<script>alert(1)</script>"
PICTURE = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 160 90"><defs></defs><text x="9" y="50">a</text></svg>'


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


@in_browser
def test_the_first_screen_answers_four_questions(opened):
    page = opened()
    questions = page.locator(".answers h2")
    assert questions.all_inner_texts() == [
        "What was compared",
        "What won where, and by how much",
        "What it cost in CPU and memory",
        "What to be careful about",
    ]
    box = page.locator(".answers").bounding_box()
    assert box["y"] + box["height"] <= 800
    said = page.locator(".answers").inner_text()
    for part in (
        "2 workloads under 3 strategies, 6 cases, 6 blocks × 2 warm rounds; 1 case gave no time.",
        "primes: process_pool ×2 113 ms (113–113 ms), 1.82× (1.82–1.82) as fast as serial's 205 ms; the estimated bound is 100 ms (97.6–102 ms).",
        "primes: process_pool ×2 56.4 ms CPU (0.500 cores), 10.0 MB; serial 102 ms CPU (0.500 cores), 10.0 MB.",
        f"failed downloads process_pool ×2: ValueError: a|b {EVIL}.",
    ):
        assert part in said
    phone = opened(width=390).locator(".answers").bounding_box()
    assert phone["y"] + phone["height"] <= 2 * 844


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
    page.locator("table[data-kind=winners]").get_by_role("button", name="workload").click()
    state = page.evaluate("location.hash")
    again = opened(state)
    for each in (page, again):
        assert names(each) == ["process_pool ×2"]
        assert each.locator("#shown").inner_text() == "1 of 6 cases shown, of 1 of 2 workloads."
        assert each.locator("section.workload:visible").count() == 1
        assert not each.locator("table[data-kind=results] th[data-key=memory]").first.is_visible()
        assert names(each, "winners") == ["downloads", "primes"]
    assert again.locator("#q").input_value() == "primes"
    assert again.evaluate("location.hash") == state
    again.locator(".contents a", has_text="Method").click()
    until(again, "location.hash", f"#method&{state[1:]}")  # the link took the state along
    until(again, "document.getElementById('method').getBoundingClientRect().top < 100", value=True)
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
@pytest.mark.parametrize("width", [390, 1280])
def test_axe_finds_nothing_serious_and_nothing_is_wider_than_the_screen(opened, scheme, width):
    page = opened(width=width, color_scheme=scheme)
    page.get_by_text("Columns", exact=True).click()
    assert serious_violations(page) == []
    assert not is_wider_than_the_screen(page)


@in_browser
def test_without_scripts_every_table_and_figure_shows_and_no_control(opened, results):
    page = opened(java_script_enabled=False, width=390)
    assert page.locator("img:visible").count() == 1 + len(pages.GROUP_CHARTS) * len(results.groups)
    assert page.locator("table[data-kind=results]:visible").count() == 2
    assert page.locator("table[data-kind=winners]:visible, table[data-kind=matrix-map]:visible").count() == 2
    assert page.locator("#controls").is_hidden()
    assert page.locator("thead button").count() == 0
    assert page.locator(".skip").get_attribute("href") == "#compared"


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


def test_few_blocks_are_explained_wherever_an_interval_would_stand(tmp_path):
    cases = [case(), case("threads", workers=2)]
    made = builders.run([block(each, n) for n in range(3) for each in cases], cases)
    (group,) = builders.results(made, tmp_path).groups
    table = results_table(group, columns(group))
    ratio = table.headings.index("interval")
    assert {(row.cells[ratio].shown, row.cells[ratio].note) for row in table.rows} == {
        ("–", "n = 3; 6 are needed for a 95 % interval")
    }
    found = winners([group])
    (row,) = found.rows
    assert row.cells[found.headings.index("95 % interval")].note == "n = 3; 6 are needed for a 95 % interval"
    assert {standing(each) for each in group.cases} == {"base", "undecided"}


def test_a_workload_without_any_time_is_in_the_overview_with_its_reason(tmp_path):
    one = case()
    made = builders.run([block(one, 0, [], outcome=Outcome.FAILED, reason="out of luck")], [one])
    results = builders.results(made, tmp_path)
    (row,) = winners(results.groups).rows
    assert ([each.text for each in row.cells], row.instead.text) == (["primes"], "no case gave a time: out of luck")
    assert pages.html(results, []).count("out of luck") >= 3

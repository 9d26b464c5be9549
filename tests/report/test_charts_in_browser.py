"""Charts as a browser draws them: there no text is cut off or lies on another, with the browser's own fonts and widths."""

from pathlib import Path

import pytest

from bench.report.charts import jobs
from bench.report.drawing import theme
from bench.report.faults.chart import fault_grids
from bench.report.kit.results import load_results
from tests import figures
from tests.browser import in_browser
from tests.conftest import ROOT

TOLERANCE = 2.0
"""Points, of which a slide has 960 by 540: boxes of a browser reach from the font's highest to its lowest letter."""
BOXES = """() => {
    const svg = document.querySelector("svg"), canvas = svg.getBoundingClientRect(), scale = 960 / canvas.width;
    return [...svg.querySelectorAll("text")].filter(each => each.textContent.trim()).map(each => {
        const box = each.getBBox(), matrix = each.getScreenCTM();
        const corners = [[box.x, box.y], [box.x + box.width, box.y], [box.x, box.y + box.height],
            [box.x + box.width, box.y + box.height]].map(([x, y]) => new DOMPoint(x, y).matrixTransform(matrix));
        const xs = corners.map(each => (each.x - canvas.x) * scale), ys = corners.map(each => (each.y - canvas.y) * scale);
        return {text: each.textContent.trim(), block: each.parentNode.id || each.parentNode.parentNode.id,
            slants: Math.abs(matrix.b) > 1e-6 && Math.abs(matrix.a) > 1e-6,
            left: Math.min(...xs), right: Math.max(...xs), top: Math.min(...ys), bottom: Math.max(...ys)};
    });
}"""


def collisions(page, svg):
    """A line for each pair of texts that overlap in the browser, and for each that leaves the slide."""
    page.set_content(f'<body style="margin:0">{svg[svg.index("<svg") :]}</body>')
    boxes = page.evaluate(BOXES)
    assert boxes
    found = [
        f"{each['text']!r} leaves the slide"
        for each in boxes
        if min(each["left"], each["top"]) < -TOLERANCE
        or each["right"] > 960 + TOLERANCE
        or each["bottom"] > 540 + TOLERANCE
    ]
    for number, one in enumerate(boxes):
        for other in boxes[number + 1 :]:
            if (one["slants"] and other["slants"]) or (one["block"] and one["block"] == other["block"]):
                continue
            wide = min(one["right"], other["right"]) - max(one["left"], other["left"])
            high = min(one["bottom"], other["bottom"]) - max(one["top"], other["top"])
            if wide > TOLERANCE and high > TOLERANCE:
                found.append(f"{one['text']!r} and {other['text']!r} overlap by {wide:.1f} x {high:.1f} points")
    return found


def drawn(results):
    """The charts of a run as SVG, by name."""
    with theme.applied():
        found = [job() for job in jobs(results)]
        return {each.name: theme.svg(each.figure) for each in found if each is not None}


@in_browser
def test_the_check_itself_finds_an_overlap_and_what_is_cut_off(browser):
    with theme.applied():
        figure = theme.blank("A title", "a footer")
        figure.text(0.5, 0.5, "one")
        figure.text(0.5, 0.505, "other")
        figure.text(0.99, 0.7, "over the edge")
        svg = theme.svg(figure)
    found = collisions(browser.new_page(), svg)
    assert len(found) == 2
    assert found[0] == "'over the edge' leaves the slide"
    assert found[1].startswith("'one' and 'other' overlap by")


@in_browser
@pytest.mark.long
@pytest.mark.parametrize("name", ["typical", "missing", "workers", "serving", "long servers", "many workloads"])
def test_no_text_of_a_chart_is_cut_off_or_overlaps_another_in_a_browser(browser, name):
    page, found = browser.new_page(), []
    for chart, svg in drawn(figures.RUNS[name]()).items():
        found += [(chart, each) for each in collisions(page, svg)]
    assert found == []


@in_browser
@pytest.mark.long
@pytest.mark.parametrize("path", sorted((ROOT / "results" / "reference").glob("*.jsonl")), ids=lambda path: path.stem)
def test_no_text_of_the_published_charts_is_cut_off_or_overlaps_another_in_a_browser(browser, path):
    page, found = browser.new_page(), []
    for chart, svg in drawn(load_results(Path(path))).items():
        found += [(chart, each) for each in collisions(page, svg)]
    assert found == []


@in_browser
@pytest.mark.long
def test_no_text_of_the_faults_is_cut_off_or_overlaps_another_in_a_browser(browser):
    from bench.analysis.faults import fault_table
    from tests.report.test_faults_command import OUTCOMES, faulty_run

    page, run = browser.new_page(), faulty_run(OUTCOMES * 4)
    with theme.applied():
        for chart in fault_grids(run, fault_table(run)):
            assert collisions(page, theme.svg(chart.figure)) == [], chart.name

"""Runs side by side: which cases belong together, what their ratios say, and the page, tables and charts of them."""

import csv
import html
import io
import json
import re
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.console import Console

from bench import units
from bench.analysis.side_by_side import MOST_RUNS, side_by_side
from bench.analysis.summary import summarise
from bench.errors import UsageError
from bench.records.case import Case
from bench.records.run import Run
from bench.report.drawing import theme
from bench.report.side_by_side import text as shown
from bench.report.side_by_side.chart import beside
from bench.report.side_by_side.page import build_report
from tests import builders, figures
from tests.browser import in_browser, is_wider_than_the_screen, serious_violations

EVIL = "<script>alert(1)</script>"


def elsewhere(run: Run, number: int, *, factor=1.0, python="3.11.7", cores=2, **environment) -> Run:
    """The same cases measured by another interpreter on another machine, each `factor` times as slow."""

    def moved(case: Case) -> Case:
        workers = cores if case.workers == 2 else case.workers
        return replace(case, python=f"cpython-{python}", workers=workers)

    keys = {case.key: moved(case).key for case in run.header.plan.cases}
    plan = replace(
        run.header.plan,
        cases=list(map(moved, run.header.plan.cases)),
        rounds={keys[key]: rounds for key, rounds in run.header.plan.rounds.items()},
    )
    there = replace(
        run.header.environment,
        python=python,
        logical_cores=cores,
        usable_cores=cores,
        affinity_cores=cores,
        **environment,
    )
    header = replace(run.header, id=f"20260203T04050{number}Z-00000{number}", environment=there, plan=plan)
    blocks = [
        replace(
            each,
            case=keys[each.case],
            rounds=[replace(window, wall_s=window.wall_s * factor) for window in each.rounds],
        )
        for each in run.blocks
    ]
    return replace(run, header=header, blocks=blocks)


def beside_each_other(folder, *runs):
    return side_by_side([builders.stored(run, folder) for run in runs])


@pytest.fixture
def found(tmp_path):
    """This machine, and one with another CPU, more cores and a newer interpreter that takes half the time."""
    run = builders.typical_run()
    return beside_each_other(
        tmp_path, run, elsewhere(run, 1, factor=0.5, python="3.14.0", cores=8, cpu_model="Fast CPU")
    )


def lines(found, workload):
    (section,) = (each for each in found.sections if each.workload == workload)
    return {line.name: line.cells for line in section.lines}


def test_cases_of_other_machines_and_interpreters_are_matched_by_what_was_chosen(found):
    primes = lines(found, "primes")
    assert list(primes) == ["serial", "threads", "process_pool"]
    assert [cell.variant for cell in primes["process_pool"]] == ["×2", "×8"]
    assert [cell.variant for cell in primes["serial"]] == ["", ""]
    for first, second in primes.values():
        assert second.ratio.centre == pytest.approx(2)
        assert second.ratio.low < 2 < second.ratio.high
        assert first.ratio is None


def test_workers_tell_cases_apart_where_a_run_measured_several(tmp_path):
    run = builders.degraded_run()
    found = beside_each_other(tmp_path, run, elsewhere(run, 1, python="3.14.0"))
    assert set(lines(found, "primes")) == {
        "serial", *(f"{name} ×{n}" for name in ("process_pool", "threads") for n in (1, 2, 4)),
    }  # fmt: skip
    assert all(cell.summary is not None for cells in lines(found, "primes").values() for cell in cells)


def test_unequal_environments_are_named_and_ratios_are_not_of_code(found):
    assert not found.are_equal
    assert found.sides[1].unequal == (
        "cpu: Example CPU and Fast CPU; cores: 2 and 8; python: cpython-3.11.7 and cpython-3.14.0"
    )
    assert "Ratios to A are differences between machines or interpreters, and not between versions of code." in (
        shown.notes(found)
    )
    different = dict(found.differences)
    assert different["cpu model"] == ["Example CPU", "Fast CPU"]
    assert different["usable cores"] == [2, 8]
    assert "os" not in different


def test_equal_environments_are_said_to_be_and_drift_is_named(tmp_path):
    run = builders.typical_run()
    found = beside_each_other(tmp_path, run, elsewhere(run, 1))
    assert found.are_equal
    assert found.differences == []
    assert any("drift of the machine" in each for each in shown.notes(found))
    assert shown.headline(found) == (
        "Of 5 cases with a ratio of A and B, B is faster than A in 0 and slower in 0, by intervals of 95 %."
    )


def test_other_work_under_the_same_name_has_no_ratio(tmp_path):
    run = builders.typical_run()
    other = elsewhere(run, 1)
    other = replace(other, blocks=[replace(each, tasks=5) for each in other.blocks])
    found = beside_each_other(tmp_path, run, other)
    cells = [line.cells[1] for section in found.sections for line in section.lines if line.cells[1].wall]
    assert {cell.other_work for cell in cells} == {"5 tasks in a round, not 4"}
    assert {cell.ratio for cell in cells} == {None}
    with theme.applied():
        assert beside(found, found.sections[0]).title.endswith("not the same work")


def test_work_of_one_run_alone_is_named_and_not_drawn(tmp_path):
    run = builders.typical_run()
    found = beside_each_other(tmp_path, run, elsewhere(builders.degraded_run(), 1))
    assert [each.workload for each in found.sections] == ["primes"]
    assert "Only in A, and so not here: downloads at scale quick." in shown.notes(found)


@pytest.mark.long
@settings(max_examples=8, deadline=None)
@given(st.floats(0.01, 100))
def test_the_ratio_is_the_factor_and_its_inverse_the_other_way_round(tmp_path_factory, factor):
    run, folder = builders.typical_run(), tmp_path_factory.mktemp("runs")
    paths = [builders.stored(each, folder) for each in (run, elsewhere(run, 1, factor=factor))]
    there, back = (side_by_side(order).sections[0].lines for order in (paths, paths[::-1]))
    for one, other in zip(there, back, strict=True):
        first, second = one.cells[1].ratio, other.cells[1].ratio
        assert first.centre == pytest.approx(1 / factor)
        assert first.centre * second.centre == pytest.approx(1)
        assert first.low * second.high == pytest.approx(1)


def test_rows_are_the_summaries_numbers(found):
    rows = list(csv.DictReader(io.StringIO(shown.as_csv(found))))
    assert tuple(rows[0]) == shown.COLUMNS
    assert json.loads(shown.as_json(found))["cases"] == list(shown.rows(found))
    for side in found.sides:
        mine = [each for each in rows if each["run"] == side.letter]
        summaries = {(each.case.workload, each.case.strategy): each for each in summarise(side.run)}
        assert len(mine) == len(summaries)
        for each in mine:
            summary = summaries[each["workload"], each["case"]]
            assert each["outcome"] == str(summary.outcome)
            assert each["wall_s"] == ("" if summary.wall is None else str(summary.wall.centre))
            assert each["wall_high_s"] == ("" if summary.wall is None else str(summary.wall.high))


@pytest.mark.long
def test_charts_draw_the_numbers_in_their_data_and_nothing_overlaps(tmp_path):
    run = builders.typical_run()
    many = [
        elsewhere(run, n, factor=1 + n / 5, python=f"3.{n + 9}.0", cpu_model="A CPU of quite a name" * n)
        for n in range(1, 8)
    ]
    for runs in ([run, many[0]], [run, *many[:3]], [run, *many]):
        folder = tmp_path / str(len(runs))
        found = beside_each_other(folder, *runs)
        for section in found.sections:
            with theme.applied():
                chart = beside(found, section)
            assert figures.collisions(chart.figure) == []
            known = [cell.wall.centre for line in section.lines for cell in line.cells if cell.wall is not None]
            assert [each["wall_s"] for each in chart.data] == known
            assert all(f"{side.letter} " in chart.description for side in found.sides)


@pytest.mark.parametrize("width", [80, 160])
def test_the_terminal_shows_every_case_of_every_run_in_its_width(found, width):
    console = Console(file=io.StringIO(), width=width, highlight=False)
    console.print(shown.terminal_tables(found))
    text = console.file.getvalue()
    assert max(map(len, text.splitlines())) <= width
    assert re.search(r"^serial +A +205 ms +", text, re.MULTILINE)
    assert re.search(r"^ +B +102 ms +\S+ ms +2\.00× ", text, re.MULTILINE)
    assert text.count("failed") == 2
    costs = [cell.summary.cost for section in found.sections for line in section.lines for cell in line.cells]
    shown_memory = [
        text.count(f" {units.size(each.peak_memory_bytes)}") > 0 for each in costs if each.peak_memory_bytes
    ]
    assert shown_memory
    assert all(shown_memory) or re.search(rf"^No room in {width} columns for .*memory", text, re.MULTILINE)
    assert width == 80 or all(shown_memory)
    assert "What differs between the runs" in text


def test_the_page_has_everything_escaped_and_a_folder_of_all_ids(tmp_path):
    run = builders.typical_run()
    runs = [run, *(elsewhere(run, n, cpu_model=EVIL) for n in range(1, 10))]
    found = beside_each_other(tmp_path, *runs[:2])
    page = build_report(found, tmp_path / "reports")
    assert page == tmp_path / "reports" / f"{run.header.id}+{runs[1].header.id}" / "index.html"
    text = page.read_text()
    assert EVIL not in text
    assert html.escape(EVIL) in text
    costs = [cell.summary.cost for section in found.sections for line in section.lines for cell in line.cells]
    assert all(f"memory {units.size(each.peak_memory_bytes)}" in text for each in costs if each.peak_memory_bytes)
    assert {path.name for path in page.parent.iterdir()} >= {"cases.csv", "side-by-side-primes-quick.svg"}
    assert not list(page.parent.glob("*.png")), "not asked for"
    several = beside_each_other(tmp_path / "more", *runs)
    names = [build_report(each, tmp_path / "many").parent.name for each in (several, several)]
    assert names[0] == names[1]
    assert len(names[0]) <= 255, "a file system takes it"


@pytest.mark.many(1)
@in_browser
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1280])
def test_the_page_opens_in_a_browser_at_any_width(visited, found, tmp_path, scheme, width):
    page = visited(build_report(found, tmp_path / "reports"), width=width, color_scheme=scheme)
    assert not is_wider_than_the_screen(page)
    assert serious_violations(page) == []


def test_runs_that_cannot_stand_side_by_side_are_refused(tmp_path):
    path = builders.stored(builders.typical_run(), tmp_path)
    with pytest.raises(UsageError, match="is given twice"):
        side_by_side([path, path])
    for count in (1, MOST_RUNS + 1):
        with pytest.raises(UsageError, match=f"{count} runs cannot stand side by side; give 2 to {MOST_RUNS}"):
            side_by_side([path] * count)


@pytest.mark.long
def test_the_command_prints_the_page_or_what_a_program_reads(bench, tmp_path):
    run = builders.typical_run()
    names = [str(builders.stored(each, tmp_path / "results")) for each in (run, elsewhere(run, 1, factor=2))]
    done = bench("report", *names)
    assert done.returncode == 0, done.stderr
    assert Path(tmp_path, done.stdout.splitlines()[-1]).is_file()
    assert len(json.loads(bench("report", *names, "--json").stdout)["cases"]) == 12
    assert len(list(csv.reader(io.StringIO(bench("report", *names, "--csv").stdout)))) == 13
    assert {path.name for path in (tmp_path / "reports").iterdir()} == {f"{run.header.id}+20260203T040501Z-000001"}

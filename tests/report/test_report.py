"""Tables and pages against golden files.

`python -m tests.report.test_report` writes the golden files anew; look at the difference before committing it.
"""

import csv
import html
import io
import json
from dataclasses import replace
from pathlib import Path

import pytest

from bench.facts.cpu_known import TOO_COARSE
from bench.report.kit.folder import LIST
from bench.report.run import article, cells, costs, methods
from bench.report.run.build import build_report
from bench.report.run.case_tables import costs_table
from bench.report.run.columns import COLUMNS, as_json, row
from bench.report.run.tables import result_tables
from tests import builders
from tests.analysis.test_summary import serving
from tests.builders import block, case
from tests.conftest import ROOT

GOLDEN = ROOT / "tests" / "golden"


def table(results, width):
    from rich.console import Console

    console = Console(file=io.StringIO(), width=width, highlight=False)
    console.print(result_tables(results))
    return console.file.getvalue()


@pytest.fixture
def results(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return builders.results(builders.typical_run(), Path("results"))


def golden(results):
    """What people and scripts read, by file name."""
    page = build_report(results, Path("reports"))
    return {
        "tables-160.txt": table(results, 160),
        "tables-80.txt": table(results, 80),
        "summary.csv": (page.parent / "summary.csv").read_text(),
        "summary.md": (page.parent / "summary.md").read_text(),
    }


def test_what_people_read_is_as_it_was(results):
    for name, text in golden(results).items():
        assert text == (GOLDEN / name).read_text(), name


def test_columns_are_the_ones_people_script_against(results):
    assert ",".join(COLUMNS) == (
        "workload,scale,strategy,workers,options,python,outcome,blocks,rounds,wall_s,wall_low_s,wall_high_s,"
        "speedup,speedup_low,speedup_high,cpu_s,cores_used,peak_memory_bytes,start_s,stop_s,bound_s,"
        "pattern,tasks,tasks_per_s,bytes_per_s,fairness,hand_offs_per_s,latency,"
        "latency_p50_s,latency_p95_s,latency_p99_s,latency_max_s,"
        "memory_per_worker_bytes,memory_per_worker_low_bytes,memory_per_worker_high_bytes,"
        "cpu_layer,cpu_is_lower_bound,cpu_below_s,cpu_above_s,user_s,system_s,memory_layer,"
        "file_cache_bytes,rss_bytes,pss_bytes,uss_bytes,voluntary_switches,involuntary_switches,"
        "minor_faults,major_faults,read_bytes,written_bytes,processes_started,threads_started,"
        "start_cpu_s,stop_cpu_s,whole_cpu_s,whole_peak_memory_bytes,bound_low_s,bound_high_s,bound_stated"
    )
    rows = list(csv.DictReader((GOLDEN / "summary.csv").read_text().splitlines()))
    assert len(rows) == 6
    for read, summary in zip(rows, results.summaries, strict=True):
        for name, value in row(summary).items():
            assert read[name] == ("" if value is None else str(value))
    failed = rows[-1]
    assert failed["outcome"] == "failed"
    assert all(failed[name] == "" for name in COLUMNS[COLUMNS.index("wall_s") : COLUMNS.index("pattern")])
    assert all(failed[name] == "" for name in COLUMNS[COLUMNS.index("latency") :])
    assert rows[1]["workers"] == "4", "one for each task"
    cases = json.loads(as_json(results))["cases"]
    assert len(cases) == 6
    assert cases[4]["unknown"]["cpu_s"] == TOO_COARSE
    assert cases[5]["unknown"] == {}


@pytest.mark.long
def test_a_report_has_a_page_and_every_chart_in_all_its_forms(results):
    page = build_report(results, Path("reports"))
    files = {path.name for path in page.parent.iterdir()}
    names = {name.removesuffix("-dark.svg") for name in files if name.endswith("-dark.svg")}
    assert names >= {"speedup", "ranking-primes-quick", "phases-downloads-quick", "over-time-primes-quick"}
    forms = (".svg", "-dark.svg", ".png", "-dark.png", ".csv", ".txt")
    assert files == {
        LIST,
        "index.html",
        "summary.md",
        "summary.csv",
        *(f"{name}{form}" for name in names for form in forms),
    }
    text = page.read_text()
    assert all(f'href="{name}{form}"' in text for name in names for form in forms)


@pytest.mark.long
def test_the_same_run_gives_the_same_svg(results):
    first = {path.name: path.read_bytes() for path in build_report(results, Path("one")).parent.glob("*.svg")}
    second = {path.name: path.read_bytes() for path in build_report(results, Path("two")).parent.glob("*.svg")}
    assert first == second


def test_everything_from_a_file_is_escaped_and_no_name_leaves_the_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    evil = "<script>alert(1)</script>"
    one = case(workload=f"../../{evil}", scale="a/b")
    made = builders.run([block(one)], [one])
    header = replace(
        made.header, id=f"../{evil}", command=evil, environment=replace(made.header.environment, cpu_model=evil)
    )
    with pytest.raises(Exception, match="No such file|cannot write"):
        builders.stored(replace(made, header=header), Path("results"))
    results = replace(builders.results(made, Path("results")), run=replace(made, header=header))
    page = build_report(results, Path("reports"))
    text = page.read_text()
    assert evil not in text
    assert text.count(html.escape(evil)) >= 2
    short = (page.parent / "summary.md").read_text()
    assert evil not in short
    assert "\n# owned" not in short
    assert page.parent.parent == Path("reports")
    assert {path.parent.parent for path in Path().rglob("*.png")} == {Path("reports")}


@pytest.fixture
def degraded(tmp_path):
    return builders.results(builders.degraded_run(), tmp_path)


def test_memory_per_worker_is_in_the_csv_the_json_and_a_sentence(degraded):
    told = {each.case.key: row(each) for each in degraded.summaries}
    for of, step in (("process_pool", 12_000_000), ("threads", 100_000)):
        for workers in (1, 2, 4):
            found = told[case(of, workers=workers).key]
            assert found["memory_per_worker_bytes"] == pytest.approx(step, abs=30_000)
            assert found["memory_per_worker_low_bytes"] < found["memory_per_worker_high_bytes"]
    assert told[case().key]["memory_per_worker_bytes"] is None
    sentence = "Each extra worker adds 12.0 MB (12.0–12.0 MB) under process_pool, 107 kB (81.9–133 kB) under threads"
    assert costs.memory_per_worker(degraded.groups[0]) == sentence
    assert sentence in " ".join(table(degraded, 120).split())


def test_the_terminal_says_what_is_unknown_and_marks_lower_bounds(degraded, results):
    assert "≥ 990 ms" in table(degraded, 160)
    assert TOO_COARSE in " ".join(table(results, 160).split())


@pytest.mark.parametrize("width", [60, 79, 80, 100, 160])
def test_a_terminal_of_any_width_shows_every_time_in_full(degraded, width):
    (group,) = degraded.groups
    text = table(degraded, width)
    assert max(map(len, text.splitlines())) <= width
    assert all(cells.columns(group)[0].text(each) in text for each in group.ranked)


def test_a_cell_without_a_value_has_a_note_and_a_column_without_any_a_sentence(degraded):
    (group,) = degraded.groups
    use = costs_table(group, costs.use_columns(group))
    pss = use.headings.index("Σ PSS")
    empty, known = use.rows[0].cells[pss], next(row for row in use.rows if row.cells[0].text == "serial").cells[pss]
    assert (empty.text, empty.note) == ("–", "proportional sets were not read near the peak")
    assert (known.text, known.note) == ("9.00 MB", "")
    counts = costs_table(group, costs.count_columns())
    assert "read" not in counts.headings
    assert f"Not known of any case: read, written ({builders.ORPHANED})." in counts.notes


@pytest.mark.long
def test_the_page_shows_why_a_value_is_unknown_without_hovering(results):
    text = build_report(results, Path("reports")).read_text()
    assert '<td>–<sup><a href="#note-2-1" aria-label="note 1">1</a></sup></td>' in text
    assert f'<li id="note-2-1">{TOO_COARSE}</li>' in text


def test_the_method_says_what_counted_how_far_it_is_off_and_what_was_missing(degraded, results):
    said = "\n".join(methods.of_run(degraded.run))
    for part in (
        "by cgroup v2 in 6 of 42 blocks (all processes of the control group, however they end; exact to 1 ms), within 1.00 ms",
        "by ledger in 36 of 42 blocks (living processes to the nanosecond; children in ticks; a lower bound), too low by",
        "too low by an unknown amount or too high by up to 1.00 ms",
        "layers disagree on 36 windows",
        "Layers that were absent: cgroup (cannot make a group in …/cgroup: Permission denied).",
        "pss bytes, uss bytes (proportional sets were not read near the peak)",
        "Samples are read by proc: 20 a second asked, 19.9 made in the median block; 840 of 4200 were missed",
        "99 of 100 came within 100 µs of their time",
        "the rate was lowered in 42 blocks, to 10 a second at the least",
        "Watching took 126 ms of CPU, ",
        " % of one core for the ",
        "a reading on the beat, 20.0 µs",
    ):
        assert part in said
    assert not [each for each in methods.of_run(results.run) if "absent" in each or "disagree" in each]


def test_a_run_without_series_or_accounting_says_so():
    one = case()
    off = replace(builders.SAMPLING, hz=0.0, hz_achieved=None, late_p99_s=None, tick_cpu_s=None, due=0)
    said = methods.of_run(builders.run([block(one, sampling=off, accounting=None)], [one]))
    assert said[0] == "The run file does not say how CPU and memory were counted."
    assert said[1] == "The series of samples was off; totals were counted all the same."


def test_what_a_table_shows_depends_on_what_the_pattern_tells(tmp_path):
    (group,) = builders.results(serving(), tmp_path).groups
    shown = [column.heading for column in cells.columns(group)]
    assert "requests/s" in shown
    assert [name for name in shown if name in ("reply p50", "p95", "p99", "max")] == ["reply p50", "p95", "p99", "max"]
    assert not {"MB/s", "fairness", "bound"} & set(shown)
    fast = {column.heading: column.text(group.ranked[0]) for column in cells.columns(group)}
    assert (fast["requests/s"], fast["reply p50"], fast["max"]) == ("4.00 k", "50.0 ms", "100 ms")
    (group,) = builders.results(serving(payload_bytes=1_000_000, fairness=0.5), tmp_path / "more").groups
    told = {column.heading: column.text(group.ranked[0]) for column in cells.columns(group)}
    assert (told["MB/s"], told["fairness"]) == ("10.0", "0.500")


def test_the_tutorials_figures_stand_beside_what_was_measured(tmp_path):
    serial = case(workload="downloads", scale="article")
    each = case("processes", workload="downloads", workers=None, scale="article")
    blocks = [
        block(serial, 0, [16.0, 16.0], longest_task_s=9.0, total_task_s=16.0, bound_stated=True),
        block(each, 0, [9.1, 9.1], longest_task_s=9.0, total_task_s=16.0, bound_stated=True),
    ]
    told = article.table(builders.results(builders.run(blocks, [serial, each]), tmp_path).summaries)
    first, second = ([cell.text for cell in line.cells[1:]] for line in told.rows)
    assert first[:3] == ["18.00 s", "16.0 s", "16.0 s (n = 1)"]
    assert second[:3] == ["10.09 s", "9.00 s", "9.10 s, 1.76× as fast as serial (n = 1)"]
    assert all(len(line[3]) > 20 for line in (first, second))
    assert article.table(builders.results(builders.typical_run(), tmp_path / "other").summaries).rows == []


if __name__ == "__main__":
    import os
    import tempfile

    os.chdir(tempfile.mkdtemp())
    for name, text in golden(builders.results(builders.typical_run(), Path("results"))).items():
        (GOLDEN / name).write_text(text)

"""Cases over many runs: changes found where they are and nowhere else, machines apart, and what people see of it.

`python -m tests.analysis.test_history` writes the golden files anew; look at the difference before committing it.
"""

import io
import json
import math
import random
import re
import shutil
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some
from rich.console import Console

from bench.analysis.changes import ALPHA, ROOM, SHORTEST, changes, fewest_runs, runs_after
from bench.analysis.estimates import median_estimate
from bench.analysis.history import history
from bench.analysis.stored import StoredCase, StoredRun
from bench.errors import UsageError
from bench.report.drawing import theme
from bench.report.history.chart import MOST_PANELS, history_chart
from bench.report.history.text import as_json, finding, terminal_table
from bench.selection import CaseFilter
from benchmarks import history_rates
from tests import figures
from tests.conftest import CASES, ROOT, real

GOLDEN = ROOT / "tests" / "golden"
KEY = "primes/standard/process_pool/2/-/cpython-3.11.7"
FACTS = {"cpu": "Example CPU", "cores": "2", "python": "cpython-3.11.7", "gil": "on", "os": "Linux 6.1"}
BEGIN = datetime(2026, 9, 1, 3, tzinfo=UTC)


def noisy(levels, seed=1, spread=0.01):
    drawing = random.Random(seed)
    return [level * math.exp(drawing.gauss(0, spread)) for level in levels]


def stored(number, value, **changed):
    """A run of one case with three blocks, and one a day."""
    run = StoredRun(
        label=f"{number:04}.jsonl",
        path=Path(f"{number:04}.jsonl"),
        tool="concurrency-bench 0.4.0",
        at_utc=(BEGIN + timedelta(days=number)).isoformat(),
        commit=f"{number:04x}" * 10,
        facts=FACTS,
        cases=[
            StoredCase(
                KEY,
                "primes process_pool",
                {"time": [[value * 0.99], [value], [value * 1.01]]},
                workload="primes",
                strategy="process_pool",
            )
        ],
    )
    return replace(run, **changed)


def series_of(levels, **changed):
    return [stored(number, value, **changed) for number, value in enumerate(noisy(levels))]


def everything(runs, tolerance=0.02, quantity="time", **wanted):
    return history(runs, quantity, CaseFilter(**wanted), tolerance)


def typical():
    """A case that changed twice, on two machines; another that is too young to tell; a run without values."""
    laptop = {**FACTS, "cpu": "Laptop CPU", "governor": "powersave"}
    young = StoredCase("parse[1]/x", "parse[1]", {"time": [[2e-6]]})
    runs = series_of([0.1] * 12 + [0.11] * 12 + [0.095] * 8)
    runs[-1].cases.append(young)
    runs[3].cases.append(StoredCase("parse[1]/x", "parse[1]", {}, "failed: ValueError: no"))
    return everything([*runs, *series_of([0.07] * 12, facts=laptop)])


def table(found, width):
    console = Console(file=io.StringIO(), width=width, highlight=False, markup=False)
    for each in terminal_table(found):
        console.print(each)
    return "\n".join(line.rstrip() for line in console.file.getvalue().splitlines()) + "\n"


def golden():
    return {f"history-{width}.txt": table(typical(), width) for width in (80, 120)}


# Changes


@pytest.mark.parametrize(("before", "after"), [(10, 10), (15, 5), (5, 15), (40, 6), (100, 100)])
def test_a_step_is_found_where_it_is(before, after):
    (found,) = changes(noisy([1.0] * before + [1.1] * after))
    assert found.at == before
    assert found.p <= ALPHA


@pytest.mark.parametrize("length", [5, 10, 20])
def test_a_step_that_is_taken_back_is_found_at_both_ends(length):
    found = changes(noisy([1.0] * 20 + [1.1] * length + [1.0] * 20))
    assert [each.at for each in found] == [20, 20 + length]


@pytest.mark.parametrize("outlier", [1.2, 3.0, 0.1])
@pytest.mark.parametrize("at", [0, 15, 29])
def test_one_outlier_is_no_change(outlier, at):
    values = noisy([1.0] * 30)
    values[at] *= outlier
    assert changes(values) == []


def test_a_constant_series_has_no_change_and_a_step_without_noise_has():
    assert changes([5.0] * 50) == []
    assert [each.at for each in changes([5.0] * 25 + [6.0] * 8)] == [25]


def test_a_change_below_the_tolerance_is_none():
    values = noisy([1.0] * 30 + [1.04] * 30)
    assert [each.at for each in changes(values, tolerance=0.02)] == [30]
    assert changes(values, tolerance=0.06) == []


def test_small_changes_that_add_up_are_not_swallowed():
    values = noisy([1.0] * 30 + [1.015] * 30 + [1.03] * 30, spread=0.001)
    assert len(changes(values)) == 2
    assert len(changes(values, tolerance=0.02)) == 1


@pytest.mark.parametrize("n", [6, 9, 10, 11, 12, 19, 20, 50])
def test_so_few_runs_at_the_end_make_no_change(n):
    least = runs_after(n)
    for after in range(1, n // 2 + 1 if least is None else least):
        assert changes(noisy([1.0] * (n - after) + [2.0] * after)) == []


def test_ten_runs_are_the_fewest():
    assert fewest_runs() == 10
    assert runs_after(9) is None
    assert runs_after(10) == 4
    assert runs_after(ROOM) == SHORTEST
    assert [each.at for each in changes([1.0, 1.1, 1.2, 1.1, 1.2, 2.0, 2.1, 2.2, 2.1, 2.0])] == [5]


@settings(max_examples=10, deadline=None)
@given(
    levels=some.lists(some.tuples(some.sampled_from([1.0, 1.03, 1.2, 4.0]), some.integers(3, 12)), max_size=3),
    seed=some.integers(0, 100),
    tolerance=some.sampled_from([0.0, 0.02, 0.1]),
    unit=some.sampled_from([1e-9, 1.0, 1e9]),
)
def test_laws_of_changes(levels, seed, tolerance, unit):
    values = noisy([level for level, count in levels for _ in range(count)], seed, spread=0.02)
    found = changes(values, tolerance)
    edges = [0, *(each.at for each in found), len(values)]
    assert not found or all(after - before >= SHORTEST for before, after in pairwise(edges))
    assert [each.at for each in changes([unit * each for each in values], tolerance)] == edges[1:-1]
    assert {each.at for each in changes(values, tolerance)} <= {each.at for each in changes(values)}


def test_false_alarms_are_rare():
    """250 series: more than 9 false alarms have a probability below 1 in 1000 where the rate is 1 %."""
    drawing = random.Random(1)
    alarms = sum(bool(changes([math.exp(drawing.expovariate(1)) for _ in range(12)])) for _ in range(250))
    assert alarms <= 9


@pytest.mark.parametrize("value", [0.0, -1.0])
def test_ratios_need_values_above_zero(value):
    with pytest.raises(ValueError, match="math domain|positive"):
        changes([1.0, value])


# Histories


def test_a_point_is_the_median_of_the_blocks_medians_with_its_interval():
    blocks = [[1.0, 9.0, 1.2], [1.3], [1.1, 1.1], [], [1.4], [1.5], [1.6]]
    run = stored(0, 1.0, cases=[StoredCase(KEY, "primes", {"time": blocks})])
    (series,) = everything([run]).series
    assert series.latest.value == median_estimate([1.2, 1.3, 1.1, 1.4, 1.5, 1.6])
    assert series.since_change is None


@settings(max_examples=10, deadline=None)
@given(some.permutations(range(14)))
def test_points_stand_in_the_order_of_time(order):
    runs = series_of([0.1] * 14)
    assert everything([runs[each] for each in order]) == everything(runs)


def test_times_with_and_without_a_zone_are_told_apart():
    texts = ["2026-09-01T12:00:00+02:00", "2026-09-01T11:00:00", "2026-09-01T10:30:00Z"]
    runs = [stored(number, 1.0 + number, at_utc=text) for number, text in enumerate(texts)]
    (series,) = everything(runs).series
    assert [point.run for point in series.points] == ["0000.jsonl", "0002.jsonl", "0001.jsonl"]


@pytest.mark.parametrize("text", ["", "yesterday"])
def test_a_run_without_a_time_is_left_out_and_said(text):
    found = everything([stored(0, 1.0, at_utc=text), stored(1, 1.0)])
    assert found.runs == len(found.series[0].points) == 1
    assert found.notes == ["0000.jsonl does not say when it was measured and is left out"]


@pytest.mark.parametrize("fact", sorted({*FACTS, "quota", "build", "start method", "governor"}))
def test_machines_are_never_mixed(fact):
    runs = series_of([0.1] * 12) + series_of([0.2] * 12, facts={**FACTS, fact: "another"})
    found = everything(runs)
    assert [(each.machine.label, len(each.points), each.changes) for each in found.series] == [
        ("A", 12, []),
        ("B", 12, []),
    ]


def test_tools_are_never_mixed_and_their_versions_are():
    tools = ["pyperf 2.0", "pytest-benchmark 4.0", "pyperf 2.1"]
    found = everything([stored(number, 1.0, tool=tool) for number, tool in enumerate(tools)])
    assert [(each.tool, len(each.points)) for each in found.series] == [("pyperf", 2), ("pytest-benchmark", 1)]


def test_a_change_is_told_with_its_run_and_its_ratio():
    (series,) = everything(series_of([0.1] * 20 + [0.11] * 10)).series
    (change,) = series.changes
    assert series.points[change.at].commit.startswith("0014")
    assert change.ratio == pytest.approx(1.1, rel=0.02)
    assert [(each.first, each.end) for each in series.stretches] == [(0, 20), (20, 30)]
    assert series.since_change == pytest.approx(1, rel=0.03)
    assert finding(series).startswith(("+9.", "+10."))
    assert finding(series).endswith("% time since 2026-09-21 (001400140)")


def test_a_value_of_zero_is_shown_and_not_judged():
    case = StoredCase(KEY, "idle", {"cpu": [[0.0]]})
    (series,) = everything([stored(number, 1.0, cases=[case]) for number in range(12)], quantity="cpu").series
    assert (series.changes, series.since_change) == ([], None)
    assert finding(series) == "has values of 0 (n = 12)"
    assert len(history_chart(everything([stored(0, 1, cases=[case])], quantity="cpu"), [series]).figure.axes) == 1


@pytest.mark.parametrize(
    ("wanted", "fits"),
    [
        ({"cases": ["primes"]}, True),
        ({"cases": ["*process_pool*"]}, True),
        ({"cases": ["standard/process"]}, True),
        ({"cases": ["nothing", "pri*"]}, True),
        ({"cases": ["threads"]}, False),
        ({"workloads": ["pri*"], "strategies": ["process_pool"]}, True),
        ({"workloads": ["prime"]}, False),
        ({"strategies": ["thread*"]}, False),
    ],
)
def test_cases_are_chosen_by_patterns(wanted, fits):
    runs = [stored(0, 1.0)]
    if fits:
        assert len(everything(runs, **wanted).series) == 1
    else:
        with pytest.raises(UsageError, match=r"^no case of 1 run fits --\w+ [\w*]+; there are primes process_pool$"):
            everything(runs, **wanted)


def test_cases_of_one_name_are_told_by_their_keys():
    cases = [StoredCase(f"{KEY}{each}", "primes", {"time": [[1.0]]}) for each in "ab"]
    found = everything([stored(number, 1.0, cases=[case]) for number, case in enumerate(cases)])
    assert [each.name for each in found.series] == [f"{KEY}a", f"{KEY}b"]


def test_a_case_without_values_is_said():
    broken = StoredCase(KEY, "primes", {}, "timed_out: it took more than 60 s")
    absent = StoredCase("x", "x", {}, "unavailable: no module named joblib")
    found = everything([stored(0, 1.0), stored(1, 1.0, cases=[broken, absent])])
    assert found.notes == ["0001.jsonl: primes: timed_out: it took more than 60 s"]


# What people and programs see


@pytest.mark.parametrize("name", ["history-80.txt", "history-120.txt"])
def test_the_table_is_as_it_was(name):
    assert golden()[name] == (GOLDEN / name).read_text(encoding="utf-8")


def test_json_has_all_of_it():
    found = typical()
    read = json.loads(as_json(found))
    assert [len(each["points"]) for each in read["series"]] == [len(each.points) for each in found.series]
    assert {each["machine"] for each in read["series"]} == {each["label"] for each in read["machines"]}
    changed = next(each for each in read["series"] if each["changes"])
    for each in changed["changes"]:
        assert each["ratio"] == pytest.approx(each["after"] / each["before"])
        assert {"run", "at_utc", "commit", "p"} <= each.keys()


def svg(runs):
    found = everything(runs)
    drawn = io.BytesIO()
    with theme.applied():
        history_chart(found, found.series).figure.savefig(drawn, **theme.save_options("svg"))
    return drawn.getvalue().decode()


def test_the_same_runs_give_the_same_chart():
    runs = series_of([0.1] * 12 + [0.12] * 8)
    drawn = svg(runs)
    assert drawn == svg(runs[::-1])
    title = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", drawn))
    assert "2026-09-13" in title


def test_a_chart_has_a_panel_a_machine_and_says_what_it_found():
    runs = [
        run
        for cpu in range(MOST_PANELS + 1)
        for run in series_of([0.1] * 12 + [0.1 + 0.02 * cpu] * 8, facts={**FACTS, "cpu": f"CPU {cpu}"})
    ]
    found = everything(runs)
    chart = history_chart(found, found.series)
    assert figures.too_small(chart.figure) == [] == figures.collisions(chart.figure)
    assert len(chart.figure.axes) == MOST_PANELS
    assert chart.title.startswith("primes process_pool: A no change in 20 runs; B +")
    assert "On machine D, 20 runs from 2026-09-01 to 2026-09-20" in chart.description
    assert chart.description.endswith(" 1 more machine is in the table.")


@pytest.mark.parametrize(("highest", "scale"), [(0.9, "linear"), (1.5, "log")])
def test_the_axis_is_logarithmic_past_a_tenfold_span(highest, scale):
    found = everything(series_of([0.1] * 12 + [highest] * 12))
    figure = history_chart(found, found.series).figure
    assert figure.axes[0].get_yscale() == scale
    assert figures.too_small(figure) == [] == figures.collisions(figure)


def test_names_from_files_are_no_markup_and_no_file_names():
    case = StoredCase("../[red]<b>$x$\x1b[1m", "[red]<b>$x$\x1b[1m", {"time": [[1.0]]})
    found = everything([stored(0, 1.0, cases=[case], commit="[bold]\x07")])
    text = table(found, 120)
    assert "[red]<b>$x$\N{REPLACEMENT CHARACTER}[1m" in text
    assert "\x1b" not in text
    assert re.fullmatch(r"[\w-]+", history_chart(found, found.series).name, re.ASCII)


# The command


@pytest.fixture
def stored_by_pytest(tmp_path):
    return shutil.copytree(CASES / "pytest-benchmark", tmp_path / "stored")


@real
def test_the_command_reads_folders_of_another_tool(bench, stored_by_pytest):
    (stored_by_pytest / "broken.json").write_text("{")
    done = bench("history", "stored", "xfast", "--chart", "there/x.svg")
    assert done.returncode == 0, done.stderr
    assert "time of 1 case over 10 runs: none changed" in done.stdout
    assert re.fullmatch(r"warning: left out: .*broken\.json.*\n", done.stderr)
    assert done.stdout.splitlines()[-1] == "there/x.svg"
    assert (stored_by_pytest.parent / "there" / "x.svg").read_text().startswith("<?xml")


@real
def test_charts_go_to_the_reports_and_json_is_alone_on_standard_output(bench, stored_by_pytest):
    done = bench("history", "stored/0001.json", "stored/0001.json", "--json", "--chart")
    assert [len(each["points"]) for each in json.loads(done.stdout)["series"]] == [1]
    (path,) = done.stderr.splitlines()
    assert path.startswith("reports/history/")
    assert {each.suffix for each in (stored_by_pytest.parent / path).parent.iterdir()} == {".png", ".svg"}


@real
@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((), "no run can be read from results"),
        (("gone.json",), "there is no file gone.json"),
        (("stored", "slow"), "no case of 10 runs fits --case slow; there are test_xfast_parametrized[0]"),
        (("stored", "--quantity", "memory"), "no memory was measured"),
        (("stored", "--chart", "x.pdf"), "--chart draws .svg and .png, not '.pdf'"),
        (("stored", "--tolerance", "many"), "'many' is not a share"),
        (("stored", "--quantity", "disk"), "disk"),
    ],
)
def test_wrong_usage_is_one_line(bench, stored_by_pytest, arguments, message):
    done = bench("history", *arguments)
    assert (done.returncode, done.stdout) == (2, "")
    assert message in done.stderr
    assert len(done.stderr.splitlines()) == 1


# The published rates


def test_the_page_holds_the_rates_and_they_keep_the_promise():
    page = (ROOT / "docs" / "history.md").read_text(encoding="utf-8")
    for name in history_rates.TABLES:
        assert re.search(rf"<!-- table: {name} -->\n\|", page), f"{name} is empty"
    sd = math.sqrt(ALPHA * (1 - ALPHA) / history_rates.FALSE_SERIES)
    for noise in history_rates.NOISES.keys() - history_rates.DEPENDENT.keys():
        (row,) = [line for line in page.splitlines() if line.startswith(f"| {noise} |")]
        assert all(float(each) / 100 <= ALPHA + 3 * sd for each in re.findall(r"([\d.]+) %", row)), row


def test_the_series_of_the_page_are_the_same_every_time():
    kind = history_rates.Kind("normal", 30, 0.02, step=0.2, at=20)
    assert history_rates.found_in((kind, 1)) == history_rates.found_in((kind, 1)) == [20]


if __name__ == "__main__":
    for name, text in golden().items():
        (GOLDEN / name).write_text(text, encoding="utf-8")

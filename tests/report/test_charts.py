"""Charts against the run they show: nothing cut off or overlapping, every number in the data, one look a strategy."""

import csv
import gc
import re
from collections import Counter
from dataclasses import replace
from functools import cache
from itertools import combinations
from multiprocessing import get_context
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from matplotlib.collections import PolyCollection
from matplotlib.colors import to_rgb
from matplotlib.lines import Line2D
from PIL import Image

from bench import units
from bench.plugins import registry
from bench.report.charts import charts, jobs
from bench.report.charts.over_time import over_time
from bench.report.drawing import theme
from bench.report.drawing.lettering import fitting, width, wrapped
from bench.report.kit import csv_rows
from bench.report.kit.families import Family, family
from bench.report.kit.results import results_of
from bench.strategies import BUILT_IN
from tests import builders, figures
from tests.builders import block, case

ROW_CHARTS = ("ranking", "phases", "latencies")
NUMBER = re.compile(r"(_s|_bytes|^cores|^speedup.*|^n_.*|^repetition)$")


@cache
def made(name):
    """The charts of a run, by name; drawn once for all tests, which change nothing in them."""
    results = figures.RUNS[name]()
    with theme.applied():
        found = [draw() for draw in jobs(results)]
    return results, {each.name: each for each in found if each is not None}


@pytest.fixture(scope="module", autouse=True)
def forgotten():
    """The figures of all runs are over a gigabyte, which each later fork of this process would copy the tables of."""
    yield
    made.cache_clear()
    gc.collect()


def of_kind(name, *kinds):
    results, found = made(name)
    return results, [each for each in found.values() if each.name.startswith(kinds)]


def read_back(chart, folder):
    """The chart's CSV as it is read again: numbers as numbers, an empty cell as None."""
    path = folder / "chart.csv"
    csv_rows.write_rows(path, list(chart.data[0]), chart.data)
    with path.open(newline="") as file:
        return [
            {key: (float(cell) if cell else None) if NUMBER.search(key) else cell for key, cell in row.items()}
            for row in csv.DictReader(file)
        ]


def dots(chart):
    """Where the marks of single values are, in the order of their rows."""
    lines = [each for each in chart.figure.findobj(Line2D) if each.get_linestyle() == "None" and each.axes is not None]
    single = [each for each in lines if len(each.get_xdata()) == 1 and each.get_markeredgecolor() == "white"]
    return [float(each.get_xdata()[0]) for each in sorted(single, key=lambda each: each.get_ydata()[0])]


@pytest.mark.many(1)
@pytest.mark.parametrize("name", figures.RUNS)
def test_all_text_has_fourteen_points_and_none_is_cut_off_or_overlaps_another(name):
    for chart in made(name)[1].values():
        assert figures.too_small(chart.figure) == [], chart.name
        assert figures.collisions(chart.figure) == [], chart.name


def test_the_check_itself_finds_an_overlap_and_what_is_cut_off():
    with theme.applied():
        figure = theme.blank("A title", "a footer")
        figure.text(0.5, 0.5, "one")
        figure.text(0.5, 0.505, "other")
        figure.text(0.99, 0.7, "over the edge")
        axes = figure.add_axes((0.1, 0.3, 0.3, 0.1))
        axes.set_xticks([0, 1, 1.01], ["in", "in", "beyond the limits"])
        axes.set_yticks([])
        axes.set_xlim(0, 1)
        found = figures.collisions(figure)
    assert len(found) == 2
    assert "over the edge" in found[0]
    assert "'one' and 'other'" in found[1]


@pytest.mark.many(3)
@pytest.mark.parametrize("name", figures.RUNS)
def test_every_row_of_data_says_whose_it_is_and_all_have_the_same_columns(name):
    for chart in made(name)[1].values():
        assert chart.data, chart.name
        assert len({tuple(row) for row in chart.data}) == 1, chart.name


@pytest.mark.many(1)
@pytest.mark.parametrize("name", figures.RUNS)
def test_a_ranking_draws_the_numbers_of_its_csv_and_they_are_the_runs(name, tmp_path):
    results, charts = of_kind(name, "ranking")
    by_case = {(group.name, group.labels[each.case.key]): each for group in results.groups for each in group.cases}
    for chart in charts:
        rows = read_back(chart, tmp_path)
        cases = [row for row in rows if row["mark"] == "case"]
        for row in cases:
            told = by_case[row["workload"], row["case"].removeprefix("'")]
            wall, ratio = told.wall, told.speedup
            assert (row["outcome"], row["reason"].strip()) == (str(told.outcome), told.reason.strip())
            assert [row[key] for key in ("wall_s", "wall_low_s", "wall_high_s")] == parts(wall)
            assert [row[key] for key in ("speedup", "speedup_low", "speedup_high")] == parts(ratio)
            bound = parts(told.bound.wall if told.bound else None)
            assert [row[key] for key in ("bound_s", "bound_low_s", "bound_high_s")] == bound
            assert (row["base_wall_s"], row["n_blocks"]) == (told.base_wall_s, told.blocks)
            assert (row["interval_absent"] == "") == (wall is None or wall.low is not None)
        assert dots(chart) == [row["wall_s"] for row in cases if row["wall_s"] is not None]
        rings = [each for each in chart.figure.findobj(Line2D) if each.get_markerfacecolor() == "none" and each.axes]
        drawn = Counter(float(x) for each in rings for x in each.get_xdata() if each.get_marker() == "o")
        assert drawn == Counter(row["wall_s"] for row in rows if row["mark"] == "block")


def parts(estimate):
    return [None] * 3 if estimate is None else [estimate.centre, estimate.low, estimate.high]


@pytest.mark.many(1)
@pytest.mark.parametrize("name", ["typical", "missing", "spans", "workers"])
def test_phases_draw_the_parts_of_their_csv(name, tmp_path):
    results, charts = of_kind(name, "phases")
    for chart, group in zip(charts, [each for each in results.groups if each.ranked], strict=True):
        by_label = {group.labels[each.case.key]: each for each in group.cases}
        rows = read_back(chart, tmp_path)
        for row in rows:
            told = by_label[row["case"]]
            assert [row[key] for key in ("start_s", "first_round_s", "stop_s")] == [
                told.start_s,
                told.cold_s,
                told.stop_s,
            ]
        bars = [each for each in chart.figure.axes[0].collections if isinstance(each, PolyCollection)]
        drawn = [[box.get_extents().width for box in part.get_paths()] for part in bars]
        timed = [row for row in rows if row["wall_s"] is not None]
        told = [[row[key] for row in timed] for key in ("start_s", "first_round_s", "stop_s")]
        assert [each for part in drawn for each in part] == pytest.approx([each for part in told for each in part])


def test_latencies_draw_the_quantiles_of_their_csv(tmp_path):
    results, (chart,) = of_kind("serving", "latencies")
    rows = read_back(chart, tmp_path)
    ranked = {each.case.strategy: each.latencies[0] for each in results.groups[0].ranked}
    for row in rows:
        told = ranked[row["strategy"]]
        assert [row[key] for key in ("p50_s", "p95_s", "p99_s", "max_s")] == [
            told.p50_s,
            told.p95_s,
            told.p99_s,
            told.max_s,
        ]
    assert dots(chart) == [row["p50_s"] for row in rows]


@pytest.mark.parametrize("name", ["typical", "degraded", "one case", "missing"])
def test_series_are_drawn_as_the_csv_has_them(name, tmp_path):
    results, charts = of_kind(name, "over-time")
    for chart in charts:
        rows = read_back(chart, tmp_path)
        cpu, memory = chart.figure.axes
        for axes, mark, column in ((cpu, "cpu", "cores"), (memory, "memory", "memory_bytes")):
            lines = [each for each in axes.lines if each.get_gid() == "series"]
            cases = list(dict.fromkeys(row["case"] for row in rows if row["mark"] == mark))
            assert len(lines) == len(cases)
            for line, of in zip(lines, cases, strict=True):
                told = [(row["at_s"], row[column]) for row in rows if row["mark"] == mark and row["case"] == of]
                assert set(told) <= set(zip(*map(tuple, line.get_data()), strict=True))
        ends = {row["case"]: max(each["until_s"] for each in rows if each["mark"] == "round" and each["case"] == row["case"])
                for row in rows if row["mark"] == "round"}  # fmt: skip
        for row in rows:
            if row["mark"] in ("cpu", "memory"):
                assert 0 <= row["at_s"] <= (row["until_s"] or row["at_s"]) <= ends[row["case"]] + 1e-9, "only rounds"
        held = {size for each in results.run.blocks for size in each.samples.memory_bytes}
        assert {row["memory_bytes"] for row in rows if row["mark"] == "memory"} <= held
        assert all(row["until_s"] > row["at_s"] for row in rows if row["mark"] == "cpu")
        without = {row["case"]: row["outcome"] for row in rows if row["mark"] == "no time"}
        group = next(each for each in results.groups if each.name == rows[0]["workload"])
        assert without == {group.labels[each.case.key]: str(each.outcome) for each in group.unranked}


@pytest.mark.many(2)
@pytest.mark.parametrize("name", ["typical", "missing", "workers", "spans"])
def test_over_time_draws_the_fastest_of_each_family_and_its_title_names_no_other(name):
    results, charts = of_kind(name, "over-time")
    for chart, group in zip(charts, [each for each in results.groups if each.ranked], strict=True):
        fastest = {}
        for each in group.ranked:
            fastest.setdefault(family(each.case.strategy), group.labels[each.case.key])
        shown = {row["case"] for row in chart.data if row["mark"] == "round"}
        assert shown == set(fastest.values())
        unnamed = {group.labels[each.case.key] for each in group.cases} - shown
        assert not [label for label in unnamed if label in chart.title]


@pytest.mark.many(3)
@pytest.mark.parametrize("name", figures.RUNS)
def test_an_overview_says_each_ratio_its_base_and_why_there_is_none(name, tmp_path):
    results, charts = of_kind(name, "speedup")
    by_case = {(group.name, group.labels[each.case.key]): each for group in results.groups for each in group.cases}
    for chart in charts:
        said = [each.get_text() for each in figures.texts(chart.figure)]
        counted = Counter(said)
        rows = read_back(chart, tmp_path)
        for row in rows:
            told = by_case[row["workload"], row["case"].removeprefix("'")]
            assert [row[key] for key in ("speedup", "speedup_low", "speedup_high")] == parts(told.speedup)
            assert [row[key] for key in ("wall_s", "wall_low_s", "wall_high_s")] == parts(told.wall)
            assert row["base_wall_s"] == told.base_wall_s
            if row["base_wall_s"] is not None:
                assert any(units.seconds(row["base_wall_s"]) in each for each in said)
        ratios = Counter(units.speed(row["speedup"]) for row in rows if row["speedup"] is not None)
        assert all(counted[ratio] == number for ratio, number in ratios.items())
        outcomes = Counter(row["outcome"].replace("_", " ") for row in rows if row["wall_s"] is None)
        assert all(counted[words] + counted["unavail."] >= number for words, number in outcomes.items())


def test_cases_without_a_time_are_in_every_chart():
    _results, charts = of_kind("missing", *ROW_CHARTS, "speedup", "over-time")
    assert len(charts) >= 4
    for chart in charts:
        said = " ".join(each.get_text() for each in figures.texts(chart.figure))
        for word in ("failed", "unavail", "timed out", "killed"):
            assert word in said, chart.name
        assert {"failed", "unavailable", "timed_out", "killed"} <= {row["outcome"] for row in chart.data}


def test_lines_are_broken_where_samples_are_missed_in_a_round_and_the_interval_of_samples_is_said():
    run = builders.degraded_run()
    later = [
        replace(each, samples=replace(each.samples, at_s=[at_s + 1 for at_s in each.samples.at_s]))
        for each in run.blocks
    ]
    results = results_of(Path("run.jsonl"), replace(run, blocks=later))
    with theme.applied():
        chart = over_time(results, results.groups[0])
    assert figures.collisions(chart.figure) == []
    assert "a sample every 100 ms" in chart.description
    assert "gap: samples missed" in chart.description
    lines = [each for axes in chart.figure.axes for each in axes.lines if each.get_gid() == "series"]
    assert {row["case"] for row in chart.data if row["mark"] == "missed"} == {"process_pool ×4", "threads ×4"}
    assert len([each for each in lines if np.isnan(each.get_ydata()).any()]) == 2 * 2, "in both panels"
    calm = made("typical")[1]["over-time-primes-quick"]
    assert "a sample every 50.0 ms" in calm.description
    assert "missed" not in calm.description


def test_a_title_of_what_is_unknown_does_not_call_it_nothing():
    title = made("missing")[1]["over-time-matrix-quick"].title
    assert title == "How much CPU is used for matrix products in C is unknown; memory is unknown"


def test_failures_of_any_wording_are_told_in_the_alt_text():
    told = made("missing")[1]["ranking-primes-quick"].description
    assert f"process_pool ×2 failed: {figures.BAD['process_pool'][1]}" in told


def test_without_a_series_there_is_no_chart_of_it():
    one = case()
    run = builders.run([block(one)], [one])
    quiet = replace(
        run,
        header=replace(
            run.header, plan=replace(run.header.plan, conditions=replace(run.header.plan.conditions, sample_hz=0.0))
        ),
    )
    names = [each.name for each in charts(results_of(Path("run.jsonl"), quiet))]
    assert "ranking-primes-quick" in names
    assert "over-time-primes-quick" not in names


def test_titles_state_the_finding_and_descriptions_hold_the_numbers():
    results, found = made("typical")
    ranking = found["ranking-primes-quick"]
    assert ranking.title == "Threads don't speed up Python arithmetic; processes do, 1.8×"
    numbers = "primes: process_pool ×2 113 ms, serial 205 ms, 1.82× as fast (1.82–1.82)"
    assert numbers in [each.get_text() for each in figures.texts(ranking.figure)]
    assert numbers in ranking.description
    for summary in results.summaries[:3]:
        assert f"{summary.case.strategy} " in ranking.description
    assert "bound 100 ms" in ranking.description
    assert "process_pool ×2 1.82×" in found["speedup"].description


def test_latencies_tell_the_median_and_the_99th_percentile():
    found = made("serving")[1]
    chart = found["latencies-echo-quick"]
    assert chart.title == (
        "asyncio_server has the lowest median reply time for connections that are kept, about 50.0 ms"
    )
    assert "echo: asyncio_server p99 99.0 ms, longest 100 ms" in [
        each.get_text() for each in figures.texts(chart.figure)
    ]
    assert "one_after_another median 100 ms, 99th percentile 198 ms, longest 200 ms" in chart.description
    assert "phases-echo-quick" not in found, "a server is not run once"


@pytest.mark.many(1)
@pytest.mark.parametrize("name", ["missing", "typical", "workers", "forty"])
def test_a_svg_holds_no_raster_and_is_small(name):
    for chart in made(name)[1].values():
        with theme.applied():
            text = theme.svg(chart.figure)
        assert "<image" not in text, chart.name
        assert len(text) < 40_000, chart.name


def test_the_dark_variant_has_the_same_text_in_other_colours():
    hostile = 'fill: #1b1f24 style="fill: #1b1f24"'
    with theme.applied():
        figure = theme.blank(hostile, "foot")
        light = theme.svg(figure)
        dark = theme.dark_svg(light)
    assert hostile in dark, "a title that looks like a style is text"
    tags = "".join(re.findall(r"<[^>]*>", dark))
    assert not [each for each in theme.DARK if re.search(rf"(fill|stroke): ?{each}", tags)]
    assert theme.DARK[theme.INK] in tags
    assert re.sub(r"#[0-9a-f]{6}", "", dark) == re.sub(r"#[0-9a-f]{6}", "", light)


def test_strategies_of_a_pattern_and_family_differ_in_marker_and_have_the_colour_of_their_family():
    built_in = [each for each in registry.strategies.values() if each.module in BUILT_IN]
    assert len(built_in) > 70
    looks = [(each.pattern, theme.colour(each.name), str(theme.marker(each.name))) for each in built_in]
    assert len(set(looks)) == len(built_in)
    assert len({theme.colour_of(kind) for kind in Family}) == len(Family)
    assert [family(name) for name in ("serial", "threads", "process_pool", "asyncio", "selectors_server", "mine")] == [
        Family.LOOP, Family.THREADS, Family.PROCESSES, Family.ASYNC, Family.ASYNC, Family.OTHER
    ]  # fmt: skip


SEEN_AS = {
    "normal": np.eye(3),
    "protanopia": np.array([[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]]),
    "deuteranopia": np.array([[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.01182, 0.04294, 0.968881]]),
    "tritanopia": np.array([[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.3039]]),
}  # fmt: skip
"""What becomes of linear RGB: Machado, Oliveira and Fernandes (2009), of the highest severity."""


def linear(colour):
    return np.array([each / 12.92 if each <= 0.04045 else ((each + 0.055) / 1.055) ** 2.4 for each in to_rgb(colour)])


def luminance(colour):
    return float(linear(colour) @ (0.2126, 0.7152, 0.0722))


def lab(rgb):
    """CIE L*a*b*, in which 2.3 is a difference that is just noticed."""
    xyz = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]]) @ rgb.clip(0, 1)
    x, y, z = (each ** (1 / 3) if each > 0.008856 else 7.787 * each + 16 / 116 for each in xyz / (0.9505, 1, 1.089))
    return np.array([116 * y - 16, 500 * (x - y), 200 * (y - z)])


@pytest.mark.parametrize("ground", [theme.GROUND, theme.DARK[theme.GROUND]])
@pytest.mark.parametrize("seen_as", SEEN_AS)
def test_the_four_families_stay_apart_for_colour_blind_readers_and_from_the_ground(ground, seen_as):
    four = [theme.colour_of(kind) for kind in (Family.LOOP, Family.THREADS, Family.PROCESSES, Family.ASYNC)]
    shown = four if ground == theme.GROUND else [theme.DARK[each] for each in four]
    for one, other in combinations(shown, 2):
        apart = np.linalg.norm(lab(SEEN_AS[seen_as] @ linear(one)) - lab(SEEN_AS[seen_as] @ linear(other)))
        assert apart > 15, (one, other)
    for each in shown:
        light, dark = sorted((luminance(each), luminance(ground)), reverse=True)
        assert (light + 0.05) / (dark + 0.05) >= 3, "WCAG 2.2, 1.4.11"


def test_a_slide_has_1920_by_1080_dots_and_a_footer_of_one_line(tmp_path):
    results, found = made("typical")
    with theme.applied():
        found["speedup"].figure.savefig(tmp_path / "slide.png", **theme.save_options("png"))
    with Image.open(tmp_path / "slide.png") as picture:
        assert picture.size == (1920, 1080)
    for chart in found.values():
        footer = next(each.get_text() for each in chart.figure.texts if each.get_text().startswith("run "))
        assert "\n" not in footer
        assert results.run.header.id in footer


@pytest.mark.long
def test_a_key_is_a_text_for_each_entry():
    """SVG makes one blank of several, so no text may rely on them."""
    for name in figures.RUNS:
        if name in ("typical", "workers", "serving"):
            for chart in made(name)[1].values():
                assert not [each.get_text() for each in figures.texts(chart.figure) if "  " in each.get_text()]


NAMES = st.text(st.characters(categories=("L", "N", "P", "S", "Zs")), min_size=1, max_size=80)


@settings(max_examples=200, deadline=None)
@given(NAMES, st.floats(40, 900), st.integers(1, 3), st.booleans())
def test_text_made_to_fit_fits(text, points, lines, bold):
    shown = wrapped(text, points, lines, 20, bold=bold)
    assert shown.count("\n") < lines
    assert width(shown, 20, bold=bold) <= points + 1e-6
    assert width(fitting(text, points)) <= points + 1e-6
    if lines == 3 and width(text) < points / 3:
        assert re.sub(r"\s", "", shown) == re.sub(r"\s", "", text) or width(text, 20, bold=bold) > points
    if width(text) <= points and text.isprintable():
        assert fitting(text, points) == text


@pytest.mark.long
def test_letters_are_as_wide_in_forked_processes_that_measure_at_once():
    letters = [chr(code) for code in range(0x370, 0x1000)]
    width("a")  # the font is open before the fork: two processes at one open file once read nonsense
    with get_context("fork").Pool(4) as pool:
        found = pool.map(_widths, [letters] * 4, chunksize=1)
    assert found == [_widths(letters)] * 4


def _widths(letters):
    return [width(each) for each in letters]

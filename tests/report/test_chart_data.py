"""What the charts of scaling, rounds, throughput and the trade-off draw is their data, and the data are the run's."""

import itertools
import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from matplotlib.backends.backend_agg import FigureCanvasAgg

from bench.analysis.groups import labels
from bench.analysis.scaling import curves
from bench.patterns import LATENCY_PROBABILITIES
from bench.records.block import Latencies, Outcome
from bench.records.run import Work
from bench.report.charts.message_rates import families
from bench.report.charts.rounds import rounds
from bench.report.charts.scaling import MOST_CURVES, scaling
from bench.report.charts.throughput import throughput
from bench.report.charts.tradeoff import tradeoff
from bench.report.drawing import boxes, theme
from bench.report.drawing.labels import spread
from bench.report.drawing.lettering import fitting
from bench.report.kit.results import results_of
from bench.store.runs import read
from tests import builders, figures
from tests.analysis.test_scaling import scaled
from tests.builders import block, case
from tests.conftest import ROOT


def loaded(run):
    return results_of(Path("run.jsonl"), run)


def drawn(draw, run, *, of=0):
    results = loaded(run)
    with theme.applied():
        chart = draw(results, results.groups[of])
    if chart is not None:
        assert figures.collisions(chart.figure) == []
        assert len({tuple(row) for row in chart.data}) == 1
    return results, chart


def lines(chart, name):
    return [each for axes in chart.figure.axes for each in axes.lines if each.get_gid() == name]


def points(chart, name):
    return sorted((float(x), float(y)) for line in lines(chart, name) for x, y in zip(*line.get_data(), strict=True))


def segments(chart, name):
    """What was drawn as one path: each segment with its ends."""
    ends = [(float(x), float(y)) for line in lines(chart, name) for x, y in zip(*line.get_data(), strict=True)]
    return sorted((ends[n], ends[n + 1]) for n in range(0, len(ends), 3))


def said(chart):
    return [each.get_text() for each in figures.texts(chart.figure)]


def columns(row, name, unit=""):
    return [row[f"{name}{part}{unit}"] for part in ("", "_low", "_high")]


def parts(estimate):
    return [None] * 3 if estimate is None else [estimate.centre, estimate.low, estimate.high]


def amdahl(sigma, *, noise=0.01, cores=8, **more):
    return scaled({p: sigma + (1 - sigma) / p for p in (1, 2, 4, 8)}, noise=noise, cores=cores, **more)


def test_scaling_draws_the_speed_ups_of_its_data_and_they_are_those_of_the_analysis():
    results, chart = drawn(scaling, amdahl(0.1))
    (curve,) = curves(results.groups[0], results.run)
    by_workers = {each.workers: each for each in curve.points}
    for row in chart.data:
        point = by_workers[row["workers"]]
        assert columns(row, "speedup") == parts(point.speedup)
        assert columns(row, "wall", "_s") == parts(point.summary.wall)
        assert columns(row, "serial_fraction") == parts(point.serial_fraction)
        assert columns(row, "sigma") == parts(curve.fit.sigma)
        assert (row["base_wall_s"], row["usable_cores"], row["law"]) == (curve.base.wall.centre, 8, "Amdahl")
    assert points(chart, "points") == sorted((row["workers"], row["speedup"]) for row in chart.data)
    assert segments(chart, "intervals") == sorted(
        ((row["workers"], row["speedup_low"]), (row["workers"], row["speedup_high"])) for row in chart.data
    )
    for x, y in points(chart, "fit"):
        assert y == pytest.approx(curve.fit.speedup(x))
    assert all(y == pytest.approx(x) for x, y in points(chart, "ideal") if x <= 8)
    assert [line.get_xdata()[0] for line in lines(chart, "cores")] == [8]


@pytest.mark.parametrize(("walls_s", "is_thick"), [({2: 0.5, 32: 0.05}, False), ({2: 0.5, 8: 0.2, 32: 0.05}, True)])
def test_what_joins_two_numbers_of_workers_looks_like_no_law(walls_s, is_thick):
    run = scaled(walls_s, strategy="thread_pool", bound="io", others=[(case("serial"), 1.0)])
    _, chart = drawn(scaling, run)
    (line,) = lines(chart, "line")
    assert (line.get_linewidth() > 2) == is_thick


def test_the_title_of_scaling_says_how_many_workers_are_enough():
    two_cores = {1: 1.0, 2: 0.55, 3: 0.551, 4: 0.552}
    _, chart = drawn(scaling, scaled(two_cores, cores=2))
    assert chart.title == "pool reaches 1.8× for Python arithmetic with 2 workers; more bring no clear gain"
    assert "primes: pool ×2 1.82× (1.82–1.82) over its own one worker, 1.00 s; ×3 1.81× and ×4 1.81×" in said(chart)
    assert "1.82× with 2 (1.82–1.82)" in chart.description
    assert "e 10 % (10–10 %) at 2" in chart.description
    _, chart = drawn(scaling, scaled({1: 1.0, 2: 1.0, 4: 1.01}))
    assert chart.title == "No clear gain from more workers for Python arithmetic"
    _, chart = drawn(scaling, scaled({1: 1.0, 2: 0.5, 4: 0.25}, cores=2))
    assert chart.title == "pool reaches 4.0× for Python arithmetic with 4 workers"
    assert "more than what it ran on can explain" in chart.description
    _, chart = drawn(scaling, scaled({1: 1.0, 2: 0.5}, repetitions=3))
    assert chart.title == "pool reaches about 2.0× for Python arithmetic with 2 workers"
    assert {row["interval_absent"] for row in chart.data} == {"n = 3; 6 are needed for 95 %"}
    assert lines(chart, "intervals") == []


def test_scaling_shows_nothing_where_there_is_one_number_of_workers_and_failed_cases_in_the_data():
    assert drawn(scaling, builders.typical_run())[1] is None
    made = scaled({1: 1.0, 2: 0.5})
    broken = case("pool", workers=4)
    blocks = [*made.blocks, block(broken, 0, [], outcome=Outcome.TIMED_OUT, reason="no end")]
    _, chart = drawn(scaling, builders.run(blocks, [*made.header.plan.cases, broken]))
    last = chart.data[-1]
    assert (last["workers"], last["outcome"], last["reason"], last["speedup"]) == (4, "timed_out", "no end", None)


def test_many_curves_with_long_names_are_named_beside_their_ends():
    parts_of_runs = [
        scaled({p: 1 / p + 0.01 * n for p in (1, 2, 16, 64)}, strategy=f"a_strategy_of_a_long_name_{n}" * 2)
        for n in range(12)
    ]
    blocks = [each for made in parts_of_runs for each in made.blocks]
    _, chart = drawn(scaling, builders.run(blocks, [each for made in parts_of_runs for each in made.header.plan.cases]))
    assert len(chart.data) == 12 * 4
    assert len(lines(chart, "line")) == MOST_CURVES


def test_rounds_draw_every_round_of_their_data_and_those_are_all_of_the_run():
    results, chart = drawn(rounds, builders.typical_run())
    group = results.groups[0]
    by_label = {group.labels[each.case.key]: each.case.key for each in group.cases}
    told = sorted(
        (by_label[row["case"]], row["repetition"], row["round"], row["at_s"], row["wall_s"]) for row in chart.data
    )
    measured = sorted(
        (each.case, each.repetition, number, found.at_s, found.wall_s)
        for each in results.run.blocks
        if each.case in by_label.values()
        for number, found in enumerate(each.rounds)
    )
    assert told == measured
    for name, warm in (("warm", True), ("cold", False)):
        places = sorted(one[0] for one, _ in segments(chart, name))
        assert places == sorted(row["wall_s"] for row in chart.data if row["warm"] is warm)
    assert len({one[1] for one, _ in segments(chart, "cold")}) == 3 * 6, "a lane for each block"


def test_a_case_of_many_rounds_is_told_and_not_drawn():
    few, many = case(), case("threads", workers=2)
    broken = case("pool", workers=2)
    blocks = [block(few, n) for n in range(6)] + [block(many, n, [0.1] * 10) for n in range(6)]
    blocks.append(block(broken, 0, [], outcome=Outcome.FAILED, reason="<b>"))
    _, chart = drawn(rounds, builders.run(blocks, [few, many, broken]))
    left = {row["strategy"]: row["not_drawn"] for row in chart.data if row["not_drawn"]}
    assert left == {"threads": "60 rounds are more than 50", "pool": "no time"}
    assert "1 case of more than 50 rounds left out. pool ×2 failed: <b>." in chart.description
    only_many = [each for each in blocks if each.case == many.key]
    assert drawn(rounds, builders.run(only_many, [many]))[1] is None


def test_the_title_of_rounds_says_who_is_steady():
    calm, wild = case(), case("threads", workers=2)
    blocks = [block(calm, n, [0.1] * 4) for n in range(6)] + [block(wild, n, [0.1, 0.1, 0.2, 0.3]) for n in range(6)]
    _, chart = drawn(rounds, builders.run(blocks, [calm, wild]))
    assert chart.title == "From round to round threads ×2 varies most for Python arithmetic, serial least"
    assert (
        "primes: the middle half of warm rounds spans 0 % of the median under serial, 100 % under threads ×2"
        in said(chart)
    )


def costly(*costs):
    """Cases of these times and bytes."""
    cases = [case(f"strategy_{n}", workers=2) for n in range(len(costs))]
    blocks = [
        block(of, n, [wall_s * (1 + n / 100)] * 3, round(memory * (1 + n / 50)))
        for n in range(6)
        for of, (wall_s, memory) in zip(cases, costs, strict=True)
    ]
    return builders.run(blocks, cases)


def test_the_trade_off_draws_its_data_and_they_are_the_summaries():
    results, chart = drawn(tradeoff, costly((0.1, 3e7), (0.2, 2e7), (0.3, 2.5e7), (0.4, 1e7)))
    by_strategy = {each.case.strategy: each for each in results.summaries}
    for row in chart.data:
        told = by_strategy[row["strategy"]]
        assert columns(row, "wall", "_s") == parts(told.wall)
        assert row["peak_memory_bytes"] == told.cost.peak_memory_bytes
        assert row["peak_memory_low_bytes"] <= row["peak_memory_bytes"] <= row["peak_memory_high_bytes"]
    assert points(chart, "spots") == sorted((row["wall_s"], row["peak_memory_bytes"]) for row in chart.data)
    assert [row["on_front"] for row in chart.data] == [True, True, False, True]
    assert chart.title == (
        "strategy_0 ×2 is fastest for Python arithmetic; strategy_3 ×2 takes the least memory and is 4.0× slower"
    )
    assert "primes: strategy_0 ×2 102 ms with 31.5 MB; strategy_3 ×2 410 ms with 10.5 MB" in said(chart)
    corners = {end for segment in segments(chart, "front") for end in segment}
    best = {(row["wall_s"], row["peak_memory_bytes"]) for row in chart.data if row["on_front"]}
    assert best <= corners
    assert len(corners) == 2 * len(best) - 1


@given(
    st.lists(st.tuples(st.sampled_from([0.1, 0.2, 0.3, 0.5]), st.sampled_from([1e7, 2e7, 4e7])), min_size=2, max_size=6)
)
@settings(max_examples=20, deadline=None)
def test_the_front_is_what_nothing_beats_in_both(costs):
    results = loaded(costly(*costs))
    with theme.applied():
        chart = tradeoff(results, results.groups[0])
    rows = [(row["wall_s"], row["peak_memory_bytes"], row["on_front"]) for row in chart.data]
    for wall, memory, on_front in rows:
        beaten = any(w <= wall and m <= memory and (w, m) != (wall, memory) for w, m, _ in rows)
        assert on_front is not beaten


@pytest.mark.long
def test_names_without_room_are_left_out_and_counted():
    _, chart = drawn(tradeoff, costly(*((0.1 + n / 10_000, 1e7) for n in range(40))))
    unnamed = [row for row in chart.data if not row["named"]]
    assert len(unnamed) > 10
    assert any(f"{len(unnamed)} names left out" in each.get_text() for each in chart.figure.texts)


def boxes_of_names(chart):
    """By text where the names of points are, as matplotlib draws them, in dots."""
    with theme.applied():
        renderer = FigureCanvasAgg(chart.figure).get_renderer()
        chart.figure.draw(renderer)
        return {each.get_text(): each.get_window_extent(renderer) for each in figures.texts(chart.figure)
                if each.get_gid() == "name"}  # fmt: skip


def told_apart(results, chart):
    """That names overlap neither each other nor marks, and that each is at its point or has a line to it that passes no name.

    Returns:
        How many names have a line.
    """
    names, (axes,) = boxes_of_names(chart), chart.figure.axes
    marks = {
        fitting(results.groups[0].labels[each.case.key], 220.0): axes.transData.transform(
            (each.wall.centre, each.cost.peak_memory_bytes)
        )
        for each in results.summaries
    }
    half = 11 / 72 * chart.figure.dpi / 2
    assert names.keys() <= marks.keys()
    assert len(names) == sum(row["named"] for row in chart.data)
    for (one, box), (other, another) in itertools.combinations(names.items(), 2):
        assert not box.padded(-0.5).overlaps(another.padded(-0.5)), (one, other)
    for name, box in names.items():
        for whose, (x, y) in marks.items():
            on = box.x0 < x + half and x - half < box.x1 and box.y0 < y + half and y - half < box.y1
            assert not on, f"{name} lies on the mark of {whose}"
    leaders = [axes.transAxes.transform(each) for each in segments(chart, "leaders")]
    for name, box in names.items():
        x, y = marks[name]
        away = math.hypot(max(box.x0 - x, x - box.x1, 0), max(box.y0 - y, y - box.y1, 0)) - half
        own = [each for each in leaders if math.dist(each[0], (x, y)) < 0.5 and _goes_to(each[1], box)]
        assert own or away < 12 / 72 * chart.figure.dpi, f"{name} is {away:.0f} dots from its mark, without a line"
    for begin, end in leaders:
        for name, box in names.items():
            middle = [begin + (end - begin) * share for share in np.linspace(0, 0.97, 60)]
            assert not any(box.padded(-1).contains(*point) for point in middle), f"a line passes through {name}"
    return len(leaders)


def _goes_to(end, box):
    grown = box.padded(6)  # a line ends at the box of a line of text, which is higher than its letters
    return grown.contains(*end)


def test_names_of_crowded_points_stand_aside_with_a_line():
    crowd = [(0.1 + n / 200, 1e7 + 4e5 * (n % 3)) for n in range(10)]
    results, chart = drawn(tradeoff, costly(*crowd, (0.4, 3e7)))
    assert told_apart(results, chart) >= 4
    assert all(row["named"] for row in chart.data)


def test_a_name_with_room_at_its_point_has_no_line():
    results, chart = drawn(tradeoff, costly((0.1, 1e7), (0.2, 2e7), (0.3, 3e7)))
    assert told_apart(results, chart) == 0
    assert all(row["named"] for row in chart.data)


@pytest.mark.long
@given(
    st.lists(
        st.tuples(st.sampled_from([0.1, 0.3]), st.floats(1, 1.1), st.sampled_from([1e7, 2e7]), st.floats(1, 1.1)),
        min_size=2,
        max_size=20,
    )
)
@settings(
    max_examples=15, deadline=None, phases=[Phase.explicit, Phase.reuse, Phase.generate]
)  # shrinking takes minutes
def test_names_of_any_points_can_be_told_apart(crowd):
    results, chart = drawn(tradeoff, costly(*((time * far, memory * more) for time, far, memory, more in crowd)))
    told_apart(results, chart)


@pytest.mark.long
@pytest.mark.parametrize("path", sorted((ROOT / "results" / "reference").glob("*.jsonl")), ids=lambda path: path.stem)
def test_names_in_the_published_runs_can_be_told_apart_and_few_are_left_out(path):
    found, left_out, drawn_names = results_of(path, read(path)), 0, 0
    for group in found.groups:
        with theme.applied():
            chart = tradeoff(found, group)
        if chart is not None:
            told_apart(replace(found, groups=[group], summaries=group.ranked), chart)
            named = [row["named"] for row in chart.data if row["named"] is not None]
            assert sum(named) >= len(named) / 2, group.name
            left_out, drawn_names = left_out + named.count(False), drawn_names + len(named)
    assert left_out <= 0.3 * drawn_names


def test_unknown_memory_is_in_the_data_with_its_reason():
    made = costly((0.1, 1e7), (0.2, 2e7))
    blind = case("blind", workers=2)
    windows = [builders.window(1.0 + n, 0.1, peak_memory_bytes=None) for n in range(3)]
    run = builders.run([*made.blocks, block(blind, rounds=windows)], [*made.header.plan.cases, blind])
    _, chart = drawn(tradeoff, run)
    row = chart.data[-1]
    assert (row["peak_memory_bytes"], row["on_front"]) == (None, None)
    assert row["memory_absent"]
    assert row["interval_absent"] == "n = 1; 6 are needed for 95 %"
    assert drawn(tradeoff, builders.run([block(case())], [case()]))[1] is None, "one case is no trade-off"


SIZES = {"messages_a": 16, "messages_b": 4096, "messages_c": 2**20}


def streaming(strategies=("queue", "pipe"), repetitions=6, extra=()):
    """Strategies that take 1 ms and 1 ns a byte, each a little longer than the one before."""
    blocks, cases = [], []
    for workload, size in SIZES.items():
        for place, strategy in enumerate(strategies):
            of = case(strategy, workload=workload, workers=None)
            cases.append(of)
            wall_s = (1 + place / 10) * (1e-3 + 100 * size * 1e-9)
            blocks += [
                block(of, n, [wall_s * (1 + n / 50)] * 3, tasks=100, payload_bytes=100 * size)
                for n in range(repetitions)
            ]
    for of, each in extra:
        cases.append(of)
        blocks.append(each)
    works = {each.workload: Work("stream", "cpu", "queue") for each in cases}
    return builders.run(blocks, cases, works=works)


def test_throughput_draws_the_rates_of_its_data_and_they_follow_from_the_summaries():
    broken = case("pipe", workload="messages_c", workers=3)
    failed = block(broken, 0, [], outcome=Outcome.FAILED, reason="broken pipe")
    results = loaded(streaming(extra=[(broken, failed)]))
    (family,) = families(results.groups)
    with theme.applied():
        chart = throughput(results, family)
    assert figures.collisions(chart.figure) == []
    by_key = {(each.case.workload, each.case.strategy, each.case.workers): each for each in results.summaries}
    for row in chart.data[:-1]:
        told = by_key[row["workload"], row["strategy"], None]
        size = SIZES[row["workload"]]
        assert row["message_bytes"] == size
        assert columns(row, "wall", "_s") == parts(told.wall)
        for name, amount in (("messages_per", 100), ("bytes_per", 100 * size)):
            rates = [amount / told.wall.centre, amount / told.wall.high, amount / told.wall.low]
            assert columns(row, name, "_s") == pytest.approx(rates)
    last = chart.data[-1]
    assert (last["outcome"], last["reason"], last["messages_per_s"], last["drawn"]) == (
        "failed",
        "broken pipe",
        None,
        False,
    )
    good = chart.data[:-1]
    both = [(row["message_bytes"], row[f"{name}_per_s"]) for row in good for name in ("messages", "bytes")]
    assert points(chart, "rates") == sorted(both)
    assert len(segments(chart, "intervals")) == 2 * len(good)
    assert chart.title == "Between processes queue moves most, 944 MB/s in messages of 1.05 MB"
    assert "messages of 16.0 B: most between processes queue 95.1 k/s" in said(chart)
    assert chart.name == "throughput-messages-quick"


def test_references_have_a_panel_of_their_own_and_no_bytes():
    results = loaded(streaming(("queue", "pipe", "thread_queue")))
    (family,) = families(results.groups)
    with theme.applied():
        chart = throughput(results, family)
    assert figures.collisions(chart.figure) == []
    drawn_in = {
        axes.get_title("left"): len([each for each in axes.lines if each.get_gid() == "rates"])
        for axes in chart.figure.axes
    }
    assert drawn_in == {
        "messages a second, copied": 2,
        "bytes a second, copied": 2,
        "messages a second, by reference": 1,
    }
    assert chart.title.endswith("threads hand over references")


def test_both_axes_of_scaling_have_one_scale_so_that_the_ideal_rises_at_45_degrees():
    for walls in ({1: 1.0, 2: 0.6, 4: 0.4, 8: 0.3}, {2: 1.0, 64: 0.9}, {1: 1.0, 2: 0.01}):
        _, chart = drawn(scaling, scaled(walls, cores=64, others=[(case("serial"), 2.0)]))
        (axes,) = chart.figure.axes
        one, other = axes.transData.transform([(2, 2), (4, 4)])
        assert other[0] - one[0] == pytest.approx(other[1] - one[1], rel=1e-6)
        assert all(axes.get_ylim()[0] < y < axes.get_ylim()[1] for _, y in points(chart, "points"))
        assert all(axes.get_xlim()[0] < x < axes.get_xlim()[1] for x, _ in points(chart, "points"))


def test_round_trips_and_single_sizes_are_in_no_family():
    trip = case("queue", workload="messages_d", workers=None)
    timed = Latencies("round trip", 100, [0.001] * len(LATENCY_PROBABILITIES))
    other = case("queue", workload="three_to_one", workers=None)
    extra = [
        (trip, block(trip, 0, tasks=100, payload_bytes=3200, latencies=[timed])),
        (other, block(other, 0, tasks=100, payload_bytes=409_600)),
    ]
    (family,) = families(loaded(streaming(extra=extra)).groups)
    assert [each.workload for each in family.groups] == list(SIZES)
    assert families(loaded(builders.typical_run()).groups) == []


@pytest.mark.long
def test_many_streams_with_long_names_and_without_intervals_fit():
    names = ["queue", *(f"a_queue_with_quite_a_long_name_that_is_measured_{n}" for n in range(20))]
    results = loaded(streaming(names, repetitions=2))
    (family,) = families(results.groups)
    with theme.applied():
        chart = throughput(results, family)
    assert figures.collisions(chart.figure) == []
    assert {row["interval_absent"] for row in chart.data} == {"n = 2; 6 are needed for 95 %"}
    assert any("n = 2; 6 are needed" in each.get_text() for each in chart.figure.texts)
    assert sum(row["drawn"] for row in chart.data) == len(points(chart, "rates")) / 2
    assert set(labels(results.summaries).values()) >= set(names)


@given(st.lists(st.tuples(st.floats(-1, 2), st.floats(0.01, 0.2)), min_size=1, max_size=12))
def test_spread_names_never_overlap_and_stay_where_they_are_if_they_need_not_move(wanted):
    middles, sizes = zip(*wanted, strict=True)
    found = spread(middles, sizes, (0.0, 1.0))
    placed = sorted(zip(found, sizes, strict=True))
    for (one, size), (other, more) in itertools.pairwise(placed):
        assert other - one >= (size + more) / 2 - 1e-9
    if sum(sizes) <= 1:
        assert all(at - size / 2 >= -1e-9 and at + size / 2 <= 1 + 1e-9 for at, size in placed)
    assert spread(found, sizes, (-math.inf, math.inf)) == pytest.approx(found)


def test_boxes_that_share_an_edge_do_not_touch():
    box = boxes.rows_of([(0, 0, 2, 1)], 4)
    others = boxes.rows_of([(2, 0, 3, 1), (1, 0.5, 3, 2), (1, 0.5, 2, 1), (1, 0.5, 2.1, 1)], 4)
    assert boxes.touching(box, others).tolist() == [[False, True, True, True]]
    assert boxes.within(others, box[0]).tolist() == [False, False, True, False]


def test_lines_pass_through_what_they_do_not_only_end_at():
    box = boxes.rows_of([(0, 0, 2, 1)], 4)
    through = [(-1, 0.5, 3, 0.5), (1, -1, 1, 2), (-1, -1, 1, 0.5), (1, 0.2, 1, 0.8)]
    past = [(-1, 2, 3, 2), (-1, 0.5, 0, 0.5), (-1, 0.9, 0.2, 2), (3, 0.5, 4, 0.5)]
    assert boxes.passing(boxes.rows_of([*through, *past], 4), box)[:, 0].tolist() == [True] * 4 + [False] * 4


def test_lines_cross_where_they_do_not_only_meet():
    line = boxes.rows_of([(0, 0, 2, 2)], 4)
    others = boxes.rows_of([(0, 2, 2, 0), (0, 0, 2, 0), (2, 2, 3, 0), (3, 0, 3, 4), (0, 1, 2, 3)], 4)
    assert boxes.crossing(line, others).tolist() == [[True, False, False, False, False]]
    assert boxes.crossing(line, boxes.rows_of([], 4)).shape == (1, 0)

"""No table contradicts itself: times, ratios, their order, their intervals and what is said of them go together."""

import csv
import io
import json
import math
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from bench.analysis.groups import groups
from bench.analysis.pace import paced
from bench.analysis.scaling import curves
from bench.analysis.side_by_side import _ratio
from bench.analysis.signed_rank import time_estimate
from bench.analysis.summary import compared, summarise
from bench.records.block import Block
from bench.records.run import Run
from bench.report.kit.headline import finding
from bench.report.kit.results import Results
from bench.report.run import cells
from bench.report.run.columns import as_csv, as_json
from tests import builders
from tests.builders import block, case

TIMES = some.floats(1e-4, 10)


@some.composite
def runs(draw: some.DrawFn) -> Run:
    """Up to five strategies of which some blocks are missing, on a machine that has a pace in each repetition."""
    repetitions = draw(some.integers(1, 9))
    cases = [case(), *[case(f"way{number}", workers=number) for number in range(1, draw(some.integers(2, 5)))]]
    pace = draw(some.lists(some.floats(0.3, 3), min_size=repetitions, max_size=repetitions))
    blocks: list[Block] = []
    for of in cases:
        own_s = draw(TIMES)
        for number in range(repetitions):
            if number and draw(some.integers(0, 9)) == 0:
                continue
            wall_s = own_s * pace[number] * draw(some.floats(0.7, 1.4))
            alone = {"longest_task_s": wall_s / 3, "total_task_s": wall_s * draw(some.floats(0.8, 1.2))}
            blocks.append(block(of, number, [wall_s] * 3, **(alone if of is cases[0] else {})))
    made = builders.run(blocks, cases)
    settled = draw(some.booleans())
    plan = replace(made.header.plan, repetitions=made.header.plan.repetitions if settled else 0)
    return replace(made, header=replace(made.header, plan=plan))


def one_group(run):
    (group,) = groups(summarise(run))
    return group


@given(runs())
@settings(max_examples=150, deadline=None)
def test_order_time_and_ratio_of_any_run_agree(run):
    group = one_group(run)
    beside_the_base = [each for each in group.ranked if each.speedup is not None]
    assert [each.wall.centre for each in group.ranked] == sorted(each.wall.centre for each in group.ranked)
    ratios = [each.speedup.centre for each in beside_the_base]
    assert ratios == pytest.approx(sorted(ratios, reverse=True))
    (base,) = (each for each in group.cases if each.is_base)
    for each in beside_the_base:
        assert each.base_wall_s == base.wall.centre
        assert each.wall.centre * each.speedup.centre == pytest.approx(base.wall.centre)
        assert (each.wall.centre < base.wall.centre * (1 - 1e-9)) == (each.speedup.centre > 1 + 1e-9)
        if not each.is_base and each.speedup.low is not None:
            assert each.wall.low * each.speedup.high == pytest.approx(base.wall.centre)
            assert each.wall.high * each.speedup.low == pytest.approx(base.wall.centre)
            assert each.wall.low <= each.wall.centre <= each.wall.high
    best = group.ranked[0]
    assert group.labels[best.case.key] in finding(group)


@given(runs())
@settings(max_examples=80, deadline=None)
def test_blocks_that_are_drawn_have_the_time_that_is_drawn_for_their_centre(run):
    for each in one_group(run).ranked:
        assert time_estimate(each.paced_walls.values()).centre == pytest.approx(each.wall.centre)


@pytest.mark.long
@given(runs())
@settings(max_examples=80, deadline=None)
def test_two_cases_are_compared_by_the_times_that_are_shown(run):
    group = one_group(run)
    for one in group.ranked:
        for other in group.ranked:
            ratio = compared(one, other)
            if ratio is None:
                continue
            assert ratio.centre == pytest.approx(one.wall.centre / other.wall.centre)
            swapped = compared(other, one)
            assert swapped.centre == pytest.approx(1 / ratio.centre)
            if ratio.low is not None:
                assert ratio.low <= ratio.centre <= ratio.high
                assert (swapped.low, swapped.high) == (pytest.approx(1 / ratio.high), pytest.approx(1 / ratio.low))
    for curve in curves(group, run):
        for point in curve.points:
            assert point.speedup.centre == pytest.approx(curve.base.wall.centre / point.summary.wall.centre)


@pytest.mark.long
@given(runs(), some.floats(0.01, 100))
@settings(max_examples=60, deadline=None)
def test_a_machine_that_is_so_many_times_as_slow_has_such_times_and_the_same_ratios(run, factor):
    def slower(block):
        rounds = [replace(each, wall_s=factor * each.wall_s) for each in block.rounds]
        alone = {name: value and factor * value for name in ("longest_task_s", "total_task_s")
                 if (value := getattr(block, name)) or True}  # fmt: skip
        return replace(block, rounds=rounds, **alone)

    before, after = summarise(run), summarise(replace(run, blocks=[slower(each) for each in run.blocks]))
    for one, other in zip(before, after, strict=True):
        assert parts(other.wall) == pytest.approx([each and factor * each for each in parts(one.wall)])
        assert parts(other.speedup) == pytest.approx(parts(one.speedup))
        if one.bound is not None and other.bound is not None:  # short tasks may be too short on the faster machine
            assert parts(other.bound.wall) == pytest.approx([each and factor * each for each in parts(one.bound.wall)])
            assert parts(other.bound.reached) == pytest.approx(parts(one.bound.reached))


def parts(estimate):
    return [0.0] * 3 if estimate is None else [estimate.centre, estimate.low or 0.0, estimate.high or 0.0]


@pytest.mark.long
@given(runs())
@settings(max_examples=40, deadline=None)
def test_exports_have_the_numbers_of_the_table(run):
    results = Results("run.jsonl", run, summarise(run), groups(summarise(run)), [])
    rows = list(csv.DictReader(io.StringIO(as_csv(results))))
    for read, told, each in zip(rows, json.loads(as_json(results))["cases"], results.summaries, strict=True):
        assert read["wall_s"] == str(told["wall_s"]) == str(each.wall.centre)
        if each.speedup is not None:
            assert float(read["wall_s"]) * float(read["speedup"]) == pytest.approx(each.base_wall_s)
        if each.bound is not None:
            bound = [told[name] for name in ("bound_s", "bound_low_s", "bound_high_s", "bound_stated")]
            assert bound == [each.bound.wall.centre, each.bound.wall.low, each.bound.wall.high, False]


def two(serial, threads):
    cases = [case(), case("threads", workers=None)]
    blocks = [block(of, n, [wall] * 3) for of, walls in zip(cases, (serial, threads), strict=True)
              for n, wall in enumerate(walls)]  # fmt: skip
    return one_group(builders.run(blocks, cases))


def test_a_time_beside_a_base_that_takes_as_long_is_no_ratio_of_one_and_a_half():
    """Medians of blocks say 169 and 168 ms here, and half of the pairs 1.38×: the times follow from the pairs."""
    group = two([0.232, 0.169, 0.300, 0.130, 0.169, 0.169], [0.168, 0.122, 0.217, 0.094, 0.168, 0.168])
    serial, threads = group.cases
    assert threads.speedup.centre > 1.1
    assert serial.wall.centre / threads.wall.centre == pytest.approx(threads.speedup.centre)
    assert group.ranked == [threads, serial]


def test_more_pairs_that_say_the_same_narrow_the_ratio():
    walls = [0.1, 0.12, 0.11, 0.13, 0.1, 0.12]
    few = two(walls, walls[::-1]).cases[1].speedup
    centre = few.centre
    more = two([*walls, *[0.1] * 6], [*walls[::-1], *[0.1 / centre] * 6]).cases[1].speedup
    assert few.low < more.low <= more.high < few.high


def test_a_case_without_a_pair_has_the_time_of_its_own_blocks():
    found = paced({3: 0.2, 4: 0.3}, {0: 0.1, 1: 0.1}, fixed=True)
    assert (found.speedup, found.wall.centre) == (None, pytest.approx(math.sqrt(0.06)))
    assert found.walls == {3: 0.2, 4: 0.3}


def test_blocks_without_a_block_of_the_base_are_in_neither_ratio_nor_chart():
    found = paced({0: 0.2, 1: 0.2, 2: 9.0}, {0: 0.1, 1: 0.1}, fixed=True)
    assert (found.wall.centre, found.walls) == (pytest.approx(0.2), {0: pytest.approx(0.2), 1: pytest.approx(0.2)})
    assert found.speedup.n == 2


def test_the_base_is_its_own_even_where_a_variant_has_as_much_in_common():
    spawned, forked = case("queue", workers=1, a="1", b="2"), case("queue", workers=1, a="1")
    works = {"primes": replace(builders.typical_run().header.plan.works["primes"], baseline="queue")}
    run = builders.run([block(spawned, 0, [4.0] * 3), block(forked, 0, [2.0] * 3)], [spawned, forked], works=works)
    assert [each.speedup.centre for each in summarise(run)] == [1, 1]


def test_ratios_between_runs_are_those_of_the_times_beside_each_other():
    one = two([0.2, 0.22, 0.3, 0.21, 0.2, 0.25], [0.1, 0.12, 0.1, 0.11, 0.1, 0.12]).cases[1]
    other = two([0.1, 0.12, 0.15, 0.11, 0.1, 0.12], [0.1, 0.13, 0.12, 0.11, 0.1, 0.12]).cases[1]
    ratio = _ratio(one, other)
    assert ratio.centre == pytest.approx(one.wall.centre / other.wall.centre)
    assert ratio.low <= ratio.centre <= ratio.high


def test_a_run_that_was_looked_at_has_wider_intervals_than_one_that_was_settled():
    run = builders.run(
        [block(of, n, [wall * (1 + (n * shift) % 5 / 20)] * 3) for n in range(8)
         for of, wall, shift in ((case(), 0.2, 3), (case("threads", workers=None), 0.1, 2))],
        [case(), case("threads", workers=None)],
    )  # fmt: skip
    looked = replace(run, header=replace(run.header, plan=replace(run.header.plan, repetitions=0, precision=0.05)))
    settled, open_ended = summarise(run)[1].speedup, summarise(looked)[1].speedup
    assert (settled.level, open_ended.level) == (1 - 10 / 256, 1 - 4 / 256)
    assert open_ended.low <= settled.low <= settled.high <= open_ended.high


def test_few_pairs_among_enough_blocks_are_said():
    serial, late = case(), case("late", workers=2)
    blocks = [block(serial, n) for n in range(6)] + [block(late, n) for n in range(3, 9)]
    group = one_group(builders.run(blocks, [serial, late]))
    found = {each.case.strategy: each for each in group.cases}
    assert (found["late"].blocks, found["late"].wall.n, found["late"].wall.low) == (6, 3, None)


def test_cases_that_were_never_measured_together_are_compared_by_the_base_that_both_were_beside():
    """As where what does not fit into memory together is split: the base is in each part."""
    cases = [case(), case("best", workers=2), case("other", workers=3)]
    for other_s, level in ((0.2, False), (0.101, True)):
        blocks = []
        for n in range(12):
            slower = 1 + n % 5 / 10
            of, wall_s = (cases[1], 0.1) if n < 6 else (cases[2], other_s)
            blocks += [block(cases[0], n, [0.4 * slower] * 3), block(of, n, [wall_s * slower] * 3)]
        group = one_group(builders.run(blocks, cases))
        ratio = compared(group.ranked[1], group.ranked[0])
        assert ratio.low == pytest.approx(ratio.centre) == pytest.approx(other_s / 0.1)
        assert (len(group.level) == 2) == level


def test_where_variants_of_the_base_have_times_of_their_own_a_table_shows_which_a_ratio_is_to():
    ways = [case("queue", workers=None, start_method=how) for how in ("fork", "spawn")]
    pipes = [case("pipe", workers=None, start_method=how) for how in ("fork", "spawn")]
    works = {"primes": replace(builders.typical_run().header.plan.works["primes"], baseline="queue")}
    walls = zip((*ways, *pipes), (4.0, 8.0, 2.0, 2.5), strict=True)
    run = builders.run(
        [block(of, n, [wall_s] * 3) for of, wall_s in walls for n in range(6)], [*ways, *pipes], works=works
    )
    group = one_group(run)
    found = next(each for each in cells.terminal_columns(group) if each.heading == "queue there")
    assert [found.text(each) for each in group.ranked] == ["4.00 s", "8.00 s", "4.00 s", "8.00 s"]
    assert [each.speedup.centre for each in group.ranked] == pytest.approx([2, 3.2, 1, 1])

"""Signed-rank intervals are what enumerating signs and sorting averages gives, for few values and for many."""

import itertools
import math
import random
import statistics
import tracemalloc
from itertools import combinations_with_replacement

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as some

from bench.analysis import signed_rank
from bench.analysis.differences import WalshSums
from bench.analysis.estimates import median_estimate
from bench.analysis.signed_rank import interval_rank, ratio_estimate, signed_rank_estimate, time_estimate

LOGS = some.floats(-20, 20)
PAIRS = some.lists(some.tuples(some.floats(0.001, 1000), some.floats(0.001, 1000)), min_size=1, max_size=40)


def averages(values):
    return sorted((one + other) / 2 for one, other in combinations_with_replacement(values, 2))


def test_levels_are_what_counting_all_signs_gives():
    for n in range(1, 11):
        totals = [sum(itertools.compress(range(1, n + 1), signs)) for signs in itertools.product((0, 1), repeat=n)]
        for miss in (0.01, 0.05, 0.2, 0.5):
            rank, level = interval_rank(n, miss)
            missed = [2 * sum(total < each for total in totals) / 2**n for each in (rank, rank + 1)]
            assert missed[0] <= miss < missed[1]
            assert level == (pytest.approx(1 - missed[0]) if rank else 0)


def test_six_values_give_an_interval_and_seven_a_narrower_one_than_order_statistics():
    assert signed_rank_estimate([1, 2, 3, 4, 5], 0.05).low is None
    six = signed_rank_estimate([1, 2, 3, 4, 5, 6], 0.05)
    assert (six.low, six.centre, six.high, six.level) == (1, 3.5, 6, 1 - 2 / 64)
    seven = [1, 2, 3, 4, 5, 6, 7]
    assert signed_rank_estimate(seven, 0.05).low > median_estimate(seven).low


@pytest.mark.parametrize("n", [101, 120, 160])
@pytest.mark.parametrize("miss", [0.05, 0.01, 0.0008])
def test_where_ways_are_not_counted_the_interval_misses_a_little_less_than_asked(n, miss, monkeypatch):
    rank, _ = interval_rank(n, miss)
    monkeypatch.setattr(signed_rank, "_MOST_EXACT", n)
    exact, _ = interval_rank(n, miss)
    _, level = interval_rank(n, 1 - (1 - miss))
    ways = signed_rank._cumulated(n)
    assert rank <= exact
    assert 0.8 * miss < ways[rank - 1] / 2 ** (n - 1) <= miss
    assert 1 - level <= miss


@given(some.lists(LOGS, min_size=1, max_size=30), some.sampled_from([0.05, 0.01, 0.5]))
def test_centre_and_ends_are_walsh_averages(values, miss):
    found, every = signed_rank_estimate(values, miss), averages(values)
    rank, level = interval_rank(len(values), miss)
    assert found.centre == pytest.approx(statistics.median(every))
    assert (found.n, found.level) == (len(values), level or None)
    if rank:
        assert (found.low, found.high) == (pytest.approx(every[rank - 1]), pytest.approx(every[-rank]))
        assert found.low <= found.centre <= found.high


@pytest.mark.long
@given(some.lists(some.floats(-1e300, 1e300) | some.sampled_from([0.0, 0.1, 0.3]), min_size=1, max_size=30))
def test_sums_are_selected_as_sorting_gives_them(values):
    sums = WalshSums(values)
    sums._to_sort = 3  # as if there were many
    every = sorted(one + other for one, other in combinations_with_replacement(values, 2))
    assert len(sums) == len(every)
    assert [sums[rank] for rank in range(len(sums))] == every


@pytest.mark.parametrize("distinct", [3, 1_000_000])
def test_many_values_give_what_sorting_all_averages_gives(distinct):
    values = np.random.default_rng(distinct).integers(0, distinct, 1200) / 7
    one, other = np.triu_indices(len(values))
    every = np.sort(values[one] + values[other]) / 2
    found = signed_rank_estimate(values.tolist(), 0.05)
    rank, _ = interval_rank(len(values), 0.05)
    assert (found.low, found.high) == (every[rank - 1], every[-rank])
    assert found.centre == pytest.approx(np.median(every))


def test_a_quarter_million_values_take_memory_in_proportion():
    drawing = random.Random(1)
    values = [drawing.gauss(0, 1) for _ in range(250_000)]
    tracemalloc.start()
    try:
        found = signed_rank_estimate(values, 0.05)
        _, peak_bytes = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak_bytes < 500 * len(values)
    assert found.high - found.low == pytest.approx(2 * 1.96 * math.sqrt(math.pi / 3 / len(values)), rel=0.1)


def test_no_values_are_an_error():
    with pytest.raises(ValueError, match="no values"):
        signed_rank_estimate([], 0.05)


@given(some.lists(some.floats(0.001, 1000), min_size=1, max_size=30), some.floats(0.001, 1000))
def test_scaled_times_scale_their_estimate(times, factor):
    one, scaled = time_estimate(times), time_estimate([factor * each for each in times])
    assert scaled.centre == pytest.approx(factor * one.centre)
    if one.low is not None:
        assert (scaled.low, scaled.high) == (pytest.approx(factor * one.low), pytest.approx(factor * one.high))


@given(PAIRS)
def test_swapped_arms_give_the_inverse_ratio(pairs):
    one, other = (dict(enumerate(each)) for each in zip(*pairs, strict=True))
    forth, back = ratio_estimate(one, other), ratio_estimate(other, one)
    assert forth.centre == pytest.approx(1 / back.centre)
    if forth.low is not None:
        assert (forth.low, forth.high) == (pytest.approx(1 / back.high), pytest.approx(1 / back.low))


@given(some.lists(LOGS, min_size=6, max_size=20), some.integers(1, 20))
def test_more_values_at_the_centre_narrow_the_interval(values, more):
    few = signed_rank_estimate(values, 0.05)
    many = signed_rank_estimate([*values, *[few.centre] * more * len(values)], 0.05)
    assert many.high - many.low <= few.high - few.low + 1e-9


def test_a_ratio_pairs_what_was_measured_in_the_same_repetition():
    drifting = {0: 1.0, 1: 2.0, 2: 4.0}
    twice = {0: 2.0, 1: 4.0, 2: 8.0, 3: 1000.0}
    assert ratio_estimate(twice, drifting).centre == pytest.approx(2)
    assert ratio_estimate(twice, drifting).n == 3
    assert ratio_estimate({0: 1.0}, {1: 1.0}) is None

import itertools
import math
import random
import statistics
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.analysis import estimates
from bench.analysis.estimates import coverage, median_estimate, slope_estimate, values_needed

values = st.lists(st.floats(0.001, 1000), min_size=1, max_size=60)


def test_coverage_is_what_counting_all_outcomes_gives():
    for n in range(1, 9):
        for rank in range(1, n // 2 + 1):
            # each value falls below the median or above it, all 2^n ways equally likely
            inside = sum(rank <= sum(way) <= n - rank for way in itertools.product((0, 1), repeat=n))
            assert coverage(n, rank) == pytest.approx(inside / 2**n)


@given(st.integers(1, 1100), st.data())
def test_coverage_is_what_exact_fractions_give(n, data):
    rank = data.draw(st.integers(0, n // 2))
    exact = 1 - Fraction(2 * sum(math.comb(n, each) for each in range(rank)), 2**n)
    assert coverage(n, rank) == pytest.approx(float(exact), abs=1e-13)


@given(st.integers(1, 200), st.sampled_from([0.5, 0.875, 0.95, 0.96875, 0.99, 0.999]))
def test_the_interval_is_the_narrowest_that_exact_fractions_allow(n, level):
    ranks = [rank for rank in range(1, n // 2 + 1)
             if 1 - Fraction(2 * sum(math.comb(n, each) for each in range(rank)), 2**n) >= Fraction(level)]  # fmt: skip
    assert median_estimate(range(1, n + 1), level).low == (ranks[-1] if ranks else None)


@pytest.mark.parametrize("n", [1022, 1023, 1024, 1025, 5000, 10**6])
def test_the_interval_goes_on_as_the_normal_distribution_says_where_a_float_would_overflow(n):
    estimate = median_estimate(range(n))
    half = statistics.NormalDist().inv_cdf(0.975) * math.sqrt(n) / 2
    assert estimate.centre == (n - 1) / 2
    assert (estimate.high - estimate.low) / 2 == pytest.approx(half, abs=1.01)
    assert 0.95 <= estimate.level < 0.956


def test_six_values_are_the_fewest_for_95_percent():
    assert values_needed(0.95) == 6
    assert median_estimate([1, 2, 3, 4, 5]).low is None
    assert (median_estimate([1, 2, 3, 4, 5, 6]).low, median_estimate([1, 2, 3, 4, 5, 6]).high) == (1, 6)


@given(values)
def test_the_interval_is_made_of_values_and_holds_the_median(given_values):
    estimate = median_estimate(given_values)
    assert estimate.centre == statistics.median(given_values)
    if estimate.low is None:
        assert len(given_values) < 6
        assert estimate.level is None
    else:
        assert estimate.low in given_values
        assert estimate.high in given_values
        assert estimate.low <= estimate.centre <= estimate.high
        assert estimate.level >= 0.95


@pytest.mark.parametrize("n", [6, 8, 11, 25])
def test_intervals_of_skewed_values_cover_the_true_median_as_often_as_they_say(n):
    rng = random.Random(n)
    trials = 2000
    covered = 0
    for _ in range(trials):
        estimate = median_estimate([rng.lognormvariate(0, 1) for _ in range(n)])
        covered += estimate.low <= 1 <= estimate.high  # the median of a lognormal with mu = 0
    spread = 3 * math.sqrt(0.05 * 0.95 / trials)
    assert covered / trials >= 0.95 - spread


def test_no_values_are_an_error():
    with pytest.raises(ValueError, match="no values"):
        median_estimate([])


measured = st.dictionaries(
    st.integers(1, 16), st.lists(st.floats(0, 1e9), min_size=6, max_size=9), min_size=2, max_size=4
)


def test_the_slope_of_a_line_is_found_exactly_and_without_doubt():
    slope = slope_estimate({workers: [10.0 + 3.5 * workers] * 6 for workers in (1, 2, 4)}, seed=1)
    assert (slope.centre, slope.low, slope.high) == (pytest.approx(3.5),) * 3
    assert (slope.level, slope.n) == (0.95, 18)


def test_a_slope_needs_two_numbers_and_an_interval_six_values_of_each():
    assert slope_estimate({}, seed=1) is None
    assert slope_estimate({2: [1.0, 2.0], 4: []}, seed=1) is None
    few = slope_estimate({1: [1.0] * 6, 3: [5.0] * 5}, seed=1)
    assert (few.centre, few.low, few.high, few.level) == (pytest.approx(2), None, None, None)


@given(measured, st.floats(0.001, 1000))
def test_scaled_values_scale_the_slope_and_its_interval(values_of, factor):
    slope = slope_estimate(values_of, seed=1)
    scaled = slope_estimate({number: [factor * each for each in of] for number, of in values_of.items()}, seed=1)
    near = factor * 1e-3  # a thousandth of a byte, where values are up to 1e9
    assert scaled.centre == pytest.approx(factor * slope.centre, abs=near)
    assert scaled.low == pytest.approx(factor * slope.low, abs=near)
    assert scaled.high == pytest.approx(factor * slope.high, abs=near)


@given(measured, st.integers(0, 5))
def test_the_interval_of_a_slope_holds_it_and_is_the_same_each_time(values_of, seed):
    slope = slope_estimate(values_of, seed)
    assert slope == slope_estimate(values_of, seed)
    assert slope.low - 1e-3 <= slope.centre <= slope.high + 1e-3


def test_the_interval_of_a_slope_of_many_values_is_what_draws_of_them_tend_to(monkeypatch):
    rng = random.Random(1)
    noisy = {number: [10 * number + rng.expovariate(1) for _ in range(300)] for number in (1, 2, 5)}
    drawn = slope_estimate(noisy, 1)
    monkeypatch.setattr(estimates, "_MOST_DRAWN_FROM", 0)
    computed = slope_estimate(noisy, 1)
    assert computed.centre == drawn.centre
    width = drawn.high - drawn.low
    assert computed.low == pytest.approx(drawn.low, abs=0.15 * width)  # of 444 draws
    assert computed.high == pytest.approx(drawn.high, abs=0.15 * width)


@pytest.mark.many(1)
@pytest.mark.parametrize(("n", "numbers"), [(6, (1, 2)), (11, (1, 2, 4))])
def test_intervals_of_slopes_cover_the_true_one_about_as_often_as_they_say(n, numbers):
    rng = random.Random(n)
    trials = 150
    covered = 0
    for trial in range(trials):
        noisy = {number: [10 * number + rng.gauss(0, 1) for _ in range(n)] for number in numbers}
        slope = slope_estimate(noisy, trial)
        covered += slope.low <= 10 <= slope.high
    spread = 3 * math.sqrt(0.05 * 0.95 / trials)
    assert covered / trials >= 0.93 - spread  # of 600 trials each, 92 to 96 % were covered

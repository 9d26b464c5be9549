"""The rule of the gate: its error rate counted exactly, and laws that hold for whatever is measured."""

import itertools
import math
import random
import statistics
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from bench.analysis.comparison import Verdict
from bench.analysis.sequential import GUESSES, Gate, PairedSeries, fewest, log_evidence

TOLERANCE = 0.02
LIMIT = math.log1p(TOLERANCE)
LONGEST = 300


def evidence(n, k):
    return math.exp(log_evidence(n, k))


MIRRORED = {Verdict.REGRESSED: Verdict.IMPROVED, Verdict.IMPROVED: Verdict.REGRESSED}
seeds = st.integers(0, 10**6)
errors = st.sampled_from([0.05, 0.005, 0.00025])


@st.composite
def log_ratios(draw, most=80):
    """Of a head that is off by something, with the noise of a machine, and a value now and then that is anything."""
    centre = draw(st.sampled_from([0.0, LIMIT, 0.03, 0.06, -0.06, 0.3]))
    noise = draw(st.sampled_from([0.002, 0.01, 0.05]))
    drawing = random.Random(draw(seeds))
    values = [centre + drawing.gauss(0, noise) for _ in range(draw(st.integers(1, most)))]
    for at, value in draw(st.lists(st.tuples(st.integers(0, most), st.floats(-0.5, 0.5)), max_size=4)):
        values[at % len(values)] = value
    return values


def fed(values, c, tolerance=TOLERANCE):
    """A series, and the verdict after each pair, whether or not one came before."""
    series = PairedSeries(tolerance)
    return series, [series.add(each, c) for each in values]


def until_decided(values, c):
    series, verdict = PairedSeries(TOLERANCE), None
    for each in values:
        if (verdict := series.add(each, c)) is not None:
            break
    return series, verdict


def wealth():
    """What is won by n pairs of which k lie above: by n and k; below 0 where k is more than n."""
    won = np.full((LONGEST + 1, LONGEST + 1), -1.0)
    for n in range(LONGEST + 1):
        won[n, : n + 1] = [evidence(n, k) for k in range(n + 1)]
    return won


WON = wealth()


def step(ways):
    """One pair more, above the limit as likely as not."""
    ways = ways / 2
    ways[..., 1:] += ways[..., :-1].copy()
    return ways


def ever_reached(thresholds, pairs):
    """How likely the evidence has been at least each threshold, after 0, 1, … pairs: a row for each."""
    thresholds = np.asarray(thresholds)[:, None]
    ways = np.zeros((len(thresholds), LONGEST + 1))
    ways[:, 0] = 1.0
    reached = np.zeros((len(thresholds), pairs + 1))
    for n in range(1, pairs + 1):
        ways = step(ways)
        there = WON[n] >= thresholds
        reached[:, n] = reached[:, n - 1] + np.where(there, ways, 0).sum(axis=1)
        ways[there] = 0
    return reached


def ever_regressed(c, pairs, rest):
    """How likely `regressed` is called within so many pairs, of which half lie above the limit.

    The rest lie below the limit on the other side (`faster`), or between the two (`between`).
    """
    alarms, ways = [], np.zeros(LONGEST + 1)
    ways[0] = 1.0
    for n in range(1, pairs + 1):
        ways = step(ways)
        faster = WON[n, np.maximum(n - np.arange(LONGEST + 1), 0)] if rest == "faster" else WON[n, 0]
        there = (np.maximum(WON[n], faster) >= c**-0.5) & (np.arange(LONGEST + 1) <= n)
        alarms += [(n, WON[n, k], ways[k]) for k in np.flatnonzero(there & (ways > 0))]
        ways[there] = 0
    reached = ever_reached([max(c**-0.5, 1 / c / before) for _, before, _ in alarms], pairs)
    return sum(likely * reached[row, pairs - n] for row, (n, _, likely) in enumerate(alarms))


@pytest.mark.parametrize("c", [0.05, 0.01])
def test_evidence_reaches_1_over_c_no_more_often_than_c(c):
    (reached,) = ever_reached([1 / c], LONGEST)
    assert 0.1 * c < reached[-1] <= c


@pytest.mark.parametrize("rest", ["faster", "between"])
@pytest.mark.parametrize("c", [0.05, 0.01, 0.00025])
def test_with_the_alarm_and_its_confirmation_a_false_verdict_is_no_more_likely_than_c(c, rest):
    assert 0 < ever_regressed(c, LONGEST, rest) <= c


@pytest.mark.parametrize(("rest", "below"), [("faster", -1.0), ("between", 0.0)])
def test_counting_all_orders_of_twelve_pairs_gives_that_probability(rest, below):
    c, pairs = 0.05, 12
    called = sum(until_decided(way, c)[1] is Verdict.REGRESSED for way in itertools.product((1.0, below), repeat=pairs))
    assert called
    if rest == "faster":  # between the limits, `equivalent` can come first and end the series
        assert called / 2**pairs == pytest.approx(ever_regressed(c, pairs, rest))
    else:
        assert called / 2**pairs <= ever_regressed(c, pairs, rest)


def test_the_stake_is_spread_wholly_over_guesses_above_a_half():
    assert math.fsum(share for _, share in GUESSES) == pytest.approx(1)
    assert all(0.5 <= p <= 1 for p, _ in GUESSES)


@given(st.integers(0, 200), st.data())
def test_evidence_is_a_fair_bet_and_grows_with_each_pair_above(n, data):
    k = data.draw(st.integers(0, n))
    assert (evidence(n + 1, k) + evidence(n + 1, k + 1)) / 2 == pytest.approx(evidence(n, k))
    assert evidence(n + 1, k + 1) >= evidence(n + 1, k)


@given(st.integers(0, 1000), st.data())
def test_evidence_is_what_exact_fractions_give(n, data):
    k = data.draw(st.integers(0, n))
    exact = sum(Fraction(share) * (2 * Fraction(p)) ** k * (2 * (1 - Fraction(p))) ** (n - k) for p, share in GUESSES)
    assert log_evidence(n, k) == pytest.approx(
        math.log(exact.numerator) - math.log(exact.denominator), rel=1e-9, abs=1e-9
    )


@pytest.mark.parametrize("n", [1022, 1023, 1024, 1025, 8086, 10**6])
def test_evidence_goes_on_where_a_float_would_overflow(n):
    """All above: each pair doubles the share of the surest guess, or nearly."""
    assert log_evidence(n, n) == pytest.approx(n * math.log(2) + math.log(0.2), rel=1e-9)
    assert 0 < log_evidence(n + 1, n + 1) - log_evidence(n, n) <= math.log(2) + 1e-9
    assert log_evidence(n, n // 2) < 0


def test_a_series_of_three_thousand_pairs_on_one_side_is_decided_and_estimated():
    """All slower than the base by just the tolerance, and one in eight faster than that: no verdict for long."""
    drawing = random.Random(1)
    series, _ = fed([LIMIT + drawing.choice((-1, 1, 1)) * drawing.random() / 1000 for _ in range(3000)], 1e-9)
    estimate = series.estimate(1e-9)
    assert estimate.low < estimate.centre < estimate.high
    assert fed([0.1] * 2500, 0.005)[1][-1] is Verdict.REGRESSED


@given(log_ratios(), errors)
def test_swapped_arms_give_mirrored_verdicts_and_intervals(values, c):
    series, verdicts = fed(values, c)
    mirror, mirrored = fed([-each for each in values], c)
    assert mirrored == [MIRRORED.get(each, each) for each in verdicts]
    one, other = series.estimate(c), mirror.estimate(c)
    assert other.centre == pytest.approx(1 / one.centre)
    assert (one.low is None) == (other.low is None)
    if one.low is not None:
        assert (other.low, other.high) == (pytest.approx(1 / one.high), pytest.approx(1 / one.low))
    assert series.detectable(c) == pytest.approx(mirror.detectable(c))


@given(log_ratios(), errors)
def test_a_verdict_and_its_interval_say_the_same(values, c):
    series, verdict = until_decided(values, c)
    assume(verdict is not None)
    estimate = series.estimate(c)
    low, high = math.log(estimate.low), math.log(estimate.high)
    tiny = 1e-12
    assert low <= math.log(estimate.centre) + tiny and math.log(estimate.centre) <= high + tiny
    if verdict is Verdict.REGRESSED:
        assert low > LIMIT - tiny
    elif verdict is Verdict.IMPROVED:
        assert high < -LIMIT + tiny
    else:
        assert -LIMIT - tiny < low <= high < LIMIT + tiny


@given(log_ratios(), errors)
def test_a_change_is_called_only_after_an_alarm_and_as_much_again(values, c):
    series, verdict = until_decided(values, c)
    if verdict in MIRRORED:
        alone = next(n for n in range(1, LONGEST) if evidence(n, n) >= c**-0.5)
        assert series.is_alarmed
        assert len(series.values) >= 2 * alone


@given(log_ratios(), errors, seeds)
def test_the_order_of_the_pairs_since_the_alarm_is_of_no_account(values, c, seed):
    series, turn = PairedSeries(TOLERANCE), 0
    while turn < len(values) and not series.is_alarmed:
        series.add(values[turn], c)
        turn += 1
    later = values[turn:]
    random.Random(seed).shuffle(later)
    one, other = fed(values, c)[0], fed(values[:turn] + later, c)[0]
    assert one.verdict(c) == other.verdict(c)
    assert one.estimate(c) == other.estimate(c)


@given(log_ratios(), errors, st.floats(0.2, 5.0))
def test_only_the_sides_of_the_limits_count_for_a_verdict(values, c, stretch):
    assume(all(abs(abs(each) - LIMIT) > 1e-9 for each in values))
    beyond = [
        math.copysign(LIMIT + stretch * (abs(each) - LIMIT), each) if abs(each) > LIMIT else each for each in values
    ]
    assert fed(beyond, c)[1] == fed(values, c)[1]


@given(log_ratios(), errors, errors)
def test_a_greater_error_takes_no_verdict_back(values, one, other):
    strict, lax = sorted((one, other))
    series, _ = fed(values, strict)
    verdict = series.verdict(strict)
    if verdict is not None:
        assert series.verdict(lax) is verdict


@given(st.lists(st.floats(-1e300, 1e300), min_size=1, max_size=60))
def test_the_running_median_is_the_median_at_every_moment(values):
    series = PairedSeries(TOLERANCE)
    for n, each in enumerate(values, start=1):
        series.add(each, 1e-9)
        assert series.median == statistics.median(values[:n])


def test_where_a_case_stands_is_told_after_each_of_very_many_pairs():
    """A look that sorts all pairs takes over 100 times as many comparisons."""

    class Counted(float):
        comparisons = 0

        def __lt__(self, other):
            Counted.comparisons += 1
            return float(self) < float(other)

        __neg__ = lambda self: Counted(-float(self))  # noqa: E731

    drawing, series, pairs = random.Random(1), PairedSeries(TOLERANCE), 3000
    for _ in range(pairs):
        series.add(Counted(drawing.gauss(LIMIT, 0.05)), 1e-12)
        assert series.median is not None
    assert Counted.comparisons < 40 * pairs


@given(log_ratios(), errors)
def test_what_could_be_seen_and_what_it_takes_make_sense(values, c):
    series, verdict = until_decided(values, c)
    assume(verdict is None)
    detectable, needed = series.detectable(c), series.needed(c)
    if detectable is None:
        assert needed >= fewest(c)
        assert series.estimate(c).low is None
    else:
        assert 1 + TOLERANCE <= detectable * (1 + 1e-12) < math.inf
        assert needed is None or len(values) < needed <= 10_000


def test_a_median_on_the_limit_is_never_decided_and_no_number_is_named():
    series, _ = fed([LIMIT + side * step for step in (0.01, 0.02) for side in (-1, 1)] * 20 + [LIMIT], 0.01)
    assert series.verdict(0.01) is None
    assert series.needed(0.01) is None
    assert series.detectable(0.01) > 1 + TOLERANCE


@pytest.mark.parametrize("c", [0.05, 0.005, 0.00025])
def test_the_fewest_pairs_that_decide_do_and_one_fewer_does_not(c):
    assert fed([0.0] * fewest(c), c)[1][-2:] == [None, Verdict.EQUIVALENT]


@settings(max_examples=30)
@given(st.lists(log_ratios(40), min_size=1, max_size=8), st.sampled_from([0.01, 0.05]))
def test_holm_gives_more_of_alpha_as_changes_are_called_and_takes_no_verdict_back(cases, alpha):
    keys = [(f"case {number}", "time") for number in range(len(cases))]
    gate = Gate(dict.fromkeys(keys, TOLERANCE), alpha)
    c, verdicts = gate.c, {}
    assert c == alpha / 2 / len(cases)
    for pair in itertools.zip_longest(*cases):
        for key, value in zip(keys, pair, strict=True):
            if value is not None:
                gate.add(key, value)
            assert c <= gate.c <= alpha / 2
            assert gate.verdicts.items() >= verdicts.items()
            c, verdicts = gate.c, dict(gate.verdicts)
    changed = sum(each is not Verdict.EQUIVALENT for each in verdicts.values())
    assert c == alpha / 2 / max(1, len(cases) - changed)


@given(log_ratios(), st.sampled_from([0.01, 0.05]))
def test_nothing_is_added_to_what_is_decided(values, alpha):
    key = ("case", "time")
    gate = Gate({key: TOLERANCE}, alpha)
    for each in values:
        gate.add(key, each)
    series, verdict = until_decided(values, alpha / 2)
    assert gate.verdicts.get(key) is verdict
    assert gate.series(key).values == series.values
    assert gate.series(key).estimate(alpha / 2).centre == pytest.approx(math.exp(statistics.median(series.values)))

"""The series put right at the end: no interval above the cores, the sum kept, nothing taken away."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.accounting.series import settled

ROUNDING_S = 1e-9


@st.composite
def counted_late(draw):
    """Moments, the CPU truly used until each, what was counted of it by then, and the cores."""
    cores = draw(st.integers(1, 64))
    steps = draw(st.lists(st.floats(1e-4, 1.0), min_size=1, max_size=40))
    at_s, true_s, counted_s = [0.0], [0.0], [0.0]
    for step in steps:
        at_s.append(at_s[-1] + step)
        true_s.append(true_s[-1] + draw(st.floats(0, 1)) * cores * step)
        counted_s.append(max(counted_s[-1], draw(st.floats(0, 1)) * true_s[-1]))
    counted_s[-1] = true_s[-1]
    return at_s, true_s, counted_s, cores


@given(counted_late())
def test_no_interval_uses_more_than_the_cores_the_sum_stays_and_nothing_falls(series):
    at_s, _true_s, counted_s, cores = series
    found = settled(at_s, counted_s, cores)
    for (began_s, before_s), (ended_s, after_s) in pairwise(zip(at_s, found, strict=True)):
        assert before_s <= after_s + ROUNDING_S
        assert after_s - before_s <= cores * (ended_s - began_s) + ROUNDING_S
    assert found[-1] == counted_s[-1]


@given(counted_late())
def test_values_are_only_raised_and_never_above_what_was_truly_used(series):
    at_s, true_s, counted_s, cores = series
    found = settled(at_s, counted_s, cores)
    for counted, value, true in zip(counted_s, found, true_s, strict=True):
        assert counted <= value <= true + ROUNDING_S


@given(counted_late())
def test_what_was_counted_in_time_is_left_as_it_is(series):
    at_s, true_s, _, cores = series
    assert settled(at_s, true_s, cores) == pytest.approx(true_s, abs=ROUNDING_S)


@given(counted_late())
def test_settling_twice_is_settling_once(series):
    at_s, _, counted_s, cores = series
    once = settled(at_s, counted_s, cores)
    assert settled(at_s, once, cores) == once


def test_a_child_that_was_waited_for_at_the_end_is_put_where_it_must_have_worked():
    assert settled([0, 1, 2, 3], [0, 0, 0, 5], 2) == [0, 1, 3, 5]


@pytest.mark.parametrize("known", [[], [1.5]])
def test_of_one_sample_or_none_nothing_is_changed(known):
    assert settled([0.0] * len(known), known, 2) == known

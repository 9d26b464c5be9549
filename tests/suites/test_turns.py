"""The plugin that runs a suite's benchmarks by turns: what it hands on of times and reasons."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.suites import turns

TIMES = st.lists(st.floats(1e-9, 1e3), min_size=1, max_size=500)


@given(TIMES, st.integers(1, 10**6))
def test_no_call_and_no_second_is_lost_and_rounds_are_few(call_s, iterations):
    rounds = turns._rounds(call_s, iterations)
    assert sum(calls for calls, _ in rounds) == iterations * len(call_s)
    assert math.fsum(wall_s for _, wall_s in rounds) == pytest.approx(iterations * math.fsum(call_s))
    assert len(rounds) == min(len(call_s), 5)


@given(TIMES, st.integers(1, 1000))
def test_a_round_takes_no_less_than_its_fastest_call_and_no_more_than_its_slowest(call_s, iterations):
    for calls, wall_s in turns._rounds(call_s, iterations):
        assert min(call_s) * (1 - 1e-9) <= wall_s / calls <= max(call_s) * (1 + 1e-9)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("E   assert 1 == 2\nE    +  where 1 = f()\n\ntest_a.py:3: AssertionError", "+  where 1 = f()"),
        ("Traceback\n  File x\nValueError: no\n", "ValueError: no"),
        ("", "no reason was given"),
        ("x" * 1000, "x" * 500),
    ],
)
def test_a_reason_is_the_line_that_says_what_went_wrong(text, said):
    assert turns._reason(text) == said

"""Visits of a benchmark: what of them becomes the two blocks of a pair."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.records.block import Block, Outcome
from bench.suites.visits import Visit, Visits, regrouped

ROUNDS = st.lists(st.tuples(st.integers(1, 1000), st.floats(1e-6, 10)), min_size=1, max_size=8)
BLANKS = [Block("a", 3, Outcome.FAILED, arm=arm) for arm in ("base", "head")]


def visits(*both):
    made = Visits()
    for each in both:
        made.add(each)
    return made


def good(rounds, at_s=0.0, took_s=0.1):
    return Visit(at_s, took_s, Outcome.OK, rounds=rounds)


def gone(outcome=Outcome.FAILED, reason="why", took_s=0.1):
    return Visit(0.0, took_s, outcome, reason)


@given(ROUNDS, st.data())
def test_rounds_that_are_put_together_lose_no_call_and_no_second(rounds, data):
    count = data.draw(st.integers(1, len(rounds)))
    found = regrouped(rounds, count)
    assert len(found) == count
    assert sum(calls for calls, _ in found) == sum(calls for calls, _ in rounds)
    assert math.fsum(wall_s for _, wall_s in found) == pytest.approx(math.fsum(wall_s for _, wall_s in rounds))
    assert regrouped(rounds, len(rounds)) == rounds


@given(st.lists(st.tuples(ROUNDS, ROUNDS), min_size=1, max_size=4))
def test_every_round_of_an_arm_has_one_of_the_other_beside_it(both):
    base, head = visits(*([good(one), good(other)] for one, other in both)).blocks(BLANKS)
    assert (base.arm, head.arm, base.outcome, head.outcome) == ("base", "head", Outcome.OK, Outcome.OK)
    assert len(base.rounds) == len(head.rounds) == sum(min(len(one), len(other)) for one, other in both)
    assert sum(base.calls) == sum(calls for one, _ in both for calls, _ in one)
    assert sum(head.calls) == sum(calls for _, other in both for calls, _ in other)


def test_a_benchmark_that_fails_only_when_it_runs_again_has_the_times_of_its_first_visit():
    pair = visits([good([(1, 0.5)]), good([(1, 0.6)])], [gone(), good([(1, 0.7)])])
    assert not pair.are_wanted
    assert [(each.outcome, [one.wall_s for one in each.rounds]) for each in pair.blocks(BLANKS)] == [
        (Outcome.OK, [0.5]),
        (Outcome.OK, [0.6]),
    ]


def test_one_that_fails_at_once_has_no_times_in_either_arm_and_says_why():
    pair = visits([gone(), good([(1, 0.6)])])
    assert not pair.are_wanted
    base, head = pair.blocks(BLANKS)
    assert (base.outcome, base.reason, base.rounds) == (Outcome.FAILED, "why", [])
    assert (head.outcome, head.rounds) == (Outcome.OK, [])


@pytest.mark.parametrize("outcome", [Outcome.KILLED, Outcome.TIMED_OUT])
def test_a_process_that_ends_at_any_visit_is_what_came_of_it(outcome):
    pair = visits([good([(1, 0.5)]), good([(1, 0.6)])], [good([(1, 0.5)]), gone(outcome)])
    assert [each.outcome for each in pair.blocks(BLANKS)] == [Outcome.OK, outcome]


def test_a_long_visit_is_the_only_one():
    assert visits([good([(1, 0.1)]), good([(1, 0.1)])]).are_wanted
    assert not visits([good([(1, 0.1)]), good([(1, 0.5)], took_s=0.6)]).are_wanted


def test_times_that_are_none_fail_with_the_reason():
    base, head = visits([good([(1, 0.0)]), good([(1, 0.1)])]).blocks(BLANKS)
    assert base.outcome is Outcome.FAILED
    assert base.reason.startswith("pytest-benchmark's times make no sense: `rounds[0].wall_s` is 0.0")
    assert head.outcome is Outcome.OK

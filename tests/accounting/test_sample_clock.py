"""Deadlines, those that were missed, and the halving of a rate that costs too much: the clock alone is faked."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.accounting import sample_clock as module
from bench.accounting.sample_clock import SampleClock


class Clock:
    """Time goes on only where a test says so."""

    def __init__(self):
        self.now = 100.0

    def perf_counter(self):
        return self.now


@pytest.fixture
def clock(monkeypatch):
    made = Clock()
    monkeypatch.setattr(module, "time", made)
    return made


def came(clock, sample_clock, steps):
    """The moments, counted from the first, at which a sample was due, asked for after each of these steps."""
    found = []
    for step in steps:
        clock.now += step
        if sample_clock.take_due():
            found.append(round(clock.now - 100, 6))
    return found


def test_samples_lie_at_equal_distances_and_none_is_missed_on_time(clock):
    sample_clock = SampleClock(20)
    assert came(clock, sample_clock, [0.0, *[0.0125] * 80]) == pytest.approx([0.05 * i for i in range(21)])
    assert (sample_clock.due, sample_clock.made, sample_clock.missed) == (21, 21, 0)
    assert sample_clock.achieved_hz == pytest.approx(20)
    assert sample_clock.late_p99_s == pytest.approx(0, abs=1e-9)


def test_a_late_sample_does_not_shift_the_next(clock):
    sample_clock = SampleClock(10)
    assert came(clock, sample_clock, [0.0, 0.14, 0.06]) == [0.0, 0.14, 0.2]
    assert sample_clock.missed == 0


def test_whole_intervals_that_pass_are_missed_and_counted_and_lateness_is_that_of_the_last(clock):
    sample_clock = SampleClock(10)
    came(clock, sample_clock, [0.0, 0.55])
    assert (sample_clock.due, sample_clock.made, sample_clock.missed) == (6, 2, 4)
    assert sample_clock._late_s[-1] == pytest.approx(0.05)
    assert sample_clock.seconds_to_next() == pytest.approx(0.05)


@given(steps=st.lists(st.floats(0, 1), max_size=50), hz=st.sampled_from([1, 20, 50]))
def test_every_sample_that_fell_due_was_made_or_missed(steps, hz):
    clock = Clock()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "time", clock)
        sample_clock = SampleClock(hz)
        came(clock, sample_clock, steps)
        assert sample_clock.due == sample_clock.made + sample_clock.missed
        assert sample_clock.due <= int((clock.now - 100) * hz + 1e-6) + 1
        assert 0 <= sample_clock.seconds_to_next() <= 1 / hz + 1e-9 or not sample_clock.made
        assert all(-1e-9 <= late < 1 / hz + 1e-9 for late in sample_clock._late_s)


@given(st.lists(st.floats(0, 0.04), min_size=1, max_size=300))
def test_the_99th_percentile_of_lateness_is_one_that_was_measured_and_few_are_above_it(lates):
    sample_clock = SampleClock(20)
    sample_clock._late_s = list(lates)
    assert sample_clock.late_p99_s in lates
    assert sum(each > sample_clock.late_p99_s for each in lates) <= 0.01 * len(lates) + 1


def test_a_rate_that_costs_more_than_a_hundredth_of_the_machine_is_halved_until_it_does_not(clock):
    sample_clock = SampleClock(20, cores=2)
    for _ in range(400):  # a reading of 3 ms: 6 % of a core at 20 Hz, 1.5 % at 5 Hz
        clock.now += sample_clock.seconds_to_next() + 1e-9
        assert sample_clock.take_due()
        sample_clock.note_cost(0.003)
    assert sample_clock.lowered
    assert 1 / sample_clock.interval_s == pytest.approx(5)
    assert sample_clock.mean_cost_s == pytest.approx(0.003)
    assert sample_clock.missed == 0


def test_one_expensive_reading_among_cheap_ones_changes_nothing(clock):
    sample_clock = SampleClock(20, cores=2)
    for number in range(100):
        clock.now += sample_clock.seconds_to_next() + 1e-9
        assert sample_clock.take_due()
        sample_clock.note_cost(0.015 if number == 30 else 0.0001)
    assert not sample_clock.lowered
    assert 1 / sample_clock.interval_s == pytest.approx(20)


def test_turned_off_no_sample_is_due(clock):
    sample_clock = SampleClock(0)
    assert came(clock, sample_clock, [1.0, 1.0]) == []
    assert sample_clock.seconds_to_next() is None
    assert (
        sample_clock.due,
        sample_clock.missed,
        sample_clock.late_p99_s,
        sample_clock.achieved_hz,
        sample_clock.mean_cost_s,
    ) == (0, 0, None, None, None)


def test_a_single_sample_has_no_rate(clock):
    sample_clock = SampleClock(20)
    came(clock, sample_clock, [0.0])
    assert sample_clock.achieved_hz is None

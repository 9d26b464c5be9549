import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.measure import sampler as module
from bench.measure.sampler import Sampler
from bench.measure.tree import Reading


class Clock:
    """The clock alone is faked: readings take no time and cost nothing."""

    def __init__(self):
        self.now = 100.0

    def perf_counter(self):
        return self.now


class Reader:
    def __init__(self, clock):
        self.clock = clock

    def read(self):
        return Reading(self.clock.now, self.clock.now - 100, 1, 1)


@pytest.fixture
def clock(monkeypatch):
    made = Clock()
    monkeypatch.setattr(module, "time", made)
    return made


def beating(clock, hz, steps):
    """A sampler called at these distances of time; and when it was called."""
    sampler = Sampler(Reader(clock), hz, origin_s=100.0)
    for step in steps:
        clock.now += step
        sampler.beat()
    return sampler


def test_beats_lie_at_equal_distances_and_none_is_missed_on_time(clock):
    sampler = beating(clock, 20, [0.01] * 100)
    assert sampler.due == pytest.approx(20, abs=1)
    assert sampler.missed == 0
    assert len(sampler.readings) == sampler.due
    assert sampler.late_p99_s() < 0.0101


def test_a_late_beat_does_not_shift_the_next(clock):
    sampler = beating(clock, 10, [0.0, 0.14, 0.06])
    assert [round(each.at_s - 100, 6) for each in sampler.readings] == [0.0, 0.14, 0.2]


def test_whole_intervals_that_pass_are_missed_and_counted(clock):
    sampler = beating(clock, 10, [0.0, 0.55])
    assert (sampler.due, sampler.missed, len(sampler.readings)) == (6, 4, 2)
    assert sampler.late_s[-1] == pytest.approx(0.05)


@given(steps=st.lists(st.floats(0, 1), max_size=50), hz=st.sampled_from([1, 20, 50]))
def test_every_beat_that_fell_due_was_read_or_missed(steps, hz):
    clock = Clock()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "time", clock)
        sampler = beating(clock, hz, steps)
        assert sampler.due == len(sampler.readings) + sampler.missed
        assert sampler.due <= int((clock.now - 100) * hz + 1e-6) + 1
        assert all(0 <= late < 1 / hz + 1e-9 for late in sampler.late_s)


def test_turned_off_it_reads_only_when_asked_and_keeps_no_series(clock):
    sampler = beating(clock, 0, [1.0, 1.0])
    assert sampler.readings == []
    assert sampler.seconds_to_next() is None
    sampler.read()
    assert len(sampler.readings) == 1
    assert sampler.columns()["at_s"] == []

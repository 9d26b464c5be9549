"""The differences of two samples by rank are those that making and sorting all of them gives."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as some

from bench.analysis.differences import Differences
from bench.analysis.shift import interval_rank, shift_estimate

FLOATS = some.floats(-1e300, 1e300)
SAMPLES = some.lists(FLOATS, min_size=1, max_size=40) | some.lists(some.sampled_from([0.0, 0.1, 0.3, 1e-9]), min_size=1)


def all_of(minuends, subtrahends):
    return sorted(each - other for each in minuends for other in subtrahends)


@given(SAMPLES, SAMPLES)
def test_each_rank_is_what_sorting_gives(minuends, subtrahends):
    found = Differences(minuends, subtrahends)
    found._to_sort = 3  # as if there were many: what is left out is left out
    assert [found[rank] for rank in range(len(found))] == all_of(minuends, subtrahends)


@pytest.mark.parametrize("distinct", [1, 2, 3, 1_000_000])
def test_the_ranks_of_many_differences_are_those_that_counting_them_gives(distinct):
    random = np.random.default_rng(distinct)
    minuends, subtrahends = random.integers(0, distinct, (2, 3000)) / 7
    found, all_sorted = Differences(minuends, subtrahends), np.sort(np.subtract.outer(minuends, subtrahends), axis=None)
    for rank in (0, 1, 10, 4_499_999, 4_500_000, 8_999_998, 8_999_999):
        assert found[rank] == all_sorted[rank]


def test_ranks_that_are_not_there_are_refused():
    for rank in (-1, 6):
        with pytest.raises(IndexError):
            Differences([1, 2], [1, 2, 3])[rank]


def test_a_shift_of_a_hundred_thousand_against_as_many_is_found_in_memory_that_fits():
    random = np.random.default_rng(1)
    base, head = random.normal(0, 1, 100_000), random.normal(0.1, 1, 100_000)
    found = shift_estimate(list(base), list(head), 0.01)
    assert found.low < found.centre < found.high
    assert found.low < 0.1 < found.high
    assert found.high - found.low == pytest.approx(2 * 2.576 * np.sqrt(np.pi / 3 * 2 / 100_000), rel=0.1)


@pytest.mark.parametrize(("m", "n"), [(1, 10_000), (10_000, 1), (3, 3333)])
def test_few_against_many_are_counted_in_time(m, n):
    assert interval_rank(m, n, 0.01) == interval_rank(n, m, 0.01)

"""The interval at which a run stops holds with 95 %, whatever made it stop."""

import math
import re
import subprocess
import sys
from itertools import pairwise

import numpy as np
import pytest

from bench.analysis import looks
from bench.analysis.looks import LOOKS, miss, next_look
from bench.analysis.signed_rank import interval_rank
from benchmarks import interval_coverage
from tests.conftest import ROOT

AT = [n for n, _ in LOOKS]
COUNTED = [n for n in AT if n <= 20]


def missed_at_any(numbers, allowed):
    """How often the interval from any of these numbers of differences misses, by following all ways to get there.

    The differences in order of their sizes are a word of signs; the next one enters it at any place as likely.
    """
    still, missed = np.ones(1), 0.0
    for n in range(1, max(numbers) + 1):
        words, next_ = np.arange(1 << n), np.zeros(1 << n)
        for place in range(n):
            next_ += still[(words >> (place + 1) << place) | (words & ((1 << place) - 1))]
        still = next_ / (2 * n)
        if n in numbers:
            rank, _ = interval_rank(n, allowed(n))
            total = sum(((words >> place) & 1) * (place + 1) for place in range(n))
            outside = (total < rank) | (total > n * (n + 1) // 2 - rank)
            missed += still[outside].sum()
            still[outside] = 0
    return missed


def open_ended(n):
    return miss(n, fixed=False)


def test_the_intervals_of_all_looks_and_of_an_end_after_them_miss_in_five_of_a_hundred():
    counted = missed_at_any(COUNTED, open_ended)
    later = [open_ended(n) for n in AT if n > 20]
    assert counted + sum(later) + later[-1] <= 0.05
    assert f"gives {100 * counted:.1f} %" in looks.__doc__
    alone = sum(1 - interval_rank(n, open_ended(n))[1] for n in AT)
    assert f"which is {100 * alone:.1f} %" in looks.__doc__


@pytest.mark.parametrize("end", [n for n in range(6, 20) if n not in AT])
def test_so_do_those_of_a_run_that_ends_between_two_looks(end):
    assert missed_at_any([*(n for n in AT if n < end), end], open_ended) <= 0.05


@pytest.mark.parametrize("end", [21, 33, 35, 59, 61, 99, 1000])
def test_and_those_of_one_that_ends_between_later_looks(end):
    assert missed_at_any(COUNTED, open_ended) + sum(open_ended(n) for n in AT if 20 < n < end) + open_ended(end) <= 0.05


def test_looks_that_take_all_of_the_error_each_miss_more_often():
    assert missed_at_any(COUNTED, lambda n: miss(n, fixed=True)) > 0.1


def test_counting_all_ways_is_right_for_one_look():
    for n in (6, 9, 12):
        assert missed_at_any([n], open_ended) == pytest.approx(1 - interval_rank(n, open_ended(n))[1])


def test_six_blocks_give_an_interval_and_fewer_none():
    for fixed in (True, False):
        assert interval_rank(5, miss(5, fixed=fixed))[0] == 0
        assert all(interval_rank(n, miss(n, fixed=fixed))[0] > 0 for n in range(6, 300))


def test_each_look_is_narrower_than_the_one_before():
    values = np.random.default_rng(1).normal(0, 1, (AT[-1], 200))
    widths = [np.median(interval_coverage._widths(values[:n], open_ended(n))) for n in AT]
    assert all(later < 0.95 * before for before, later in pairwise(widths))


def test_the_next_look_is_the_next_that_was_declared():
    assert [next_look(n) for n in (0, 5, 6, 7, 8, 11, 60, 100, 5000)] == [6, 6, 8, 8, 12, 12, 100, None, None]
    assert [open_ended(n) for n in (6, 7, 8, 11, 12)] == [LOOKS[0][1]] * 2 + [LOOKS[1][1]] * 2 + [LOOKS[2][1]]


TRIALS = 6000


def at_most(share):
    """What a share of so many trials comes to at the most, with 99.9 %."""
    return share + 3.1 * math.sqrt(share * (1 - share) / TRIALS)


@pytest.mark.parametrize("stream", interval_coverage.PAIRED)
def test_the_interval_of_paired_neighbours_holds_whenever_one_stops(stream):
    found = interval_coverage.missed(interval_coverage.PAIRED[stream], TRIALS)
    assert max(found.narrow, found.last, found.random, found.worst, found.settled) <= at_most(0.05)
    assert found.unspent > 0.1, "the same streams, looked at as if nobody had looked before"


def test_the_page_names_the_looks_and_its_shares_keep_the_promise():
    page = (ROOT / "docs" / "estimates.md").read_text(encoding="utf-8")
    numbers = [str(n) for n in AT]
    assert f"at {', '.join(numbers[:-1])} and {numbers[-1]} blocks" in " ".join(page.split())
    sd = math.sqrt(0.05 * 0.95 / interval_coverage.TRIALS)
    for stream in interval_coverage.PAIRED:
        (row,) = [line for line in page.splitlines() if line.startswith(f"| {stream} |")]
        *kept, unspent = [float(each) / 100 for each in re.findall(r"([\d.]+) %", row)]
        assert max(kept) <= 0.05 + 3 * sd
        assert unspent > 0.1
    for stream in interval_coverage.BEYOND:
        assert f"| {stream} |" in page


def test_nothing_heavy_is_loaded_to_look():
    code = (
        "import sys; from bench.analysis import looks, signed_rank\n"
        "signed_rank.signed_rank_estimate([1.0, 2, 3, 4, 5, 6, 7, 8], looks.miss(8, fixed=False))\n"
        "print(*({'numpy', 'pandas', 'matplotlib', 'rich'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    assert done.stdout.split() == []

"""The makespan bound: stated by the inputs, or an estimate that is paired with what stands beside it."""

import pytest
from hypothesis import given
from hypothesis import strategies as some

from bench.analysis.findings import findings
from bench.analysis.groups import groups
from bench.analysis.makespan import bound_s
from bench.analysis.summary import summarise
from bench.report.kit.words import bound_sentence
from tests import builders
from tests.builders import block, case


def by_strategy(run):
    return {each.case.strategy: each for each in summarise(run)}


@pytest.mark.parametrize(
    ("workers", "limited_by", "cores", "expected"),
    [
        (1, "cpu", 2, 10),
        (2, "cpu", 2, 5),
        (8, "cpu", 2, 5),  # workers beyond the cores do not help work that the CPU limits
        (8, "io", 2, 4),  # the longest task
        (3, "io", 2, 4),
        (2, "io", 1, 5),
        (None, "io", 2, 4),  # one for each of the ten tasks
        (None, "cpu", 2, 5),
    ],
)
def test_the_bound_is_the_longest_task_or_the_sum_over_workers(workers, limited_by, cores, expected):
    assert bound_s(case(workers=workers), limited_by, 10, 4.0, 10.0, cores) == expected


def test_a_stated_bound_goes_before_one_that_was_timed():
    stated = {
        each.case.strategy: each for each in summarise(builders.typical_run()) if each.case.workload == "downloads"
    }
    assert stated["threads"].bound.stated
    assert (stated["threads"].bound.wall.low, stated["threads"].bound.wall.high) == (0.06, 0.06)
    assert bound_sentence(stated["threads"].bound) == "the bound is 60.0 ms"
    timed = by_strategy(builders.run(two_arms([1.0] * 6, [1.0] * 6), CASES))["pool"].bound
    assert not timed.stated
    assert timed.wall.centre == pytest.approx(0.5)


CASES = [case(), case("pool", workers=2)]


def two_arms(pace, timing, pool_s=0.6, serial_s=1.0):
    """Serial blocks and those of a pool at the machine's pace, and four tasks of 0.25 s timed alone in serial's blocks."""
    blocks = []
    for number, (slower, timed) in enumerate(zip(pace, timing, strict=True)):
        alone = {"longest_task_s": 0.25 * slower * timed, "total_task_s": slower * timed}
        blocks += [
            block(CASES[0], number, [serial_s * slower] * 3, **alone),
            block(CASES[1], number, [pool_s * slower] * 3),
        ]
    return blocks


def test_a_pace_that_all_share_is_not_in_the_bound():
    found = by_strategy(builders.run(two_arms([1.0, 3.0, 1.5, 2.0, 1.2, 5.0], [1.0] * 6), CASES))
    bound = found["pool"].bound
    assert bound.wall.low == pytest.approx(bound.wall.high)
    assert bound.wall.centre == pytest.approx(found["serial"].wall.centre / 2)
    assert (bound.reached.low, bound.reached.high) == (pytest.approx(1.2), pytest.approx(1.2))
    assert found["serial"].bound.reached.centre == pytest.approx(1)


NOISE = [0.9, 1.2, 1.1, 1.3, 1.0, 1.15]


def test_a_time_below_the_bound_by_noise_is_said_to_be_so_and_no_finding():
    run = builders.run(two_arms([1.0] * 6, NOISE), CASES)
    bound = by_strategy(run)["serial"].bound
    assert bound.reached.centre < 1 < bound.reached.high
    assert not bound.is_undercut
    assert bound_sentence(bound).startswith(
        "the estimated bound is 1.10 s (900 ms–1.30 s), which the blocks cannot tell from"
    )
    assert "below_bound" not in {each.code for each in findings(run, groups(summarise(run)))}


def test_a_time_that_is_certainly_below_the_bound_is_a_finding_with_its_interval():
    run = builders.run(two_arms([1.0] * 6, NOISE, pool_s=0.3), CASES)
    (found,) = (each for each in findings(run, groups(summarise(run))) if each.code == "below_bound")
    assert found.subject == "primes pool ×2"
    assert (
        found.message == "300 ms is less than the estimated bound of 550 ms (450–650 ms), with 95 % at most 67 % of it"
    )
    few = builders.run(two_arms([1.0] * 3, NOISE[:3], pool_s=0.3), CASES)
    assert "below_bound" not in {each.code for each in findings(few, groups(summarise(few)))}, "three may be noise"


@given(some.lists(some.floats(0.9, 1.2), min_size=6, max_size=9), some.data())
def test_the_base_itself_is_below_its_bound_by_no_more_than_the_interval(timing, data):
    """All that its tasks take one by one is what a loop takes: where the two differ, that is noise."""
    pace = data.draw(some.lists(some.floats(0.5, 2.0), min_size=len(timing), max_size=len(timing)))
    found = by_strategy(builders.run(two_arms(pace, timing), CASES))["serial"]
    below = found.bound.reached.centre < 1
    assert below == (found.wall.centre < found.bound.wall.centre)
    assert found.bound.reached.low <= found.bound.reached.centre <= found.bound.reached.high


def test_tasks_too_short_to_be_timed_alone_give_no_bound():
    for total_s, known in ((4e-6, False), (0.1, True)):
        blocks = [block(of, n, longest_task_s=total_s / 2, total_task_s=total_s) for n in range(6) for of in CASES]
        assert (by_strategy(builders.run(blocks, CASES))["pool"].bound is not None) == known


def test_a_base_that_failed_gives_no_bound():
    from bench.records.block import Outcome

    blocks = [*two_arms([1.0] * 6, NOISE), block(CASES[0], 6, [], outcome=Outcome.FAILED, reason="no")]
    assert by_strategy(builders.run(blocks, CASES))["pool"].bound is None

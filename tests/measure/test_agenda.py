"""What is measured when: the scheduling of a run, with blocks that cost what a test says and a clock that they move on."""

import itertools
from collections import Counter
from random import Random
from types import SimpleNamespace

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bench.measure.engine import time_limit
from bench.measure.engine.agenda import ENOUGH, Agenda, Asked
from bench.measure.engine.costs import _HOST_S, Costs
from bench.measure.engine.session import Session
from bench.measure.plan.cases import Selection, expand
from bench.measure.plan.version import UNWATCHED
from bench.records.block import Outcome
from bench.records.catalogue import Catalogue, StrategyInfo, WorkloadInfo
from tests import builders
from tests.builders import block, case


class Clock:
    """A clock that stands until it is moved on."""

    now_s = 0.0

    def monotonic(self):
        return self.now_s


class Never:
    """A referee to whom nothing is narrow."""

    def add(self, block):
        pass

    def is_narrow(self, keys):
        return False


class Priced(Session):
    """A session whose blocks take what a test says, and are not measured."""

    def __init__(self, planned, asked, costs_s, clock, hangs=(), room=None):
        self.clock, self.costs_s = clock, costs_s
        self.hangs, self.room, self.ensembles = hangs, room, 0
        seats = SimpleNamespace(first=None)
        super().__init__(seats, planned, Agenda(asked, 0.0, len(planned)), Never(), Random(1), UNWATCHED)

    def _looked_into(self, group, block):
        return block

    def _measure(self, group):
        number = self._numbers.next(group.work)
        made = []
        self.ensembles += 1
        entering = self._entering(group)
        there = entering[: self.room]
        for each in there:
            cost_s = self.costs_s[each.case.key]
            if each.case.key in self.hangs:
                self.clock.now_s += cost_s
                whole = builders.window(wall_s=cost_s)
                made.append(block(each.case, number, [], outcome=Outcome.TIMED_OUT, reason="hangs", whole=whole))
                continue
            self.clock.now_s += cost_s
            made.append(block(each.case, number, walls=[cost_s / 2, cost_s / 2]))
        return made, entering[len(there) :], 0.0


def planned_for(works, ways):
    """Cases of so many workloads under `serial` and so many other strategies."""
    others = [StrategyInfo(f"way_{number}", "s", "map", "none", "") for number in range(ways)]
    workloads = [WorkloadInfo(f"work_{number}", "w", "map", "cpu", ["standard"], "") for number in range(works)]
    found = Catalogue(workloads, [StrategyInfo("serial", "s", "map", "none", ""), *others])
    return expand(found, Selection(), "py", 2)


def measured(planned, costs_s, budget_s, monkeypatch, **changes):
    """The number of blocks of each case, and when the run ended."""
    clock = Clock()
    monkeypatch.setattr(time_limit, "time", clock)
    keys = [each.case.key for each in planned]
    prices = {key: costs_s[number % len(costs_s)] for number, key in enumerate(keys)}
    session = Priced(planned, Asked(budget_s=budget_s), prices, clock, **changes)
    counts = Counter(each.case for each in session.blocks())
    return {key: counts[key] for key in keys}, clock.now_s, prices


def by_work(counts):
    """The numbers of blocks by workload, in the order of the plan."""
    found = {}
    for key, count in counts.items():
        found.setdefault(key.partition("/")[0], []).append(count)
    return found


def taken_for(planned, prices):
    """What a run takes a block of each case for, by key, at the most: it shares an ensemble's time out with what each host takes."""
    found = {}
    for each in planned:
        beside = [prices[other.case.key] for other in planned if other.work == each.work]
        own = (prices[each.case.key] + _HOST_S) / (sum(beside) + len(beside) * _HOST_S)
        found[each.case.key] = max(prices[each.case.key], own * sum(beside))
    return found


COSTS = st.lists(st.floats(0.05, 3.0), min_size=1, max_size=12)


@given(st.integers(1, 4), st.integers(0, 8), COSTS, st.floats(0.3, 30.0))
@example(3, 4, [0.5625, 1.125, 0.625, 1.0, 1.25, 1.0, 1.0, 1.5, 1.75, 0.25, 0.09375, 0.0625], 1.734375)
def test_whatever_there_is_time_for_gets_an_interval_and_time_is_kept(works, ways, costs_s, passes):
    planned = planned_for(works, ways)
    with pytest.MonkeyPatch.context() as patch:
        a_pass_s = sum(costs_s[number % len(costs_s)] for number in range(len(planned)))
        budget_s = passes * a_pass_s
        counts, ended_s, prices = measured(planned, costs_s, budget_s, patch)
    largest_s = max(
        sum(prices[each.case.key] for each in planned if each.work == work) for work in {each.work for each in planned}
    )
    assert ended_s <= max(budget_s, a_pass_s) + largest_s, "a first pass and an ensemble are finished at the most"
    if passes >= 1.0:
        assert min(counts.values()) >= 1
    if passes >= 1.2 * ENOUGH:
        assert min(counts.values()) >= ENOUGH
    taken_s = taken_for(planned, prices)
    bases_s = {each.work: taken_s[each.case.key] for each in planned if each.is_baseline}
    for each in planned:
        if counts[each.case.key] < ENOUGH and not each.is_baseline:
            needed_s = (ENOUGH - 1) * (taken_s[each.case.key] + bases_s[each.work]) / 0.9
            assert needed_s > budget_s - ended_s, "it would have fitted into what was left"


def test_cases_that_were_dropped_come_back_before_others_get_narrower(monkeypatch):
    """One that takes long is dropped for good; those it had pushed out are measured when there turns out to be time."""
    planned = planned_for(1, 4)
    counts, _, _ = measured(planned, [1.0, 1.0, 1.0, 1.0, 40.0], 75.0, monkeypatch)
    assert [*counts.values()][-1] == 1
    assert min([*counts.values()][:-1]) >= ENOUGH


def test_what_is_dropped_is_slow(monkeypatch):
    planned = planned_for(2, 3)
    costs_s = [0.5, 1.0, 2.0, 4.0]
    counts, _, prices = measured(planned, costs_s, 4 * 2 * sum(costs_s), monkeypatch)
    for work in ("work_0", "work_1"):
        mine = sorted((prices[each.case.key], counts[each.case.key]) for each in planned if each.case.workload == work)
        assert all(few <= many for (_, many), (_, few) in itertools.pairwise(mine[1:])), mine
        assert mine[0][1] >= ENOUGH, "the base"


def test_one_that_hangs_makes_no_other_look_dear(monkeypatch):
    planned = planned_for(3, 4)
    hung = planned[2].case.key
    prices = [60.0 if each.case.key == hung else 1.0 for each in planned]
    counts, _, _ = measured(planned, prices, 200.0, monkeypatch, hangs={hung})
    assert counts[hung] == 1
    assert min(count for key, count in counts.items() if key != hung) >= ENOUGH


def test_what_is_too_dear_takes_nothing_cheaper_with_it_and_who_comes_back_is_first(monkeypatch):
    planned = planned_for(6, 3)
    prices = [3.0 if each.case.workload == "work_0" else 0.2 for each in planned]
    for budget_s in (75.0, 100.0, 130.0):
        counts, _, _ = measured(planned, prices, budget_s, monkeypatch)
        works = by_work(counts)
        assert min(count for work, mine in works.items() for count in mine if work != "work_0") >= ENOUGH
        lacking = [count for count in works["work_0"] if count < ENOUGH]
        assert set(lacking) <= {1}, "what was begun again gets its interval"


def test_a_base_goes_on_alone_only_until_it_has_enough(monkeypatch):
    planned = planned_for(2, 1)
    failing = planned[1].case.key
    counts, _, _ = measured(planned, [1.0], 60.0, monkeypatch, hangs={failing})
    assert by_work(counts)["work_0"] == [ENOUGH, 1]
    alone = planned_for(1, 0)
    counts, _, _ = measured(alone, [1.0], 60.0, monkeypatch)
    assert min(counts.values()) > ENOUGH, "but where there is nothing else"


def test_where_there_is_room_for_the_base_alone_the_run_ends_and_says_so(monkeypatch):
    planned = planned_for(1, 3)
    monkeypatch.setattr(time_limit, "time", clock := Clock())
    session = Priced(planned, Asked(blocks=3), {each.case.key: 1.0 for each in planned}, clock, room=1)
    blocks = list(session.blocks())
    assert session.ensembles < 20
    outcomes = {each.case: each.outcome for each in blocks}
    assert [outcomes[each.case.key] for each in planned] == [Outcome.OK, *[Outcome.UNAVAILABLE] * 3]
    assert all("no room" in each.reason for each in blocks if each.outcome is Outcome.UNAVAILABLE)


def test_a_run_that_goes_on_first_measures_what_lacks_blocks(monkeypatch):
    planned = planned_for(2, 4)
    monkeypatch.setattr(time_limit, "time", clock := Clock())
    prices = {each.case.key: 1.0 for each in planned}
    done = [block(each.case, number, [0.5, 0.5]) for each in planned for number in range(7)]
    short = {planned[3].case.key, planned[4].case.key}
    done = [each for each in done if each.case not in short or each.repetition == 0]
    session = Priced(planned, Asked(budget_s=1.0, at_least=ENOUGH), prices, clock)
    session.replay(done)
    counts = Counter(each.case for each in session.blocks())
    assert counts == dict.fromkeys([*short, planned[0].case.key], ENOUGH - 1)


@given(st.floats(1.0, 5000.0), st.floats(0.0, 5000.0), st.integers(1, 300))
def test_blocks_of_the_rest_of_a_run_are_as_long_as_those_before(budget_s, earlier_s, cases):
    whole, rest = (Agenda(Asked(budget_s=budget_s, earlier_s=each), 0.0, cases) for each in (0.0, earlier_s))
    assert (rest.share_s, rest.fewest_rounds) == (whole.share_s, whole.fewest_rounds)
    assert rest.limit.budget_s == max(0.0, budget_s - earlier_s)


# --- what blocks cost


@given(st.lists(st.lists(st.floats(0.001, 2.0), min_size=2, max_size=9), min_size=1, max_size=9), st.floats(0.1, 50.0))
def test_what_an_ensemble_took_is_shared_out_whole(walls, took_s):
    costs = Costs()
    blocks = [block(case(f"way_{number}"), 0, walls=mine) for number, mine in enumerate(walls)]
    costs.learn(blocks, took_s)
    keys = [each.case for each in blocks]
    assert costs.of(keys) == pytest.approx(took_s)
    assert costs.of(["unknown"]) == 0

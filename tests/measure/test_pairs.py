"""Pairs of blocks: two live hosts that take turns, on equal terms; and what pairs are made of."""

import itertools
import json
import os
import time
from collections import Counter
from dataclasses import replace
from random import Random
from types import SimpleNamespace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bench.analysis.results import unequal_results, varying
from bench.facts import caching
from bench.measure.engine.check_session import CheckSession
from bench.measure.engine.contest import ARMS, LEAST, Contest, PairAmount, Size, size_of
from bench.measure.engine.ensemble import passes
from bench.measure.engine.seats import Seats
from bench.measure.engine.time_limit import TimeLimit
from bench.measure.plan import catalogue
from bench.measure.plan.cases import Selection, expand
from bench.measure.plan.version import UNWATCHED
from bench.measure.wire.requests import Site
from bench.quantities import elapsed_call_s
from bench.records.block import Outcome
from bench.records.conditions import Conditions
from tests.builders import block, case, window

CONDITIONS = Conditions(seed=1, time_limit_s=2, sample_hz=0, budget_s=None)
QUICK = settings(max_examples=60, deadline=None)
STAMPS = """
import json, os, time
from contextlib import contextmanager
ARM = os.environ["ARM"]

def note(**what):
    with open(os.environ["STAMPS"], "a") as file:
        file.write(json.dumps({"arm": ARM, **what}) + "\\n")

def numbers(size, rng):
    return [1]

def registered(task):
    return workload(inputs=numbers, scales={"quick": 1})(task)

@registered
def stamped(x):
    began = time.perf_counter()
    time.sleep(0.002)
    cpus = sorted(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else []
    note(began=began, ended=time.perf_counter(), pid=os.getpid(), hash=hash("a"), cpus=cpus)
    return x

@registered
def slower_in_head(x):
    time.sleep(0.02 * (ARM == "head"))
    return stamped(x)

@registered
def raising_in_head(x):
    return 1 / (ARM == "base")

@registered
def hanging_in_base(x):
    time.sleep(30 * (ARM == "base"))

@registered
def killed_in_head(x):
    os.kill(os.getpid(), 9 * (ARM == "head"))

@registered
def of_two_kinds(x):
    return ARM

@registered
def of_its_process(x):
    return os.getpid()

@contextmanager
def preparing(size, rng):
    if ARM == "base":
        raise ValueError("no pictures")
    yield "there"

@workload(inputs=lambda size, rng, there: [there], scales={"quick": 1}, prepare=preparing)
def prepared(x):
    return x
"""


@pytest.fixture
def pairs(tmp_path, workload_file, monkeypatch):
    """Measures pairs of a case of the file above, of which each arm knows which it is; and the stamps that were made."""
    source = str(tmp_path / workload_file(STAMPS))
    stamps = tmp_path / "stamps"
    stamps.touch()
    sites = [Site(environment={"ARM": name, "STAMPS": str(stamps)}) for name in ARMS]
    found = catalogue.find([source], sites[0])

    def measure(name, count, size=None, strategy="serial"):
        if size is not None:
            monkeypatch.setattr(CheckSession, "_size", lambda *_: size)
        (planned,) = expand(found, Selection([name], [strategy], "quick"), "py", 1)
        contest = Contest(*(replace(planned, site=site, arm=arm) for site, arm in zip(sites, ARMS, strict=True)))
        with Seats(CONDITIONS, lambda _: None) as seats:
            seats.first.prepare(contest.arms)
            limit = TimeLimit(time.monotonic(), 600)
            blocks = list(CheckSession(seats, [contest], limit, After(count), Random(), UNWATCHED).blocks())
        pairs = [blocks[number : number + 2] for number in range(0, len(blocks), 2)]
        return pairs, [json.loads(line) for line in stamps.read_text().splitlines()]

    return measure


class After:
    """Decides after so many pairs, and where an arm has failed."""

    fewest = 10

    def __init__(self, pairs):
        self.blocks_left = 2 * pairs
        self.has_failed = False

    def add(self, block):
        self.blocks_left -= 1
        self.has_failed |= block.outcome is not Outcome.OK

    def is_decided(self, case):
        return self.blocks_left <= 0 or self.has_failed


def test_the_arms_never_run_at_the_same_time_and_on_equal_terms(pairs, monkeypatch):
    monkeypatch.setattr(caching, "is_faster_warm", lambda _: False)  # or other hosts look whether there is a cache
    blocks, stamps = pairs("stamped", 3, Size(rounds=4, calls=2))
    assert [[(each.arm, each.outcome, each.calls) for each in pair] for pair in blocks] == [
        [(name, Outcome.OK, [1, 2, 2, 2]) for name in ARMS]
    ] * 3
    in_order = sorted(stamps, key=lambda each: each["began"])  # of one clock, which all processes here share
    assert all(one["ended"] <= other["began"] for one, other in itertools.pairwise(in_order))
    of_pairs = [in_order[number : number + 14] for number in range(0, 42, 14)]
    for mine in of_pairs:
        assert Counter(each["arm"] for each in mine) == {"base": 7, "head": 7}
        assert len({each["pid"] for each in mine}) == 2
        assert len({each["hash"] for each in mine}) == 1
        assert len({tuple(each["cpus"]) for each in mine}) == 1
        for number in range(2, 14, 4):  # both go through a round before either goes on
            assert Counter(each["arm"] for each in mine[number : number + 4]) == {"base": 2, "head": 2}
    assert len({each["pid"] for each in stamps}) == 6, "every host that was started is a block"
    assert len({mine[0]["hash"] for mine in of_pairs}) == 3
    if hasattr(os, "sched_getaffinity"):
        everywhere = len(os.sched_getaffinity(0))
        assert [{len(each["cpus"]) for each in mine} for mine in of_pairs] == [{everywhere}, {1}, {1}]


def test_hosts_that_run_something_beside_themselves_stay_on_no_cpu(pairs):
    _, stamps = pairs("stamped", 2, strategy="threads")
    assert {len(each["cpus"]) for each in stamps} == {len(os.sched_getaffinity(0))}


def test_both_arms_measure_as_much_and_by_what_the_pair_before_took(pairs):
    blocks, _ = pairs("slower_in_head", 3)
    assert all(base.calls == head.calls and base.calls[0] == 1 for base, head in blocks)
    for before, after in itertools.pairwise(blocks):
        assert after[0].calls[1] == size_of([elapsed_call_s(each) for each in before], *AMPLE).calls


@pytest.mark.many(2)
@pytest.mark.parametrize(
    ("name", "outcomes", "reason"),
    [
        ("raising_in_head", [Outcome.OK, Outcome.FAILED], "ZeroDivisionError"),
        ("hanging_in_base", [Outcome.TIMED_OUT, Outcome.OK], "still lasted after 2"),
        ("killed_in_head", [Outcome.OK, Outcome.KILLED], "SIGKILL"),
        ("prepared", [Outcome.FAILED, Outcome.OK], "preparing prepared: ValueError: no pictures"),
    ],
)
def test_an_arm_that_fails_leaves_the_other_whole(pairs, name, outcomes, reason):
    ((base, head),), _ = pairs(name, 3)
    assert [base.outcome, head.outcome] == outcomes
    assert len((base if head.reason else head).rounds) == 2
    assert reason in base.reason + head.reason
    assert [base.arm, head.arm] == list(ARMS)


def test_what_the_rounds_gave_back_is_known_of_the_first_pair_alone(pairs):
    (first, second), _ = pairs("of_two_kinds", 2)
    assert [each.result.shown for each in first] == ["['base']", "['head']"]
    assert len({each.result.digest for each in first}) == 2
    assert [each.result for each in second] == [None, None]


def test_results_that_differ_from_process_to_process_say_so_and_nothing_of_the_arms(pairs):
    (first, second, *_), _ = pairs("of_its_process", 2)
    assert all(", then [" in each.result.varies for each in first)
    assert unequal_results(*first, None) is None
    assert "results differ from call to call on both sides" in varying(*first, None)
    assert [each.result for each in second] == [None, None]


@QUICK
@given(st.integers(0, 40), st.integers())
def test_either_arm_is_the_first_as_often_and_none_gets_ahead(rounds, seed):
    orders = list(passes([rounds, rounds], Random(seed)))
    assert len(orders) == rounds
    assert all(sorted(both) == [0, 1] for both in orders)
    firsts = [first for first, _ in orders]
    assert abs(firsts.count(0) - firsts.count(1)) <= rounds % 2


@QUICK
@given(st.lists(st.integers(0, 30), max_size=6), st.integers())
def test_each_gets_its_turns_and_who_has_few_has_them_far_apart(rounds, seed):
    orders = list(passes(rounds, Random(seed)))
    assert Counter(which for order in orders for which in order) == Counter(
        {which: count for which, count in enumerate(rounds) if count}
    )
    assert all(len(set(order)) == len(order) for order in orders)
    for which, count in enumerate(rounds):
        mine = [number for number, order in enumerate(orders) if which in order]
        gaps = [later - number for number, later in itertools.pairwise(mine)]
        assert not gaps or max(gaps) <= -(-len(orders) // count)


def learned(once_s, cores=0.5, isolation="none", **changes):
    """A contest of which a pair was measured."""
    named = SimpleNamespace(case=SimpleNamespace(key="key"), strategy=SimpleNamespace(isolation=isolation))
    contest = Contest(named, named)
    for name in ARMS:
        made = block(case(), walls=[once_s * 2, once_s], cores=cores, arm=name)
        contest.learn(replace(made, **changes) if name == "head" else made)
    return contest


AMPLE = (0.5, 60.0)
"""What a pair takes beside its rounds, and what it may take."""


@QUICK
@given(st.floats(1e-7, 0.02), st.floats(0.05, 2), st.floats(0.01, 6))
def test_pairs_take_no_more_time_than_there_is_or_have_few_rounds(once_s, besides_s, pair_s):
    calls_s = [once_s, once_s]
    size = size_of(calls_s, besides_s, pair_s)
    round_s = once_s * size.calls
    warm_s = round_s * (size.rounds - 1)
    assert besides_s + 2 * warm_s <= pair_s + 1e-9 or warm_s <= max(0.05, round_s) + 1e-9
    assert size.rounds <= size_of(calls_s, *AMPLE).rounds
    assert size.calls == size_of(calls_s, *AMPLE).calls


@QUICK
@given(st.floats(1e-7, 50))
def test_pairs_are_short_and_their_rounds_are_long_enough(once_s):
    size = size_of([once_s, once_s], *AMPLE)
    assert 2 <= size.rounds <= 22
    assert size.calls == 1 or once_s * (size.calls - 1) < 0.010
    assert size.calls == 1000 or once_s * size.calls >= 0.010
    assert size.rounds == 2 or once_s * size.calls * (size.rounds - 1) <= 0.22 + 1e-9


@QUICK
@given(st.floats(1e-4, 1), st.floats(1e-4, 1))
def test_an_arm_that_is_much_slower_makes_pairs_no_longer(base_s, head_s):
    """The time of a case is spent otherwise before there are as many pairs as decide, and the worst change passes."""
    size = size_of([base_s, head_s], *AMPLE)
    assert size.rounds == 2 or (base_s + head_s) * size.calls * (size.rounds - 1) <= 0.44 + 1e-9
    assert size == size_of([head_s, base_s], *AMPLE)


def test_what_runs_something_beside_itself_is_not_put_on_one_cpu():
    assert learned(0.01, cores=1.0).is_alone
    assert not learned(0.01, cores=1.0, isolation="thread").is_alone
    assert not learned(0.01, cores=1.2).is_alone
    unknown = [window(1.0, 0.01, cpu_s=None)] * 2
    assert not learned(0.01, rounds=unknown).is_alone
    restless = learned(0.01, cores=1.2)
    for name in ARMS:  # calmer now, which says nothing
        restless.learn(block(case(), 1, walls=[0.02, 0.01], cores=0.5, arm=name))
    assert not restless.is_alone


@given(st.lists(st.floats(1e-6, 1), min_size=2, max_size=2), st.lists(st.integers(1, 2000), min_size=2, max_size=2))
def test_an_amount_of_a_pair_is_one_for_both_arms(firsts_s, most):
    amount = PairAmount(lambda firsts_s: size_of(firsts_s, *AMPLE))
    for each in zip(firsts_s, most, strict=True):
        amount.first(*each)
    before = amount.rounds, amount.calls
    amount.warm(5.0)
    assert (amount.rounds, amount.calls, amount.untimed) == (*before, 0)
    assert amount.calls == min(size_of(firsts_s, *AMPLE).calls, *most)


@pytest.mark.parametrize("firsts_s", [[], [0.1], [0.1, 0.0]])
def test_where_an_arm_failed_in_its_first_round_the_other_measures_the_least(firsts_s):
    amount = PairAmount(lambda _: pytest.fail("there is nothing to go by"))
    for each in firsts_s:
        amount.first(each)
    assert Size(amount.rounds + 1, amount.calls) == LEAST


# --- the time


class Never:
    """Decides what it is told to be decided."""

    fewest = 10

    def __init__(self):
        self.decided = set()

    def add(self, block):
        pass

    def is_decided(self, case):
        return case in self.decided


def contest(key):
    return Contest(*[SimpleNamespace(case=SimpleNamespace(key=key), strategy=SimpleNamespace(isolation="none"))] * 2)


@pytest.fixture
def clock(monkeypatch):
    """What the monotonic clock of a session says."""
    told = SimpleNamespace(s=0.0)
    monkeypatch.setattr("bench.measure.engine.time_limit.time", SimpleNamespace(monotonic=lambda: told.s))
    return told


def session(clock, budget_s, costs_s):
    """A session of cases whose pairs take so long by the clock, and how often each was measured."""
    made = CheckSession(
        SimpleNamespace(first=None),
        [contest(key) for key in costs_s],
        TimeLimit(0.0, budget_s),
        Never(),
        Random(1),
        UNWATCHED,
    )
    pairs = Counter()

    def ensemble(one):
        clock.s += costs_s[one.key]
        one.spent_s += costs_s[one.key]
        one.last_s = costs_s[one.key]
        one.pairs += 1
        pairs[one.key] += 1
        return []

    made.ensemble = ensemble
    made.unmeasured = lambda: iter(())
    return made, pairs


def test_the_budget_is_for_the_whole_command_and_shared_by_the_undecided(clock):
    made, pairs = session(clock, 100, {"a": 1, "b": 4})
    clock.s = 20
    list(made.blocks())
    assert pairs == {"a": 40, "b": 10}
    assert clock.s == 100


def test_what_is_decided_leaves_its_time_to_the_others(clock):
    made, pairs = session(clock, 100, {"a": 1, "b": 4})
    measure = made.ensemble

    def until_decided(one):
        found = measure(one)
        if pairs["a"] == 4:
            made._decider.decided.add("a")
        return found

    made.ensemble = until_decided
    list(made.blocks())
    assert pairs["a"] == 4
    assert pairs["b"] == 24


def test_what_no_share_has_room_for_goes_to_whoever_has_a_pair_that_fits(clock):
    made, pairs = session(clock, 115, dict.fromkeys("abcdefghij", 6))
    list(made.blocks())
    assert sum(pairs.values()) == 19
    assert max(pairs.values()) == 2
    assert clock.s <= 115


def test_each_case_has_one_pair_whatever_the_time(clock):
    made, pairs = session(clock, 1, {"a": 5, "b": 5, "c": 5})
    list(made.blocks())
    assert pairs == {"a": 1, "b": 1, "c": 1}


def test_too_little_time_is_known_once_each_case_has_a_pair(clock):
    made, _ = session(clock, 30, {"a": 1, "b": 3})
    assert made.shortage is None
    made.ensemble(made.groups[0])
    assert made.shortage is None
    made.ensemble(made.groups[1])
    assert (made.shortage.pairs, made.shortage.needed_s) == (7, 60)
    ample, _ = session(clock, 1000, {"a": 1, "b": 3})
    for each in ample.groups:
        ample.ensemble(each)
    assert ample.shortage is None


def test_a_block_that_lacks_its_other_arm_makes_no_pair():
    half = learned(0.01)
    half.learn(block(case(), 1, walls=[0.2, 0.1], cores=0.5, arm="base"))
    assert (half.pairs, half.number) == (1, 2)
    for name in ARMS:
        half.learn(block(case(), 2, walls=[0.2, 0.1], cores=0.5, arm=name))
    assert (half.pairs, half.number) == (2, 3)

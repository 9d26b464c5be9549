"""Pairs of blocks: two live hosts that take turns, on equal terms; and what pairs are made of."""

import itertools
import json
import os
from collections import Counter
from dataclasses import replace
from random import Random
from types import SimpleNamespace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bench.measure import catalogue
from bench.measure.cases import Selection, expand
from bench.measure.conditions import Conditions
from bench.measure.ensemble import passes
from bench.measure.pairs import ARMS, PairedCase, Pairs
from bench.measure.place import Place
from bench.measure.shape import TRIAL, Shape, shape_of
from bench.model import Outcome
from tests.builders import block, case, window

CONDITIONS = Conditions(seed=1, time_limit_s=2, sample_hz=0, inputs=None)
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
def pairs(tmp_path, workload_file):
    """Measures pairs of a case of the file above, of which each arm knows which it is; and the stamps that were made."""
    source = str(tmp_path / workload_file(STAMPS))
    stamps = tmp_path / "stamps"
    stamps.touch()
    places = [Place(environment={"ARM": name, "STAMPS": str(stamps)}) for name in ARMS]
    found = catalogue.find([source], places[0])

    def measure(name, *shapes):
        (planned,) = expand(found, Selection([name], ["serial"], "quick"), "py", 1)
        paired = PairedCase(planned, planned)
        with Pairs(CONDITIONS, lambda _: None, places) as both:
            both.prepare([paired])
            blocks = [both.measure(paired, number, shape) for number, shape in enumerate(shapes)]
        return blocks, [json.loads(line) for line in stamps.read_text().splitlines()]

    return measure


def test_the_arms_never_run_at_the_same_time_and_on_equal_terms(pairs):
    blocks, stamps = pairs("stamped", *[Shape(rounds=4, calls=2, alone=True)] * 3)
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
    assert len({each["pid"] for each in stamps}) == 6
    assert len({mine[0]["hash"] for mine in of_pairs}) == 3
    if hasattr(os, "sched_getaffinity"):
        assert {len(each["cpus"]) for each in stamps} == {1}


def test_hosts_that_run_something_beside_themselves_stay_on_no_cpu(pairs):
    _, stamps = pairs("stamped", Shape(rounds=1, calls=1, alone=False))
    assert {len(each["cpus"]) for each in stamps} == {len(os.sched_getaffinity(0))}


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
    ((base, head),), _ = pairs(name, TRIAL)
    assert [base.outcome, head.outcome] == outcomes
    assert len((base if head.reason else head).rounds) == 2
    assert reason in base.reason + head.reason
    assert [base.arm, head.arm] == list(ARMS)


def test_what_the_rounds_gave_back_is_known_of_the_first_pair_alone(pairs):
    (first, second), _ = pairs("of_two_kinds", TRIAL, TRIAL)
    assert [each.result.shown for each in first] == ["['base']", "['head']"]
    assert len({each.result.digest for each in first}) == 2
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


def trial(once_s, cores=0.5, head_s=None, **changes):
    blocks = [
        block(case(), walls=[each * 2, each], cores=cores, arm=name)
        for name, each in zip(ARMS, (once_s, head_s or once_s), strict=True)
    ]
    return [blocks[0], replace(blocks[1], **changes)]


AMPLE = (0.5, 60.0)
"""What a trial took, and what a pair may take."""


def paired(isolation="none"):
    return SimpleNamespace(head=SimpleNamespace(strategy=SimpleNamespace(isolation=isolation)))


@QUICK
@given(st.floats(1e-7, 0.02), st.floats(0.05, 2), st.floats(0.01, 6))
def test_pairs_take_no_more_time_than_there_is_or_have_few_rounds(once_s, besides_s, pair_s):
    made = trial(once_s)
    took_s = besides_s + sum(each.wall_s for block in made for each in block.rounds)
    shape = shape_of(paired(), made, took_s, pair_s)
    round_s = once_s * shape.calls
    warm_s = round_s * (shape.rounds - 1)
    assert besides_s + 2 * warm_s <= pair_s + 1e-9 or warm_s <= max(0.05, round_s) + 1e-9
    assert shape.rounds <= shape_of(paired(), made, *AMPLE).rounds
    assert shape.calls == shape_of(paired(), made, *AMPLE).calls


@QUICK
@given(st.floats(1e-7, 50))
def test_pairs_are_short_and_their_rounds_are_long_enough(once_s):
    shape = shape_of(paired(), trial(once_s), *AMPLE)
    assert 2 <= shape.rounds <= 22
    assert shape.calls == 1 or once_s * (shape.calls - 1) < 0.010
    assert shape.calls == 1000 or once_s * shape.calls >= 0.010
    assert shape.rounds == 2 or once_s * shape.calls * (shape.rounds - 1) <= 0.22 + 1e-9


@QUICK
@given(st.floats(1e-4, 1), st.floats(1e-4, 1))
def test_an_arm_that_is_much_slower_makes_pairs_no_longer(base_s, head_s):
    """The time of a case is spent otherwise before there are as many pairs as decide, and the worst change passes."""
    shape = shape_of(paired(), trial(base_s, head_s=head_s), *AMPLE)
    assert shape.rounds == 2 or (base_s + head_s) * shape.calls * (shape.rounds - 1) <= 0.44 + 1e-9
    assert shape == shape_of(paired(), trial(head_s, head_s=base_s), *AMPLE)


def test_what_runs_something_beside_itself_is_not_put_on_one_cpu():
    assert shape_of(paired(), trial(0.01, cores=1.0), *AMPLE).alone
    assert not shape_of(paired("thread"), trial(0.01, cores=1.0), *AMPLE).alone
    assert not shape_of(paired(), trial(0.01, cores=1.2), *AMPLE).alone
    unknown = [window(1.0, 0.01, cpu_s=None)] * 2
    assert not shape_of(paired(), trial(0.01, rounds=unknown), *AMPLE).alone


def test_after_a_trial_that_failed_there_is_nothing_to_measure():
    assert shape_of(paired(), trial(0.01, outcome=Outcome.WRONG), *AMPLE) is None
    assert shape_of(paired(), trial(0.01)[:1], *AMPLE) is None

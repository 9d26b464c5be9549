"""Ensembles: hosts of several cases that are alive together, and one measures at a time."""

import itertools
import json
import os
import signal
import time
from collections import Counter
from dataclasses import replace
from random import Random

import psutil
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.analysis.referee import RatioReferee
from bench.measure.engine.agenda import ENOUGH, Agenda, Asked
from bench.measure.engine.amount import MOST_CALLS, MOST_ROUNDS, SHORT_S, TURN_S, Amount, Fixed
from bench.measure.engine.ensemble import Ensemble, Entrant, measured
from bench.measure.engine.seats import Seats
from bench.measure.engine.session import Session
from bench.measure.engine.together import MOST_HOSTS, MOST_WORKERS, together
from bench.measure.plan import catalogue
from bench.measure.plan.cases import Selection, expand
from bench.measure.plan.version import UNWATCHED
from bench.records.block import Outcome
from bench.records.conditions import Conditions
from tests.builders import block, case
from tests.sessions.test_resume import PLANNED

CONDITIONS = Conditions(seed=1, time_limit_s=20, sample_hz=20, budget_s=None)
STAMPS = """
import json, os, time

def numbers(size, rng):
    return [1, 2]

def registered(task):
    return workload(inputs=numbers, scales={"quick": 1})(task)

def note(**what):
    with open(os.environ["STAMPS"], "a") as file:
        file.write(json.dumps(what) + "\\n")

@registered
def stamped(x):
    began = time.perf_counter()
    time.sleep(0.002)
    note(began=began, ended=time.perf_counter(), pid=os.getpid(), hash=hash("a"))
    return x

@registered
def dying(x):
    os._exit(3)

def left_behind(inputs, results):
    for each in inputs:
        os.remove(each)

def paths(size, rng):
    for name in os.listdir(os.environ["LEFT"]):
        time.sleep(0.01)  # another that does so meanwhile would take it away
        os.remove(os.path.join(os.environ["LEFT"], name))
    return [os.path.join(os.environ["LEFT"], str(number)) for number in range(3)]

@workload(inputs=paths, scales={"quick": 1}, check=left_behind)
def leaving(path):
    with open(path, "w") as file:
        file.write("x")
    return path

@registered
def restless(x):
    import threading
    if threading.active_count() < 3:
        threading.Thread(target=lambda: [None for _ in iter(int, 1)], daemon=True).start()
    return x
"""


@pytest.fixture
def planned(tmp_path, workload_file, monkeypatch):
    """The cases of a workload of the file above under some strategies."""
    monkeypatch.setenv("STAMPS", str(tmp_path / "stamps"))
    found = catalogue.find([str(tmp_path / workload_file(STAMPS))])

    def cases(name, *strategies):
        return expand(found, Selection([name], strategies, "quick"), "py", 2)

    return cases


def in_company(cases, amounts, is_wanted=lambda: True):
    """The blocks of one ensemble of these cases, and who was left out."""
    with Seats(CONDITIONS, lambda _: None) as seats:
        entrants = [
            Entrant(measurer, each, is_first=True)
            for measurer, each in zip(seats.taken(len(cases)), cases, strict=True)
        ]
        ensemble = Ensemble(entrants, 0, Random(1), is_wanted=is_wanted)
        return measured(ensemble, amounts), ensemble.left_out


def test_one_measures_at_a_time_and_all_have_equal_luck(planned, tmp_path):
    cases = planned("stamped", "serial", "threads", "thread_pool")
    blocks, _ = in_company(cases, [Fixed(3, 2), Fixed(3, 2), Fixed(1)])
    assert [(each.outcome, each.calls) for each in blocks] == [
        (Outcome.OK, [1, 2, 2, 2]),
        (Outcome.OK, [1, 2, 2, 2]),
        (Outcome.OK, [1, 1]),
    ]
    stamps = sorted(map(json.loads, (tmp_path / "stamps").read_text().splitlines()), key=lambda each: each["began"])
    assert len({each["hash"] for each in stamps}) == 1
    turns = [list(mine) for _, mine in itertools.groupby(stamps, key=lambda each: each["pid"])]
    for one, other in itertools.pairwise(turns):
        assert max(each["ended"] for each in one) <= other[0]["began"]
    assert len(turns) > 3, "they take turns"
    for each in blocks:
        assert each.rested_s > 0
        assert each.whole.wall_s < each.rested_s + sum(round_.wall_s for round_ in each.rounds) + 5
        ends_s = [round_.at_s + round_.wall_s for round_ in each.rounds]
        assert all(end <= later.at_s for end, later in zip(ends_s, each.rounds[1:], strict=False))
        assert each.rounds[-1].at_s + each.rounds[-1].wall_s <= each.whole.wall_s


def test_no_two_hosts_make_or_check_what_lies_in_one_folder_at_a_time(planned, tmp_path, monkeypatch):
    (tmp_path / "left").mkdir()
    monkeypatch.setenv("LEFT", str(tmp_path / "left"))
    (tmp_path / "left" / "0").touch()
    cases = planned("leaving", "serial", "threads", "thread_pool")
    blocks, _ = in_company(cases, [Fixed(3, 5)] * 3)
    assert [(each.outcome, each.reason, each.calls) for each in blocks] == [(Outcome.OK, "", [1] * 4)] * 3


def test_a_round_of_many_tasks_has_few_calls(planned, workload_file, tmp_path):
    """Each call has inputs of its own, and all of them are there before the round begins."""
    file = workload_file(
        "@workload(inputs=lambda n, rng: [1] * n, scales={'quick': 4_000})\ndef many(x):\n    return x\n"
    )
    (case_,) = expand(catalogue.find([str(tmp_path / file)]), Selection(["many"], ["serial"], "quick"), "py", 1)
    ((made,), _) = in_company([case_], [Fixed(2, 50)])
    assert (made.outcome, made.calls) == (Outcome.OK, [1, 2, 2])


def test_a_host_that_ends_leaves_the_others_whole(planned):
    cases = [*planned("stamped", "serial"), *planned("dying", "serial"), *planned("stamped", "threads")]
    blocks, _ = in_company(cases, [Fixed(2)] * 3)
    assert [each.outcome for each in blocks] == [Outcome.OK, Outcome.FAILED, Outcome.OK]


def test_what_a_host_uses_while_others_have_their_turns_is_known(planned):
    """One burns a core in a thread of its own all the time, the other holds still."""
    cases = [*planned("restless", "serial"), *planned("stamped", "serial")]
    (burning, still), _ = in_company(cases, [Fixed(6), Fixed(6)])
    assert burning.rested_cpu_s > 0.2 * burning.rested_s
    assert still.rested_cpu_s < 0.1 * still.rested_s + 0.01


def test_who_has_no_room_is_left_out_and_leaves_no_process(planned):
    cases = planned("stamped", "serial", "threads", "thread_pool")
    answers = iter([True, *[False] * 20])
    blocks, left_out = in_company(cases, [Fixed(1)] * 3, is_wanted=lambda: next(answers))
    assert blocks[0].case == cases[0].case.key
    assert len(blocks) + len(left_out) == 3
    assert left_out
    assert not [
        each for each in psutil.Process().children(recursive=True) if "bench.measure.host.main" in str(each.cmdline())
    ]


def test_a_supervisor_that_is_killed_in_company_costs_its_block(planned):
    cases = planned("stamped", "serial", "threads")
    with Seats(CONDITIONS, lambda _: None) as seats:
        taken = seats.taken(2)
        ensemble = Ensemble([Entrant(*each, is_first=True) for each in zip(taken, cases, strict=True)], 0, Random(1))
        os.kill(taken[1]._supervisor.process.pid, signal.SIGKILL)
        assert [each.outcome for each in measured(ensemble, [Fixed(1)] * 2)] == [Outcome.OK, Outcome.KILLED]


# --- amounts


@given(st.floats(1e-7, 100), st.floats(1e-7, 100), st.floats(0, 10), st.integers(1, 5))
def test_a_turn_is_long_enough_and_a_block_takes_its_share_at_most(first_s, warm_s, share_s, fewest):
    amount = Amount(share_s, fewest=fewest)
    amount.first(first_s)
    amount.warm(warm_s)
    assert 1 <= amount.calls <= MOST_CALLS
    assert 1 <= amount.rounds <= MOST_ROUNDS
    assert amount.calls == 1 or warm_s * (amount.calls - 1) < TURN_S
    if amount.untimed and amount.calls < 4:
        assert (amount.calls + 1) * warm_s <= share_s
    round_s = (amount.calls + amount.untimed) * warm_s
    fewest = fewest if round_s <= SHORT_S else 1
    assert amount.rounds >= fewest
    assert amount.rounds == fewest or amount.rounds * round_s <= share_s * (1 + 1e-9)


# --- groups


@given(st.lists(st.integers(1, 100), min_size=0, max_size=80))
def test_groups_have_each_case_once_and_the_base_each_and_are_no_larger_than_allowed(workers):
    def made(strategy, count):
        return replace(
            PLANNED,
            case=case(strategy, workers=count),
            strategy=replace(PLANNED.strategy, name=strategy, isolation="none" if strategy == "serial" else "process"),
        )

    base = made("serial", 1)
    others = [made(f"other_{number}", count) for number, count in enumerate(workers)]
    groups = together([base, *others])
    assert Counter(each.case.key for group in groups for each in group.cases if not each.is_baseline) == Counter(
        each.case.key for each in others
    )
    for group in groups:
        assert group.cases[0] == base
        assert len(group.cases) <= MOST_HOSTS
        assert len(group.cases) == 2 or sum(1 + each.case.workers for each in group.cases[1:]) <= MOST_WORKERS


# --- how much


class Always:
    """A referee to whom all is narrow, or nothing."""

    def __init__(self, is_narrow):
        self.is_all_narrow = is_narrow

    def add(self, block):
        pass

    def is_narrow(self, keys):
        return self.is_all_narrow


@pytest.mark.many(2)
@pytest.mark.parametrize(
    ("asked", "is_narrow", "blocks"),
    [(Asked(blocks=2), False, 2), (Asked(), True, ENOUGH), (Asked(rounds=2), True, ENOUGH)],
)
def test_as_many_blocks_as_were_asked_for_or_are_enough(planned, asked, is_narrow, blocks):
    cases = planned("stamped", "serial", "threads")
    with Seats(CONDITIONS, lambda _: None) as seats:
        agenda = Agenda(asked, time.monotonic(), len(cases))
        session = Session(seats, cases, agenda, Always(is_narrow), Random(1), UNWATCHED)
        found = list(session.blocks())
    assert Counter(each.case for each in found) == {each.case.key: blocks for each in cases}
    assert {each.repetition for each in found} == set(range(blocks))
    assert session.short() == []
    if asked.rounds:
        assert {len(each.rounds) for each in found} == {2}


def test_time_that_is_over_ends_it_and_says_who_has_too_few(planned):
    cases = planned("stamped", "serial", "threads", "thread_pool")
    with Seats(CONDITIONS, lambda _: None) as seats:
        agenda = Agenda(Asked(budget_s=0.5), time.monotonic(), len(cases))
        session = Session(seats, cases, agenda, Always(False), Random(1), UNWATCHED)
        found = list(session.blocks())
    assert found, "the first ensemble is measured"
    assert {each.case.key for each in session.short()} <= {each.case.key for each in cases}
    assert session.short()


def test_the_referee_wants_what_is_near_the_fastest_to_be_narrow_and_no_more():
    bases = {"base": "base", "wide": "base", "slow": "base"}
    rng = Random(1)

    def blocks(key, centre_s, spread):
        return [
            block(case("x"), number, walls=[1.0, centre_s * (1 + spread * rng.uniform(-1, 1))], cores=0.5)
            for number in range(8)
        ]

    def fed(*those):
        referee = RatioReferee(bases, 0.05)
        for key, centre_s, spread in those:
            for each in blocks(key, centre_s, spread):
                referee.add(replace(each, case=key))
        return referee.is_narrow(["base", "wide", "slow"])

    assert fed(("base", 1.0, 0.001), ("wide", 0.5, 0.001), ("slow", 9.0, 0.9))
    assert not fed(("base", 1.0, 0.001), ("wide", 0.5, 0.5), ("slow", 9.0, 0.001))
    assert not RatioReferee(bases, None).is_narrow(["base"])

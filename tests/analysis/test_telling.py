"""Which charts of a run come first: one for each question that people ask, and none twice."""

from dataclasses import replace
from itertools import takewhile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.analysis import telling
from bench.analysis.groups import LEVEL_WITHIN, groups
from bench.analysis.kinds import kind_of
from bench.analysis.summary import summarise
from bench.analysis.telling import Candidate, Effect, by_telling, candidate, effect
from bench.records.run import Work
from tests import builders
from tests.builders import block, case

KINDS = ("ranking", "scaling", "tradeoff", "rounds", "latencies", "phases", "over-time")
PATTERNS = {
    "sleeps": Work("map", "io", "serial"),
    "sums": Work("map", "cpu", "serial"),
    "resizes": Work("map", "cpu", "serial"),
    "copies": Work("map", "cpu", "serial"),
    "messages": Work("stream", "unknown", "serial"),
    "counter": Work("share", "unknown", "serial"),
    "turns": Work("sync", "unknown", "serial"),
    "echo": Work("serve", "unknown", "serial"),
}
SPEEDS = {"sleeps": (0.5, 0.5), "sums": (1.0, 0.55), "resizes": (0.5, 0.51), "copies": (1.3, 1.9)}
"""Of threads and processes, over serial."""
CORES = {"sums": (1.0, 1.9), "resizes": (1.9, 1.9), "copies": (1.6, 1.7)}


@pytest.fixture(scope="module")
def run():
    """Each kind of work under a loop, threads and processes, six repetitions."""
    cases, blocks = [], []
    for name in PATTERNS:
        loop = case(workload=name)
        threads, processes = (case(each, name, 2) for each in ("thread_pool", "process_pool"))
        cases += [loop, threads, processes]
        speeds, cores = SPEEDS.get(name, (0.5, 0.7)), CORES.get(name, (0.5, 0.5))
        for number in range(6):
            blocks.append(block(loop, number, [0.2, 0.2, 0.2], cores=0.02 if name == "sleeps" else 1.0))
            for each, speed, used, held in zip((threads, processes), speeds, cores, (1, 3), strict=True):
                blocks.append(block(each, number, [0.2 * speed] * 3, held * 10_000_000, used))
    return builders.run(blocks, cases, works=PATTERNS)


@pytest.fixture(scope="module")
def found(run):
    return {each.workload: each for each in groups(summarise(run))}


@pytest.fixture(scope="module")
def candidates(run, found):
    one_each = [candidate(kind, [group], run) for group in found.values() for kind in KINDS]
    maps = [group for group in found.values() if group.pattern == "map"]
    return [candidate("speedup", maps, run), *one_each]


def named(charts):
    return [(each.kind, each.groups[0].workload if each.is_of_one else "all") for each in charts]


def test_each_question_is_answered_once_and_first(candidates):
    assert named(by_telling(candidates))[:9] == [
        ("ranking", "sleeps"),  # waiting
        ("ranking", "resizes"),  # computing: no numbers of workers to compare
        ("over-time", "sums"),  # the GIL: two threads use one core
        ("tradeoff", "copies"),  # memory
        ("ranking", "copies"),  # a plain loop wins
        ("ranking", "messages"),
        ("ranking", "counter"),
        ("ranking", "turns"),
        ("ranking", "echo"),
    ]
    assert named(by_telling(candidates))[9] == ("speedup", "all")


def test_all_charts_come_once(candidates):
    assert sorted(named(by_telling(candidates))) == sorted(named(candidates))


@given(st.data())
def test_what_is_left_out_changes_nothing_but_its_own_place(candidates, data):
    """Whoever draws asks again without a chart that had nothing to show, and what was first stays first."""
    order = by_telling(candidates)
    gone = data.draw(st.sampled_from(order))
    before = list(takewhile(lambda each: each is not gone, order))
    again = by_telling([each for each in candidates if each is not gone])
    assert again[: len(before)] == before
    assert sorted(named(again)) == sorted(named(each for each in order if each is not gone))


@given(
    st.lists(
        st.tuples(st.sampled_from(KINDS), st.sampled_from(list(PATTERNS)), st.booleans(), st.floats(1.0, 50.0)),
        max_size=12,
    )
)
def test_work_takes_turns_behind_the_questions(found, drawn):
    charts = [
        Candidate(kind, (found[name],), frozenset((kind_of(found[name]),)), Effect(ratio, certain))
        for kind, name, certain, ratio in drawn
    ]
    order = by_telling(charts)
    assert sorted(map(id, order)) == sorted(map(id, charts))
    answers = sum(
        1
        for question in telling.QUESTIONS
        if any(each.effect.ratio > 1 + LEVEL_WITHIN and question.is_answered_by(each) for each in charts)
    )
    rest = named(order)[min(answers, len(order)) :]
    works = [name for _, name in named(order)]
    for place, (_, name) in enumerate(rest, start=len(order) - len(rest)):
        fewest = min(works[:place].count(other) for other in works[place:])
        assert works[:place].count(name) == fewest


def test_effects_are_the_near_ends_of_intervals(run, found):
    sums = found["sums"]
    assert effect("ranking", [sums], run) == Effect(pytest.approx(1 / 0.55), certain=True)
    assert effect("over-time", [sums], run) == Effect(pytest.approx(1.9), certain=True)
    assert effect("tradeoff", [sums], run) == Effect(pytest.approx(3), certain=True)
    assert effect("ranking", [found["copies"]], run) == Effect(pytest.approx(1.3), certain=True), (
        "of the loop over the next"
    )
    assert (
        effect("scaling", [sums], run) == effect("latencies", [sums], run) == effect("rounds", [sums], run) == Effect()
    )
    both = effect("speedup", [sums, found["sleeps"]], run)
    assert both == Effect(pytest.approx(2), certain=True)


def test_few_blocks_make_nothing_certain(run):
    few = replace(run, blocks=[each for each in run.blocks if each.repetition < 2])
    (sums,) = [each for each in groups(summarise(few)) if each.workload == "sums"]
    for kind in ("ranking", "over-time", "tradeoff"):
        assert not effect(kind, [sums], few).certain and effect(kind, [sums], few).ratio > 1.5


def test_without_a_gil_nobody_is_shown_one(run, found):
    sums = replace(found["sums"], cases=[replace(each, gil=False) for each in found["sums"].cases])
    charts = [candidate(kind, [sums], run) for kind in KINDS]
    assert not any(
        question.about == "the GIL" and question.is_answered_by(each)
        for question in telling.QUESTIONS
        for each in charts
    )

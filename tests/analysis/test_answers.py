"""What a run answers: which kind a workload is of, which workload of a kind is shown, and what is claimed of it."""

import importlib
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.analysis.answers import MOST_LINES, Care, Verdict, answer_of, answers
from bench.analysis.groups import groups
from bench.analysis.kinds import LARGE_BYTES, WAITS_BELOW, Kind, in_threads, kind_of
from bench.analysis.summary import summarise
from bench.measure.engine import more_workers
from bench.plugins import registry
from bench.records.block import Outcome
from bench.records.run import Work
from bench.report.kit.results import load_results
from bench.report.run import answer_words
from bench.strategies import BUILT_IN
from tests import builders
from tests.builders import block, case
from tests.conftest import ROOT

MANY = 6


def of(
    walls,
    *,
    bound="unknown",
    pattern="map",
    baseline="serial",
    cores=1.0,
    name="work",
    written=0,
    waits=12,
    blocks=MANY,
):
    """A group of cases with these times by strategy, the same in each block; all but the base write so much a task."""
    cases = [case(each, name, 1 if each == baseline else 2) for each in walls]
    made = []
    for each in cases:
        for n in range(blocks):
            one = block(each, n, [walls[each.strategy]] * 3, cores=cores if each.strategy == baseline else 1.9)
            more = 0 if each.strategy == baseline else written * one.tasks
            for window in one.rounds:
                object.__setattr__(window, "written_bytes", 100 + more)
                object.__setattr__(window, "voluntary_switches", waits)
            made.append(one)
    works = {name: Work(pattern, bound, baseline)}
    (found,) = groups(summarise(builders.run(made, cases, works=works)))
    return found


PYTHON_WORK = {"serial": 0.1, "threads": 0.101, "process_pool": 0.055}
C_CODE = {"serial": 0.1, "threads": 0.055, "process_pool": 0.06}


@pytest.mark.parametrize(
    ("made", "kind"),
    [
        (of(C_CODE, cores=0.01), Kind.WAITING),
        (of(C_CODE, cores=0.01, bound="cpu"), Kind.WAITING),  # what was measured, before what is stated
        (of(C_CODE, cores=0.5, bound="io"), Kind.MIXED),
        (of(PYTHON_WORK, cores=0.1, waits=1), Kind.PYTHON),  # kept from the CPU by other programs
        (of(PYTHON_WORK), Kind.PYTHON),
        (of(C_CODE), Kind.NATIVE),
        (of({"serial": 0.1, "process_pool": 0.055}), Kind.COMPUTING),  # nobody knows what threads would do
        (of({"serial": 0.1, "threads": 0.1, "process_pool": 0.1}), Kind.COMPUTING),  # one core, perhaps
        (of(PYTHON_WORK, written=LARGE_BYTES), Kind.LARGE_DATA),
        (of(PYTHON_WORK, written=LARGE_BYTES // 2), Kind.PYTHON),
        (of({"queue": 0.1, "pipe": 0.05}, pattern="stream", baseline="queue"), Kind.MESSAGES),
        (of({"value": 0.1, "array": 0.2}, pattern="share", baseline="value"), Kind.STATE),
        (of({"thread_lock": 0.1}, pattern="sync", baseline="thread_lock"), Kind.LOCKS),
        (of({"one_after_another": 0.1}, pattern="serve", baseline="one_after_another"), Kind.SERVERS),
        (of({"start_thread": 0.1}, pattern="start", baseline="start_thread"), Kind.STARTS),
    ],
)
def test_a_kind_is_measured_where_the_pattern_does_not_say_it(made, kind):
    assert kind_of(made) is kind


def test_without_a_gil_threads_tell_nothing_of_the_code():
    for made, gil in ((of(C_CODE), False), (of(PYTHON_WORK), None)):
        free = replace(made, cases=[replace(each, gil=gil) for each in made.cases])
        assert kind_of(free) is Kind.COMPUTING


def test_a_base_that_waits_is_what_the_measuring_takes_for_one():
    assert WAITS_BELOW == more_workers.WAITS_BELOW


def test_all_built_in_strategies_say_in_their_names_whether_they_work_in_threads():
    for module in BUILT_IN:
        importlib.import_module(module)
    built_in = [each for each in registry.strategies.values() if each.module in BUILT_IN and each.name != "asyncio"]
    assert len(built_in) > 70
    for each in built_in:
        (summary,) = summarise(builders.run([], [case(each.name)], works={"primes": Work("map", "cpu", "serial")}))
        assert in_threads(summary) == (each.isolation == "thread" or each.name in ONE_SERVER), each.name


ONE_SERVER = {"thread_per_connection", "thread_pool_server", "socketserver_threads"}
"""Threads of a server, which is a process of its own."""


@pytest.mark.parametrize(
    ("made", "verdict", "sentence"),
    [
        (of(PYTHON_WORK), Verdict.FASTER, "process_pool ×2 is 1.82× as fast as a plain loop (1.82–1.82), 100 ms → 55.0 ms a round"),
        (of({"serial": 0.1, "threads": 0.2}), Verdict.BASE, "a plain loop is fastest, 100 ms a round"),
        (
            of(PYTHON_WORK, blocks=3),
            Verdict.FEW,
            "process_pool ×2 is about 1.82× as fast as a plain loop, 100 ms → 55.0 ms a round; too few repeats to rank the rest",
        ),
        (of({"serial": 0.1}), Verdict.BASE, "serial takes 100 ms a round"),
        (of({"process_pool": 0.1}), Verdict.NO_BASE, "process_pool ×2 takes 100 ms a round"),
    ],
)  # fmt: skip
def test_no_answer_claims_more_than_the_blocks_tell(made, verdict, sentence, tmp_path):
    answer = answer_of(made, [])
    assert answer.verdict is verdict
    assert answer_words._sentence(answer).replace("a plain loop takes", "serial takes") == sentence


def noisy(ratios):
    """Serial and threads in six blocks with these ratios."""
    base, other = case(), case("threads", workers=2)
    blocks = [block(base, n, [0.1] * 3) for n in range(len(ratios))]
    blocks += [block(other, n, [0.1 / each] * 3) for n, each in enumerate(ratios)]
    (found,) = groups(summarise(builders.run(blocks, [base, other])))
    return found


def test_nothing_is_faster_where_the_interval_holds_one():
    answer = answer_of(noisy([0.8, 0.9, 1.1, 1.2, 1.3, 1.4]), [])
    assert answer.verdict is Verdict.UNDECIDED
    sentence = answer_words._sentence(answer)
    assert sentence == "nothing is certainly faster than a plain loop, 100 ms a round"


@given(st.lists(st.floats(0.2, 5), min_size=1, max_size=12))
def test_a_sign_is_never_denied_by_the_times_beside_it(ratios):
    """Whatever the blocks are: who is called faster has the lower time of the two that are shown."""
    group = noisy(ratios)
    answer = answer_of(group, [])
    assert answer.best is not None
    for each in group.ranked:
        assert each.wall is not None
        assert each.speedup.centre * each.wall.centre == pytest.approx(each.base_wall_s)
    if answer.verdict in (Verdict.FASTER, Verdict.UNDECIDED):
        assert answer.best.wall.centre <= answer.best.base_wall_s
    if answer.verdict is Verdict.FASTER:
        assert answer.best.speedup.low > 1


def test_of_a_kind_the_workload_with_the_middle_gain_is_shown_and_the_others_agree_or_not():
    gains = {"a": 1.2, "b": 3.0, "c": 2.0, "d": 1.5}
    made = [of({"serial": 0.1, "threads": 0.1 / gain}, cores=0.01, name=name) for name, gain in gains.items()]
    made += [
        of({"serial": 0.1, "threads": 0.2}, cores=0.01, name="e"),
        of({"serial": 0.1, "process_pool": 0.02}, cores=0.01, name="f"),
    ]
    assert len(made) <= MOST_LINES
    assert [each.group.name for each in answers(made, [])] == list("abcdef")
    made.append(of(PYTHON_WORK, name="g"))
    waiting, python = answers(made, [])
    assert (waiting.kind, waiting.group.name) == (Kind.WAITING, "d"), (
        "1, 1.2, 1.5, 2, 3, 5: the lower of the two in the middle"
    )
    assert [each.name for each in waiting.agreeing] == ["a", "b", "c"]
    assert [each.name for each in waiting.differing] == ["e", "f"]
    assert (python.kind, python.group.name) == (Kind.PYTHON, "g")


def test_what_to_be_careful_about_is_what_was_measured():
    def cares(made):
        return {each.care: [one.case.strategy for one in each.cases] for each in answer_of(made, []).cautions}

    assert cares(of(PYTHON_WORK)) == {Care.THREADS: ["threads"]}
    assert cares(of(PYTHON_WORK | {"pool_apply": 0.3})) == {
        Care.THREADS: ["threads"],
        Care.SLOWER: ["pool_apply", "threads"],
    }
    queues = {"queue": 0.1, "thread_queue": 0.05, "pipe": 0.07}
    assert cares(of(queues, pattern="stream", baseline="queue")) == {Care.PROCESSES: ["pipe"]}
    base, few, more = case(), case("threads", workers=2), case("threads", workers=9)
    blocks = [
        block(each, n, [wall] * 3, cores=0.01)
        for each, wall in ((base, 0.1), (few, 0.05), (more, 0.02))
        for n in range(MANY)
    ]
    broken = case("process_pool", workers=2)
    blocks.append(block(broken, 0, [], outcome=Outcome.WRONG, reason="lost updates"))
    works = {"primes": Work("map", "io", "serial")}
    (found,) = groups(summarise(builders.run(blocks, [base, few, more, broken], works=works)))
    told = answer_of(found, []).cautions
    assert [(each.care, each.cases[0].case.workers) for each in told] == [(Care.BAD, 2), (Care.WORKERS, 2)]


def test_the_published_run_answers_what_people_came_for():
    """Of the largest published run: the lines that the page and the terminal begin with."""
    largest = max((ROOT / "results" / "reference").glob("*.jsonl"), key=lambda path: path.stat().st_size)
    told = answer_words.lines(load_results(largest))
    assert [each.kind for each in told] == [
        "Waiting", "Waiting and computing", "CPU work in Python", "C code, numpy", "Big data", "Messages", "Shared state",
        "Locks", "Servers", "Starting workers",
    ]  # fmt: skip
    by_kind = {each.kind: each for each in told}
    assert "process" in by_kind["CPU work in Python"].use
    assert by_kind["Big data"].use == "a plain loop"
    assert all(each.times for each in told)

"""The tour as a session: which lessons can be taken, in what time, and what an interruption leaves."""

import signal

import pytest
from hypothesis import given
from hypothesis import strategies as some

from bench.analysis.tour.lessons import LESSONS
from bench.records.run import Purpose
from bench.sessions.tour import share_of, why_not
from bench.store.runs import read
from tests.commands import until

EVERY = ("fork", "spawn", "forkserver")


def test_a_lesson_is_left_out_where_it_can_show_nothing():
    assert {name for name, each in LESSONS.items() if why_not(each, 1, EVERY)} == {"gil"}
    assert why_not(LESSONS["gil"], 1, EVERY) == "it takes 2 CPUs, and this process may use 1"
    assert {name for name, each in LESSONS.items() if why_not(each, 2, ("spawn",))} == {"cold"}
    assert why_not(LESSONS["cold"], 2, ("spawn",)) == "processes cannot start by fork on this system"
    assert not any(why_not(each, 2, EVERY) for each in LESSONS.values())


@given(some.floats(20, 1000), some.permutations(list(LESSONS.values())), some.integers(1, len(LESSONS)))
def test_the_time_is_all_given_away_and_no_more(left_s, lessons, count):
    """Where each lesson takes what it is given."""
    chosen, given_s = lessons[:count], 0.0
    for number in range(count):
        share_s = share_of(chosen[number:], left_s - given_s)
        assert share_s > 0
        given_s += share_s
    assert given_s <= left_s + 1e-6
    if not any(each.is_of_a_fault for each in chosen):
        assert given_s == pytest.approx(left_s)


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("--lesson", "gil,lokcs"), "unknown lesson 'lokcs'; did you mean 'locks'?"),
        (("--lesson", "waiting", "--budget", "soon"), "is not a duration"),
        (
            ("--lesson", "waiting", "--budget", "2s"),
            "waiting: there was no time for it; give the tour more with --budget",
        ),
    ],
)
def test_wrong_usage_is_one_line(bench, arguments, told, tmp_path):
    done = bench("tour", *arguments)
    assert (done.returncode, done.stdout) == (2, "")
    assert told in done.stderr
    assert not list((tmp_path / "results").glob("*.jsonl"))


@pytest.mark.long
def test_lessons_that_are_named_are_ordinary_runs_in_that_order(bench, tmp_path):
    done = bench("tour", "--quick", "--lesson", "hang,waiting", "--budget", "40s")
    assert done.returncode == 0, done.stderr
    runs = [read(path) for path in sorted((tmp_path / "results").glob("*.jsonl"))]
    assert [each.header.plan.purpose for each in runs] == [Purpose.FAULTS, Purpose.RANKING]
    assert [set(each.header.plan.works) for each in runs] == [{"is_killed"}, {"downloads_even"}]
    assert {each.strategy for each in runs[1].header.plan.cases} >= set(LESSONS["waiting"].strategies)
    page = tmp_path / done.stdout.strip().splitlines()[-1]
    assert page.parent.name == f"{runs[0].header.id}-tour"
    assert done.stdout.index(LESSONS["hang"].title) < done.stdout.index(LESSONS["waiting"].title)


@pytest.mark.long
def test_an_interruption_keeps_what_is_finished_and_makes_the_page_of_that(begin):
    command = begin("tour", "--quick", "--lesson", "hang,waiting,state")
    results = command.folder / "results"

    def is_in_the_second():
        files = sorted(results.glob("*.jsonl")) if results.is_dir() else []
        return len(files) == 2 and len(files[1].read_bytes().splitlines()) > 3

    until(is_in_the_second, "no block of the second lesson")
    command.process.send_signal(signal.SIGINT)
    assert command.process.wait(120) == 130
    assert "interrupted: " in command.stderr()
    printed = command.stdout()
    assert "Pool.map hangs" in printed
    assert "Interrupted: this is what was measured until then." in printed
    assert "Not measured here: the tour was interrupted before it." in printed
    assert (command.folder / printed.strip().splitlines()[-1]).is_file()
    assert [read(each).ending.status for each in sorted(results.glob("*.jsonl"))] == ["complete", "interrupted"]

"""One work on several interpreters: what is held against what, and that the numbers are those of the cases."""

from dataclasses import replace

import pytest

from bench.analysis.across import Move, across, differing
from bench.analysis.groups import groups
from bench.analysis.summary import summarise
from bench.records.run import Work
from bench.report.run.across_words import sentences, table
from tests import builders
from tests.builders import block, interpreter

GIL, FREE = "cpython-3.13.5", "cpython-3.13.5t"
TIMES_S = {
    "cpython-3.13.5": {"serial": 0.10, "thread_pool": 0.10, "process_pool": 0.06},
    "cpython-3.13.5t,gil=on": {"serial": 0.14, "thread_pool": 0.15, "process_pool": 0.09},
    "cpython-3.13.5t,gil=off": {"serial": 0.14, "thread_pool": 0.075, "process_pool": 0.09},
}


def compared_on(times_s, interpreters, blocks=8):
    """What a run of one work says, in which these interpreters took so long."""
    cases = [
        replace(builders.case(strategy, workers=1 if strategy == "serial" else 2), python=python)
        for python, mine in times_s.items()
        for strategy in mine
    ]
    made = [
        block(case, n, [times_s[case.python][case.strategy] * (1 + n / 1000)] * 3)
        for case in cases
        for n in range(blocks)
    ]
    run = builders.run(made, cases, works={"primes": Work("map", "cpu", "serial")})
    run = replace(run, header=replace(run.header, plan=replace(run.header.plan, interpreters=interpreters)))
    return across(groups(summarise(run)), interpreters)


@pytest.fixture(scope="module")
def three():
    interpreters = [
        interpreter(GIL, "3.13", python=GIL),
        replace(interpreter("cpython-3.13.5t,gil=on", "3.13t", python=FREE), settings={"gil": "on"}),
        replace(interpreter("cpython-3.13.5t,gil=off", "3.13t", python=FREE, gil="off"), settings={"gil": "off"}),
    ]
    (found,) = compared_on(TIMES_S, interpreters)
    return found


def test_each_reading_holds_the_right_cases_against_each_other(three):
    told = {each.move: (each.before.case, each.after.case, each.ratio.centre) for each in three.steps}
    before, after, ratio = told[Move.ALONE]  # with the GIL on, so that the build alone differs
    assert (before.python, after.python, before.strategy, after.strategy) == (
        GIL,
        "cpython-3.13.5t,gil=on",
        "serial",
        "serial",
    )
    assert ratio == pytest.approx(0.10 / 0.14)
    before, after, ratio = told[Move.THREADS]  # on one binary
    assert (before.python, after.python) == ("cpython-3.13.5t,gil=on", "cpython-3.13.5t,gil=off")
    assert (before.strategy, after.strategy) == ("thread_pool", "thread_pool")
    assert ratio == pytest.approx(0.15 / 0.075)
    before, after, ratio = told[Move.BEST]
    assert (before.strategy, after.strategy) == ("process_pool", "thread_pool")
    assert ratio == pytest.approx(0.06 / 0.075)
    assert len(three.steps) == 3


def test_the_sentences_say_it(three):
    assert sentences(three)[:3] == [
        "A plain loop on 3.13.5t gil=on takes 1.40× as long as one on 3.13.5 (1.40–1.40): 100 ms → 140 ms.",
        "On 3.13.5t gil=off, thread_pool ×2 is 2.00× as fast as the same on 3.13.5t gil=on (2.00–2.00): 151 ms → 75.3 ms.",
        (
            "The fastest on 3.13.5t gil=off, thread_pool ×2, takes 1.25× as long as the fastest on 3.13.5, process_pool ×2 (1.25–1.25): "
            "60.2 ms → 75.3 ms."
        ),
    ]
    assert "is the slowest of its kind" in sentences(three)[3]


def test_the_table_has_each_strategy_on_all_of_them(three):
    made = table(three)
    assert made.headings == ["strategy", "3.13.5", "3.13.5t gil=on", "× 3.13.5", "3.13.5t gil=off", "× 3.13.5"]
    assert [[cell.text for cell in row.cells] for row in made.rows][1] == [
        "thread_pool ×2", "100 ms", "151 ms", "1.50× slower (1.50–1.50)", "75.3 ms", "1.33× (1.33–1.33)"
    ]  # fmt: skip


def test_without_a_free_threaded_build_loops_and_the_fastest_are_held_against_each_other():
    interpreters = [
        interpreter(GIL, python=GIL),
        interpreter("cpython-3.14.0", python="cpython-3.14.0", compiler="Clang"),
    ]
    (found,) = compared_on({GIL: {"serial": 0.1}, "cpython-3.14.0": {"serial": 0.08}}, interpreters)
    assert [(each.move, each.differing) for each in found.steps] == [
        (Move.ALONE, ("compiler",)),
        (Move.BEST, ("compiler",)),
    ]
    assert sentences(found)[0] == (
        "A plain loop on 3.14.0 is 1.25× as fast as one on 3.13.5 (1.25–1.25): 100 ms → 80.3 ms; the builds differ in compiler, too."
    )


def test_a_free_threaded_build_without_the_switch_is_read_by_itself():
    interpreters = [interpreter(GIL, python=GIL), interpreter(FREE, python=FREE, gil="off")]
    (found,) = compared_on({GIL: TIMES_S[GIL], FREE: TIMES_S["cpython-3.13.5t,gil=off"]}, interpreters)
    alone, threads, _ = found.steps
    assert (alone.before.case.python, alone.after.case.python) == (GIL, FREE)
    assert (threads.before.case.strategy, threads.before.case.python) == (
        "serial",
        FREE,
    )  # what its threads gain over a plain loop


def test_one_interpreter_is_not_compared():
    assert compared_on({GIL: TIMES_S[GIL]}, [interpreter(GIL, python=GIL)]) == []


def test_what_a_strategy_lacks_on_one_is_a_dash():
    interpreters = [interpreter(GIL, python=GIL), interpreter(FREE, python=FREE, gil="off")]
    (found,) = compared_on({GIL: {"serial": 0.1}, FREE: {"serial": 0.1, "process_pool": 0.05}}, interpreters)
    assert [[cell.text for cell in row.cells] for row in table(found).rows][1] == [
        "process_pool ×2",
        "–",
        "50.2 ms",
        "–",
    ]


@pytest.mark.parametrize(
    ("changes", "apart"),
    [
        ({}, ()),
        ({"configured": "--enable-optimizations --disable-gil", "python": "cpython-3.11.7t"}, ()),
        ({"configured": "--with-lto"}, ("configured",)),
        ({"python": "cpython-3.11.8"}, ("version",)),
        ({"compiler": "Clang", "build": "another day"}, ("compiler",)),
    ],
)
def test_builds_differ_in_what_makes_them_faster_or_slower(changes, apart):
    assert differing(interpreter(), interpreter(**changes)) == apart

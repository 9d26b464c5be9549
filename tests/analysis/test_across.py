"""One work on several interpreters: what is held against what, and that the numbers are those of the cases."""

import pytest

from bench.analysis.across import Move, differing
from tests.builders import interpreter
from tests.interpreters import FREE, GIL, TIMES_S, compared_on, three


def test_each_reading_holds_the_right_cases_against_each_other():
    told = {each.move: (each.before.case, each.after.case, each.ratio.centre) for each in three().steps}
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
    assert len(three().steps) == 3


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

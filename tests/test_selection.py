"""What is chosen of cases by patterns: the same in every command, and what is called so exactly before anything else."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as some

from bench.analysis.history import history
from bench.analysis.stored import StoredCase, StoredRun, chosen
from bench.errors import UnknownNameError, UsageError
from bench.naming import CaseName, named
from bench.selection import CaseFilter, fitting_cases
from bench.selection import chosen as known_of
from bench.sessions import gate_plan
from tests.builders import case

CASES = [
    case(),
    case("process_pool", workers=2, start_method="fork"),
    case("process_pool", workers=2, start_method="spawn"),
    case("process_pool", workers=20, start_method="spawn"),
    case("thread_pool", workers=2),
    case(workload="primes_big"),
    case("thread_pool", workload="primes_big", workers=4),
    case(workload="folder/parse"),
]
NAMED = named(CASES)
KEYS = [each.key for each in CASES]
FORK, SPAWN, TWENTY = KEYS[1:4]
TABLE = [
    ("primes serial", KEYS[:1]),
    ("primes", KEYS[:5]),
    ("primes_big", KEYS[5:7]),
    ("primes*", KEYS[:7]),
    ("primes process_pool", [FORK, SPAWN, TWENTY]),
    ("primes process_pool spawn", [SPAWN, TWENTY]),
    ("primes process_pool spawn ×2", [SPAWN]),
    ("*spawn ×2*", [SPAWN, TWENTY]),
    ("primes thread_pool ×2", [KEYS[4]]),
    ("primes thread_pool", [KEYS[4]]),
    ("thread_pool", [KEYS[4], KEYS[6]]),
    ("thread_pool ×4", [KEYS[6]]),
    ("*/thread_pool/*", [KEYS[4], KEYS[6]]),
    ("folder/parse", KEYS[7:]),
    ("process_pool ×4", []),
]


@pytest.mark.parametrize(("pattern", "keys"), TABLE, ids=[each[0] for each in TABLE])
def test_the_cases_that_a_pattern_fits(pattern, keys):
    assert fitting_cases(pattern, NAMED) == keys
    assert CaseFilter([pattern]).kept(NAMED) == set(keys)


NAMES = some.text("ab *[]×2", min_size=1, max_size=4)
ANY = some.builds(
    case,
    NAMES,
    workload=NAMES,
    workers=some.integers(1, 3),
    start_method=some.sampled_from(["fork", "spawn"]),
)


@given(some.lists(ANY, min_size=1, max_size=8, unique_by=lambda each: each.key))
def test_the_name_and_the_key_of_a_case_choose_it_alone(cases):
    beside = named(cases)
    for each in beside:
        assert fitting_cases(each.key, beside) == [each.key]
        assert fitting_cases(each.name, beside) == [each.key]
        assert CaseFilter(workloads=[each.workload]).kept(beside) == {
            other.key for other in beside if other.workload == each.workload
        }


def run(label, *cases):
    stored = [StoredCase(each.key, each.name, {"time": [[1.0]]}, workload=each.workload, strategy=each.strategy)
              for each in cases]  # fmt: skip
    return StoredRun(label, Path(label), "concurrency-bench 1", "2026-01-01T00:00:00", "", {}, stored)


def test_several_runs_are_chosen_from_together():
    """A case is the same one in a run in which it is called otherwise; and a part fits in none where one has it whole."""
    alone, beside = named([CASES[1]]), NAMED[1:3]
    assert alone[0].name != beside[0].name
    first, second = chosen([run("a", *alone), run("b", *beside)], CaseFilter([alone[0].name]))
    assert [each.key for each in (*first.cases, *second.cases)] == [FORK, FORK]
    parse, fast = (
        CaseName("parse/k", "parse", "parse", "serial"),
        CaseName("fast/k", "parse_fast", "parse_fast", "serial"),
    )
    first, second = chosen([run("a", parse), run("b", fast)], CaseFilter(["parse"]))
    assert ([each.key for each in first.cases], second.cases) == (["parse/k"], [])


def test_a_case_has_one_name_in_a_history():
    """On two machines it was two series of two names, and its chart was drawn twice into one file."""
    one, other = (run(label, each) for label, each in (("a", named([CASES[1]])[0]), ("b", NAMED[1])))
    other = StoredRun(other.label, other.path, other.tool, "2026-01-02T00:00:00", "", {"cpu": "another"}, other.cases)
    found = history([one, other], "time", CaseFilter(), 0.02)
    assert {each.name for each in found.series} == {NAMED[1].name}
    assert len(found.series) == 2


def test_what_fits_nothing_is_told_with_what_is_nearest():
    runs = [run("a", *NAMED), run("b")]
    with pytest.raises(UsageError) as caught:
        chosen(runs, CaseFilter(["primes proces_pool spawn ×2"], ["primes"]))
    assert str(caught.value) == (
        "no case of 2 runs fits --case primes proces_pool spawn ×2 --workload primes; "
        "there are primes process_pool spawn ×2, primes process_pool spawn ×20, primes process_pool fork ×2, "
        "primes thread_pool ×2, primes_big thread_pool ×4 and 3 more"
    )


def test_a_filter_is_told_as_the_options_that_ask_for_it():
    asked = CaseFilter(["f[1,2]", "g"], ["primes", "fetch*"], ["serial"])
    assert str(asked) == "--case f[1,2] --case g --workload primes,fetch* --strategy serial"
    with pytest.raises(UsageError, match=r"^there is no case in 1 run$"):
        chosen([run("a")], asked)


def test_what_is_known_is_chosen_once_in_the_order_wanted():
    known = {"parse": 1, "parse_fast": 2, "other": 3}
    assert known_of("workload", known, ()) == [1, 2, 3]
    assert known_of("workload", known, ["other", "parse*", "parse"]) == [3, 1, 2]
    with pytest.raises(UnknownNameError, match="unknown workload 'pars'; did you mean 'parse'"):
        known_of("workload", known, ["pars"])


def test_a_tolerance_is_for_the_cases_that_its_pattern_fits():
    """A name with its workers fitted none, nor did one that has more in it than workload and strategy."""
    asked = [("primes", 0.1), ("primes thread_pool ×2", 0.2), ("primes process_pool spawn", 0.3)]
    found = gate_plan._tolerances(gate_plan.Tolerances(0.02, asked), CASES)
    assert [found[key] for key in KEYS] == [0.1, 0.1, 0.3, 0.3, 0.2, 0.02, 0.02, 0.02]
    wrong = gate_plan.Tolerances(0.02, [("primes thread_pol*", 0.1)])
    with pytest.raises(
        UsageError, match=r"^--tolerance primes thread_pol\*=…: no case of that name; there are primes thr"
    ):
        gate_plan._tolerances(wrong, CASES)

"""The unpaired rule against laws it must keep and streams with known truth, and the command on real files."""

import itertools
import json
import math
import random
import statistics
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bench.analysis.comparison import Verdict
from bench.analysis.shift import blocks_needed, interval_rank, shift_estimate
from bench.analysis.stored import MUST_BE_EQUAL, StoredCase, StoredRun
from bench.analysis.unpaired import DRIFT, compare
from bench.records.block import Outcome
from tests import builders
from tests.builders import block, case
from tests.conftest import CASES, real

MIRRORED = {
    Verdict.REGRESSED: Verdict.IMPROVED,
    Verdict.IMPROVED: Verdict.REGRESSED,
    Verdict.MISSING: Verdict.NEW,
    Verdict.NEW: Verdict.MISSING,
}
FACTS = {"cpu": "Example CPU", "cores": "2", "python": "cpython-3.11.7"}


def stored(cases, label="run.jsonl", facts=None, **changes):
    made = StoredRun(
        label, Path("results") / label, "concurrency-bench 1", "2026-01-02T03:04:05+00:00", "abc",
        FACTS if facts is None else facts,
        [each if isinstance(each, StoredCase) else StoredCase(key, key, {"time": [list(block) for block in each]})
         for key, each in cases.items()],
    )  # fmt: skip
    return replace(made, **changes)


def verdicts(base, head, quantities=("time",), tolerance=0.02, alpha=0.01):
    return compare(base, head, quantities, tolerance=tolerance, alpha=alpha)


def only(base, head, **rule):
    (found,) = verdicts(stored({"a": base}), stored({"a": head}), **rule).cases
    return found


def blocks(centre, n=8, spread=0.005):
    """So many processes of one value each, evenly spread around the centre."""
    return [[centre * (1 + spread * (2 * number / (n - 1) - 1))] for number in range(n)]


# --- the interval


@pytest.mark.parametrize(("m", "n"), [(1, 1), (2, 3), (4, 4), (3, 5), (5, 4)])
def test_the_interval_covers_as_often_as_counting_all_orders_says(m, n):
    """P(U < k) from every order of m + n values, against the rank and coverage that are given."""
    statistic = [sum(place - rank for rank, place in enumerate(chosen))
                 for chosen in itertools.combinations(range(m + n), n)]  # fmt: skip
    for error in (0.5, 0.2, 0.1, 0.05, 0.01):
        covered = {k: 1 - 2 * sum(each < k for each in statistic) / len(statistic) for k in range(1, m * n // 2 + 2)}
        ranks = [k for k, coverage in covered.items() if coverage >= 1 - error - 1e-12]
        rank, level = interval_rank(m, n, error)
        assert rank == (max(ranks) if ranks else 0)
        if rank:
            assert level == pytest.approx(covered[rank])


def test_the_published_critical_values_are_met():
    """Mann and Whitney's critical U at two-sided 5 % and 1 %: 23 and 16 of 10 and 10, 2 and 0 of 5 and 5."""
    assert [interval_rank(10, 10, error)[0] - 1 for error in (0.05, 0.01)] == [23, 16]
    assert [interval_rank(5, 5, error)[0] - 1 for error in (0.05, 0.01)] == [2, 0]


def test_beyond_what_is_counted_the_normal_takes_over_smoothly():
    counted, _ = interval_rank(100, 100, 0.01)
    taken, level = interval_rank(100, 101, 0.01)
    assert level == 0.99
    assert 0 < taken - counted < 100
    assert interval_rank(150, 150, 1e-300) == (0, pytest.approx(1))


@given(st.floats(1e-9, 0.5))
def test_so_many_are_needed_and_no_fewer(error):
    n = blocks_needed(error)
    assert interval_rank(n, n, error)[0] > 0
    assert n == 1 or interval_rank(n - 1, n - 1, error)[0] == 0


values = st.lists(st.floats(-5, 5), min_size=1, max_size=12)


@given(values, values, st.sampled_from([0.5, 0.1, 0.01]))
def test_swapped_samples_give_the_opposite_shift(base, head, error):
    one, other = shift_estimate(base, head, error), shift_estimate(head, base, error)
    assert one.centre == -other.centre
    assert (one.low is None) == (other.low is None)
    if one.low is not None:
        assert (one.low, one.high) == (-other.high, -other.low)
        assert one.low <= one.centre <= one.high


# --- verdicts


def test_a_change_is_called_where_the_whole_interval_is_beyond_the_tolerance():
    base = blocks(1.0)
    assert only(base, blocks(1.05)).verdict is Verdict.REGRESSED
    assert only(base, blocks(1 / 1.05)).verdict is Verdict.IMPROVED
    assert only(base, blocks(1.001)).verdict is Verdict.EQUIVALENT
    assert only(base, blocks(1.05), tolerance=0.10).verdict is Verdict.EQUIVALENT
    found = only(base, blocks(1.05))
    assert (found.base, found.head) == (pytest.approx(1.0), pytest.approx(1.05))
    assert found.ratio.centre == pytest.approx(1.05, rel=1e-3)
    assert found.ratio.n == 8


def test_what_is_inconclusive_says_what_could_have_been_seen_and_how_many_blocks_it_takes():
    found = only(blocks(1.0, spread=0.03), blocks(1.03, spread=0.03))
    assert found.verdict is Verdict.INCONCLUSIVE
    half = (math.log(found.ratio.high) - math.log(found.ratio.low)) / 2
    assert found.detectable == pytest.approx(1.02 * math.exp(half))
    assert found.needed > 8
    seen = only(blocks(1.0, spread=0.03), blocks(found.detectable * 1.001, spread=0.03))
    assert seen.verdict is Verdict.REGRESSED


def test_a_centre_on_the_edge_names_no_number_of_blocks():
    assert only(blocks(1.0, spread=0.03), blocks(1.02, spread=0.03)).needed is None


def test_too_few_processes_are_said_and_the_ratio_has_no_interval():
    found = only(blocks(1.0, 3), blocks(2.0, 4))
    assert found.verdict is Verdict.INCONCLUSIVE
    assert found.reason == "n = 3 and 4 processes; 5 a side are needed at this level"
    assert found.ratio.low is None
    assert found.ratio.centre == pytest.approx(2.0, rel=0.01)
    one = only([[1.0] * 100], [[2.0] * 100])
    assert (one.verdict, one.ratio.centre, one.ratio.low) == (Verdict.INCONCLUSIVE, pytest.approx(2.0), None)


def test_the_block_is_the_unit_and_rounds_do_not_count():
    """A hundred rounds in each of two processes are two values."""
    assert only([[1.0] * 100] * 2, [[2.0] * 100] * 2).verdict is Verdict.INCONCLUSIVE
    many = only([[1.0, 1.0, 9.0]] * 5, [[1.5, 1.5, 0.1]] * 5)
    assert (many.verdict, many.base, many.head) == (Verdict.REGRESSED, 1.0, 1.5)


def test_the_level_is_divided_over_what_is_compared():
    one = stored({"a": blocks(1.0, 5)}), stored({"a": blocks(1.5, 5)})
    assert verdicts(*one).cases[0].verdict is Verdict.REGRESSED
    many = [stored({str(n): blocks(centre, 5) for n in range(20)}) for centre in (1.0, 1.5)]
    found = verdicts(*many)
    assert {each.verdict for each in found.cases} == {Verdict.INCONCLUSIVE}
    assert "8 a side" in found.cases[0].reason
    assert "20 comparisons" in found.method


@pytest.mark.parametrize("fact", MUST_BE_EQUAL)
def test_unequal_environments_are_incomparable_and_say_why(fact):
    base = stored({"a": blocks(1.0)}, facts=FACTS | {fact: "one"})
    head = stored({"a": blocks(2.0)}, facts=FACTS | {fact: "other"})
    found = verdicts(base, head)
    (case_,) = found.cases
    assert (case_.verdict, case_.ratio) == (Verdict.INCOMPARABLE, None)
    assert f"{fact}: one and other" in case_.reason
    assert found.exit_status == 3


def test_facts_that_only_one_side_states_are_noted_and_compare():
    found = verdicts(stored({"a": blocks(1.0)}, facts={}), stored({"a": blocks(1.0)}, facts={"gil": "on", "cpu": "x"}))
    assert found.cases[0].verdict is Verdict.EQUIVALENT
    assert any("only the head states" in note and "cpu, gil" in note for note in found.notes)
    neither = verdicts(stored({"a": blocks(1.0)}, facts={}), stored({"a": blocks(1.0)}, facts={}))
    assert any("neither side states: cpu, cores" in note for note in neither.notes)


def test_what_is_on_one_side_only_is_missing_or_new_and_does_not_pass():
    found = verdicts(stored({"a": blocks(1), "b": blocks(1)}), stored({"b": blocks(1), "c": blocks(1)}))
    assert {each.case: each.verdict for each in found.cases} == {
        "a": Verdict.MISSING,
        "b": Verdict.EQUIVALENT,
        "c": Verdict.NEW,
    }
    assert found.exit_status == 3


def test_a_side_that_failed_is_failed_and_says_how():
    trouble = StoredCase("a", "a", {}, trouble="wrong: lost two results")
    found = verdicts(stored({"a": blocks(1.0)}), stored({"a": trouble}))
    assert (found.cases[0].verdict, found.cases[0].reason) == (Verdict.FAILED, "head wrong: lost two results")
    assert found.exit_status == 3


def test_what_could_not_run_is_missing_with_its_reason_and_left_out_where_it_ran_nowhere():
    absent = StoredCase("a", "a", {}, trouble="unavailable: pip install it")
    gone = verdicts(stored({"a": blocks(1.0)}), stored({"a": absent}))
    assert (gone.cases[0].verdict, gone.cases[0].reason) == (
        Verdict.MISSING,
        "not measured in the head: unavailable: pip install it",
    )
    nowhere = verdicts(stored({"a": absent, "b": blocks(1.0)}), stored({"a": absent, "b": blocks(1.0)}))
    assert [each.case for each in nowhere.cases] == ["b"]
    assert any("measured on neither side" in note and "pip install it" in note for note in nowhere.notes)


def test_a_quantity_that_a_side_lacks_never_passes_as_good():
    both = StoredCase("a", "a", {"time": blocks(1.0), "cpu": blocks(1.0)})
    without = StoredCase("a", "a", {"time": blocks(1.0)})
    for base, head, verdict in (
        (both, without, Verdict.MISSING),
        (without, both, Verdict.NEW),
        (without, without, Verdict.INCONCLUSIVE),
    ):
        time, cpu = verdicts(stored({"a": base}), stored({"a": head}), ("time", "cpu")).cases
        assert (time.verdict, cpu.verdict) == (Verdict.EQUIVALENT, verdict)
        assert "cpu" in cpu.reason


def test_a_value_of_nothing_is_no_ratio():
    found = only([[0.0]] * 8, [[1.0]] * 8)
    assert (found.verdict, found.ratio) == (Verdict.INCONCLUSIVE, None)
    assert "is 0" in found.reason


def test_the_notes_say_that_time_passed_between_and_what_values_leave_out():
    limited = StoredCase("a", "a", {"time": [[1.0]]}, limits="only the median")
    found = verdicts(stored({"a": limited}), stored({"a": limited}, tool="pyperf 2", facts=FACTS | {"os": "x"}))
    assert found.notes[0] == DRIFT
    assert any("different tools" in note for note in found.notes)
    assert any("1 case of the base with limits: only the median" in note for note in found.notes)


centres = st.floats(0.3, 3.0)
sides = st.one_of(
    st.none(),
    st.just(StoredCase("", "", {}, trouble="failed: no")),
    st.just(StoredCase("", "", {}, trouble="unavailable: no")),
    st.tuples(centres, st.integers(1, 12), st.floats(0, 0.2)),
)


@settings(max_examples=100, deadline=None)
@given(
    st.lists(st.tuples(sides, sides), min_size=1, max_size=4),
    st.sampled_from([FACTS, {}, FACTS | {"gil": "off"}, FACTS | {"cpu": "another"}]),
    st.sampled_from([0.005, 0.02, 0.2]),
    st.integers(0, 2**32),
)
def test_swapped_runs_give_mirrored_verdicts(pairs, facts, tolerance, seed):
    luck = random.Random(seed)

    def made(side, number):
        if side is None or isinstance(side, StoredCase):
            return side and replace(side, key=str(number), name=str(number))
        centre, n, spread = side
        return [[centre * math.exp(luck.gauss(0, spread)) for _ in range(3)] for _ in range(n)]

    filled = [(made(base, n), made(head, n)) for n, (base, head) in enumerate(pairs)]
    base = stored({str(n): each for n, (each, _) in enumerate(filled) if each is not None}, "base.jsonl")
    head = stored({str(n): each for n, (_, each) in enumerate(filled) if each is not None}, "head.jsonl", facts)
    there, back = (verdicts(*order, tolerance=tolerance) for order in ((base, head), (head, base)))
    mirrored = {each.case: each for each in back.cases}
    assert len(there.cases) == len(back.cases)
    for each in there.cases:
        other = mirrored[each.case]
        assert other.verdict is MIRRORED.get(each.verdict, each.verdict)
        assert (other.detectable, other.needed) == (each.detectable, each.needed)
        if each.ratio is not None:
            assert other.ratio.centre == pytest.approx(1 / each.ratio.centre)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.lists(st.floats(1e-9, 1e9), min_size=1, max_size=3), min_size=1, max_size=12))
def test_identical_runs_never_differ(made):
    assert only(made, made).verdict in {Verdict.EQUIVALENT, Verdict.INCONCLUSIVE}


@pytest.mark.parametrize("skewed", [False, True])
def test_identical_code_is_called_changed_no_more_often_than_stated(skewed):
    """Runs of 4 cases with true ratio 1, at a tolerance of next to nothing; alpha 20 % so that few draws show it.

    Each of 400 runs has any false verdict with probability 20 % at the most, so more than 105 of them, three standard
    deviations above 80, would happen once in a thousand tries. The seed is fixed.
    """
    luck, alpha, tries = random.Random(6), 0.2, 400

    def run():
        draw = (
            (lambda: luck.lognormvariate(0, 0.05) + luck.expovariate(10)) if skewed else (lambda: luck.gauss(1, 0.05))
        )
        return stored({str(n): [[draw()] for _ in range(8)] for n in range(4)})

    changed = {Verdict.REGRESSED, Verdict.IMPROVED}
    alarms = sum(
        any(each.verdict in changed for each in verdicts(run(), run(), tolerance=1e-9, alpha=alpha).cases)
        for _ in range(tries)
    )
    assert alarms <= tries * alpha + 3 * math.sqrt(tries * alpha * (1 - alpha))


def test_a_change_that_is_there_is_found():
    """10 % slower at a spread of 2 % between processes, ten a side: nine of ten tries and more."""
    luck = random.Random(7)
    drawn = lambda centre: [[luck.gauss(centre, 0.02)] for _ in range(10)]  # noqa: E731
    assert statistics.mean(only(drawn(1.0), drawn(1.1)).verdict is Verdict.REGRESSED for _ in range(60)) > 0.9


# --- the command


@pytest.fixture
def runs(tmp_path):
    """Three runs of one case each: the second as the first, the third a third slower."""

    def write(name, wall_s, **changes):
        made = builders.run([block(case(), n, [1.0, wall_s * (1 + n / 1000)]) for n in range(8)], [case()], **changes)
        folder = tmp_path / name
        path = builders.stored(replace(made, header=replace(made.header, id=f"{name}-run")), folder)
        return str(path)

    return write


@pytest.mark.long
def test_the_first_run_is_the_base_of_every_other(bench, runs):
    first, same, slower = runs("first", 0.1), runs("same", 0.1), runs("slower", 0.13)
    good = bench("compare", first, same)
    assert (good.returncode, good.stderr) == (0, "")
    assert "equivalent" in good.stdout
    done = bench("compare", first, same, slower, "--json")
    found = json.loads(done.stdout)
    assert done.returncode == 1
    assert [each["cases"][0]["verdict"] for each in found] == ["equivalent", "regressed"]
    assert {each["base"]["label"] for each in found} == {"first-run.jsonl"}
    assert bench("compare", slower, first).returncode == 0, "an improvement passes"
    assert bench("compare", first, slower, "--tolerance", "50%").returncode == 0


def test_quantities_and_files_for_others(bench, runs, tmp_path):
    first, same = runs("first", 0.1), runs("same", 0.1)
    done = bench(
        "compare", first, same, "--quantity", "time,memory", "--markdown", "x.md", "--junit", "x.xml", "--json"
    )
    assert [each["quantity"] for each in json.loads(done.stdout)["cases"]] == ["time", "memory"]
    assert "equivalent" in (tmp_path / "x.md").read_text()
    assert "testcase" in (tmp_path / "x.xml").read_text()


def test_what_is_accepted_is_the_users_to_say(bench, runs):
    one = runs("one", 0.1)
    few = builders.run([block(case(), n) for n in range(2)], [case()])
    other = str(builders.stored(few, Path(one).parent / "few"))
    assert bench("compare", one, other).returncode == 0, "inconclusive is accepted"
    assert bench("compare", one, other, "--accept", "none").returncode == 3


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ([], "two runs or more"),
        (["{run}"], "two runs or more"),
        (["{run}", "absent"], "no run 'absent'"),
        (["{run}", "{run}", "--quantity", "tim"], "did you mean 'time'"),
        (["{run}", "{run}", "--tolerance", "2"], "write 2% or 0.02"),
        (["{run}", "{run}", "--alpha", "100%"], "--alpha"),
        (
            ["{run}", "{run}", "--workload", "x", "--case", "y"],
            "no case of 2 runs fits --case y --workload x; there are primes serial",
        ),
    ],
)
def test_wrong_usage_is_one_line(bench, runs, arguments, said):
    run = runs("one", 0.1)
    done = bench("compare", *(each.format(run=run) for each in arguments))
    assert done.returncode == 2
    assert said in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_runs_that_failed_show_it(bench, tmp_path):
    cases = [case(), case("pool")]
    good = builders.run([block(each, n) for each in cases for n in range(6)], cases)
    bad = builders.run([block(cases[0], n) for n in range(6)]
                       + [block(cases[1], 0, [], outcome=Outcome.WRONG, reason="lost two")], cases)  # fmt: skip
    paths = [str(builders.stored(made, tmp_path / name)) for name, made in (("good", good), ("bad", bad))]
    done = bench("compare", *paths)
    assert done.returncode == 3
    assert "lost two" in done.stdout


@real
def test_two_pythons_of_pyperf_are_incomparable_and_the_same_file_is_equivalent(bench):
    old, new = (str(CASES / "pyperf" / f"mult_list_py{version}.json") for version in (36, 37))
    done = bench("compare", old, new)
    assert done.returncode == 3
    assert "python: cpython-3.6.12 and cpython-3.7.9" in done.stdout
    telco = str(CASES / "pyperf" / "telco.json")
    one = bench("compare", old, new, "--case", "[1,2]*1000", "--json")
    assert [each["name"] for each in json.loads(one.stdout)["cases"]] == ["[1,2]*1000"], "a comma is part of a name"
    same = bench("compare", telco, telco, "--json", "--quantity", "time,memory")
    assert same.returncode == 0
    assert {each["verdict"] for each in json.loads(same.stdout)["cases"]} == {"equivalent"}


@real
def test_stored_runs_of_pytest_benchmark_have_one_process_and_decide_nothing(bench):
    paths = sorted(map(str, (CASES / "pytest-benchmark").glob("*.json")))
    done = bench("compare", *paths, "--json")
    found = json.loads(done.stdout)
    assert (done.returncode, len(found)) == (0, 9)
    for each in found:
        (only_,) = each["cases"]
        assert only_["verdict"] == "inconclusive"
        assert only_["reason"] == "n = 1 and 1 processes; 5 a side are needed at this level"
        assert only_["ratio"]["centre"] == pytest.approx(1, abs=0.1)
        assert only_["ratio"]["low"] is None

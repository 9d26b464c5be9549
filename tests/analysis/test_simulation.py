"""Simulated streams are what they claim to be, the gate holds its error rate on them, and the tables say what came out."""

import json
import math
import random
import statistics
from dataclasses import asdict

import numpy as np
import pytest

from bench.analysis import simulation
from bench.analysis.pair_values import log_ratio
from bench.analysis.simulation import (
    ALPHA,
    CASES,
    EFFECTS,
    KINDS,
    MOST_PAIRS,
    ROUNDS,
    TOLERANCE,
    OtherRule,
    Simulation,
    Stream,
    false_alarms,
    other_rules,
    power,
    reduced,
    simulate,
    upper_bound,
)
from bench.machine import parallel
from bench.report.evidence.gate_proof import simulated_tables, simulated_text
from tests.builders import block, case

PYPERF, PYTEST_BENCHMARK = simulation._OTHER_RULES


def stream(kind, runs=20):
    return Stream(kind, runs, np.random.default_rng(3))


def binomial_tail(count, n, p):
    """How likely `count` or more of `n` are."""
    return math.fsum(math.comb(n, k) * p**k * (1 - p) ** (n - k) for k in range(count, n + 1))


@pytest.mark.many(1)
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("effect", [0.0, TOLERANCE])
def test_runs_without_a_change_raise_no_more_false_alarms_than_stated(kind, effect):
    runs = 300 if effect == 0 else 60
    found = false_alarms(kind, runs, seed=7, effect=effect)
    assert binomial_tail(found.false_runs, runs, ALPHA) > 0.001
    assert found.equivalent + found.inconclusive + found.regressed + found.improved == pytest.approx(1)
    assert (found.kind, found.changed, found.cases, found.runs) == (kind, CASES, CASES, runs)


@pytest.mark.parametrize("kind", KINDS)
def test_a_change_of_20_percent_of_one_case_is_seen_and_no_other_called(kind):
    found = power(kind, 0.2, 20, seed=7, cases=5)
    assert (found.regressed, found.false_runs) == (1, 0)
    assert found.pairs_median <= found.pairs_90th <= MOST_PAIRS


def test_a_faster_head_is_improved_and_that_is_no_false_alarm():
    found = power("normal", -0.2, 20, seed=7, cases=1)
    assert (found.improved, found.false_runs) == (1, 0)


def test_a_greater_change_is_seen_sooner_and_a_single_case_sooner_than_one_of_twenty():
    small, large = (power("normal", effect, 40, 7, cases=1) for effect in (0.04, 0.1))
    among = power("normal", 0.1, 10, 7)
    assert large.pairs_median < small.pairs_median
    assert large.pairs_median < among.pairs_median


def test_a_change_called_where_there_is_none_is_false_on_either_side():
    verdict = simulation.Verdict
    false = simulation._is_false
    assert [false(0.0, (each, 9)) for each in verdict] == [
        each in {verdict.REGRESSED, verdict.IMPROVED} for each in verdict
    ]
    assert false(TOLERANCE, (verdict.REGRESSED, 9))
    assert not false(0.021, (verdict.REGRESSED, 9))
    assert false(-0.019, (verdict.IMPROVED, 9))
    assert not false(-0.021, (verdict.IMPROVED, 9))


@pytest.mark.long
def test_results_follow_from_the_seed_and_not_from_the_number_of_processes(monkeypatch):
    same, other = (false_alarms("drifting", 110, seed) for seed in (1, 2))
    monkeypatch.setattr(parallel, "cpus", lambda: 1)
    one = false_alarms("drifting", 110, 1)
    assert one == same
    assert one != other


def test_blocks_are_reduced_as_the_gate_reduces_them():
    drawing = random.Random(1)
    of = case()
    for rounds in (1, 2, 20, ROUNDS):
        walls = [[drawing.lognormvariate(0, 0.3) for _ in range(1 + rounds)] for _ in range(2)]
        base, head = (block(of, walls=each, arm=arm) for arm, each in zip(("base", "head"), walls, strict=True))
        logs = np.log([each[1:] for each in walls])
        assert reduced(logs[:1], logs[1:]).item() == pytest.approx(log_ratio(base, head, "time"), abs=1e-12)


@pytest.mark.parametrize("kind", KINDS)
def test_arms_of_identical_code_are_alike(kind):
    ratios = stream(kind).log_ratios(np.repeat(np.arange(20), 200), np.tile(np.arange(200.0), 20))
    above = (ratios > 0).mean()
    assert len(ratios) == 4000
    assert abs(above - 0.5) < 4 * 0.5 / math.sqrt(len(ratios))
    assert abs(np.median(np.abs(ratios[ratios > 0])) - np.median(np.abs(ratios[ratios < 0]))) < 0.005


def rounds_of(kind, n=2 * ROUNDS, rows=2000, at_s=0.0):
    return stream(kind).rounds(np.arange(rows) % 20, np.full(rows, at_s), n)


def test_normal_rounds_scatter_by_3_percent_and_hosts_by_1():
    assert rounds_of("normal").std() == pytest.approx(0.03, rel=0.02)
    assert stream("normal").hosts(20_000).std() == pytest.approx(0.01, rel=0.03)


def test_skewed_rounds_have_a_long_tail_of_delays_and_none_is_faster_than_usual():
    times = rounds_of("skewed")
    assert times.min() >= 0
    assert np.quantile(times, 0.99) > 10 * np.median(times)
    assert (stream("skewed").hosts(1000) >= 0).all()


def test_three_of_ten_bimodal_hosts_and_rounds_are_8_percent_slower():
    for values in (stream("bimodal").hosts(20_000), rounds_of("bimodal", rows=20_000, n=1)):
        assert values.mean() == pytest.approx(0.3 * math.log(1.08), rel=0.05)
    hosts = stream("bimodal").hosts(20_000)
    assert (hosts > math.log(1.08) / 2).mean() == pytest.approx(0.3, abs=0.02)


def test_a_drifting_machine_is_a_third_slower_after_its_time_and_now_and_then_besides():
    third = math.log(4 / 3)
    begins, ends = (rounds_of("drifting", 1, at_s=each)[:, 0] for each in (0.0, simulation._DRIFT_S))
    assert np.median(begins) == pytest.approx(0, abs=0.01)  # all runs begin undisturbed
    assert ends.min() == pytest.approx(third, abs=0.15)
    levels = stream("drifting").rounds(np.zeros(1, int), np.zeros(1), 6000)[0]
    disturbed = (levels - np.arange(6000) * 0.01 * third / simulation._DRIFT_S) > third / 2
    steps = np.abs(np.diff(disturbed.astype(int))).sum()
    assert 4 <= steps < 40  # in a minute, of stretches of 3 and 6 seconds
    assert 0.1 < disturbed.mean() < 0.7


def test_neighbours_are_alike_among_autocorrelated_rounds_and_pairs():
    times = rounds_of("autocorrelated")
    inside = times - times.mean(axis=1, keepdims=True)
    assert np.corrcoef(inside[:, 20], inside[:, 21])[0, 1] > 0.7
    slots = np.arange(1000) * simulation._PAIR_S
    levels = stream("autocorrelated", 1).rounds(np.zeros(1000, int), slots + 0.01, 400).mean(axis=1)
    assert np.corrcoef(levels[:-1], levels[1:])[0, 1] == pytest.approx(0.9, abs=0.05)


def test_pyperfs_rule_is_students_test_over_all_values():
    drawing = np.random.default_rng(5)
    times = 1 + 0.05 * drawing.random((4, 2, 3, 10, ROUNDS))
    times[:, 1] *= np.linspace(0.99, 1.01, 12).reshape(4, 3, 1, 1)
    called = simulation._pooled_t(times)
    for run, number in np.ndindex(4, 3):
        base, head = (times[run, arm, number].ravel().tolist() for arm in (0, 1))
        pooled = (statistics.variance(base) + statistics.variance(head)) / 2
        score = (statistics.fmean(head) - statistics.fmean(base)) / math.sqrt(pooled * 2 / len(base))
        assert called[run, number] == (0 if abs(score) < 1.96 else math.copysign(1, score))
    assert set(called.ravel()) == {-1, 0, 1}


def test_pytest_benchmarks_rule_calls_a_mean_that_is_more_than_5_percent_greater():
    times = np.ones((1, 2, 3, 1, ROUNDS))
    times[:, 1] *= np.array([0.5, 1.049, 1.051]).reshape(1, 3, 1, 1)
    assert simulation._mean_5_percent(times).tolist() == [[0, 0, 1]]


def test_other_rules_are_fooled_by_drift_and_see_a_great_change_on_quiet_streams():
    for found in other_rules("drifting", 0.0, 20, 1, pairs=15):
        assert found.slower > 0.2
        assert found.rounds == 15 * ROUNDS
    for found in other_rules("normal", 0.2, 5, 1, pairs=15):
        assert (found.slower, found.faster, found.runs_with_any) == (1, 0, 1)


@pytest.mark.parametrize(("count", "n"), [(0, 1), (0, 300), (1, 30), (7, 40), (29, 30)])
def test_a_share_at_its_upper_bound_gives_so_few_in_one_of_twenty_cases(count, n):
    assert 1 - binomial_tail(count + 1, n, upper_bound(count, n)) == pytest.approx(0.05)


def test_the_upper_bound_of_all_is_1_and_large_numbers_are_no_obstacle():
    assert upper_bound(5, 5) == 1
    assert 0.05 < upper_bound(500, 10_000) < 0.055


@pytest.fixture(scope="module")
def everything():
    said = []
    return list(simulate(3, 1, said.append)), said


def test_everything_is_simulated_once_for_each_kind(everything):
    records, said = everything
    gate = [each for each in records if isinstance(each, Simulation)]
    others = [each for each in records if isinstance(each, OtherRule)]
    assert len(said) == len(KINDS)
    kinds_and_effects = {(kind, effect) for kind in KINDS for effect in EFFECTS}
    assert {(each.kind, each.effect) for each in gate if each.changed == 1 and each.cases == 1} == kinds_and_effects
    assert {(each.kind, each.effect) for each in gate if each.changed == 1 and each.cases == CASES} == kinds_and_effects
    assert {(each.kind, each.effect) for each in gate if each.changed == CASES} == {
        (kind, effect) for kind in KINDS for effect in (0.0, TOLERANCE)
    }
    assert {(each.kind, each.effect, each.rule) for each in others} == {
        (kind, effect, rule) for kind in KINDS for effect in (0.0, *EFFECTS) for rule in (PYPERF, PYTEST_BENCHMARK)
    }


def test_records_are_json_and_come_back(everything):
    for each in everything[0]:
        assert type(each)(**json.loads(json.dumps(asdict(each)))) == each


def test_each_record_is_a_row_of_a_table(everything):
    text = simulated_tables(everything[0])
    rows = [line for line in text.splitlines() if line.startswith(tuple(f"| {kind} |" for kind in KINDS))]
    assert len(rows) == len(everything[0])
    tables = [part.splitlines() for part in text.split("\n\n") if part.startswith("|")]
    for table in tables:
        assert len({line.replace("\\|", "").count("|") for line in table}) == 1


def test_tables_read_as_they_should():
    false = Simulation("normal", 0.0, 20, 20, 10_000, 3, 0.000775, 0.0, 0.000015, 0.95331, 0.046675, 38.0, 53)
    seen = Simulation("skewed", 0.05, 1, 1, 1000, 0, 0.003, 0.9, 0.0, 0.0, 0.1, 10.5, 19)
    unseen = Simulation("bimodal", 0.02, 1, 20, 1000, 1, 0.0047, 0.0, 0.0, 0.0, 1.0, None, None)
    other = OtherRule(PYTEST_BENCHMARK, "drifting", 0.0, 20, 1000, 798, 0.687, 0.0, 1.0)
    assert simulated_tables([false, seen, unseen, other]) == GOLDEN


def test_nothing_simulated_is_no_text():
    assert simulated_text(0, lambda _: None) == ""
    assert simulated_tables([]) == ""


GOLDEN = """\
Runs of 20 cases, none of them changed by more than the tolerance of 2 %. Stated: no more than 1 % of such runs get a false alarm. A head that is slower by the tolerance itself is the hardest there is.

| stream | head | runs | with a false alarm | share is below (95 %) | cases equivalent | inconclusive | pairs to decide, median (90 %) |
|---|---|---|---|---|---|---|---|
| normal | the same | 10,000 | 3 | 0.0775 % | 95.3 % | 4.67 % | 38 (53) |

Runs in which one case is changed; up to 60 pairs of blocks. The tolerance itself is no change: there, no verdict is true, and `inconclusive` is right.

| stream | head | cases | runs | regressed | improved | equivalent | inconclusive | runs with a false alarm | pairs to decide, median (90 %) |
|---|---|---|---|---|---|---|---|---|---|
| skewed | 5 % slower | 1 | 1,000 | 90 % | 0 % | 0 % | 10 % | 0 | 10.5 (19) |
| bimodal | 2 % slower | 20 | 1,000 | 0 % | 0 % | 0 % | 100 % | 1 | – |

Rules of other tools on such streams of 20 cases, measured as one measures with these tools: the base of all cases, then the head of all. Each arm has as many rounds as in the median of the pairs that the gate takes to decide where the code is the same.

| stream | head | rule | rounds of an arm | runs | cases called slower | called faster | runs with any |
|---|---|---|---|---|---|---|---|
| drifting | the same | pytest-benchmark: mean:5%, one process | 798 | 1,000 | 68.7 % | 0 % | 100 % |"""

"""Speed-ups over workers: the laws give back what made the data, and what cannot tell is left out."""

import itertools
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bench.analysis.groups import groups
from bench.analysis.scaling import curves, fitted, karp_flatt, law, variants
from bench.analysis.summary import summarise
from bench.records.block import Outcome
from bench.records.run import Work
from bench.records.use import Samples
from tests import builders
from tests.builders import block, case

shares = st.floats(0, 1)
costs = st.floats(0, 0.2)
numbers = st.sets(st.integers(2, 64), min_size=3, max_size=8).map(sorted)


def scaled(
    walls, *, cores=64, repetitions=7, strategy="pool", tasks=1000, bound="cpu", noise=0.0, others=(), **options
):
    """A run of a strategy with these times by number of workers, and noise that repeats itself."""
    cases = {workers: case(strategy, workers=workers, **options) for workers in walls}
    blocks = [
        block(cases[workers], n, [wall_s * (1 + noise * ((3 * n + workers) % 7 - 3))] * 3, tasks=tasks)
        for n in range(repetitions)
        for workers, wall_s in walls.items()
    ]
    blocks += [block(of, n, [wall_s] * 3, tasks=tasks) for n in range(repetitions) for of, wall_s in others]
    environment = replace(builders.ENVIRONMENT, usable_cores=cores)
    works = {"primes": Work("map", bound, "serial")}
    return builders.run(blocks, [*(of for of, _ in others), *cases.values()], works=works, environment=environment)


def curves_of(run):
    (group,) = groups(summarise(run))
    return curves(group, run)


@given(numbers, shares)
def test_exact_data_of_amdahl_give_sigma_back(workers, sigma):
    speedups = np.array([[law(p, sigma) for p in workers]])
    assert fitted(workers, speedups, agreeing=False)[0] == pytest.approx([sigma, 0], abs=1e-9)
    assert fitted(workers, speedups, agreeing=True)[0] == pytest.approx([sigma, 0], abs=1e-7)


@given(numbers, shares, costs)
def test_exact_data_of_the_usl_give_both_back(workers, sigma, kappa):
    speedups = np.array([[law(p, sigma, kappa) for p in workers]])
    assert fitted(workers, speedups, agreeing=True)[0] == pytest.approx([sigma, kappa], abs=1e-6)


@given(st.integers(2, 1000), shares)
def test_karp_and_flatt_of_amdahl_is_sigma_for_any_number_of_workers(workers, sigma):
    assert karp_flatt(workers, law(workers, sigma)) == pytest.approx(sigma, abs=1e-9)


@given(st.integers(1, 1000), shares)
def test_without_a_cost_of_agreement_the_usl_is_amdahl(workers, sigma):
    assert law(workers, sigma, 0.0) == pytest.approx(1 / (sigma + (1 - sigma) / workers))


@given(numbers, st.data())
@settings(max_examples=60, deadline=None)
def test_nothing_within_the_bounds_fits_better(workers, data):
    speedups = np.array([[data.draw(st.floats(0.2, 1.2 * p)) for p in workers]])
    p = np.array(workers)

    def deviation(sigma, kappa):
        model = 1 + sigma * (p - 1) + kappa * p * (p - 1)
        return float(((model * speedups[0] / p - 1) ** 2).sum())

    grid = np.linspace(0, 1, 21)
    for agreeing, kappas in ((False, [0.0]), (True, [*grid, *grid / 100])):
        sigma, kappa = fitted(workers, speedups, agreeing=agreeing)[0]
        assert 0 <= sigma <= 1
        assert 0 <= kappa <= 1
        least = min(deviation(*each) for each in itertools.product(grid, kappas))
        assert deviation(sigma, kappa) <= least + 1e-9


@given(shares, costs, st.floats(0, 0.05))
@settings(max_examples=20, deadline=None)
def test_intervals_hold_their_centres_and_stay_within_the_bounds(sigma, kappa, noise):
    made = scaled({p: 1 / law(p, sigma, kappa) for p in (1, 2, 3, 4, 6)}, noise=noise)
    (curve,) = curves_of(made)
    assert curve.fit_absent == ""
    for fit in curve.fits:
        for each in (fit.sigma, fit.kappa):
            assert each is None or 0 <= each.low <= each.centre <= each.high <= 1
    for point in curve.points:
        if point.serial_fraction is not None:
            assert point.serial_fraction.low <= point.serial_fraction.centre <= point.serial_fraction.high


@pytest.mark.long
def test_the_interval_of_sigma_covers_it_about_as_often_as_it_says():
    rng = np.random.default_rng(1)
    covered, trials = 0, 60
    for _ in range(trials):
        cases = {p: case("pool", workers=p) for p in (1, 2, 3, 4, 6)}
        blocks = [
            block(of, n, [rng.lognormal(0, 0.03) / law(p, 0.1)] * 3, tasks=1000, samples=Samples())
            for n in range(10)
            for p, of in cases.items()
        ]
        environment = replace(builders.ENVIRONMENT, usable_cores=8)
        (curve,) = curves_of(builders.run(blocks, list(cases.values()), environment=environment))
        covered += curve.fits[0].sigma.low <= 0.1 <= curve.fits[0].sigma.high
    assert covered / trials >= 0.85


def test_the_same_run_gives_the_same_fit():
    made = scaled({p: 1 / law(p, 0.1) for p in (1, 2, 3, 4)}, noise=0.01)
    assert curves_of(made)[0].fits == curves_of(made)[0].fits


def test_the_cost_of_agreement_is_fitted_only_where_it_is_certain():
    amdahl, usl = (curves_of(scaled({p: 1 / law(p, 0.05, kappa) for p in (1, 2, 4, 8)}, noise=0.002))[0].fit
                   for kappa in (0.0, 0.02))  # fmt: skip
    assert (amdahl.law, amdahl.kappa) == ("Amdahl", None)
    assert usl.law == "USL"
    assert usl.kappa.centre == pytest.approx(0.02, abs=0.002)


def test_the_base_is_the_strategy_with_one_worker_and_else_the_baseline():
    serial = (case(), 1.2)
    (own,) = curves_of(scaled({1: 1.0, 2: 0.5}, others=[serial]))
    assert (own.base.case.strategy, own.base.case.workers) == ("pool", 1)
    assert [each.speedup.centre for each in own.points] == pytest.approx([1, 2])
    (over_serial,) = curves_of(scaled({2: 0.6, 4: 0.3}, others=[serial]))
    assert over_serial.base.case.strategy == "serial"
    assert [each.speedup.centre for each in over_serial.points] == pytest.approx([2, 4])
    assert curves_of(scaled({2: 0.6, 4: 0.3})) == [], "nothing to compare with"


def test_workers_beyond_the_cores_say_nothing_of_cpu_bound_work_but_of_waiting_they_do():
    walls = {p: 1 / law(min(p, 2), 0.1) for p in (1, 2, 3, 4)}
    (busy,) = curves_of(scaled(walls, cores=2))
    assert [each.counts for each in busy.points] == [True, True, False, False]
    assert busy.fits == ()
    assert busy.fit_absent == "2 numbers of workers count, those above 2 having nothing to run on; a fit needs 4"
    assert [each.serial_fraction is None for each in busy.points] == [True, False, True, True]
    assert busy.points[1].serial_fraction.centre == pytest.approx(0.1)
    (waiting,) = curves_of(scaled({p: 1 / law(p, 0.1) for p in walls}, cores=2, bound="io"))
    assert all(each.counts for each in waiting.points)
    assert waiting.fit.sigma.centre == pytest.approx(0.1)
    (few_tasks,) = curves_of(scaled(walls, tasks=3, bound="io"))
    assert [each.counts for each in few_tasks.points] == [True, True, True, False]


def test_what_limits_a_plain_function_is_told_by_the_cores_its_base_used():
    (resting,) = curves_of(scaled({1: 1.0, 2: 0.5, 4: 0.25}, cores=2, bound="unknown"))
    assert all(each.counts for each in resting.points), "half a core, as the builder's blocks use"
    made = scaled({1: 1.0, 2: 0.5, 4: 0.5}, cores=2, bound="unknown")
    busy = [block(next(each for each in made.header.plan.cases if each.key == old.case), old.repetition,
                  [each.wall_s for each in old.rounds], cores=0.98, tasks=1000) for old in made.blocks]  # fmt: skip
    (working,) = curves_of(replace(made, blocks=busy))
    assert [each.counts for each in working.points] == [True, True, False]


def test_faster_than_the_cores_allow_is_a_finding_and_not_a_fit():
    (curve,) = curves_of(scaled({1: 1.0, 2: 0.4, 3: 0.3, 4: 0.25}))
    assert [each.superlinear for each in curve.points] == [False, True, True, False]
    assert curve.fits == ()
    assert curve.fit_absent == "superlinear with 2, 3 workers: a finding that no law explains"
    assert curve.points[1].serial_fraction is None
    (beyond,) = curves_of(scaled({1: 1.0, 2: 0.5, 4: 0.25}, cores=2))
    assert [each.superlinear for each in beyond.points] == [False, False, True], "four-fold on two cores"


def test_too_few_blocks_give_speed_ups_and_no_fit():
    (curve,) = curves_of(scaled({p: 1 / p for p in (1, 2, 3, 4)}, repetitions=3))
    assert curve.fit_absent == "n = 3; 6 are needed for 95 %"
    assert curve.points[3].speedup.centre == pytest.approx(4)
    assert curve.points[3].serial_fraction.low is None


def test_more_work_with_more_workers_is_no_curve():
    cases = [case("pool", workers=p) for p in (1, 2)]
    blocks = [block(of, n, [0.1] * 3, tasks=100 * of.workers) for n in range(6) for of in cases]
    assert curves_of(builders.run(blocks, cases)) == []


def test_variants_have_curves_of_their_own_and_failed_cases_none_of_the_points():
    made = scaled({1: 1.0, 2: 0.5}, chunk_size="1")
    other = scaled({1: 1.0, 2: 0.6}, chunk_size="8")
    broken = case("pool", workers=4, chunk_size="8")
    blocks = [*made.blocks, *other.blocks, block(broken, 0, [], outcome=Outcome.FAILED, reason="no")]
    plan_cases = [*made.header.plan.cases, *other.header.plan.cases, broken]
    run = builders.run(blocks, plan_cases)
    found = curves_of(run)
    assert [each.label for each in found] == ["pool chunk_size=1", "pool chunk_size=8"]
    assert [[point.workers for point in each.points] for each in found] == [[1, 2], [1, 2]]
    (group,) = groups(summarise(run))
    assert [[each.case.workers for each in cases] for cases in variants(group)] == [[1, 2], [1, 2, 4]]

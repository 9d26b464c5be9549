from hypothesis import given, settings
from hypothesis import strategies as st

from bench.measure.schedule import MAX_ROUNDS, MIN_REPETITIONS, MIN_ROUNDS, in_order, schedule
from tests import builders


def trial(number: int, round_s: float, overhead_s: float):
    of = builders.case(workload=f"w{number}")
    return of.key, (builders.block(of, walls=[round_s, round_s]), 2 * round_s + overhead_s)


trials = st.lists(st.tuples(st.floats(0.0001, 5), st.floats(0.01, 1)), min_size=1, max_size=30).map(
    lambda pairs: dict(trial(number, *pair) for number, pair in enumerate(pairs))
)


def cost_s(found, plan):
    return plan.repetitions * sum(
        took + (plan.rounds[key] - 2) * block.rounds[0].wall_s for key, (block, took) in found.items()
    )


@settings(max_examples=200)
@given(trials, st.floats(0, 600))
def test_a_schedule_has_three_blocks_at_least_and_keeps_the_budget_where_three_fit(found, budget_s):
    plan = schedule(found, budget_s)
    assert plan.repetitions >= MIN_REPETITIONS
    assert all(MIN_ROUNDS <= count <= MAX_ROUNDS for count in plan.rounds.values())
    least = schedule(found, 0)
    assert cost_s(found, plan) <= max(budget_s, cost_s(found, least)) * 1.001


@given(trials, st.floats(1, 300))
def test_more_time_never_means_fewer_blocks(found, budget_s):
    assert schedule(found, budget_s).repetitions <= schedule(found, 2 * budget_s).repetitions


def test_what_the_user_sets_is_kept():
    found = dict([trial(0, 0.1, 0.1)])
    plan = schedule(found, None, repetitions=2, rounds=7)
    assert (plan.repetitions, list(plan.rounds.values())) == (2, [7])


def test_every_repetition_has_every_case_once_in_an_order_that_the_seed_decides():
    made = [builders.case(workload=f"w{number}") for number in range(12)]
    plan = builders.run([builders.block(made[0], 4)], made).header.plan
    keys = [each.key for each in made]
    orders = [keys_ for _, keys_ in in_order(plan, keys)]
    assert len(orders) == 5
    assert all(sorted(order) == sorted(keys) for order in orders)
    assert len({tuple(order) for order in orders}) > 1
    assert orders == [keys_ for _, keys_ in in_order(plan, keys)]

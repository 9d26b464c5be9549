import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bench.errors import UnknownNameError, UsageError
from bench.measure.plan import MAX_ROUNDS, MIN_REPETITIONS, MIN_ROUNDS, Selection, expand, in_order, schedule
from bench.model import Catalogue, OptionInfo, StrategyInfo, WorkloadInfo
from tests import builders

METHODS = OptionInfo("fork", ["fork", "spawn"])
CATALOGUE = Catalogue(
    workloads=[
        WorkloadInfo("primes", "w", "map", "cpu", ["quick", "standard"], ""),
        WorkloadInfo(
            "matrix",
            "w",
            "map",
            "cpu",
            ["quick", "standard"],
            "",
            options={"blas": OptionInfo("1", ["1", "all"], {"1": {"T": "1"}, "all": {"T": None}})},
        ),
        WorkloadInfo("messages", "w", "stream", "cpu", ["standard"], ""),
    ],
    strategies=[
        StrategyInfo("serial", "s", "map", "none", ""),
        StrategyInfo("threads", "s", "map", "thread", "", per_task=True),
        StrategyInfo("pool", "s", "map", "process", "", True, options={"start": METHODS, "chunk": OptionInfo("1")}),
        StrategyInfo("pipe", "s", "stream", "process", ""),
    ],
)


def cases(**wanted):
    return [each.case for each in expand(CATALOGUE, Selection(**wanted), "py", 4)]


def test_a_workload_meets_the_strategies_of_its_pattern_and_no_others():
    met = {(each.workload, each.strategy) for each in cases()}
    assert met == {
        *((workload, strategy) for workload in ("primes", "matrix") for strategy in ("serial", "threads", "pool")),
        ("messages", "pipe"),
    }


def test_workers_are_the_default_where_taken_one_for_serial_and_unset_for_one_per_task():
    assert {each.strategy: each.workers for each in cases(workloads=["primes"])} == {
        "serial": 1,
        "threads": None,
        "pool": 4,
    }
    assert [each.workers for each in cases(workloads=["primes"], strategies=["pool"], workers=[1, 2])] == [1, 2]


def test_every_combination_of_wanted_options_is_a_case():
    found = cases(workloads=["matrix"], options={"start": ["fork", "spawn"], "blas": ["1", "all"], "chunk": ["8"]})
    pools = {
        (each.options["start"], each.options["blas"], each.options["chunk"])
        for each in found
        if each.strategy == "pool"
    }
    assert pools == {(start, blas, "8") for start in ("fork", "spawn") for blas in ("1", "all")}
    assert len([each for each in found if each.strategy == "serial"]) == 2


def test_an_option_of_the_workload_sets_and_removes_variables():
    planned = expand(CATALOGUE, Selection(["matrix"], ["serial"], options={"blas": ["1", "all"]}), "py", 1)
    assert [each.environment for each in planned] == [{"T": "1"}, {"T": None}]


def test_patterns_select_and_each_case_is_there_once():
    assert {each.workload for each in cases(workloads=["m*", "matrix"])} == {"matrix", "messages"}
    keys = [each.key for each in cases()]
    assert len(keys) == len(set(keys))


@pytest.mark.parametrize(
    ("wanted", "message"),
    [
        ({"workloads": ["prims"]}, "unknown workload 'prims'; did you mean 'primes'?"),
        ({"strategies": ["thread"]}, "unknown strategy 'thread'; did you mean 'threads'?"),
        ({"scale": "standrad", "workloads": ["primes"]}, "did you mean 'standard'?"),
        ({"options": {"strat": ["fork"]}}, "unknown option 'strat'; did you mean 'start'?"),
    ],
)
def test_unknown_names_say_what_was_probably_meant(wanted, message):
    with pytest.raises(UnknownNameError) as caught:
        cases(**wanted)
    assert message in str(caught.value)


@pytest.mark.parametrize(("name", "value"), [("start", "frok"), ("chunk", "0"), ("chunk", "-1"), ("chunk", "two")])
def test_values_that_an_option_does_not_take_are_refused(name, value):
    with pytest.raises(UsageError, match=f"option {name} of pool takes .*not '{value}'"):
        cases(options={name: [value]})


def test_a_selection_in_which_nothing_fits_is_refused():
    with pytest.raises(UsageError, match="no selected strategy fits"):
        cases(workloads=["messages"], strategies=["serial"])


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


def test_a_value_given_twice_makes_one_case():
    assert (
        len(cases(workloads=["primes"], strategies=["pool"], options={"start": ["fork", "fork"]}, workers=[2, 2])) == 1
    )


def test_a_value_must_suit_every_strategy_that_has_the_option():
    other = StrategyInfo("other", "s", "map", "process", "", True, options={"chunk": OptionInfo("auto")})
    both = Catalogue(CATALOGUE.workloads, [*CATALOGUE.strategies, other])
    with pytest.raises(UsageError, match="option chunk of pool takes a whole number above 0 .*not 'auto'"):
        expand(both, Selection(options={"chunk": ["auto"]}), "py", 4)


def test_an_option_that_a_workload_and_a_strategy_share_is_refused():
    clash = StrategyInfo("clash", "s", "map", "none", "", options={"blas": OptionInfo("1")})
    with pytest.raises(UsageError, match="matrix and clash both have an option 'blas'"):
        expand(Catalogue(CATALOGUE.workloads, [clash]), Selection(["matrix"]), "py", 4)

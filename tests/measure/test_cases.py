import pytest

from bench.article import CLAIMS
from bench.errors import UnknownNameError, UsageError
from bench.measure.plan import catalogue
from bench.measure.plan.cases import Selection, article_cases, expand, fits, left_out
from bench.records.catalogue import Catalogue, OptionInfo, StrategyInfo, WorkloadInfo

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


WIDE = Catalogue(
    workloads=[
        WorkloadInfo("one", "w", "map", "cpu", ["standard"], ""),
        WorkloadInfo("two", "w", "map", "cpu", ["standard"], ""),
        WorkloadInfo("waiting", "w", "map", "io", ["standard"], "", needs=["coroutines"]),
        WorkloadInfo("messages", "w", "stream", "cpu", ["standard"], ""),
        WorkloadInfo("many", "w", "stream", "cpu", ["standard"], "", needs=["many_producers"]),
    ],
    strategies=[
        StrategyInfo("serial", "s", "map", "none", "", offers=["coroutines"]),
        StrategyInfo("variant", "s", "map", "none", "", showcase=["two"]),
        StrategyInfo("absent", "s", "map", "none", "", unavailable="pip install it"),
        StrategyInfo("shown", "s", "map", "none", "", demonstration=True),
        StrategyInfo("pipe", "s", "stream", "process", ""),
        StrategyInfo("queue", "s", "stream", "process", "", offers=["many_producers", "more"]),
    ],
)


def met(**wanted):
    return {(each.case.workload, each.case.strategy) for each in expand(WIDE, Selection(**wanted), "py", 4)}


def test_a_strategy_meets_only_the_workloads_whose_needs_it_offers():
    assert {(work, way) for work, way in met() if work in ("waiting", "messages", "many")} == {
        ("waiting", "serial"),
        ("messages", "pipe"),
        ("messages", "queue"),
        ("many", "queue"),
    }


def test_a_variant_is_measured_on_its_showcase_and_elsewhere_when_either_is_named():
    assert [work for work, way in met() if way == "variant"] == ["two"]
    assert ("one", "variant") in met(workloads=["one"])
    assert {work for work, way in met(strategies=["variant"])} == {"one", "two"}


def test_demonstrations_and_what_is_unavailable_are_measured_only_when_named():
    assert not {way for _, way in met(workloads=["one"])} & {"shown", "absent"}
    assert not {way for _, way in met(strategies=["*"])} & {"shown"}, "a pattern does not name a demonstration"
    assert ("one", "shown") in met(strategies=["shown"])
    assert ("one", "absent") in met(strategies=["absent"])


def test_what_is_left_out_because_it_is_unavailable_is_told():
    planned = expand(WIDE, Selection(["one"]), "py", 1)
    assert left_out(WIDE, planned) == {"absent": "pip install it"}
    assert left_out(WIDE, expand(WIDE, Selection(["messages"]), "py", 1)) == {}


def test_a_pattern_selects_its_workloads():
    assert {work for work, _ in met(patterns=["stream"])} == {"messages", "many"}
    with pytest.raises(UnknownNameError, match="unknown pattern 'steam'; did you mean 'stream'"):
        met(patterns=["steam"])
    with pytest.raises(UsageError, match="--pattern stream leaves out one, a map"):
        met(patterns=["stream"], workloads=["one"])


def test_the_article_is_meant_where_its_scale_is_asked_for_and_nothing_named():
    assert Selection(scale="article").is_article
    assert not Selection(["downloads"], scale="article").is_article
    assert not Selection(scale="quick").is_article


def test_every_figure_of_the_tutorials_is_a_case_at_their_scale():
    found = catalogue.describe([], {}, lambda _: None)
    planned = article_cases(found, "py", 2)
    assert [(each.case.workload, each.case.strategy) for each in planned] == [
        (claim.workload, claim.strategy) for claim in CLAIMS
    ]
    assert {each.case.scale for each in planned} == {"article"}
    assert [each.case.workers for each in planned] == [1, None, 3, 5, 1, 2]
    assert all(fits(each.workload, each.strategy) for each in planned)


def test_a_first_look_leaves_out_variants_that_there_are_and_keeps_what_is_not_built_in():
    from bench.measure.plan import catalogue
    from bench.measure.plan.first_look import STRATEGIES, WORKLOADS, first_look

    found = catalogue.find(())
    assert {each.name for each in found.workloads} >= WORKLOADS
    assert {each.name for each in found.strategies} >= STRATEGIES
    planned = expand(found, Selection(scale="quick"), "py", 2)
    chosen = first_look(planned)
    assert 0 < len(chosen) < len(planned)
    assert {each.workload.pattern for each in chosen} == {each.workload.pattern for each in planned}
    bases = {each.work for each in chosen if each.is_baseline}
    assert {each.work for each in chosen} == bases, "each work has its base"
    mine = expand(WIDE, Selection(), "py", 2)
    assert first_look(mine) == mine

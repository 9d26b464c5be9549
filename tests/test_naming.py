"""How cases are named: a strategy that takes workers never without their number, no other with one, and no two alike."""

import re
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.analysis.groups import groups
from bench.analysis.loading import load
from bench.analysis.summary import summarise
from bench.measure.plan import catalogue, fault_cases
from bench.measure.plan.cases import Selection, expand
from bench.naming import case_names, names_of, strategy_of, without_workers, workers_of
from bench.records.run import Work
from bench.report.charts.overview import overview
from bench.report.charts.ranking import ranking
from bench.report.drawing.lettering import width, wrapped_name
from bench.report.kit.fitted_table import shortened
from bench.report.kit.headline import headline
from bench.report.run.cells import columns
from bench.report.run.matrix import matrices
from bench.report.run.page import markdown
from bench.store.runs import read
from bench.store.upgrades import IN_THE_CALLER
from tests import builders
from tests.builders import block, case
from tests.conftest import ROOT

taking = st.builds(
    case,
    st.sampled_from(["thread_pool", "pool_map"]),
    workers=st.integers(1, 64),
    start_method=st.sampled_from(["fork", "spawn"]),
    chunk_size=st.sampled_from(["1", "8"]),
)
bare = st.builds(case, st.sampled_from(["serial", "threads", "asyncio"]), workers=st.sampled_from([None]))


@given(st.lists(taking | bare, min_size=1, max_size=12, unique_by=lambda each: each.key))
def test_who_takes_workers_is_named_with_them_and_no_two_are_named_alike(cases):
    names = case_names(cases, lambda each: (each.strategy,))
    for each in cases:
        words = names[each.key].split()
        assert words[0] == each.strategy
        assert words[-1] == f"×{each.workers}" if each.takes_workers else "×" not in names[each.key]
    assert len(set(names.values())) == len(cases)
    if len(cases) == 1:
        assert names[cases[0].key] == strategy_of(cases), "nothing more than it takes"


@given(st.lists(taking, min_size=1, max_size=6, unique_by=lambda each: each.key))
def test_a_name_without_workers_is_that_of_all_their_numbers(cases):
    names = case_names(cases, lambda each: (each.strategy,))
    for each in cases:
        assert without_workers(names[each.key]) == names[each.key].replace(f" ×{each.workers}", "")


def test_what_only_looks_like_workers_stays():
    assert without_workers("resize ×2x2 ×4 fresh inputs") == "resize ×2x2 fresh inputs"
    assert without_workers("thread_pool") == "thread_pool"


@pytest.mark.parametrize(
    ("numbers", "said"), [((2,), "×2"), ((2, 8, 4), "×2–8"), ((1, 1), "×1"), ((None,), ""), ((None, 2), "×2")]
)
def test_the_workers_of_several_cases_are_told_from_the_fewest_to_the_most(numbers, said):
    assert workers_of([case("pool", workers=each) for each in numbers]) == said


def test_one_worker_of_a_pool_is_said_and_the_caller_itself_is_not():
    found = catalogue.find([])
    planned = expand(found, Selection(scale="quick", workers=[1]), "cpython-3.11.7", 2)
    names = names_of([each.case for each in planned])
    for each in planned:
        assert names[each.case.key].split()[2:] == (["×1"] if each.strategy.takes_workers else []), each.case
    alone = {each.case.strategy for each in planned if each.case.workers == 1 and not each.strategy.takes_workers}
    assert alone == IN_THE_CALLER, "files of versions that did not say who takes workers are read by this"


def test_cases_of_faults_say_who_takes_workers_too():
    planned = fault_cases.expand(catalogue.find(fault_cases.SOURCES), (), (), None, "cpython-3.11.7")
    assert {each.case.takes_workers for each in planned} == {True, False}
    assert all(each.case.takes_workers == each.strategy.takes_workers for each in planned)


def test_the_key_of_a_case_has_nothing_of_it():
    one = case("thread_pool", workers=2)
    assert one.key == replace(one, takes_workers=False).key == "primes/quick/thread_pool/2/-/cpython-3.11.7"


@pytest.mark.parametrize("path", sorted((ROOT / "results" / "reference").glob("*.jsonl")), ids=lambda path: path.stem)
def test_files_of_earlier_versions_are_read_with_the_same_names(path):
    plan = read(path).header.plan
    names = {each.strategy: names_of(plan.cases)[each.key] for each in plan.cases}
    assert all("×" not in names[each] for each in names.keys() & (IN_THE_CALLER | {"threads", "asyncio", "queue"}))
    assert all("×" in names[each] for each in names.keys() & {"thread_pool", "process_pool", "pool_map", "value"})
    assert [each.name for each in load(path).cases] == list(names_of(plan.cases).values())


def matrix_of(**pool):
    """The table of two workloads under serial and a pool, with so many workers under each workload."""
    cases = [
        each
        for workload, numbers in pool.items()
        for each in (case(workload=workload), *(case("pool", workload=workload, workers=n) for n in numbers))
    ]
    blocks = [block(each, n, [1.0 / (each.workers or 1)] * 3) for each in cases for n in range(6)]
    (found,) = matrices(groups(summarise(builders.run(blocks, cases))))
    return found


def test_a_column_says_its_workers_once_and_cells_say_them_where_they_differ():
    alike = matrix_of(primes=[2], downloads=[2])
    assert alike.strategies == {"pool": "pool ×2"}
    assert {entry.workers for line in alike.lines for entry in line.entries} == {""}
    differing = matrix_of(primes=[1, 2, 4], downloads=[1, 2])
    assert differing.strategies == {"pool": "pool ×2–4"}
    assert [entry.workers for line in differing.lines for entry in line.entries] == ["×4", "×2"]


def shared(*numbers):
    """What is shown of updates of one state under locks, with these numbers of workers, all texts of the report."""
    cases = [case(name, workload="counter", workers=n) for n in numbers for name in ("value", "array", "queue_state")]
    speed = {"value": 1.0, "array": 2.0, "queue_state": 0.5}
    blocks = [block(each, n, [0.1 / speed[each.strategy]] * 3) for each in cases for n in range(6)]
    works = {"counter": Work("share", "cpu", "value")}
    return builders.run(blocks, cases, works=works)


@pytest.mark.parametrize(("numbers", "base"), [((2,), "value ×2"), ((1, 4), "value ×1–4")])
def test_the_base_of_ratios_is_named_with_its_workers(numbers, base, tmp_path):
    found = builders.results(shared(*numbers), tmp_path)
    (group,) = found.groups
    assert (group.baseline, group.base_name) == ("value", base)
    (matrix,) = matrices(found.groups)
    assert matrix.base == base
    assert f"Slower than {base}: queue_state" in headline(group)
    assert (
        overview(found, found.groups).title
        == f"Up to 2.0× as fast as {base}, for a shared counter with array ×{numbers[0]}"
    )
    texts = [
        markdown(found, []),
        *(each.description for each in (overview(found, found.groups), ranking(found, group))),
    ]
    texts += [each.heading for each in columns(group)]
    for text in texts:
        told = re.sub(r"Each extra worker adds .*", "", text)  # of a strategy, whatever number it has
        assert not re.search(r"\b(value|array|queue_state)\b(?! ×)", told), told


def test_a_ratio_names_the_base_it_is_to_among_those_of_several_numbers_of_workers():
    found = summarise(shared(1, 4))
    assert {each.case.workers: each.base_name for each in found} == {1: "value ×1", 4: "value ×4"}


@given(st.text("abc_", min_size=1, max_size=60), st.integers(1, 64), st.floats(80, 200), st.integers(1, 4))
def test_a_name_that_is_too_long_for_its_place_keeps_its_workers(name, workers, points, lines):
    shown = wrapped_name(f"{name} ×{workers}", points, lines)
    assert shown.count("\n") < lines
    assert all(width(line) <= points for line in shown.split("\n"))
    assert shown.replace("\n", "").endswith(f"×{workers}")
    assert shortened(f"{name} chunk_size=8 ×{workers}", 24).endswith(f"×{workers}")

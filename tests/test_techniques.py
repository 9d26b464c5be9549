"""Every technique of the tutorials is in the list, has its paragraph in the docs, and its charts are real."""

import re

import pytest

from bench.cli.options import run_request
from bench.cli.run_command import command
from bench.measure.plan import catalogue
from bench.patterns import PATTERNS
from bench.sessions.run import planned_cases
from tests.conftest import ROOT

TEXT = (ROOT / "docs" / "techniques.md").read_text()
ROWS = {
    1: {"downloads", "serial"},
    2: {"downloads", "processes"},
    3: {"fork", "start_fork"},
    4: {"processes", "start_process"},
    5: {"process_subclass", "start_subclass"},
    6: set(),  # behaviour: tests/strategies/test_semantics.py
    7: {"start_empty", "start_holding", "start_thread", "start_process", "start_pool"},
    8: {
        f"{where}_{what}"
        for where in ("thread", "process")
        for what in ("lock", "rlock", "semaphore", "bounded_semaphore", "event", "condition", "barrier")
    },
    9: {"queue", "simple_queue", "joinable_queue", "three_to_one", "one_to_many", "messages_16b", "messages_1mib"},
    10: {"bounded_queue"},
    11: {"pipe", "ping_pong"},
    12: {"manager_dict", "manager_list"},
    13: {"value", "array", "global_variable", "value_unlocked"},
    14: {"pool_apply_async"},
    15: {"downloads_uneven"},
    16: {"downloads_even"},
    17: {"pool_apply"},
    18: {"pool_apply_callback", "pool_starmap"},
    19: {"thumbnails", "pool_map"},
    20: {"process_per_connection", "echo", "echo_connects"},
    21: {"copy_files", "fetch"},
    22: {"process_pool", "pool_map", "processes"},
    23: {"pool_map"},
    24: {"start_process"},
}


def options(words):
    given = command.make_context("run", list(words)).params
    return {name: value for name, value in given.items() if name not in ("selection", "as_json", "as_csv", "resume")}


@pytest.fixture(scope="module")
def found():
    return catalogue.find([])


def test_every_technique_is_in_the_list_and_has_its_paragraph(found):
    known = {each.name for each in (*found.workloads, *found.strategies)}
    assert sorted(ROWS) == list(range(1, 25))
    for row, names in ROWS.items():
        assert names <= known, (row, names - known)
        assert re.search(rf"^\*\*{row}\. ", TEXT, re.MULTILINE), row


def test_every_workload_and_every_family_of_strategies_is_explained(found):
    for each in found.workloads:
        assert re.search(rf"\b{each.name}\b", TEXT), each.name


def test_every_process_strategy_takes_a_start_method_unless_it_is_a_fork(found):
    by_fork = {"fork", "start_fork", "pool_inherited", "joblib_loky"}
    for each in found.strategies:
        if each.isolation == "process" and each.name not in by_fork:
            assert "start_method" in each.options, each.name


def test_every_chart_of_the_docs_is_there():
    pictures = re.findall(r"!\[[^]]+\]\(([^)]+)\)", TEXT)
    assert len(pictures) >= 20
    for picture in pictures:
        assert (ROOT / "docs" / picture).is_file(), picture


def test_all_measures_every_available_strategy_and_every_workload(found):
    planned = planned_cases(found, run_request((), **options([])), 2)
    assert {each.workload.name for each in planned} == {each.name for each in found.workloads}
    measured = {each.strategy.name for each in planned}
    for each in found.strategies:
        assert (each.name in measured) == (not each.demonstration and not each.unavailable), each.name
    assert {each.workload.pattern for each in planned} == set(PATTERNS)

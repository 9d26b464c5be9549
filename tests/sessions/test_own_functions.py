"""A function of the user's own: how it is named, what its inputs are, with which strategies it is measured, what its errors say."""

import json
import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.cli.options import numbers_of_workers
from bench.errors import UnknownNameError, UsageError
from bench.measure.host.inputs import is_file, located, read_inputs
from bench.measure.plan import catalogue
from bench.measure.plan.cases import Selection, aliases_of, expand, variants_left_out
from bench.measure.plan.provenance import without_folder
from bench.plugins import sources
from bench.plugins.signatures import Starred, is_coroutine_function
from bench.selection import chosen
from bench.sessions.own_functions import own_functions
from bench.store.runs import read
from tests.conftest import environment, only_run

ONCE = ("--blocks", "1", "--rounds", "2")
MINE = """
import asyncio, functools

def add(a, b=0):
    if b < 0:
        raise ValueError("below zero")
    return a + b

async def later(a, b):
    return a + b

class Shapes:
    @staticmethod
    def area(side):
        return side * side

    @classmethod
    def named(cls, side):
        return f"{cls.__name__} {side}"

    def own(self):
        return self

three_more = functools.partial(add, 3)

def _private(x):
    return x
"""
JSON_VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**60), 2**60)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=5,
)


def outcomes(done):
    """Of a run with `--json`: by strategy."""
    assert done.stdout, done.stderr
    return {each["strategy"]: (each["outcome"], each["reason"]) for each in json.loads(done.stdout)["cases"]}


# Inputs


@given(st.lists(JSON_VALUES, min_size=1, max_size=5))
def test_inputs_that_are_written_out_read_as_they_are(values):
    text = json.dumps(values)
    assert read_inputs(text) == values
    assert not is_file(text)
    assert located(text) == text, "no folder is put before it"
    divided = ",".join(map(json.dumps, values))
    if not (len(values) == 1 and isinstance(values[0], list)):  # one list is that of the inputs
        assert read_inputs(divided) == values


@pytest.mark.parametrize("text", ["nofile", "paths.jsonl", "1,,2", "[1,2", "a,b", "NaN", "[NaN]", "1..", "'a'", ""])
def test_what_is_no_json_names_a_file(text):
    assert is_file(text)
    with pytest.raises(
        UsageError, match=r"--inputs .*(give a file of JSON lines, a range|names no file|Is a directory)"
    ):
        read_inputs(text)


def test_an_empty_list_of_inputs_is_refused():
    with pytest.raises(UsageError, match=r"--inputs \[\] is an empty list; give at least one input"):
        read_inputs("[]")


def test_inputs_that_are_long_are_recorded_by_their_beginning_and_a_digest():
    one, other = ("[" + ",".join(map(str, range(500))) + f",{last}]" for last in (1, 2))
    assert len(without_folder(one)) < 300
    assert without_folder(one) != without_folder(other)
    assert without_folder("1,2,3") == "1,2,3"


def test_inputs_come_from_standard_input_too(workload_file, tmp_path):
    workload_file(MINE)
    words = ["run", "mine.py:add", "--inputs", "-", "--strategy", "serial,processes", *ONCE, "--json"]
    done = subprocess.run(
        [sys.executable, "-m", "bench", *words],
        input="1\n2\n3\n", cwd=tmp_path, env=environment(), capture_output=True, text=True, check=False, timeout=120,
    )  # fmt: skip
    assert {outcome for outcome, _ in outcomes(done).values()} == {"ok"}
    run = read(only_run(tmp_path))
    assert [block.tasks for block in run.blocks] == [3, 3]
    assert set(run.header.plan.inputs) == {"standard-input"}


def test_one_input_is_said_to_leave_nothing_to_spread(bench, workload_file):
    workload_file(MINE)
    done = bench("run", "mine.py:add", "--inputs", "10", "--strategy", "serial", *ONCE)
    assert done.returncode == 0
    assert "there is one input, and so nothing to run at the same time; --inputs 1..100 gives a hundred" in done.stderr


# Which function


@pytest.fixture
def mine(tmp_path, monkeypatch):
    """The module as a source, and its folder as the current one."""
    (tmp_path / "mine_of_tests.py").write_text(MINE)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sources, "_FOLDER", str(tmp_path))
    monkeypatch.setattr(sys, "path", [*sys.path])
    yield "mine_of_tests.py"
    sys.modules.pop("mine_of_tests", None)


@pytest.mark.parametrize(
    ("function", "of", "expected"),
    [("Shapes.area", 3, 9), ("Shapes.named", 3, "Shapes 3"), ("three_more", 4, 7), ("add", 4, 4)],
)
def test_methods_that_take_no_instance_and_partial_functions_are_functions(mine, function, of, expected):
    (found,) = sources.load(f"{mine}:{function}")
    assert found.name == f"mine_of_tests:{function}"
    assert found.task(of) == expected


def test_a_function_that_is_not_there_is_unknown_with_those_that_are(mine):
    with pytest.raises(
        UnknownNameError, match=r"unknown function in mine_of_tests: 'Shapes.arae'; did you mean 'Shapes.area'\?"
    ):
        sources.load(f"{mine}:Shapes.arae")


def test_static_methods_run_in_processes(bench, workload_file):
    workload_file(MINE)
    done = bench(
        "run", "mine.py:Shapes.area", "--inputs", "1,2,3", "--strategy", "serial,process_pool,threads", *ONCE, "--json"
    )
    assert {outcome for outcome, _ in outcomes(done).values()} == {"ok"}


@pytest.mark.parametrize(
    ("word", "meant"),
    [("mine_of_tests", "mine_of_tests.py:add, mine_of_tests.py:later"), ("mine_of_tests.add", "mine_of_tests:add"),
     ("mine_of_tests.nope", ""), ("primes", ""), ("no.such.thing", ""), ("..", ""), ("", "")],
)  # fmt: skip
def test_a_file_that_is_named_as_a_workload_is_found(mine, word, meant):
    assert own_functions(word) == meant


def test_a_bare_name_is_answered_with_how_to_name_it(bench, workload_file):
    workload_file(MINE)
    done = bench("run", "mine", "--inputs", "1..3")
    assert done.returncode == 2
    assert (
        done.stderr
        == "error: there is no workload 'mine'; for a function of your own, name it: mine.py:add, mine.py:later\n"
    )


def test_a_module_of_a_package_is_answered_with_its_dotted_name(bench, tmp_path):
    (tmp_path / "package").mkdir()
    (tmp_path / "package" / "__init__.py").write_text("")
    (tmp_path / "package" / "work.py").write_text("from . import __name__ as name\ndef f(x):\n    return x\n")
    done = bench("run", "package/work.py:f", "--inputs", "1..3", "--strategy", "serial", *ONCE)
    assert done.returncode == 2
    assert done.stderr.endswith("it belongs to a package: name it package.work:FUNCTION\n")
    assert bench("run", "package.work:f", "--inputs", "1..3", "--strategy", "serial", *ONCE).returncode == 0


# Several arguments


@pytest.mark.parametrize("inputs", ["[1,2],[3,4]", '{"a":1,"b":2},{"a":3,"b":4}'])
def test_several_arguments_are_given_as_a_list_or_by_name(bench, workload_file, inputs):
    workload_file(MINE)
    words = ("--star", "--inputs", inputs, "--strategy", "serial,asyncio,process_pool", *ONCE, "--json")
    assert {outcome for outcome, _ in outcomes(bench("run", "mine.py:add", *words)).values()} == {"ok"}


def test_several_arguments_go_to_a_coroutine_function_too(bench, workload_file, tmp_path):
    workload_file(MINE)
    words = ("--star", "--inputs", "[1,2],[3,4]", *ONCE, "--json")
    assert outcomes(bench("run", "mine.py:later", *words)) == {"serial": ("ok", ""), "asyncio": ("ok", "")}
    assert read(only_run(tmp_path)).header.plan.conditions.star


def test_a_starred_function_gives_what_the_function_gives():
    def area(width, height):
        return width * height

    assert Starred(area)([3, 4]) == Starred(area)({"height": 4, "width": 3}) == 12
    assert not is_coroutine_function(Starred(area))
    with pytest.raises(
        UsageError, match="inputs that are lists of arguments or objects of named ones, not of type int"
    ):
        Starred(area)(3)


def test_star_is_for_functions_of_ones_own(bench):
    done = bench("run", "primes", "--star")
    assert (done.returncode, done.stdout) == (2, "")
    assert "--star is for a function of your own that takes several arguments" in done.stderr


# Errors


def test_an_error_shows_the_users_line_wherever_it_was_raised(bench, workload_file, tmp_path):
    workload_file(MINE)
    ways = "serial,threads,process_pool,pool_map,processes,process_subclass,fork"
    done = bench("run", "mine.py:add", "--star", "--inputs", "[1,-2],[3,-4]", "--strategy", ways, *ONCE, "--json")
    assert done.returncode == 3
    line = 1 + (tmp_path / "mine.py").read_text().splitlines().index('        raise ValueError("below zero")')
    expected = f'ValueError: below zero (mine.py:{line}: raise ValueError("below zero"))'
    assert outcomes(done) == dict.fromkeys(ways.split(","), ("failed", expected))


def test_a_function_of_several_arguments_without_star_is_answered_with_it(bench, workload_file):
    workload_file("def two(a, b):\n    return a + b\n")
    done = bench("run", "mine.py:two", "--inputs", "1..3", "--strategy", "serial,process_pool", *ONCE, "--json")
    for outcome, reason in outcomes(done).values():
        assert outcome == "failed"
        assert reason.endswith("; an input is one argument, and with --star a list of them")


# Strategies


@pytest.fixture(scope="module")
def found():
    """What there is, with a function of the user's own."""
    return catalogue.find(["json:dumps"])


def test_a_function_of_ones_own_is_measured_with_those_that_matter(found):
    def ways(**wanted):
        return {each.strategy.name for each in expand(found, Selection(["json:dumps"], **wanted), "py", 2)}

    core, every = ways(), ways(strategies=["all"])
    assert {"serial", "threads", "thread_pool", "asyncio", "processes", "process_pool", "pool_map"} <= core
    assert core < every
    assert {"fork", "pool_imap", "pool_starmap"} <= every - core
    selection = Selection(["json:dumps"])
    assert set(variants_left_out(found, expand(found, selection, "py", 2), selection)) == every - core
    assert variants_left_out(found, expand(found, Selection(["primes"]), "py", 2), Selection(["primes"])) == []


def test_what_is_left_out_is_said_with_how_to_measure_it(bench, workload_file):
    workload_file(MINE)
    done = bench("run", "mine.py:later", "--inputs", "1..3", "--star", *ONCE)
    assert "variants" not in done.stderr, "none of them takes coroutines"
    done = bench("run", "mine.py:add", "--inputs", "1..3", "--budget", "1s")
    assert "of these strategies (--strategy all measures them)" in done.stderr


def test_every_alias_is_of_one_strategy_and_no_name(found):
    known = {each.name: each for each in found.strategies}
    told = [alias.casefold() for each in found.strategies for alias in each.aliases]
    assert len(told) == len(set(told))
    assert not set(told) & {name.casefold() for name in known}


@pytest.mark.parametrize(
    ("word", "name"),
    [("ThreadPoolExecutor", "thread_pool"), ("processpoolexecutor", "process_pool"), ("Pool.map", "pool_map"), ("Thread", "threads"),
     ("Process", "processes"), ("joblib", "joblib_loky"), ("threads", "threads"), ("Pool.imap", "pool_imap")],
)  # fmt: skip
def test_strategies_are_asked_for_by_what_people_type(found, word, name):
    known = {each.name: each for each in found.strategies}
    assert [each.name for each in chosen("strategy", known, [word], aliases_of(known.values()))] == [name]


def test_an_alias_that_is_nearly_right_is_suggested(bench):
    done = bench("run", "primes", "--strategy", "ThreadPoolExecuter")
    assert "did you mean 'ThreadPoolExecutor'?" in done.stderr


# Numbers


@pytest.mark.parametrize(
    ("words", "numbers"), [(["1..4"], [1, 2, 3, 4]), (["1", "3..5", "4"], [1, 3, 4, 5]), (["2..2"], [2]), (None, [])]
)
def test_numbers_of_workers_may_be_ranges(words, numbers):
    assert numbers_of_workers(words) == numbers


@pytest.mark.parametrize(
    ("word", "why"),
    [("4..1", "is empty: its first number is above its last"), ("0..3", "whole numbers above 0, not '0'"), ("1..", "not ''"),
     ("1..999999", "is more than 256 numbers"), ("x", "not 'x'")],
)  # fmt: skip
def test_a_range_of_workers_that_is_none_is_refused(word, why):
    with pytest.raises(UsageError, match=why):
        numbers_of_workers([word])


@pytest.mark.parametrize(
    ("option", "value", "takes"),
    [("--blocks", "many", "a whole number from 1 to 1000000000, not 'many'"), ("--rounds", "1", "a whole number from 2 to"),
     ("--sample-hz", "nan", "a number from 0 to 1000, not 'nan'"), ("--seed", "1.5", "a whole number from -9223372036854775808 to")],
)  # fmt: skip
def test_a_number_that_does_not_fit_is_answered_with_what_does(bench, option, value, takes):
    done = bench("run", "primes", option, value)
    assert (done.returncode, done.stdout) == (2, "")
    assert f"Invalid value for '{option}': {takes}" in done.stderr

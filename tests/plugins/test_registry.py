import pickle
from contextlib import contextmanager
from inspect import signature

import pytest

from bench import strategy, workload
from bench.errors import SourceError
from bench.plugins import registry


@pytest.fixture(autouse=True)
def fresh(monkeypatch):
    monkeypatch.setattr(registry, "workloads", {})
    monkeypatch.setattr(registry, "strategies", {})


def double(x):
    return 2 * x


def test_a_decorated_function_is_the_function_itself_and_pickles_by_name():
    decorated = workload(inputs=lambda size, rng: [size], scales={"quick": 1})(double)
    assert decorated is double
    assert pickle.loads(pickle.dumps(decorated)) is double
    assert registry.workloads["double"].task is double


def test_options_are_the_parameters_and_arrive_as_their_defaults_type():
    seen = []

    @strategy("way", isolation="none", choices={"method": ["a", "b"]})
    @contextmanager
    def way(workers, size=1, method="a"):
        """What it is.

        More of it.
        """
        seen.append((workers, size, method))
        yield lambda task, inputs: []

    known = registry.strategies["way"]
    assert (known.takes_workers, known.options, known.summary) == (True, {"size": 1, "method": "a"}, "What it is.")
    with known.bind(3, {"size": "8", "unknown": "x"}):
        assert seen == [(3, 8, "a")]


FORMER = {
    workload: {
        "needs": ("requires", ["many_producers"]),
        "asks": ("strategy_options", {"initializer": print}),
        "under": ("fault_settings", {"workers": "1"}),
        "least_s": ("min_task_s", float),
    },
    strategy: {"offers": ("provides", ["coroutines"]), "showcase": ("default_workloads", ["primes"])},
}
"""Of each decorator, the former names of arguments, each with the one to write and a value."""
FORMER_NAMES = [(decorator, former, *now) for decorator, names in FORMER.items() for former, now in names.items()]


def one_way():
    yield map


def registered(decorator, **arguments):
    """What the registry holds of a function that is decorated with these arguments."""
    if decorator is workload:
        workload(inputs=lambda size, rng: [size], scales={"quick": 1}, **arguments)(double)
        return registry.workloads["double"]
    strategy("way", isolation="none", **arguments)(contextmanager(one_way))
    return registry.strategies["way"]


@pytest.mark.parametrize(("decorator", "former", "name", "value"), FORMER_NAMES)
def test_a_former_name_of_an_argument_works_and_warns_at_the_line_that_has_it(decorator, former, name, value):
    with pytest.warns(
        DeprecationWarning, match=f"argument {former} of .* is called {name} now; write {name}"
    ) as warned:
        by_former = registered(decorator, **{former: value})
    assert [each.filename for each in warned] == [__file__]
    now = registered(decorator, **{name: value})
    assert getattr(by_former, name) == getattr(now, name)
    assert getattr(now, name) != getattr(registered(decorator), name)


@pytest.mark.parametrize(("decorator", "former", "name", "value"), FORMER_NAMES)
def test_an_argument_by_both_its_names_is_an_error_in_one_line(decorator, former, name, value):
    with pytest.raises(
        SourceError, match=f"^{decorator.__name__} got {name} and also {former}, .* write {name} alone$"
    ):
        registered(decorator, **{former: value, name: value})


def test_decorators_show_the_names_of_today_alone():
    for decorator, names in FORMER.items():
        shown = signature(decorator).parameters
        assert {name for name, _ in names.values()} <= set(shown)
        assert not set(names) & set(shown)
        assert decorator.__doc__


def test_an_unknown_argument_is_a_type_error():
    with pytest.raises(TypeError, match="workload\\(\\) got an unexpected keyword argument 'wants'"):
        workload(inputs=print, scales={}, wants=1)


@pytest.mark.parametrize("default", [None, False, 1.5])
def test_an_option_needs_a_default_that_is_a_whole_number_or_a_text(default):
    def way(flag=default):
        yield

    with pytest.raises(SourceError, match="option 'flag' needs a default"):
        strategy("way", isolation="none")(way)


def test_scales_have_names():
    for scales, message in (({}, "is no name: it is empty"), ({1: 1}, "is no name: it is of type int")):
        with pytest.raises(SourceError, match=f"workload 'double':.* {message}"):
            workload(inputs=lambda size, rng: [], scales=scales)(double)


def test_patterns_are_the_known_ones():
    with pytest.raises(SourceError, match="'mop'; it must be one of map, "):
        workload(inputs=lambda size, rng: [], scales={"quick": 1}, pattern="mop")(double)


def test_two_modules_cannot_define_the_same_name():
    workload(inputs=lambda size, rng: [], scales={"quick": 1})(double)

    def other(x):
        return x

    other.__module__ = "elsewhere"
    with pytest.raises(SourceError, match="'double' is defined in tests.plugins.test_registry and again in elsewhere"):
        workload(name="double", inputs=lambda size, rng: [], scales={"quick": 1})(other)

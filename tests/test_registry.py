import pickle
from contextlib import contextmanager

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
    with pytest.raises(SourceError, match="'double' is defined in tests.test_registry and again in elsewhere"):
        workload(name="double", inputs=lambda size, rng: [], scales={"quick": 1})(other)

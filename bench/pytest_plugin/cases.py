"""From the plugin's markers to cases: which strategies, workloads, workers and options a test asks for.

What there is is found as the commands find it, in a process of its own, so that pytest loads only what it measures;
what the tests themselves have registered comes on top. PYTEST_DONT_REWRITE
"""

import functools
import warnings
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import pytest

from bench.accounting.kernel import disown_orphans, is_subreaper
from bench.errors import UnknownNameError, UsageError
from bench.machine import environment
from bench.machine.interpreter import python_name
from bench.measure.plan import catalogue
from bench.measure.plan.cases import PlannedCase, Selection, expand
from bench.naming import facts, facts_apart
from bench.patterns import PATTERNS
from bench.plugins import registry
from bench.records.catalogue import Catalogue, WorkloadInfo
from bench.selection import chosen

_ANY = [
    WorkloadInfo(name, "", name, "unknown", ["given"], pattern.summary, needs_inputs=True)
    for name, pattern in PATTERNS.items()
]
"""What a strategy is put to by a test that calls it: a job of its pattern."""


def marked(node: pytest.Item, marker: str) -> dict[str, PlannedCase]:
    """The cases that the nearest markers of that name ask for, by the names that their tests get.

    Raises:
        UsageError: for a marker that does not fit; an `UnknownNameError` names what was perhaps meant.
    """
    found = [each for where, each in node.iter_markers_with_node(marker) if where is _nearest(node, marker)]
    read = _of_strategies if marker == "strategies" else _of_workload
    return named([case for mark in reversed(found) for case in read(mark)])


def _nearest(node: pytest.Item, marker: str) -> object:
    return next(where for where, _ in node.iter_markers_with_node(marker))


def of_request(request: pytest.FixtureRequest, marker: str) -> PlannedCase:
    """The case of the test that asks.

    Raises:
        UsageError: if no marker says which.
    """
    if request.node.get_closest_marker(marker):
        return marked(request.node, marker)[request.param]
    if marker == "bench_case":
        raise UsageError("the fixture bench_case needs a workload: @pytest.mark.bench_case('primes', scale='quick')")
    name = getattr(request, "param", PATTERNS["map"].baseline)
    (case,) = _of_strategies(pytest.mark.strategies(name).mark)
    return case


def named(planned: Sequence[PlannedCase]) -> dict[str, PlannedCase]:
    """Cases by the ids of their tests: the strategy, and what else differs from others of that strategy."""
    cases = [each.case for each in planned]
    apart = facts_apart(cases, lambda case: (case.strategy,))
    scaled = facts_apart(cases, lambda case: (case.workload, case.strategy))
    several = len({case.workload for case in cases}) > 1
    names = []
    for case in cases:
        parts = {name: value for name, value in facts(case).items() if name in apart[case.key] and name != "scale"}
        workers = [parts.pop("workers")] if "workers" in parts else []
        scale = [case.scale] if "scale" in scaled[case.key] else []
        options = [f"{name}={value}" for name, value in parts.items()]
        names.append("-".join([*([case.workload] if several else []), case.strategy, *scale, *workers, *options]))
    return dict(zip(names, planned, strict=True))


def _of_strategies(mark: pytest.Mark) -> list[PlannedCase]:
    settings = dict(mark.kwargs)
    found = replace(_catalogue(), workloads=_ANY)
    names = [_name(each, "strategy", registry.strategies, "open") for each in mark.args]
    return _expand(found, (), names, None, settings.pop("workers", None), settings)


def _of_workload(mark: pytest.Mark) -> list[PlannedCase]:
    settings = dict(mark.kwargs)
    settings.pop("seed", None)
    if len(mark.args) != 1:
        raise UsageError(
            f"the marker bench_case takes one workload, not {len(mark.args)}; several markers take several"
        )
    found = _catalogue()
    name = _name(mark.args[0], "workload", registry.workloads, "task")
    works = chosen("workload", {each.name: each for each in found.workloads}, [name])
    baselines = list(dict.fromkeys(PATTERNS[each.pattern].baseline for each in works))
    wanted = [_name(each, "strategy", registry.strategies, "open") for each in _listed(settings.pop("strategies", []))]
    scale, workers = settings.pop("scale", None), settings.pop("workers", None)
    return _expand(found, [name], wanted or baselines, scale, workers, settings)


def _expand(
    found: Catalogue,
    workloads: Sequence[str],
    strategies: Sequence[str],
    scale: str | None,
    workers: Any,
    options: Mapping[str, Any],
) -> list[PlannedCase]:
    counts = [] if workers is None else _listed(workers)
    if not all(isinstance(each, int) and each > 0 for each in counts):
        raise UsageError(f"workers must be whole numbers above 0, not {workers!r}")
    texts = {name: [str(each) for each in _listed(value)] for name, value in options.items()}
    selection = Selection(workloads, strategies, scale, counts, texts)
    planned = expand(found, selection, python_name(), environment.default_workers()[0])
    fitting = {each.strategy.name for each in planned}
    for name in {each.name for each in found.strategies}.intersection(strategies) - fitting:
        raise UsageError(f"strategy {name!r} does not fit the workload {', '.join(workloads)}")
    return planned


def _listed(value: Any) -> list[Any]:
    """One value or several, as a list."""
    return list(value) if isinstance(value, Iterable) and not isinstance(value, str) else [value]


def _name(given: str | Callable[..., Any], kind: str, known: Mapping[str, Any], function: str) -> str:
    """The name of what is given: a name, or the decorated function itself.

    A function that is a marker's one argument and all never comes here: pytest takes it for what is marked.
    """
    if isinstance(given, str):
        return given
    for name, each in known.items():
        if getattr(each, function) is given:
            return name
    raise UnknownNameError(kind, getattr(given, "__qualname__", repr(given)), known)


def _catalogue() -> Catalogue:
    """All that is built in and installed, and what tests have registered."""
    found = _installed()
    works, ways = ({each.name for each in known} for known in (found.workloads, found.strategies))
    return Catalogue(
        [*found.workloads]
        + [
            catalogue.describe_workload(each, each.module)
            for name, each in registry.workloads.items()
            if name not in works
        ],
        [*found.strategies]
        + [
            catalogue.describe_strategy(each, each.module)
            for name, each in registry.strategies.items()
            if name not in ways
        ],
    )


@functools.cache
def _installed() -> Catalogue:
    adopts = is_subreaper()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)  # a fork beside threads, of pytest-xdist for instance
            return catalogue.find([])
    finally:
        if not adopts:
            disown_orphans()

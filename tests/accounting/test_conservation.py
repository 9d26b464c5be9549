"""Nothing is lost and nothing counted twice: the series ends at the total, windows lie within the whole, layers agree.

For every strategy that maps, under every start method it takes, with real blocks; without control groups under the first.
"""

import multiprocessing
import os
from contextlib import ExitStack
from dataclasses import asdict
from itertools import pairwise

import pytest

from bench.measure.engine.runner import Measurer
from bench.measure.plan import catalogue
from bench.measure.plan.cases import Selection, expand
from bench.plugins import registry
from bench.records.block import Outcome
from bench.records.conditions import Conditions
from tests.families import load, named

load(
    ("serial", "threads", "event_loop", "interpreters", "processes", "forks", "pools", "pool_calls", "avoiding_pickle",
     "extras"), ("primes",)
)  # fmt: skip
CORES = os.cpu_count() or 1
ROUNDING_S = 5e-6
"""Numbers are recorded to the microsecond."""


def cases():
    """(layer, strategy, start method) for all that map; None for those that have no start method."""
    for name in named("map"):
        strategy = registry.strategies[name]
        methods = strategy.choices.get("start_method") or multiprocessing.get_all_start_methods()
        skip = [pytest.mark.skip(reason=strategy.unavailable)] if strategy.unavailable else []
        for number, method in enumerate(methods if "start_method" in strategy.options else [None]):
            for layer in ("cgroup", "wait4") if number == 0 else ("cgroup",):
                words = [layer, name, *([method] if method else [])]
                yield pytest.param(layer, name, method, marks=skip, id="-".join(words))


@pytest.fixture(scope="module")
def found():
    """The catalogue, and supervisors for all blocks: with the best layers, and without control groups."""
    with ExitStack() as stack:
        measurers = {}
        for layer in ("cgroup", "wait4"):
            conditions = Conditions(seed=1, time_limit_s=60, sample_hz=50, budget_s=None, accounting=layer)
            measurers[layer] = stack.enter_context(Measurer(conditions, lambda _: None))
        yield catalogue.find([]), measurers


@pytest.mark.many(7)
@pytest.mark.parametrize(("layer", "strategy", "start_method"), list(cases()))
def test_cpu_is_conserved(found, layer, strategy, start_method):
    everything, measurers = found
    options = {"start_method": [start_method]} if start_method else {}
    first, *_ = expand(everything, Selection(["primes"], [strategy], "quick", [2], options), "py", 2)
    block = measurers[layer].block(first, 0, 2)
    if block.outcome is Outcome.UNAVAILABLE:
        pytest.skip(block.reason)
    assert block.outcome is Outcome.OK, block.reason
    the_series_ends_at_the_total(block)
    windows_lie_within_the_whole(block)
    layers_agree(block)
    what_is_unknown_has_its_reason(block)


def the_series_ends_at_the_total(block):
    samples = block.samples
    assert samples.cpu_s[-1] == pytest.approx(block.whole.cpu_s, rel=0.01)
    for (began_s, before_s), (ended_s, after_s) in pairwise(zip(samples.at_s, samples.cpu_s, strict=True)):
        assert 0 <= after_s - before_s <= CORES * (ended_s - began_s) + ROUNDING_S


SPLIT_S = 0.15
"""The split is the kernel's, by ticks of 10 ms: two edges, host, server, tracker and workers, each a tick off and more
where the machine is loaded."""


def windows_lie_within_the_whole(block):
    windows = [block.start, *block.rounds, block.stop]
    method = block.accounting.cpu
    assert sum(each.cpu_s for each in windows) <= block.whole.cpu_s + len(windows) * ((method.above or 0) + ROUNDING_S)
    for each in windows:
        assert 0 <= each.cpu_s <= CORES * each.wall_s + 0.05, "a snapshot lets in little of what is beside the window"
        if each.user_s is not None and each.system_s is not None:
            assert each.user_s + each.system_s == pytest.approx(each.cpu_s, abs=SPLIT_S)
        assert each.peak_memory_bytes is None or each.peak_memory_bytes <= block.whole.peak_memory_bytes
    assert sum(each.processes_started for each in windows) <= block.whole.processes_started


def layers_agree(block):
    """The number that decides, and the next one that is no lower bound."""
    by_layer = block.accounting.cpu_by_layer
    assert by_layer[block.accounting.whole_cpu.layer] == block.whole.cpu_s
    assert len(by_layer) >= 2
    for layer, cpu_s in by_layer.items():
        assert cpu_s == pytest.approx(block.whole.cpu_s, rel=0.01, abs=0.01), layer
    assert block.accounting.differences == []


def what_is_unknown_has_its_reason(block):
    unknown = block.accounting.unknown
    for window in (block.start, *block.rounds, block.stop):
        assert {name for name, value in asdict(window).items() if value is None} <= set(unknown)
    whole = {f"whole {name}" for name, value in asdict(block.whole).items() if value is None}
    assert whole <= set(unknown)
    assert all(unknown.values())

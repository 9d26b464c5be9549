"""The strategies and workloads of a pattern, for the tests of several families, and what they may not leave behind."""

import multiprocessing
from contextlib import contextmanager

from bench.plugins import registry, sources
from bench.testing.leftovers import left_behind, present

METHODS = multiprocessing.get_all_start_methods()


def load(strategies, workloads):
    """Import a family of strategies and a module of workloads."""
    for name in strategies:
        sources.load(f"bench.strategies.{name}")
    for name in workloads:
        sources.load(f"bench.workloads.{name}")


def named(pattern):
    """Names of all strategies of a pattern, but not of those that tests elsewhere define."""
    return [
        each.name
        for each in registry.strategies.values()
        if each.pattern == pattern and each.module.startswith("bench.strategies.")
    ]


def fitting(pattern):
    """(strategy, workload) for all that fit and are to give right results."""
    return [
        (name, workload.name)
        for name in named(pattern)
        for workload in registry.workloads.values()
        if workload.pattern == pattern
        and workload.module.startswith("bench.workloads.")
        and workload.requires <= registry.strategies[name].provides
        and not registry.strategies[name].demonstration
    ]


def each_start_method(pattern):
    """(strategy, start method) for all that have one."""
    return [(name, method) for name in named(pattern) if "start_method" in registry.strategies[name].options
            for method in METHODS]  # fmt: skip


def opened(name, workers=2, **options):
    return registry.strategies[name].bind(workers, options)


@contextmanager
def nothing_left():
    """Fail if there are processes, threads, descriptors or shared memory after that were not there before."""
    before = present()
    yield
    assert left_behind(before) == set()

"""What a strategy may leave behind, and the strategies and workloads of a pattern: for the tests of several families."""

import gc
import multiprocessing.forkserver
import os
import threading
from collections import Counter
from contextlib import contextmanager, suppress
from multiprocessing import resource_tracker, shared_memory, synchronize

import psutil

from bench import registry, sources

METHODS = multiprocessing.get_all_start_methods()
SHARED = "/dev/shm"


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
        and workload.needs <= registry.strategies[name].offers
        and not registry.strategies[name].demonstration
    ]


def each_start_method(pattern):
    """(strategy, start method) for all that have one."""
    return [(name, method) for name in named(pattern) if "start_method" in registry.strategies[name].options
            for method in METHODS]  # fmt: skip


def opened(name, workers=2, **options):
    return registry.strategies[name].bind(workers, options)


@contextmanager
def nothing_left(monkeypatch):
    """Fail if more processes, threads, descriptors, semaphores or shared memory are there after than before."""
    names = []

    def noting(make, prefix):
        def noted(*arguments):
            made = make(*arguments)
            names.append(SHARED + "/" + prefix + made.lstrip("/"))
            return made

        return noted

    monkeypatch.setattr(shared_memory, "_make_filename", noting(shared_memory._make_filename, ""))
    monkeypatch.setattr(synchronize.SemLock, "_make_name", staticmethod(noting(synchronize.SemLock._make_name, "sem.")))
    resource_tracker.ensure_running()
    multiprocessing.forkserver.ensure_running()
    before = _counted()
    yield
    gc.collect()
    after = _counted()
    assert after - before == Counter(), "left behind"
    assert [name for name in names if os.path.exists(name)] == []


def _counted():
    """Everything this process holds, by what it is; the memory heap of `multiprocessing` is its own and is kept."""
    helpers = {resource_tracker._resource_tracker._pid, multiprocessing.forkserver._forkserver._forkserver_pid}
    held = Counter(f"thread {each.name}" for each in threading.enumerate())
    held.update(f"process {each.pid}" for each in psutil.Process().children() if each.pid not in helpers)
    for number in os.listdir("/proc/self/fd"):
        with suppress(FileNotFoundError):  # the descriptor that listed them
            target = os.readlink(f"/proc/self/fd/{number}")
            held[target.partition(":")[0] if "pym-" not in target else "heap"] += "pym-" not in target
    return held

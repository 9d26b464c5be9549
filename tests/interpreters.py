"""Runs of several interpreters with known times."""

from dataclasses import replace

from bench.analysis.across import across
from bench.analysis.groups import groups
from bench.analysis.summary import summarise
from bench.records.run import Work
from tests import builders
from tests.builders import block, interpreter

GIL, FREE = "cpython-3.13.5", "cpython-3.13.5t"
TIMES_S = {
    "cpython-3.13.5": {"serial": 0.10, "thread_pool": 0.10, "process_pool": 0.06},
    "cpython-3.13.5t,gil=on": {"serial": 0.14, "thread_pool": 0.15, "process_pool": 0.09},
    "cpython-3.13.5t,gil=off": {"serial": 0.14, "thread_pool": 0.075, "process_pool": 0.09},
}


def compared_on(times_s, interpreters, blocks=8):
    """What a run of one work says, in which these interpreters took so long."""
    return across(groups(summarise(run_on(times_s, interpreters, blocks))), interpreters)


def run_on(times_s, interpreters, blocks=8):
    """The run."""
    cases = [
        replace(builders.case(strategy, workers=1 if strategy == "serial" else 2), python=python)
        for python, mine in times_s.items()
        for strategy in mine
    ]
    made = [
        block(case, n, [times_s[case.python][case.strategy] * (1 + n / 1000)] * 3)
        for case in cases
        for n in range(blocks)
    ]
    run = builders.run(made, cases, works={"primes": Work("map", "cpu", "serial")})
    return replace(run, header=replace(run.header, plan=replace(run.header.plan, interpreters=interpreters)))


def three():
    """A build with the GIL, and a free-threaded one with it and without."""
    interpreters = [
        interpreter(GIL, "3.13", python=GIL),
        replace(interpreter("cpython-3.13.5t,gil=on", "3.13t", python=FREE), settings={"gil": "on"}),
        replace(interpreter("cpython-3.13.5t,gil=off", "3.13t", python=FREE, gil="off"), settings={"gil": "off"}),
    ]
    (found,) = compared_on(TIMES_S, interpreters)
    return found

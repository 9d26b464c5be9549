"""Findings about what strategies and the machine did meanwhile: luck, load, leaks, and work out of turn."""

from collections.abc import Iterator
from statistics import median

from bench.analysis.findings.rule import RUN, Evidence, Seen, case_rule, rule
from bench.analysis.summary import Summary
from bench.facts.resting import RESTLESS, cores_used
from bench.records.block import Outcome
from bench.records.machine import Environment
from bench.units import percent

BUSY_LOAD = 0.5
"""Runnable processes for each usable core before the run."""


def is_busy(environment: Environment) -> bool:
    """Whether others used the CPUs when a run began."""
    return environment.load_1m is not None and environment.load_1m > BUSY_LOAD * environment.usable_cores


@case_rule(
    "demonstration",
    what="a strategy that shows what goes wrong happened to go right",
    why="The strategy exists to lose updates or the like, and all its blocks gave the right result, by luck.",
    do="Nothing is concluded from it, and it is never ranked. Measure it again, or at a larger scale.",
    hint="measure it again, or at a larger scale",
)
def demonstration(each: Summary) -> str | None:
    """Where all blocks are right."""
    return each.reason if each.demonstration and each.outcome is Outcome.OK else None


@rule(
    "busy_machine",
    what="other programs were running when the run began",
    why=f"The mean number of runnable processes in the minute before was over {BUSY_LOAD:g} for each usable core.",
    do="Measure on an idle machine, or trust only large differences: `doctor` tells how noisy it is.",
)
def busy_machine(evidence: Evidence) -> Iterator[Seen]:
    """At most one."""
    environment = evidence.run.header.environment
    if is_busy(environment):
        yield (
            RUN,
            f"{environment.load_1m:.1f} processes were running on {environment.usable_cores} cores before the run",
            "measure on an idle machine, or trust only large differences",
            (),
        )


@rule(
    "oversubscribed",
    what="several workers may each start a thread for every core",
    why="The case ran with `blas_threads=default` and not with a single worker.",
    do="Compare with `--option blas_threads=1`: threads that fight for cores are often slower than one each.",
)
def oversubscribed(evidence: Evidence) -> Iterator[Seen]:
    """Each such case."""
    cores = evidence.run.header.environment.usable_cores
    for name, each in evidence.named:
        if each.case.options.get("blas_threads") == "default" and each.case.workers != 1:
            yield (
                name,
                f"each worker may start a BLAS thread for each of the {cores} cores",
                "compare with --option blas_threads=1",
                (each.case.key,),
            )


@case_rule(
    "leaked_processes",
    what="processes were alive after their block and had to be ended",
    why="The supervisor counts what the block started and what is still there when it is over.",
    do="The strategy or the task starts what it does not stop: join, close or kill it before the strategy is left.",
    hint="the strategy or the task starts what it does not stop",
)
def leaked_processes(each: Summary) -> str | None:
    """How many in all blocks."""
    return f"{each.leaked_processes} processes outlived their blocks and were ended" if each.leaked_processes else None


@rule(
    "restless",
    what="a strategy uses the CPU while others have their turns",
    why=f"The hosts of an ensemble measure one at a time. It used more than {percent(RESTLESS)} of a core between its own turns.",
    do="It was measured apart from the others after its first block. Threads or processes that poll do this: let them wait.",
)
def restless(evidence: Evidence) -> Iterator[Seen]:
    """Each such case."""
    used: dict[str, list[float]] = {}
    for block in evidence.run.blocks:
        used.setdefault(block.case, []).append(cores_used(block))
    for name, each in evidence.named:
        if (cores := median(used.get(each.case.key, [0.0]))) > RESTLESS:
            yield (
                name,
                f"it uses {cores:.2g} of a core while others have their turns",
                "what it started goes on between calls; its first block stood beside others, the rest beside the base alone",
                (each.case.key,),
            )


@rule(
    "gil_is_back",
    what="a module that was imported turned the GIL on again",
    why=(
        "A free-threaded Python turns the GIL on when it loads an extension module that does not say it can do without. The process was "
        "measured with it on at its end, or Python warned of it, there or in a worker."
    ),
    do=(
        "The numbers are those of a Python with a GIL. Look for a release of the module that supports free threading. With `--gil off` such "
        "cases fail, and name the module."
    ),
)
def gil_is_back(evidence: Evidence) -> Iterator[Seen]:
    """One finding for each module; one more where it is not known which."""
    names = {each.case.key: name for name, each in evidence.named}
    was_on = {each.case.key: evidence.run.header.has_gil(each.case.python) for _, each in evidence.named}
    found: dict[str, dict[str, None]] = {}
    for block in evidence.run.blocks:
        if block.gil_enabled_by or (block.gil == "on" and not was_on[block.case]):
            found.setdefault(block.gil_enabled_by, {})[block.case] = None
    for module, cases in found.items():
        yield (
            names[next(iter(cases))],
            f"Python turned the GIL on to load {module}"
            if module
            else "the GIL was on at the end, and off at the start",
            "these are numbers of a Python with a GIL; with --gil off such cases fail",
            tuple(cases),
        )


@case_rule(
    "threads_left",
    what="threads of the measured code were running when its process was to end",
    why="A process waits at its end for threads that are no daemons. The host gives them a moment, then names them and leaves.",
    do="What they do is in every number. Make them daemons, or start them where they are needed, not at import.",
    hint="what they do is in every number; make them daemons, or start them where they are needed",
)
def threads_left(each: Summary) -> str | None:
    """Their names."""
    if not each.kept_by_threads:
        return None
    return f"the code leaves threads running that a process waits for at its end: {', '.join(each.kept_by_threads)}"

"""Sentences and cells that the terminal, the page and the charts share."""

from collections import Counter
from typing import Any

from bench import units
from bench.analysis.estimates import Estimate, too_few, values_needed
from bench.analysis.makespan import Bound
from bench.analysis.summary import Summary
from bench.naming import python_word
from bench.plugins.names import sanitized
from bench.records.block import Outcome
from bench.records.machine import Environment
from bench.records.run import Header, Run

_GIL = {True: "GIL", False: "no GIL"}


def interval(estimate: Estimate | None) -> str:
    """An interval of seconds for reading, or how many blocks it lacks."""
    if estimate is None:
        return "–"
    if estimate.low is None or estimate.high is None:
        return f"n = {estimate.n} < {values_needed()}"
    return units.between(units.seconds(estimate.low), units.seconds(estimate.high))


def bound(summary: Summary) -> str:
    """The makespan bound of a case for a cell; `est.` where it comes from tasks that were timed."""
    if summary.bound is None:
        return "–"
    return units.seconds(summary.bound.wall.centre) + ("" if summary.bound.stated else " est.")


def bound_sentence(found: Bound) -> str:
    """What it is, in a part of a sentence: `the estimated bound is 64.9 ms (62.1–66.0 ms)`."""
    shown = units.seconds(found.wall.centre)
    within = "" if found.stated or found.wall.low is None else f" ({interval(found.wall)})"
    told = f"the {'' if found.stated else 'estimated '}bound is {shown}{within}"
    return told + (", which the blocks cannot tell from the time" if found.is_level else "")


def few(n: int) -> str:
    """Why so many blocks give no interval."""
    return too_few(n, what="a {:g} % interval")


def no_ratio_interval(summary: Summary) -> str:
    """Why the ratio of a case to its base has no interval; empty where it has one."""
    if summary.speedup is None:
        return f"{summary.base_name}, the base, has no time on the same work"
    return few(summary.speedup.n) if summary.speedup.low is None else ""


def ratio_interval(estimate: Estimate | None) -> str:
    """An interval of ratios for reading; empty where there is none."""
    if estimate is None or estimate.low is None or estimate.high is None:
        return ""
    return f"{units.significant(estimate.low)}–{units.significant(estimate.high)}"


def speed(ratio: Estimate) -> str:
    """A ratio of times as people say it: `1.82×`, and `12.5× slower` where it is below 1; `1.00×` where it rounds to 1."""
    return units.speed(ratio.centre, 3)


def speed_with_interval(ratio: Estimate) -> str:
    """`speed`, with the interval where there is one: `1.79× (1.74–1.82)`, `12.3× slower (12.0–12.7)`."""
    told = speed(ratio)
    if ratio.low is None or ratio.high is None:
        return told
    ends = (1 / ratio.high, 1 / ratio.low) if told.endswith("slower") else (ratio.low, ratio.high)
    return f"{told} ({units.significant(ends[0])}–{units.significant(ends[1])})"


def fact(value: Any) -> str:
    """A fact of an environment for reading."""
    if value is None:
        return "–"
    return units.significant(value) if isinstance(value, float) and value > 1e-3 else sanitized(str(value))


def machine(environment: Environment) -> str:
    """The machine in one line."""
    limit = environment.usable_cores_from
    why = "all" if limit == "logical cores" else f"by {limit}, of {environment.logical_cores}"
    cores = f"{environment.usable_cores} usable cores ({why})"
    return f"{environment.cpu_model}, {cores}, {units.size(environment.memory_bytes)}, {environment.os} {environment.kernel}"


def python(header: Header) -> str:
    """The interpreter of a run in one line, or all of them."""
    several = header.plan.interpreters
    if several:
        named = [f"{python_word(each.name)} ({_GIL[each.has_gil]})" for each in several]
        return f"Python {', '.join(named)}"
    return f"{python_short(header)}, start method {header.environment.start_method}"


def python_short(header: Header) -> str:
    """The same without what is the same for most."""
    several = header.plan.interpreters
    if several:
        return f"Python {', '.join(python_word(each.name) for each in several)}"
    environment = header.environment
    return f"{environment.python_implementation} {environment.python} ({_GIL[environment.gil]})"


def commit(environment: Environment) -> str:
    """The commit measured, and whether it had changes."""
    if environment.git_commit is None:
        return "no git commit"
    return f"git {environment.git_commit[:9]}{' with changes' if environment.git_dirty else ''}"


def amount(run: Run) -> str:
    """How much was measured: `ok` blocks of each case, and warm rounds of each block."""
    blocks = Counter(block.case for block in run.blocks if block.outcome is Outcome.OK)
    rounds = [max(0, len(block.rounds) - 1) for block in run.blocks if block.outcome is Outcome.OK]
    if not rounds:
        return "nothing measured"
    fresh = " with inputs of their own" if run.header.plan.conditions.fresh_rounds else ""
    return f"{_span(list(blocks.values()), 'block')} × {_span(rounds, 'warm round')}{fresh}"


def blocks(run: Run) -> str:
    """How many `ok` blocks each case has."""
    counts = Counter(block.case for block in run.blocks if block.outcome is Outcome.OK)
    return _span(list(counts.values()), "block") if counts else "nothing measured"


def _span(counts: list[int], noun: str) -> str:
    fewest, most = min(counts), max(counts)
    return units.counted(most, noun) if fewest == most else f"{fewest}–{most} {noun}s"


def share(run: Run) -> str:
    """How much of the wall time was spent in measured rounds."""
    if run.ending is None:
        return "the run has no ending"
    part = 100 * run.ending.rounds_s / run.ending.wall_s if run.ending.wall_s else 0
    return (
        f"{part:.0f} % of {units.seconds(run.ending.wall_s)} was spent in measured rounds "
        f"({units.seconds(run.ending.rounds_s)})"
    )

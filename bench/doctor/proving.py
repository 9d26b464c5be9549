"""Holds the accounting to programs whose use is known, layer by layer.

What such a program needs besides its task is found by the same program with next to nothing to do. For CPU that is
measured by the best layer there is: a layer that misses children misses what creating them costs as well.
"""

import itertools
import os
import statistics
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from bench.accounting.command import Measured
from bench.oracles.burner import ENDINGS
from bench.processes.watching import ended_how
from bench.quantities import COMPARED
from bench.records.diagnosis import Proof
from bench.records.use import Method, Samples

_FOLDER = Path(__file__).parent.parent / "oracles"
_MIB = 1 << 20
_CHILDREN = {1: 1000, 5: 200, 20: 50}
"""Milliseconds each child burns, and how many of them use a second together."""
_AT_ONCE = 2
_COST_VARIES = 0.2
"""Of what creating and ending children costs, from run to run, measured here: 0.22–0.28 ms a child in one hour."""
_ENDS_DEARER_S = 0.00025
"""A child that burned ends dearer than one that did not: its memory has left the caches. Measured here by wait4 alone,
against each child's own last word: 0.24–0.29 ms after 0 ms, 0.24–0.36 after 5, 0.32–0.43 after 20, the more the busier
others kept the cores. Half of what the goal allows for a child."""
_COST_AT_MOST_S = 0.002
"""A child, where no layer is there that could tell."""
_HOLDINGS = {"shared": (200, 8), "private": (64, 3), "spike": (300, 0)}
"""MiB and readers."""
_HELD_S = 0.5
_INTERPRETERS_VARY = 2 * _MIB
"""All of a program's together, from run to run, measured here: 1 MiB."""
_CPU_GOAL, _CPU_GOAL_CHILD_S = 0.005, 0.0005
_MEMORY_GOAL, _MEMORY_GOAL_BYTES = 0.02, 4 * _MIB

Measure = Callable[[Sequence[str], str], Measured]
"""Runs a command and accounts for it with no better layer than the one named."""


@dataclass(frozen=True, slots=True)
class _Besides:
    """What a program uses besides what it says."""

    middle: float
    least: float
    most: float


@dataclass(frozen=True, slots=True)
class _Said:
    """A program that ran."""

    truth: float
    measured: Measured


class OracleFailed(Exception):  # noqa: N818 - a program does not work on this system, which is no failure of ours
    """A program of known use did not run to its end; says why."""


def proofs(measure: Measure, cpu_layers: Sequence[str], memory_layers: Sequence[str]) -> Iterator[Proof]:
    """Every program under every layer, best first. The layers are those that are there, best first."""
    for ending, (milliseconds, children) in itertools.product(ENDINGS, _CHILDREN.items()):
        yield from _of_cpu(measure, cpu_layers, ending, milliseconds, children)
    for kind in _HOLDINGS:
        for layer in memory_layers:
            yield _of_memory(measure, layer, kind)


def how_many(cpu_layers: Sequence[str], memory_layers: Sequence[str]) -> int:
    """How many proofs there will be."""
    return len(ENDINGS) * len(_CHILDREN) * len(cpu_layers) + len(_HOLDINGS) * len(memory_layers)


def _of_cpu(measure: Measure, layers: Sequence[str], ending: str, milliseconds: int, children: int) -> Iterator[Proof]:
    """One burner under every layer, between two runs that show what it needs besides."""
    program = f"{children} × {milliseconds} ms {ending}"
    said: dict[str, _Said | OracleFailed] = {}
    costs_s = [*_cost_s(measure, layers[0], ending, children)]
    for layer in layers:
        try:
            said[layer] = _run(measure, layer, 1.0, "burner.py", ending, children, milliseconds, _AT_ONCE)
        except OracleFailed as error:
            said[layer] = error
    costs_s += _cost_s(measure, layers[0], ending, children)
    besides = _besides(costs_s, children)
    for layer, each in said.items():
        if isinstance(each, OracleFailed):
            yield Proof(program, "cpu", layer, unknown=str(each))
            continue
        finished = each.measured.finished
        of = Proof(program, "cpu", layer, goal=_CPU_GOAL * each.truth + _CPU_GOAL_CHILD_S * children)
        yield _proof(of, each, besides, finished.window.cpu_s, finished.accounting.whole_cpu)


def _cost_s(measure: Measure, layer: str, ending: str, children: int) -> Iterator[float]:
    """What creating and ending so many children costs, and the interpreter's own end: the same without burning."""
    if layer not in ("cgroup", "wait4"):
        return
    counted = "reaped" if layer == "wait4" and ending == "ignored" else ending  # nobody waits for those
    try:
        said = _run(measure, layer, 1.0, "burner.py", counted, children, 0, _AT_ONCE)
    except OracleFailed:
        return
    yield (said.measured.finished.window.cpu_s or 0.0) - said.truth


def _besides(costs_s: Sequence[float], children: int) -> _Besides:
    """What burners need besides, from what empty ones needed."""
    if not costs_s:
        most_s = _COST_AT_MOST_S * children
        return _Besides(most_s / 2, 0.0, most_s)
    most_s = (1 + _COST_VARIES) * max(costs_s) + _ENDS_DEARER_S * children
    return _Besides(statistics.mean(costs_s), (1 - _COST_VARIES) * min(costs_s), most_s)


def _of_memory(measure: Measure, layer: str, kind: str) -> Proof:
    mib, readers = _HOLDINGS[kind]
    program = f"{mib} MiB {kind}" + (f", {1 + readers} processes" if readers else ", 1 process")
    try:
        little = _run(measure, layer, _MIB, "memory_truth.py", kind, 1, readers, _HELD_S)
        said = _run(measure, layer, _MIB, "memory_truth.py", kind, mib, readers, _HELD_S)
    except OracleFailed as error:
        return Proof(program, "memory", layer, unknown=str(error))
    middle = (little.measured.finished.window.peak_memory_bytes or 0) - little.truth
    besides = _Besides(middle, middle - _INTERPRETERS_VARY, middle + _INTERPRETERS_VARY)
    finished = said.measured.finished
    return _proof(
        Proof(program, "memory", layer, goal=_MEMORY_GOAL * said.truth + _MEMORY_GOAL_BYTES),
        said, besides, finished.window.peak_memory_bytes, finished.accounting.memory,
    )  # fmt: skip


def _run(measure: Measure, layer: str, unit: float, program: str, *arguments: object) -> _Said:
    """Measure a program; the number in its last line times `unit` is the truth.

    Raises:
        OracleFailed: if it says none.
    """
    command = [sys.executable, "-I", "-S", str(_FOLDER / program), *map(str, arguments)]
    measured = measure(command, layer)
    words = measured.output.split()
    if measured.status or not words:
        raise OracleFailed(f"{program} {arguments[0]} {ended_how(measured.status)}")
    return _Said(float(words[-1]) * unit, measured)


def _proof(of: Proof, said: _Said, besides: _Besides, measured: float | None, method: Method) -> Proof:
    accounting = said.measured.finished.accounting
    series = _series(said.measured.finished.samples) if of.quantity == "cpu" else (None, None, 0.0)
    return Proof(
        of.program, of.quantity, of.asked, method.layer,
        truth=said.truth, besides=besides.middle, besides_least=besides.least, besides_most=besides.most,
        measured=measured, goal=of.goal, bound=method.bound, below=method.below, above=method.above,
        series_s=series[0], series_cores=series[1], series_excess_s=series[2],
        unknown="" if measured is not None else accounting.unknown.get(COMPARED[of.quantity].name, "the record does not say why"),
    )  # fmt: skip


def _series(samples: Samples) -> tuple[float | None, float | None, float]:
    """The intervals added up, the cores used in the busiest one, and the most by which one exceeds all cores."""
    if not samples.at_s:
        return None, None, 0.0
    cores = os.cpu_count() or 1
    moments = itertools.pairwise(zip([0.0, *samples.at_s], [0.0, *samples.cpu_s], strict=True))
    steps = [(at_s - before_s, cpu_s - cpu_before_s) for (before_s, cpu_before_s), (at_s, cpu_s) in moments]
    busiest = max((cpu_s / wall_s for wall_s, cpu_s in steps if wall_s > 0), default=0.0)
    excess_s = max(cpu_s - cores * wall_s for wall_s, cpu_s in steps)
    return sum(cpu_s for _, cpu_s in steps), busiest, max(0.0, excess_s)

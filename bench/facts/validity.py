"""What must hold in a block beyond the types of its fields: the numbers that things are computed from.

One rule for who takes a block from the processes that measured it and for who reads it from a file: measured code can write
into either.
"""

import math
from collections.abc import Iterator
from dataclasses import fields
from operator import attrgetter

from bench.patterns import LATENCY_PROBABILITIES
from bench.records.block import Block
from bench.records.use import Samples, Window

_COLUMNS = tuple(each.name for each in fields(Samples))
_AMOUNTS_OF_WINDOWS = tuple(each.name for each in fields(Window) if each.name != "at_s")
_told = attrgetter(*_AMOUNTS_OF_WINDOWS)
_AMOUNTS = (
    "noticed_s", "tasks", "payload_bytes", "setup_s", "longest_task_s", "total_task_s", "fairness", "handed_over",
    "leaked_processes", "rested_s", "rested_cpu_s",
)  # fmt: skip
_MOST_REPETITIONS = 10**9
SHORTEST_S = 1e-12
"""No clock tells less; a time below it is none, and what is divided by it overflows."""


def inconsistency(block: Block) -> str:
    """What is wrong with a block, a field and a few words; empty where nothing is."""
    return next(_inconsistencies(block), "")


def _inconsistencies(block: Block) -> Iterator[str]:
    if len(block.calls) != len(block.rounds) or min(block.calls, default=1) < 1:
        yield f"`calls` is {block.calls}; it has a number above 0 for each of {len(block.rounds)} rounds"
    if not 0 <= block.repetition <= _MOST_REPETITIONS:
        yield f"`repetition` is {block.repetition}; it counts from 0"
    for timed in block.latencies:
        if len(timed.quantiles_s) != len(LATENCY_PROBABILITIES):
            yield f"`latencies` has {len(timed.quantiles_s)} quantiles; it must have {len(LATENCY_PROBABILITIES)}"
    if block.compared is not None and not 0 <= block.compared <= (block.tasks or 0):
        yield f"`compared` is {block.compared} of {block.tasks or 0} tasks"
    yield from _lengths(block)
    if (block.longest_task_s is None) != (block.total_task_s is None):
        yield "of `longest_task_s` and `total_task_s` one is missing"
    yield from _rounds(block)
    yield from _negative(block)


def _lengths(block: Block) -> Iterator[str]:
    """What belongs together is of one length."""
    if block.repeats is not None and len(block.repeats.first_s) != len(block.repeats.again_s):
        yield f"`repeats` has {len(block.repeats.first_s)} first calls and {len(block.repeats.again_s)} second ones"
    lengths = {name: len(getattr(block.samples, name)) for name in _COLUMNS}
    if len(set(lengths.values())) > 1:
        told = ", ".join(f"{name} {length}" for name, length in lengths.items())
        yield f"`samples` has columns of different lengths: {told}"


def _rounds(block: Block) -> Iterator[str]:
    """Every round took time, because things are divided by it later; it is longer than what it waited, if that is told."""
    for number, each in enumerate(block.rounds):
        if not SHORTEST_S <= each.wall_s < math.inf:
            yield f"`rounds[{number}].wall_s` is {each.wall_s!r}; it must be above 0"
    if block.cpu_waits_s and len(block.cpu_waits_s) != len(block.rounds):
        yield f"`cpu_waits_s` has {len(block.cpu_waits_s)} values of {len(block.rounds)} rounds"
    for number, (waited_s, each) in enumerate(zip(block.cpu_waits_s, block.rounds, strict=False)):
        if waited_s is not None and not 0 <= waited_s < each.wall_s:
            yield f"`cpu_waits_s[{number}]` is {waited_s!r}; a round takes longer than it waits"


def _negative(block: Block) -> Iterator[str]:
    """No time or amount is below 0; only the moment of a reading may be, since a clock has its zero anywhere."""
    yield from _negative_of_windows(block)
    for name in _AMOUNTS:
        if (value := getattr(block, name)) is not None and value < 0:
            yield f"`{name}` is {value!r}; it must not be below 0"
    for name in _COLUMNS:
        if name != "at_s" and min(getattr(block.samples, name), default=0) < 0:
            yield f"`samples.{name}` has {min(getattr(block.samples, name))!r}; it must not be below 0"
    for number, timed in enumerate(block.latencies):
        if min(timed.n, *timed.quantiles_s) < 0:
            yield f"`latencies[{number}]` has {min(timed.n, *timed.quantiles_s)!r}; it must not be below 0"


def _negative_of_windows(block: Block) -> Iterator[str]:
    windows = [("start", block.start), ("stop", block.stop), ("whole", block.whole)]
    windows += [(f"rounds[{number}]", each) for number, each in enumerate(block.rounds)]
    for place, window in windows:
        values = () if window is None else _told(window)
        if min(filter(None, values), default=0) < 0:
            name, value = next(each for each in zip(_AMOUNTS_OF_WINDOWS, values, strict=True) if (each[1] or 0) < 0)
            yield f"`{place}.{name}` is {value!r}; it must not be below 0"

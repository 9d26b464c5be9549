"""How a run's numbers were made, in sentences: which layers counted, how far off they can be, what was missing."""

import math
import statistics
from collections.abc import Callable, Iterable, Iterator, Sequence

from bench import units
from bench.analysis.estimates import INTERVAL, LEVEL, values_needed
from bench.analysis.looks import LOOKS, is_fixed
from bench.records.block import Block
from bench.records.run import Plan, Run
from bench.records.use import Accounting, Method, Sampling
from bench.sentences import listed


def in_short(blocks: Iterable[Block]) -> str:
    """What counted CPU and memory of these blocks, and how far off they can be; empty where no block says."""
    kept = _kept(blocks)
    if not kept:
        return ""
    cpu = _said([each.cpu for each in kept], units.seconds, in_full=False)
    return f"CPU of a window {cpu}. Memory {_said([each.memory for each in kept], units.size, in_full=False)}."


def of_times(plan: Plan) -> Iterator[str]:
    """What the page says of how times, ratios and their intervals were made, a few sentences each."""
    yield (
        "A speed-up is over the strategy named at its column, the same for all workloads of a pattern. It comes from pairs of "
        "blocks of one repetition, which were measured near each other in time: the pseudomedian of their log ratios (Hodges "
        "and Lehmann), with the exact interval of Wilcoxon's signed-rank test."
    )
    yield (
        "The base's time is the pseudomedian of its own blocks, by their logarithms. Any other case's time is the base's over "
        "its speed-up, and so is its interval: what a round takes at the base's pace. So times, ratios and their order do not "
        "contradict each other; by how much the base's time may be off stands at the base."
    )
    few = f"With fewer than {values_needed()} blocks, or pairs of them, there is no {INTERVAL}."
    if is_fixed(plan):
        yield f"How many blocks there are was settled beforehand. {few}"
        return
    numbers = [str(n) for n, _ in LOOKS]
    yield (
        f"How many blocks there are was decided on the way, by looking at the intervals of "
        f"{listed(numbers)} blocks. Each look takes a part of the error of {units.percent(1 - LEVEL)}, so that the interval it "
        f"ended with holds. {few}"
    )


def of_run(run: Run) -> list[str]:
    """All that the page says of how the numbers were made, each a sentence or two."""
    kept = _kept(run.blocks)
    return [*_totals(kept), *_series([each for each in run.blocks if each.sampling is not None])]


def _kept(blocks: Iterable[Block]) -> list[Accounting]:
    return [block.accounting for block in blocks if block.accounting is not None]


def _totals(kept: Sequence[Accounting]) -> Iterator[str]:
    if not kept:
        yield "The run file does not say how CPU and memory were counted."
        return
    yield f"CPU of the start, each round and the stop: {_said([each.cpu for each in kept], units.seconds)}."
    yield f"CPU of whole blocks: {_said([each.whole_cpu for each in kept], units.seconds)}."
    yield f"Memory: {_said([each.memory for each in kept], units.size)}."
    yield from _agreement(kept)
    if absent := _reasons(each.absent for each in kept):
        yield f"Layers that were absent: {absent}."
    if unknown := _reasons({_plain(name): reason for name, reason in each.unknown.items()} for each in kept):
        yield f"Unknown in some window, or in all: {unknown}."


def _agreement(kept: Sequence[Accounting]) -> Iterator[str]:
    """How far the layers agree that counted all blocks, where there are several."""
    layers = [name for name in kept[0].cpu_by_layer if all(name in each.cpu_by_layer for each in kept)]
    if len(layers) > 1:
        sums = ", ".join(f"{units.seconds(sum(each.cpu_by_layer[name] for each in kept))} by {name}" for name in layers)
        apart = sum(len(each.differences) for each in kept)
        disagree = f"; layers disagree on {units.counted(apart, 'window')}" if apart else ""
        yield f"All blocks together used {sums}{disagree}."


def _reasons(found: Iterable[dict[str, str]]) -> str:
    """Names with the reason that they have in common, in brackets."""
    return "; ".join(f"{', '.join(names)} ({reason})" for reason, names in _by_reason(found).items())


def _by_reason(found: Iterable[dict[str, str]]) -> dict[str, list[str]]:
    """Names by the reason they have in common."""
    merged: dict[str, list[str]] = {}
    for name, reason in dict.fromkeys(pair for each in found for pair in each.items()):
        merged.setdefault(reason, []).append(name)
    return merged


def _plain(name: str) -> str:
    return name.replace("whole ", "whole block's ").replace("_", " ")


def _said(methods: Sequence[Method], shown: Callable[[float], str], *, in_full: bool = True) -> str:
    """The layers that made a quantity, each with its widest bound, and in full with what it counts."""
    layers = dict.fromkeys(each.layer for each in methods)
    parts = []
    for layer in layers:
        mine = [each for each in methods if each.layer == layer]
        share = f" in {len(mine)} of {len(methods)} blocks" if len(layers) > 1 else ""
        below, above = _widest([each.below for each in mine]), _widest([each.above for each in mine])
        widest = max(mine, key=lambda each: _widest([each.below, each.above]))
        parts.append(f"by {layer}{share}{f' ({widest.bound})' if in_full else ''}, {_off(below, above, shown)}")
    return "; ".join(parts)


def _widest(bounds: Iterable[float | None]) -> float:
    return max(math.inf if each is None else each for each in bounds)


def _off(below: float, above: float, shown: Callable[[float], str]) -> str:
    """By how much a number can be too low and too high."""
    if below == above:
        return f"within {shown(below)}" if math.isfinite(below) else "off by an unknown amount"
    low, high = (f"up to {shown(each)}" if math.isfinite(each) else "an unknown amount" for each in (below, above))
    return f"too low by {low} or too high by {high}"


def _series(blocks: Sequence[Block]) -> Iterator[str]:
    kept = [block.sampling for block in blocks if block.sampling is not None]
    if not kept:
        return
    on = [each for each in kept if each.hz > 0]
    yield _rate(on) if on else "The series of samples was off; totals were counted all the same."
    yield _watching(blocks, kept)


def _watching(blocks: Sequence[Block], kept: Sequence[Sampling]) -> str:
    """What the sampler itself used."""
    cost_s = sum(each.cpu_s for each in kept)
    cost = f"Watching took {units.seconds(cost_s)} of CPU"
    wholes = [block.whole for block in blocks if block.whole is not None]
    lasted_s = sum(each.wall_s for each in wholes)
    if len(wholes) == len(blocks) and lasted_s:
        share = units.significant(100 * cost_s / lasted_s)
        cost += f", {share} % of one core for the {units.seconds(lasted_s)} that blocks lasted"
    readings = [each.tick_cpu_s for each in kept if each.hz > 0 and each.tick_cpu_s is not None]
    return cost + (f"; a reading on the beat, {units.seconds(statistics.median(readings))}." if readings else ".")


def _rate(on: Sequence[Sampling]) -> str:
    """What was asked of the sampler and what it did."""
    samplers = " and ".join(dict.fromkeys(each.sampler for each in on))
    due, missed = sum(each.due for each in on), sum(each.missed for each in on)
    text = f"Samples are read by {samplers}: {on[0].hz:g} a second asked"
    made = [each.hz_achieved for each in on if each.hz_achieved is not None]
    late = [each.late_p99_s for each in on if each.late_p99_s is not None]
    slowed = [each.hz_lowered_to for each in on if each.hz_lowered_to is not None]
    text += f", {units.significant(statistics.median(made))} made in the median block" if made else ""
    text += f"; {missed} of {due} were missed"
    text += f"; 99 of 100 came within {units.seconds(statistics.median(late))} of their time" if late else ""
    text += (
        f"; the rate was lowered in {len(slowed)} blocks, to {min(slowed):g} a second at the least" if slowed else ""
    )
    return text + "."

"""Findings about what was counted: CPU, memory and the samples."""

import math
from collections.abc import Callable, Iterator, Sequence

from bench.analysis.cost import Cost
from bench.analysis.findings.rule import RUN, Evidence, Seen, case_rule, rule
from bench.analysis.summary import Summary
from bench.records.block import Block
from bench.records.use import Accounting, Difference, Method
from bench.units import counted, percent, seconds, size

MUCH_CACHE = 0.10
"""Of the peak of memory."""
MISSED_SAMPLES = 0.01
"""Of those that were due."""
EXACT_S = 0.002
"""A layer that is this close for a round is as good as any."""
LEFT_OUT_ON_PURPOSE = "not asked for"
"""How the reason begins of a layer that is absent because the user wanted it so."""


@rule(
    "layers_disagree",
    what="two ways of counting CPU time tell different numbers",
    why="Each layer (control group, wait4, ledger) counts by itself, and they differ by more than their bounds allow.",
    do=(
        "The report has the number of the layer named first. Processes may have ended where the other does not see it; "
        "`doctor --prove` tries the layers on programs whose use is known."
    ),
)
def layers_disagree(evidence: Evidence) -> Iterator[Seen]:
    """One finding for each two layers: what one of them cannot see it misses in many cases."""
    names = {each.case.key: name for name, each in evidence.named}
    found: dict[tuple[str, str], list[tuple[Block, Difference]]] = {}
    for block in evidence.run.blocks:
        for each in block.accounting.differences if block.accounting is not None else ():
            found.setdefault((each.first, each.second), []).append((block, each))
    for (first, second), those in found.items():
        block, worst = max(those, key=lambda one: abs(one[1].first_s - one[1].second_s))
        more = f"; likewise in {counted(len(those) - 1, 'more window')}" if len(those) > 1 else ""
        yield (
            names[block.case],
            (
                f"{first} counted {seconds(worst.first_s)} of CPU and {second} {seconds(worst.second_s)} "
                f"({'the whole' if worst.window == 'all' else worst.window} of block {block.repetition + 1}){more}"
            ),
            f"the report has that of {first}; processes may have ended where {second} does not see it",
            tuple(dict.fromkeys(one.case for one, _ in those)),
        )


@case_rule(
    "cpu_lower_bound",
    what="the CPU time shown may be less than what was used",
    why="The layer that counted cannot see all processes end, and no better layer was there.",
    do="Read it as “at least”. With a control group that may be written to, all is counted: `doctor` says what is missing.",
    hint="with a control group that we may write to, all is counted: see doctor",
)
def cpu_lower_bound(each: Summary) -> str | None:
    """By which layer."""
    if not each.cost.cpu_is_lower_bound:
        return None
    return f"by {each.cost.cpu_layer}, which cannot see all processes end: the CPU may be more than is shown"


@rule(
    "fewer_layers",
    what="a way of counting is missing here, and something is unknown for want of it",
    why=(
        "A layer was not there, and memory has no bound from below, or a case has no exact CPU time (off by more than "
        f"{seconds(EXACT_S)} a round) or no peak of memory."
    ),
    do="What is unknown shows as –. `doctor` tells what the machine lacks and how to get it.",
)
def fewer_layers(evidence: Evidence) -> Iterator[Seen]:
    """Said only where something is unknown for want of a layer."""
    kept = [block.accounting for block in evidence.run.blocks if block.accounting is not None]
    absent: dict[str, set[str]] = {}
    for layer, reason in (one for each in kept for one in each.absent.items()):
        if not reason.startswith(LEFT_OUT_ON_PURPOSE):
            absent.setdefault(reason, set()).add(layer)
    measured = [each.cost for _, each in evidence.named if each.wall is not None]
    if absent and (any(each.memory.below is None for each in kept) or any(map(_lacks, measured))):
        missing = "; ".join(f"no {', '.join(sorted(layers))}: {reason}" for reason, layers in absent.items())
        yield (RUN, f"{missing}. {_methods(kept)}", "what is unknown for want of it shows as –; see doctor", ())


@rule(
    "file_cache",
    what="much of the memory is cache of files",
    why=f"Of the peak of memory more than {percent(MUCH_CACHE)} is cache that the kernel keeps for the control group.",
    do="The kernel takes it back when memory is short. Compare unique sets (USS) instead, where they are known.",
)
def file_cache(evidence: Evidence) -> Iterator[Seen]:
    """One finding for each workload: files that the work reads are read under every strategy."""
    shares: dict[str, list[tuple[float, str, str]]] = {}
    for name, each in evidence.named:
        peak_bytes, cache_bytes = each.cost.peak_memory_bytes, each.cost["file_cache_bytes"]
        if peak_bytes and cache_bytes and cache_bytes > MUCH_CACHE * peak_bytes:
            shares.setdefault(each.case.workload, []).append((cache_bytes / peak_bytes, name, each.case.key))
    for found in shares.values():
        share, name = max(found)[:2]
        more = f"; over {percent(MUCH_CACHE)} of it in {counted(len(found) - 1, 'more case')}" if len(found) > 1 else ""
        yield (
            name,
            f"{100 * share:.0f} % of the peak of memory is cache of files{more}",
            "the kernel takes it back when memory is short; compare the unique sets (USS), where they are known",
            tuple(key for _, _, key in found),
        )


@rule(
    "slowed_sampler",
    what="the sampler lowered its rate",
    why="Reading so many processes took too much of the machine, so it was done less often.",
    do="The charts over time are coarser there; totals do not come from samples. Fewer workers, or a smaller `--sample-hz`.",
)
def slowed_sampler(evidence: Evidence) -> Iterator[Seen]:
    """At most one."""
    kept = [block.sampling for block in evidence.run.blocks if block.sampling is not None and block.sampling.hz > 0]
    slowed = [each.hz_lowered_to for each in kept if each.hz_lowered_to is not None]
    if slowed:
        yield (
            RUN,
            f"in {len(slowed)} of {len(kept)} blocks the sampler lowered its rate, to {min(slowed):g} Hz at the least",
            "reading so many processes took over 1 % of the machine; the charts over time are coarser there",
            (),
        )


@rule(
    "late_sampler",
    what="samples are missing",
    why=f"More than {percent(MISSED_SAMPLES)} of the samples that were due were not taken in time.",
    do="The series have gaps, which the charts show; totals are not touched. A smaller `--sample-hz` helps.",
)
def late_sampler(evidence: Evidence) -> Iterator[Seen]:
    """At most one."""
    kept = [block.sampling for block in evidence.run.blocks if block.sampling is not None and block.sampling.hz > 0]
    due = sum(each.due for each in kept)
    missed = sum(each.missed for each in kept)
    if due and missed > MISSED_SAMPLES * due:
        yield (
            RUN,
            f"{missed} of {due} samples were missed",
            "the series have gaps; a smaller --sample-hz, or fewer processes, helps",
            (),
        )


def _lacks(cost: Cost) -> bool:
    """Whether something is unknown or a lower bound that the best layers would have told."""
    coarse = max(cost.cpu_below_s or 0.0, cost.cpu_above_s or 0.0) > EXACT_S
    return cost.cpu_is_lower_bound or cost.peak_memory_bytes is None or (cost.cpu_s is None and coarse)


def _methods(kept: Sequence[Accounting]) -> str:
    """What counted instead."""
    cpu = max((each.cpu for each in kept), key=off_by)
    memory = max((each.memory for each in kept), key=off_by)
    return (
        f"CPU of a round is by {cpu.layer}, {_bound(cpu, seconds)}; memory is by {memory.layer}, {_bound(memory, size)}"
    )


def _bound(method: Method, shown: Callable[[float], str]) -> str:
    return f"off by up to {shown(off_by(method))}" if off_by(method) < math.inf else "off by nobody knows how much"


def off_by(method: Method) -> float:
    """How far the truth can lie from a number, in its unit; infinite where no bound is known."""
    return max(math.inf if each is None else each for each in (method.below, method.above))

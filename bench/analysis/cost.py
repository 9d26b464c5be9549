"""What a case costs beside its time: CPU, memory, and what else the kernel counts, or why that is not known."""

import math
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from bench.analysis.estimates import Estimate, slope_estimate
from bench.facts.cpu_known import CPU_WITHIN, NOT_RECORDED, CpuSum
from bench.quantities import CPU, CPU_BESIDES, MEMORY, MODES, QUANTITIES, TIME
from bench.records.block import Block
from bench.records.case import Case
from bench.records.use import Accounting

_CORES_WITHIN = 0.05
"""Cores used are told, too, where they are known to this much: that a case leaves the CPU idle is worth knowing."""
TICKS_TOO_COARSE = "user and system together are not the CPU: their ticks are too coarse for such rounds"
NOTHING_MEASURED = "the case gave no time"
_Numbers = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Cost:
    """What a warm round costs. What is unknown is None, and `unknown` says why.

    CPU is the sum over all rounds where it is known by their number; so is that of starts, stops and whole blocks. Of all
    else it is the median over blocks, each with the number that `bench.quantities` makes of its rounds.
    """

    amounts: Mapping[str, float | None] = field(default_factory=dict)
    """By the names of `bench.quantities.QUANTITIES`, and `cores_used`, CPU-seconds over seconds. CPU is None, too, where
    its bound is too wide for so little."""
    cpu_is_lower_bound: bool = False
    """Whether processes may have ended unseen."""
    cpu_below_s: float | None = None
    """How much more than the CPU of a round it can have been, at most; None where no bound is known."""
    cpu_above_s: float | None = None
    """How much less."""
    cpu_layer: str | None = None
    """What counted the CPU of rounds, in most blocks."""
    memory_layer: str | None = None
    unknown: dict[str, str] = field(default_factory=lambda: {"": NOTHING_MEASURED})
    """Why, by the name of the amount; the empty name stands for all others."""

    def __getitem__(self, name: str) -> float | None:
        """The amount of this name."""
        return self.amounts.get(name)

    @property
    def cpu_s(self) -> float | None:
        """CPU-seconds of the process tree."""
        return self[CPU.name]

    @property
    def cores_used(self) -> float | None:
        """CPU-seconds over seconds."""
        return self["cores_used"]

    @property
    def peak_memory_bytes(self) -> float | None:
        """The most that the tree held at a moment."""
        return self[MEMORY.name]

    def why(self, name: str) -> str:
        """Why the amount of this name is None; empty where it is not."""
        return "" if self[name] is not None else self.unknown.get(name) or self.unknown.get("", NOT_RECORDED)


_MEDIANS = tuple(each.name for each in QUANTITIES if each not in {TIME, CPU, *MODES, *CPU_BESIDES})


def cost(frame: pd.DataFrame, blocks: Sequence[Block]) -> Cost:
    """The cost of a case from its rows of `blocks_frame` and the blocks behind them."""
    kept = [block.accounting for block in blocks if block.accounting is not None]
    medians = frame[list(_MEDIANS)].astype(float).median()
    values: dict[str, float | None] = {name: _known(medians[name]) for name in _MEDIANS}
    unknown = {name: _reason(kept, name) for name, value in values.items() if value is None}
    rounds = cpu_of_rounds(frame)
    for name, cpu in (("cpu_s", rounds), *_cpu_of_others(frame)):
        values[name] = cpu.mean_s
        if cpu.mean_s is None:
            unknown[name] = cpu.reason or _reason(kept, name)
    if rounds.cores_used is None:
        unknown["cores_used"] = unknown["cpu_s"]
    values |= _modes(frame, rounds.mean_s)
    for name in (each.name for each in MODES):
        if values[name] is None:
            unknown[name] = unknown.get("cpu_s") or _reason(kept, name, TICKS_TOO_COARSE)
    return Cost(
        values | {"cores_used": rounds.cores_used},
        cpu_is_lower_bound=rounds.mean_s is not None and rounds.below_s is None,
        cpu_below_s=rounds.below_s,
        cpu_above_s=rounds.above_s,
        cpu_layer=_most(each.cpu.layer for each in kept),
        memory_layer=_most(each.memory.layer for each in kept),
        unknown=unknown,
    )


@dataclass(frozen=True, slots=True)
class Cpu:
    """CPU of windows of one kind, seconds."""

    mean_s: float | None = None
    """None where it is unknown, or little against its bound."""
    cores_used: float | None = None
    below_s: float | None = None
    """How much more than the mean it can have been; None where no bound is known."""
    above_s: float | None = None
    reason: str = ""
    """Why there is no mean, where the bound is why."""


def cpu_of_rounds(frame: pd.DataFrame) -> Cpu:
    """CPU of a case's warm rounds, all blocks together."""
    counts, wall_s = (frame[name].to_numpy(float) for name in ("cpu_rounds", "cpu_wall_s"))
    return _cpu(frame, ("cpu_s", "cpu_below_s", "cpu_above_s"), counts, wall_s)


def _cpu_of_others(frame: pd.DataFrame) -> Iterator[tuple[str, Cpu]]:
    once = np.ones(len(frame))
    for name in (each.name for each in CPU_BESIDES):
        bounds = "whole_cpu" if name.startswith("whole_") else "cpu"
        yield name, _cpu(frame, (name, f"{bounds}_below_s", f"{bounds}_above_s"), once, once * math.inf)


def _cpu(frame: pd.DataFrame, names: tuple[str, str, str], counts: _Numbers, wall_s: _Numbers) -> Cpu:
    """The mean over all windows whose CPU is known: `counts` of them and `wall_s` seconds in each block."""
    cpu_s, *bounds = (frame[name].to_numpy(float) for name in names)
    known = ~np.isnan(cpu_s)
    windows = float(counts[known].sum())
    if not windows:
        return Cpu()
    below_s, above_s = (float(np.nansum((bound * counts)[known])) for bound in bounds)
    found = CpuSum(float(cpu_s[known].sum()), int(windows), below_s, above_s)
    cores_used = found.total_s / float(wall_s[known].sum())
    idles = found.off_s < _CORES_WITHIN * float(wall_s[known].sum())
    return Cpu(
        mean_s=None if found.why_unknown else found.total_s / windows,
        cores_used=cores_used if idles or not found.why_unknown else None,
        below_s=below_s / windows if math.isfinite(below_s) else None,
        above_s=above_s / windows if math.isfinite(above_s) else None,
        reason=found.why_unknown,
    )


def _modes(frame: pd.DataFrame, cpu_s: float | None) -> dict[str, float | None]:
    """CPU of a warm round in user mode and in the kernel; unknown where the two together are another amount."""
    user_s, system_s = (_known(frame[name].sum(min_count=1)) for name in ("user_s", "system_s"))
    if cpu_s is None or user_s is None or system_s is None:
        return {"user_s": None, "system_s": None}
    rounds = float(frame["cpu_rounds"].sum())
    if abs((user_s + system_s) / rounds - cpu_s) > CPU_WITHIN * cpu_s:
        return {"user_s": None, "system_s": None}
    return {"user_s": user_s / rounds, "system_s": system_s / rounds}


def _known(value: float) -> float | None:
    return None if math.isnan(value) else float(value)


def _reason(kept: Sequence[Accounting], name: str, otherwise: str = NOT_RECORDED) -> str:
    """Why a field is unknown, as the first block says that says it."""
    field_name = name.replace("whole_", "whole ").removeprefix("start_").removeprefix("stop_")
    return next((each.unknown[field_name] for each in kept if field_name in each.unknown), otherwise)


def _most(names: Iterable[str]) -> str | None:
    """The name that occurs most."""
    counts = Counter(names)
    return max(counts, key=lambda name: counts[name], default=None)


def memory_per_worker(
    cases: Sequence[Case], frames: Mapping[str, pd.DataFrame], seed: int
) -> Iterator[tuple[Case, Estimate]]:
    """For cases that differ from others in nothing but workers: bytes that each extra worker adds.

    That is the slope of the peak of memory in warm rounds, a value a block, over the number of workers.
    """
    alike: dict[str, list[Case]] = {}
    for case in cases:
        if case.workers is not None and case.key in frames:
            alike.setdefault(replace(case, workers=None).key, []).append(case)
    for same in alike.values():
        peaks = {case.workers: frames[case.key]["peak_memory_bytes"].dropna().tolist() for case in same}
        estimate = slope_estimate({workers: each for workers, each in peaks.items() if workers is not None}, seed)
        if estimate is not None:
            yield from ((case, estimate) for case in same)

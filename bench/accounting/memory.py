"""The memory of a tree: its peak by the control group, or else put together from what single processes tell.

Without a group, memory is the sum of resident sets less what was shared when proportional sets were last read, or, of a
forked child, only what it touched itself; a peak between two samples is found by the high-water mark that the kernel
keeps of each process (VmHWM).
"""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from bench.accounting.reading import Reader, Reading, Sets
from bench.accounting.series import Sample
from bench.accounting.tree_snapshot import TreeSnapshot

_SETS_EVERY_S = 1.0
_SETS_SHARE_RUNNING, _SETS_SHARE_RESTING = 0.002, 0.02
"""Of the time since the start, while the tree works and while it rests."""
_SETS_COST_S, _SETS_COST_S_PER_BYTE = 0.0001, 3e-12
"""Of one process: 0.15 ms for a bare interpreter and 0.7 ms for one of 200 MiB, measured."""
NO_SAMPLE = "no sample fell into it, and processes were started meanwhile"
NO_GROUP = "control groups alone tell how much is cache of files, and none here counts memory"
NO_SETS = "proportional sets were not read near the peak: at most once a second, and only where that is cheap"


@dataclass(frozen=True, slots=True)
class SetsRead:
    """Sets and the moment they were read."""

    at_s: float
    sets: Sets


class SetsWatch:
    """Reads proportional and unique sets as often as is cheap: the kernel walks all pages of a process for them."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self._began_s = self._last_s = time.perf_counter()
        self._cost_s = 0.0
        self._factor = 1.0
        self.read: list[SetsRead] = []

    def read_if_cheap(self, reading: Reading, *, rests: bool) -> None:
        """Read them, right after `reading`, if it is time and there is time for it."""
        now = time.perf_counter()
        share = _SETS_SHARE_RESTING if rests else _SETS_SHARE_RUNNING
        guess_s = self._factor * (reading.processes * _SETS_COST_S + reading.rss_bytes * _SETS_COST_S_PER_BYTE)
        affordable = self._cost_s + guess_s <= share * (now - self._began_s)
        if not affordable or (not rests and now - self._last_s < _SETS_EVERY_S) or not reading.processes:
            return
        self.read.append(SetsRead(reading.at_s, self._reader.sets()))
        self._last_s = now
        took_s = time.perf_counter() - now
        self._cost_s += took_s
        self._factor *= took_s / guess_s


def of_window(
    before: TreeSnapshot, after: TreeSnapshot, inside: Sequence[Sample], sets: Sequence[SetsRead], origin_s: float
) -> tuple[dict[str, Any], dict[str, str]]:
    """Memory fields of `bench.records.use.Window`, and why some are None; `inside` are its samples, both ends with them."""
    started = before.machine_starts is None or before.machine_starts != after.machine_starts
    seen = len(inside) > 2 or not started
    highest = max(inside, key=lambda each: each.rss_bytes)
    read = [each for each in sets if before.reading.at_s <= each.at_s <= after.reading.at_s]
    near, why_no_sets = _sets_at(highest, read, origin_s)
    found = {
        "rss_bytes": (highest.rss_bytes, "") if seen else (None, NO_SAMPLE),
        "peak_memory_bytes": _peak(before, after, inside if seen else ()),
        "file_cache_bytes": (after.file_cache_bytes, NO_GROUP if after.file_cache_bytes is None else ""),
        "pss_bytes": (near.pss_bytes, why_no_sets),
        "uss_bytes": (near.uss_bytes, why_no_sets),
    }
    return {name: value for name, (value, _) in found.items()}, {name: why for name, (_, why) in found.items() if why}


def _sets_at(sample: Sample, read: Sequence[SetsRead], origin_s: float) -> tuple[Sets, str]:
    """The sets that were read nearest to a sample, of as many processes as it has, and why some are unknown."""
    alike = [each for each in read if each.sets.processes == sample.processes]
    nearest = min(alike, key=lambda each: abs(each.at_s - origin_s - sample.at_s), default=None)
    if nearest is None:
        return Sets(None, None, 0), NO_SETS
    return nearest.sets, "not all were told" if nearest.sets.pss_bytes is None else ""


def _peak(before: TreeSnapshot, after: TreeSnapshot, inside: Sequence[Sample]) -> tuple[int | None, str]:
    """The highest memory between two snapshots, and why it is unknown; `inside` is empty where no sample tells."""
    if after.file_cache_bytes is not None:  # there is a group
        hidden = "this kernel keeps one peak for the whole block, and an earlier one hides it"
        return after.group_peak_bytes, hidden if after.group_peak_bytes is None else ""
    if not inside:
        return None, NO_SAMPLE
    return max(*(each.memory_bytes for each in inside), inside[-1].memory_bytes + rise(before, after)), ""


def rise(before: TreeSnapshot, after: TreeSnapshot) -> int:
    """How far above its present memory a process was between two snapshots, unseen by samples: the largest of all."""
    most = 0
    for who, each in after.processes.items():
        earlier = before.processes.get(who)
        known = earlier.peak_rss_bytes or 0 if earlier is not None else 0
        if each.peak_rss_bytes is not None and each.peak_rss_bytes > known:
            most = max(most, each.peak_rss_bytes - each.rss_bytes)
    return most

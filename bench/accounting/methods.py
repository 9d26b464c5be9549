"""How the numbers of a block were made and how far they can be from the truth, in words and figures.

The figures are what `doctor --prove` holds them to, with programs whose use is known (docs/accuracy.md).
"""

from dataclasses import dataclass, field
from typing import Any

from bench.accounting.reading import Counters, Identity, Reading
from bench.accounting.tree_snapshot import SelfReport
from bench.records.use import Method

_EDGE_S = 0.0005
"""What a snapshot lets in of the processes' own work at the edges of a window."""
_JOINING_S = 0.003
"""From the fork to the group: 0.9 ms as a rule, at most 1.8 ms in 60 commands."""
_MIB = 1 << 20
_LEAST_READINGS = 3
"""Of the tree, the one at its beginning among them: before the third, nobody has looked at signals."""


@dataclass(slots=True)
class Evidence:
    """What was seen of a block that bears on how exact its numbers are."""

    tick_s: float
    reader: str
    root: int | None = None
    readings: int = 0
    ignores_children: bool = False
    waited: set[Identity] = field(default_factory=set)
    """Processes, but for those that tell, which waited for children: their CPU comes in ticks."""
    processes: set[Identity] = field(default_factory=set)

    def note_reading(self, reading: Reading) -> None:
        """Take in a reading."""
        if reading.ignores_children is not None:
            self.readings += 1
            self.ignores_children |= reading.ignores_children

    @property
    def may_lose_children(self) -> bool:
        """Whether a process may have ignored SIGCHLD: it was seen to, or nobody could look."""
        return self.ignores_children or self.readings < _LEAST_READINGS

    def note(self, processes: dict[Identity, Counters], report: SelfReport | None) -> None:
        """Take in what the processes tell at a snapshot."""
        for who, each in processes.items():
            self.processes.add(who)
            self.ignores_children |= each.ignores_children
            if each.reaped_minor_faults and not (report is not None and who.pid == report.pid):
                self.waited.add(who)


def of_cpu(layer: str, evidence: Evidence, *, whole: bool = False) -> Method:
    """The method of a CPU number made by `layer`, of a window or of the whole block."""
    if layer.startswith("cgroup"):
        text = "all processes of the control group, however they end; exact to 0.5 ms"
        if whole:
            return Method(layer, f"{text}, but for what the first one used before it joined", _JOINING_S, _EDGE_S)
        return Method(layer, text, _EDGE_S, _EDGE_S)
    below: float | None
    if layer == "wait4":
        below = None if evidence.may_lose_children else _EDGE_S
        text = "all processes that somebody waits for; exact to 0.5 ms"
    elif layer == "ledger":
        coarse = 2 * evidence.tick_s * len(evidence.waited)
        below = None if evidence.may_lose_children else _EDGE_S + coarse
        text = f"living processes to the nanosecond; children that {len(evidence.waited)} of them waited for, in ticks"
    else:
        below = None
        text = f"what psutil last saw, in ticks of {evidence.tick_s * 1000:g} ms"
    if below is None:
        text += "; a lower bound" + (": a process ignores SIGCHLD" if evidence.ignores_children else "")
        text += "" if evidence.ignores_children or layer == "psutil" else ": a process may have ignored SIGCHLD"
    else:
        text += "; as far as was seen, none ignored SIGCHLD"
    above = _EDGE_S if layer != "psutil" else 2 * evidence.tick_s * max(1, len(evidence.processes))
    return Method(layer, text, below, above)


def of_group_memory(layer: str, peak_bytes: int, cache_bytes: int) -> Method:
    """The method of memory by control group."""
    text = (
        "peak of the control group: the processes' pages, each once, and what the kernel holds for them; cache of files "
        "and tmpfs count too"
    )
    return Method(layer, text, 4 * _MIB, round(0.02 * peak_bytes) + 4 * _MIB + cache_bytes)


def of_added_memory(layer: str, peak_bytes: int, least_bytes: int, most_bytes: int | None) -> Method:
    """The method of memory added up from single processes, between the least and the most it can have been."""
    text = (
        "sum of resident sets less what was shared when proportional sets were last read (of forked children without "
        "such a reading: what they touched), at the highest sample, and each process's own high-water mark"
        if layer == "ledger"
        else "sum of resident sets at the highest sample: pages shared count once for each process"
    )
    below = None if most_bytes is None else max(0, most_bytes - peak_bytes)
    if below is None:
        text += "; processes that lived between two samples are not in it"
    return Method(layer, text, below, max(0, peak_bytes - least_bytes))


def rounded(values: dict[str, Any]) -> dict[str, Any]:
    """Seconds to the microsecond, which is finer than any clock behind them."""
    return {name: round(each, 6) if isinstance(each, float) else each for name, each in values.items()}

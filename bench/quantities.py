"""The quantities of a case: what each is called, how the rounds of a block become one number, and how it is shown.

A quantity is a field of `bench.records.use.Window` and an entry of `QUANTITIES`. Frames, costs, tables, CSV, comparisons,
exports and their headings follow from the entry.
"""

import statistics
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from bench import units
from bench.records.block import Block

Reduction = Callable[[Sequence[float]], float]
_UNITS = {"_s": "s", "_bytes": "B"}
_SHOWN: dict[str, Callable[[float | None], str]] = {"s": units.seconds, "B": units.size, "": units.tally}


@dataclass(frozen=True, slots=True)
class Words:
    """What a quantity is called where two sides are compared by it; nothing where none are."""

    asked: str = ""
    """By `--quantity`, in run files and in JSON."""
    short: str = ""
    full: str = ""
    """In a sentence that does not say that it is of a round."""

    @property
    def precise(self) -> str:
        """In one that does."""
        return self.full.removesuffix(" of a round")


_NO_WORDS = Words()


@dataclass(frozen=True, slots=True)
class Quantity:
    """A number for each block of a case."""

    name: str
    """In frames, in `bench.analysis.cost.Cost` and in CSV; its ending is its unit."""
    heading: str
    """Above a column of a table."""
    told: Callable[[Block], Iterable[float | None]]
    """What the windows of a block say of it, for one call of the strategy; None where they do not know it."""
    reduce: Reduction
    """The number of a block from those of its windows that know it."""
    words: Words = _NO_WORDS

    @property
    def unit(self) -> str:
        """Its SI unit, `s` or `B`; empty for a number of things."""
        return next((unit for ending, unit in _UNITS.items() if self.name.endswith(ending)), "")

    @property
    def shown(self) -> Callable[[float | None], str]:
        """Makes text of it."""
        return _SHOWN[self.unit]

    def known(self, block: Block) -> list[float]:
        """What those windows of the block say that know it."""
        return [each for each in self.told(block) if each is not None]

    def of(self, block: Block) -> float | None:
        """The number of a block; None where none of its windows knows it."""
        known = self.known(block)
        return self.reduce(known) if known else None


def mean(values: Sequence[float]) -> float:
    """The sum over all by their number: of CPU, because a single round may be too short for its clock."""
    return sum(values) / len(values)


def elapsed_s(block: Block) -> list[float]:
    """What a call took in each warm round by the clock, seconds: for whoever plans time, or compares with a first round."""
    return [each.wall_s / calls for each, calls in zip(block.rounds[1:], block.calls[1:], strict=True)]


def elapsed_call_s(block: Block) -> float:
    """What a call took by the clock in the median warm round, seconds."""
    return statistics.median(elapsed_s(block))


def times_s(block: Block) -> list[float]:
    """What a call took in each warm round, seconds, without what the rounds waited for a CPU that others used.

    What a neighbour takes away is none of the code's doing. Where the waits are not known of each round, the clock's time.
    What is compared with each other has to be alike: where one side's waits are unknown, both are `elapsed_s`.
    """
    return elapsed_s(block) if block.undelayed_wall_s is None else block.undelayed_wall_s


def _in_rounds(name: str, heading: str, reduce: Reduction, words: Words = _NO_WORDS) -> Quantity:
    """What a field of the warm rounds says."""
    return Quantity(name, heading, lambda block: block.warm_values(name), reduce, words)


def _besides(part: str, name: str, heading: str) -> Quantity:
    """What a field of another window of the block says, its start, its stop or all of it."""

    def told(block: Block) -> Iterable[float | None]:
        window = getattr(block, part)
        return () if window is None else (getattr(window, name),)

    return Quantity(f"{part}_{name}", heading, told, statistics.median)


TIME = Quantity("wall_s", "round", times_s, statistics.median, Words("time", "time", "time of a round"))
CPU = _in_rounds("cpu_s", "CPU", mean, Words("cpu", "CPU", "CPU of a round"))
"""Seconds of the whole tree of processes."""
MODES = (_in_rounds("user_s", "user", mean), _in_rounds("system_s", "system", mean))
"""The two parts of the CPU."""
MEMORY = _in_rounds("peak_memory_bytes", "memory", max, Words("memory", "memory", "peak memory"))
"""The most that the tree held at a moment."""
HELD = (
    MEMORY,
    _in_rounds("file_cache_bytes", "file cache in it", max),
    _in_rounds("rss_bytes", "Σ RSS", max),
    _in_rounds("pss_bytes", "Σ PSS", max),
    _in_rounds("uss_bytes", "Σ USS", max),
)
"""Memory: the highest of the rounds."""
SWITCHES = _in_rounds("voluntary_switches", "waits", statistics.median)
"""Of threads that waited for something."""
COUNTED = (
    SWITCHES,
    _in_rounds("involuntary_switches", "pre-emptions", statistics.median),
    _in_rounds("minor_faults", "minor faults", statistics.median),
    _in_rounds("major_faults", "major faults", statistics.median),
    _in_rounds("read_bytes", "read", statistics.median),
    _in_rounds("written_bytes", "written", statistics.median),
    _in_rounds("processes_started", "processes started", statistics.median),
    _in_rounds("threads_started", "threads started", statistics.median),
)
"""What the kernel counts: the middle of the rounds."""
CPU_BESIDES = (
    _besides("start", "cpu_s", "CPU of start"),
    _besides("stop", "cpu_s", "CPU of stop"),
    _besides("whole", "cpu_s", "CPU of block"),
)
WHOLE_MEMORY = _besides("whole", "peak_memory_bytes", "memory of block")
QUANTITIES = (TIME, CPU, *MODES, *HELD, *COUNTED, *CPU_BESIDES, WHOLE_MEMORY)
"""All of them, in the order in which tables and CSV have them."""
COMPARED = {each.words.asked: each for each in QUANTITIES if each.words.asked}
"""What two sides can be compared by, by what it is asked for by."""

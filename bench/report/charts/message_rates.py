"""How much strategies move of messages of different sizes: workloads that differ in the size of a message alone, and a rate for each case."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from bench.analysis.estimates import Estimate, inverse, scaled
from bench.analysis.groups import Group, labels
from bench.analysis.summary import Summary
from bench.report.kit.families import Family, family


@dataclass(frozen=True, slots=True)
class SizeFamily:
    """Stream workloads whose names differ in their last part only, and which move messages of different sizes."""

    name: str
    """What their names begin with."""
    scale: str
    groups: tuple[Group, ...]


@dataclass(frozen=True, slots=True)
class Point:
    """A case, and how much it moves."""

    group: Group
    summary: Summary
    size_bytes: float
    """Of a message."""
    messages_per_s: Estimate

    @property
    def bytes_per_s(self) -> Estimate:
        """Of what the messages hold."""
        return scaled(self.messages_per_s, self.size_bytes)


Lines = dict[str, list[Point]]
"""The points of each strategy and variant by size, under a short name."""


def families(groups: Sequence[Group]) -> list[SizeFamily]:
    """The families of a run with two sizes or more. A round trip is not a message, so such workloads are in none."""
    found: dict[tuple[str, str, str], list[Group]] = {}
    for group in groups:
        if group.pattern == "stream" and not any(each.latencies for each in group.cases):
            beginning = group.workload.rpartition("_")[0]
            found.setdefault((beginning, group.scale, group.setting), []).append(group)
    made = [
        SizeFamily(f"{name} {setting}".strip(), scale, tuple(those)) for (name, scale, setting), those in found.items()
    ]
    return [each for each in made if each.name and len({point.size_bytes for point in points_of(each)}) > 1]


def is_reference(point: Point) -> bool:
    """Whether what is handed on is a reference, as between threads."""
    return family(point.summary.case.strategy) is Family.THREADS


def points_of(those: SizeFamily) -> Iterator[Point]:
    """The cases that have a time, in the order of the run."""
    for group in those.groups:
        for each in group.cases:
            if each.wall is not None and each.payload_bytes and each.tasks:
                rate = inverse(each.wall, each.tasks)
                yield Point(group, each, each.payload_bytes / each.tasks, rate)


def lines_of(those: SizeFamily) -> Lines:
    """These cases by the name of their strategy and variant."""
    names = labels([each for group in those.groups for each in group.cases])
    found: Lines = {}
    for point in sorted(points_of(those), key=lambda each: each.size_bytes):
        found.setdefault(names[point.summary.case.key], []).append(point)
    return found


def sizes_of(lines: Lines) -> list[float]:
    """The sizes of messages in bytes, from the smallest."""
    return sorted({point.size_bytes for points in lines.values() for point in points})


def most_of(lines: Lines, size: float) -> tuple[str, Point]:
    """Who moves most messages of this size, under its name; there has to be one."""
    there = [(name, each) for name, points in lines.items() for each in points if each.size_bytes == size]
    return max(there, key=lambda one: one[1].messages_per_s.centre)

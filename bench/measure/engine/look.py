"""Looks at a workload beside its blocks: whether its results come from a cache, and whether its rounds get inputs of their own.

Each is an errand of a fresh host (`bench.measure.host.errands`). Nothing of it is part of any time.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from bench.facts import caching
from bench.measure.plan.cases import PlannedCase
from bench.measure.wire.requests import BlockSettings
from bench.records.block import Block
from bench.records.result import Repeats

if TYPE_CHECKING:
    from bench.measure.engine.runner import Measurer


class Look:
    """What is found of each work, looked up once."""

    def __init__(self, measurer: "Measurer") -> None:
        """Nothing is looked at yet."""
        self._measurer = measurer
        self._found: dict[str, Repeats | None] = {}

    def into(self, case: PlannedCase, block: Block) -> Block:
        """The block with what shows where its results come from, if its warm rounds are far faster than the first."""
        if case.workload.pattern != "map" or self._measurer.gives_fresh_inputs or not caching.is_faster_warm(block):
            return block
        return replace(block, repeats=self.at(case))

    def at(self, case: PlannedCase) -> Repeats | None:
        """How fast second calls of its task are; None where there was no telling."""
        if case.work not in self._found:
            self._found[case.work] = sent(self._measurer, case, "repeats").repeats
        return self._found[case.work]


def not_fresh(measurer: "Measurer", planned: Sequence[PlannedCase]) -> dict[str, str]:
    """Why rounds cannot get inputs of their own, by name of the workload; of those that make their inputs themselves."""
    found = {}
    for case in {each.work: each for each in planned if not each.unavailable}.values():
        if case.workload.pattern != "map":
            found[case.workload.name] = (
                f"{case.workload.name} is of the pattern {case.workload.pattern}, which has no inputs"
            )
        elif not case.workload.needs_inputs:
            block = sent(measurer, case, "freshness")
            if block.raised == "NotFreshError":
                found[case.workload.name] = block.reason
    return found


def sent(measurer: "Measurer", case: PlannedCase, errand: str) -> Block:
    """What a host brought back from an errand, as a block without rounds."""
    if unprepared := measurer.unprepared(case, 0):
        return unprepared
    measurer.begin(case, 0, 0, BlockSettings(errand=errand))
    while (block := measurer.take()) is None:
        pass
    return block

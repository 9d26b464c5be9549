"""What is said of a run while its blocks come: what went wrong, and what can be done with what is kept."""

from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

from bench.analysis.compared import shortfall
from bench.analysis.faults import CONTROL
from bench.naming import names_of
from bench.records.block import Block, Outcome
from bench.records.case import Case
from bench.records.run import Addition, Plan
from bench.sessions.again import to_finish, to_see
from bench.store.additions import with_addition
from bench.units import blocks_of


class RunNews:
    """Of a run, or of strategies under faults."""

    def __init__(self, plan: Plan, again: Sequence[str] = (), earlier: Sequence[Block] = ()) -> None:
        """At the beginning of the run, or of the rest of one.

        Args:
            plan: what the blocks are of.
            again: the user's own sources and inputs, as they have to be given to finish the run.
            earlier: what is in the file already.
        """
        self._again = again
        self._know(plan)
        self._compared: set[str] = set()  # workloads of which it is said that there was no time for all
        self.kept = 0
        self._counts: Counter[str] = Counter()
        self._ended: set[str] = set()  # cases that get no more blocks
        for each in earlier:
            self._count(each)
        self.has_failed = any(_has_failed(block, self._cases[block.case], plan) for block in earlier)

    def take_on(self, addition: Addition) -> None:
        """There are more cases from here on."""
        self._know(with_addition(self._plan, addition))

    def _know(self, plan: Plan) -> None:
        self._plan = plan
        self._cases = {case.key: case for case in plan.cases}
        self._names = names_of(plan.cases)
        self.planned = plan.blocks

    def _count(self, block: Block) -> None:
        self.kept += 1
        self._counts[block.case] += 1
        if block.outcome is not Outcome.OK:
            self._ended.add(block.case)

    def add(self, block: Block) -> Iterator[str]:
        """Count a block that was stored; the lines that are said of it."""
        self._count(block)
        case, name = self._cases[block.case], self._names[block.case]
        if _has_failed(block, case, self._plan):
            self.has_failed = True
            yield f"{name}: {block.outcome}: {block.reason}"
        if (few := shortfall(block)) and case.workload not in self._compared:
            self._compared.add(case.workload)
            yield f"{name}: {few}"

    def stands(self, block: Block) -> str:
        """The case that was measured last."""
        return self._names[block.case]

    @property
    def counted(self) -> str:
        """How many blocks are kept."""
        if self._is_whole:
            return f"all {self.kept} blocks"
        wanted = self._plan.repetitions
        of_plan = self.kept if self.planned is None else sum(min(each, wanted) for each in self._counts.values())
        return blocks_of(of_plan, self.planned)

    def what_now(self, path: Path) -> str:
        """How to finish it, or to see it where all is there."""
        return to_see(path) if self._is_whole else to_finish("run", self._again, path)

    @property
    def _is_whole(self) -> bool:
        """Whether each case has as many blocks as are planned; a base may have more, where not all were measured at once."""
        wanted = self._plan.repetitions
        return self.planned is not None and all(
            self._counts[key] >= wanted or key in self._ended for key in self._cases
        )


def _has_failed(block: Block, case: Case, plan: Plan) -> bool:
    """Whether a case went wrong that should not have: demonstrations are to be wrong, and faults to fail."""
    if block.outcome in (Outcome.OK, Outcome.UNAVAILABLE):
        return False
    if plan.works[case.workload].fault:
        return case.workload == CONTROL
    return not (case.strategy in plan.demonstrations and block.outcome is Outcome.WRONG)

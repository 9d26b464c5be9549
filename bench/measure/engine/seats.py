"""Who measures: as many supervisors as an ensemble has hosts, kept from one ensemble to the next."""

from collections.abc import Sequence
from contextlib import ExitStack
from types import TracebackType
from typing import Self

from bench.measure.engine.look import not_fresh
from bench.measure.engine.runner import Measurer, Progress
from bench.measure.plan.cases import PlannedCase
from bench.records.conditions import Conditions


class Seats:
    """Measurers, for as long as the context lasts; all share what the first has prepared and kept."""

    def __init__(
        self, conditions: Conditions, progress: Progress, *, inputs: str | None = None, keep_paths: bool = False
    ) -> None:
        """None yet; what each measurer gets is as `Measurer` has it."""
        self._conditions = conditions
        self._inputs = inputs
        self._keep_paths = keep_paths
        self._progress = progress
        self._stack = ExitStack()
        self._measurers: list[Measurer] = []

    @property
    def first(self) -> Measurer:
        """The one that prepares, keeps and runs errands."""
        return self.taken(1)[0]

    def taken(self, count: int) -> Sequence[Measurer]:
        """So many of them; those that were not there are started."""
        while len(self._measurers) < count:
            beside = self._measurers[0] if self._measurers else None
            measurer = Measurer(
                self._conditions, self._progress, beside, inputs=self._inputs, keep_paths=self._keep_paths
            )
            self._measurers.append(self._stack.enter_context(measurer))
        return self._measurers[:count]

    def prepare(self, planned: Sequence[PlannedCase]) -> None:
        """Start the preparation of every workload that has one; a failure becomes the outcome of its cases."""
        self.first.prepare(planned)

    def not_fresh(self, planned: Sequence[PlannedCase]) -> dict[str, str]:
        """Why rounds cannot get inputs of their own, by name of the workload."""
        return not_fresh(self.first, planned)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for each in self._measurers:  # all of them before the first is waited for
            each.dismiss()
        self._stack.__exit__(kind, error, trace)

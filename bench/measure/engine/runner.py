"""The command's end of measuring: drives the supervisor through a run and hands each block on as it ends.

It draws nothing and stores nothing itself: `progress` is told where the run stands, and `blocks` yields records.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from bench.errors import StorageError
from bench.measure.engine.received import received
from bench.measure.engine.supervision import Supervision, SupervisorLost
from bench.measure.host.inputs import located
from bench.measure.plan import reasons
from bench.measure.plan.cases import PlannedCase
from bench.measure.plan.site import here
from bench.measure.supervisor.turns import LEAVE
from bench.measure.wire.requests import ALONE, BlockRequest, BlockSettings, FileRequest, PreparationRequest
from bench.processes import interruption
from bench.records.block import Block, Outcome
from bench.records.conditions import Conditions

if TYPE_CHECKING:
    from bench.measure.wire.words import Answer, Grant

Progress = Callable[[str], None]
_COMPARE_SHARE, _COMPARE_BUDGET_SHARE, _ALONE_SHARE = 1 / 6, 1 / 10, 1 / 3


@dataclass(slots=True)
class Kept:
    """What the blocks of a run share, and a supervisor keeps for them."""

    prepared: dict[str, tuple[PlannedCase, Any]] = field(default_factory=dict)
    """What preparations gave, and of which case, by preparation."""
    unprepared: dict[str, str] = field(default_factory=dict)
    """Why a preparation failed."""
    files: dict[str, str] = field(default_factory=dict)
    """Where results of plain loops are, by `PlannedCase.results`."""


class Measurer:
    """A supervisor and what it prepared, for as long as the context lasts."""

    def __init__(
        self,
        conditions: Conditions,
        progress: Progress,
        beside: "Measurer | None" = None,
        *,
        inputs: str | None = None,
        keep_paths: bool = False,
    ) -> None:
        """Start the supervisor.

        Args:
            conditions: what holds for every block.
            progress: told where the run stands.
            beside: another one, whose preparations and kept results this one shares; by default it has its own.
            inputs: the user's inputs for a plain function: a file or a range.
            keep_paths: whether reasons may name folders.
        """
        self._keeper = beside or self
        self.kept: Kept = beside.kept if beside else Kept()
        self._conditions = conditions
        self._inputs = located(inputs)
        self._keep_paths = keep_paths
        self._progress = progress
        self._here = here()
        self.awaits_turn = False
        """Whether the block that was begun waits for `grant`."""
        self.is_leaving = False
        """Whether all of the block is measured; it will have ended soon."""
        self.took_s = 0.0
        """What a call took in its last round, seconds."""
        self.most_calls = 1
        """That its next round may have."""
        self._supervisor = Supervision()
        self._begun = ("", 0, "")
        """Case, repetition and arm of the last block."""

    def __enter__(self) -> Self:
        interruption.hold()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            self._supervisor.close()
        finally:
            interruption.release()

    def prepare(self, planned: Sequence[PlannedCase]) -> None:
        """Start the preparation of every workload that has one; a failure becomes the outcome of its cases."""
        first: dict[str, PlannedCase] = {}
        for each in planned:
            if each.workload.prepares and not each.unavailable:
                first.setdefault(each.preparation, each)
        for case in first.values():
            self._prepare(case)

    def _prepare(self, case: PlannedCase) -> None:
        self._progress(f"preparing {case.workload.name}")
        site = case.site or self._here
        request = PreparationRequest(
            id=case.preparation,
            workload=case.workload.name,
            workload_source=case.workload.source,
            scale=case.case.scale,
            conditions=self._conditions,
            site=site,
            environment={**site.environment},
        )
        self._supervisor.begin(request)
        try:
            answer: Answer = {}
            while not answer.keys() & {"prepared", "error"}:
                answer = self._next_answer() or {}
        except SupervisorLost as lost:
            self.kept.unprepared[case.preparation] = str(lost)
            self._go_on()
            return
        if "prepared" in answer:
            self.kept.prepared[case.preparation] = case, answer["prepared"]
        else:
            self.kept.unprepared[case.preparation] = str(answer["error"])

    def _go_on(self) -> None:
        """Go on with another supervisor, and all that was prepared for the old one prepared again."""
        self.awaits_turn = False
        self._supervisor.replace()
        if self._keeper is self:
            again = [case for case, _ in self.kept.prepared.values()]
            self.kept.prepared.clear()
            self.kept.files.clear()
            self.prepare(again)

    def block(self, case: PlannedCase, repetition: int, rounds: int) -> Block:
        """Measure one block; never raises for what the measured code does."""
        if unprepared := self.unprepared(case, repetition):
            return unprepared
        if repetition == 0:
            self.make_file(case)
        self.begin(case, repetition, rounds, BlockSettings(is_first=repetition == 0))
        while (block := self.take()) is None:
            pass
        return block

    def unprepared(self, case: PlannedCase, repetition: int) -> Block | None:
        """The block of a case whose preparation has failed; None where it has not."""
        reason = self.kept.unprepared.get(case.preparation)
        if reason is None:
            return None
        reason = self.publishable(f"preparing {case.workload.name}: {reason}")
        return Block(case.case.key, repetition, Outcome.FAILED, arm=case.arm, reason=reason)

    def begin(self, case: PlannedCase, repetition: int, rounds: int, settings: BlockSettings = ALONE) -> None:
        """Have a block measured; `take` has it, once `answers` can be read."""
        self._begun, self.is_leaving = (case.case.key, repetition, case.arm), False
        self.took_s, self.most_calls = 0.0, 1
        self._supervisor.begin(self._request(case, repetition, rounds, settings))

    def make_file(self, case: PlannedCase) -> None:
        """Have a place where the results of a plain loop over the case's work are kept. No block may be under way meanwhile."""
        if case.results in self.kept.files:
            return
        if self._keeper is not self:
            self._keeper.make_file(case)
            return
        self._supervisor.begin(FileRequest(case.results))
        try:
            self.kept.files[case.results] = (self._next_answer() or {})["file"]
        except SupervisorLost:  # the block will do without
            self._go_on()

    def grant(self, calls: int = 1, untimed: int = 0) -> None:
        """Let the block go on with the window that it waits for: a round of so many calls, after so many that are not timed."""
        self.awaits_turn = False
        granted: Grant = {"calls": calls, "untimed": untimed}
        self._supervisor.send(granted)

    def leave_out(self) -> None:
        """End the block that waits for its turn; there will be none."""
        self.awaits_turn = False
        self._supervisor.send(LEAVE)
        try:
            while "left" not in (self._next_answer() or {}):
                pass
        except SupervisorLost:
            self._go_on()

    def dismiss(self) -> None:
        """Tell the supervisor to end what it does and leave; this does not wait for it."""
        self._supervisor.dismiss()

    def look(self) -> None:
        """For who waits for `answers`, now and then: a supervisor that stands still is ended, and so `take` has its block."""
        self._supervisor.look()

    @property
    def answers(self) -> int:
        """The descriptor on which the supervisor answers."""
        return self._supervisor.answers

    def take(self) -> Block | None:
        """Wait for the next word of the supervisor: the block, or None where it only said how far it is or waits.

        Where the supervisor is gone, the block is one that was killed, and another supervisor is there.
        """
        try:
            answer = self._next_answer()
        except SupervisorLost as lost:
            self._go_on()
            key, repetition, arm = self._begun
            return Block(key, repetition, Outcome.KILLED, arm=arm, reason=self.publishable(str(lost)))
        if answer is None or "block" not in answer:
            return None
        return received(answer["block"], self._begun, self.publishable)

    @property
    def gives_fresh_inputs(self) -> bool:
        """Whether each round of a block gets inputs of its own."""
        return self._conditions.fresh_rounds > 0

    def publishable(self, reason: str) -> str:
        """A reason as the run file may hold it."""
        return reasons.kept(reason, keep_paths=self._keep_paths)

    def _request(self, case: PlannedCase, repetition: int, rounds: int, settings: BlockSettings) -> BlockRequest:
        """All that the supervisor and the host need to know of a block."""
        site = case.site or self._here
        is_baseline, is_fresh = case.is_baseline, self.gives_fresh_inputs
        plain = self.kept.files.get(case.results)
        return BlockRequest(
            workload=case.workload.name,
            workload_source=case.workload.source,
            scale=case.case.scale,
            conditions=self._conditions,
            inputs=self._inputs,
            prepared=self.kept.prepared.get(case.preparation, (case, None))[1],
            case=case.case.key,
            arm=case.arm,
            repetition=repetition,
            rounds=rounds,
            strategy=case.strategy.name,
            strategy_source=case.strategy.source,
            workers=case.case.workers,
            options=case.case.options,
            site=site,
            environment={**site.environment, **settings.environment, **case.environment},
            settings=settings,
            fault=bool(case.workload.fault),
            plain=plain,
            keeps=plain is not None and settings.is_first and is_baseline and not case.arm,
            verifies=settings.is_first and not is_baseline,
            compare_s=compare_s(self._conditions),
            times_alone=is_baseline and not (case.workload.fault or case.arm or is_fresh),
            alone_s=alone_s(self._conditions),
        )

    def _next_answer(self) -> "Answer | None":
        """The next message; None where it was a word on the progress.

        Raises:
            SupervisorLost: if the supervisor is gone.
        """
        answer = self._supervisor.receive()
        if "refused" in answer:
            raise StorageError(answer["refused"])
        if "turn" in answer:
            self.awaits_turn = True
            self.took_s, self.most_calls = answer.get("took_s", 0.0), answer.get("most_calls", 1)
            return None
        if "leaving" in answer:
            self.is_leaving = True
            return None
        if "progress" not in answer:
            return answer
        self._progress(answer["progress"])
        self._supervisor.send("drawn")
        return None


def unavailable(case: PlannedCase, publish: Callable[[str], str]) -> Block:
    """The record of a case that cannot be measured here; `publish` gives its reason as the run file may hold it."""
    return Block(case.case.key, 0, Outcome.UNAVAILABLE, arm=case.arm, reason=publish(case.unavailable))


def compare_s(conditions: Conditions) -> float:
    """How long a block may compare its results with those of a plain loop: a share of the time limit, and of the budget."""
    limit_s = _COMPARE_SHARE * conditions.time_limit_s
    return limit_s if conditions.budget_s is None else min(limit_s, _COMPARE_BUDGET_SHARE * conditions.budget_s)


def alone_s(conditions: Conditions) -> float:
    """How long all tasks may take one by one, to be timed: a round of a loop that does two within the time limit."""
    return _ALONE_SHARE * conditions.time_limit_s

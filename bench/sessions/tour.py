"""The tour for teachers: a run for each lesson, one after the other, in the time there is. Each is a run like any other."""

import multiprocessing
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path

from bench.analysis.tour.lessons import LESSONS, SCALE, Lesson
from bench.errors import UsageError
from bench.machine import environment
from bench.measure.engine.faults import AT_ONCE
from bench.measure.engine.time_limit import TimeLimit
from bench.measure.plan.cases import Selection
from bench.processes import interruption
from bench.records.conditions import Conditions
from bench.selection import chosen
from bench.sessions.faults import FaultRequest, put_through
from bench.sessions.progress import Progress
from bench.sessions.recording import Measured
from bench.sessions.run import measure
from bench.sessions.run_request import PRECISION, RunRequest
from bench.store.runs import check_writable

_SEED, _SAMPLE_HZ = 1, 20.0
_PAGE_S = 12.0
"""What the page takes after the last lesson."""
_AROUND_A_FAULT_S = 6.0
"""What a lesson about a fault takes beside the time limit: starting up, looking whether the CPU is used, ending what hangs."""
_LEAST_S = 1.0
"""Less is no time for a lesson."""
_NO_TIME = "there was no time for it; give the tour more with --budget"


@dataclass(frozen=True, slots=True)
class TourRequest:
    """What the user wants."""

    lessons: Sequence[str]
    """Their names; all if empty."""
    budget_s: float
    """For the whole command, the page included."""
    time_limit_s: float
    """Of a block."""
    results: Path


@dataclass(frozen=True, slots=True)
class Taken:
    """A lesson that is over."""

    lesson: Lesson
    measured: Measured | None
    """None where nothing was."""
    reason: str = ""
    """Why not."""


@dataclass(frozen=True, slots=True)
class Tour:
    """All lessons that were asked for."""

    taken: list[Taken]
    interrupted: bool

    @property
    def has_failed(self) -> bool:
        """Whether a case went wrong that should not have, or what is measured was edited."""
        return any(
            each.measured is not None and (each.measured.has_failed or each.measured.edited) for each in self.taken
        )


def take(request: TourRequest, progress_of: Callable[[], AbstractContextManager[Progress]]) -> Tour:
    """Measure the lessons; what is finished is in run files, whatever happens then.

    Args:
        request: what the user wants.
        progress_of: makes what a lesson is told to while it goes on.

    Raises:
        BenchError: for a wrong request, where no lesson can be measured, or where results cannot be stored.
        Interrupted: if the command is, before anything is measured.
    """
    limit = TimeLimit(time.monotonic(), request.budget_s - _PAGE_S)
    lessons = chosen("lesson", LESSONS, request.lessons)
    check_writable(request.results)
    taken: list[Taken] = []
    interrupted = False
    with interruption.held():
        try:
            taken.extend(_through(lessons, request, limit, progress_of))
            interruption.wait([], 0)  # what came after the last block
        except interruption.Interrupted:
            interrupted = True
    interrupted |= any(each.measured is not None and each.measured.interrupted for each in taken)
    if not any(each.measured is not None for each in taken):
        if interrupted:
            raise interruption.Interrupted
        raise UsageError("; ".join(f"{each.lesson.name}: {each.reason}" for each in taken))
    rest = [Taken(each, None, "the tour was interrupted before it") for each in lessons[len(taken) :]]
    return Tour(taken + rest, interrupted)


def _through(
    lessons: Sequence[Lesson],
    request: TourRequest,
    limit: TimeLimit,
    progress_of: Callable[[], AbstractContextManager[Progress]],
) -> Iterator[Taken]:
    cores, _ = environment.default_workers()
    for number, lesson in enumerate(lessons):
        share_s = share_of(lessons[number:], limit.left_s)
        reason = why_not(lesson, cores, multiprocessing.get_all_start_methods())
        if reason or share_s < _LEAST_S:
            yield Taken(lesson, None, reason or _NO_TIME)
            continue
        with progress_of() as progress:
            progress.line(f"{number + 1} of {len(lessons)}: {lesson.title}")
            taken = _taken(lesson, share_s, request, progress)
        yield taken
        if taken.measured is not None and taken.measured.interrupted:
            return


def _taken(lesson: Lesson, share_s: float, request: TourRequest, progress: Progress) -> Taken:
    try:
        if lesson.time_limit_s is not None:
            return Taken(lesson, put_through(_fault_request(lesson, lesson.time_limit_s, request), progress))
        return Taken(lesson, measure(_run_request(lesson, share_s, request), progress))
    except UsageError as error:  # nothing of it can be measured here
        return Taken(lesson, None, str(error))


def why_not(lesson: Lesson, cores: int, start_methods: Sequence[str]) -> str:
    """Why a lesson can show nothing here; empty where it can."""
    if cores < lesson.cores:
        return f"it takes {lesson.cores} CPUs, and this process may use {cores}"
    missing = [each for each in lesson.start_methods if each not in start_methods]
    return f"processes cannot start by {' or '.join(missing)} on this system" if missing else ""


def share_of(lessons: Sequence[Lesson], left_s: float) -> float:
    """The seconds for the first of the lessons that are left: what lessons about faults take is set aside for them."""
    own_s = [each.time_limit_s and each.time_limit_s + _AROUND_A_FAULT_S for each in lessons]
    if own_s[0] is not None:
        return min(own_s[0], left_s)
    free_s = left_s - sum(filter(None, own_s))
    return free_s * lessons[0].share / sum(each.share for each in lessons if each.time_limit_s is None)


def _run_request(lesson: Lesson, budget_s: float, request: TourRequest) -> RunRequest:
    return RunRequest(
        sources=(),
        selection=Selection(
            workloads=(lesson.workload,),
            strategies=lesson.strategies,
            scale=SCALE,
            workers=lesson.workers,
            options=lesson.options,
        ),
        inputs=None,
        repetitions=None,
        rounds=None,
        conditions=Conditions(_SEED, budget_s, request.time_limit_s, _SAMPLE_HZ),
        results=request.results,
        identify=False,
        precision=PRECISION,
    )


def _fault_request(lesson: Lesson, time_limit_s: float, request: TourRequest) -> FaultRequest:
    return FaultRequest((lesson.workload,), lesson.strategies, None, time_limit_s, AT_ONCE, request.results)

"""What the lessons say: a clause for each claim by what was found of it, and so never what was expected.

Where the numbers do not tell, the clause begins with `not shown here`. What is behind a lesson, and what to try next, is
known of Python, and stands apart from what was measured.
"""

import shlex
from collections.abc import Iterator, Mapping, Sequence

from bench import units
from bench.analysis.estimates import Estimate, inverse, too_few
from bench.analysis.faults import Cell
from bench.analysis.reproduction import BENCH
from bench.analysis.tour.lessons import Lesson
from bench.analysis.tour.taught import Found, Taught, Verdict, busy_before
from bench.report.faults.text import MEANINGS
from bench.report.kit import words

_NO_GAIN = (Verdict.LEVEL, Verdict.NO_MORE, Verdict.LESS)
CLAUSES: dict[str, Mapping[Verdict, str]] = {
    "threads": {
        Verdict.MORE: "two threads make Python arithmetic {ratio} as fast",
        **dict.fromkeys(_NO_GAIN, "two threads do not speed up Python arithmetic, {ratio}"),
        Verdict.OPEN: "not shown here: whether two threads speed up Python arithmetic, {ratio}",
    },
    "processes": {
        Verdict.MORE: "two processes make it {ratio} as fast",
        **dict.fromkeys(_NO_GAIN, "two processes do not speed it up, {ratio}"),
        Verdict.OPEN: "not shown here: whether two processes speed it up, {ratio}",
    },
    "threads_waiting": {
        Verdict.MORE: "threads make downloads {ratio} as fast as one after another",
        **dict.fromkeys(_NO_GAIN, "threads do not speed up downloads, {ratio}"),
        Verdict.OPEN: "not shown here: whether threads speed up downloads, {ratio}",
    },
    "asyncio": {
        Verdict.MORE: "asyncio makes them {ratio} as fast",
        **dict.fromkeys(_NO_GAIN, "asyncio does not speed them up, {ratio}"),
        Verdict.OPEN: "not shown here: whether asyncio speeds them up, {ratio}",
    },
    "lost_by_threads": {
        Verdict.LOST: "without a lock two threads lose {lost} of {updates} updates",
        Verdict.NONE_LOST: "not shown here: that two threads lose updates without a lock, as this time they lost none",
    },
    "lost_by_processes": {
        Verdict.LOST: "two processes lose {lost}",
        Verdict.NONE_LOST: "not shown here: that two processes lose updates without a lock, as this time they lost none",
    },
    "kept": {
        Verdict.NONE_LOST: "with a lock none is lost",
        Verdict.LOST: "updates went wrong even with a lock: {reason}",
    },
    "lock": {
        Verdict.MORE: "an update under a lock between processes takes {ratio} as long as one without",
        Verdict.LEVEL: "an update under a lock between processes takes about as long as one without, {ratio}",
        Verdict.LESS: "an update under a lock between processes takes less time than one without, {ratio}",
        Verdict.OPEN: "not shown here: what a lock between processes costs, an update taking {ratio} as long",
    },
    "pipe": {
        Verdict.MORE: "a Pipe carries messages of 4 KiB {ratio} as fast as a Queue",
        Verdict.LEVEL: "a Pipe carries messages of 4 KiB about as fast as a Queue does, {ratio}",
        Verdict.LESS: "a Queue carries messages of 4 KiB {inverse} as fast as a Pipe",
        Verdict.OPEN: "not shown here: whether a Pipe or a Queue carries messages of 4 KiB faster, "
        "the Pipe being {ratio} as fast",
    },
    "manager": {
        Verdict.MORE: "an update through a Manager takes {ratio} as long as one of a Value",
        Verdict.LEVEL: "an update through a Manager takes about as long as one of a Value, {ratio}",
        Verdict.LESS: "an update through a Manager takes less time than one of a Value, {ratio}",
        Verdict.OPEN: "not shown here: whether an update through a Manager takes longer than one of a Value, {ratio}",
    },
    "array": {
        Verdict.MORE: "one of an Array takes {ratio} as long",
        Verdict.LEVEL: "one of an Array takes about as long, {ratio}",
        Verdict.LESS: "one of an Array takes less time, {ratio}",
        Verdict.OPEN: "not shown here: whether one of an Array takes longer, {ratio}",
    },
    "pool": {
        Verdict.HANGS: "after a worker is killed, Pool.map hangs: no result and no exception within {limit}",
        Verdict.RAISES: "not shown here: that Pool.map hangs after a worker is killed, as it raises {raised} after {after}",
        Verdict.ENDS_OTHERWISE: "not shown here: that Pool.map hangs after a worker is killed, as what came was {kind}",
    },
    "executor": {
        Verdict.HANGS: "ProcessPoolExecutor.map hangs: no result and no exception within {limit}",
        Verdict.RAISES: "ProcessPoolExecutor.map raises {raised} after {after}",
        Verdict.ENDS_OTHERWISE: "what came of ProcessPoolExecutor.map was {kind}",
    },
    "cold": {
        Verdict.MORE: "the first round of a pool takes {ratio} as long as later ones where its processes are forked",
        Verdict.LEVEL: "the first round of a pool whose processes are forked takes about as long as later ones, {ratio}",
        Verdict.LESS: "the first round of a pool whose processes are forked takes less time than later ones, {ratio}",
        Verdict.OPEN: "not shown here: whether the first round of a pool takes longer than later ones where its "
        "processes are forked, {ratio}",
    },
    "spawned": {
        Verdict.MORE: "where they are spawned, the first round takes {ratio} as long as where they are forked",
        Verdict.LEVEL: "where they are spawned, the first round takes about as long as where they are forked, {ratio}",
        Verdict.LESS: "where they are spawned, the first round takes less time than where they are forked, {ratio}",
        Verdict.OPEN: "not shown here: whether spawned processes take longer to start than forked ones, "
        "the first round taking {ratio} as long",
    },
}
"""By the name of a claim and what was found of it. What no clause is for is said as `Verdict.OPEN`."""
WHAT = {
    "threads": "two threads on Python arithmetic",
    "processes": "two processes on Python arithmetic",
    "threads_waiting": "threads on downloads",
    "asyncio": "asyncio on downloads",
    "lost_by_threads": "two threads without a lock",
    "lost_by_processes": "two processes without a lock",
    "kept": "updates under a lock",
    "lock": "what a lock costs",
    "pipe": "a Pipe against a Queue",
    "manager": "a Manager against a Value",
    "array": "an Array against a Value",
    "pool": "Pool.map after a worker is killed",
    "executor": "ProcessPoolExecutor.map after a worker is killed",
    "cold": "the first round of a pool against later ones",
    "spawned": "spawned processes against forked ones",
}
"""The claims, where there are no numbers."""
_GIL = {
    True: "This Python has a GIL, the global interpreter lock: of the threads of a process one at a time executes Python "
    "code. Each process has a GIL of its own.",
    False: "This Python runs without a GIL (free-threading): several threads of a process execute Python code at a time.",
}
BEHIND = {
    "gil": "Both pools have two workers and get the same numbers to try for primes.",
    "waiting": "A thread that waits gives up the GIL, so that the waiting of all overlaps. An event loop has one thread and "
    "does the same with coroutines. Nothing is computed meanwhile, and so the number of CPUs is no matter.",
    "locks": "An update reads, adds and writes. What another worker writes in between is lost. A lock lets one worker at a "
    "time do all three. The cost of the lock is that of processes with one worker, which has nobody to wait for.",
    "messages": "A Queue is a Pipe with locks around both ends, so that many may use it, and with a thread in each process "
    "that sends, so that put returns at once. A Pipe has two ends and no lock.",
    "state": "A Value and an Array lie in memory that the processes share, under a lock. A Manager is a process that owns the "
    "state: each read, each write, and taking and giving back its lock, is a message and an answer.",
    "hang": "A Pool starts another process for the one that died, and goes on waiting for the result that it took along. An "
    "executor takes the loss of a process for the end of the pool, and raises.",
    "cold": "An executor starts its processes when the first task comes. A fork is a copy of the caller; a spawned process is "
    "a new Python that imports what the task needs. The later a pool is closed, the less its start weighs.",
}
"""What explains a lesson."""
NEXT = {
    "gil": ("More workers than CPUs", "run primes --strategy serial,thread_pool,process_pool --workers 1,2,4"),
    "waiting": ("Real connections to a server", "run fetch --strategy serial,threads,asyncio"),
    "locks": (
        "A variable that each process has a copy of",
        "run counter --strategy value,global_variable --workers 2",
    ),
    "messages": (
        "Small and large messages, more ways",
        "run messages_16b messages_1mib --strategy queue,simple_queue,pipe,shared_ring",
    ),
    "state": ("A process that owns the state", "run counter --strategy value,owner_process,manager_value --workers 2"),
    "hang": ("Every strategy, and two more faults", "faults --fault is_killed,exits,gives_a_lambda"),
    "cold": ("How workers of all kinds start", "run start_empty"),
}
"""What to try after the command that measures the lesson alone, and the words of its command."""


def sentence(lesson: Taught) -> str:
    """The lesson in a sentence: what was found of each claim, or why nothing was measured."""
    if lesson.run is None:
        return f"Not measured here: {lesson.reason}."
    limit_s = lesson.run.header.plan.conditions.time_limit_s
    text = "; ".join(_clause(each, limit_s) for each in lesson.found)
    return f"{text[0].upper()}{text[1:]}."


def behind(lesson: Taught) -> str:
    """What explains the lesson; of the GIL, which interpreter it was measured with."""
    text = BEHIND[lesson.lesson.name]
    if lesson.lesson.name == "gil" and lesson.run is not None:
        text = f"{_GIL[lesson.run.header.environment.gil]} {text}"
    return text


def busy(lessons: Sequence[Taught]) -> str:
    """That others used the CPUs when the tour began; empty where they did not."""
    environment = busy_before(lessons)
    if environment is None:
        return ""
    return (
        f"{environment.load_1m:.1f} processes were running on {environment.usable_cores} CPUs before the tour: on an idle "
        "machine the intervals are narrower."
    )


def notes(lesson: Taught) -> Iterator[str]:
    """What a reader has to know of how it was measured."""
    if lesson.run is None:
        return
    if lesson.lesson.needs_processes and lesson.run.header.environment.usable_cores < 2:
        yield "Measured on one CPU: processes take turns on it."
    status = "" if lesson.run.ending is None else lesson.run.ending.status
    if status == "interrupted":
        yield "Interrupted: this is what was measured until then."
    elif status == "budget":
        yield "The time was over before all cases had an interval; --budget gives more."


def again(lesson: Lesson) -> str:
    """The command that measures the lesson alone."""
    return shlex.join([*BENCH, *lesson.command])


def following(lesson: Lesson) -> tuple[str, str]:
    """What to try then, and its command."""
    what, words_of_command = NEXT[lesson.name]
    return what, f"{' '.join(BENCH)} {words_of_command}"


def _clause(found: Found, limit_s: float) -> str:
    clauses = CLAUSES[found.name]
    if found.verdict is Verdict.UNMEASURED:
        return f"not measured here: {WHAT[found.name]} ({found.reason})"
    text = clauses.get(found.verdict) or clauses[Verdict.OPEN]
    ratio = found.ratio
    return text.format(
        ratio="" if ratio is None else _times(ratio),
        inverse="" if ratio is None else _times(inverse(ratio)),
        lost=f"{found.lost:,}",
        updates=f"{found.updates:,}",
        reason=found.reason,
        limit=units.seconds(limit_s),
        **_of_cell(found.cell),
    )


def _of_cell(cell: Cell | None) -> dict[str, str]:
    if cell is None:
        return dict.fromkeys(("raised", "after", "kind"), "")
    return {"raised": cell.raised, "after": units.seconds(cell.noticed_s), "kind": MEANINGS[cell.kind]}


def _times(ratio: Estimate) -> str:
    """`1.81× (1.75–1.88)`; without an interval why there is none."""
    return f"{units.ratio(ratio.centre)} ({words.ratio_interval(ratio) or too_few(ratio.n)})"

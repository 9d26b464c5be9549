"""Findings about how a run ended: cut, interrupted, edited, or with its time over."""

from collections.abc import Iterator

from bench import units
from bench.analysis.findings.rule import RUN, Evidence, Seen, rule
from bench.records.run import Run


@rule(
    "cut",
    what="the run file ends before the run did",
    why="The file has no last line that closes it, or its last line is half a line: the harness was killed, or the disk was full.",
    do="What is there is whole. Finish the run with `run --resume RUN`.",
)
def cut(evidence: Evidence) -> Iterator[Seen]:
    """What the reader of the file has to say."""
    for note in evidence.run.notes:
        yield RUN, note, "what is there is whole; measure again for the rest", ()


@rule(
    "interrupted",
    what="somebody stopped the run",
    why="The run got SIGINT, SIGTERM or SIGHUP. Blocks that had ended by then are kept.",
    do="Finish it with `run --resume RUN`; until then intervals are wide, and cases may have no time.",
)
def interrupted(evidence: Evidence) -> Iterator[Seen]:
    """At most one."""
    if _ended_as("interrupted", evidence.run):
        yield RUN, f"{_measured(evidence.run)} measured", "the run was interrupted", ()


@rule(
    "edited",
    what="a file of what was measured was edited during the run",
    why="A file of the code or the inputs changed at a block, which is left out. What only a task imports is not watched.",
    do="Every number is of the version before. Measure the new one in a run of its own, and edit nothing meanwhile.",
)
def edited(evidence: Evidence) -> Iterator[Seen]:
    """At most one, with the file."""
    ending = evidence.run.ending
    if ending is not None and _ended_as("edited", evidence.run):
        hint = "every number is of the version before; measure the new one in a run of its own"
        when = f"{ending.edited} was edited when " if ending.edited else ""
        yield RUN, f"{when}{_measured(evidence.run)} measured", hint, ()


@rule(
    "budget",
    what="the time for the run was over before every case had blocks enough",
    why="A case takes some blocks before there is an interval, and each is a process with its rounds; the bases and what is fastest come first.",
    do="Give it more time with `--budget`, or measure fewer cases. `run --resume RUN` measures the rest.",
)
def budget(evidence: Evidence) -> Iterator[Seen]:
    """At most one."""
    if _ended_as("budget", evidence.run):
        measured = f"{_measured(evidence.run)} measured"
        if evidence.run.header.plan.blocks is None:
            measured = f"the time was over before every case had an interval: {measured}"
        yield RUN, measured, "give it more time with --budget", ()


def _ended_as(status: str, run: Run) -> bool:
    return run.ending is not None and run.ending.status == status


def _measured(run: Run) -> str:
    return units.are(units.blocks_of(len(run.blocks), run.header.plan.blocks), "was", "were")

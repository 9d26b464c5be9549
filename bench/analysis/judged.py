"""A stored check as a comparison: its verdicts, its two sides, and what a reader has to know beside them."""

from collections import Counter
from collections.abc import Iterator

from bench.analysis.comparison import Comparisons, Side, Verdict
from bench.analysis.gate import GateReferee, unequal_facts
from bench.analysis.reproduction import again
from bench.records.gate import Arm, Gate
from bench.records.run import Run

METHOD = "base and head ran alternately in pairs of fresh processes; a regression is confirmed on new pairs"
_SHORT_COMMIT, _CERTAIN_COMMIT = 7, 12
"""Letters of a commit for reading, and for a command."""


def judged(run: Run) -> Comparisons:
    """The verdicts of a stored run that was a gate's."""
    gate = run.header.plan.gate
    assert gate is not None
    referee = GateReferee(run.header.plan)
    for block in run.blocks:
        referee.add(block)
    base, head = gate.arms
    environment = run.header.environment
    machine = {
        "cpu": environment.cpu_model,
        "cores": f"{environment.usable_cores} of {environment.logical_cores}",
        "os": f"{environment.os} {environment.kernel}",
        "load": "unknown" if environment.load_1m is None else f"{environment.load_1m:.2f} before the check",
    }
    return Comparisons(
        Side(_label(base), base.facts | base.packages | machine),
        Side(_label(head), head.facts | head.packages | machine),
        referee.comparisons(),
        gate.alpha,
        METHOD,
        [*referee.notes, *_notes(run, gate)],
        frozenset(map(Verdict, gate.accepted)),
        reproduce=again(run.header.command, dict(_revisions(gate))),
    )


def _revisions(gate: Gate) -> Iterator[tuple[str, str]]:
    """What options of the command meant when it was given: a branch moves on."""
    for arm in gate.arms:
        if arm.commit and not arm.commit.endswith("+"):
            yield f"--{arm.name}", arm.commit[:_CERTAIN_COMMIT]


def _label(arm: Arm) -> str:
    commit = (arm.commit or "")[:_SHORT_COMMIT] + ("+" if (arm.commit or "").endswith("+") else "")
    return arm.label + (f" ({commit})" if commit and not arm.label.startswith(commit) else "")


def _notes(run: Run, gate: Gate) -> Iterator[str]:
    """What a reader has to know beside the numbers."""
    yield from gate.notes
    if gate.across and (unequal := unequal_facts(*gate.arms)):
        yield f"compared across unequal environments, as asked: {'; '.join(unequal)}"
    base, head = (each.packages for each in gate.arms)
    for name in sorted({*base, *head}):
        if base.get(name) != head.get(name):
            yield f"package {name}: {base.get(name, 'absent')} in the base, {head.get(name, 'absent')} in the head"
    yield from _left_behind(run, gate)
    yield from run.notes
    if run.ending is not None and run.ending.edited:
        yield f"{run.ending.edited} was edited, which ended the check: these are the verdicts of the version before"
    if run.ending is not None and run.ending.status == "interrupted":
        yield "interrupted: these are the verdicts of what was measured until then"


def _left_behind(run: Run, gate: Gate) -> Iterator[str]:
    """What the arms' processes left when they were to end."""
    leaked = Counter(block.arm for block in run.blocks if block.leaked_processes)
    for arm, blocks in sorted(leaked.items()):
        yield f"the {arm} left processes behind in {blocks} of its blocks; they were ended"
    for side in gate.arms:
        kept_by = sorted({name for block in run.blocks if block.arm == side.name for name in block.kept_by_threads})
        if kept_by:
            yield f"the {side.name} leaves threads running that its process would wait for: {', '.join(kept_by)}"

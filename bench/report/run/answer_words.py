"""The answers of a run in words: a line for each kind of work, which the page, markdown and the terminal show."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from bench import units
from bench.analysis.answers import MOST_LINES, Answer, Care, Caution, Verdict, answer_of, answers
from bench.analysis.estimates import INTERVAL
from bench.analysis.findings import meaning
from bench.analysis.groups import Group
from bench.analysis.kinds import Kind
from bench.analysis.standing import standing
from bench.analysis.summary import Summary
from bench.naming import python_word
from bench.records.block import Outcome
from bench.report.kit import words
from bench.report.kit.column import cpu_text, has_intervals
from bench.report.kit.families import Family, is_over_a_loop
from bench.report.kit.results import Results
from bench.sentences import first_of, listed

RULE = (
    "The answers are of the workload of each kind whose gain is in the middle, of two in the middle the one with the smaller "
    "gain; where a run has few workloads, of each. A map's kind is measured: one whose base leaves the CPU idle waits, one "
    "whose tasks send much to processes has big data, and one that threads speed up under a GIL runs C code that releases it."
)
MOST_NAMED, MOST_OTHERS, MOST_CAUTIONS, MOST_INTERPRETERS = 2, 2, 2, 4
_KINDS = {
    Kind.WAITING: ("Waiting", "downloads, requests, sleeps"),
    Kind.MIXED: ("Waiting and computing", "tasks that do both"),
    Kind.PYTHON: ("CPU work in Python", "holds the GIL"),
    Kind.NATIVE: ("C code, numpy", "releases the GIL"),
    Kind.COMPUTING: ("CPU work", ""),
    Kind.LARGE_DATA: ("Big data", "large inputs or results"),
    Kind.MESSAGES: ("Messages", "from producers to consumers"),
    Kind.STATE: ("Shared state", "workers update one value"),
    Kind.LOCKS: ("Locks", "exclusion, turns"),
    Kind.SERVERS: ("Servers", "clients over TCP"),
    Kind.STARTS: ("Starting workers", "from start to join"),
}
"""What people call a kind, and what belongs to it."""
_ENDED = {
    Outcome.WRONG: "gives wrong results",
    Outcome.FAILED: "failed",
    Outcome.TIMED_OUT: "timed out",
    Outcome.KILLED: "was killed",
}


@dataclass(frozen=True, slots=True)
class Line:
    """An answer in words; a text is empty where there is nothing to say."""

    number: int
    """Of the workload on the page, from 1."""
    workload: str
    kind: str
    examples: str
    others: str
    """Which other workloads of the kind agree, and which do not."""
    use: str
    level: str
    """What is level with it, or why nothing more can be told."""
    gain: str
    interval: str
    times: str
    """The base's and its own, with the base's name."""
    cpu: str
    memory: str
    cautions: Sequence[str]
    standing: str
    """As `bench.analysis.answers.Verdict` has it."""

    sentence: str
    """All of that but costs and cautions, without a full stop."""


def title(results: Results) -> str:
    """What the page is about."""
    if results.across:
        names = [python_word(each.name) for each in results.run.header.plan.interpreters]
        return f"Python {listed(names, MOST_INTERPRETERS)}: what each takes, as measured on this machine"
    if len(results.groups) == 1:
        return f"What to use for {results.groups[0].name}, as measured on this machine"
    return "Threads, processes or asyncio: what to use, as measured on this machine"


def reading(results: Results) -> str:
    """How to read the answers, and where there are no intervals why, in a few sentences."""
    shown = "One workload of each kind, the one with the middle gain. " if is_by_kind(results) else ""
    few = fewest_blocks(results)
    small = f"There are no intervals: {few}" if few else f"In small print: {INTERVAL}s"
    return f"{shown}The base's numbers, then those of what is shown, for a warm round. {small}."


def lines(results: Results) -> list[Line]:
    """What the first screen says: the workloads of a few, else the kinds."""
    found = answers(results.groups, results.findings)
    return [_line(each, results.groups) for each in found]


def is_by_kind(results: Results) -> bool:
    """Whether `lines` are of kinds, each with one of its workloads; else they are of workloads."""
    return len(results.groups) > MOST_LINES


def line_of(results: Results, group: Group) -> Line:
    """The same of one workload."""
    return _line(answer_of(group, results.findings), results.groups)


def fewest_blocks(results: Results) -> str:
    """Why there are no intervals, to be said once; empty where there are."""
    counts = [each.wall.n for each in results.summaries if each.wall is not None]
    return "" if has_intervals(results.summaries) or not counts else words.few(min(counts))


def _line(answer: Answer, groups: Sequence[Group]) -> Line:
    group, best = answer.group, answer.best
    kind, examples = _KINDS.get(answer.kind, (group.pattern, ""))
    cpu, memory = ("", "") if best is None else _costs(answer, best)
    return Line(
        number=1 + next(place for place, each in enumerate(groups) if each is group),
        workload=group.name,
        kind=kind,
        examples=examples,
        others=_others(answer),
        use=_use(answer),
        level=_level(answer),
        gain=_gain(answer),
        interval=words.ratio_interval(best.speedup) if best is not None and not best.is_base else "",
        times=_times(answer),
        cpu=cpu,
        memory=memory,
        cautions=list(_cautions(answer)),
        standing=answer.verdict,
        sentence=_sentence(answer),
    )


def base_of(group: Group) -> str:
    """What ratios are relative to, as people say it."""
    return str(Family.LOOP) if is_over_a_loop(group) else group.base_name


def _others(answer: Answer) -> str:
    """On how many others of the kind it is the same, and where it is not."""
    same = f"same on {units.counted(len(answer.agreeing), 'other')}" if answer.agreeing else ""
    return "; ".join(filter(None, (same, f"not on {_apart(answer.differing)}" if answer.differing else "")))


def _apart(differing: Sequence[Group]) -> str:
    """Those that do not agree; of a single one also what is fastest there."""
    if len(differing) > 1 or not differing[0].ranked:
        return first_of([each.name for each in differing], MOST_OTHERS)
    best = differing[0].ranked[0]
    ratio = "" if best.is_base or best.speedup is None else f" {words.speed(best.speedup)}"
    return f"{differing[0].name}: {differing[0].labels[best.case.key]}{ratio}"


def _use(answer: Answer) -> str:
    group, best = answer.group, answer.best
    if best is None:
        return "no case gave a time"
    if answer.verdict is Verdict.BASE and is_over_a_loop(group):
        return base_of(group)
    if answer.verdict is Verdict.UNDECIDED:
        return base_of(group)
    return group.labels[best.case.key]


def _level(answer: Answer) -> str:
    group = answer.group
    if answer.verdict is Verdict.NO_TIME:
        return group.cases[0].reason or str(group.cases[0].outcome)
    if answer.verdict is Verdict.FEW:
        return "too few repeats to rank the rest" if len(group.ranked) > 1 else "too few repeats for an interval"
    if answer.verdict is Verdict.UNDECIDED:
        return "nothing is certainly faster"
    names = [group.labels[each.case.key] for each in answer.level]
    return f"level: {first_of(names, MOST_NAMED)}" if names else ""


def _gain(answer: Answer) -> str:
    best = answer.best
    if best is None or best.speedup is None:
        return ""
    if answer.verdict is Verdict.UNDECIDED:
        return "no clear difference"
    if best.is_base:
        few = answer.verdict is Verdict.FEW
        return "" if len(answer.group.ranked) == 1 else "the lowest time" if few else "nothing is faster"
    return f"{'about ' if answer.verdict is Verdict.FEW else ''}{words.speed(best.speedup)}"


def _times(answer: Answer) -> str:
    """Both times; of the base alone where it is the fastest, and of nobody where there are none."""
    best = answer.best
    if best is None or best.wall is None:
        return ""
    own = units.seconds(best.wall.centre)
    if best.is_base or best.base_wall_s is None:
        return own
    base = "loop" if is_over_a_loop(answer.group) else best.base_name
    if answer.verdict is Verdict.UNDECIDED:
        return f"{base} {units.seconds(best.base_wall_s)}, {answer.group.labels[best.case.key]} {own}"
    return f"{base} {units.seconds(best.base_wall_s)} → {own}"


def _sentence(answer: Answer) -> str:
    """Which strategy, how many times as fast as what, both times, and what is level with it."""
    group, best, use, level = answer.group, answer.best, _use(answer), _level(answer)
    if best is None or best.wall is None:
        return f"{use}: {level}"
    base, own = base_of(group), f"{units.seconds(best.wall.centre)} a round"
    after = f"; {level}" if level else ""
    if answer.verdict is Verdict.UNDECIDED:
        return f"nothing is certainly faster than {base}, {units.seconds(best.base_wall_s)} a round"
    if len(group.ranked) == 1:
        return f"{use} takes {own}{after}"
    if best.is_base or best.speedup is None:
        return f"{use} {'has the lowest time' if after or best.speedup is None else 'is fastest'}, {own}{after}"
    within = words.ratio_interval(best.speedup)
    gain = f"{_gain(answer)} as fast as {base}{f' ({within})' if within else ''}"
    return f"{use} is {gain}, {units.seconds(best.base_wall_s)} → {own}{after}"


def _costs(answer: Answer, best: Summary) -> tuple[str, str]:
    """CPU and memory of a round, the base's first."""
    base = answer.group.timed_base
    both = [
        each for each in (base, best) if each is not None and not (each is best and answer.verdict is Verdict.UNDECIDED)
    ]
    shown = [best] if best.is_base else both
    return _cpu(shown), _memory(shown)


def _cpu(shown: Sequence[Summary]) -> str:
    own = shown[-1].cost
    if own.cpu_s is None:
        return "" if own.cores_used is None else f"{own.cores_used:.2f} cores of CPU"
    known = [each for each in shown if each.cost.cpu_s is not None]
    return f"CPU {' → '.join(map(cpu_text, known))}"


def _memory(shown: Sequence[Summary]) -> str:
    sizes = [each.cost.peak_memory_bytes for each in shown]
    return " → ".join(units.size(each) for each in sizes if each is not None)


def _cautions(answer: Answer) -> Iterator[str]:
    told = [_caution(answer, each) for each in answer.cautions]
    yield from list(filter(None, told))[:MOST_CAUTIONS]


def _caution(answer: Answer, caution: Caution) -> str:
    group = answer.group
    if caution.finding is not None:
        return f"{caution.finding.code}: {meaning(caution.finding.code)}"
    names = [group.labels[each.case.key] for each in caution.cases]
    first = caution.cases[0]
    if caution.care is Care.BAD:
        told = [
            f"{name} {_ENDED.get(each.outcome, each.outcome)}" for name, each in zip(names, caution.cases, strict=True)
        ]
        return first_of(told, MOST_NAMED)
    said = f"{names[0]}, {_speed(first)}"
    if caution.care is Care.THREADS:
        return f"threads do not help: {said}"
    if caution.care is Care.WORKERS:
        return f"fewer workers gain less: {said}"
    if caution.care is Care.PROCESSES:
        return f"within one process only; across processes: {base_of(group) if first.is_base else said}"
    if len(names) == 1:
        return said
    return f"{len(names)} of {len(group.ranked)} slower than {base_of(group)}: {said}"


def _speed(summary: Summary) -> str:
    """How a case stands beside its base; no sign where the interval holds 1."""
    if summary.speedup is None:
        return "has no ratio"
    return "no clear difference" if standing(summary) == "undecided" else words.speed(summary.speedup)

"""What a run says of each case: one `Summary` a case, in the order of the plan."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import pandas as pd

from bench.analysis.base import baseline, setting
from bench.analysis.cost import Cost, cost, cpu_of_rounds, memory_per_worker
from bench.analysis.estimates import Estimate, around, quotient
from bench.analysis.frames import blocks_frame
from bench.analysis.looks import is_fixed, paired_ratio
from bench.analysis.makespan import Bound, stated_bound, timed_bound
from bench.analysis.pace import Paced, paced
from bench.naming import strategy_of
from bench.patterns import LATENCY_PROBABILITIES
from bench.records.block import Block, Latencies, Outcome
from bench.records.case import Case
from bench.records.run import Header, Plan, Run, Work


@dataclass(frozen=True, slots=True)
class Latency:
    """How long single operations took in warm rounds, seconds: the median over blocks of each block's quantile."""

    what: str
    p50_s: float
    p95_s: float
    p99_s: float
    max_s: float
    """The longest of all blocks."""
    n: int
    """Operations of all blocks."""


@dataclass(frozen=True, slots=True)
class Summary:
    """One case, over all its blocks. What is unknown, or belongs to a case that is not `ok`, is None."""

    case: Case
    outcome: Outcome
    reason: str
    setting: str
    """The options of its workload, as text: cases with different ones do not do the same work."""
    blocks: int
    """Blocks measured, of whatever outcome."""
    rounds: int
    """Warm rounds of the `ok` blocks."""
    tasks: int | None
    """What a round does, in the units of the pattern."""
    work: Work
    base: Case | None = None
    """The case that it is compared with; None where the plan has none."""
    gil: bool | None = None
    """Whether its interpreter ran with the GIL, in the measured process after the last round; None where nobody knows."""
    demonstration: bool = False
    """It shows what goes wrong, and gets no time."""
    wall: Estimate | None = None
    """A warm round, seconds, by the median of each block: `base_wall_s` over the ratio, where there is one."""
    speedup: Estimate | None = None
    """The baseline's time over this one's, paired by repetition."""
    base_wall_s: float | None = None
    """The baseline's time for a warm round: its own `wall`."""
    fixed: bool = True
    """Whether it was settled beforehand how many blocks there are: see `bench.analysis.looks`."""
    cold_s: float | None = None
    """The first round."""
    cost: Cost = field(default_factory=Cost)
    memory_per_worker: Estimate | None = None
    """Bytes that each extra worker adds, where cases that differ in nothing else tell."""
    start_s: float | None = None
    stop_s: float | None = None
    bound: Bound | None = None
    """No schedule on so many workers can be faster, with no more workers than cores where the CPU limits the work."""
    payload_bytes: int | None = None
    """Bytes that a round moves, where that is what the work is about."""
    latencies: list[Latency] = field(default_factory=list)
    fairness: float | None = None
    """Jain's index of the actors' passes, the median over blocks."""
    handed_over: float | None = None
    """Passes of a warm round that followed one of another actor, likewise."""
    leaked_processes: int = 0
    kept_by_threads: tuple[str, ...] = ()
    block_walls: dict[int, float] = field(default_factory=dict)
    """The median warm round of each block, seconds, by repetition."""
    paced_walls: dict[int, float] = field(default_factory=dict)
    """These at the base's pace, as `wall` is: see `bench.analysis.pace`."""

    @property
    def is_base(self) -> bool:
        """Whether the case is of the strategy that others are compared with."""
        return self.case.strategy == self.work.baseline

    @property
    def base_name(self) -> str:
        """What it is compared with, as people know it: the strategy and its workers."""
        return self.work.baseline if self.base is None else strategy_of([self.base])

    @property
    def rate(self) -> float | None:
        """Units of the pattern a second, in a warm round."""
        return self.tasks / self.wall.centre if self.wall is not None and self.tasks else None

    @property
    def bytes_per_s(self) -> float | None:
        """Bytes moved a second, in a warm round."""
        return self.payload_bytes / self.wall.centre if self.wall is not None and self.payload_bytes else None

    @property
    def hand_offs_per_s(self) -> float | None:
        """How often a second the right went from one actor to another, in a warm round."""
        return self.handed_over / self.wall.centre if self.wall is not None and self.handed_over is not None else None

    @property
    def one_shot_s(self) -> float:
        """Start, first round and stop together: what a script pays that runs the work once; each by its median."""
        return sum(value or 0.0 for value in (self.start_s, self.cold_s, self.stop_s))


@dataclass(frozen=True, slots=True)
class _Measured:
    """All that a run says, by case key."""

    header: Header
    blocks: Mapping[str, list[Block]]
    frames: Mapping[str, pd.DataFrame]
    """Of the `ok` blocks: the rows of `blocks_frame`."""
    walls: Mapping[str, dict[int, float]]
    """The median warm round of each of these, seconds, by repetition."""

    @property
    def plan(self) -> Plan:
        """What was to be measured."""
        return self.header.plan

    @property
    def cores(self) -> int:
        """That could be used."""
        return self.header.environment.usable_cores


def summarise(run: Run) -> list[Summary]:
    """A summary of each case of the plan; one that the run did not come to has the outcome `unavailable`."""
    frames = {str(key): group for key, group in blocks_frame(run).groupby("case", sort=False)}
    blocks: dict[str, list[Block]] = {}
    for block in run.blocks:
        blocks.setdefault(block.case, []).append(block)
    walls = {key: _by_repetition(group) for key, group in frames.items()}
    plan = run.header.plan
    measured = _Measured(run.header, blocks, frames, walls)
    found = [_summary(case, measured) for case in plan.cases]
    slopes = memory_per_worker([each.case for each in found if each.wall is not None], frames, plan.conditions.seed)
    by_key = {case.key: slope for case, slope in slopes}
    return [replace(each, memory_per_worker=by_key.get(each.case.key)) for each in found]


def compared(above: Summary, below: Summary) -> Estimate | None:
    """The time of the one case over that of the other; None where either has none, or nothing relates them.

    Its centre is the ratio of their times as they are shown. The interval is from pairs of blocks of both, made wider where
    it does not hold that. Where too few repetitions have both, each is related to the base that they have in common: the
    quotient lies between those of the ends of both intervals, unless one of these misses.
    """
    if above.wall is None or below.wall is None:
        return None
    paired = paired_ratio(above.block_walls, below.block_walls, fixed=above.fixed)
    are_related = above.speedup is not None and below.speedup is not None and above.base_wall_s == below.base_wall_s
    if are_related and (paired is None or paired.low is None):
        return quotient(above.wall, below.wall)
    return None if paired is None else around(above.wall.centre / below.wall.centre, paired)


def _summary(case: Case, measured: _Measured) -> Summary:
    """One case, with its times where all of its blocks went well."""
    plan = measured.plan
    mine = measured.blocks.get(case.key, [])
    outcome, reason = _outcome(case, mine, measured)
    untimed = Summary(
        case=case,
        outcome=outcome,
        reason=reason,
        setting=setting(case, plan),
        blocks=len(mine),
        rounds=0,
        tasks=next((block.tasks for block in mine if block.tasks is not None), None),
        work=plan.works[case.workload],
        base=baseline(case, plan),
        gil=_gil(case, mine, measured),
        demonstration=case.strategy in plan.demonstrations,
    )
    return untimed if outcome is not Outcome.OK or untimed.demonstration else _timed(untimed, mine, measured)


def _gil(case: Case, mine: list[Block], measured: _Measured) -> bool:
    """As the blocks tell, where the build can do without; else as its interpreter does."""
    told = {block.gil for block in mine} - {None}
    return "on" in told if told else measured.header.has_gil(case.python)


def _outcome(case: Case, mine: list[Block], measured: _Measured) -> tuple[Outcome, str]:
    """What became of a case, and what there is to say of that."""
    bad = next((block for block in mine if block.outcome is not Outcome.OK), None)
    if bad is not None:
        return bad.outcome, bad.reason
    if mine and case.strategy in measured.plan.demonstrations:
        return Outcome.OK, f"a demonstration, never ranked: nothing went wrong in {len(mine)} blocks, by luck"
    if not mine:
        return Outcome.UNAVAILABLE, "the run ended before it was measured"
    if not measured.walls.get(case.key):
        return Outcome.FAILED, "no warm round was measured"
    return Outcome.OK, ""


def _timed(untimed: Summary, mine: list[Block], measured: _Measured) -> Summary:
    """The summary of a case with what its blocks, which all went well, say."""
    case, walls = untimed.case, measured.walls[untimed.case.key]
    base_key, frame = _base_key(untimed.base, measured), measured.frames[case.key]
    fixed = is_fixed(measured.plan)
    found = paced(walls, measured.walls.get(base_key, {}), fixed=fixed)
    return replace(
        untimed,
        rounds=int(frame["rounds"].sum()),
        wall=found.wall,
        speedup=found.speedup,
        base_wall_s=None if found.base_wall is None else found.base_wall.centre,
        fixed=fixed,
        cold_s=_median(frame["cold_s"]),
        cost=cost(frame, mine),
        start_s=_median(frame["start_s"]),
        stop_s=_median(frame["stop_s"]),
        bound=_bound(case, base_key, found, measured),
        payload_bytes=mine[0].payload_bytes,
        latencies=_latencies(mine),
        fairness=_median(pd.Series([block.fairness for block in mine])),
        handed_over=_median(pd.Series([block.handed_over for block in mine])),
        leaked_processes=sum(block.leaked_processes for block in mine),
        kept_by_threads=tuple(sorted({name for block in mine for name in block.kept_by_threads})),
        block_walls=dict(walls),
        paced_walls=found.walls,
    )


def _base_key(base: Case | None, measured: _Measured) -> str:
    """The base's key, if all its blocks went well; else empty, which is no case."""
    all_ok = base is not None and all(each.outcome is Outcome.OK for each in measured.blocks.get(base.key, ()))
    return base.key if base is not None and all_ok else ""


def _bound(case: Case, base: str, found: Paced, measured: _Measured) -> Bound | None:
    limited_by = _limited_by(measured.plan.works[case.workload], measured.frames.get(base))
    first = measured.blocks[case.key][0]
    if first.bound_stated:
        return stated_bound(case, limited_by, first, found.wall, measured.cores)
    return timed_bound(case, limited_by, measured.blocks.get(base, []), found, measured.cores)


def _latencies(blocks: list[Block]) -> list[Latency]:
    """The latencies of a case, one for each thing that was timed."""
    timed: dict[str, list[Latencies]] = {}
    for block in blocks:
        for each in block.latencies:
            timed.setdefault(each.what, []).append(each)
    return [_latency(what, mine) for what, mine in timed.items()]


def _latency(what: str, mine: list[Latencies]) -> Latency:
    table = pd.DataFrame([each.quantiles_s for each in mine], columns=list(LATENCY_PROBABILITIES))
    middle = table.median()
    p50_s, p95_s, p99_s = (float(middle[probability]) for probability in (0.5, 0.95, 0.99))
    return Latency(what, p50_s, p95_s, p99_s, float(table[1.0].max()), sum(each.n for each in mine))


def _limited_by(work: Work, base: pd.DataFrame | None) -> str:
    """`cpu` or `io`, as the workload says; for a plain function, by whether the baseline kept a core at work."""
    if work.bound != "unknown":
        return work.bound
    used = None if base is None else cpu_of_rounds(base).cores_used
    return "cpu" if used is not None and used > 0.5 else "io"


def _by_repetition(group: pd.DataFrame) -> dict[int, float]:
    known = group.dropna(subset=["wall_s"])
    return dict(zip(known["repetition"].astype(int), known["wall_s"].astype(float), strict=True))


def _median(column: pd.Series) -> float | None:
    value = column.astype(float).median()
    return None if math.isnan(value) else float(value)

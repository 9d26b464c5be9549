"""What a run says of each case: one `Summary` a case, in the order of the plan."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import pandas as pd

from bench.analysis.base import baseline, setting
from bench.analysis.cost import Cost, cost, cpu_of_rounds, memory_per_worker
from bench.analysis.estimates import Estimate, median_estimate, ratio_estimate
from bench.analysis.frames import blocks_frame
from bench.model import Block, Case, Latencies, Outcome, Plan, Run, Work
from bench.patterns import LATENCY_PROBABILITIES

_LEAST_TASK_S = 50e-6
"""A task shorter than this is not told from the reading of the clock around it, 0.1 to 1 µs with what else it takes."""


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
    demonstration: bool = False
    """It shows what goes wrong, and gets no time."""
    wall: Estimate | None = None
    """A warm round, seconds: the median over blocks of each block's median."""
    speedup: Estimate | None = None
    """The baseline's time over this one's, paired by repetition."""
    base_wall_s: float | None = None
    """The baseline's time for a warm round."""
    cold_s: float | None = None
    """The first round."""
    cost: Cost = field(default_factory=Cost)
    memory_per_worker: Estimate | None = None
    """Bytes that each worker more takes, where cases that differ in nothing else tell."""
    start_s: float | None = None
    stop_s: float | None = None
    bound_s: float | None = None
    """No schedule on so many workers can be faster: max(longest task, sum of tasks / workers), with no more workers
    than cores where the CPU limits the work. An estimate unless `bound_stated`."""
    bound_stated: bool = False
    """Whether the bound follows from the inputs; else from the tasks as `serial` timed them."""
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
    """The median warm round of each block, seconds, by repetition: what `wall` is made of."""

    @property
    def is_base(self) -> bool:
        """Whether the case is of the strategy that others are compared with."""
        return self.case.strategy == self.work.baseline

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
    def once_s(self) -> float:
        """Start, first round and stop together: what a script pays that runs the work once; each by its median."""
        return sum(value or 0.0 for value in (self.start_s, self.cold_s, self.stop_s))


def summarise(run: Run) -> list[Summary]:
    """A summary of each case of the plan; one that the run did not come to has the outcome `unavailable`."""
    frame = blocks_frame(run)
    by_case = {str(key): group for key, group in frame.groupby("case", sort=False)}
    blocks: dict[str, list[Block]] = {}
    for block in run.blocks:
        blocks.setdefault(block.case, []).append(block)
    walls = {key: _by_repetition(group) for key, group in by_case.items()}
    plan = run.header.plan
    cores = run.header.environment.usable_cores
    found = [_summary(case, baseline(case, plan), blocks, by_case, walls, plan, cores) for case in plan.cases]
    slopes = memory_per_worker([each.case for each in found if each.wall is not None], by_case, plan.seed)
    by_key = {case.key: slope for case, slope in slopes}
    return [replace(each, memory_per_worker=by_key.get(each.case.key)) for each in found]


def _summary(
    case: Case,
    base: Case | None,
    blocks: Mapping[str, list[Block]],
    frames: Mapping[str, pd.DataFrame],
    walls: Mapping[str, dict[int, float]],
    plan: Plan,
    cores: int,
) -> Summary:
    mine = blocks.get(case.key, [])
    bad = next((block for block in mine if block.outcome is not Outcome.OK), None)
    tasks = next((block.tasks for block in mine if block.tasks is not None), None)
    frame = frames.get(case.key)
    work = plan.works[case.workload]
    demonstration = case.strategy in plan.demonstrations
    if bad is not None or demonstration or frame is None or not walls.get(case.key):
        outcome, reason = _why_not(mine, bad, demonstration=demonstration)
        return Summary(case, outcome, reason, setting(case, plan), len(mine), 0, tasks, work, demonstration)
    base_ok = base is not None and all(block.outcome is Outcome.OK for block in blocks.get(base.key, ()))
    base_walls = walls.get(base.key, {}) if base is not None and base_ok else {}
    base_frame = frames.get(base.key) if base is not None and base_ok else None
    longest_s, total_s, stated = _tasks_alone(mine, blocks.get(base.key, []) if base is not None and base_ok else [])
    return Summary(
        case=case,
        outcome=Outcome.OK,
        reason="",
        setting=setting(case, plan),
        blocks=len(mine),
        rounds=int(frame["rounds"].sum()),
        tasks=tasks,
        work=work,
        wall=median_estimate(list(walls[case.key].values())),
        speedup=ratio_estimate(base_walls, walls[case.key]),
        base_wall_s=median_estimate(list(base_walls.values())).centre if base_walls else None,
        cold_s=_median(frame["cold_s"]),
        cost=cost(frame, mine),
        start_s=_median(frame["start_s"]),
        stop_s=_median(frame["stop_s"]),
        bound_s=bound_s(case, _limited_by(work, base_frame), tasks, longest_s, total_s, cores),
        bound_stated=stated,
        payload_bytes=mine[0].payload_bytes,
        latencies=_latencies(mine),
        fairness=_median(pd.Series([block.fairness for block in mine])),
        handed_over=_median(pd.Series([block.handed_over for block in mine])),
        leaked_processes=sum(block.leaked_processes for block in mine),
        kept_by_threads=tuple(sorted({name for block in mine for name in block.kept_by_threads})),
        block_walls=dict(walls[case.key]),
    )


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


def _why_not(mine: list[Block], bad: Block | None, *, demonstration: bool) -> tuple[Outcome, str]:
    """Outcome and reason of a case without a time."""
    if bad is not None:
        return bad.outcome, bad.reason
    if mine and demonstration:
        return Outcome.OK, f"a demonstration, never ranked: nothing went wrong in {len(mine)} blocks, by luck"
    if not mine:
        return Outcome.UNAVAILABLE, "the run ended before it was measured"
    return Outcome.FAILED, "no warm round was measured"


def bound_s(
    case: Case, limited_by: str, tasks: int | None, longest_s: float | None, total_s: float | None, cores: int
) -> float | None:
    """The makespan bound in seconds (Graham 1969): max(longest task, sum of tasks / workers).

    Work limited by the CPU gets no more than `cores` workers' worth of it, however many there are.
    """
    workers = tasks if case.workers is None else case.workers
    if longest_s is None or total_s is None or not workers:
        return None
    parallel = min(workers, cores) if limited_by == "cpu" else workers
    return max(longest_s, total_s / parallel)


def _limited_by(work: Work, base: pd.DataFrame | None) -> str:
    """`cpu` or `io`, as the workload says; for a plain function, by whether the baseline kept a core at work."""
    if work.bound != "unknown":
        return work.bound
    used = None if base is None else cpu_of_rounds(base).cores_used
    return "cpu" if used is not None and used > 0.5 else "io"


def _tasks_alone(mine: list[Block], base: list[Block]) -> tuple[float | None, float | None, bool]:
    """The longest task, the sum of all, and whether the inputs state them: from these blocks, else the baseline's."""
    if mine[0].bound_stated:
        return mine[0].longest_task_s, mine[0].total_task_s, True
    longest = [block.longest_task_s for block in base if block.longest_task_s is not None]
    total = [block.total_task_s for block in base if block.total_task_s is not None]
    tasks = base[0].tasks if base else None
    if not longest or not tasks or median_estimate(total).centre < _LEAST_TASK_S * tasks:
        return None, None, False
    return median_estimate(longest).centre, median_estimate(total).centre, False


def _by_repetition(group: pd.DataFrame) -> dict[int, float]:
    known = group.dropna(subset=["wall_s"])
    return dict(zip(known["repetition"].astype(int), known["wall_s"].astype(float), strict=True))


def _median(column: pd.Series) -> float | None:
    value = column.astype(float).median()
    return None if math.isnan(value) else float(value)

"""More workers for work that waits: where the first blocks show it, strategies get a case with as many as there is work for.

Workers as many as CPUs, the default, fit work that computes. Of 50 tasks that wait 30 ms each, two threads make it twice as
fast as one, and 50 threads 25 times: measured with two alone, a pool looks useless beside an event loop, which has no number.

Whether work waits is read off its base, one task after another: the CPU that its warm rounds used a second. In the published
run (results/reference, three cores) that is 0.002 to 0.04 of a core for `downloads`, `downloads_even`, `downloads_uneven` and
`fetch`, 0.56 for `mixed`, and 1.00 or more for everything else; and that each task gave the CPU away once at the least. Below `WAITS_BELOW` even one core has room for five workers, which is
all that threads under a GIL have. CPU that is unknown, or known without a bound, adds nothing.

Only for maps: their tasks wait for nothing but themselves. In other patterns workers are part of the question, as the clients
of a server or the actors of a stream are.
"""

import itertools
import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace

from bench.article import SCALE
from bench.facts.cpu_known import of_warm_rounds
from bench.facts.waiting import WAITS_BELOW, gives_way
from bench.measure.plan.cases import PlannedCase, Selection
from bench.quantities import SWITCHES
from bench.records.block import Block, Outcome
from bench.records.run import Addition, Plan
from bench.units import counted

MANY = 32
"""Workers at the most, and never more than tasks: what `ThreadPoolExecutor` itself starts at the most unless told otherwise
(bpo-35279), and a pool of so many processes still starts in less than a second by fork."""
ALL, FEW = 1000, 2
"""Cases of a workload that are followed by one with more workers: of one that the user has named, all that there is time for,
and else so few that hardly any other case loses its interval to them; so few at the least, as they are likely to be the fastest."""
CLEARLY = 1.25
"""So many times as long in a first block is no luck: of strategies that only hand tasks out, the times are level to a tenth."""


def most_of(selection: Selection) -> int:
    """For how many cases of a workload that waits there may be one with more workers.

    None where the user names numbers, and none at the article's scale, which has its own and takes minutes. How many blocks or
    rounds were asked for is no matter: that is how much is measured of each case, and not which there are.
    """
    if selection.workers or selection.scale == SCALE:
        return 0
    return ALL if selection.workloads else FEW


class MoreWorkers:
    """What the first blocks of a run tell of its works, and the cases that follow from it."""

    def __init__(self, planned: Sequence[PlannedCase], plan: Plan) -> None:
        """Of no block yet.

        Args:
            planned: the cases, those that were added before among them.
            plan: says for how many cases of a workload there may be more.
        """
        self._most = plan.more_workers
        self._rounds = next(iter(plan.rounds.values()), 0)
        self._first: dict[str, Block] = {}
        self._undecided: dict[str, list[PlannedCase]] = {}
        for each in planned:
            if self._most and each.workload.pattern == "map" and not each.unavailable:
                self._undecided.setdefault(each.work, []).append(each)

    def add(self, block: Block) -> None:
        """Count a block; the first of each case tells, or one that did not end well."""
        if block.case not in self._first or block.outcome is not Outcome.OK:
            self._first[block.case] = block

    def due(
        self,
        there: Sequence[str],
        takes_s: Callable[[Iterable[str]], float],
        a_pass_s: float,
        left_s: float,
    ) -> Iterator[tuple[Addition, list[PlannedCase]]]:
        """What to take on of works whose base has a block, each told once: as the run file has it, and as it is measured.

        Args:
            there: the cases that go on, by their keys.
            takes_s: what a block of each of some cases takes, by their keys; with more workers it takes no longer.
            a_pass_s: what a block of each case may take, so that all have time for an interval.
            left_s: what time there is: what has none for a block of each is not taken on.
        """
        wide = [each for work in list(self._undecided) if (each := self._wide(work)) is not None]
        pass_s = takes_s(there)
        fitting = len(there) * (a_pass_s / pass_s - 1) if pass_s else 0.0
        most = int(min(self._most, max(FEW, fitting / max(1, len(wide)))))
        for base, workers, able in wide:
            cases = self._telling(able, most)
            takes = takes_s([base.case, *(each.case.key for each in cases)])
            if cases and takes < left_s:
                left_s -= takes
                yield self._added(base, workers, cases)

    def _wide(self, work: str) -> tuple[Block, int, list[PlannedCase]] | None:
        """The block that tells that a work waits, how many workers it has tasks for, and the cases that may have so many; else None."""
        cases = self._undecided[work]
        base = next((first for each in cases if each.is_baseline and (first := self._first.get(each.case.key))), None)
        if base is None:
            return None
        del self._undecided[work]
        workers = min(base.tasks or 0, MANY)
        if (
            most_cores(base) >= WAITS_BELOW
            or not gives_way(SWITCHES.of(base), base.tasks)
            or any(_is_of(each, workers) for each in cases)
        ):
            return None
        return base, workers, [each for each in cases if self._is_able(each, workers)]

    def _added(self, base: Block, workers: int, cases: Sequence[PlannedCase]) -> tuple[Addition, list[PlannedCase]]:
        """These cases with so many workers."""
        added = [replace(each, case=replace(each.case, workers=workers)) for each in cases]
        rounds = {each.case.key: self._rounds for each in added}
        return Addition([each.case for each in added], rounds, _reason(added, most_cores(base), workers)), added

    def _telling(self, cases: Sequence[PlannedCase], most: int) -> list[PlannedCase]:
        """So many of them at the most, in their order: the first with threads, the first of each other kind, the second of each.

        Those that take clearly longer than the fastest of their kind come last in it.
        """
        calls_s = {each.case.key: self._first[each.case.key].per_call[-1].wall_s for each in cases}
        kinds: dict[str, list[PlannedCase]] = {"thread": []}
        for each in cases:
            kinds.setdefault(each.strategy.isolation, []).append(each)
        for mine in kinds.values():
            fastest_s = min((calls_s[each.case.key] for each in mine), default=0.0)
            mine.sort(key=lambda each: calls_s[each.case.key] > CLEARLY * fastest_s)
        ranked = [each.case.key for turn in itertools.zip_longest(*kinds.values()) for each in turn if each is not None]
        return [each for each in cases if each.case.key in ranked[:most]]

    def _is_able(self, case: PlannedCase, workers: int) -> bool:
        """Whether it takes a number of workers, has fewer, and its first block went well."""
        first = self._first.get(case.case.key)
        return (
            case.case.takes_workers
            and (case.case.workers or workers) < workers
            and not (case.strategy.demonstration or case.strategy.per_task)
            and first is not None
            and first.outcome is Outcome.OK
        )


def most_cores(base: Block) -> float:
    """CPU-seconds a second in the warm rounds of a block, at the most that they can be; infinite where that is unknown."""
    wall_s = math.fsum(each.wall_s for each in base.rounds[1:])
    used = of_warm_rounds([base])
    if base.outcome is not Outcome.OK or not used.windows or used.windows < len(base.rounds) - 1 or not wall_s:
        return math.inf
    return (used.total_s + used.below_s) / wall_s


def _is_of(case: PlannedCase, workers: int) -> bool:
    """Whether it has so many workers already: a run that goes on may have taken it on before."""
    return case.case.takes_workers and case.case.workers == workers


def _reason(added: Sequence[PlannedCase], cores: float, workers: int) -> str:
    """Why these cases are measured too, in a line."""
    names = ", ".join(dict.fromkeys(each.strategy.name for each in added))
    waits = f"{added[0].workload.name} spends most of its time waiting (at most {max(cores, 0.01):.2f} of a core used)"
    return f"{waits}: also measuring {names} with {counted(workers, 'worker')}"

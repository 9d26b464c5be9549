"""A run on its way: what its plan, the blocks that are there and the time make of the next ones."""

import math
from collections.abc import Iterator, Sequence
from random import Random

from bench.analysis.base import baseline
from bench.analysis.referee import RatioReferee
from bench.machine import environment
from bench.measure.engine.agenda import ENOUGH, Agenda, Asked
from bench.measure.engine.more_workers import MoreWorkers
from bench.measure.engine.seats import Seats
from bench.measure.engine.session import Session
from bench.measure.plan.cases import PlannedCase, default_scale
from bench.measure.plan.version import Version
from bench.naming import strategy_of
from bench.plugins.sources import is_source
from bench.records.block import Block
from bench.records.case import Case
from bench.records.run import Addition, Plan
from bench.sessions.again import command, inputs_of
from bench.store.additions import with_addition
from bench.units import counted

_MOST_LINES = 4


class GoingOn:
    """What is left of a run."""

    def __init__(
        self,
        seats: Seats,
        planned: Sequence[PlannedCase],
        plan: Plan,
        version: Version,
        began_s: float,
        done: Sequence[Block] = (),
        earlier_s: float = 0.0,
    ) -> None:
        """From now on.

        Args:
            seats: who measures.
            planned: the cases, those that are unavailable among them.
            plan: how much of them.
            version: what every block has to be of.
            began_s: when the command began, on the monotonic clock.
            done: the blocks that are there.
            earlier_s: what the parts of the run before took.
        """
        rounds = next(iter(plan.rounds.values()), 0) or None
        at_least = (plan.repetitions or ENOUGH) if earlier_s else 0
        asked = Asked(plan.repetitions or None, rounds, plan.conditions.budget_s, plan.precision, at_least, earlier_s)
        self.agenda = Agenda(asked, began_s, len(plan.rounds))
        self._plan = plan
        self._referee = referee = RatioReferee(_bases(plan.cases, plan), plan.precision)
        rng = Random(f"{plan.conditions.seed} order {len(done)}")
        self.session = Session(
            seats, planned, self.agenda, referee, rng, version, plan.conditions.fresh_rounds, MoreWorkers(planned, plan)
        )
        self.session.replay(done)

    @property
    def spent_s(self) -> float:
        """Since the command began."""
        return self.agenda.limit.spent_s

    @property
    def left_s(self) -> float | None:
        """Of the time there is."""
        left_s = self.agenda.limit.left_s
        return left_s if math.isfinite(left_s) else None

    def left_over(self) -> Sequence[str]:
        """What there was no time for, a line for each workload, with the command that measures it."""
        works: dict[str, list[PlannedCase]] = {}
        for each in self.session.short():
            works.setdefault(each.workload.name, []).append(each)
        lines = [_too_little(cases, self._plan) for cases in works.values()]
        precision = self._plan.precision
        if not lines and precision is not None and not self._is_narrow():
            wanted = f"±{100 * precision:g} %"
            return [f"not every ratio was known to {wanted} when the time was over; give it more with --budget"]
        if len(lines) > _MOST_LINES:
            rest = sum(map(len, works.values())) - sum(map(len, [*works.values()][:_MOST_LINES]))
            lines[_MOST_LINES:] = [f"and for {counted(rest, 'more case')}; give it more time with --budget"]
        return lines

    @property
    def is_cut(self) -> bool:
        """Whether the time was over before every case had blocks enough."""
        return bool(self.session.short())

    def _is_narrow(self) -> bool:
        """Whether all intervals are as narrow as was asked for, as they are now that no others come."""
        return all(
            self._referee.is_narrow([each.case.key for each in group.cases], at_a_look=False)
            for group in self.session.groups
        )

    def blocks(self) -> Iterator[Block | Addition]:
        """The next ones, each as soon as it is measured; and, before the first block of cases that the run takes on, what names them."""
        for each in self.session.blocks():
            if isinstance(each, Addition):
                self._plan = with_addition(self._plan, each)
                self._referee.also(_bases(each.cases, self._plan))
            yield each


def _bases(cases: Sequence[Case], plan: Plan) -> dict[str, str]:
    """By case key, the key of the case that it is compared with; its own where there is none."""
    return {each.key: (baseline(each, plan) or each).key for each in cases}


def _too_little(cases: Sequence[PlannedCase], plan: Plan) -> str:
    """What is said of cases of a workload that have too few blocks."""
    workload = cases[0].workload
    word = workload.source if is_source(workload.source) else workload.name
    ways: dict[str, list[Case]] = {}
    for each in cases:
        ways.setdefault(each.strategy.name, []).append(each.case)
    again = command("run", word, "--strategy", ",".join(ways), *_settings(cases), *inputs_of(plan))
    names = ", ".join(map(strategy_of, ways.values()))
    wanted = counted(plan.repetitions, "block") if plan.repetitions else "intervals"
    return f"no time for {wanted} of {workload.name} under {names}; measure them with: {again}"


def _settings(cases: Sequence[PlannedCase]) -> Iterator[str]:
    """What of these cases of a workload is not as it is by default, as words of a command."""
    if (scale := cases[0].case.scale) != default_scale(cases[0].workload):
        yield from ("--scale", scale)
    workers = sorted({each.case.workers or 0 for each in cases if each.case.takes_workers})
    if workers and workers != [environment.default_workers()[0]]:
        yield from ("--workers", ",".join(map(str, workers)))
    values: dict[str, list[str]] = {}
    for each in cases:
        known = each.workload.options | each.strategy.options
        for name, value in each.case.options.items():
            if value != known[name].default:
                values.setdefault(name, []).append(value)
    for name, mine in values.items():
        yield from ("--option", f"{name}={','.join(dict.fromkeys(mine))}")

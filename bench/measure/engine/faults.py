"""Every strategy put through every fault: how the cases are gone through.

A fault is a workload that does something wrong (`bench.workloads.faults`). What is asked is what comes of it, not how
long it takes, so several are gone through at once, each by a supervisor of its own.
"""

from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from itertools import groupby

from bench.measure.engine.runner import Measurer, unavailable
from bench.measure.plan import reasons
from bench.measure.plan.cases import PlannedCase
from bench.processes import interruption
from bench.records.block import Block
from bench.records.conditions import Conditions

AT_ONCE = 12
"""Most of what hangs uses no CPU."""
_LOOK_S = 0.5


def go_through(conditions: Conditions, planned: Sequence[PlannedCase], at_once: int = AT_ONCE) -> Iterator[Block]:
    """A block of one round for each case, in the order in which they end; first those that are unavailable.

    Args:
        conditions: what holds for all of them.
        planned: the cases.
        at_once: how many at a time.
    """
    for case in planned:
        if case.unavailable:
            yield unavailable(case, reasons.kept)
    waiting = deque(_spread([each for each in planned if not each.unavailable]))
    with ExitStack() as stack:  # closes the last first: each leaves alone what was there before it
        idle = [stack.enter_context(Measurer(conditions, lambda _: None)) for _ in range(min(at_once, len(waiting)))]
        for each in idle:
            stack.callback(each.dismiss)  # all of them before the first is waited for
        busy: dict[int, Measurer] = {}
        while waiting or busy:
            while idle and waiting:
                measurer = idle.pop()
                case = waiting.popleft()
                measurer.make_file(case)
                measurer.begin(case, 0, 1)
                busy[measurer.answers] = measurer
            for each in busy.values():
                each.look()
            for readable in interruption.wait(list(busy), _LOOK_S):
                block = busy[readable].take()
                if block is not None:
                    idle.append(busy.pop(readable))
                    yield block


def _spread(planned: Sequence[PlannedCase]) -> Iterator[PlannedCase]:
    """The cases in an order in which neighbours share neither a fault nor a strategy: some of either need much."""
    rows = [list(row) for _, row in groupby(planned, key=lambda each: each.workload.name)]
    for shift in range(max(map(len, rows), default=0)):
        for number, row in enumerate(rows):
            if shift < len(row):
                yield row[(shift + number) % len(row)]

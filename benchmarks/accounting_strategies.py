"""Whether all CPU of every process strategy is found: one job under each, by several layers, and the series' sum.

The supervisor is the real one, but that it notes two layers for every window (`accounting_noting.py`).
"""

from dataclasses import dataclass
from itertools import pairwise

from bench.measure.plan.cases import PlannedCase
from bench.records.block import Block
from bench.strategies.processes import START_METHODS
from benchmarks.accounting_measurer import burning, measuring
from benchmarks.accounting_peers import HZ
from benchmarks.accounting_tables import Table, per_cent, signed

SHARE, LEAST_S = 0.01, 0.01
"""How far two layers may be apart: 1 % and 10 ms."""


@dataclass(frozen=True, slots=True)
class Attributed:
    """What the layers say of one block."""

    name: str
    start_method: str
    total_s: float
    apart_s: dict[str, float]
    """Of the whole block: each other layer less the first."""
    windows: dict[str, float]
    """Of the start, the rounds and the stop: how far two layers are apart, as a share of what is allowed."""
    series_s: float
    """The last value of the series."""
    late_s: float
    """How much of it came with the last value alone."""
    fullest: float
    """The most cores that an interval of the series was busy with."""

    @property
    def share(self) -> float:
        """The furthest two layers are apart, as a share of what is allowed."""
        return max([*(abs(each) / _allowed_s(self.total_s) for each in self.apart_s.values()), *self.windows.values()])


def strategies(*, short: bool) -> Table:
    """Every process strategy of the pattern `map` under each start method."""
    seen = [_attributed(case, block) for case, block in _blocks(short=short)]
    rows = [
        [
            each.name,
            each.start_method,
            f"{each.total_s:.3f}",
            *(signed(1000 * each.apart_s[layer]) if layer in each.apart_s else "–" for layer in ("wait4", "ledger")),
            f"{100 * max(each.windows.values(), default=0.0):.0f} %",
            per_cent(each.series_s / each.total_s - 1, 2),
            f"{1000 * each.late_s:.1f}",
            f"{each.fullest:.2f}",
        ]
        for each in seen
    ]
    worst = max(seen, key=lambda each: each.share)
    note = (
        f"Worst: {worst.name} by {worst.start_method}, {100 * worst.share:.0f} % of the allowed 1 % + 10 ms. Windows: the "
        "start, each round and the stop, the worst of them, as a share of what is allowed."
    )
    columns = [
        "strategy",
        "start method",
        "CPU, s",
        "wait4, ms",
        "ledger, ms",
        "windows",
        "series",
        "last, ms",
        "cores",
    ]
    return Table(columns, rows, note)


def _blocks(*, short: bool) -> list[tuple[PlannedCase, Block]]:
    """A block of every case, of two rounds."""
    planned = burning([], "few", {"start_method": START_METHODS})
    with measuring(HZ, "benchmarks.accounting_noting") as measurer:
        return [(case, measurer.block(case, 1, 2)) for case in planned[:: 6 if short else 1]]


def _attributed(case: PlannedCase, block: Block) -> Attributed:
    assert block.whole is not None, f"{case.case.key}: {block.reason}"
    assert block.accounting is not None
    assert block.whole.cpu_s is not None
    first, *others = block.accounting.cpu_by_layer.items()
    at_s, cpu_s = [0.0, *block.samples.at_s], [0.0, *block.samples.cpu_s]
    spans = list(zip(pairwise(at_s), pairwise(cpu_s), strict=True))
    return Attributed(
        name=case.case.strategy,
        start_method=case.case.options.get("start_method", "its own"),
        total_s=block.whole.cpu_s,
        apart_s={layer: seconds - first[1] for layer, seconds in others},
        windows={
            each.window: abs(each.second_s - each.first_s) / _allowed_s(each.first_s)
            for each in block.accounting.differences
            if each.window != "all"
        },
        series_s=cpu_s[-1],
        late_s=cpu_s[-1] - cpu_s[-2],
        fullest=max((used[1] - used[0]) / (at[1] - at[0]) for at, used in spans if at[1] > at[0]),
    )


def _allowed_s(seconds: float) -> float:
    return SHARE * seconds + LEAST_S

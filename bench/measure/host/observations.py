"""What the warm rounds of a block tell besides their times: latencies and fairness, reduced to what a block keeps."""

from __future__ import annotations

from bench.patterns import LATENCY_PROBABILITIES, Pattern

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from bench.measure.wire.words import Observation


class Observations:
    """Gathers what the rounds of a block tell."""

    def __init__(self, pattern: Pattern) -> None:
        self._pattern = pattern
        self._latencies_s: dict[str, list[float]] = {}
        self._fairness: list[float] = []
        self._handed_over: list[int] = []

    def add_all(self, calls: Sequence[Any]) -> None:
        """Keep what the results of all calls of one warm round tell."""
        for results in calls:
            self.add(results)

    def add(self, results: Any) -> None:
        """Keep what the results of one warm round tell."""
        observed = self._pattern.observe(results)
        for what, values in observed.latencies_s.items():
            self._latencies_s.setdefault(what, []).extend(values)
        if observed.fairness is not None:
            self._fairness.append(observed.fairness)
        if observed.handed_over is not None:
            self._handed_over.append(observed.handed_over)

    def summary(self) -> Observation:
        """The fields `latencies`, `fairness` and `handed_over` of `bench.records.block.Block`."""
        return {
            "latencies": [
                {"what": what, "n": len(values), "quantiles_s": quantiles(values)}
                for what, values in self._latencies_s.items()
            ],
            "fairness": _median(self._fairness),
            "handed_over": _median(self._handed_over),
        }


def _median(values: Sequence[float]) -> float | None:
    if not values:
        return None
    ordered, half = sorted(values), len(values) // 2
    return ordered[half] if len(values) % 2 else (ordered[half - 1] + ordered[half]) / 2


def quantiles(values: Sequence[float], probabilities: Sequence[float] = LATENCY_PROBABILITIES) -> list[float]:
    """The quantiles of `values` by nearest rank: each is one of them."""
    import math  # where there are latencies, which few patterns have

    ordered = sorted(values)
    return [ordered[max(0, math.ceil(each * len(ordered)) - 1)] for each in probabilities]

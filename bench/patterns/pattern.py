"""What the harness has to know of a pattern: how much a round does, what must hold of its results, what to keep."""

from __future__ import annotations

from bench.records.lean import NOTHING, record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from typing import Any

LATENCY_PROBABILITIES = (0.0, 0.01, 0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.99, 0.999, 1.0)
"""The quantiles of latencies that a block keeps."""


@record
class Observed:
    """What a round tells besides the time it took."""

    latencies_s: Mapping[str, Sequence[float]] = NOTHING
    """Seconds of each operation, by what was timed."""
    fairness: float | None = None
    """Jain's index of how evenly the actors came to their turn: 1 for all alike, 1/n for one alone
    (Jain, Chiu & Hawe, DEC-TR-301, 1984)."""
    handed_over: int | None = None
    """Passes that followed one of another actor."""


@record
class Pattern:
    """A shape of work."""

    name: str
    unit: str
    """What a round does many of, in the plural."""
    baseline: str
    """The strategy that the others are compared with."""
    summary: str
    amount: Callable[[Any], int]
    """How many units a job is."""
    check: Callable[[Callable[..., Any], Any, Any], None]
    """`check(task, job, results)` raises `WrongResult` where the results cannot be those of the job."""
    payload_bytes: Callable[[Any], int | None] = lambda _: None
    """Bytes that a job moves, where that is what it is about."""
    observe: Callable[[Any], Observed] = lambda _: Observed()
    """What to keep of a round's results."""

"""The shapes of concurrent work. A workload asks for a pattern, a strategy belongs to one.

Every strategy yields a callable of one signature, `call(task, job) -> results`; the pattern says what the job and the
results are. A module each: its records, and what must hold of results whatever the workload. Standard library only.
"""

from bench.patterns import mapping, serve, share, start, stream, sync
from bench.patterns.pattern import LATENCY_PROBABILITIES, Observed, Pattern

__all__ = ["LATENCY_PROBABILITIES", "PATTERNS", "Observed", "Pattern"]

PATTERNS: dict[str, Pattern] = {
    each.PATTERN.name: each.PATTERN for each in (mapping, stream, share, sync, serve, start)
}

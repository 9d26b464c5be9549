"""What a host uses while others of its ensemble have their turns: little, or it disturbs them."""

from bench.records.block import Block

RESTLESS = 0.05
"""Of a core: less is what timers and polling use."""
_LEAST_S = 0.1
"""A host that rested for less tells nothing: it may have been putting something in order."""


def cores_used(block: Block) -> float:
    """CPU-seconds a second of rest; 0 where it has hardly rested."""
    if block.rested_cpu_s is None or block.rested_s < _LEAST_S:
        return 0.0
    return block.rested_cpu_s / block.rested_s


def is_restless(block: Block) -> bool:
    """Whether that is enough to be seen in the times of others."""
    return cores_used(block) > RESTLESS

"""The rounds of a suite's benchmark, which are all warm: pytest-benchmark has left its calibration and its warm-ups out."""

from dataclasses import replace

from bench.records.block import Block


def all_warm(block: Block) -> Block:
    """The block with all of its rounds behind the first, for whoever computes with those."""
    return replace(block, rounds=block.rounds[:1] + block.rounds, calls=block.calls[:1] + block.calls)

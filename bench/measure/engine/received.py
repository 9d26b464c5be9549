"""The block that a supervisor has sent, as a record: whatever it holds, it is one that a run file can hold."""

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import msgspec

from bench.facts.validity import inconsistency
from bench.records.block import Block, Outcome


def received(made: Any, begun: tuple[str, int, str], publish: Callable[[str], str]) -> Block:
    """The record. It is one that failed where measured code has written to the messages that it was made from.

    Args:
        made: the message.
        begun: case, repetition and arm of the block that was begun.
        publish: gives a reason as the run file may hold it.
    """
    try:
        json.dumps(made, allow_nan=False)  # no run file could hold infinity
        block = msgspec.convert(made, Block)
        wrong = inconsistency(block)
    except (ValueError, msgspec.ValidationError) as error:
        wrong = str(error)
    if wrong:
        key, repetition, arm = begun
        reason = f"a message of the host made no sense: {wrong}"
        block = Block(key, repetition, Outcome.FAILED, arm=arm, reason=reason)
    result = block.result and replace(
        block.result,
        shown=publish(block.result.shown),
        incomparable=publish(block.result.incomparable),
        varies=publish(block.result.varies),
    )
    return replace(block, reason=publish(block.reason), result=result)

"""Messages from producers to consumers. Hardly anything is done with them: sending is what is measured."""

from collections.abc import Callable
from random import Random
from typing import Any

from bench import workload
from bench.patterns.stream import Stream, mark_of

Message = bytes | bytearray | memoryview


def job(size_bytes: int, **shape: Any) -> Callable[[int, Random], Stream]:
    """What makes the job of so many messages."""
    return lambda messages, _: Stream(messages, size_bytes, **shape)


@workload(pattern="stream", inputs=job(16), scales={"quick": 4_000, "standard": 20_000})
def messages_16b(message: Message) -> int:
    """Messages of 16 bytes from one producer to one consumer."""
    return mark_of(message)


@workload(pattern="stream", inputs=job(4096), scales={"quick": 3_000, "standard": 12_000})
def messages_4kib(message: Message) -> int:
    """Messages of 4 KiB from one producer to one consumer."""
    return mark_of(message)


@workload(pattern="stream", inputs=job(2**20), scales={"quick": 12, "standard": 48})
def messages_1mib(message: Message) -> int:
    """Messages of 1 MiB from one producer to one consumer."""
    return mark_of(message)


@workload(
    pattern="stream",
    inputs=job(4096, producers=3),
    scales={"quick": 2_500, "standard": 10_000},
    requires=["many_producers"],
)
def three_to_one(message: Message) -> int:
    """Messages of 4 KiB from three producers to one consumer."""
    return mark_of(message)


@workload(
    pattern="stream",
    inputs=job(4096, consumers=3),
    scales={"quick": 2_500, "standard": 10_000},
    requires=["many_consumers"],
)
def one_to_many(message: Message) -> int:
    """Messages of 4 KiB from one producer to three consumers, who take what comes."""
    return mark_of(message)


@workload(
    pattern="stream",
    inputs=job(16, round_trips=True),
    scales={"quick": 400, "standard": 1_200},
    requires=["round_trips"],
)
def ping_pong(message: Message) -> int:
    """Messages of 16 bytes that are sent back, one after another; each round trip is timed."""
    return mark_of(message)

"""`stream`: messages from producers to consumers.

The task is what a consumer does with each: it gives a whole number, and the sum of them all tells whether everything
arrived once.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache, lru_cache

from bench.errors import WrongResult
from bench.patterns.pattern import Observed, Pattern


@dataclass(frozen=True, slots=True)
class Stream:
    """The job: so many messages of a size, numbered from 0; producer p of P sends p, p + P, p + 2 P and so on."""

    messages: int
    size_bytes: int
    """16 at the least."""
    producers: int = 1
    consumers: int = 1
    round_trips: bool = False
    """One producer and one consumer: each message is sent back, and the next one waits for that."""


@dataclass(frozen=True, slots=True)
class Arrived:
    """The results: what the consumers got."""

    messages: int
    digest: int
    """The sum of what the task gave for each message."""
    round_trips_s: list[float] = field(default_factory=list)
    """From sending each message to having it back, where the job asks for round trips."""


def message(number: int, size_bytes: int) -> bytes:
    """A message that carries its number at both ends and, where there is room, in the middle."""
    mark = number.to_bytes(8, "big")
    if size_bytes < LEAST_WITH_MIDDLE_BYTES:
        return b"".join((mark, _padding(size_bytes - 16), mark))
    before = size_bytes // 2 - 8
    return b"".join((mark, _padding(before), mark, _padding(size_bytes - before - 24), mark))


_padding = lru_cache(maxsize=8)(bytes)
"""So many zeros, made once: what a producer does besides sending should cost little beside it."""


def mark_of(message: bytes | bytearray | memoryview) -> int:
    """A number of 64 bits from a message's length and the numbers that it carries; a task for consumers.

    It looks at 24 bytes, not at all: reading a megabyte would be what is measured. The middle of a square, because it
    is not linear: in a sum of linear marks, two messages that exchanged their tails would not show. So sums agree by
    chance only where a message was lost, doubled, cut or mixed up with another.
    """
    length = len(message)
    first, last = int.from_bytes(message[:8], "big"), int.from_bytes(message[-8:], "big")
    mixed = first * FIRST + last * LAST + length * LENGTH
    if length >= LEAST_WITH_MIDDLE_BYTES:
        mixed += int.from_bytes(message[length // 2 : length // 2 + 8], "big") * MIDDLE
    mixed %= 2**64
    return mixed * mixed >> 32 & 2**64 - 1


LEAST_WITH_MIDDLE_BYTES = 32
FIRST, LAST, LENGTH, MIDDLE = 0x9E3779B97F4A7C15, 0xBF58476D1CE4E5B9, 0x94D049BB133111EB, 0xD6E8FEB86659FD93
"""Odd, and far from each other in all bits: constants of SplitMix64 (Steele, Lea & Flood, OOPSLA 2014) and of xmxmx
(J. Maiga, 2018)."""


@cache
def digest(task: Callable[[bytes], int], job: Stream) -> int:
    """What the digest must be."""
    return sum(task(message(number, job.size_bytes)) for number in range(job.messages))


def check(task: Callable[[bytes], int], job: Stream, arrived: Arrived) -> None:
    """Every message arrived whole, and once."""
    if arrived.messages != job.messages:
        raise WrongResult(f"{arrived.messages} messages arrived of {job.messages} sent")
    if arrived.digest != digest(task, job):
        raise WrongResult(f"{arrived.messages} messages arrived, but not the ones sent: the digest differs")
    if job.round_trips and len(arrived.round_trips_s) != job.messages:
        raise WrongResult(f"{len(arrived.round_trips_s)} messages came back of {job.messages} sent")


def payload_bytes(job: Stream) -> int:
    """Bytes of all messages, both ways where they are sent back."""
    return job.messages * job.size_bytes * (2 if job.round_trips else 1)


def observe(arrived: Arrived) -> Observed:
    """The round trips."""
    return Observed({"round trip": arrived.round_trips_s} if arrived.round_trips_s else {})


PATTERN = Pattern(
    name="stream",
    unit="messages",
    baseline="queue",
    summary="messages from producers to consumers",
    amount=lambda job: int(job.messages),
    check=check,
    payload_bytes=payload_bytes,
    observe=observe,
)

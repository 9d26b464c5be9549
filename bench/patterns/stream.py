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
    """A message that carries its number at both ends, so that one which was cut or mixed up shows."""
    mark = number.to_bytes(8, "big")
    return b"".join((mark, _padding(size_bytes - 16), mark))


_padding = lru_cache(maxsize=4)(bytes)
"""So many zeros, made once: what a producer does besides sending should cost little beside it."""


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

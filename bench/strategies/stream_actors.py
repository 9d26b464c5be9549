"""What producers and consumers do with the ways between them, whatever those are made of."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from bench.errors import WrongResult
from bench.patterns.stream import Stream, message
from bench.processes.pristine import time

END = b""
"""No message is empty: this one says that a producer has sent its last."""


@dataclass(frozen=True, slots=True)
class Way:
    """One direction, as functions that reach all actors."""

    put: Callable[[Any], object]
    get: Callable[[], Any]
    done: Callable[[], object] | None = None
    """Called by a receiver for each message, when it no longer needs what `get` gave."""
    join: Callable[[], object] | None = None
    """Called by a producer after its last message: waits until all are done with."""


def produce(ways: tuple[Way, Way], job: Stream, producer: int) -> None:
    """Send the messages of one producer."""
    there, _ = ways
    try:
        for number in range(producer, job.messages, job.producers):
            there.put(message(number, job.size_bytes))
        if there.join is not None:
            there.join()
    finally:
        for _ in range(job.consumers):
            there.put(END)


def converse(ways: tuple[Way, Way], job: Stream) -> list[float]:
    """Send each message and wait until it is back; seconds of each round trip.

    Raises:
        WrongResult: if something else came back.
    """
    there, back = ways
    clock = time.perf_counter
    took_s = []
    try:
        for number in range(job.messages):
            sent = message(number, job.size_bytes)
            began = clock()
            there.put(sent)
            received = back.get()
            took_s.append(clock() - began)
            if received != sent:
                raise WrongResult(f"message {number} did not come back as it was sent")
            del received  # before the place where it lies is given back
            if back.done is not None:
                back.done()
    finally:
        there.put(END)
    return took_s


def consume(ways: tuple[Way, Way], task: Callable[[Any], int], job: Stream) -> tuple[int, int]:
    """Receive until all producers have ended; how many messages came, and the sum of what the task gave."""
    there, back = ways
    return tally(task, received(there, job.producers, back.put if job.round_trips else None))


def received(way: Way, producers: int, answer: Callable[[Any], object] | None = None) -> Iterator[Any]:
    """The messages, until every producer has sent an end mark; each is answered when the caller is through with it."""
    get, done = way.get, way.done
    ends = 0
    while ends < producers:
        each = get()
        if len(each) == 0:
            ends += 1
        else:
            yield each
            if answer is not None:
                answer(each)
        if done is not None:
            del each  # before the place where it lies is given back
            done()


def tally(task: Callable[[Any], int], messages: Iterable[Any]) -> tuple[int, int]:
    """Apply the task to each message; how many there were, and the sum of what it gave."""
    count = digest = 0
    each = iter(messages)
    try:
        for one in each:
            digest += task(one)
            count += 1
    except BaseException:
        deque(each, maxlen=0)  # the rest is received all the same: no producer must wait forever
        raise
    return count, digest

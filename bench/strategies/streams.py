"""Ways to send messages from producers to consumers: queues, pipes, sockets and shared memory.

Each producer ends with an end mark for each consumer, and a consumer stops after as many marks as there are producers:
so nothing is lost, nobody coordinates, and what they share is empty after each round. The actors start at the first call.
"""

import multiprocessing
import queue as thread_queues
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from functools import partial
from typing import Any

from bench.patterns.stream import Arrived, Stream
from bench.plugins.registry import strategy
from bench.strategies.crew import Crew, ProcessCrew, ThreadCrew
from bench.strategies.processes import DEFAULT_START_METHOD, START_METHOD_CHOICES
from bench.strategies.shared_ring import Ring
from bench.strategies.stream_actors import Way, consume, converse, produce

Call = Callable[[Callable[[Any], int], Stream], Arrived]
Ways = tuple[Way, Way]
"""There, and back."""
MakeWays = Callable[[ExitStack, Stream], Ways]
"""Gets where to leave word of what has to be closed, and the job."""

SHARED_BY_MANY = ("many_producers", "many_consumers", "round_trips")
BETWEEN_TWO = ("round_trips",)


@strategy("queue", pattern="stream", isolation="process", provides=SHARED_BY_MANY, choices=START_METHOD_CHOICES)
@contextmanager
def queue(start_method: str = DEFAULT_START_METHOD) -> Iterator[Call]:
    """`multiprocessing.Queue`: a thread of each producer pickles and writes to a pipe."""
    with _in_processes(start_method, lambda context, kept, job: _two_ways(kept, job, context.Queue)) as call:
        yield call


@strategy("simple_queue", pattern="stream", isolation="process", provides=SHARED_BY_MANY, choices=START_METHOD_CHOICES)
@contextmanager
def simple_queue(start_method: str = DEFAULT_START_METHOD) -> Iterator[Call]:
    """`multiprocessing.SimpleQueue`: a pipe and two locks; `put` writes, and waits where the pipe is full."""
    with _in_processes(start_method, lambda context, kept, job: _two_ways(kept, job, context.SimpleQueue)) as call:
        yield call


@strategy(
    "joinable_queue", pattern="stream", isolation="process", provides=SHARED_BY_MANY, choices=START_METHOD_CHOICES
)
@contextmanager
def joinable_queue(start_method: str = DEFAULT_START_METHOD) -> Iterator[Call]:
    """`multiprocessing.JoinableQueue`: consumers say `task_done`, producers `join` before they end."""

    def way(made: Any) -> Way:
        return Way(made.put, made.get, made.task_done, made.join)

    def ways(context: Any, kept: ExitStack, job: Stream) -> Ways:
        return _two_ways(kept, job, context.JoinableQueue, way)

    with _in_processes(start_method, ways) as call:
        yield call


@strategy("bounded_queue", pattern="stream", isolation="process", provides=SHARED_BY_MANY, choices=START_METHOD_CHOICES)
@contextmanager
def bounded_queue(start_method: str = DEFAULT_START_METHOD, maxsize: int = 8) -> Iterator[Call]:
    """`multiprocessing.Queue(maxsize)`: producers wait while so many messages are under way."""

    def ways(context: Any, kept: ExitStack, job: Stream) -> Ways:
        return _two_ways(kept, job, partial(context.Queue, maxsize))

    with _in_processes(start_method, ways) as call:
        yield call


@strategy(
    "manager_queue",
    pattern="stream",
    isolation="process",
    provides=SHARED_BY_MANY,
    default_workloads=("messages_4kib", "ping_pong"),
    choices=START_METHOD_CHOICES,
)
@contextmanager
def manager_queue(start_method: str = DEFAULT_START_METHOD) -> Iterator[Call]:
    """`Manager().Queue()`: a `queue.Queue` in a server process; each `put` and `get` is a call over a socket."""

    def ways(context: Any, kept: ExitStack, job: Stream) -> Ways:
        return _two_ways(kept, job, kept.enter_context(context.Manager()).Queue)

    with _in_processes(start_method, ways) as call:
        yield call


@strategy(
    "pipe",
    pattern="stream",
    isolation="process",
    provides=BETWEEN_TWO,
    choices=START_METHOD_CHOICES | {"sending": ("objects", "bytes")},
)
@contextmanager
def pipe(start_method: str = DEFAULT_START_METHOD, sending: str = "objects") -> Iterator[Call]:
    """`multiprocessing.Pipe` between two (duplex for round trips): `send`/`recv`, or `send_bytes`/`recv_bytes`.

    It has no lock, so two processes at one end could mix up their messages: one producer, one consumer.
    """

    def way(sender: Any, receiver: Any) -> Way:
        plain = sending == "bytes"
        return Way(sender.send_bytes if plain else sender.send, receiver.recv_bytes if plain else receiver.recv)

    def ways(context: Any, kept: ExitStack, job: Stream) -> Ways:
        ends = context.Pipe(duplex=job.round_trips)
        for end in ends:
            kept.enter_context(end)
        receiver, sender = ends
        return way(sender, receiver), way(receiver, sender) if job.round_trips else NOWHERE

    with _in_processes(start_method, ways) as call:
        yield call


@strategy("socketpair", pattern="stream", isolation="process", provides=BETWEEN_TWO, choices=START_METHOD_CHOICES)
@contextmanager
def socketpair(start_method: str = DEFAULT_START_METHOD) -> Iterator[Call]:
    """`socket.socketpair`: bytes with their length before them, no pickle; without locks, so between two."""
    import socket

    from bench.strategies.framed_socket import FramedSocket

    def ways(context: Any, kept: ExitStack, job: Stream) -> Ways:
        mine, theirs = (FramedSocket(kept.enter_context(each)) for each in socket.socketpair())
        return Way(mine.put, theirs.get), Way(theirs.put, mine.get)

    with _in_processes(start_method, ways) as call:
        yield call


@strategy("shared_ring", pattern="stream", isolation="process", provides=BETWEEN_TWO, choices=START_METHOD_CHOICES)
@contextmanager
def shared_ring(start_method: str = DEFAULT_START_METHOD) -> Iterator[Call]:
    """A ring of slots in `shared_memory` for one producer and one consumer, who wait at two semaphores."""

    def way(context: Any, kept: ExitStack, job: Stream) -> Way:
        ring = kept.enter_context(Ring(context, job.size_bytes))
        return Way(ring.put, ring.get, ring.done)

    def ways(context: Any, kept: ExitStack, job: Stream) -> Ways:
        return way(context, kept, job), way(context, kept, job) if job.round_trips else NOWHERE

    with _in_processes(start_method, ways) as call:
        yield call


@strategy("thread_queue", pattern="stream", isolation="thread", provides=SHARED_BY_MANY)
@contextmanager
def thread_queue() -> Iterator[Call]:
    """`queue.Queue` between threads: messages are not copied; locks and conditions in Python."""
    with _streaming(ThreadCrew, lambda kept, job: _two_ways(kept, job, thread_queues.Queue)) as call:
        yield call


@strategy("thread_simple_queue", pattern="stream", isolation="thread", provides=SHARED_BY_MANY)
@contextmanager
def thread_simple_queue() -> Iterator[Call]:
    """`queue.SimpleQueue` between threads: messages are not copied; written in C."""
    with _streaming(ThreadCrew, lambda kept, job: _two_ways(kept, job, thread_queues.SimpleQueue)) as call:
        yield call


def _nowhere(*_: Any) -> Any:
    raise RuntimeError("this job has no way back")


NOWHERE = Way(_nowhere, _nowhere)


def _way(made: Any) -> Way:
    return Way(made.put, made.get)


def _two_ways(kept: ExitStack, job: Stream, make: Callable[[], Any], way: Callable[[Any], Way] = _way) -> Ways:
    """A queue there, and one back where the job needs it."""

    def made() -> Way:
        one = make()
        if callable(close := getattr(one, "close", None)):
            kept.callback(close)
        return way(one)

    return made(), made() if job.round_trips else NOWHERE


def _in_processes(start_method: str, ways: Callable[[Any, ExitStack, Stream], Ways]) -> Any:
    """`_streaming` with processes that start by this method."""
    context = multiprocessing.get_context(start_method)
    return _streaming(partial(ProcessCrew, context), partial(ways, context))


@contextmanager
def _streaming(crew_of: Callable[[int, Ways], Crew], make_ways: MakeWays) -> Iterator[Call]:
    """The call of all strategies here: the crew and its ways are kept while jobs have the same shape."""
    with ExitStack() as kept:
        known: dict[Stream, Crew] = {}

        def call(task: Callable[[Any], int], job: Stream) -> Arrived:
            shape = replace(job, messages=0)
            if shape not in known:
                known.clear()
                kept.close()
                crew = crew_of(job.producers + job.consumers, make_ways(kept, job))
                known[shape] = kept.enter_context(crew)
            first = [(converse, job) if job.round_trips else (produce, job, number) for number in range(job.producers)]
            answers = known[shape].run([*first, *[(consume, task, job)] * job.consumers])
            counts, digests = zip(*answers[job.producers :], strict=True)
            return Arrived(sum(counts), sum(digests), answers[0] or [])

        yield call

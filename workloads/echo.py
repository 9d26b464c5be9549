"""Lines sent to a server that answers each in upper case, over connections that are kept or opened for each line."""

import string
from contextlib import AbstractContextManager
from random import Random
from typing import Any

from bench import workload
from bench.patterns.serve import Handler, Load

Shape = tuple[int, int, int]
"""Clients, connections of each, requests on each connection."""
_SHORTEST, _LONGEST = 10, 1000
"""Bytes of a request, the end of the line included."""


def prepared(answer: Handler, shape: Shape, rng: Random) -> AbstractContextManager[int]:
    """Clients who know what to say and what is answered to it; yields their control port."""
    from bench.workloads._echo_clients import waiting_clients  # the measured process does without

    clients, connections, requests = shape
    lines = [[line(rng) for _ in range(connections * requests)] for _ in range(clients)]
    clients_ready: AbstractContextManager[int] = waiting_clients(
        [[(each, answer(each)) for each in script] for script in lines]
    )
    return clients_ready


def line(rng: Random) -> bytes:
    """Printable characters and the end of a line."""
    length = rng.randrange(_SHORTEST, _LONGEST + 1)
    return "".join(rng.choices(string.digits + string.ascii_letters + " ", k=length - 1)).encode() + b"\n"


def load(shape: Shape, _: Random, control_port: Any) -> Load:
    """The job at a scale."""
    clients, connections, requests = shape
    return Load(control_port, clients, connections, requests)


def for_echo(shape: Shape, rng: Random) -> AbstractContextManager[int]:
    """The preparation of `echo`."""
    return prepared(echo, shape, rng)


def for_echo_connects(shape: Shape, rng: Random) -> AbstractContextManager[int]:
    """The preparation of `echo_connects`."""
    return prepared(echo_connects, shape, rng)


@workload(
    pattern="serve",
    inputs=load,
    scales={"quick": (4, 1, 300), "standard": (4, 1, 1000)},
    prepare=for_echo,
)
def echo(data: bytes) -> bytes:
    """Four clients keep their connections and send line after line."""
    return data.upper()


@workload(
    pattern="serve",
    inputs=load,
    scales={"quick": (4, 25, 1), "standard": (4, 60, 1)},
    prepare=for_echo_connects,
)
def echo_connects(data: bytes) -> bytes:
    """Four clients open a connection for each line."""
    return data.upper()

"""`serve`: a server answers clients over TCP.

The clients run in processes of their own, outside of what is measured: the workload's preparation keeps them, and
`drive` tells them where to connect and waits for what they saw.
"""

from collections.abc import Callable
from dataclasses import asdict, dataclass

from bench.errors import WrongResult
from bench.patterns.pattern import Observed, Pattern

Handler = Callable[[bytes], bytes]
"""The task: gives the reply to a request. Both are one line, its end included."""


@dataclass(frozen=True, slots=True)
class Load:
    """The job.

    Every client opens its connections one after another, and sends its requests on each one after another; the clients
    work at the same time.
    """

    control_port: int
    """Where on loopback the clients take orders."""
    clients: int
    connections: int
    """Of each client."""
    requests: int
    """On each connection."""


@dataclass(frozen=True, slots=True)
class Replies:
    """The results: what the clients saw."""

    right: int
    """Replies that were the expected ones, byte for byte."""
    wrong: int
    dropped: int
    """Connections that were refused or ended before their last reply."""
    problem: str
    """The first thing that went wrong; empty where nothing did."""
    latencies_s: list[float]
    """From sending a request to having the reply; the first of a connection from asking for the connection."""


def drive(load: Load, host: str, port: int) -> Replies:
    """Have the clients put the load on the server at `host`:`port`, and wait for the end.

    Raises:
        OSError: if the clients cannot be reached.
    """
    import json  # whatever is imported above, every host and every spawned worker of any pattern pays for
    import socket

    with socket.create_connection(("127.0.0.1", load.control_port)) as control, control.makefile("rwb") as lines:
        lines.write(json.dumps(asdict(load) | {"host": host, "port": port}).encode() + b"\n")
        lines.flush()
        answer = lines.readline()
    if not answer:
        raise ConnectionError("the clients went away before they answered")
    seen = json.loads(answer)
    latencies_s = [each * 1e-9 for each in seen.pop("latencies_ns")]  # whole numbers are quicker to write and to read
    return Replies(**seen, latencies_s=latencies_s)


def requests(load: Load) -> int:
    """How many requests the load is."""
    return load.clients * load.connections * load.requests


def check(_: Handler, load: Load, replies: Replies) -> None:
    """Every request was answered, rightly, and no connection was lost."""
    if replies.dropped:
        connections = load.clients * load.connections
        raise WrongResult(f"{replies.dropped} of {connections} connections were refused or dropped: {replies.problem}")
    if replies.wrong or replies.right != requests(load):
        raise WrongResult(f"{replies.right} of {requests(load)} replies were right: {replies.problem}")


PATTERN = Pattern(
    name="serve",
    unit="requests",
    baseline="one_after_another",
    summary="a server answers clients over TCP",
    amount=requests,
    check=check,
    observe=lambda replies: Observed({"reply": replies.latencies_s}),
)
